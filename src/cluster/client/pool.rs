//! Python's `multiprocessing.Pool`, in its words.

use super::super::engine::Engine;
use super::super::remote::CallError;
use super::balanced::{Balanced, Calls};
use super::reply::AsyncReply;
use crate::error::Result;

/// All engines as a pool: the methods of a [`Balanced`] view under the names of Python's `multiprocessing.Pool`.
pub struct Pool<'c, E>(Balanced<'c, E>);

impl<'c, E: Engine> Pool<'c, E> {
    pub(super) fn new(view: Balanced<'c, E>) -> Self {
        Pool(view)
    }

    /// The reply to one call.
    ///
    /// # Errors
    /// When the call fails.
    pub fn apply(&self, call: &E::Call) -> Result<E::Reply, CallError> {
        self.0.apply(call)
    }

    /// Asks for one call, and returns at once.
    ///
    /// # Errors
    /// Those of [`Balanced::apply_async`].
    pub fn apply_async(&self, call: &E::Call) -> Result<AsyncReply<E::Reply>, CallError> {
        self.0.apply_async(call)
    }

    /// The replies to many calls, in their order.
    ///
    /// # Errors
    /// Those of [`Balanced::map`].
    pub fn map(&self, calls: impl IntoIterator<Item = E::Call>) -> Result<Vec<E::Reply>, CallError> {
        self.0.map(calls)
    }

    /// Asks for many calls, and returns at once.
    ///
    /// # Errors
    /// Those of [`Balanced::map_async`].
    pub fn map_async(&self, calls: impl IntoIterator<Item = E::Call>) -> Result<AsyncReply<Vec<E::Reply>>, CallError> {
        self.0.map_async(calls)
    }

    /// The replies to many calls, in their order, as they come.
    pub fn imap<I: IntoIterator<Item = E::Call>>(&self, calls: I) -> Calls<'c, E, I::IntoIter> {
        self.0.imap(calls)
    }

    /// The replies to many calls, in the order in which they come.
    pub fn imap_unordered<I: IntoIterator<Item = E::Call>>(
        &self,
        calls: I,
    ) -> impl Iterator<Item = Result<E::Reply, CallError>> + use<'c, E, I> {
        self.0.imap_unordered(calls).map(|reply| reply.map(|(_, reply)| reply))
    }

    /// The replies to calls that are made of several arguments each.
    ///
    /// # Errors
    /// Those of [`Balanced::map`].
    pub fn starmap<A: Into<E::Call>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Vec<E::Reply>, CallError> {
        self.0.map(arguments.into_iter().map(Into::into))
    }
}
