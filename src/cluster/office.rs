//! What the threads of a rank share: letters to be sent, the services that take letters, and states to wait for.

use super::letter::{Address, Kind, seal};
use super::process::Errand;
use crate::error::{Error, Result};
use crate::world::World;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Takes letters. It is called by the courier, and must not wait for anything.
pub(super) trait Service: Send + Sync {
    /// Takes what rank `from` says.
    ///
    /// # Errors
    /// Any error ends the job.
    fn receive(&self, from: usize, message: &[u8]) -> Result<()>;

    /// The body of a rank has ended; everything that it has sent has come before.
    ///
    /// # Errors
    /// Any error ends the job.
    fn left(&self, _rank: usize) -> Result<()> {
        Ok(())
    }

    /// Called again and again: for what is a matter of time.
    ///
    /// # Errors
    /// Any error ends the job.
    fn tick(&self) -> Result<()> {
        Ok(())
    }
}

/// A service and where it is.
pub(super) struct Opened {
    pub kind: Kind,
    pub name: String,
    pub service: Arc<dyn Service>,
}

impl Opened {
    pub fn is_at(&self, address: Address) -> bool {
        (self.kind, &self.name[..]) == (address.kind, address.name)
    }
}

/// A rank's post office.
pub(super) struct Office {
    /// This rank.
    pub rank: usize,
    /// How many ranks there are.
    pub ranks: usize,
    /// The name of this rank's host.
    pub host: String,
    /// The zero of times.
    zero: Instant,
    desk: Mutex<Desk>,
    news: Condvar,
}

#[derive(Default)]
struct Desk {
    outgoing: VecDeque<(usize, Vec<u8>)>,
    errands: Vec<Errand>,
    /// Services that the courier does not know yet.
    opened: Vec<Opened>,
    /// All that were ever opened.
    names: Vec<(Kind, String)>,
    /// Something has happened since the courier last looked.
    news: bool,
    closed: bool,
}

impl Office {
    pub fn new(world: &World) -> Arc<Self> {
        let (rank, ranks, host, zero) = (world.rank(), world.size(), world.host().to_owned(), world.start_time());
        Arc::new(Office { rank, ranks, host, zero, desk: Mutex::default(), news: Condvar::new() })
    }

    /// Seconds since the job's start.
    pub fn now(&self) -> f64 {
        self.zero.elapsed().as_secs_f64()
    }

    /// Has a message sent. Those from one rank to another arrive in the order of their posting.
    pub fn post(&self, to: usize, address: Address, message: &impl Serialize) -> Result<()> {
        let letter = seal(address, message)?;
        let mut desk = lock(&self.desk);
        if !desk.closed {
            desk.outgoing.push_back((to, letter));
            self.tell(desk);
        }
        Ok(())
    }

    /// Opens a service. Letters that have come for it earlier are delivered to it next.
    ///
    /// # Errors
    /// When there is one of this kind and name.
    pub fn open(&self, address: Address, service: Arc<dyn Service>) -> Result<()> {
        let mut desk = lock(&self.desk);
        let name = (address.kind, address.name.to_owned());
        if desk.names.contains(&name) {
            return Err(Error::other(format!("rank {} has opened '{}' twice", self.rank, address.name)));
        }
        desk.names.push(name.clone());
        desk.opened.push(Opened { kind: name.0, name: name.1, service });
        self.tell(desk);
        Ok(())
    }

    /// The services that have been opened since the last call.
    pub fn opened(&self) -> Vec<Opened> {
        std::mem::take(&mut lock(&self.desk).opened)
    }

    /// Has the courier run an errand.
    pub fn ask(&self, errand: Errand) {
        let mut desk = lock(&self.desk);
        desk.errands.push(errand);
        self.tell(desk);
    }

    /// The errands since the last call.
    pub fn errands(&self) -> Vec<Errand> {
        std::mem::take(&mut lock(&self.desk).errands)
    }

    /// The next letter to be sent, and to whom.
    pub fn next(&self) -> Option<(usize, Vec<u8>)> {
        lock(&self.desk).outgoing.pop_front()
    }

    /// Nothing more is sent.
    pub fn close(&self) {
        let mut desk = lock(&self.desk);
        desk.closed = true;
        desk.outgoing.clear();
    }

    /// Wakes the courier.
    pub fn wake(&self) {
        self.tell(lock(&self.desk));
    }

    fn tell(&self, mut desk: MutexGuard<Desk>) {
        desk.news = true;
        self.news.notify_one();
    }

    /// Waits for news, but not longer than `patience`.
    pub fn wait(&self, patience: Duration) {
        let desk = lock(&self.desk);
        let waited = self.news.wait_timeout_while(desk, patience, |desk| !desk.news);
        waited.unwrap_or_else(PoisonError::into_inner).0.news = false;
    }
}

/// A state that the courier changes and bodies wait for.
pub(super) struct Awaited<S> {
    state: Mutex<S>,
    changed: Condvar,
}

impl<S> Awaited<S> {
    pub fn new(state: S) -> Self {
        Awaited { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Looks at the state, or changes it in a way that nobody waits for.
    pub fn look<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut lock(&self.state))
    }

    /// Changes the state, and wakes those who wait.
    pub fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        let result = look(&mut lock(&self.state));
        self.changed.notify_all();
        result
    }

    /// Waits until `look` finds what it looks for.
    pub fn wait<T>(&self, mut look: impl FnMut(&mut S) -> Option<T>) -> T {
        let mut state = lock(&self.state);
        loop {
            if let Some(found) = look(&mut state) {
                return found;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until `look` finds what it looks for, but not longer than `patience`.
    pub fn wait_until<T>(&self, patience: Duration, mut look: impl FnMut(&mut S) -> Option<T>) -> Option<T> {
        // Beyond what a clock can say is for ever.
        let Some(deadline) = Instant::now().checked_add(patience) else { return Some(self.wait(look)) };
        let mut state = lock(&self.state);
        loop {
            if let Some(found) = look(&mut state) {
                return Some(found);
            }
            let patience = deadline.checked_duration_since(Instant::now())?;
            state = self.changed.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A panic under one of these locks ends the job (in the courier) or is on its way to do so (in a body).
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
