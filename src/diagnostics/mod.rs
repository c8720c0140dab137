//! What draws say: how large a quantity is, how precisely that is known, and whether the chains can be believed.
//!
//! | question | answer |
//! |---|---|
//! | what to put in a table | [`ChainSummary`]: all of the usual figures from one sort of the draws |
//! | do the chains agree? | [`rhat()`], of draws as they are or rank-normalised; [`nested_rhat`] for many short chains |
//! | how many independent draws are they worth? | [`ess()`], for the [bulk, the tails, the mean, quantiles, ...](Ess) |
//! | how far off is a figure? | [`mcse()`], for the [mean, standard deviation and quantiles](Mcse) |
//! | has a chain forgotten its start? | [`geweke()`] |
//! | where do most of the draws lie? | [`equal_tailed_interval`], [`highest_density_interval`] |
//! | how long does a chain remember? | [`autocovariance()`], [`autocorrelation()`], [`first_autocorrelations`] |
//! | draws larger than memory | [`ChainSummary::read`], of any [`Blocks`]; [`summarise`]: mean, standard deviation and quantiles |
//!
//! ```
//! use ensample::diagnostics::{ChainSummary, Chains};
//! use ensample::stream::Streams;
//!
//! // Four chains of 1000 draws; the first has not moved for the first half.
//! let mut stream = Streams::new(1, 0).stream(0);
//! let mut draws: Vec<f64> = (0..4000).map(|_| stream.normal()).collect();
//! draws[..500].fill(1.5);
//!
//! let summary = ChainSummary::of(Chains::new(&draws, 4)?, 0.94);
//! assert!(summary.rhat > 1.1 && summary.ess_bulk < 100.0);
//! # Ok::<(), ensample::Error>(())
//! ```
//!
//! The definitions are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding,
//! and localization: an improved R-hat for assessing convergence of MCMC", in every detail as Python's `arviz-stats`
//! has them, for all draws: ties, infinite and missing ones, chains that stand still or are too short. Figures that do
//! not exist are NaN. In three places ArviZ is not followed: [`relative_ess`] of equal draws is 1 and not their number,
//! [`highest_density_interval`] of draws with NaN is NaN at both ends, and [`ChainSummary::sd`] has the divisor n − 1.
//!
//! All of it takes time of the order n ln n for n draws, in one thread, and gives the same bits on every machine.

mod autocovariance;
mod beta_quantile;
mod blocks;
mod chain_summary;
mod chains;
mod ess;
mod fft;
mod geweke;
mod geyer;
mod histogram;
mod interval;
mod mcse;
mod order;
mod ordered;
mod passes;
#[cfg(test)]
mod passes_tests;
mod rank;
mod rhat;
mod scores;
mod summary;
mod sums;
#[cfg(test)]
mod tests;

pub use autocovariance::{autocorrelation, autocovariance, first_autocorrelations};
pub use blocks::Blocks;
pub use chain_summary::ChainSummary;
pub use chains::Chains;
pub use ess::{Ess, ess, relative_ess};
pub use geweke::geweke;
pub use interval::{equal_tailed_interval, highest_density_interval};
pub use mcse::{Mcse, mcse};
pub use rhat::{Rhat, nested_rhat, rhat};
pub use summary::{Column, Summary, summarise};
