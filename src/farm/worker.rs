//! The main thread of every rank but root.

use super::crew::{BATCH_SIZE, Crew, Outcome, Product};
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
        if let Some(Outcome { products, failures }) = crew.outcome(if is_busy { BUSY_WAIT } else { wait.lengthen() }) {
            wait.reset();
            held -= (products.len() + failures.len()) as u64;
            for failure in failures {
                report(world, Report::Failed { host: world.host().to_owned(), failure }, &mut orders)?;
            }
            let mut products = products.into_iter().peekable();
            while products.peek().is_some() {
                let batch = batch_of(&mut products)?;
                report(world, Report::Done(batch), &mut orders)?;
            }
        }
    }
}

/// The next results, as many as go into a message: what is larger goes alone.
fn batch_of<T: Serialize>(products: &mut Peekable<impl Iterator<Item = Product<T>>>) -> Result<Batch> {
    let mut batch = Batch::default();
    while let Some(Product { done, output, state }) = products.next_if(|Product { done, .. }| {
        batch.tasks.is_empty() || batch.outputs.len() + done.size + done.state_size <= BATCH_SIZE
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

#[cfg(test)]
mod tests {
    use super::super::protocol::Done;
    use super::*;

    /// Results of any sizes, with and without what is needed to go on, come out of messages as they went in, in their order
    /// and none twice; those that are large go alone, and none alone that could go with others.
    #[test]
    fn results_of_any_size_are_sent() {
        let sizes =
            [0, 1, 40, BATCH_SIZE - 3, 0, BATCH_SIZE, 2 * BATCH_SIZE + 1, 7, 0, BATCH_SIZE / 2, BATCH_SIZE / 2, 5];
        let product = |(task, size): (u64, usize)| {
            let (output, state) = (vec![task as u8; size], vec![0xff; if task.is_multiple_of(2) { 9 } else { 0 }]);
            let size = postcard::to_stdvec(&output).unwrap().len();
            let done = Done { task, thread: 0, start: 1.0, seconds: 2.0, size, state_size: state.len() };
            Product { done, output, state }
        };
        let mut products = (0..).zip(sizes).map(product).peekable();
        let (mut found, mut messages) = (Vec::new(), Vec::new());
        while products.peek().is_some() {
            let message = Report::Done(batch_of(&mut products).unwrap()).into_message().unwrap();
            let Report::Done(batch) = Report::from_message(message).unwrap() else { panic!("another report") };
            for (done, output, state) in batch.results() {
                let output: Vec<u8> = postcard::from_bytes(output).unwrap();
                assert!(output.iter().all(|byte| u64::from(*byte) == done.task));
                assert_eq!(state, vec![0xff; if done.task.is_multiple_of(2) { 9 } else { 0 }]);
                found.push((done.task, output.len()));
            }
            messages.push((batch.tasks.len(), batch.outputs.len()));
        }
        assert_eq!(found, (0..).zip(sizes).collect::<Vec<_>>());
        assert!(messages.iter().all(|(tasks, size)| *tasks == 1 || *size <= BATCH_SIZE), "{messages:?}");
        assert!(messages.windows(2).all(|two| two[0].1 + two[1].1 > BATCH_SIZE), "{messages:?}");
    }
}
