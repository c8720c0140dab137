//! Models that ensample ships.

mod bivariate;
mod disaster;

pub use bivariate::Bivariate;
pub use disaster::Disaster;
