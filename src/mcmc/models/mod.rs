//! Models that ensample ships, for [`Gibbs`](super::Gibbs).

mod bivariate;
mod check;
mod disaster;
mod pumps;

pub use bivariate::Bivariate;
pub use disaster::{Disaster, DisasterPriors, DisasterState};
pub use pumps::{Pumps, PumpsPriors, PumpsState};
