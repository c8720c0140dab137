//! The main thread of root: deals tasks, takes results, folds them in order.

use super::account::{Account, RankTime, TaskTime};
use super::crew::{Crew, Outcome, Product};
use super::ledger::Ledger;
use super::protocol::{Batch, Deal, Done, Failure, Farewell, Order, Report};
use super::worker::LONGEST_WAIT;
use super::{Fold, Plan, Work};
use crate::checkpoint::Kept;
use crate::error::{Error, Result};
use crate::stream::Streams;
use crate::world::{ROOT, Tag, Wait, World, guarded, signal};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Everybody has enough to do who has tasks for so many seconds that are not begun: some ten of the longest sleeps.
const ENOUGH: f64 = 0.02;

/// How long the tasks before a failed one are waited for, and the other ranks when the job has failed.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn run<W: Work>(
    world: &World,
    plan: &Plan,
    work: &Arc<W>,
    fold: &mut impl Fold<W::Output>,
) -> Result<Account> {
    let mut root = Root::start(world, plan, work);
    // A panic of the fold must reach the other ranks, too.
    let led = guarded(|| root.lead(fold)).and_then(|result| result);
    let account = root.close(led.as_ref().err().map(Error::status))?;
    led.map(|()| account).map_err(Error::shared)
}

struct Root<'a, W: Work> {
    world: &'a World,
    plan: &'a Plan,
    work: &'a W,
    crew: Crew<W::Output>,
    ledger: Ledger<W::Output>,
    start: Instant,
    task_times: Vec<TaskTime>,
    farewells: Vec<Option<Farewell>>,
    /// The failed task of lowest number, its error, and when the first failure was reported.
    failure: Option<(u64, Error, Instant)>,
    /// A signal has asked another rank to end the job.
    asked: bool,
    /// When each rank last reported a result, or was given tasks after it had none.
    heard: Vec<Instant>,
    /// When that was last looked at.
    looked: Instant,
    /// How many tasks an earlier run has done.
    kept: u64,
}

impl<'a, W: Work> Root<'a, W> {
    fn start(world: &'a World, plan: &'a Plan, work: &'a Arc<W>) -> Self {
        Root {
            world,
            plan,
            work,
            crew: Crew::start(work, &Streams::new(plan.seed, plan.phase), plan.means.threads, world.start_time()),
            ledger: Ledger::new(plan, world.size()),
            start: Instant::now(),
            task_times: Vec::new(),
            farewells: vec![None; world.size()],
            failure: None,
            asked: false,
            heard: vec![Instant::now(); world.size()],
            looked: Instant::now(),
            kept: 0,
        }
    }

    /// Deals and folds until all is done, the fold breaks, or the tasks before a failed one have been folded: whether
    /// a failure counts does not depend on who met it when, as long as that doesn't take long.
    fn lead(&mut self, fold: &mut impl Fold<W::Output>) -> Result<()> {
        if self.replay(fold)?.is_break() {
            return Ok(());
        }
        let mut wait = Wait::new(LONGEST_WAIT);
        while !self.ledger.is_complete() && !self.has_failed_long_ago() {
            if self.asked || self.world.is_asked_to_end() {
                self.world.ask_others_to_end();
                signal::heard();
                self.tell_all(&Order::Heard)?;
                self.plan.means.keeper.save()?;
                return Err(Error::Interrupted);
            }
            self.plan.means.keeper.save_if_due()?;
            self.deal(fold.remaining())?;
            // While everybody has enough to do, nothing that might come is urgent.
            let pause = if self.ledger.has_dealt(ENOUGH) { LONGEST_WAIT } else { wait.lengthen() };
            let any = self.take_reports(pause)?;
            // Whoever has something to say has been heard.
            self.check_ranks()?;
            if any {
                wait.reset();
                if self.fold_in_order(fold)?.is_break() {
                    return Ok(());
                }
            }
            fold.tick();
        }
        self.failure.take().map_or(Ok(()), |(_, error, _)| Err(error))?;
        self.plan.means.keeper.save_at_end()
    }

