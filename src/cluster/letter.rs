//! What ranks send each other: an address, and what the service there is told.

use crate::error::Result;
use serde::{Deserialize, Serialize};

/// What kinds of service there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// The rank's courier itself.
    Courier,
    /// Where a [`Channel`](super::Channel) ends.
    Mailbox,
    /// Where a [`Queue`](super::Queue)'s items are.
    QueueHome,
    /// A rank that puts into a queue or gets from it.
    QueueUser,
    /// A rank that asks engines.
    Client,
    /// A rank that answers.
    Engine,
}

/// A service of a rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Address<'a> {
    pub kind: Kind,
    pub name: &'a str,
}

/// What couriers tell each other.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Notice {
    /// The body of the sender's rank has ended.
    Left,
    /// A signal has asked the sender to end the job.
    Asked,
}

/// A letter as it travels.
pub(super) fn seal(address: Address, message: &impl Serialize) -> Result<Vec<u8>> {
    let bytes = postcard::to_extend(&address, Vec::new())?;
    Ok(postcard::to_extend(message, bytes)?)
}

/// The address of a letter, and the bytes of its message.
pub(super) fn open(letter: &[u8]) -> Result<(Address<'_>, &[u8])> {
    Ok(postcard::take_from_bytes(letter)?)
}
