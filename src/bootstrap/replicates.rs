//! Replicates: the statistics of resamples, made over all ranks.

use super::row_sums::RowSums;
use super::scheme::{Drawn, Resampler, Space};
use super::{Means, Problem, REPLICATE, Sample, Variance};
use crate::error::Result;
use crate::farm::{self, Account, Fold, Plan, Work, floats};
use crate::stream::Stream;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What the statistics of a number of resamples came to, held on root.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replicates {
    /// A row for each resample: every output, and after all of them, if asked for, every output's standard error
    /// within the resample.
    pub values: Vec<f64>,
    /// How many numbers a row has.
    pub width: usize,
    /// If asked for, what is known of the resamples without a certain row, for each row and output.
    pub without: Vec<Without>,
}

/// The replicates of those resamples in which a certain row is not (Efron 1992, "Jackknife-after-bootstrap standard
/// errors and influence functions").
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Without {
    /// How many there are.
    pub count: f64,
    /// The sum of their differences from the estimate.
    pub sum: f64,
    /// The sum of the squares of those.
    pub squares: f64,
}

impl Without {
    fn add(&mut self, other: &Without) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// The mean of the replicates, minus the estimate: the bias that is found without the row.
    pub fn bias(&self) -> f64 {
        self.sum / self.count
    }

    /// The standard deviation of the replicates.
    pub fn standard_error(&self) -> f64 {
        ((self.squares - self.sum * self.sum / self.count) / (self.count - 1.0)).sqrt()
    }
}

impl Replicates {
    /// How many resamples there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// One number of every row.
    pub fn column(&self, number: usize) -> impl Iterator<Item = f64> {
        self.values.iter().skip(number).step_by(self.width.max(1)).copied()
    }
}

/// Decides, as replicates come in, whether there are enough; and hears how far it is.
pub trait Watch {
    /// At how many replicates to ask [`enough`](Self::enough) next, if at any count. Must not depend on anything but
    /// the replicates.
    fn next_check(&self) -> Option<u64> {
        None
    }

    /// Whether these replicates are enough.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn enough(&mut self, _replicates: &Replicates) -> Result<bool> {
        Ok(false)
    }

    /// Called again and again while the ranks work: how many replicates there are.
    fn progress(&mut self, _done: u64) {}
}

/// Makes replicates over all ranks: as many as the problem asks for, or fewer when `watch` has enough. `known` are
/// those of an earlier run of the same problem, on root; they are not made again. Every rank calls it; only root gets
/// replicates.
///
/// # Errors
/// A scheme that doesn't fit the data; errors of a statistic or of `watch`, and a panic of either. All ranks learn of it.
pub fn replicate(
    world: &World,
    problem: &Arc<Problem>,
    means: Means,
    known: Replicates,
    watch: &mut impl Watch,
) -> Result<(Replicates, Account)> {
    replicate_in(world, REPLICATE, problem, means, known, watch)
}

/// The same in another phase of the run.
pub(super) fn replicate_in(
    world: &World,
    phase: u16,
    problem: &Arc<Problem>,
    means: Means,
    known: Replicates,
    watch: &mut impl Watch,
) -> Result<(Replicates, Account)> {
    let work = world.agree(Resampling::of(problem))?;
    let batch = u64::from(problem.batch);
    // A task is made again as a whole, and what was known of it is replaced.
    let first = world.on_root(|| Ok((known.len() as u64).min(problem.resamples) / batch))?;
    let tasks = problem.resamples.div_ceil(batch);
    let plan = Plan { seed: problem.seed, phase, first, tasks, cycle: None, means };
    let mut replicates = Replicates { width: problem.width(), ..known };
    replicates.values.truncate((first * batch) as usize * replicates.width);
    let mut fold = Collected { replicates, resamples: problem.resamples, batch, watch };
    let account = farm::run(world, &plan, &Arc::new(work), &mut fold)?;
    Ok((fold.replicates, account))
}

/// What a task has made.
#[derive(Serialize, Deserialize)]
struct Made {
    #[serde(with = "floats")]
    values: Vec<f64>,
    without: Vec<Without>,
}

/// The tasks that make replicates.
struct Resampling {
    problem: Arc<Problem>,
    resampler: Resampler,
    /// The estimates from the data.
    estimates: Vec<f64>,
    /// Where sums over the drawn rows are enough.
    sums: Option<RowSums>,
    /// Whether a statistic wants the drawn rows themselves.
    wants_rows: bool,
}

