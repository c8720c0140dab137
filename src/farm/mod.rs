//! Numbered tasks, run over all ranks, their results folded on root in the order of their numbers.
//!
//! ```text
//!            root                                  every other rank
//!  fold <- Ledger <- main thread   <-- Report --   main thread -> queue -> compute threads
//!            |           |          -- Order -->       ^                        |
//!            |       compute threads                   +------- results --------+
//! ```
//!
//! - What a task computes depends on its number alone, and results are folded in order: so the outcome is the same on
//!   any number of ranks and threads, under any [`Schedule`].
//! - The ledger (`ledger.rs`) decides who gets which tasks. It knows nothing of MPI.
//! - Every rank computes, root too. The main threads move messages and sleep between them.
//! - A rank is given its next tasks before it has finished the last ones, unless a task takes so long that the time of
//!   a message is nothing to it; and it is given few when work runs out.
//! - Results that wait for an earlier one are bounded in number and size.
//! - Where a checkpoint is kept, root notes each result as it comes. Work that goes on is handed those first.

mod account;
mod crew;
pub mod floats;
mod ledger;
mod protocol;
mod root;
mod worker;

pub use account::{Account, RankTime, TaskTime};
pub use ledger::Schedule;

use crate::checkpoint::{Keeper, Phase};
use crate::error::Result;
use crate::stream::{Stream, Walk};
use crate::world::World;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// A kind of work that consists of numbered tasks.
pub trait Work: Send + Sync + 'static {
    /// What a task results in. Serializing must lose nothing of it: what root runs itself is not sent. Results that wait
    /// for earlier ones are counted by the size of their messages: they should have no room that they don't need.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// Runs one task. What it returns may depend on `task`, its `stream` and the work's own configuration only.
    ///
    /// Work that ends early, by its fold or by an error, leaves compute threads to finish the task that they are in.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn run(&self, task: u64, stream: &mut Stream) -> Result<Self::Output>;

    /// Like [`run`](Self::run), for work that carries something from task to task of a [cycle](Plan::cycle): with what
    /// is needed to go on with the next one elsewhere. It is called instead of that when a checkpoint is kept.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn run_and_save(&self, task: u64, stream: &mut Stream) -> Result<(Self::Output, Vec<u8>)> {
        Ok((self.run(task, stream)?, Vec::new()))
    }

    /// Up to how many tasks a thread takes at once, for work that does several in less time than one after the other.
    fn together(&self) -> usize {
        1
    }

    /// Runs several tasks, in ascending order, and hands on what some or all of them have found as soon as it is found.
    /// What the next task of a cycle needs must not be within another thread's reach before that: results of a cycle are
    /// to come in their order.
    ///
    /// # Errors
    /// Any error ends the whole job, as that of the first of these tasks that has not found anything. So do those of
    /// `found`, which are to be returned.
    fn run_all(&self, tasks: &[u64], streams: &mut Walk, save: bool, found: Found<'_, Self::Output>) -> Result<()> {
        for task in tasks {
            let stream = &mut streams.stream(*task);
            let result = if save { self.run_and_save(*task, stream)? } else { (self.run(*task, stream)?, Vec::new()) };
            found(vec![result])?;
        }
        Ok(())
    }

    /// Takes over what [`run_and_save`](Self::run_and_save) has given for `task`: the next one of its cycle follows.
    ///
    /// # Errors
    /// When that is not what it needs.
    fn restore(&self, _task: u64, _state: &[u8]) -> Result<()> {
        Ok(())
    }
}

/// Takes the results of the next tasks of several, and with each what is needed to go on after it.
pub type Found<'a, T> = &'a mut dyn FnMut(Vec<(T, Vec<u8>)>) -> Result<()>;

/// What root does with the results.
pub trait Fold<T> {
    /// Takes the result of `task`; called once for each task, in order. `Break` ends the work: results of later tasks
    /// are discarded.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn fold(&mut self, task: u64, output: T) -> Result<ControlFlow<()>>;

    /// About how many more tasks will be folded, if that can be told before the end. Only speed depends on it.
    fn remaining(&self) -> Option<u64> {
        None
    }

    /// Called again and again while work is under way, for showing progress.
    fn tick(&mut self) {}
}

/// Which tasks to run, and how. Only `seed`, `phase`, `first` and `tasks` can affect results.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed of the run.
    pub seed: u64,
    /// The phase of the run: each has streams of its own.
    pub phase: u16,
    /// The first task; those before it are not run.
    pub first: u64,
    /// Tasks `first` to `tasks` − 1 are run, unless the fold ends the work earlier.
    pub tasks: u64,
    /// With `Some(n)`, tasks that are equal modulo n are run by the same rank, whatever the schedule, and begun in
    /// ascending order: for work that keeps something there, a part of the data or the state of a chain. Task i is run
    /// by rank (i mod n) modulo the number of ranks.
    pub cycle: Option<u64>,
    /// How to run them.
    pub means: Means,
}

impl Plan {
    /// What a checkpoint knows it by.
    pub(crate) fn kept_as(&self) -> Phase {
        let Plan { phase, first, tasks, cycle, .. } = *self;
        Phase { phase, first, tasks, cycle }
    }
}

/// How to run tasks: nothing here affects results.
#[derive(Clone, Debug)]
pub struct Means {
    /// Who gets which tasks.
    pub schedule: Schedule,
    /// Compute threads on each rank, at least 1.
    pub threads: usize,
    /// Whether to keep the times of each task.
    pub trace: bool,
    /// Where results are kept, so that a run that is ended can go on.
    pub keeper: Keeper,
    /// How long a rank that has tasks may be without a result before the job is ended, with its name; for ever if
    /// `None`.
    pub patience: Option<Duration>,
}

impl Default for Means {
    /// The dynamic schedule, one thread on each rank; nothing is kept.
    fn default() -> Self {
        Means { schedule: Schedule::default(), threads: 1, trace: false, keeper: Keeper::default(), patience: None }
    }
}

/// Runs the plan's tasks over all ranks. Every rank calls it with the same plan and work; only root's `fold` is used.
///
/// Returns on root who spent which time on what, and on the other ranks an empty account.
///
/// # Errors
/// The error of the task of lowest number that fails (with its rank), or of the fold; a panic is an error. All ranks
/// learn of it. A failed task counts when the fold reaches it, and not when it has ended the work before; but if the
/// tasks before it take longer than a second, it counts at once.
pub fn run<W: Work>(world: &World, plan: &Plan, work: &Arc<W>, fold: &mut impl Fold<W::Output>) -> Result<Account> {
    keep_freed_pages();
    if world.is_root() { root::run(world, plan, work, fold) } else { worker::run(world, plan, work) }
}

/// Has the pages of a large result used again for the next one: fresh ones cost more than what is written into them.
/// (glibc gives back at once what is larger than the largest block that was ever freed, and ends at 32 MiB. Elsewhere
/// this does nothing; none of the block's pages is touched.)
fn keep_freed_pages() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(31 << 20)));
}
