//! Engines that are given something to do when they have nothing.

use super::super::engine::Engine;
use super::super::order::{Id, Work};
use super::super::remote::CallError;
use super::reply::{AsyncReply, values};
use super::{Client, Request};
use crate::error::Result;
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How many requests of one iterator are under way for each engine.
const LOOK_AHEAD: usize = 64;

/// A load-balanced view of all engines: a task goes to whichever has least to do.
///
/// What is set here holds for what is asked through it.
pub struct Balanced<'c, E> {
    client: &'c Client<E>,
    after: Arc<[Id]>,
    retries: u32,
    timeout: Option<Duration>,
    chunk: usize,
    look_ahead: usize,
}

impl<E> Clone for Balanced<'_, E> {
    fn clone(&self) -> Self {
        Balanced { after: Arc::clone(&self.after), ..*self }
    }
}

impl<'c, E: Engine> Balanced<'c, E> {
    pub(super) fn new(client: &'c Client<E>) -> Self {
        let look_ahead = LOOK_AHEAD * client.desk().ranks.len();
        Balanced { client, after: Arc::new([]), retries: 0, timeout: None, chunk: 1, look_ahead }
    }

    /// Tasks begin when these are done; if one of these has no result, neither have they.
    pub fn after(self, tasks: &[Id]) -> Self {
        Balanced { after: tasks.into(), ..self }
    }

    /// A task that fails is tried again, on another engine if there is one with nothing to do, up to so many times.
    pub fn retries(self, retries: u32) -> Self {
        Balanced { retries, ..self }
    }

    /// A task has failed when it has not ended so long after it began. It can't be ended: its engine gets nothing else
    /// to do before it has.
    pub fn timeout(self, timeout: Duration) -> Self {
        Balanced { timeout: Some(timeout), ..self }
    }

    /// So many calls of a map make one task, at least 1.
    pub fn chunk(self, calls: usize) -> Self {
        Balanced { chunk: calls.max(1), ..self }
    }

    /// At most so many tasks of a map are under way or wait for the earlier ones, at least 1.
    pub fn look_ahead(self, tasks: usize) -> Self {
        Balanced { look_ahead: tasks.max(1), ..self }
    }

    /// The reply to one call.
    ///
    /// # Errors
    /// When the call fails.
    pub fn apply(&self, call: &E::Call) -> Result<E::Reply, CallError> {
        self.apply_async(call)?.get()
    }

    /// Asks one engine, and returns at once.
    ///
    /// # Errors
    /// When the call can't be serialized, or after [`shutdown`](Client::shutdown).
    pub fn apply_async(&self, call: &E::Call) -> Result<AsyncReply<E::Reply>, CallError> {
        let call = ByteBuf::from(postcard::to_stdvec(call)?);
        let ids = self.client.desk().submit(vec![self.request(vec![call], None)])?;
        let only = |parts: Vec<ByteBuf>| {
            let part = parts.first().ok_or_else(|| CallError::Form("a call has no reply".into()))?;
            Ok(postcard::from_bytes(part)?)
        };
        Ok(AsyncReply::new(self.client, ids, only))
    }

    /// The replies to many calls, in their order. Calls are taken from the iterator as engines need them.
    ///
    /// # Errors
    /// That of the first call that fails, in their order; those that have not begun are cancelled.
    pub fn map(&self, calls: impl IntoIterator<Item = E::Call>) -> Result<Vec<E::Reply>, CallError> {
        self.imap(calls).collect()
    }

    /// Asks for many calls, and returns at once.
    ///
    /// # Errors
    /// When a call can't be serialized, or after [`shutdown`](Client::shutdown).
    pub fn map_async(&self, calls: impl IntoIterator<Item = E::Call>) -> Result<AsyncReply<Vec<E::Reply>>, CallError> {
        let mut calls = calls.into_iter();
        let mut requests = Vec::new();
        while let Some(chunk) = self.next_chunk(&mut calls)? {
            requests.push(self.request(chunk, None));
        }
        Ok(AsyncReply::new(self.client, self.client.desk().submit(requests)?, values))
    }

