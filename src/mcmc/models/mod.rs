//! Models that ensample ships, for [`Gibbs`](super::Gibbs).

mod bivariate;
mod check;
mod disaster;

pub use bivariate::Bivariate;
pub use disaster::{Disaster, DisasterPriors, DisasterState};
