//! A rank in its role.

use super::channel::Channel;
use super::courier;
use super::office::Office;
use super::queue::{Queue, QueueSpec};
use super::roles::{Cast, Role};
use crate::error::{Error, Result};
use crate::world::{World, guarded, signal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, mpsc};

/// What the body of a rank knows of itself and the others, and what it reaches them by.
pub struct Actor {
    cast: Cast,
    office: Arc<Office>,
}

/// Runs `body` on every rank of the world, each with its role, until all have ended. Every rank calls it.
///
/// The body runs on a thread of its own, while this one moves what ranks send each other. It must not use `world`.
///
/// # Errors
/// The error or panic of this rank's body. The job has to end with it, since the other ranks don't know of it:
/// [`launch`](crate::world::launch) sees to that when the error is returned to it.
pub fn act<T: Send + 'static>(
    world: &World,
    cast: &Cast,
    body: impl FnOnce(Actor) -> Result<T> + Send + 'static,
) -> Result<T> {
    // Messages of one act must not reach the next.
    let world = world.part(0)?;
    let office = Office::new(&world);
    let (sender, receiver) = mpsc::channel();
    let actor = Actor { cast: cast.clone(), office: Arc::clone(&office) };
    let thread = std::thread::Builder::new().name("body".into()).spawn(move || {
        let office = Arc::clone(&actor.office);
        let came_to = guarded(|| body(actor)).and_then(|result| result);
        // A courier that has gone has no use for it.
        let _ = sender.send(came_to);
        office.wake();
    });
    thread.map_err(Error::other)?;
    courier::run(&world, &office, &receiver)
}

impl Actor {
    /// This rank.
    pub fn rank(&self) -> usize {
        self.office.rank
    }

    /// The role of a rank.
    pub fn role_of(&self, rank: usize) -> Role {
        self.cast.role(rank)
    }

    pub(super) fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// How many ranks there are.
    pub fn size(&self) -> usize {
        self.office.ranks
    }

    /// This rank's role.
    pub fn role(&self) -> Role {
        self.cast.role(self.rank())
    }

    /// The ranks of a role, in ascending order.
    pub fn ranks(&self, role: &str) -> Vec<usize> {
        self.cast.ranks(role)
    }

    /// Whether the job is asked to end, by a signal on any rank or by the end of its time: see
    /// [`World::heed_signals`].
    pub fn is_asked_to_end(&self) -> bool {
        signal::asked()
    }

    /// This rank's end of the channel of this name.
    ///
    /// # Errors
    /// When this rank has opened it already.
    pub fn channel<T: Serialize + DeserializeOwned>(&self, name: &str) -> Result<Channel<T>> {
        Channel::open(&self.office, name)
    }

    /// This rank's end of a queue.
    ///
    /// # Errors
    /// When this rank has opened it already, and for a queue that can't be.
    pub fn queue<T: Serialize + DeserializeOwned>(&self, spec: QueueSpec) -> Result<Queue<T>> {
        Queue::open(&self.office, spec)
    }
}
