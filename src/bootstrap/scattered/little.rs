//! The bag of little bootstraps (Kleiner, Talwalkar, Sarkar and Jordan 2014, "A scalable bootstrap for massive data").
//!
//! The n rows are dealt at random into subsets of about n^γ rows. Each subset is resampled to the full size n, which takes
//! no more than counts of its rows, and says on its own how the statistic would vary; what the subsets say is averaged.
//! Here the subsets are disjoint and use up all rows: a mean over fewer would vary more than the statistic itself. What
//! they say still varies with the partition; so several are made, one after the other, and their differences tell the
//! Monte Carlo error.

use super::shards::Shards;
use super::{LITTLE, PARTITION};
use crate::bootstrap::scheme::Permutation;
use crate::bootstrap::{Column, Estimator, Means, Sample, Table};
use crate::distribution::Poisson;
use crate::error::{Error, Result};
use crate::farm::{self, Account, Fold, Plan, Work};
use crate::stream::Stream;
use crate::world::{Tag, World, even_shares};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Subsets have about n^GAMMA rows: the authors recommend from 0.6 to 0.9.
const GAMMA: f64 = 0.7;

/// How many partitions into subsets are made.
const PARTITIONS: u64 = 5;

/// At least so many resamples of each subset: what the authors find to suffice.
const LEAST: u64 = 100;

/// Resamples in a task.
const BATCH: u64 = 16;

/// What the resamples of each subset say, on root.
#[derive(Clone, Debug, Default)]
pub struct Little {
    /// How many numbers a replicate has.
    pub width: usize,
    /// How many subsets each partition has.
    pub subsets: usize,
    /// For each subset, its estimates: those of the first partition, of the second, and so on.
    pub estimates: Vec<Vec<f64>>,
    /// For each subset, its replicates, a row for each.
    pub values: Vec<Vec<f64>>,
}

