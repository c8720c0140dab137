//! A queue between ranks. Its items are at one rank, the home, whose courier deals them out.

mod home;

use super::letter::{Address, Kind};
use super::office::{Awaited, Office, Service};
use crate::error::{Error, Result};
use home::{Home, ToHome, ToUser};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What all users of a queue must agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSpec {
    /// Its name: one for each queue.
    pub name: String,
    /// The rank that keeps its items; best one that uses it.
    pub home: usize,
    /// How many items it holds, at least 1: who puts one more waits.
    pub capacity: usize,
    /// How often it has to be [closed](Queue::close) before it is: how many put into it.
    pub producers: usize,
}

/// One rank's end of a first-in first-out queue between ranks, with any number of producers and consumers.
///
/// Each item that is put is got once. Items of one producer are got in their order. An item that was got counts as
/// unfinished until [`done`](Self::done). One thread of a rank uses it at a time: it can be moved, but not shared.
pub struct Queue<T> {
    user: Arc<User>,
    item: PhantomData<fn(T) -> T>,
    /// Only one thread of a rank uses it: when that waits, the rank does.
    alone: PhantomData<Cell<()>>,
}

/// What came of [`Queue::get_within`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got<T> {
    /// The first item.
    Item(T),
    /// None has come in time.
    Nothing,
    /// The queue is closed and empty.
    End,
}

/// Why a queue is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum QueueEnd {
    /// It has been closed, by as many as put into it.
    #[error("is closed")]
    Closed,
    /// Every rank has ended or waits for this queue.
    #[error("is waited for in vain: every other rank has ended or waits for it too")]
    Abandoned,
    /// More items were marked done than had been got.
    #[error("has no item that was got and not marked done")]
    NothingToMark,
    /// Its users do not agree on what it is.
    #[error("has another capacity or number of producers for another rank")]
    Disagreement,
}

impl<T: Serialize + DeserializeOwned> Queue<T> {
    pub(super) fn open(office: &Arc<Office>, spec: QueueSpec) -> Result<Self> {
        if spec.home >= office.ranks || spec.capacity == 0 || spec.producers == 0 {
            let QueueSpec { name, home, capacity, producers } = spec;
            return Err(Error::other(format!(
                "the queue '{name}' can't have its home at rank {home} of {}, a capacity of {capacity} and {producers} \
                 producers",
                office.ranks
            )));
        }
        let user = Arc::new(User {
            office: Arc::clone(office),
            home: spec.home,
            name: spec.name,
            answers: Awaited::new(VecDeque::new()),
        });
        office.open(Address { kind: Kind::QueueUser, name: &user.name }, Arc::clone(&user) as Arc<dyn Service>)?;
        user.tell(&ToHome::Open { capacity: spec.capacity as u64, producers: spec.producers as u64 })?;
        Ok(Queue { user, item: PhantomData, alone: PhantomData })
    }

    /// Puts an item at the end, and returns when the queue has it: waits as long as it is full.
    ///
    /// # Errors
    /// [`QueueEnd::Closed`] when it has been closed, and [`QueueEnd::Abandoned`] when nobody will make room. The item is
    /// not in the queue then.
    pub fn put(&self, item: &T) -> Result<()> {
        match self.user.ask(&ToHome::Put { item: postcard::to_stdvec(item)? })? {
            ToUser::Accepted => Ok(()),
            other => Err(self.user.fail(other)),
        }
    }

    /// Takes the first item, waiting for one; `None` when the queue is closed and empty.
    ///
    /// # Errors
    /// [`QueueEnd::Abandoned`] when nobody is left to put one in.
    pub fn get(&self) -> Result<Option<T>> {
        self.next(false)
    }

    /// Takes the first item, if one comes within `patience`.
    ///
    /// # Errors
    /// [`QueueEnd::Abandoned`] when nobody is left to put one in.
    pub fn get_within(&self, patience: Duration) -> Result<Got<T>> {
        self.user.tell(&ToHome::Get { done: false })?;
        let answer = match self.user.answers.wait_until(patience, VecDeque::pop_front) {
            Some(answer) => answer,
            // An item may be on its way: then that is the answer.
            None => self.user.ask(&ToHome::Cancel)?,
        };
        match answer {
            ToUser::Item { item } => Ok(Got::Item(postcard::from_bytes(&item)?)),
            ToUser::Cancelled => Ok(Got::Nothing),
            ToUser::End(QueueEnd::Closed) => Ok(Got::End),
            other => Err(self.user.fail(other)),
        }
    }

