//! Values from rank to rank.

use super::letter::{Address, Kind};
use super::office::{Awaited, Office, Service};
use crate::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// A channel for values of one type between the ranks that open it. Those from one rank to another come in their order.
///
/// It holds whatever is sent until it is received: where that could be too much, a [`Queue`](super::Queue) is better.
pub struct Channel<T> {
    office: Arc<Office>,
    name: String,
    mailbox: Arc<Mailbox>,
    value: PhantomData<fn(T) -> T>,
}

struct Mailbox {
    contents: Awaited<Contents>,
}

struct Contents {
    letters: VecDeque<(usize, Vec<u8>)>,
    /// How many other ranks can still send.
    senders: usize,
    rank: usize,
}

impl<T: Serialize + DeserializeOwned> Channel<T> {
    pub(super) fn open(office: &Arc<Office>, name: &str) -> Result<Self> {
        let contents = Contents { letters: VecDeque::new(), senders: office.ranks - 1, rank: office.rank };
        let mailbox = Arc::new(Mailbox { contents: Awaited::new(contents) });
        office.open(Address { kind: Kind::Mailbox, name }, Arc::clone(&mailbox) as Arc<dyn Service>)?;
        Ok(Channel { office: Arc::clone(office), name: name.to_owned(), mailbox, value: PhantomData })
    }

    /// Sends a value to a rank, without waiting for it to be received.
    ///
    /// # Errors
    /// When there is no such rank, or the value can't be serialized.
    pub fn send(&self, to: usize, value: &T) -> Result<()> {
        let bytes = postcard::to_stdvec(value)?;
        if to == self.office.rank {
            // It is there already, even if nobody else is any more.
            self.mailbox.contents.with(|contents| contents.letters.push_back((to, bytes)));
            return Ok(());
        }
        if to >= self.office.ranks {
            return Err(Error::other(format!("there is no rank {to}: there are {}, from 0", self.office.ranks)));
        }
        self.office.post(to, Address { kind: Kind::Mailbox, name: &self.name }, &serde_bytes::Bytes::new(&bytes))
    }

    /// The next value that has come, and from which rank, waiting for it; `None` when all other ranks have ended.
    ///
    /// # Errors
    /// When what has come is of another type.
    pub fn receive(&self) -> Result<Option<(usize, T)>> {
        let next = self.mailbox.contents.wait(|contents| match contents.letters.pop_front() {
            None if contents.senders == 0 => Some(None),
            None => None,
            letter => Some(letter),
        });
        next.map(Self::read).transpose()
    }

    /// The next value, if one comes within `patience`.
    ///
    /// # Errors
    /// When what has come is of another type.
    pub fn receive_within(&self, patience: Duration) -> Result<Option<(usize, T)>> {
        let next = self.mailbox.contents.wait_until(patience, |contents| contents.letters.pop_front());
        next.map(Self::read).transpose()
    }

    fn read((from, bytes): (usize, Vec<u8>)) -> Result<(usize, T)> {
        Ok((from, postcard::from_bytes(&bytes)?))
    }
}

impl Service for Mailbox {
    fn receive(&self, from: usize, message: &[u8]) -> Result<()> {
        let bytes: serde_bytes::ByteBuf = postcard::from_bytes(message)?;
        self.contents.with(|contents| contents.letters.push_back((from, bytes.into_vec())));
        Ok(())
    }

    fn left(&self, rank: usize) -> Result<()> {
        self.contents.with(|contents| contents.senders -= usize::from(rank != contents.rank));
        Ok(())
    }
}
