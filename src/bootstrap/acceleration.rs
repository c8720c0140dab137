//! The acceleration of BCa intervals: how the standard error changes with the parameter (Efron 1987).
//!
//! From values l of the rows, a = Σ l³ / 6 (Σ l²)^(3/2). By the jackknife l is the mean of the leave-one-out estimates
//! minus that without the row, by the infinitesimal jackknife the row's influence value. With several strata each has
//! a mean of its own, and counts with (n_h − 1) / n_h (as SciPy has it). With clusters, whole clusters are left out.

use super::{Estimator, JACKKNIFE, Means, Problem, Sample, Scheme, Table};
use crate::error::{Error, Result};
use crate::farm::{self, Account, Fold, Plan, Work};
use crate::stream::{Stream, Streams};
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Where the acceleration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acceleration {
    /// Every row left out in turn: as many evaluations as there are rows.
    Jackknife,
    /// Influence values: one pass over the data, for statistics that have them.
    Infinitesimal,
    /// So many rows, drawn at random, left out in turn: for large data.
    Subsample(u32),
}

/// Up to so many rows, each is left out in turn where nothing else is asked for; and so many are drawn of more.
const FEW: u32 = 1000;

impl Acceleration {
    /// What suits the size of the data: the jackknife for up to 1000 rows, and a subsample of as many for more.
    pub fn for_rows(rows: usize) -> Self {
        if rows <= FEW as usize { Acceleration::Jackknife } else { Acceleration::Subsample(FEW) }
    }

    /// Its name, as in a run file.
    pub fn name(self) -> &'static str {
        match self {
            Acceleration::Jackknife => "jackknife",
            Acceleration::Infinitesimal => "infinitesimal",
            Acceleration::Subsample(_) => "subsample",
        }
    }
}

/// The acceleration of every output; every rank calls it, and root gets the values. NaN for an output without
/// variance.
///
/// # Errors
/// A scheme that has no such acceleration (blocks, new rows), a statistic without influence values, errors of a
/// statistic. All ranks learn of it.
pub fn acceleration(
    world: &World,
    problem: &Arc<Problem>,
    means: Means,
    by: Acceleration,
) -> Result<(Vec<f64>, Account)> {
    if by == Acceleration::Infinitesimal {
        return Ok((world.agree(infinitesimal(problem))?, Account::default()));
    }
    let (left_out, account) = leave_one_out(world, problem, means, by)?;
    Ok((left_out.accelerations(), account))
}

/// The statistics without each row in turn (or each cluster, or those of a subsample). Every rank calls it; root gets the
/// values.
///
/// # Errors
/// A scheme whose rows aren't drawn singly, by strata or by clusters; errors of a statistic. All ranks learn of it.
pub fn leave_one_out(
    world: &World,
    problem: &Arc<Problem>,
    means: Means,
    by: Acceleration,
) -> Result<(LeaveOneOut, Account)> {
    let units = world.agree(Units::of(problem))?;
    let chosen = match by {
        Acceleration::Subsample(rows) => units.subsample(rows as usize, problem.seed),
        _ => (0..units.count() as u32).collect(),
    };
    let outputs = problem.outputs().len();
    let batch = ((1 << 17) / problem.table.rows()).clamp(1, 1024);
    let tasks = chosen.len().div_ceil(batch) as u64;
    let work = Arc::new(LeaveOut { problem: Arc::clone(problem), units: units.clone(), chosen: chosen.clone(), batch });
    let plan = Plan { seed: problem.seed, phase: JACKKNIFE, first: 0, tasks, cycle: None, means };
    let mut fold = Collected(Vec::new());
    let account = farm::run(world, &plan, &work, &mut fold)?;
    Ok((LeaveOneOut { units, chosen, outputs, values: fold.0 }, account))
}

/// The statistics without each of some units: rows, or whole clusters.
pub struct LeaveOneOut {
    units: Units,
    chosen: Vec<u32>,
    outputs: usize,
    /// For each unit, every output without it.
    values: Vec<f64>,
}

impl LeaveOneOut {
    fn output(&self, number: usize) -> Vec<f64> {
        self.values.iter().skip(number).step_by(self.outputs).copied().collect()
    }

