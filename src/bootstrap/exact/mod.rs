//! The bootstrap distribution without Monte Carlo: every multiset of rows, with its probability.
//!
//! Of n rows there are C(2n − 1, n) multisets of size n; one that holds row i c_i times has the probability
//! n! / Π c_i! / n^n (Fisher and Hall 1991). They are numbered in lexicographic order of the counts and spread over the
//! ranks in tasks. Two passes find moments and quantiles, with memory that does not grow with the number of multisets:
//! the first adds up moments, and the probability in each of many narrow bins; the second collects the values in those
//! bins in which a wanted quantile lies.

mod found;
mod multiset;

pub use self::multiset::multisets;

use self::found::{Found, Scale, Total};
use self::multiset::{Multiset, factors};
use super::interval::Weighted;
use super::{ENUMERATE, Estimator, Means, Problem, Sample, Scheme, Table};
use crate::error::{Error, Result};
use crate::farm::{self, Account, Plan, Work};
use crate::stream::Stream;
use crate::world::World;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Multisets in a task.
const BATCH: u64 = 1 << 16;
/// The exact distributions of all numbers: of each output, and then of each studentized output if there are any.
pub struct Exact {
    distributions: Vec<Weighted>,
    bins: Vec<BTreeMap<i32, f64>>,
    /// The probability of the multisets for which a number exists.
    mass: Vec<f64>,
    /// How many multisets there are.
    pub multisets: u64,
    /// Those without a number, for each number.
    pub undefined: Vec<u64>,
}

impl Exact {
    /// How many numbers there are.
    pub fn numbers(&self) -> usize {
        self.distributions.len()
    }

    /// The distribution of a number.
    pub fn distribution(&self, number: usize) -> &Weighted {
        &self.distributions[number]
    }
}

/// What a task knows.
struct Enumeration {
    problem: Arc<Problem>,
    estimates: Vec<f64>,
    /// Where the bins of each number lie.
    scales: Vec<Scale>,
    /// In the second pass: the bins whose values are wanted, for each number.
    wanted: Option<Vec<Vec<i32>>>,
    multisets: u64,
}

/// Finds moments of all numbers. Every rank calls it; root gets the result.
///
/// # Errors
/// When the scheme isn't the ordinary one, or there are more multisets than `limit`; errors of a statistic.
pub fn enumerate(world: &World, problem: &Arc<Problem>, means: Means, limit: u64) -> Result<(Exact, Account)> {
    let work = world.agree(Enumeration::new(problem, limit))?;
    let (scales, multisets) = (work.scales.clone(), work.multisets);
    let (found, account) = work.run_all(world, means, ENUMERATE)?;
    let exact = Exact {
        distributions: found.iter().zip(scales).map(|(found, scale)| found.distribution(scale)).collect(),
        mass: found.iter().map(|found| found.sums[0]).collect(),
        undefined: found.iter().map(|found| found.undefined).collect(),
        bins: found.into_iter().map(|found| found.bins).collect(),
        multisets,
    };
    Ok((exact, account))
}

impl Exact {
    /// Finds quantiles: for each number those at `probabilities[number]`. Every rank calls it; root's probabilities
    /// count, and root gets the quantiles.
    ///
    /// # Errors
    /// Those of a statistic.
    pub fn quantiles(
        &mut self,
        world: &World,
        problem: &Arc<Problem>,
        means: Means,
        probabilities: &[Vec<f64>],
    ) -> Result<Account> {
        let wanted = world.on_root(|| {
            let bins = |(number, wanted): (usize, &Vec<f64>)| {
                let mut bins: Vec<i32> = wanted.iter().map(|p| self.bin_of(number, *p).0).collect();
                bins.sort_unstable();
                bins.dedup();
                bins
            };
            Ok(probabilities.iter().enumerate().map(bins).collect::<Vec<_>>())
        })?;
        let mut work = world.agree(Enumeration::new(problem, u64::MAX))?;
        work.wanted = Some(wanted);
        let (found, account) = work.run_all(world, means, ENUMERATE)?;
        for (number, found) in found.iter().enumerate() {
            let quantile = |p: &f64| {
                let (bin, mut below) = self.bin_of(number, *p);
                let scale = self.scale(problem, number)?;
                let reached = |(_, probability): &&(f64, f64)| {
                    below += probability;
                    below >= p * self.mass[number] * (1.0 - ROUNDING)
                };
                let inside = || found.values.iter().filter(|(value, _)| scale.bin(*value) == bin);
                let value = inside().find(reached).or(inside().next_back()).map_or(f64::NAN, |(value, _)| *value);
                Ok((*p, value))
            };
            let quantiles = probabilities[number].iter().map(quantile).collect::<Result<_>>()?;
            self.distributions[number].quantiles = quantiles;
        }
        Ok(account)
    }

    /// The bin in which the quantile at `p` lies, and the probability below that bin.
    fn bin_of(&self, number: usize, p: f64) -> (i32, f64) {
        let mut below = 0.0;
        let mut last = (0, 0.0);
        for (bin, probability) in &self.bins[number] {
            last = (*bin, below);
            if below + probability >= p * self.mass[number] * (1.0 - ROUNDING) {
                break;
            }
            below += probability;
        }
        last
    }

    fn scale(&self, problem: &Arc<Problem>, number: usize) -> Result<Scale> {
        Ok(scales(problem, &problem.estimates()?)?[number])
    }
}

