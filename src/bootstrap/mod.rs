//! The bootstrap.
//!
//! How a statistic would vary if the data were drawn again, found by drawing from the data (Efron 1979; Efron and
//! Tibshirani 1993; Davison and Hinkley 1997). A [`Statistic`] is a function of a [`Sample`]; a [`Scheme`] says how
//! resamples are drawn; [`replicate`] makes replicates over all ranks; [`interval`] turns them into confidence
//! intervals.
//!
//! Resamples are numbered, and made in tasks of a fixed number of them: task t makes the resamples t · batch to
//! (t + 1) · batch − 1. So replicates depend on the problem and the seed alone, and a run of more resamples begins
//! with those of a shorter one.

mod acceleration;
mod block_length;
mod exact;
pub mod interval;
mod replicates;
mod row_sums;
pub mod scattered;
mod scheme;
mod statistic;
mod summed;
mod test;

pub use acceleration::{Acceleration, LeaveOneOut, acceleration, leave_one_out};
pub use block_length::{BlockLength, block_length};
pub use exact::{Exact, enumerate, multisets};

pub use crate::table::{Column, Table};
pub(crate) use exact::studentize;
pub use replicates::{Replicates, Watch, Without, replicate};
pub use scheme::{Scheme, fit, rule_of_thumb};
pub use statistic::{
    Divisor, LeastSquares, Mean, MeanDifference, OfSums, Pearson, Quantile, Ratio, Sample, Spearman, Spread, Statistic,
    Sum, Sums, TrimmedMean,
};
pub use test::{Alternative, Test, TestResult};

pub use crate::farm::Means;

use crate::error::{Error, Result};
use std::sync::Arc;

/// The phase in which replicates are made.
const REPLICATE: u16 = 0;
/// The phase in which rows are left out in turn.
const JACKKNIFE: u16 = 1;
/// The phase in which resamples of a null hypothesis are made. (Phase 3 has the keys of balanced schemes, those from 5 on are of [`scattered`].)
const TEST: u16 = 4;
/// The phases in which all resamples are enumerated.
const ENUMERATE: u16 = 2;

/// A bootstrap: everything that its replicates depend on.
pub struct Problem {
    /// The data.
    pub table: Arc<Table>,
    /// What is computed from each resample.
    pub estimators: Vec<Estimator>,
    /// How resamples are drawn.
    pub scheme: Scheme,
    /// How many resamples.
    pub resamples: u64,
    /// Resamples in a task, at least 1. Replicates depend on it.
    pub batch: u32,
    /// The seed of all random numbers.
    pub seed: u64,
    /// Where the standard error within each resample comes from, when one is wanted.
    pub variance: Option<Variance>,
    /// Whether to note what resamples without a certain row say: the jackknife after the bootstrap.
    pub jackknife_after: bool,
}

/// A statistic with a name, and the columns that it is given.
#[derive(Clone)]
pub struct Estimator {
    /// Its name in the result.
    pub name: String,
    /// What is computed.
    pub statistic: Arc<dyn Statistic>,
    /// The numbers of its columns in the table, in the order that the statistic knows.
    pub columns: Vec<usize>,
}

/// Where a statistic's standard error within a resample comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variance {
    /// From the influence values of the rows.
    Influence,
    /// From so many resamples of the resample.
    Nested {
        /// How many, at least 2.
        resamples: u32,
    },
}

impl Estimator {
    /// The names of its outputs: its own name, followed by that of the output where there are several.
    pub fn outputs(&self) -> Vec<String> {
        let names = self.statistic.outputs();
        match names.is_empty() {
            true => vec![self.name.clone()],
            false => names.iter().map(|output| format!("{}_{output}", self.name)).collect(),
        }
    }

    fn count(&self) -> usize {
        self.statistic.outputs().len().max(1)
    }
}

impl Problem {
    /// The names of all outputs of all statistics.
    pub fn outputs(&self) -> Vec<String> {
        self.estimators.iter().flat_map(Estimator::outputs).collect()
    }