    /// The acceleration of every output, on root.
    pub fn accelerations(&self) -> Vec<f64> {
        match self.values.is_empty() {
            true => Vec::new(), // not on root
            false => (0..self.outputs).map(|output| self.skewness(output) / 6.0).collect(),
        }
    }

    /// The jackknife influence values (n − 1)(mean − value without a unit) of an output, within each stratum.
    pub fn influence(&self, output: usize) -> Vec<f64> {
        let value = |(size, mean, value): (f64, f64, f64)| (size - 1.0) * (mean - value);
        self.units.within(&self.chosen, &self.output(output)).map(value).collect()
    }

    /// The jackknife estimate of bias, Σ (n − 1)(mean − estimate) over the strata.
    pub fn bias(&self, output: usize, estimate: f64) -> f64 {
        let share = |(size, mean, _): (f64, f64, f64)| (size - 1.0) / size * (mean - estimate);
        self.units.within(&self.chosen, &self.output(output)).map(share).sum()
    }

    /// The jackknife estimate of the standard error, √(Σ (n − 1) / n Σ (value − mean)²) over the strata.
    pub fn standard_error(&self, output: usize) -> f64 {
        let square = |(size, mean, value): (f64, f64, f64)| (size - 1.0) / size * (value - mean) * (value - mean);
        self.units.within(&self.chosen, &self.output(output)).map(square).sum::<f64>().sqrt()
    }

    /// Σ l³ / (Σ l²)^(3/2) over all units.
    fn skewness(&self, output: usize) -> f64 {
        let (mut squares, mut cubes) = (0.0, 0.0);
        for (size, mean, value) in self.units.within(&self.chosen, &self.output(output)) {
            let l = (mean - value) * (size - 1.0) / size;
            squares += l * l;
            cubes += l * l * l;
        }
        // Of a subsample the sums stand for those over all units.
        let share = self.chosen.len() as f64 / self.units.count() as f64;
        if squares > 0.0 { cubes / (squares * squares.sqrt()) * share.sqrt() } else { f64::NAN }
    }
}

/// Σ l³ / 6 (Σ l²)^(3/2) for the influence values l.
fn infinitesimal(problem: &Problem) -> Result<Vec<f64>> {
    let mut accelerations = vec![f64::NAN; problem.outputs().len()];
    let mut influence = vec![0.0; problem.table.rows()];
    problem.each(&mut accelerations, |estimator, out| {
        let sample = Sample::new(&problem.table, &estimator.columns);
        for (output, acceleration) in out.iter_mut().enumerate() {
            if !estimator.statistic.influence(&sample, output, &mut influence)? {
                let name = &estimator.name;
                return Err(Error::other(format!("{name} has no influence values; take acceleration = \"jackknife\"")));
            }
            let sum = |power: i32| influence.iter().map(|l| (1..power).fold(*l, |product, _| product * l)).sum::<f64>();
            let squares = sum(2);
            *acceleration = sum(3) / (6.0 * squares * squares.sqrt());
        }
        Ok(())
    })?;
    Ok(accelerations)
}

/// What is left out: rows, or whole clusters.
#[derive(Clone)]
struct Units {
    rows: usize,
    clusters: Option<Vec<Vec<u32>>>,
    /// The stratum of each unit, where there are several.
    strata: Option<Vec<usize>>,
}

impl Units {
    fn of(problem: &Problem) -> Result<Self> {
        let rows = problem.table.rows();
        let plain = Units { rows, clusters: None, strata: None };
        Ok(match problem.scheme {
            Scheme::Ordinary | Scheme::Balanced | Scheme::Bayesian => plain,
            Scheme::Clustered { clusters } => {
                Units { clusters: Some(super::scheme::groups(&problem.table, clusters)), ..plain }
            }
            Scheme::Stratified { strata } => {
                let mut stratum = vec![0; rows];
                for (number, group) in super::scheme::groups(&problem.table, strata).iter().enumerate() {
                    group.iter().for_each(|row| stratum[*row as usize] = number);
                }
                Units { strata: Some(stratum), ..plain }
            }
            _ => return Err(Error::other("BCa needs rows that are drawn singly, or by strata or clusters")),
        })
    }

