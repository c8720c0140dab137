//! The compute threads of one rank.

use super::Work;
use super::protocol::{Deal, Done, Failure};
use crate::error::Error;
use crate::stream::Streams;
use crate::world::guarded;
use postcard::ser_flavors::Size;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Results are collected for so long, unless a thread runs out of tasks. (Waking a main thread can cost more than a short
/// task.)
const BATCH_TIME: Duration = Duration::from_millis(5);
/// When so many bytes have been collected, the main thread is woken; about so many go into a message.
pub(super) const BATCH_SIZE: usize = 1 << 20;

/// Compute threads that take tasks from a queue and put results into an outbox.
///
/// Dropping the crew leaves its threads to finish the task that each of them is in; what they find is lost.
pub(super) struct Crew<T> {
    shared: Arc<Shared<T>>,
}

/// What the threads of a rank share with its main thread.
struct Shared<T> {
    queue: Mutex<Queue>,
    filled: Condvar,
    outbox: Mutex<Outbox<T>>,
    ready: Condvar,
    clocks: Vec<Clock>,
    started: Instant,
    /// Whether results go with what is needed to go on after them.
    saves: AtomicBool,
}

/// Tasks that no thread has begun.
struct Queue {
    deals: VecDeque<Deal>,
    open: bool,
}

/// A finished task and its result.
pub(super) struct Product<T> {
    pub done: Done,
    pub output: T,
    /// What is needed to go on.
    pub state: Vec<u8>,
}

/// What has been found since the main thread last looked.
struct Outbox<T> {
    products: Vec<Product<T>>,
    /// How large these are, in bytes as messages have them.
    size: usize,
    failures: Vec<Failure>,
    /// When the oldest of these results came.
    since: Option<Instant>,
    /// Whether somebody waits for it to be sent.
    urgent: bool,
}

/// What a main thread takes out of the outbox.
pub(super) struct Outcome<T> {
    pub products: Vec<Product<T>>,
    pub failures: Vec<Failure>,
}

/// A thread's time in tasks, in nanoseconds since the crew's start: the sum up to the last finished one, and when the
/// present one began (0: there is none).
#[derive(Default)]
struct Clock {
    busy: AtomicU64,
    since: AtomicU64,
    tasks: AtomicU64,
}

impl<T: Send + 'static> Crew<T> {
    /// Starts the threads. Times of tasks count from `zero`.
    pub fn start<W: Work<Output = T>>(work: &Arc<W>, streams: &Streams, threads: usize, zero: Instant) -> Self {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue { deals: VecDeque::new(), open: true }),
            filled: Condvar::new(),
            outbox: Mutex::default(),
            ready: Condvar::new(),
            clocks: (0..threads).map(|_| Clock::default()).collect(),
            started: Instant::now(),
            saves: AtomicBool::new(false),
        });
        for thread in 0..threads {
            let mate = Mate {
                work: Arc::clone(work),
                streams: streams.clone(),
                shared: Arc::clone(&shared),
                thread,
                zero: shared.started.duration_since(zero).as_secs_f64(),
            };
            std::thread::spawn(move || mate.run());
        }
        Crew { shared }
    }

    /// From now on results go with what is needed to go on after them.
    pub fn save(&self) {
        self.shared.saves.store(true, Ordering::Relaxed);
    }

    /// Puts tasks into the queue.
    pub fn run(&self, deal: Deal) {
        lock(&self.shared.queue).deals.push_back(deal);
        self.shared.filled.notify_all();
    }

    /// What has been found, waiting for it but not longer than `patience`.
    pub fn outcome(&self, patience: Duration) -> Option<Outcome<T>> {
        let outbox = lock(&self.shared.outbox);
        let waited = self.shared.ready.wait_timeout_while(outbox, patience, |outbox| !outbox.is_ripe());
        let mut outbox = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        outbox.is_ripe().then(|| {
            let Outbox { products, failures, .. } = std::mem::take(&mut *outbox);
            Outcome { products, failures }
        })
    }

    /// Seconds spent in tasks up to now, summed over the threads, and finished tasks.
    pub fn busy(&self) -> (f64, u64) {
        let now = self.shared.now();
        let busy = |clock: &Clock| {
            let present = match clock.since.load(Ordering::Relaxed) {
                0 => 0,
                since => now.saturating_sub(since),
            };
            (clock.busy.load(Ordering::Relaxed) + present) as f64 / 1e9
        };
        let tasks = self.shared.clocks.iter().map(|clock| clock.tasks.load(Ordering::Relaxed)).sum();
        (self.shared.clocks.iter().map(busy).sum(), tasks)
    }
}

impl<T> Drop for Crew<T> {
    fn drop(&mut self) {
        *lock(&self.shared.queue) = Queue { deals: VecDeque::new(), open: false };
        self.shared.filled.notify_all();
    }
}