    /// How many numbers a replicate has.
    fn width(&self) -> usize {
        let outputs: usize = self.estimators.iter().map(Estimator::count).sum();
        if self.variance.is_some() { 2 * outputs } else { outputs }
    }

    /// Hands each statistic the part of `out` that belongs to it.
    fn each<'a>(
        &'a self,
        mut out: &mut [f64],
        mut body: impl FnMut(&'a Estimator, &mut [f64]) -> Result<()>,
    ) -> Result<()> {
        for estimator in &self.estimators {
            let (own, rest) = out.split_at_mut(estimator.count());
            own.fill(f64::NAN);
            body(estimator, own)?;
            out = rest;
        }
        Ok(())
    }

    /// The statistics of the data.
    ///
    /// # Errors
    /// Those of a statistic.
    pub fn estimates(&self) -> Result<Vec<f64>> {
        let mut estimates = vec![f64::NAN; self.outputs().len()];
        self.each(&mut estimates, |estimator, out| {
            estimator.statistic.evaluate(&Sample::new(&self.table, &estimator.columns), out)
        })?;
        Ok(estimates)
    }

    /// The standard errors of the statistics of the data, from influence values; NaN for a statistic without them.
    ///
    /// # Errors
    /// Those of a statistic.
    pub fn standard_errors(&self) -> Result<Vec<f64>> {
        let mut errors = vec![f64::NAN; self.outputs().len()];
        self.each(&mut errors, |estimator, out| {
            let sample = Sample::new(&self.table, &estimator.columns);
            (0..out.len()).try_for_each(|output| {
                out[output] = standard_error(&*estimator.statistic, &sample, output)?;
                Ok(())
            })
        })?;
        Ok(errors)
    }

    /// Checks that the parts fit each other.
    ///
    /// # Errors
    /// Says what doesn't: no statistic, doubled names, counts of 0, weights for a statistic that doesn't heed them.
    pub fn check(&self) -> Result<()> {
        if self.estimators.is_empty() {
            return Err(Error::other("there is no statistic"));
        }
        if self.resamples == 0 || self.batch == 0 {
            return Err(Error::other("resamples and batch must be at least 1"));
        }
        let outputs = self.outputs();
        if let Some(name) = outputs.iter().enumerate().find_map(|(i, name)| outputs[..i].contains(name).then_some(name))
        {
            return Err(Error::other(format!("the statistic {name} is there twice")));
        }
        let rows = !matches!(self.scheme, Scheme::Bayesian | Scheme::Parametric { .. } | Scheme::Smoothed { .. });
        if self.jackknife_after && !rows {
            return Err(Error::other("the jackknife after the bootstrap needs a scheme that draws rows"));
        }
        match self.scheme {
            Scheme::Stratified { strata } if scheme::groups(&self.table, strata).iter().all(|rows| rows.len() == 1) => {
                return Err(Error::other("every stratum has one row: nothing varies when it is drawn again"));
            }
            Scheme::Clustered { clusters } if scheme::groups(&self.table, clusters).len() < 2 => {
                return Err(Error::other("there is one cluster: nothing varies when it is drawn again"));
            }
            _ => (),
        }
        let unheeding = self.estimators.iter().find(|estimator| !estimator.statistic.heeds_weights());
        match unheeding.filter(|_| self.scheme == Scheme::Bayesian) {
            Some(Estimator { name, .. }) => {
                Err(Error::other(format!("the scheme gives weights, which the statistic {name} doesn't heed")))
            }
            None => Ok(()),
        }
    }
}

/// The standard error of an output by the infinitesimal jackknife: √(Σ w l²) / Σ w; NaN without influence values.
fn standard_error(statistic: &dyn Statistic, sample: &Sample<'_>, output: usize) -> Result<f64> {
    let mut influence = vec![0.0; sample.rows()];
    if !statistic.influence(sample, output, &mut influence)? {
        return Ok(f64::NAN);
    }
    Ok(sample.sum(|row| influence[row] * influence[row]).sqrt() / sample.size())
}
