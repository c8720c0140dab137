//! What all ranks do together. Every rank must make the same calls in the same order.

use super::message::{Element, LONGEST_WAIT, Tag};
use super::wait::Wait;
use super::{ROOT, World, guarded};
use crate::error::{Error, Result};
use mpi::collective::{CommunicatorCollectives, Root};
use mpi::request::{Request, Scope, scope};
use mpi::traits::Communicator;
use ndarray::{Array, ArrayD, Dimension, RemoveAxis};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// The largest piece of a broadcast, in bytes.
const PIECE: usize = 1 << 28;

/// What root tells of something that could have failed.
#[derive(Serialize, Deserialize)]
enum Told<T> {
    Value(T),
    Failure { status: u8 },
}

impl World {
    /// Waits until every rank is here.
    pub fn barrier(&self) {
        self.barrier_while(|| false);
    }

    /// Waits until every rank is here, and calls `meanwhile` again and again: without a pause as long as that is busy.
    pub(crate) fn barrier_while(&self, mut meanwhile: impl FnMut() -> bool) {
        let mut request = self.communicator.immediate_barrier();
        let mut wait = Wait::new(LONGEST_WAIT);
        while let Err(pending) = request.test() {
            request = pending;
            if meanwhile() {
                wait.reset();
            }
            wait.pause();
        }
    }

    /// Waits until every rank is here, but not longer than `patience`; tells whether they are. If not, the job has to
    /// be aborted.
    pub(super) fn barrier_within(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut request = self.communicator.immediate_barrier();
        let mut wait = Wait::new(LONGEST_WAIT);
        while let Err(pending) = request.test() {
            if Instant::now() > deadline {
                std::mem::forget(pending); // dropping it unfinished would panic
                return false;
            }
            request = pending;
            wait.pause();
        }
        true
    }

    /// Makes `values` on every rank what it is on root.
    pub fn broadcast<T: Element>(&self, values: &mut Vec<T>) {
        let root = self.communicator.process_at_rank(ROOT as i32);
        let mut length = values.len() as u64;
        scope(|scope| finish(root.immediate_broadcast_into(scope, &mut length)));
        values.resize(length as usize, T::default());
        for piece in values.chunks_mut(PIECE / size_of::<T>()) {
            scope(|scope| finish(root.immediate_broadcast_into(scope, piece)));
        }
    }

    /// Gives every rank root's array; the other ranks pass `None`.
    ///
    /// # Errors
    /// When root's array has another number of axes than this rank expects.
    ///
    /// # Panics
    /// When root passes `None`.
    pub fn broadcast_array<T: Element, D: Dimension>(&self, array: Option<&Array<T, D>>) -> Result<Array<T, D>> {
        let array = array.filter(|_| self.is_root());
        let shape = self.broadcast_value(array.map(|array| array.shape().to_vec()))?;
        let mut values = array.map(in_standard_order).unwrap_or_default();
        self.broadcast(&mut values);
        shaped(values, &shape)
    }

    /// Gives every rank root's value; the other ranks pass `None`.
    ///
    /// # Errors
    /// When the value can't be serialized, or is not what this rank expects.
    ///
    /// # Panics
    /// When root passes `None`.
    pub fn broadcast_value<T: Serialize + DeserializeOwned>(&self, value: Option<T>) -> Result<T> {
        let mut bytes = match (&value, self.is_root()) {
            (Some(value), true) => postcard::to_stdvec(value)?,
            (None, true) => panic!("root has no value to broadcast"),
            (_, false) => Vec::new(),
        };
        self.broadcast(&mut bytes);
        match value {
            Some(value) if self.is_root() => Ok(value),
            _ => Ok(postcard::from_bytes(&bytes)?),
        }
    }