impl Little {
    /// How many resamples all subsets have had.
    pub fn len(&self) -> usize {
        self.values.iter().map(|values| values.len() / self.width.max(1)).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One number of the replicates of a subset.
    pub fn column(&self, subset: usize, number: usize) -> impl Iterator<Item = f64> {
        self.values[subset].iter().skip(number).step_by(self.width.max(1)).copied()
    }
}

/// Resamples subsets of the data: `resamples` in all, but at least 100 of each subset of five partitions. Every rank
/// calls it; root gets the result. `progress` is told how many resamples are done, of how many.
///
/// # Errors
/// A statistic that doesn't heed weights, too few rows, errors of a statistic. All ranks learn of it.
pub fn little_bootstraps(
    world: &World,
    shards: &Shards,
    estimators: Vec<Estimator>,
    (resamples, seed): (u64, u64),
    means: Means,
    mut progress: impl FnMut(u64, u64),
) -> Result<(Little, Account)> {
    if let Some(estimator) = estimators.iter().find(|estimator| !estimator.statistic.heeds_weights()) {
        let message = format!("{} doesn't heed weights, which scattered data needs", estimator.name);
        return world.agree(Err(Error::other(message)));
    }
    let sizes = subset_sizes(shards.rows());
    let count = sizes.len() as u64;
    let each = resamples.div_ceil(count * PARTITIONS).max(LEAST).next_multiple_of(BATCH);
    let width = estimators.iter().map(Estimator::count).sum();
    let estimators = Arc::new(estimators);
    let mut little = Little { width, subsets: sizes.len(), ..Little::default() };
    let mut all = Account::default();
    for partition in 0..PARTITIONS {
        let permutation = Permutation::new(shards.rows(), 1, (seed, PARTITION), partition)?;
        let subsets = deal_out(world, shards, &sizes, &permutation)?;
        let estimators = Arc::clone(&estimators);
        let work = Arc::new(Resampling { subsets, count, rows: shards.rows(), estimators, width });
        let tasks = each / BATCH * count;
        let (first, tasks) = (partition * tasks, (partition + 1) * tasks);
        let plan = Plan { seed, phase: LITTLE, first, tasks, cycle: Some(count), means: means.clone() };
        let known = little.len() as u64;
        let told = |done: u64| progress(known + done, each * count * PARTITIONS);
        let mut fold = Collected { first, count, estimates: empty(count), values: empty(count), width, progress: told };
        all.add(farm::run(world, &plan, &work, &mut fold)?);
        little.estimates.append(&mut fold.estimates);
        little.values.append(&mut fold.values);
    }
    Ok((little, all))
}

fn empty(count: u64) -> Vec<Vec<f64>> {
    vec![Vec::new(); count as usize]
}

/// How many rows each subset has.
fn subset_sizes(rows: u64) -> Vec<usize> {
    let size = libm::pow(rows as f64, GAMMA).ceil() as u64;
    even_shares(rows as usize, (rows / size).max(1) as usize)
}

/// Brings every row to the home of its subset: rank (subset) modulo the number of ranks. The permutation's first places
/// are the first subset's.
fn deal_out(
    world: &World,
    shards: &Shards,
    sizes: &[usize],
    permutation: &Permutation,
) -> Result<BTreeMap<u64, Table>> {
    let mut subsets = BTreeMap::new();
    let mut first = 0;
    for (subset, size) in sizes.iter().enumerate() {
        let rows = || (first..first + *size as u64).map(|place| permutation.permuted(place));
        let home = subset % world.size();
        let mut mine = Vec::new();
        for row in rows().filter(|row| shards.home(*row, world.size()) == world.rank()) {
            let (table, place) = shards.find(row)?;
            mine.extend(table.columns().iter().map(|column| column.values[place]));
        }
        if home != world.rank() {
            world.send(home, Tag::Scatter, &mine);
        } else {
            let parts: Vec<Vec<f64>> = (0..world.size())
                .map(|rank| match rank == home {
                    true => std::mem::take(&mut mine),
                    false => world.receive(rank, Tag::Scatter),
                })
                .collect();
            let homes = rows().map(|row| shards.home(row, world.size()));
            subsets.insert(subset as u64, table(shards, parts, homes)?);
        }
        first += *size as u64;
    }
    Ok(subsets)
}

/// The rows that came from each rank, in the order in which `homes` names the ranks.
fn table(shards: &Shards, parts: Vec<Vec<f64>>, homes: impl Iterator<Item = usize>) -> Result<Table> {
    let mut columns: Vec<Column> = shards.like().to_vec();
    let mut rows: Vec<_> = parts.iter().map(|part| part.chunks_exact(columns.len())).collect();
    for home in homes {
        let row = rows[home].next().unwrap_or_default(); // each rank sends as many as it has
        columns.iter_mut().zip(row).for_each(|(column, value)| column.values.push(*value));
    }
    Table::new(columns)
}

/// Task t makes resamples of subset t modulo the number of subsets.
struct Resampling {
    subsets: BTreeMap<u64, Table>,
    count: u64,
    rows: u64,
    estimators: Arc<Vec<Estimator>>,
    width: usize,
}

#[derive(Serialize, Deserialize)]
struct Made {
    estimates: Vec<f64>,
    values: Vec<f64>,
}

impl Resampling {
    fn evaluate(&self, sample: Sample<'_>, mut out: &mut [f64]) -> Result<()> {
        for estimator in self.estimators.iter() {
            let (own, rest) = out.split_at_mut(estimator.count());
            estimator.statistic.evaluate(&sample.of(&estimator.columns), own)?;
            out = rest;
        }
        Ok(())
    }
}

impl Work for Resampling {
    type Output = Made;

