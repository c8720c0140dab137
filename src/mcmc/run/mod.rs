//! Many chains over the ranks.

mod cuts;
mod slots;

use self::cuts::{Cuts, MOST_STEPS};
use self::slots::{Return, Slots};
use super::gibbs::Stage;
use super::sampler::{Chain, Recorded, Sampler};
use super::variable;
use crate::error::{Error, Result};
use crate::farm::{self, Account, Fold, Found, Means, Work, floats};
use crate::stream::{Stream, Streams, Walk};
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The phase whose streams belong to chains.
const CHAINS: u16 = 0;
/// The phase whose stream is used to find out how long a step takes.
const PROBE: u16 = 1;

/// A task shall take about so long.
const TASK_TIME: Duration = Duration::from_millis(20);
/// How many chains, how long, and what is recorded of them.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many chains, at least 1.
    pub chains: u64,
    /// Steps of each before the draws that count.
    pub warmup: u64,
    /// Every so-manieth step is recorded, at least 1.
    pub thin: u64,
    /// Whether the warm-up is recorded, too.
    pub save_warmup: bool,
    /// Numbers of recorded draws of each chain, in ascending order: at each but the last, the [`Recorder`] is asked
    /// whether they are enough; the last is the most.
    pub checks: Vec<u64>,
    /// For each chain the values at which it begins, or no values: it begins where its kernel has it.
    pub starts: Vec<Vec<f64>>,
    /// The seed of all random numbers.
    pub seed: u64,
}

/// Consecutive recorded draws of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The chain's number.
    pub chain: u64,
    /// Whether they are from the warm-up.
    pub warm_up: bool,
    /// Their numbers among the chain's draws (of the warm-up, or after it).
    pub draws: Range<u64>,
    /// For each draw the values of all variables.
    pub values: Vec<f64>,
    /// For each draw the kernel's statistics.
    pub statistics: Vec<f64>,
}

/// What root does with draws.
pub trait Recorder {
    /// Takes a segment. Each chain's come in order.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn record(&mut self, segment: Segment) -> Result<()>;

    /// Whether so many draws of each chain, all recorded, are enough.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn enough(&mut self, _draws: u64) -> Result<bool> {
        Ok(false)
    }

    /// Called again and again while the ranks work: how many steps of all chains are done, and of how many at most.
    fn progress(&mut self, _done: u64, _all: u64) {}
}

/// Runs chains over all ranks: chain c on rank c modulo the number of ranks. Every rank calls it with the same sampler
/// and plan; only root's `recorder` is used. Returns on root who spent which time on it.
///
/// # Errors
/// Variables that a result can't hold; errors of the kernel or of the recorder, and a panic of either. All ranks learn of
/// it.
pub fn sample(
    world: &World,
    sampler: &Arc<dyn Sampler>,
    plan: &Plan,
    means: Means,
    recorder: &mut impl Recorder,
) -> Result<Account> {
    world.agree(variable::check(&sampler.variables()))?;
    let steps = world.on_root(|| means.keeper.fact("steps in a task", || steps_in_task(sampler, plan)))?;
    let cuts = Cuts::new(plan, steps);
    let tasks = cuts.segments() * plan.chains;
    let streams = Streams::new(plan.seed, CHAINS);
    // No thread of the rank shall be without a chain.
    let threads = world.size() * means.threads;
    let together = sampler.together().min((plan.chains as usize).div_ceil(threads));
    let (sampler, slots) = (Arc::clone(sampler), Slots::default());
    let work = Arc::new(Chains { sampler, plan: plan.clone(), streams, cuts, slots, together });
    let run = farm::Plan { seed: plan.seed, phase: CHAINS, first: 0, tasks, cycle: Some(plan.chains), means };
    let mut fold = Recording { work: &work, done: 0, recorder };
    farm::run(world, &run, &work, &mut fold)
}

/// How many steps take about [`TASK_TIME`]. Draws do not depend on it.
fn steps_in_task(sampler: &Arc<dyn Sampler>, plan: &Plan) -> Result<u64> {
    let stream = Streams::new(plan.seed, PROBE).stream(0);
    let start = plan.starts.first().map(Vec::as_slice).filter(|start| !start.is_empty());
    let mut chain = Arc::clone(sampler).begin(stream, start)?;
    let begin = Instant::now();
    let mut steps = 0;
    while begin.elapsed() < TASK_TIME / 4 && steps < MOST_STEPS {
        let more = (steps / 2).max(1);
        chain.warm_up(more)?;
        steps += more;
    }
    let rate = steps as f64 / begin.elapsed().as_secs_f64();
    Ok((rate * TASK_TIME.as_secs_f64()) as u64)
}

/// Task t is segment t / chains of chain t mod chains. The chain stays on this rank between its segments.
struct Chains {
    sampler: Arc<dyn Sampler>,
    plan: Plan,
    streams: Streams,
    cuts: Cuts,
    slots: Slots,
    /// Up to how many chains a thread advances side by side.
    together: usize,
}

