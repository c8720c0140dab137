//! Rejection until enough draws are accepted.

use super::{Draw, Means, Problem, Recorder, Simulator, Tally};
use crate::error::Result;
use crate::farm::{self, Account, Fold, Work, floats};
use crate::stream::Stream;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What a task has found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// How many simulations the task had.
    pub simulations: u32,
    /// How many of them had a summary that is not finite.
    pub nonfinite: u32,
    pub accepted: Vec<Accepted>,
    /// For each accepted draw: the parameters, the differences, and the distance if there is one.
    #[serde(with = "floats")]
    pub values: Vec<f64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Accepted {
    pub simulation: u32,
    /// How many simulations before this one had a summary that is not finite.
    pub nonfinite: u32,
}

/// Where the parts of a row of [`Found::values`] are.
#[derive(Clone, Copy)]
pub(super) struct Row {
    parameters: usize,
    summaries: usize,
    metric: bool,
}

impl Row {
    pub fn of<S>(problem: &Problem<S>) -> Self {
        Row {
            parameters: problem.prior.components().len(),
            summaries: problem.observed.len(),
            metric: problem.acceptance.metric().is_some(),
        }
    }

    pub fn width(&self) -> usize {
        self.parameters + self.summaries + usize::from(self.metric)
    }

    pub fn draw<'a>(&self, task: u64, simulation: u32, row: &'a [f64]) -> Draw<'a> {
        let (theta, rest) = row.split_at(self.parameters);
        let (difference, distance) = rest.split_at(self.summaries);
        Draw { task, simulation, theta, difference, distance: distance.first().copied() }
    }
}

/// Simulates `count` draws and hands each with finite summaries, and a finite distance where there is a metric, to
/// `visit`: number, parameters, differences and distance. Returns how many were not finite.
pub(super) fn simulate<S: Simulator>(
    problem: &Problem<S>,
    count: u32,
    stream: &mut Stream,
    mut visit: impl FnMut(Accepted, &[f64], &[f64], Option<f64>),
) -> Result<u32> {
    let (parameters, summaries) = (problem.prior.components().len(), problem.observed.len());
    let mut theta = vec![0.0; parameters * S::TOGETHER];
    let mut difference = vec![0.0; summaries * S::TOGETHER];
    let mut nonfinite = 0;
    for first in (0..count).step_by(S::TOGETHER) {
        theta.chunks_exact_mut(parameters).for_each(|theta| problem.prior.sample(stream, theta));
        // What the simulator doesn't write must not be what an earlier simulation wrote.
        difference.fill(f64::NAN);
        problem.simulator.simulate_together(&theta, stream, &mut difference)?;
        let rows = theta.chunks_exact(parameters).zip(difference.chunks_exact_mut(summaries));
        for (simulation, (theta, difference)) in (first..count).zip(rows) {
            match measure(problem, difference) {
                Some(distance) => visit(Accepted { simulation, nonfinite }, theta, difference, distance),
                None => nonfinite += 1,
            }
        }
    }
    Ok(nonfinite)
}

/// Makes differences of summaries, and gives the distance, if there is a metric; `None` if anything is not finite.
pub(super) fn measure<S>(problem: &Problem<S>, summary: &mut [f64]) -> Option<Option<f64>> {
    let mut finite = true;
    for (value, observed) in summary.iter_mut().zip(&problem.observed) {
        *value -= observed;
        finite &= value.is_finite();
    }
    let distance = problem.acceptance.metric().map(|metric| metric.distance(summary));
    (finite && distance.is_none_or(f64::is_finite)).then_some(distance)
}

/// The tasks of the sampling phase.
pub(super) struct Simulations<S>(pub Arc<Problem<S>>);

impl<S: Simulator> Work for Simulations<S> {
    type Output = Found;

    fn run(&self, task: u64, stream: &mut Stream) -> Result<Found> {
        let problem = &*self.0;
        let simulations = problem.batch_of(task, problem.limit());
        let mut found = Found { simulations, ..Found::default() };
        let Found { accepted, values, .. } = &mut found;
        found.nonfinite = simulate(problem, simulations, stream, |draw, theta, difference, distance| {
            if problem.acceptance.accepts(difference, distance) {
                accepted.push(draw);
                values.extend(theta.iter().chain(difference).chain(&distance));
            }
        })?;
        Ok(found)
    }
}

/// Draws until as many as the problem wants are accepted.
pub(super) fn sample<S: Simulator>(
    world: &World,
    problem: &Arc<Problem<S>>,
    means: Means,
    recorder: &mut impl Recorder,
) -> Result<(Tally, Account)> {
    let plan = problem.plan(means);
    let mut fold = UntilEnough::new(Row::of(problem), problem.draws, recorder);
    let account = farm::run(world, &plan, &Arc::new(Simulations(Arc::clone(problem))), &mut fold)?;
    Ok((fold.tally, account))
}

pub(super) struct UntilEnough<'a, R> {
    row: Row,
    wanted: u64,
    tasks: u64,
    pub tally: Tally,
    recorder: &'a mut R,
}

impl<'a, R> UntilEnough<'a, R> {
    pub fn new(row: Row, wanted: u64, recorder: &'a mut R) -> Self {
        UntilEnough { row, wanted, tasks: 0, tally: Tally::default(), recorder }
    }
}

impl<R: Recorder> Fold<Found> for UntilEnough<'_, R> {
    fn fold(&mut self, task: u64, found: Found) -> Result<ControlFlow<()>> {
        let before = self.tally;
        for (accepted, row) in found.accepted.iter().zip(found.values.chunks_exact(self.row.width())) {
            self.recorder.record(&self.row.draw(task, accepted.simulation, row))?;
            self.tally = Tally {
                accepted: self.tally.accepted + 1,
                simulations: before.simulations + u64::from(accepted.simulation) + 1,
                nonfinite: before.nonfinite + u64::from(accepted.nonfinite),
            };
            if self.tally.accepted == self.wanted {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.tasks += 1;
        self.tally.simulations = before.simulations + u64::from(found.simulations);
        self.tally.nonfinite = before.nonfinite + u64::from(found.nonfinite);
        Ok(ControlFlow::Continue(()))
    }

    fn remaining(&self) -> Option<u64> {
        let missing = (self.wanted - self.tally.accepted) as f64;
        // An estimate: too large a float becomes the largest integer.
        (self.tally.accepted > 0).then(|| (missing * self.tasks as f64 / self.tally.accepted as f64).ceil() as u64)
    }

    fn tick(&mut self) {
        self.recorder.progress(&self.tally, self.tally.accepted, self.wanted);
    }
}
