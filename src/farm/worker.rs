//! The main thread of every rank but root.

use super::crew::{BATCH_SIZE, Crew, Found, Outcome};
use super::protocol::{Batch, Farewell, Order, Report};
use super::{Account, Plan, Work};
use crate::error::{Error, Result};
use crate::stream::Streams;
use crate::world::{ROOT, Tag, Wait, World, signal};
use serde::Serialize;
use std::collections::VecDeque;
use std::iter::Peekable;
use std::sync::Arc;
use std::time::Duration;

/// The longest sleep of a main thread. A result of its own compute threads wakes it earlier.
pub(super) const LONGEST_WAIT: Duration = Duration::from_millis(2);

/// Its sleep while all its compute threads have tasks: nothing that might come is urgent.
const BUSY_WAIT: Duration = Duration::from_millis(5);

pub(super) fn run<W: Work>(world: &World, plan: &Plan, work: &Arc<W>) -> Result<Account> {
    let crew = Crew::start(work, &Streams::new(plan.seed, plan.phase), plan.means.threads, world.start_time());
    let mut orders = VecDeque::new();
    let mut wait = Wait::new(LONGEST_WAIT);
    let mut told = false;
    // How many tasks this rank was given and has not reported.
    let mut held = 0;
    loop {
        if world.is_asked_to_end() && !std::mem::replace(&mut told, true) {
            report(world, Report::Asked, &mut orders)?;
        }
        collect(world, &mut orders);
        while let Some(order) = orders.pop_front() {
            wait.reset();
            match postcard::from_bytes(&order)? {
                Order::Run(deal) => {
                    held += deal.count;
                    crew.run(deal);
                }
                Order::Save => crew.save(),
                Order::Heard => signal::heard(),
                Order::Restore { task, state } => work.restore(task, &state)?,
                Order::Stop { failure } => {
                    let farewell = Farewell::of(world.host(), crew.busy());
                    report(world, Report::Farewell(farewell), &mut orders)?;
                    return failure.map_or(Ok(Account::default()), |status| Err(Error::Elsewhere { status }));
                }
            }
        }
        let is_busy = held >= plan.means.threads as u64;
        if let Some(Outcome { found, failures }) = crew.outcome(if is_busy { BUSY_WAIT } else { wait.lengthen() }) {
            wait.reset();
            held -= (found.len() + failures.len()) as u64;
            for failure in failures {
                report(world, Report::Failed { host: world.host().to_owned(), failure }, &mut orders)?;
            }
            let mut found = found.into_iter().peekable();
            while found.peek().is_some() {
                let batch = batch_of(&mut found)?;
                report(world, Report::Done(batch), &mut orders)?;
            }
        }
    }
}

/// The next results, as many as go into a message: what is larger goes alone.
fn batch_of<T: Serialize>(found: &mut Peekable<impl Iterator<Item = Found<T>>>) -> Result<Batch> {
    let mut batch = Batch::default();
    while let Some(Found { done, output, state }) = found.next_if(|Found { done, .. }| {
        batch.outputs.is_empty() || batch.outputs.len() + done.size + done.state_size <= BATCH_SIZE
    }) {
        batch.add(done, &output, &state)?;
    }
    Ok(batch)
}

/// Sends a report, and collects orders meanwhile: root might be sending one.
fn report(world: &World, report: Report, orders: &mut VecDeque<Vec<u8>>) -> Result<()> {
    world.send_while(ROOT, Tag::Report, &report.into_message()?, || collect(world, orders));
    Ok(())
}

fn collect(world: &World, orders: &mut VecDeque<Vec<u8>>) {
    orders.extend(std::iter::from_fn(|| world.try_receive(Tag::Order)).map(|(_, bytes)| bytes));
}
