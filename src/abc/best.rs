//! A reference table: the nearest of a fixed number of simulations.

use super::rejection::{Found, Row, Simulations};
use super::{Acceptance, Means, Problem, Recorder, Simulator, Tally};
use crate::error::Result;
use crate::farm::{self, Account, Fold};
use crate::world::World;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Simulates as many as the rule says, and records the nearest in the order of their numbers.
pub(super) fn sample<S: Simulator>(
    world: &World,
    problem: &Arc<Problem<S>>,
    means: Means,
    recorder: &mut impl Recorder,
) -> Result<(Tally, Account)> {
    let Acceptance::Best { simulations, .. } = problem.acceptance else {
        unreachable!("only this rule makes a reference table");
    };
    let plan = problem.plan(Some(simulations), means);
    let row = Row::of(problem);
    let mut fold = Nearest { row, wanted: problem.draws, best: BinaryHeap::new(), tally: Tally::default(), recorder };
    let account = farm::run(world, &plan, &Arc::new(Simulations(Arc::clone(problem))), &mut fold)?;
    let mut tally = fold.tally;
    let mut best = fold.best.into_vec();
    tally.accepted = best.len() as u64;
    best.sort_by_key(|candidate| (candidate.task, candidate.simulation));
    world.on_root(|| {
        best.iter().try_for_each(|kept| recorder.record(&row.draw(kept.task, kept.simulation, &kept.values)))
    })?;
    Ok((tally, account))
}

struct Nearest<'a, R> {
    row: Row,
    wanted: u64,
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
        self.recorder.progress(&self.tally);
    }
}