    /// Runs `body` on root alone, and gives every rank its value.
    ///
    /// # Errors
    /// When `body` fails or panics: on root its error as [`Error::Shared`], on the others [`Error::Elsewhere`].
    pub fn on_root<T: Serialize + DeserializeOwned>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        if !self.is_root() {
            return match self.broadcast_value(None)? {
                Told::Value(value) => Ok(value),
                Told::Failure { status } => Err(Error::Elsewhere { status }),
            };
        }
        match guarded(body).and_then(|result| result) {
            Ok(value) => match self.broadcast_value(Some(Told::Value(value)))? {
                Told::Value(value) => Ok(value),
                Told::Failure { .. } => unreachable!("root gets back what it told"),
            },
            Err(error) => {
                self.broadcast_value(Some(Told::<T>::Failure { status: error.status() }))?;
                Err(error.shared())
            }
        }
    }

    /// Brings the ranks' results together: each rank's own value if all succeeded.
    ///
    /// # Errors
    /// When any rank failed: on root the error of the lowest rank that did, as [`Error::Shared`], on the others
    /// [`Error::Elsewhere`].
    pub fn agree<T>(&self, mine: Result<T>) -> Result<T> {
        let failure = mine.as_ref().err().map(|error| (self.host().to_owned(), error.to_string(), error.status()));
        let failures = self.gather_value(&failure)?;
        let mut mine = Some(mine);
        self.on_root(|| {
            if let Some(Err(error)) = mine.take_if(|mine| mine.is_err()) {
                return Err(error);
            }
            let first = failures.into_iter().flatten().enumerate().find_map(|(rank, failure)| Some((rank, failure?)));
            first.map_or(Ok(()), |(rank, (host, message, status))| {
                Err(Error::Rank { rank: self.number(rank), host, message, status })
            })
        })?;
        mine.unwrap_or_else(|| unreachable!("root's own failure was returned above"))
    }

    /// Deals root's `values` out in order, `counts[r]` of them to rank r; returns this rank's share.
    ///
    /// Root passes `Some((values, counts))`, the others `None`.
    ///
    /// # Panics
    /// On root, when there is not one count for each rank or the counts do not add up to `values.len()`.
    pub fn scatter<T: Element>(&self, dealt: Option<(&[T], &[usize])>) -> Vec<T> {
        if !self.is_root() {
            return self.receive(ROOT, Tag::Scatter);
        }
        let (values, counts) = dealt.expect("root scatters values");
        assert_eq!(counts.len(), self.size(), "one count for each rank");
        assert_eq!(counts.iter().sum::<usize>(), values.len(), "the counts add up to the number of values");
        let (mine, mut rest) = values.split_at(counts[ROOT]);
        for (rank, count) in counts.iter().enumerate().skip(1) {
            let (share, others) = rest.split_at(*count);
            self.send(rank, Tag::Scatter, share);
            rest = others;
        }
        mine.to_vec()
    }

    /// Brings every rank's `values` to root, which gets one vector for each rank; lengths may differ.
    pub fn gather<T: Element>(&self, values: &[T]) -> Option<Vec<Vec<T>>> {
        if !self.is_root() {
            self.send(ROOT, Tag::Gather, values);
            return None;
        }
        let others = (1..self.size()).map(|rank| self.receive(rank, Tag::Gather));
        Some(std::iter::once(values.to_vec()).chain(others).collect())
    }

    /// Gives rank r the value `values[r]` of root; the other ranks pass `None`.
    ///
    /// # Errors
    /// When a value can't be serialized, or is not what this rank expects.
    ///
    /// # Panics
    /// On root, when there is not one value for each rank.
    pub fn scatter_value<T: Serialize + DeserializeOwned>(&self, values: Option<Vec<T>>) -> Result<T> {
        if !self.is_root() {
            return self.receive_value(ROOT, Tag::Scatter);
        }
        let values = values.expect("root scatters values");
        assert_eq!(values.len(), self.size(), "one value for each rank");
        let mut values = values.into_iter();
        let mine = values.next().expect("there is at least one rank");
        for (rank, value) in values.enumerate() {
            self.send_value(rank + 1, Tag::Scatter, &value)?;
        }
        Ok(mine)
    }

    /// Brings every rank's value to root, in the order of ranks.
    ///
    /// # Errors
    /// When a value can't be serialized, or is not what root expects.
    pub fn gather_value<T: Serialize + DeserializeOwned + Clone>(&self, value: &T) -> Result<Option<Vec<T>>> {
        if !self.is_root() {
            self.send_value(ROOT, Tag::Gather, value)?;
            return Ok(None);
        }
        let others = (1..self.size()).map(|rank| self.receive_value(rank, Tag::Gather));
        std::iter::once(Ok(value.clone())).chain(others).collect::<Result<_>>().map(Some)
    }

    /// Deals root's array out along its first axis, as evenly as possible: the first ranks get one row more.
    ///
    /// # Errors
    /// When root's array has another number of axes than this rank expects.
    ///
    /// # Panics
    /// When root passes `None`, or an array without axes.
    pub fn scatter_array<T: Element, D: RemoveAxis>(&self, array: Option<&Array<T, D>>) -> Result<Array<T, D>> {
        let shape = self.broadcast_value(array.map(|array| array.shape().to_vec()))?;
        let rows = even_shares(shape[0], self.size());
        let width: usize = shape[1..].iter().product();
        let dealt = array.filter(|_| self.is_root()).map(|array| {
            let counts: Vec<usize> = rows.iter().map(|rows| rows * width).collect();
            (in_standard_order(array), counts)
        });
        let mine = self.scatter(dealt.as_ref().map(|(values, counts)| (&values[..], &counts[..])));
        shaped(mine, &[&[rows[self.rank()]], &shape[1..]].concat())
    }

    /// Joins the ranks' arrays on root along the first axis, in the order of ranks; the numbers of rows may differ.
    ///
    /// # Errors
    /// When the other axes differ between ranks.
    pub fn gather_array<T: Element, D: RemoveAxis>(&self, array: &Array<T, D>) -> Result<Option<Array<T, D>>> {
        let shapes = self.gather_value(&array.shape().to_vec())?;
        self.on_root(|| {
            let mut widths = shapes.iter().flatten().map(|shape| &shape[1..]);
            let first = widths.next();
            match widths.position(|width| Some(width) != first) {
                None => Ok(()),
                Some(i) => Err(Error::other(format!("the arrays of ranks 0 and {} differ in more than rows", i + 1))),
            }
        })?;
        let parts = self.gather(&in_standard_order(array));
        let rows = shapes.iter().flatten().map(|shape| shape[0]).sum();
        parts.map(|parts| shaped(parts.concat(), &[&[rows], &array.shape()[1..]].concat())).transpose()
    }
}

/// How many of `total` things each of `ranks` ranks gets.
pub fn even_shares(total: usize, ranks: usize) -> Vec<usize> {
    (0..ranks).map(|rank| total / ranks + usize::from(rank < total % ranks)).collect()
}

/// The array's values, the last axis running fastest.
fn in_standard_order<T: Clone, D: Dimension>(array: &Array<T, D>) -> Vec<T> {
    array.as_standard_layout().into_owned().into_raw_vec_and_offset().0
}

/// An array from its values in standard order.
fn shaped<T, D: Dimension>(values: Vec<T>, shape: &[usize]) -> Result<Array<T, D>> {
    let array = ArrayD::from_shape_vec(shape, values).map_err(Error::other)?;
    array.into_dimensionality().map_err(Error::other)
}

/// Waits for a request without keeping the core busy.
fn finish<'a, D: ?Sized, S: Scope<'a>>(mut request: Request<'a, D, S>) {
    let mut wait = Wait::new(LONGEST_WAIT);
    while let Err(pending) = request.test() {
        request = pending;
        wait.pause();
    }
}