    /// Takes what an earlier run has found, and goes on from there.
    fn replay(&mut self, fold: &mut impl Fold<W::Output>) -> Result<ControlFlow<()>> {
        let Plan { cycle, ref means, .. } = *self.plan;
        if !means.keeper.is_there() {
            return Ok(ControlFlow::Continue(()));
        }
        means.keeper.begin(&self.plan.kept_as())?;
        // Of each cycle what its last task has left.
        let mut states = BTreeMap::new();
        while let Some(Kept { task, output, state }) = means.keeper.next_kept()? {
            if self.world.is_asked_to_end() {
                return Err(Error::Interrupted); // it is all there already
            }
            self.ledger.keep(task, postcard::from_bytes(&output)?, output.len())?;
            self.kept += 1;
            if let Some(cycle) = cycle.filter(|_| !state.is_empty()) {
                // In their order they have come, and been kept.
                if let Some((earlier, _)) = states.insert(task % cycle, (task, state))
                    && earlier > task
                {
                    return Err(Error::other(format!("a checkpoint has task {task} after {earlier}: a defect")));
                }
            }
            if self.fold_in_order(fold)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if cycle.is_some() {
            self.crew.save();
            self.tell_all(&Order::Save)?;
        }
        for (task, state) in states.into_values() {
            match self.ledger.home(task) {
                Some(rank) if rank != ROOT => {
                    self.world.send_value(rank, Tag::Order, &Order::Restore { task, state })?
                }
                _ => self.work.restore(task, &state)?,
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn tell_all(&self, order: &Order) -> Result<()> {
        (1..self.world.size()).try_for_each(|rank| self.world.send_value(rank, Tag::Order, order))
    }

    fn has_failed_long_ago(&self) -> bool {
        self.failure.as_ref().is_some_and(|(_, _, since)| since.elapsed() > PATIENCE)
    }

    /// Gives tasks to all who should have more.
    fn deal(&mut self, remaining: Option<u64>) -> Result<()> {
        for rank in 0..self.world.size() {
            let was_busy = self.ledger.is_busy(rank);
            if let Some(deal) = self.ledger.deal(rank, remaining) {
                self.give(rank, deal)?;
                if !was_busy {
                    self.heard[rank] = Instant::now();
                }
            }
        }
        Ok(())
    }

    /// # Errors
    /// When a rank has been without a result for too long.
    fn check_ranks(&mut self) -> Result<()> {
        let Some(patience) = self.plan.means.patience else { return Ok(()) };
        // While this rank was away (it has folded for long, or was stopped), it gave nobody anything to do.
        let away = self.looked.elapsed();
        self.looked = Instant::now();
        if away > patience / 4 {
            self.heard.iter_mut().for_each(|heard| *heard += away);
        }
        let is_stalled = |rank: &usize| self.ledger.is_busy(*rank) && self.heard[*rank].elapsed() > patience;
        let Some(rank) = (0..self.world.size()).find(is_stalled) else { return Ok(()) };
        self.plan.means.keeper.save()?;
        Err(Error::Stalled { rank: self.world.number(rank), seconds: patience.as_secs_f64() })
    }

    fn give(&self, rank: usize, deal: Deal) -> Result<()> {
        if rank == ROOT {
            self.crew.run(deal);
            return Ok(());
        }
        self.world.send_value(rank, Tag::Order, &Order::Run(deal))
    }

    /// Takes what has come, waiting up to `patience` when nothing has; tells whether there was anything.
    fn take_reports(&mut self, patience: Duration) -> Result<bool> {
        let mut any = false;
        while let Some((rank, bytes)) = self.world.try_receive::<u8>(Tag::Report) {
            any = true;
            match Report::from_message(bytes)? {
                Report::Done(batch) => self.reported(rank, &batch)?,
                Report::Failed { host, failure } => self.failed(rank, host, failure)?,
                Report::Asked => self.asked = true,
                Report::Farewell(farewell) => self.farewells[rank] = Some(farewell),
            }
        }
        let mut patience = if any { Duration::ZERO } else { patience };
        while let Some(Outcome { products, failures }) = self.crew.outcome(patience) {
            any = true;
            patience = Duration::ZERO;
            self.heard[ROOT] = Instant::now();
            products.into_iter().try_for_each(|product| self.own(product))?;
            failures.into_iter().try_for_each(|failure| self.failed(ROOT, self.world.host().to_owned(), failure))?;
        }
        Ok(any)
    }

    /// Takes the result of a task of root's own.
    fn own(&mut self, Product { done, output, state }: Product<W::Output>) -> Result<()> {
        let keeper = &self.plan.means.keeper;
        if keeper.is_there() {
            keeper.keep(done.task, &postcard::to_stdvec(&output)?, &state)?;
        }
        self.done(ROOT, done, output)
    }

    /// Takes the results that another rank reports.
    fn reported(&mut self, rank: usize, batch: &Batch) -> Result<()> {
        self.heard[rank] = Instant::now();
        for (done, output, state) in batch.results() {
            self.plan.means.keeper.keep(done.task, output, state)?;
            self.done(rank, done, postcard::from_bytes(output)?)?;
        }
        Ok(())
    }

    fn done(&mut self, rank: usize, done: Done, output: W::Output) -> Result<()> {
        let Done { task, thread, start, seconds, size, .. } = done;
        if self.plan.means.trace {
            self.task_times.push(TaskTime { task, rank, thread, start, seconds });
        }
        self.ledger.report(rank, task, seconds, output, size)
    }

    fn fold_in_order(&mut self, fold: &mut impl Fold<W::Output>) -> Result<ControlFlow<()>> {
        while let Some((task, output)) = self.ledger.take() {
            if fold.fold(task, output)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Takes note of a task that failed: no later ones are needed.
    fn failed(&mut self, rank: usize, host: String, failure: Failure) -> Result<()> {
        let Failure { task, message, status } = failure;
        self.ledger.fail(rank, task)?;
        let since = self.failure.as_ref().map_or_else(Instant::now, |(_, _, since)| *since);
        if self.failure.as_ref().is_none_or(|(lowest, _, _)| task < *lowest) {
            let message = format!("task {task}: {message}");
            let rank = self.world.number(rank);
            self.failure = Some((task, Error::Rank { rank, host, message, status }, since));
        }
        Ok(())
    }

    /// Stops all ranks, and takes their last messages so that none reaches the next phase and nobody is left sending.
    fn close(mut self, failure: Option<u8>) -> Result<Account> {
        let seconds = self.start.elapsed().as_secs_f64();
        self.farewells[ROOT] = Some(Farewell::of(self.world.host(), self.crew.busy()));
        for rank in 1..self.world.size() {
            self.world.send_value(rank, Tag::Order, &Order::Stop { failure })?;
        }
        let mut wait = Wait::new(LONGEST_WAIT);
        let deadline = Instant::now() + PATIENCE;
        while self.farewells.iter().any(Option::is_none) && (failure.is_none() || Instant::now() < deadline) {
            match self.world.try_receive::<u8>(Tag::Report) {
                None => wait.pause(),
                Some((rank, bytes)) => {
                    if let Report::Farewell(farewell) = Report::from_message(bytes)? {
                        self.farewells[rank] = Some(farewell);
                    }
                }
            }
        }
        let all = seconds * self.plan.means.threads as f64;
        let rank_time = |farewell: Farewell| {
            let Farewell { host, busy, tasks, peak_memory } = farewell;
            RankTime { host, busy, idle: (all - busy).max(0.0), tasks, peak_memory }
        };
        let ranks = self.farewells.into_iter().flatten().map(rank_time).collect();
        Ok(Account { seconds, kept: self.kept, ranks, tasks: self.task_times })
    }
}
