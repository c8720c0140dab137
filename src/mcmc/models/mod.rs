//! Models that ensample ships, for [`Gibbs`](super::Gibbs).
//!
//! ```
//! use ensample::mcmc::models::{Schools, SchoolsPriors};
//! use ensample::mcmc::{Gibbs, Order};
//!
//! let names = ["A", "B", "C"].map(str::to_owned).to_vec();
//! let priors = SchoolsPriors { tau_scale: 10.0, ..Default::default() };
//! let schools = Schools::new(names, vec![28.0, 8.0, -3.0], vec![15.0, 10.0, 16.0], priors)?;
//! let kernel = Gibbs::new(schools, Order::Fixed);
//! # Ok::<(), ensample::Error>(())
//! ```

mod bivariate;
mod check;
mod cholesky;
mod disaster;
mod pumps;
mod regression;
mod schools;
mod series;

pub use bivariate::{Bivariate, BivariateState};
pub use disaster::{Disaster, DisasterPriors, DisasterState};
pub use pumps::{Pumps, PumpsPriors, PumpsState};
pub use regression::{Regression, RegressionPriors, RegressionState};
pub use schools::{Schools, SchoolsPriors, SchoolsState};
