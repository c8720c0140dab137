//! The Poisson bootstrap.

use super::POISSON;
use super::shards::Shards;
use super::totals::Totals;
use crate::bootstrap::statistic::sum;
use crate::bootstrap::summed::Summed;
use crate::bootstrap::{Estimator, Means, Replicates, Watch};
use crate::error::Result;
use crate::farm::{self, Account, Fold, Plan, Work};
use crate::stream::Stream;
use crate::world::World;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Resamples in a group: a task makes one shard's part of them.
const GROUP: u64 = 256;

/// So many counts are drawn, and their sums taken, at a time: they stay in the fastest cache.
const COUNTS: usize = 2048;

/// Replicates of all functions of sums, over all ranks: `resamples`, or fewer when `watch` has enough. `known` are
/// those of an earlier run of the same problem, on root. Every rank calls it; only root gets replicates.
///
/// # Errors
/// Those of a statistic or of `watch`, and a panic of either. All ranks learn of it.
#[expect(clippy::too_many_arguments)] // each is a thing of its own
pub fn replicate(
    world: &World,
    shards: &Arc<Shards>,
    estimators: &Arc<Vec<Estimator>>,
    totals: &Totals,
    (resamples, seed): (u64, u64),
    means: Means,
    known: Replicates,
    watch: &mut impl Watch,
) -> Result<(Replicates, Account)> {
    let first = world.on_root(|| Ok((known.len() as u64).min(resamples) / GROUP))?;
    let cycle = shards.count();
    let (shards, estimators) = (Arc::clone(shards), Arc::clone(estimators));
    let work = Arc::new(Counting { shards, estimators, totals: totals.clone(), resamples });
    let (first_task, tasks) = (first * cycle, resamples.div_ceil(GROUP) * cycle);
    let plan = Plan { seed, phase: POISSON, first: first_task, tasks, cycle: Some(cycle), means };
    let width = totals.estimates.len();
    let mut replicates = Replicates { width, ..known };
    replicates.values.truncate((first * GROUP) as usize * width);
    let mut fold = Groups { work: &work, sums: Vec::new(), replicates, watch };
    let account = farm::run(world, &plan, &work, &mut fold)?;
    Ok((fold.replicates, account))
}

/// Task t makes shard t mod (number of shards)'s part of resample group t / (number of shards).
struct Counting {
    shards: Arc<Shards>,
    estimators: Arc<Vec<Estimator>>,
    totals: Totals,
    resamples: u64,
}

impl Counting {
    fn summed(&self) -> Summed<'_> {
        Summed::new(&self.estimators, &self.totals.pivots)
    }

    fn group(&self, task: u64) -> u64 {
        task / self.shards.count()
    }

    /// How many resamples a group has.
    fn size(&self, group: u64) -> u64 {
        GROUP.min(self.resamples - group * GROUP)
    }
}

impl Work for Counting {
    /// For each resample the sum of the counts, then those of the terms.
    type Output = Vec<f64>;

    fn run(&self, task: u64, stream: &mut Stream) -> Result<Vec<f64>> {
        let table = self.shards.shard(task % self.shards.count())?;
        let rows = self.summed().rows(table, table.rows());
        let width = 1 + self.totals.terms.len();
        let mut sums = vec![0.0; width * self.size(self.group(task)) as usize];
        let mut counts = [0.0; COUNTS];
        for sums in sums.chunks_exact_mut(width) {
            for start in (0..table.rows()).step_by(COUNTS) {
                let end = table.rows().min(start + COUNTS);
                let counts = &mut counts[..end - start];
                stream.fill_unit_poisson(counts);
                sums[0] += sum(counts.len(), |i| counts[i]);
                for (total, term) in sums[1..].iter_mut().zip(&rows) {
                    let term = &term[start..end];
                    *total += sum(counts.len(), |i| counts[i] * term[i]);
                }
            }
        }
        Ok(sums)
    }
}

/// Adds up a group's sums, shard after shard; when all have come, its replicates follow from them.
struct Groups<'a, W> {
    work: &'a Counting,
    sums: Vec<f64>,
    replicates: Replicates,
    watch: &'a mut W,
}

impl<W: Watch> Fold<Vec<f64>> for Groups<'_, W> {
    fn fold(&mut self, task: u64, sums: Vec<f64>) -> Result<ControlFlow<()>> {
        match task % self.work.shards.count() {
            0 => self.sums = sums,
            _ => self.sums.iter_mut().zip(sums).for_each(|(all, sum)| *all += sum),
        }
        if !(task + 1).is_multiple_of(self.work.shards.count()) {
            return Ok(ControlFlow::Continue(()));
        }
        let summed = self.work.summed();
        let rows = self.work.shards.rows() as f64;
        let mut outputs = vec![f64::NAN; self.replicates.width];
        for sums in self.sums.chunks_exact(1 + summed.terms()) {
            summed.evaluate(rows, sums[0], &sums[1..], &mut outputs)?;
            self.replicates.values.extend_from_slice(&outputs);
        }
        let done = self.replicates.len() as u64;
        let due = self.watch.next_check().is_some_and(|check| done >= check);
        let enough = due && self.watch.enough(&self.replicates)?;
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn remaining(&self) -> Option<u64> {
        let wanted = self.watch.next_check().unwrap_or(self.work.resamples).min(self.work.resamples);
        let groups = wanted.saturating_sub(self.replicates.len() as u64).div_ceil(GROUP);
        Some(groups * self.work.shards.count())
    }

    fn tick(&mut self) {
        self.watch.progress(self.replicates.len() as u64);
    }
}