impl Resampling {
    fn of(problem: &Arc<Problem>) -> Result<Self> {
        let resampler = Resampler::new(problem.scheme.clone(), &problem.table, problem.resamples, problem.seed)?;
        let wants_rows = problem.estimators.iter().any(|estimator| !estimator.statistic.heeds_weights());
        let (problem, estimates) = (Arc::clone(problem), problem.estimates()?);
        Ok(Resampling { resampler, estimates, sums: RowSums::of(&problem), wants_rows, problem })
    }
}

thread_local! {
    /// Kept from task to task, so that a replicate allocates nothing.
    static SPACE: RefCell<Space> = RefCell::default();
}

impl Work for Resampling {
    type Output = Made;

    fn run(&self, task: u64, stream: &mut Stream) -> Result<Made> {
        let problem = &*self.problem;
        let batch = u64::from(problem.batch);
        let first = task * batch;
        let count = batch.min(problem.resamples - first);
        let left_out = if problem.jackknife_after { problem.table.rows() * self.estimates.len() } else { 0 };
        let mut without = vec![Without::default(); left_out];
        SPACE.with_borrow_mut(|space| {
            space.begin();
            if let Some(sums) = &self.sums {
                let values = sums.replicate(problem, count as usize, stream, space)?;
                return Ok(Made { values, without });
            }
            let mut values = vec![0.0; count as usize * problem.width()];
            for (replicate, row) in (first..).zip(values.chunks_exact_mut(problem.width())) {
                let drawn = self.resampler.draw(&problem.table, replicate, self.wants_rows, stream, space);
                let sample = Resample::of(problem, drawn, self.wants_rows, space);
                let (outputs, errors) = row.split_at_mut(self.estimates.len());
                sample.evaluate(problem, outputs)?;
                if problem.jackknife_after {
                    sample.note_missing(outputs, &self.estimates, &mut without);
                }
                match problem.variance {
                    None => (),
                    Some(Variance::Influence) => sample.standard_errors(problem, errors)?,
                    Some(Variance::Nested { resamples }) => sample.nested(problem, resamples, stream, errors)?,
                }
            }
            Ok(Made { values, without })
        })
    }
}

/// A resample, in the forms that its statistics want.
struct Resample<'a> {
    /// The original rows with their weights, unless the resample has rows of its own.
    weighted: Option<Sample<'a>>,
    /// The drawn rows themselves, unless nobody wants them.
    own: Option<&'a crate::bootstrap::Table>,
}

impl<'a> Resample<'a> {
    /// The one place that decides between counts and rows: a statistic that heeds weights is given the original rows
    /// with counts, which saves copying all columns and keeps their sorted order; others are given the drawn rows.
    fn of(problem: &'a Problem, drawn: Drawn, wants_rows: bool, space: &'a mut Space) -> Self {
        let table = &*problem.table;
        let all = Sample::new(table, &[]);
        match drawn {
            Drawn::Table => Resample { weighted: None, own: Some(&space.table) },
            Drawn::Counts => Resample { weighted: Some(all.counted(&space.weights, table.rows())), own: None },
            Drawn::Weights => Resample { weighted: Some(all.weighted(&space.weights)), own: None },
            Drawn::Rows => {
                if wants_rows {
                    space.table.take_rows(table, &space.rows);
                }
                space.weights.clear();
                space.weights.resize(table.rows(), 0.0);
                space.rows.iter().for_each(|row| space.weights[*row as usize] += 1.0);
                let weighted = all.counted(&space.weights, space.rows.len());
                Resample { weighted: Some(weighted), own: wants_rows.then_some(&space.table) }
            }
        }
    }

