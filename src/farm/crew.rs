//! The compute threads of one rank.

use super::Work;
use super::protocol::{Batch, Deal, Done, Failure};
use crate::error::{Error, Result};
use crate::stream::Streams;
use crate::world::guarded;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// A thread hands its results over at least this often, when it has any.
const BATCH_TIME: f64 = 0.005;
/// Nor does it collect more than so many bytes.
const BATCH_SIZE: usize = 1 << 20;

/// What a compute thread hands over.
pub(super) type Outcome = std::result::Result<Batch, Failure>;

/// Compute threads that take tasks from a queue and hand batches of results over.
///
/// Dropping the crew leaves its threads to finish the task that each of them is in; what they find is lost.
pub(super) struct Crew {
    queue: Arc<Queue>,
    outcomes: Receiver<Outcome>,
    started: Instant,
}

/// The tasks of a rank that no thread has begun.
struct Queue {
    state: Mutex<QueueState>,
    filled: Condvar,
    clocks: Vec<Clock>,
}

struct QueueState {
    deals: VecDeque<Deal>,
    open: bool,
}

/// A thread's time in tasks, in nanoseconds since the crew's start: the sum up to the last finished one, and when the
/// present one began (0: there is none).
#[derive(Default)]
struct Clock {
    busy: AtomicU64,
    since: AtomicU64,
    tasks: AtomicU64,
}

impl Crew {
    /// Starts the threads. Times in the batches count from `zero`.
    pub fn start<W: Work>(work: &Arc<W>, streams: &Streams, threads: usize, zero: Instant) -> Self {
        let (sender, outcomes) = channel();
        let queue = Arc::new(Queue {
            state: Mutex::new(QueueState { deals: VecDeque::new(), open: true }),
            filled: Condvar::new(),
            clocks: (0..threads).map(|_| Clock::default()).collect(),
        });
        let started = Instant::now();
        for thread in 0..threads {
            let mate = Mate {
                work: Arc::clone(work),
                streams: streams.clone(),
                queue: Arc::clone(&queue),
                sender: sender.clone(),
                thread,
                started,
                zero: started.duration_since(zero).as_secs_f64(),
            };
            std::thread::spawn(move || mate.run());
        }
        Crew { queue, outcomes, started }
    }

    /// Puts tasks into the queue.
    pub fn run(&self, deal: Deal) {
        self.queue.lock().deals.push_back(deal);
        self.queue.filled.notify_all();
    }

    /// Waits for the next outcome, but not longer than `patience`.
    pub fn outcome(&self, patience: Duration) -> Option<Outcome> {
        match self.outcomes.recv_timeout(patience) {
            Ok(outcome) => Some(outcome),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                // Only after a failure do all threads end while the queue is open, and that was handed over.
                std::thread::sleep(patience);
                None
            }
        }
    }

    /// Seconds spent in tasks up to now, seconds without one (both summed over the threads), and finished tasks.
    pub fn times(&self) -> (f64, f64, u64) {
        let now = self.started.elapsed().as_nanos() as u64;
        let busy = |clock: &Clock| {
            let present = match clock.since.load(Ordering::Relaxed) {
                0 => 0,
                since => now.saturating_sub(since),
            };
            (clock.busy.load(Ordering::Relaxed) + present) as f64 / 1e9
        };
        let busy: f64 = self.queue.clocks.iter().map(busy).sum();
        let all = now as f64 / 1e9 * self.queue.clocks.len() as f64;
        let tasks = self.queue.clocks.iter().map(|clock| clock.tasks.load(Ordering::Relaxed)).sum();
        (busy, (all - busy).max(0.0), tasks)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.open = false;
        state.deals.clear();
        drop(state);
        self.queue.filled.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The next task if one is there.
    fn try_next(&self) -> Option<u64> {
        self.lock().next()
    }

    /// The next task, waiting for one; `None` when the queue is closed.
    fn wait_next(&self) -> Option<u64> {
        let mut state = self.lock();
        loop {
            if !state.open {
                return None;
            }
            if let Some(task) = state.next() {
                return Some(task);
            }
            state = self.filled.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }
}

impl QueueState {
    fn next(&mut self) -> Option<u64> {
        loop {
            match self.deals.front_mut()?.take_first() {
                Some(task) => return Some(task),
                None => self.deals.pop_front(),
            };
        }
    }
}

/// One compute thread.
struct Mate<W> {
    work: Arc<W>,
    streams: Streams,
    queue: Arc<Queue>,
    sender: Sender<Outcome>,
    thread: usize,
    started: Instant,
    /// The crew's start, in seconds on the clock of the trace.
    zero: f64,
}

impl<W: Work> Mate<W> {
    fn run(&self) {
        // A crew that is gone no longer wants outcomes.
        let mut batch = self.empty_batch();
        let mut handed_over = 0.0;
        while let Some(task) = self.queue.try_next().or_else(|| {
            if !batch.tasks.is_empty() {
                let _ = self.sender.send(Ok(std::mem::replace(&mut batch, self.empty_batch())));
            }
            self.queue.wait_next()
        }) {
            if let Err(error) = self.task(task, &mut batch) {
                let failure = Failure { task, message: error.to_string(), status: error.status() };
                let _ = self.sender.send(Err(failure));
                return;
            }
            let now = batch.tasks.last().map_or(0.0, |done| done.start + done.seconds);
            if now - handed_over > BATCH_TIME || batch.outputs.len() > BATCH_SIZE {
                let _ = self.sender.send(Ok(std::mem::replace(&mut batch, self.empty_batch())));
                handed_over = now;
            }
        }
    }

    fn empty_batch(&self) -> Batch {
        Batch { thread: self.thread as u16, ..Batch::default() }
    }

    /// Runs a task and appends its result.
    fn task(&self, task: u64, batch: &mut Batch) -> Result<()> {
        let clock = &self.queue.clocks[self.thread];
        let start = self.now();
        clock.since.store(start.max(1), Ordering::Relaxed);
        let output = guarded(|| self.work.run(task, &mut self.streams.stream(task))).and_then(|result| result)?;
        let before = batch.outputs.len();
        let outputs = std::mem::take(&mut batch.outputs);
        batch.outputs = postcard::to_extend(&output, outputs).map_err(Error::from)?;
        let end = self.now();
        clock.since.store(0, Ordering::Relaxed);
        clock.busy.fetch_add(end - start, Ordering::Relaxed);
        clock.tasks.fetch_add(1, Ordering::Relaxed);
        batch.tasks.push(Done {
            task,
            start: self.zero + start as f64 / 1e9,
            seconds: (end - start) as f64 / 1e9,
            size: batch.outputs.len() - before,
        });
        Ok(())
    }

    /// Nanoseconds since the crew's start.
    fn now(&self) -> u64 {
        self.started.elapsed().as_nanos() as u64
    }
}
