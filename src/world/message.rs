//! Messages from one rank to another.

use super::World;
use super::wait::Wait;
use crate::error::Result;
use mpi::datatype::Equivalence;
use mpi::point_to_point::{Destination, Message, Source, Status};
use mpi::request::scope;
use mpi::traits::{Communicator, MatchedReceiveVec};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// What a message is about: every tag that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Tag {
    /// From root, a rank's share of a [`scatter`](World::scatter).
    Scatter = 1,
    /// To root, a rank's part of a [`gather`](World::gather).
    Gather,
    /// From root, what a worker of a [`farm`](crate::farm) shall do.
    Order,
    /// To root, what a worker of a [`farm`](crate::farm) has done.
    Report,
    /// Between ranks of a [`cluster`](crate::cluster).
    Letter,
    /// Between ranks and those that they have started.
    Family,
    /// From a rank that fails to those above it.
    Failing,
    /// From a rank that is asked to end the job to those of other parts of its world.
    Asked,
    /// A user's own messages.
    User,
}

/// A number that MPI can move: the integers, floats and `bool`.
pub trait Element: Equivalence + Copy + Default {}
impl<T: Equivalence + Copy + Default> Element for T {}

/// The largest part of a message, in bytes: counts in MPI are C ints, and some transports stall on huge ones.
const PART: usize = 1 << 28;

/// The longest sleep while waiting for a message.
pub(super) const LONGEST_WAIT: Duration = Duration::from_millis(1);

impl World {
    /// Sends `values` to rank `to`, and returns when they may be changed again.
    pub fn send<T: Element>(&self, to: usize, tag: Tag, values: &[T]) {
        self.send_while(to, tag, values, || ());
    }

    /// Sends `values`, and calls `meanwhile` again and again until they are on their way.
    ///
    /// Two ranks that send to each other both get through if each receives what comes `meanwhile`.
    pub(crate) fn send_while<T: Element>(&self, to: usize, tag: Tag, values: &[T], mut meanwhile: impl FnMut()) {
        let whole = PART / size_of::<T>();
        let to = self.communicator.process_at_rank(to as i32);
        // A part that is not of full length is the last one; it may be empty.
        let last = values.chunks_exact(whole).remainder();
        let parts = values.chunks_exact(whole).chain(std::iter::once(last));
        scope(|scope| {
            // All at once: who has received one part waits for the next, and may be sending, too.
            let requests: Vec<_> = parts.map(|part| to.immediate_send_with_tag(scope, part, tag as i32)).collect();
            for mut request in requests {
                let mut wait = Wait::new(LONGEST_WAIT);
                while let Err(pending) = request.test() {
                    request = pending;
                    meanwhile();
                    wait.pause();
                }
            }
        });
    }

    /// Receives what rank `from` sent with this `tag`.
    pub fn receive<T: Element>(&self, from: usize, tag: Tag) -> Vec<T> {
        let from = self.communicator.process_at_rank(from as i32);
        let mut wait = Wait::new(LONGEST_WAIT);
        let first = loop {
            match from.immediate_matched_probe_with_tag(tag as i32) {
                Some(message) => break message,
                None => wait.pause(),
            }
        };
        self.receive_all_parts(first, tag)
    }

    /// Receives a message with this `tag` from any rank, with that rank's number, if one has come.
    pub fn try_receive<T: Element>(&self, tag: Tag) -> Option<(usize, Vec<T>)> {
        let (message, status) = self.communicator.any_process().immediate_matched_probe_with_tag(tag as i32)?;
        let from = status.source_rank() as usize;
        Some((from, self.receive_all_parts((message, status), tag)))
    }

    fn receive_all_parts<T: Element>(&self, first: (Message, Status), tag: Tag) -> Vec<T> {
        let whole = PART / size_of::<T>();
        let from = self.communicator.process_at_rank(first.1.source_rank());
        let (mut values, _) = first.matched_receive_vec::<T>();
        let mut last = values.len();
        while last == whole {
            // The same pair of ranks and the same tag: parts come in the order in which they were sent.
            let (part, _) = from.matched_probe_with_tag(tag as i32).matched_receive_vec::<T>();
            last = part.len();
            values.extend_from_slice(&part);
        }
        values
    }

    /// Sends any value that can be serialized.
    pub fn send_value<T: Serialize>(&self, to: usize, tag: Tag, value: &T) -> Result<()> {
        self.send(to, tag, &postcard::to_stdvec(value)?);
        Ok(())
    }

    /// Receives a value sent by [`send_value`](Self::send_value).
    pub fn receive_value<T: DeserializeOwned>(&self, from: usize, tag: Tag) -> Result<T> {
        Ok(postcard::from_bytes(&self.receive::<u8>(from, tag))?)
    }
}