/// No code that can panic runs under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl<T> Shared<T> {
    /// Nanoseconds since the crew's start.
    fn now(&self) -> u64 {
        self.started.elapsed().as_nanos() as u64
    }

    /// Puts the next tasks into `tasks`, up to `most`; before waiting for one, sees to it that results are sent. Tells
    /// whether there are any: there are none when the queue is closed.
    fn next_tasks(&self, most: usize, tasks: &mut Vec<u64>) -> bool {
        tasks.clear();
        lock(&self.queue).take(most, tasks);
        if !tasks.is_empty() {
            return true;
        }
        let mut outbox = lock(&self.outbox);
        if outbox.since.is_some() {
            outbox.urgent = true;
            self.ready.notify_one();
        }
        drop(outbox);
        let queue = lock(&self.queue);
        let empty = |queue: &mut Queue| queue.open && queue.is_empty();
        self.filled.wait_while(queue, empty).unwrap_or_else(|poisoned| poisoned.into_inner()).take(most, tasks);
        !tasks.is_empty()
    }

    /// Puts a result into the outbox.
    fn put(&self, product: Product<T>) {
        let mut outbox = lock(&self.outbox);
        outbox.since.get_or_insert_with(Instant::now);
        outbox.size += product.done.size + product.done.state_size;
        outbox.products.push(product);
        if outbox.size >= BATCH_SIZE && !outbox.urgent {
            outbox.urgent = true;
            self.ready.notify_one();
        }
    }

    fn fail(&self, failure: Failure) {
        let mut outbox = lock(&self.outbox);
        outbox.failures.push(failure);
        outbox.urgent = true;
        self.ready.notify_one();
    }
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.deals.iter().all(|deal| deal.count == 0)
    }

    /// Moves up to so many tasks to `tasks`.
    fn take(&mut self, most: usize, tasks: &mut Vec<u64>) {
        while tasks.len() < most
            && let Some(deal) = self.deals.front_mut()
        {
            match deal.take_first() {
                Some(task) => tasks.push(task),
                None => drop(self.deals.pop_front()),
            }
        }
    }
}

impl<T> Default for Outbox<T> {
    fn default() -> Self {
        Outbox { products: Vec::new(), size: 0, failures: Vec::new(), since: None, urgent: false }
    }
}

impl<T> Outbox<T> {
    /// Whether it is time to send what is in it. (Nobody wakes a main thread for results that become old; it looks
    /// often enough.)
    fn is_ripe(&self) -> bool {
        self.urgent || self.since.is_some_and(|since| since.elapsed() > BATCH_TIME)
    }
}

/// One compute thread.
struct Mate<W: Work> {
    work: Arc<W>,
    streams: Streams,
    shared: Arc<Shared<W::Output>>,
    thread: usize,
    /// The crew's start, in seconds on the clock of the trace.
    zero: f64,
}

impl<W: Work> Mate<W> {
    fn run(&self) {
        let mut streams = self.streams.walk();
        let mut tasks = Vec::new();
        while self.shared.next_tasks(self.work.together(), &mut tasks) {
            let save = self.shared.saves.load(Ordering::Relaxed);
            let (mut rest, mut start) = (&tasks[..], self.begin());
            let mut put = |results: Vec<(W::Output, Vec<u8>)>| {
                let (begin, seconds) = self.end(start, results.len());
                for (number, (output, state)) in results.into_iter().enumerate() {
                    let Some((task, later)) = rest.split_first() else { break };
                    let size = postcard::serialize_with_flavor(&output, Size::default())?;
                    let (thread, start) = (self.thread as u16, begin + number as f64 * seconds);
                    let done = Done { task: *task, thread, start, seconds, size, state_size: state.len() };
                    self.shared.put(Product { done, output, state });
                    rest = later;
                }
                start = self.begin();
                Ok(())
            };
            // What a result says its size by may panic, too.
            let ran = guarded(|| self.work.run_all(&tasks, &mut streams, save, &mut put)).and_then(|ran| ran);
            if !rest.is_empty() {
                let error = ran.err().unwrap_or_else(|| Error::other("nothing was found"));
                for task in rest {
                    let (message, status) = (error.to_string(), error.status());
                    self.shared.fail(Failure { task: *task, message, status });
                }
            }
            self.rest();
        }
    }

    /// When a task begins.
    fn begin(&self) -> u64 {
        let start = self.shared.now().max(1);
        self.shared.clocks[self.thread].since.store(start, Ordering::Relaxed);
        start
    }

    /// When so many tasks began, one of them at `start`, and how long each took, in seconds.
    fn end(&self, start: u64, tasks: usize) -> (f64, f64) {
        let length = self.shared.now().saturating_sub(start);
        self.rest();
        let clock = &self.shared.clocks[self.thread];
        clock.busy.fetch_add(length, Ordering::Relaxed);
        clock.tasks.fetch_add(tasks as u64, Ordering::Relaxed);
        (self.zero + start as f64 / 1e9, length as f64 / 1e9 / tasks as f64)
    }

    /// No task is under way.
    fn rest(&self) {
        self.shared.clocks[self.thread].since.store(0, Ordering::Relaxed);
    }
}