    fn run(&self, task: u64, stream: &mut Stream) -> Result<Made> {
        let subset = task % self.count;
        let missing = || Error::other(format!("subset {subset} is not on this rank: a defect"));
        let table = self.subsets.get(&subset).ok_or_else(missing)?;
        let sample = Sample::new(table, &[]);
        let mut estimates = vec![f64::NAN; self.width];
        self.evaluate(sample, &mut estimates)?;
        let mut values = vec![f64::NAN; self.width * BATCH as usize];
        let mut counts = vec![0.0; table.rows()];
        for out in values.chunks_exact_mut(self.width) {
            multinomial(self.rows, stream, &mut counts)?;
            self.evaluate(sample.counted(&counts, self.rows as usize), out)?;
        }
        Ok(Made { estimates, values })
    }
}

/// How often each of `counts.len()` rows is drawn in `n` draws with replacement.
///
/// Independent Poisson counts are multinomial, given their sum. They are drawn with a sum that is nearly always a little
/// less than n (if it is more, again), and single draws make up for the rest.
fn multinomial(n: u64, stream: &mut Stream, counts: &mut [f64]) -> Result<()> {
    let (size, rows) = (n as f64, counts.len());
    let mean = (size - 4.0 * size.sqrt()) / rows as f64;
    let poisson = (mean > 0.0).then(|| Poisson::new(mean)).transpose().map_err(Error::other)?;
    let drawn = loop {
        counts.fill_with(|| poisson.map_or(0.0, |poisson| poisson.sample(stream)));
        let drawn = counts.iter().sum::<f64>(); // of integers: exact
        if drawn <= size {
            break drawn;
        }
    };
    (0..(size - drawn) as u64).for_each(|_| counts[stream.index(rows as u64) as usize] += 1.0);
    Ok(())
}

/// What the subsets of one partition say.
struct Collected<P> {
    first: u64,
    count: u64,
    width: usize,
    estimates: Vec<Vec<f64>>,
    values: Vec<Vec<f64>>,
    progress: P,
}

impl<P: FnMut(u64)> Fold<Made> for Collected<P> {
    fn fold(&mut self, task: u64, made: Made) -> Result<ControlFlow<()>> {
        let subset = (task % self.count) as usize;
        if task - self.first < self.count {
            self.estimates[subset] = made.estimates;
        }
        self.values[subset].extend(made.values);
        Ok(ControlFlow::Continue(()))
    }

    fn tick(&mut self) {
        let done: usize = self.values.iter().map(|values| values.len() / self.width.max(1)).sum();
        (self.progress)(done as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    /// Counts sum to n; each is binomial: mean n/b and variance n/b (1 − 1/b), and two of them have the covariance
    /// −n/b². Poisson counts without the correction are found out by the sum, and those of a wrong mean by theirs.
    #[test]
    fn counts_are_multinomial() {
        for (n, b) in [(20u64, 5usize), (1000, 7), (10_000, 500)] {
            let mut stream = Streams::new(3, 0).stream(n);
            let (mut counts, mut all) = (vec![0.0; b], Vec::new());
            const TIMES: usize = 20_000;
            for _ in 0..TIMES {
                multinomial(n, &mut stream, &mut counts).unwrap();
                assert_eq!(counts.iter().sum::<f64>(), n as f64);
                all.push((counts[0], counts[1]));
            }
            let expected = n as f64 / b as f64;
            let mean = all.iter().map(|(x, _)| x).sum::<f64>() / TIMES as f64;
            let moment = |f: fn(f64, f64) -> f64| {
                all.iter().map(|(x, y)| f(x - expected, y - expected)).sum::<f64>() / TIMES as f64
            };
            let variance = expected * (1.0 - 1.0 / b as f64);
            // Five standard errors.
            assert!((mean - expected).abs() < 5.0 * (variance / TIMES as f64).sqrt(), "{n}, {b}: {mean}");
            assert!((moment(|x, _| x * x) / variance - 1.0).abs() < 5.0 * (2.2 / TIMES as f64).sqrt(), "{n}, {b}");
            let covariance = moment(|x, y| x * y);
            assert!((covariance + expected / b as f64).abs() < 5.0 * variance / (TIMES as f64).sqrt(), "{n}, {b}");
        }
    }

    #[test]
    fn subsets_use_up_all_rows() {
        for rows in [1, 2, 17, 1000, 123_457] {
            let sizes = subset_sizes(rows);
            assert_eq!(sizes.iter().sum::<usize>() as u64, rows);
            assert!(sizes.iter().all(|size| *size as f64 >= libm::pow(rows as f64, GAMMA)));
        }
        assert_eq!(subset_sizes(1_000_000).len(), 63);
    }
}