/// What a task has made.
#[derive(Serialize, Deserialize)]
struct Made {
    #[serde(with = "floats")]
    values: Vec<f64>,
    #[serde(with = "floats")]
    statistics: Vec<f64>,
}

impl Work for Chains {
    type Output = Made;

    fn run(&self, task: u64, _: &mut Stream) -> Result<Made> {
        let (number, segment) = self.place(task);
        let mut found = None;
        self.advance(&[number], segment, false, &mut |mut results| {
            found = results.pop();
            Ok(())
        })?;
        found.map(|(made, _)| made).ok_or_else(|| Error::other("a chain made nothing: a defect"))
    }

    fn together(&self) -> usize {
        self.together
    }

    fn run_all(&self, tasks: &[u64], _: &mut Walk, save: bool, found: Found<'_, Made>) -> Result<()> {
        for tasks in tasks.chunk_by(|a, b| self.place(*a).1 == self.place(*b).1) {
            let numbers: Vec<u64> = tasks.iter().map(|task| self.place(*task).0).collect();
            self.advance(&numbers, self.place(tasks[0]).1, save, found)?; // chunks are not empty
        }
        Ok(())
    }

    fn restore(&self, task: u64, state: &[u8]) -> Result<()> {
        let (number, segment) = self.place(task);
        self.slots.restore(number, segment, Arc::clone(&self.sampler).resume(state)?);
        Ok(())
    }
}

impl Chains {
    /// The chain of a task, and its segment.
    fn place(&self, task: u64) -> (u64, u64) {
        (task % self.plan.chains, task / self.plan.chains)
    }

    /// Makes the same segment of several chains, in ascending order; with `save`, each with the chain as it is after it.
    /// Chains are back, for another thread to take, when their segments have been handed on: a later one never comes
    /// before an earlier one.
    fn advance(&self, numbers: &[u64], segment: u64, save: bool, found: Found<'_, Made>) -> Result<()> {
        let (warm_up, steps) = self.cuts.segment(segment);
        let count = steps.end - steps.start;
        let stage = if warm_up { Stage::WarmUp } else { Stage::Sampling };
        let recorded = if warm_up && !self.plan.save_warmup { 0 } else { (count / self.plan.thin) as usize };
        let width: usize = self.sampler.variables().iter().map(super::Variable::len).sum();
        let statistics_width = self.sampler.statistics().len();
        let mut places = Vec::with_capacity(numbers.len());
        let mut chains = Vec::with_capacity(numbers.len());
        for number in numbers {
            let taken = self.slots.take(*number, segment)?;
            places.push(Return { slots: &self.slots, number: *number, chain: None });
            let values = vec![f64::NAN; width * recorded];
            let statistics = vec![f64::NAN; statistics_width * recorded];
            chains.push((taken.map_or_else(|| self.begin(*number), Ok)?, Made { values, statistics }));
        }
        let mut all = Vec::with_capacity(numbers.len());
        for (chain, Made { values, statistics }) in &mut chains {
            all.push(Recorded { chain: &mut **chain, values, statistics });
        }
        self.sampler.advance(&mut all, stage, count, self.plan.thin)?;
        let mut results = Vec::with_capacity(numbers.len());
        for (place, (chain, made)) in places.iter_mut().zip(chains) {
            results.push((made, if save { chain.save()? } else { Vec::new() }));
            place.chain = Some(chain);
        }
        found(results)
    }

    fn begin(&self, number: u64) -> Result<Box<dyn Chain>> {
        let stream = self.streams.stream(number);
        let start = self.plan.starts.get(number as usize).map(Vec::as_slice).filter(|start| !start.is_empty());
        Arc::clone(&self.sampler).begin(stream, start)
    }
}

/// Hands segments on, and asks at checks.
struct Recording<'a, R> {
    work: &'a Chains,
    /// Steps of all chains that are done.
    done: u64,
    recorder: &'a mut R,
}

impl<R: Recorder> Fold<Made> for Recording<'_, R> {
    fn fold(&mut self, task: u64, made: Made) -> Result<ControlFlow<()>> {
        let Chains { plan, cuts, .. } = self.work;
        let (chain, number) = self.work.place(task);
        let (warm_up, steps) = cuts.segment(number);
        self.done += steps.end - steps.start;
        if !warm_up || plan.save_warmup {
            let draws = steps.start / plan.thin..steps.end / plan.thin;
            let Made { values, statistics } = made;
            self.recorder.record(Segment { chain, warm_up, draws, values, statistics })?;
        }
        let check =
            cuts.check_after(number).filter(|draws| chain + 1 == plan.chains && plan.checks.last() != Some(draws));
        Ok(match check {
            Some(draws) if self.recorder.enough(draws)? => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    }

    fn tick(&mut self) {
        let Plan { chains, warmup, thin, checks, .. } = &self.work.plan;
        let each = warmup + checks.last().unwrap_or(&0).saturating_mul(*thin);
        self.recorder.progress(self.done, each.saturating_mul(*chains));
    }
}
