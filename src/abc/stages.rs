//! ABC in stages, each of which can run somewhere else: simulate, judge, collect. Together they do what
//! [`sample`](super::sample) does, with the same draws.

use super::rejection::{Accepted, Found, Row, UntilEnough, measure};
use super::{Acceptance, Means, Problem, Recorder, SAMPLE, Simulator, Tally};
use crate::checkpoint::{Keeper, Kept};
use crate::error::{Error, Result};
use crate::farm::Fold;
use crate::stream::{Stream, Streams};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// A simulator whose data can be summarised apart from their simulation: [`simulate`](Simulator::simulate) has to do
/// what [`sample`](Self::sample) and [`summarise`](Self::summarise) do one after the other, to the last bit.
pub trait Staged: Simulator {
    /// What is simulated.
    type Sample: Serialize + DeserializeOwned;

    /// Simulates data for `theta` with the numbers of `stream`.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn sample(&self, theta: &[f64], stream: &mut Stream) -> Result<Self::Sample>;

    /// The data of [`TOGETHER`](Simulator::TOGETHER) simulations: those that
    /// [`simulate_together`](Simulator::simulate_together) summarises.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn sample_together(&self, theta: &[f64], stream: &mut Stream) -> Result<Vec<Self::Sample>> {
        Ok(vec![self.sample(theta, stream)?])
    }

    /// Writes the summaries of a sample that was made for `theta`. `summary` comes filled with NaN.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn summarise(&self, theta: &[f64], sample: &Self::Sample, summary: &mut [f64]) -> Result<()>;
}

/// The data of a task's simulations.
#[derive(Debug, Serialize, Deserialize)]
pub struct Simulated<T> {
    task: u64,
    /// The parameters of all simulations, one after the other.
    theta: Vec<f64>,
    samples: Vec<T>,
}

/// What a task has found.
#[derive(Debug, Serialize, Deserialize)]
pub struct Judged {
    task: u64,
    found: Found,
}

impl<S: Staged> Problem<S> {
    /// Whether the stages can do it.
    ///
    /// # Errors
    /// When its draws are accepted by other means than tolerances.
    pub fn check_stages(&self) -> Result<()> {
        match self.acceptance {
            Acceptance::Best { .. } => {
                Err(Error::other("the nearest of all can't be found in stages: give a tolerance"))
            }
            _ => Ok(()),
        }
    }

    /// The streams of the sampling phase: each task has one. They take a while to prepare.
    pub fn streams(&self) -> Streams {
        Streams::new(self.seed, SAMPLE)
    }

    /// The first stage: simulates the data of a task with the numbers of its stream.
    ///
    /// # Errors
    /// Those of the simulator.
    pub fn simulate_task(&self, task: u64, stream: &mut Stream) -> Result<Simulated<S::Sample>> {
        let count = self.batch_of(task, self.limit());
        let parameters = self.prior.components().len();
        let together = count.next_multiple_of(S::TOGETHER as u32) as usize;
        let mut theta = vec![0.0; parameters * together];
        let mut samples = Vec::with_capacity(together);
        for theta in theta.chunks_exact_mut(parameters * S::TOGETHER) {
            theta.chunks_exact_mut(parameters).for_each(|theta| self.prior.sample(stream, theta));
            samples.extend(self.simulator.sample_together(theta, stream)?);
        }
        theta.truncate(parameters * count as usize);
        samples.truncate(count as usize);
        Ok(Simulated { task, theta, samples })
    }

    /// The second stage: summarises the data, and accepts what is near the observed ones.
    ///
    /// # Errors
    /// Those of the simulator.
    pub fn judge(&self, simulated: &Simulated<S::Sample>) -> Result<Judged> {
        let Simulated { task, theta, samples } = simulated;
        let mut found = Found { simulations: samples.len() as u32, ..Found::default() };
        let mut difference = vec![0.0; self.observed.len()];
        let thetas = theta.chunks_exact(self.prior.components().len());
        for ((simulation, theta), sample) in (0..).zip(thetas).zip(samples) {
            difference.fill(f64::NAN);
            self.simulator.summarise(theta, sample, &mut difference)?;
            match measure(self, &mut difference) {
                None => found.nonfinite += 1,
                Some(distance) if self.acceptance.accepts(&difference, distance) => {
                    found.accepted.push(Accepted { simulation, nonfinite: found.nonfinite });
                    found.values.extend(theta.iter().chain(&difference).chain(&distance));
                }
                Some(_) => (),
            }
        }
        Ok(Judged { task: *task, found })
    }
}

/// The third stage: hands accepted draws to a recorder in the order of their numbers, in whatever order tasks come, and
/// keeps what comes as [`sample`](super::sample) does: each can go on from the other's checkpoint.
pub struct Collector<'a, R> {
    keeper: Keeper,
    fold: UntilEnough<'a, R>,
    next: u64,
    waiting: BTreeMap<u64, Found>,
}

impl<'a, R: Recorder> Collector<'a, R> {
    /// For the draws of a problem; takes at once what was found before. Breaks when that is enough.
    ///
    /// # Errors
    /// Those of the recorder and of the checkpoint.
    pub fn begin<S>(problem: &Problem<S>, keeper: Keeper, recorder: &'a mut R) -> Result<(Self, ControlFlow<()>)> {
        let fold = UntilEnough::new(Row::of(problem), problem.draws, recorder);
        keeper.begin(&problem.plan(Means::default()).kept_as())?;
        let mut collector = Collector { keeper: keeper.clone(), fold, next: 0, waiting: BTreeMap::new() };
        while let Some(Kept { task, output, .. }) = keeper.next_kept()? {
            if collector.insert(task, postcard::from_bytes(&output)?)?.is_break() {
                return Ok((collector, ControlFlow::Break(())));
            }
        }
        Ok((collector, ControlFlow::Continue(())))
    }

    /// Takes a task; breaks when enough draws are accepted.
    ///
    /// # Errors
    /// Those of the recorder and of the checkpoint.
    pub fn take(&mut self, judged: Judged) -> Result<ControlFlow<()>> {
        let Judged { task, found } = judged;
        if self.keeper.is_there() {
            self.keeper.keep(task, &postcard::to_stdvec(&found)?, &[])?;
        }
        self.insert(task, found)
    }

    fn insert(&mut self, task: u64, found: Found) -> Result<ControlFlow<()>> {
        self.waiting.insert(task, found);
        while let Some(found) = self.waiting.remove(&self.next) {
            self.next += 1;
            if self.fold.fold(self.next - 1, found)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.fold.tick();
        Ok(ControlFlow::Continue(()))
    }

    /// The first task that has not come yet.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The tasks after that one that have come, in ascending order.
    pub fn waiting(&self) -> impl Iterator<Item = u64> {
        self.waiting.keys().copied()
    }

    /// What has been found up to now.
    pub fn tally(&self) -> Tally {
        self.fold.tally
    }
}