    fn count(&self) -> usize {
        self.clusters.as_ref().map_or(self.rows, Vec::len)
    }

    fn stratum(&self, unit: u32) -> usize {
        self.strata.as_ref().map_or(0, |strata| strata[unit as usize])
    }

    /// Sets the counts of a unit's rows to 0, and tells how many they are.
    fn leave_out(&self, unit: u32, counts: &mut [f64]) -> usize {
        let rows = self.clusters.as_ref().map_or(std::slice::from_ref(&unit), |clusters| &clusters[unit as usize]);
        rows.iter().for_each(|row| counts[*row as usize] = 0.0);
        rows.len()
    }

    /// Units without replacement, in ascending order (Floyd's algorithm; Bentley and Floyd 1987).
    fn subsample(&self, wanted: usize, seed: u64) -> Vec<u32> {
        let count = self.count();
        let mut stream = Streams::new(seed, JACKKNIFE).stream(u64::MAX); // no task has this number
        let mut chosen = BTreeSet::new();
        for last in count.saturating_sub(wanted)..count {
            let unit = stream.index(last as u64 + 1) as u32; // a table has fewer than 2^32 rows
            chosen.insert(if chosen.contains(&unit) { last as u32 } else { unit });
        }
        chosen.into_iter().collect()
    }

    /// For each of the chosen units: how many of them its stratum has, the mean over these, and its own value.
    fn within(&self, chosen: &[u32], values: &[f64]) -> impl Iterator<Item = (f64, f64, f64)> {
        let strata = chosen.iter().map(|unit| self.stratum(*unit)).max().unwrap_or(0) + 1;
        let (mut sums, mut sizes) = (vec![0.0; strata], vec![0.0; strata]);
        for (unit, value) in chosen.iter().zip(values) {
            sums[self.stratum(*unit)] += value;
            sizes[self.stratum(*unit)] += 1.0;
        }
        chosen.iter().zip(values).map(move |(unit, value)| {
            let stratum = self.stratum(*unit);
            (sizes[stratum], sums[stratum] / sizes[stratum], *value)
        })
    }
}

/// Estimates without a unit.
struct LeaveOut {
    problem: Arc<Problem>,
    units: Units,
    chosen: Vec<u32>,
    batch: usize,
}

impl Work for LeaveOut {
    type Output = Vec<f64>;

    fn run(&self, task: u64, _: &mut Stream) -> Result<Vec<f64>> {
        let table = &*self.problem.table;
        let first = task as usize * self.batch;
        let chosen = &self.chosen[first..(first + self.batch).min(self.chosen.len())];
        let outputs = self.problem.outputs().len();
        let mut values = vec![0.0; chosen.len() * outputs];
        let mut counts = vec![1.0; table.rows()];
        let mut own = Table::default();
        for (unit, out) in chosen.iter().zip(values.chunks_exact_mut(outputs)) {
            counts.fill(1.0);
            let left_out = self.units.leave_out(*unit, &mut counts);
            if self.problem.estimators.iter().any(|estimator| !estimator.statistic.heeds_weights()) {
                let left = (0..table.rows() as u32).filter(|row| counts[*row as usize] > 0.0).collect::<Vec<_>>();
                own.take_rows(table, &left);
            }
            let sample = |estimator: &'_ Estimator| match estimator.statistic.heeds_weights() {
                true => Sample::new(table, &[]).counted(&counts, table.rows() - left_out),
                false => Sample::new(&own, &[]),
            };
            self.problem.each(out, |estimator, out| {
                estimator.statistic.evaluate(&sample(estimator).of(&estimator.columns), out)
            })?;
        }
        Ok(values)
    }
}

struct Collected(Vec<f64>);

impl Fold<Vec<f64>> for Collected {
    fn fold(&mut self, _: u64, values: Vec<f64>) -> Result<ControlFlow<()>> {
        self.0.extend(values);
        Ok(ControlFlow::Continue(()))
    }
}
