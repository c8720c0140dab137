//! The jackknife of functions of sums: an estimate without a row needs no more than that row's terms.

use super::JACKKNIFE;
use super::shards::Shards;
use super::totals::{Added, Totals};
use crate::bootstrap::summed::Summed;
use crate::bootstrap::{Estimator, Means};
use crate::error::Result;
use crate::farm::{self, Account, Plan, Work};
use crate::stream::Stream;
use crate::world::World;
use std::sync::Arc;

/// What leaving out every row in turn says of an output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jackknife {
    /// The acceleration Σ l³ / 6 (Σ l²)^(3/2), where l is the mean of the leave-one-out estimates minus one of them.
    pub acceleration: f64,
    /// √((n − 1) / n · Σ l²).
    pub standard_error: f64,
}

impl Jackknife {
    /// From the sums of d, d², d³, where d is a leave-one-out estimate minus the estimate, over n rows.
    fn of([first, second, third]: [f64; 3], n: f64) -> Self {
        let mean = first / n;
        let squares = second - n * mean * mean;
        let cubes = -(third - 3.0 * mean * second + 2.0 * n * mean * mean * mean);
        Jackknife {
            acceleration: cubes / (6.0 * squares * squares.sqrt()),
            standard_error: ((n - 1.0) / n * squares.max(0.0)).sqrt(),
        }
    }
}

/// The jackknife of every output that is a function of sums, over all rows: one pass. Every rank calls it; root gets
/// the result.
///
/// # Errors
/// Those of a statistic. All ranks learn of it.
pub fn jackknife(
    world: &World,
    shards: &Arc<Shards>,
    estimators: &Arc<Vec<Estimator>>,
    totals: &Totals,
    means: Means,
) -> Result<(Vec<Jackknife>, Account)> {
    let work = LeavingOut { shards: Arc::clone(shards), estimators: Arc::clone(estimators), totals: totals.clone() };
    let (tasks, cycle) = (shards.count(), Some(shards.count()));
    let plan = Plan { seed: 0, phase: JACKKNIFE, first: 0, tasks, cycle, means };
    let mut fold = Added(vec![0.0; 3 * totals.estimates.len()]);
    let account = farm::run(world, &plan, &Arc::new(work), &mut fold)?;
    let of = |sums: &[f64; 3]| Jackknife::of(*sums, shards.rows() as f64);
    Ok((fold.0.as_chunks().0.iter().map(of).collect(), account))
}

/// Leaves out the rows of a shard in turn.
struct LeavingOut {
    shards: Arc<Shards>,
    estimators: Arc<Vec<Estimator>>,
    totals: Totals,
}

impl Work for LeavingOut {
    type Output = Vec<f64>;

    fn run(&self, shard: u64, _: &mut Stream) -> Result<Vec<f64>> {
        let table = self.shards.shard(shard)?;
        let summed = Summed::new(&self.estimators, &self.totals.pivots);
        let rows = summed.rows(table, table.rows());
        let left = self.shards.rows() as f64 - 1.0;
        let mut without = self.totals.terms.clone();
        let mut estimates = self.totals.estimates.clone();
        let mut sums = vec![0.0; 3 * estimates.len()];
        for row in 0..table.rows() {
            for ((without, all), term) in without.iter_mut().zip(&self.totals.terms).zip(&rows) {
                *without = all - term[row];
            }
            summed.evaluate(left, left, &without, &mut estimates)?;
            let (sums, _) = sums.as_chunks_mut::<3>();
            for (sums, (without, estimate)) in sums.iter_mut().zip(estimates.iter().zip(&self.totals.estimates)) {
                let d = without - estimate;
                sums[0] += d;
                sums[1] += d * d;
                sums[2] += d * d * d;
            }
        }
        Ok(sums)
    }
}
