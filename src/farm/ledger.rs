//! Which tasks are dealt to whom, which have come back, and which are next in order: a state machine without MPI.

use super::protocol::Deal;
use super::{Means, Plan};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Who gets which tasks. Results do not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Task i belongs to rank i modulo the number of ranks.
    Static,
    /// Whoever runs out of tasks gets the next ones.
    #[default]
    Dynamic,
}

/// A worker is given so many seconds of work ahead, to hide the time that messages take;
const AHEAD: f64 = 0.1;

/// but for each thread no more than makes so many bytes of results: when root is what all wait for, more only leaves the
/// caches, and fills memory;
const AHEAD_SIZE: usize = 8 << 20;

/// but the less the longer a task takes, and one task only when that is more seconds than these: what waits behind a
/// task that takes much longer than the others could be done by another worker.
const LONG: f64 = 0.01;

/// No task is dealt that is further than this above the lowest one whose result is missing.
const WINDOW: u64 = 1 << 20;

/// When results that wait for an earlier one are together larger than this (in bytes of their messages), few more tasks
/// are dealt.
const WAITING_LIMIT: usize = 64 << 20;

/// The state of a phase's tasks, which result in a `T` each, on root.
pub(super) struct Ledger<T> {
    tasks: u64,
    threads: u64,
    homes: Option<Homes>,
    /// The lowest task not yet dealt: one for each worker where tasks have homes, otherwise one for all.
    next: Vec<u64>,
    /// How many tasks have been dealt, those before the first one included.
    dealt: u64,
    /// How many tasks each worker has and has not reported.
    held: Vec<u64>,
    /// All tasks below this one have been taken in order.
    taken: u64,
    /// The results of tasks from `taken` on, as far as they have come, and the size of each in bytes.
    waiting: VecDeque<Option<(T, usize)>>,
    /// The size of all that waits.
    waiting_size: usize,
    finished: Finished,
    /// No task from this one on was found by an earlier run.
    kept: u64,
}

/// Which worker each task belongs to: task i to worker (i mod cycle) mod workers.
#[derive(Clone, Copy)]
struct Homes {
    cycle: u64,
    workers: u64,
}

impl Homes {
    fn of(self, task: u64) -> usize {
        (task % self.cycle % self.workers) as usize
    }

    /// The lowest task from `task` on that belongs to `worker`; `u64::MAX` for a worker that has none.
    fn next(self, worker: usize, task: u64) -> u64 {
        let (worker, place) = (worker as u64, task % self.cycle);
        let start = task - place;
        let here = place + (worker + self.workers - place % self.workers) % self.workers;
        if here < self.cycle {
            start + here
        } else if worker < self.cycle {
            start.saturating_add(self.cycle).saturating_add(worker)
        } else {
            u64::MAX
        }
    }

    /// How far apart a worker's tasks are from `task` on, and where that ends.
    fn stride(self, task: u64) -> (u64, u64) {
        match self.cycle <= self.workers {
            true => (self.cycle, u64::MAX),
            false => (self.workers, (task - task % self.cycle).saturating_add(self.cycle)),
        }
    }
}

/// Finished tasks, the seconds spent in them, and the size of their results in bytes.
#[derive(Default)]
struct Finished {
    tasks: u64,
    seconds: f64,
    size: usize,
}

impl Finished {
    /// How many tasks a thread does in the time ahead; fewer when the results of all threads' would be large.
    fn ahead(&self, threads: u64) -> u64 {
        // The first ones to come back are the shortest.
        if self.tasks < threads {
            return 0;
        }
        let tasks = self.tasks as f64;
        let rate = tasks / self.seconds.max(1e-9);
        let in_time = (AHEAD * rate).min((LONG * rate * LONG * rate).max(1.0));
        let in_memory =
            (WAITING_LIMIT as f64 / threads as f64).min(AHEAD_SIZE as f64) * tasks / self.size.max(1) as f64;
        in_time.min(in_memory) as u64
    }
}

impl<T> Ledger<T> {
    /// The tasks of a plan for so many workers.
    pub fn new(plan: &Plan, workers: usize) -> Self {
        let Plan { first, tasks, cycle, means: Means { schedule, threads, .. }, .. } = *plan;
        let workers = workers as u64;
        let cycle = cycle.or((schedule == Schedule::Static).then_some(workers));
        let homes = cycle.map(|cycle| Homes { cycle, workers });
        let next = homes.map_or(vec![first], |homes| (0..workers as usize).map(|w| homes.next(w, first)).collect());
        Ledger {
            tasks,
            threads: threads as u64,
            homes,
            next,
            dealt: first,
            held: vec![0; workers as usize],
            taken: first,
            waiting: VecDeque::new(),
            waiting_size: 0,
            finished: Finished::default(),
            kept: first,
        }
    }

    /// Takes a result of so many bytes that an earlier run has found, before anything is dealt.
    ///
    /// # Errors
    /// When it is none of these tasks, or is here already.
    pub fn keep(&mut self, task: u64, output: T, size: usize) -> Result<()> {
        let place = task.checked_sub(self.taken).map(|place| place as usize);
        let place = place.filter(|place| task < self.tasks && self.waiting.get(*place).is_none_or(Option::is_none));
        let place = place.ok_or_else(|| Error::other(format!("a checkpoint has task {task} twice: a defect")))?;
        self.dealt += 1;
        self.kept = self.kept.max(task + 1);
        self.put(place, output, size);
        Ok(())
    }