    fn sample(&self, estimator: &'a super::Estimator) -> Sample<'a> {
        match (self.weighted, self.own) {
            (Some(weighted), _) if estimator.statistic.heeds_weights() => weighted.of(&estimator.columns),
            (_, Some(own)) => Sample::new(own, &estimator.columns),
            // A problem's check refuses weights for a statistic that doesn't heed them.
            (weighted, None) => {
                weighted.map_or_else(|| unreachable!("a resample has a form"), |all| all.of(&estimator.columns))
            }
        }
    }

    fn evaluate(&self, problem: &'a Problem, out: &mut [f64]) -> Result<()> {
        problem.each(out, |estimator, out| estimator.statistic.evaluate(&self.sample(estimator), out))
    }

    /// Adds the outputs to what is known of every row that is not in the resample.
    fn note_missing(&self, outputs: &[f64], estimates: &[f64], without: &mut [Without]) {
        let Some(weights) = self.weighted.and_then(|all| all.weights()) else { return };
        for (weight, known) in weights.iter().zip(without.chunks_exact_mut(outputs.len())) {
            if *weight == 0.0 {
                for ((known, output), estimate) in known.iter_mut().zip(outputs).zip(estimates) {
                    let sum = output - estimate;
                    if sum.is_finite() {
                        known.add(&Without { count: 1.0, sum, squares: sum * sum });
                    }
                }
            }
        }
    }

    /// The standard error of each output, from its influence values within the resample.
    fn standard_errors(&self, problem: &'a Problem, errors: &mut [f64]) -> Result<()> {
        problem.each(errors, |estimator, errors| {
            let sample = self.sample(estimator);
            for (output, error) in errors.iter_mut().enumerate() {
                *error = super::standard_error(&*estimator.statistic, &sample, output)?;
            }
            Ok(())
        })
    }

    /// The standard error of each output, from resamples of the resample: rows drawn from it with replacement.
    fn nested(&self, problem: &'a Problem, resamples: u32, stream: &mut Stream, errors: &mut [f64]) -> Result<()> {
        let width = errors.len();
        let (mut inner, mut rows, mut counts) = (Space::default(), Vec::new(), Vec::new());
        // Row numbers of what the resample consists of.
        let (table, drawn): (&crate::bootstrap::Table, Vec<u32>) =
            match (self.own, self.weighted.and_then(|all| all.weights())) {
                (Some(own), _) => (own, (0..own.rows() as u32).collect()),
                (None, Some(weights)) => {
                    let times = |(row, weight): (usize, &f64)| std::iter::repeat_n(row as u32, *weight as usize);
                    (&problem.table, weights.iter().enumerate().flat_map(times).collect())
                }
                (None, None) => unreachable!("a resample has a form"),
            };
        let mut moments = vec![(0.0, 0.0); width];
        let mut out = vec![0.0; width];
        for _ in 0..resamples {
            rows.resize(drawn.len(), 0);
            stream.fill_index(drawn.len() as u32, &mut rows);
            rows.iter_mut().for_each(|row| *row = drawn[*row as usize]);
            counts.clear();
            counts.resize(table.rows(), 0.0);
            rows.iter().for_each(|row: &u32| counts[*row as usize] += 1.0);
            inner.table.take_rows(table, &rows);
            problem.each(&mut out, |estimator, out| {
                let sample = match estimator.statistic.heeds_weights() {
                    true => Sample::new(table, &estimator.columns).counted(&counts, rows.len()),
                    false => Sample::new(&inner.table, &estimator.columns),
                };
                estimator.statistic.evaluate(&sample, out)
            })?;
            for ((sum, square), value) in moments.iter_mut().zip(&out) {
                *sum += value;
                *square += value * value;
            }
        }
        let n = f64::from(resamples);
        for (error, (sum, square)) in errors.iter_mut().zip(moments) {
            *error = ((square - sum * sum / n) / (n - 1.0)).max(0.0).sqrt();
        }
        Ok(())
    }
}

struct Collected<'a, W> {
    replicates: Replicates,
    resamples: u64,
    batch: u64,
    watch: &'a mut W,
}

impl<W: Watch> Fold<Made> for Collected<'_, W> {
    fn fold(&mut self, _: u64, made: Made) -> Result<ControlFlow<()>> {
        let Replicates { values, without, .. } = &mut self.replicates;
        values.extend(made.values);
        without.resize(made.without.len(), Without::default());
        without.iter_mut().zip(&made.without).for_each(|(all, known)| all.add(known));
        let done = self.replicates.len() as u64;
        let due = self.watch.next_check().is_some_and(|check| done >= check);
        if due && self.watch.enough(&self.replicates)? {
            Ok(ControlFlow::Break(()))
        } else {
            Ok(ControlFlow::Continue(()))
        }
    }

    fn remaining(&self) -> Option<u64> {
        let wanted = self.watch.next_check().unwrap_or(self.resamples).min(self.resamples);
        Some(wanted.saturating_sub(self.replicates.len() as u64).div_ceil(self.batch))
    }

    fn tick(&mut self) {
        self.watch.progress(self.replicates.len() as u64);
    }
}