    /// The replies to many calls, in their order, as they come. Calls are taken from the iterator as engines need them.
    pub fn imap<I: IntoIterator<Item = E::Call>>(&self, calls: I) -> Calls<'c, E, I::IntoIter> {
        Calls::new(self.clone(), calls.into_iter(), true)
    }

    /// The replies to many calls, each with the number of its call, in the order in which they come.
    pub fn imap_unordered<I: IntoIterator<Item = E::Call>>(
        &self,
        calls: I,
    ) -> impl Iterator<Item = Result<(usize, E::Reply), CallError>> + use<'c, E, I> {
        let mut calls = Calls::new(self.clone(), calls.into_iter(), false);
        std::iter::from_fn(move || calls.next_numbered())
    }

    fn request(&self, calls: Vec<ByteBuf>, group: Option<u64>) -> Request {
        Request {
            engine: None,
            work: Arc::new(Work::Calls(calls)),
            after: Arc::clone(&self.after),
            retries: self.retries,
            timeout: self.timeout.map(|timeout| timeout.as_secs_f64()),
            group,
        }
    }

    fn next_chunk(&self, calls: &mut impl Iterator<Item = E::Call>) -> Result<Option<Vec<ByteBuf>>, CallError> {
        let bytes = |call: E::Call| Ok(ByteBuf::from(postcard::to_stdvec(&call)?));
        let chunk: Vec<ByteBuf> = calls.take(self.chunk).map(bytes).collect::<Result<_, CallError>>()?;
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }
}

/// Replies to calls, as they come: see [`Balanced::imap`]. When it is dropped, calls that have not begun are cancelled.
pub struct Calls<'c, E: Engine, I> {
    view: Balanced<'c, E>,
    calls: Option<I>,
    ordered: bool,
    group: u64,
    /// Tasks under way, and the number of the first call of each.
    tasks: BTreeMap<Id, usize>,
    taken: usize,
    /// Replies that have come, with the numbers of their calls.
    replies: VecDeque<(usize, Result<ByteBuf, CallError>)>,
    /// Why no more calls were taken, where that was not their end.
    failed: Option<CallError>,
}

impl<'c, E: Engine, I: Iterator<Item = E::Call>> Calls<'c, E, I> {
    fn new(view: Balanced<'c, E>, calls: I, ordered: bool) -> Self {
        let group = view.client.desk().group();
        let (tasks, replies) = (BTreeMap::new(), VecDeque::new());
        Calls { view, calls: Some(calls), ordered, group, tasks, taken: 0, replies, failed: None }
    }

    fn next_numbered(&mut self) -> Option<Result<(usize, E::Reply), CallError>> {
        if self.replies.is_empty()
            && let Err(error) = self.fill().and_then(|()| self.wait())
        {
            self.calls = None;
            return Some(Err(error));
        }
        let Some((number, reply)) = self.replies.pop_front() else {
            return self.failed.take().map(Err);
        };
        Some(reply.and_then(|bytes| Ok((number, postcard::from_bytes(&bytes)?))))
    }

    /// Takes calls from the iterator while there is room.
    fn fill(&mut self) -> Result<(), CallError> {
        let mut requests = Vec::new();
        let mut firsts = Vec::new();
        while let Some(calls) = self.calls.as_mut()
            && self.tasks.len() + requests.len() < self.view.look_ahead
        {
            match self.view.next_chunk(calls) {
                Ok(None) => self.calls = None,
                Ok(Some(chunk)) => {
                    firsts.push(self.taken);
                    self.taken += chunk.len();
                    let group = (!self.ordered).then_some(self.group);
                    requests.push(self.view.request(chunk, group));
                }
                Err(error) => {
                    // What was taken before is done, and its replies come first.
                    self.calls = None;
                    self.failed = Some(error);
                }
            }
        }
        if requests.is_empty() {
            return Ok(());
        }
        let ids = self.view.client.desk().submit(requests)?;
        self.tasks.extend(ids.into_iter().zip(firsts));
        Ok(())
    }

    /// Waits for the next task whose replies can be given out.
    fn wait(&mut self) -> Result<(), CallError> {
        let Some(first) = self.tasks.first_key_value().map(|(id, _)| *id) else { return Ok(()) };
        let (ordered, group) = (self.ordered, self.group);
        let (id, results) = self.view.client.desk().state.wait(|state| {
            let dispatcher = &mut state.dispatcher;
            let id = if ordered {
                Some(first).filter(|id| dispatcher.is_over(*id))
            } else {
                dispatcher.next_of_group(group)
            }?;
            Some((id, dispatcher.take(id).unwrap_or_default()))
        });
        let number = self.tasks.remove(&id).unwrap_or_default();
        self.replies.extend((number..).zip(results));
        Ok(())
    }
}

impl<E: Engine, I: Iterator<Item = E::Call>> Iterator for Calls<'_, E, I> {
    type Item = Result<E::Reply, CallError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.next_numbered()?.map(|(_, reply)| reply))
    }
}

impl<E: Engine, I> Drop for Calls<'_, E, I> {
    fn drop(&mut self) {
        // It fails only if a message without content can't be serialized.
        let _ = self.view.client.desk().change(|dispatcher, now| {
            dispatcher.disband(self.group);
            for id in self.tasks.keys() {
                dispatcher.cancel(*id, now);
                dispatcher.forget(*id);
            }
        });
    }
}
