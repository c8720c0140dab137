//! A reference table: the nearest of a fixed number of simulations.

use super::rejection::{Found, Row, Simulations};
use super::{Means, Problem, Recorder, Simulator, Tally};
use crate::error::Result;
use crate::farm::{self, Account, Fold, Work};
use crate::stream::Stream;
use crate::world::World;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

/// Simulates as many as the rule says, and records the nearest in the order of their numbers.
pub(super) fn sample<S: Simulator>(
    world: &World,
    problem: &Arc<Problem<S>>,
    means: Means,
    recorder: &mut impl Recorder,
) -> Result<(Tally, Account)> {
    let plan = problem.plan(means);
    let row = Row::of(problem);
    let (wanted, simulations) = (problem.draws, problem.limit().unwrap_or(u64::MAX));
    let mut fold = Nearest { row, wanted, simulations, best: BinaryHeap::new(), tally: Tally::default(), recorder };
    let account = farm::run(world, &plan, &Arc::new(Table::of(problem)), &mut fold)?;
    let mut tally = fold.tally;
    let mut best = fold.best.into_vec();
    tally.accepted = best.len() as u64;
    best.sort_by_key(|candidate| (candidate.task, candidate.simulation));
    world.on_root(|| {
        best.iter().try_for_each(|kept| recorder.record(&row.draw(kept.task, kept.simulation, &kept.values)))
    })?;
    Ok((tally, account))
}

/// The tasks of the sampling phase, of which a rank sends only what can be among the nearest.
struct Table<S> {
    simulations: Simulations<S>,
    row: Row,
    wanted: u64,
    /// The smallest distances that this rank has sent, as many as are wanted: a row that is farther than all of them
    /// is not among the nearest of all ranks either. (Bits of floats from 0 on are ordered as the floats are.)
    sent: Mutex<BinaryHeap<u64>>,
}

impl<S> Table<S> {
    fn of(problem: &Arc<Problem<S>>) -> Self {
        let simulations = Simulations(Arc::clone(problem));
        Table { simulations, row: Row::of(problem), wanted: problem.draws, sent: Mutex::default() }
    }

    fn is_worth_sending(&self, sent: &mut BinaryHeap<u64>, distance: f64) -> bool {
        let bits = distance.to_bits();
        if sent.len() as u64 == self.wanted {
            if sent.peek().is_some_and(|farthest| bits > *farthest) {
                return false;
            }
            sent.pop();
        }
        sent.push(bits);
        true
    }
}

impl<S: Simulator> Work for Table<S> {
    type Output = Found;

    fn run(&self, task: u64, stream: &mut Stream) -> Result<Found> {
        let found = self.simulations.run(task, stream)?;
        let mut kept = Found { accepted: Vec::new(), values: Vec::new(), ..found };
        // No code that can panic runs under this lock.
        let mut sent = self.sent.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for (accepted, row) in found.accepted.iter().zip(found.values.chunks_exact(self.row.width())) {
            if self.is_worth_sending(&mut sent, row[row.len() - 1]) {
                kept.accepted.push(*accepted);
                kept.values.extend(row);
            }
        }
        Ok(kept)
    }
}

struct Nearest<'a, R> {
    row: Row,
    wanted: u64,
    simulations: u64,
    best: BinaryHeap<Candidate>,
    tally: Tally,
    recorder: &'a mut R,
}

/// A simulation, ordered by its distance and then by its number.
struct Candidate {
    distance: f64,
    task: u64,
    simulation: u32,
    values: Box<[f64]>,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.distance.total_cmp(&other.distance);
        order.then_with(|| (self.task, self.simulation).cmp(&(other.task, other.simulation)))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

impl<R: Recorder> Fold<Found> for Nearest<'_, R> {
    fn fold(&mut self, task: u64, found: Found) -> Result<ControlFlow<()>> {
        for (accepted, row) in found.accepted.iter().zip(found.values.chunks_exact(self.row.width())) {
            let distance = row[row.len() - 1];
            if self.best.len() as u64 == self.wanted {
                // Tasks come in order: of two equal distances the one that is here stays.
                if self.best.peek().is_some_and(|worst| distance >= worst.distance) {
                    continue;
                }
                self.best.pop();
            }
            self.best.push(Candidate { distance, task, simulation: accepted.simulation, values: row.into() });
        }
        self.tally.accepted = self.best.len() as u64;
        self.tally.simulations += u64::from(found.simulations);
        self.tally.nonfinite += u64::from(found.nonfinite);
        Ok(ControlFlow::Continue(()))
    }

    fn tick(&mut self) {
        self.recorder.progress(&self.tally, self.tally.simulations, self.simulations);
    }
}
