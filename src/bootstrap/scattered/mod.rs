//! The bootstrap of data that no rank holds whole.
//!
//! Root reads the data in *shards* of a fixed number of rows, and sends each to its home: shard i lives with rank i modulo
//! the number of ranks ([`Shards`]). What is computed there:
//!
//! - **Functions of sums** ([`OfSums`]: means, ratios, variances, correlations, regressions) by the
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

use super::Estimator;
use super::statistic::{OfSums, Sample, sum};
use crate::error::Result;
use crate::table::Table;

/// The phase in which resamples are drawn by Poisson counts.
const POISSON: u16 = 5;
/// The phase whose streams give the keys of the partition into subsets.
const PARTITION: u16 = 6;
/// The phase in which subsets are resampled.
const LITTLE: u16 = 7;
/// Phases that draw nothing.
const TOTALS: u16 = 8;
const JACKKNIFE: u16 = 9;

/// Estimators that are functions of sums, with the pivots of their columns.
pub(super) struct Summed<'a> {
    estimators: Vec<(&'a Estimator, &'a dyn OfSums, &'a [f64])>,
}

impl<'a> Summed<'a> {
    /// # Panics
    /// When there are not as many pivots as estimators.
    fn new(estimators: &'a [Estimator], pivots: &'a [Vec<f64>]) -> Self {
        assert_eq!(estimators.len(), pivots.len(), "pivots for each estimator");
        let of = |(estimator, pivots): (&'a Estimator, &'a Vec<f64>)| {
            estimator.statistic.of_sums().map(|of_sums| (estimator, of_sums, &pivots[..]))
        };
        Summed { estimators: estimators.iter().zip(pivots).filter_map(of).collect() }
    }

    /// The number of sums of all estimators, that of the weights not counted.
    fn terms(&self) -> usize {
        self.estimators.iter().map(|(_, of_sums, _)| of_sums.terms()).sum()
    }

    /// How many numbers all estimators have.
    fn outputs(&self) -> usize {
        self.estimators.iter().map(|(estimator, ..)| estimator.count()).sum()
    }

    /// What each row adds to each sum: the rows of the first term, then those of the second, ...
    fn rows(&self, table: &Table) -> Vec<f64> {
        let mut rows = vec![0.0; self.terms() * table.rows()];
        let mut places = rows.chunks_exact_mut(table.rows());
        for (estimator, of_sums, pivots) in &self.estimators {
            let sample = Sample::new(table, &estimator.columns);
            for (number, out) in (0..of_sums.terms()).zip(&mut places) {
                of_sums.term(number, &sample, pivots, out);
            }
        }
        rows
    }

    /// All outputs from all sums; `rows` is the number of rows of the data.
    fn evaluate(&self, rows: f64, weight: f64, mut terms: &[f64], mut out: &mut [f64]) -> Result<()> {
        for (estimator, of_sums, pivots) in &self.estimators {
            let (mine, others) = terms.split_at(of_sums.terms());
            let (own, rest) = out.split_at_mut(estimator.count());
            of_sums.evaluate(&super::Sums { rows, weight, terms: mine, pivots }, own)?;
            (terms, out) = (others, rest);
        }
        Ok(())
    }
}

/// The mean of each column of each estimator in a part of the data.
fn pivots(estimators: &[Estimator], part: &Table) -> Vec<Vec<f64>> {
    let mean = |column: &usize| {
        let values = &part.columns()[*column].values;
        sum(values.len(), |row| values[row]) / values.len() as f64
    };
    estimators.iter().map(|estimator| estimator.columns.iter().map(mean).collect()).collect()
}

#[cfg(test)]
mod tests;
