//! A bootstrap hypothesis test for the difference of two group means.

use super::replicates::{Watch, replicate_in};
use super::{Column, Estimator, Means, Problem, Replicates, Sample, Scheme, Statistic, TEST, Table};
use crate::error::{Error, Result};
use crate::farm::Account;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which differences speak against the hypothesis that both groups have the same mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    /// Large ones of either sign.
    #[default]
    TwoSided,
    /// The first group's mean is less.
    Less,
    /// The first group's mean is greater.
    Greater,
}

/// Whether two groups have the same mean, with no assumption of equal variances or normality: the studentized
/// difference (Welch's t) of groups that are moved to a common mean and then resampled, each on its own (Efron and
/// Tibshirani 1993, algorithm 16.2).
#[derive(Clone, Debug)]
pub struct Test {
    /// The column of values.
    pub values: usize,
    /// The column that says which group a row is in.
    pub groups: usize,
    /// The two groups, as values of that column.
    pub pair: [f64; 2],
    /// What speaks against the hypothesis.
    pub alternative: Alternative,
    /// How many resamples.
    pub resamples: u64,
    /// Resamples in a task.
    pub batch: u32,
    /// The seed of all random numbers.
    pub seed: u64,
}

/// What a test has found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestResult {
    /// The difference of the means.
    pub difference: f64,
    /// Welch's t.
    pub t: f64,
    /// (1 + number of resamples at least as extreme) / (1 + resamples): Davison and Hinkley (1997), equation 4.11.
    pub p_value: f64,
    /// The Monte Carlo standard error of that.
    pub mc_error: f64,
    /// Resamples in which t does not exist.
    pub undefined: u64,
}

/// Welch's t: the difference of two group means over its standard error.
struct Welch([f64; 2]);

impl Welch {
    /// Size, mean and variance (divisor n − 1) of a group.
    fn group(sample: &Sample<'_>, wanted: f64) -> (f64, f64, f64) {
        let (x, group) = (sample.column(0), sample.column(1));
        let inside = |row: usize, term: f64| if group[row] == wanted { term } else { 0.0 };
        let size = sample.sum(|row| inside(row, 1.0));
        let mean = sample.sum(|row| inside(row, x[row])) / size;
        let squares = sample.sum(|row| inside(row, (x[row] - mean) * (x[row] - mean)));
        (size, mean, squares / (size - 1.0))
    }
}

impl Statistic for Welch {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let [(n, mean, variance), (m, other, spread)] = self.0.map(|wanted| Welch::group(sample, wanted));
        let error = (variance / n + spread / m).sqrt();
        // A resample of equal values has an error of about 1e-16 by rounding.
        out[0] = if error > 1e-13 * mean.abs().max(other.abs()) { (mean - other) / error } else { f64::NAN };
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }
}

/// Nobody has to be told anything.
struct Nobody;
impl Watch for Nobody {}

impl Test {
    /// Carries the test out over all ranks; root gets the result.
    ///
    /// # Errors
    /// When a group has fewer than two rows or no variance.
    pub fn run(&self, world: &World, table: &Table, means: Means) -> Result<(TestResult, Account)> {
        let (problem, t, difference) = world.agree(self.problem(table))?;
        let (replicates, account) = replicate_in(world, TEST, &problem, means, Replicates::default(), &mut Nobody)?;
        let found: Vec<f64> = replicates.column(0).filter(|t| t.is_finite()).collect();
        let extreme = |other: &&f64| match self.alternative {
            Alternative::TwoSided => other.abs() >= t.abs(),
            Alternative::Less => **other <= t,
            Alternative::Greater => **other >= t,
        };
        let (count, all) = (found.iter().filter(extreme).count() as f64, found.len() as f64);
        let p_value = (1.0 + count) / (1.0 + all);
        let mc_error = (p_value * (1.0 - p_value) / all).sqrt();
        let undefined = (replicates.len() - found.len()) as u64;
        Ok((TestResult { difference, t, p_value, mc_error, undefined }, account))
    }

    /// The problem in which the hypothesis holds; t and the difference of the means of the data.
    fn problem(&self, table: &Table) -> Result<(Arc<Problem>, f64, f64)> {
        let columns = [self.values, self.groups];
        let sample = Sample::new(table, &columns);
        let welch = Welch(self.pair);
        let [first, second] = self.pair.map(|wanted| Welch::group(&sample, wanted));
        if first.0 < 2.0 || second.0 < 2.0 {
            return Err(Error::other("each group needs at least two rows"));
        }
        let mut t = [f64::NAN];
        welch.evaluate(&sample, &mut t)?;
        if !t[0].is_finite() {
            return Err(Error::other("the groups have no variance"));
        }
        let common = (first.0 * first.1 + second.0 * second.1) / (first.0 + second.0);
        let (mut values, mut groups) = (Vec::new(), Vec::new());
        for (x, group) in sample.column(0).iter().zip(sample.column(1)) {
            for (wanted, mean) in [(self.pair[0], first.1), (self.pair[1], second.1)] {
                if *group == wanted {
                    values.push(x - mean + common);
                    groups.push(wanted);
                }
            }
        }
        let table = Table::new(vec![Column::new("value", values), Column::new("group", groups)])?;
        let problem = Problem {
            table: Arc::new(table),
            estimators: vec![Estimator { name: "t".into(), statistic: Arc::new(welch), columns: vec![0, 1] }],
            scheme: Scheme::Stratified { strata: 1 },
            resamples: self.resamples,
            batch: self.batch,
            seed: self.seed,
            variance: None,
            jackknife_after: false,
        };
        Ok((Arc::new(problem), t[0], first.1 - second.1))
    }
}
