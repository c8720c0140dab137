//! The bootstrap of data that no rank holds whole.
//!
//! Root reads the data in *shards* of a fixed number of rows, and sends each to its home: shard i lives with rank i modulo
//! the number of ranks ([`Shards`]). What is computed there:
//!
//! - **Functions of sums** ([`OfSums`](super::OfSums): means, ratios, variances, correlations, regressions) by the
//!   *Poisson bootstrap* ([`replicate`]): a row counts Poisson(1) times in each resample, independently of all others, so
//!   that each shard draws its own counts and only sums travel (Hanley and MacGibbon 2006; Chamandy et al. 2012). The
//!   size of a resample then varies by √n about n, which matters to no statistic that doesn't depend on the size.
//!   The sums also give every leave-one-out estimate, and so the jackknife ([`jackknife`]) in one pass.
//! - **All others** by the *bag of little bootstraps* ([`little_bootstraps`]): Kleiner, Talwalkar, Sarkar and Jordan 2014.
//!
//! Sums are added in the order of the shards, so results depend neither on the number of ranks nor on the schedule.

mod jackknife;
mod little;
mod poisson;
mod shards;
mod totals;

pub use jackknife::{Jackknife, jackknife};
pub use little::{Little, little_bootstraps};
pub use poisson::replicate;
pub use shards::Shards;
pub use totals::{Totals, totals};

/// The phase in which resamples are drawn by Poisson counts.
const POISSON: u16 = 5;
/// The phase whose streams give the keys of the partition into subsets.
const PARTITION: u16 = 6;
/// The phase in which subsets are resampled.
const LITTLE: u16 = 7;
/// Phases that draw nothing.
const TOTALS: u16 = 8;
const JACKKNIFE: u16 = 9;

#[cfg(test)]
mod tests;