    /// The worker at which a task's cycle is at home.
    pub fn home(&self, task: u64) -> Option<usize> {
        self.homes.map(|homes| homes.of(task))
    }

    /// Whether a task's result is here already, when it has not been dealt.
    fn is_kept(&self, task: u64) -> bool {
        let is_here = |place: u64| self.waiting.get(place as usize).is_some_and(Option::is_some);
        task < self.kept && task.checked_sub(self.taken).is_none_or(is_here)
    }

    /// What `worker` shall be given now, if anything; `remaining` estimates how many more tasks will be taken in order.
    pub fn deal(&mut self, worker: usize, remaining: Option<u64>) -> Option<Deal> {
        let full = self.full_hand(remaining);
        let missing = full.saturating_sub(self.held[worker]);
        // Not each task singly: a message for every quarter of a hand.
        if missing < (full / 4).max(1) {
            return None;
        }
        let place = if self.homes.is_some() { worker } else { 0 };
        while self.is_kept(self.next[place]) {
            let next = self.next[place];
            self.next[place] = self.homes.map_or(next + 1, |homes| homes.next(worker, next + 1));
        }
        let next = self.next[place];
        let (stride, bound) = self.homes.map_or((1, u64::MAX), |homes| homes.stride(next));
        let window = if self.waiting_size > WAITING_LIMIT { self.threads * self.held.len() as u64 } else { WINDOW };
        let end = self.tasks.min(self.taken.saturating_add(window)).min(bound);
        let mut count = missing.min(end.saturating_sub(next).div_ceil(stride));
        if next < self.kept {
            count = (0..count).take_while(|step| !self.is_kept(next + step * stride)).count() as u64;
        }
        if count == 0 {
            return None;
        }
        let deal = Deal { first: next, count, stride };
        let last = next + (count - 1) * stride;
        self.next[place] = self.homes.map_or(last + 1, |homes| homes.next(worker, last + 1));
        self.dealt += count;
        self.held[worker] += count;
        Some(deal)
    }

    /// How many tasks a worker shall have: one for each thread, and what those do in the time ahead; but no more than
    /// half a fair share of what is left to deal, so that all end together.
    fn full_hand(&self, remaining: Option<u64>) -> u64 {
        let workers = self.held.len() as u64;
        let ahead = self.finished.ahead(workers * self.threads);
        let known = self.tasks.saturating_sub(self.taken);
        let left = remaining
            .map_or(known, |estimate| estimate.min(known))
            .saturating_sub(self.dealt.saturating_sub(self.taken));
        let half_share = left / (2 * workers * self.threads);
        self.threads * (1 + ahead.min(half_share))
    }

    /// Whether every worker has tasks for so many seconds besides those that its threads are in.
    pub fn has_dealt(&self, seconds: f64) -> bool {
        let Finished { tasks, seconds: spent, .. } = self.finished;
        let wanted = seconds * self.threads as f64 * tasks as f64;
        tasks > 0 && self.held.iter().all(|held| held.saturating_sub(self.threads) as f64 * spent >= wanted)
    }

    /// Whether a worker has tasks that it has not reported.
    pub fn is_busy(&self, worker: usize) -> bool {
        self.held[worker] > 0
    }

    /// Takes note of a result of so many bytes that `worker` reports.
    ///
    /// # Errors
    /// When this task was not dealt, or its result is here already.
    pub fn report(&mut self, worker: usize, task: u64, seconds: f64, output: T, size: usize) -> Result<()> {
        let place = self.hand_back(worker, task)?;
        self.finished.tasks += 1;
        self.finished.seconds += seconds;
        self.finished.size += size;
        self.put(place, output, size);
        Ok(())
    }

    fn put(&mut self, place: usize, output: T, size: usize) {
        if self.waiting.len() <= place {
            self.waiting.resize_with(place + 1, || None);
        }
        self.waiting_size += size;
        self.waiting[place] = Some((output, size));
    }

    /// Takes note that `worker` failed in `task`: it will not come back, and neither it nor later ones are needed.
    ///
    /// # Errors
    /// As those of [`report`](Self::report).
    pub fn fail(&mut self, worker: usize, task: u64) -> Result<()> {
        self.hand_back(worker, task)?;
        self.tasks = self.tasks.min(task);
        Ok(())
    }

    /// Takes a task out of a worker's hand, and gives its place among the waiting.
    fn hand_back(&mut self, worker: usize, task: u64) -> Result<usize> {
        let place = task.checked_sub(self.taken).map(|place| place as usize);
        let place = place.filter(|place| self.was_dealt(task) && self.waiting.get(*place).is_none_or(Option::is_none));
        match (place, self.held[worker].checked_sub(1)) {
            (Some(place), Some(held)) => {
                self.held[worker] = held;
                Ok(place)
            }
            _ => Err(Error::other(format!(
                "rank {worker} reported task {task}, which it does not have: a defect, or ranks of different versions"
            ))),
        }
    }

    fn was_dealt(&self, task: u64) -> bool {
        task < self.next[self.homes.map_or(0, |homes| homes.of(task))]
    }

    /// The next task in order with its result, if that has come.
    pub fn take(&mut self) -> Option<(u64, T)> {
        let (output, size) = self.waiting.front_mut()?.take()?;
        self.waiting.pop_front();
        self.waiting_size -= size;
        self.taken += 1;
        Some((self.taken - 1, output))
    }

    /// Whether all tasks have been taken, or all before a failed one.
    pub fn is_complete(&self) -> bool {
        self.taken >= self.tasks
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