    fn next(&self, done: bool) -> Result<Option<T>> {
        match self.user.ask(&ToHome::Get { done })? {
            ToUser::Item { item } => Ok(Some(postcard::from_bytes(&item)?)),
            ToUser::End(QueueEnd::Closed) => Ok(None),
            other => Err(self.user.fail(other)),
        }
    }

    /// Says that an item which was got is dealt with.
    ///
    /// # Errors
    /// [`QueueEnd::NothingToMark`] when there is no such item.
    pub fn done(&self) -> Result<()> {
        match self.user.ask(&ToHome::Done)? {
            ToUser::Accepted => Ok(()),
            other => Err(self.user.fail(other)),
        }
    }

    /// Waits until all items that were put are [`done`](Self::done).
    ///
    /// # Errors
    /// [`QueueEnd::Abandoned`] when nobody is left to deal with them.
    pub fn join(&self) -> Result<()> {
        match self.user.ask(&ToHome::Join)? {
            ToUser::Accepted => Ok(()),
            other => Err(self.user.fail(other)),
        }
    }

    /// Says that this producer puts no more. With the last of them the queue is closed: what is in it can still be got.
    ///
    /// # Errors
    /// [`QueueEnd::Closed`] when it was closed already.
    pub fn close(&self) -> Result<()> {
        match self.user.ask(&ToHome::Close)? {
            ToUser::Accepted => Ok(()),
            other => Err(self.user.fail(other)),
        }
    }

    /// The items up to the end of the queue, each marked as done when the next is asked for.
    pub fn items(&self) -> impl Iterator<Item = Result<T>> {
        let mut got = false;
        std::iter::from_fn(move || {
            let item = self.next(got).transpose();
            got = matches!(item, Some(Ok(_)));
            item
        })
    }
}

/// A rank that uses a queue.
struct User {
    office: Arc<Office>,
    home: usize,
    name: String,
    answers: Awaited<VecDeque<ToUser>>,
}

impl User {
    fn tell(&self, message: &ToHome) -> Result<()> {
        self.office.post(self.home, Address { kind: Kind::QueueHome, name: &self.name }, message)
    }

    fn ask(&self, message: &ToHome) -> Result<ToUser> {
        self.tell(message)?;
        Ok(self.answers.wait(VecDeque::pop_front))
    }

    fn fail(&self, answer: ToUser) -> Error {
        match answer {
            ToUser::End(end) => Error::other(QueueError { name: self.name.clone(), end }),
            other => Error::other(format!("the queue '{}' answered {other:?}", self.name)),
        }
    }
}

/// What went wrong with which queue.
#[derive(Debug, thiserror::Error)]
#[error("the queue '{name}' {end}")]
pub struct QueueError {
    /// The queue's name.
    pub name: String,
    /// Why it is of no more use.
    pub end: QueueEnd,
}

impl Service for User {
    fn receive(&self, _home: usize, message: &[u8]) -> Result<()> {
        let answer = postcard::from_bytes(message)?;
        self.answers.with(|answers| answers.push_back(answer));
        Ok(())
    }
}

/// A home as a service.
struct Keeper {
    office: Arc<Office>,
    name: String,
    home: Mutex<Home>,
}

/// The home of the queue of this name.
pub(super) fn home(office: &Arc<Office>, name: &str) -> Arc<dyn Service> {
    Arc::new(Keeper { office: Arc::clone(office), name: name.to_owned(), home: Mutex::new(Home::new(office.ranks)) })
}

impl Keeper {
    fn react(&self, react: impl FnOnce(&mut Home) -> Vec<(usize, ToUser)>) -> Result<()> {
        let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        let address = Address { kind: Kind::QueueUser, name: &self.name };
        react(&mut home).iter().try_for_each(|(to, answer)| self.office.post(*to, address, answer))
    }
}

impl Service for Keeper {
    fn receive(&self, from: usize, message: &[u8]) -> Result<()> {
        let message = postcard::from_bytes(message)?;
        self.react(|home| home.receive(from, message))
    }

    fn left(&self, rank: usize) -> Result<()> {
        self.react(|home| home.left(rank))
    }
}
