//! Many chains over the ranks.

use super::sampler::{Chain, Sampler};
use super::variable;
use crate::error::{Error, Result};
use crate::farm::{self, Account, Fold, Means, Work};
use crate::stream::{Stream, Streams};
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The phase whose streams belong to chains.
const CHAINS: u16 = 0;
/// The phase whose stream is used to find out how long a step takes.
const PROBE: u16 = 1;

/// A task shall take about so long.
const TASK_TIME: Duration = Duration::from_millis(20);
/// And make no more numbers than these.
const TASK_NUMBERS: u64 = 1 << 16;

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
    let steps = world.on_root(|| steps_in_task(sampler, plan))?;
    let cuts = Cuts::new(plan, steps);
    let tasks = cuts.segments() * plan.chains;
    let work = Arc::new(Chains { sampler: Arc::clone(sampler), plan: plan.clone(), cuts, slots: Slots::default() });
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
    while begin.elapsed() < TASK_TIME / 4 && steps < TASK_NUMBERS {
        let more = (steps / 2).max(1);
        chain.warm_up(more)?;
        steps += more;
    }
    let rate = steps as f64 / begin.elapsed().as_secs_f64();
    Ok((rate * TASK_TIME.as_secs_f64()) as u64)
}

/// How the steps of a chain are cut into the segments of tasks: first those of the warm-up, then those between checks.
#[derive(Clone, Debug)]
struct Cuts {
    /// For each part: whether it is the warm-up, its first and its last step (not included), and its first segment.
    parts: Vec<Part>,
    thin: u64,
    /// Steps in a segment, a multiple of `thin`.
    steps: u64,
}

#[derive(Clone, Debug)]
struct Part {
    warm_up: bool,
    steps: Range<u64>,
    first_segment: u64,
}

impl Cuts {
    fn new(plan: &Plan, steps: u64) -> Self {
        let thin = plan.thin;
        let steps = (steps.clamp(1, TASK_NUMBERS) / thin).max(1).saturating_mul(thin);
        let mut cuts = Cuts { parts: Vec::new(), thin, steps };
        cuts.add(true, 0..plan.warmup);
        let mut start = 0;
        for check in &plan.checks {
            let end = check.saturating_mul(thin);
            cuts.add(false, start..end);
            start = end;
        }
        cuts
    }

    fn add(&mut self, warm_up: bool, steps: Range<u64>) {
        let first_segment = self.segments();
        self.parts.push(Part { warm_up, steps, first_segment });
    }

    /// How many segments each chain has.
    fn segments(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.first_segment + self.count(part))
    }

    fn count(&self, part: &Part) -> u64 {
        (part.steps.end - part.steps.start).div_ceil(self.steps)
    }

    /// Whether a segment is of the warm-up, and its steps.
    fn segment(&self, number: u64) -> (bool, Range<u64>) {
        let after = self.parts.partition_point(|part| part.first_segment <= number);
        let part = &self.parts[after - 1]; // the first part begins with segment 0
        let start = part.steps.start + (number - part.first_segment) * self.steps;
        (part.warm_up, start..part.steps.end.min(start.saturating_add(self.steps)))
    }

    /// How many draws a chain has when this segment is done, if a check follows it.
    fn check_after(&self, number: u64) -> Option<u64> {
        let ends = |part: &Part| !part.warm_up && part.first_segment + self.count(part) == number + 1;
        self.parts.iter().find(|part| ends(part) && self.count(part) > 0).map(|part| part.steps.end / self.thin)
    }
}

/// Task t is segment t / chains of chain t mod chains. The chain stays on this rank between its segments.
struct Chains {
    sampler: Arc<dyn Sampler>,
    plan: Plan,
    cuts: Cuts,
    slots: Slots,
}

/// Where chains are kept between their segments.
#[derive(Default)]
struct Slots {
    chains: Mutex<HashMap<u64, Slot>>,
    back: Condvar,
}