/// Sums of probabilities are off by about this.
const ROUNDING: f64 = 1e-13;

/// A scale near each number's standard deviation.
fn scales(problem: &Problem, estimates: &[f64]) -> Result<Vec<Scale>> {
    let errors = problem.standard_errors()?;
    let mut scales: Vec<Scale> = estimates
        .iter()
        .zip(errors)
        .map(|(estimate, error)| {
            // Without a standard error, one that is right for a mean of values like the estimate.
            let width =
                if error > 0.0 { error } else { estimate.abs().max(1.0) / (problem.table.rows() as f64).sqrt() };
            Scale { centre: *estimate, width }
        })
        .collect();
    if problem.variance.is_some() {
        scales.extend(vec![Scale { centre: 0.0, width: 1.0 }; estimates.len()]);
    }
    Ok(scales)
}

impl Enumeration {
    fn new(problem: &Arc<Problem>, limit: u64) -> Result<Self> {
        let n = problem.table.rows();
        if problem.scheme != Scheme::Ordinary {
            return Err(Error::other("only the ordinary scheme can be enumerated"));
        }
        let multisets = match multisets(n) {
            Some(multisets) if multisets <= limit => multisets,
            count => {
                let rows = n as f64;
                let about = libm::exp(libm::lgamma(2.0 * rows) - libm::lgamma(rows) - libm::lgamma(rows + 1.0));
                let count = count.map_or(format!("about {about:.1e}"), |count| count.to_string());
                return Err(Error::other(format!("{n} rows have {count} multisets, and at most {limit} are allowed")));
            }
        };
        let estimates = problem.estimates()?;
        let scales = scales(problem, &estimates)?;
        Ok(Enumeration { problem: Arc::clone(problem), estimates, scales, wanted: None, multisets })
    }

    fn run_all(self, world: &World, means: Means, phase: u16) -> Result<(Vec<Found>, Account)> {
        let tasks = self.multisets.div_ceil(BATCH);
        let plan = Plan { seed: self.problem.seed, phase, first: 0, tasks, cycle: None, means };
        let mut total = Total(vec![Found::default(); self.scales.len()]);
        let account = farm::run(world, &plan, &Arc::new(self), &mut total)?;
        Ok((if world.is_root() { total.0 } else { Vec::new() }, account))
    }

    /// All numbers of a multiset: the outputs, and the studentized ones. `own` is where its rows are put, for statistics
    /// that want rows.
    fn numbers(&self, counts: &[f64], own: &mut Table, out: &mut [f64]) -> Result<()> {
        let counted = Sample::new(&self.problem.table, &[]).counted(counts, counts.len());
        if self.problem.estimators.iter().any(|estimator| !estimator.statistic.heeds_weights()) {
            let times = |(row, count): (usize, &f64)| std::iter::repeat_n(row as u32, *count as usize);
            own.take_rows(&self.problem.table, &counts.iter().enumerate().flat_map(times).collect::<Vec<u32>>());
        }
        let rows = Sample::new(own, &[]);
        let sample = |estimator: &'_ Estimator| if estimator.statistic.heeds_weights() { counted } else { rows };
        let (outputs, studentized) = out.split_at_mut(self.estimates.len());
        self.problem.each(outputs, |estimator, out| {
            estimator.statistic.evaluate(&sample(estimator).of(&estimator.columns), out)
        })?;
        if studentized.is_empty() {
            return Ok(());
        }
        self.problem.each(studentized, |estimator, out| {
            let sample = sample(estimator).of(&estimator.columns);
            (0..out.len()).try_for_each(|output| {
                out[output] = super::standard_error(&*estimator.statistic, &sample, output)?;
                Ok(())
            })
        })?;
        for ((t, value), estimate) in studentized.iter_mut().zip(outputs).zip(&self.estimates) {
            *t = studentize(*value, *estimate, *t);
        }
        Ok(())
    }
}

/// (t* − t) / e*; NaN where the resample has no variance.
pub(crate) fn studentize(value: f64, estimate: f64, error: f64) -> f64 {
    // A sample of equal values has an error of about 1e-16 by rounding.
    if error > 1e-13 * value.abs().max(estimate.abs()) { (value - estimate) / error } else { f64::NAN }
}

impl Work for Enumeration {
    type Output = Vec<Found>;

    fn run(&self, task: u64, _: &mut Stream) -> Result<Vec<Found>> {
        let n = self.problem.table.rows();
        let first = task * BATCH;
        let mut multiset = Multiset::number(first, n);
        let mut found = vec![Found::default(); self.scales.len()];
        let mut numbers = vec![0.0; self.scales.len()];
        let weights: Vec<f64> = factors(n);
        let mut own = Table::default();
        for _ in first..(first + BATCH).min(self.multisets) {
            let probability =
                multiset.counts.iter().fold(weights[0], |product, count| product * weights[*count as usize + 1]);
            multiset.weights.iter_mut().zip(&multiset.counts).for_each(|(weight, count)| *weight = f64::from(*count));
            self.numbers(&multiset.weights, &mut own, &mut numbers)?;
            for (number, value) in numbers.iter().enumerate() {
                let wanted = self.wanted.as_ref().map(|wanted| &*wanted[number]);
                found[number].add(*value, probability, self.scales[number], wanted);
            }
            multiset.advance();
        }
        found.iter_mut().for_each(Found::close);
        Ok(found)
    }
}