struct Slot {
    /// The segment that is next.
    next: u64,
    /// Away while a segment is made.
    chain: Option<Box<dyn Chain>>,
    /// Whether it will not come back.
    lost: bool,
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Slot>> {
        // No code that can panic runs under this lock.
        self.chains.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes the chain out, when its earlier segments are done: another thread may still be at them, or about to begin
    /// the first one. `None` for a chain that has not begun.
    fn take(&self, number: u64, segment: u64) -> Result<Option<Box<dyn Chain>>> {
        let mut chains = self.lock();
        if segment == 0 {
            chains.insert(number, Slot { next: 0, chain: None, lost: false });
            return Ok(None);
        }
        loop {
            match chains.get_mut(&number) {
                Some(Slot { next, chain, lost: false }) if *next == segment => match chain.take() {
                    Some(chain) => return Ok(Some(chain)),
                    None => return Err(Error::other(format!("segment {segment} of chain {number} was begun twice"))),
                },
                None | Some(Slot { lost: false, .. }) => (),
                Some(_) => return Err(Error::other(format!("chain {number} has failed before"))),
            }
            chains = self.back.wait(chains).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }
}

/// Brings a chain back, or says that it is lost, however a segment ends.
struct Return<'a> {
    slots: &'a Slots,
    number: u64,
    chain: Option<Box<dyn Chain>>,
}

impl Drop for Return<'_> {
    fn drop(&mut self) {
        let mut chains = self.slots.lock();
        if let Some(slot) = chains.get_mut(&self.number) {
            slot.lost = self.chain.is_none();
            slot.chain = self.chain.take();
            slot.next += 1;
        }
        drop(chains);
        self.slots.back.notify_all();
    }
}

/// What a task has made.
#[derive(Serialize, Deserialize)]
struct Made {
    values: Vec<f64>,
    statistics: Vec<f64>,
}

impl Work for Chains {
    type Output = Made;

    fn run(&self, task: u64, _: &mut Stream) -> Result<Made> {
        let (number, segment) = (task % self.plan.chains, task / self.plan.chains);
        let taken = self.slots.take(number, segment)?;
        let mut back = Return { slots: &self.slots, number, chain: None };
        let mut chain = taken.map_or_else(|| self.begin(number), Ok)?;
        let made = self.segment(&mut *chain, segment)?;
        back.chain = Some(chain);
        Ok(made)
    }
}

impl Chains {
    fn begin(&self, number: u64) -> Result<Box<dyn Chain>> {
        let stream = Streams::new(self.plan.seed, CHAINS).stream(number);
        let start = self.plan.starts.get(number as usize).map(Vec::as_slice).filter(|start| !start.is_empty());
        Arc::clone(&self.sampler).begin(stream, start)
    }

    fn segment(&self, chain: &mut dyn Chain, segment: u64) -> Result<Made> {
        let (warm_up, steps) = self.cuts.segment(segment);
        let count = steps.end - steps.start;
        if warm_up && !self.plan.save_warmup {
            chain.warm_up(count)?;
            return Ok(Made { values: Vec::new(), statistics: Vec::new() });
        }
        let draws = (count / self.plan.thin) as usize;
        let width: usize = self.sampler.variables().iter().map(super::Variable::len).sum();
        let statistics_width = self.sampler.statistics().len();
        let mut values = vec![f64::NAN; width * draws];
        let mut statistics = vec![f64::NAN; statistics_width * draws];
        for draw in 0..draws {
            if warm_up {
                chain.warm_up(self.plan.thin)?
            } else {
                chain.step(self.plan.thin)?
            }
            chain.record(
                &mut values[draw * width..][..width],
                &mut statistics[draw * statistics_width..][..statistics_width],
            );
        }
        if warm_up {
            chain.warm_up(count % self.plan.thin)?;
        }
        Ok(Made { values, statistics })
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
        let (chain, number) = (task % plan.chains, task / plan.chains);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Segments follow each other without a gap, none crosses a check, and each check is met once.
        #[test]
        fn segments_cover_all_steps(
            warmup in 0u64..300, thin in 1u64..7, first in 1u64..200, more in prop::collection::vec(1u64..100, 0..4),
            steps in 0u64..500,
        ) {
            let mut checks = vec![first];
            more.iter().for_each(|more| checks.push(checks[checks.len() - 1] + more));
            let plan = Plan {
                chains: 3, warmup, thin, save_warmup: true, checks: checks.clone(), starts: Vec::new(), seed: 1,
            };
            let cuts = Cuts::new(&plan, steps);
            let (mut warm, mut sampled, mut met) = (0, 0, Vec::new());
            for number in 0..cuts.segments() {
                let (warm_up, steps) = cuts.segment(number);
                let place = if warm_up { &mut warm } else { &mut sampled };
                prop_assert_eq!(*place, steps.start);
                prop_assert!(steps.end > steps.start && (warm_up || steps.end % thin == 0));
                *place = steps.end;
                met.extend(cuts.check_after(number).inspect(|draws| assert_eq!(draws * thin, sampled)));
            }
            prop_assert_eq!((warm, sampled), (warmup, checks[checks.len() - 1] * thin));
            prop_assert_eq!(met, checks);
        }
    }
}
