//! Engines that are each told what to do.

use super::super::engine::Engine;
use super::super::order::{Id, Value, Work};
use super::super::remote::CallError;
use super::reply::{AsyncReply, values};
use super::{Client, Request};
use crate::error::{Error, Result};
use crate::world::even_shares;
use ndarray::{Array, Axis, Dimension, RemoveAxis, Slice, concatenate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;
use std::any::type_name;
use std::iter::StepBy;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::sync::Arc;

/// A choice among engines 0 to `engines` − 1.
pub trait Select {
    /// The chosen ones, in the order in which they are to be asked.
    fn select(self, engines: usize) -> Vec<usize>;
}

impl Select for usize {
    fn select(self, _: usize) -> Vec<usize> {
        vec![self]
    }
}

impl Select for RangeFull {
    fn select(self, engines: usize) -> Vec<usize> {
        (0..engines).collect()
    }
}

impl Select for RangeFrom<usize> {
    fn select(self, engines: usize) -> Vec<usize> {
        (self.start..engines).collect()
    }
}

impl Select for StepBy<RangeFrom<usize>> {
    fn select(self, engines: usize) -> Vec<usize> {
        self.take_while(|engine| *engine < engines).collect()
    }
}

impl Select for RangeTo<usize> {
    fn select(self, _: usize) -> Vec<usize> {
        (0..self.end).collect()
    }
}

impl Select for RangeToInclusive<usize> {
    fn select(self, _: usize) -> Vec<usize> {
        (0..=self.end).collect()
    }
}

macro_rules! select_each {
    ($($list:ty),*) => {$(
        impl Select for $list {
            fn select(self, _: usize) -> Vec<usize> {
                self.into_iter().collect()
            }
        }
    )*};
}
select_each!(Range<usize>, RangeInclusive<usize>, StepBy<Range<usize>>, StepBy<RangeInclusive<usize>>, Vec<usize>);

impl Select for &[usize] {
    fn select(self, _: usize) -> Vec<usize> {
        self.to_vec()
    }
}

impl<const N: usize> Select for [usize; N] {
    fn select(self, _: usize) -> Vec<usize> {
        self.to_vec()
    }
}

/// Some engines, each of which does what it is told, in the order of requests.
pub struct View<'c, E> {
    client: &'c Client<E>,
    engines: Vec<usize>,
}

impl<'c, E: Engine> View<'c, E> {
    pub(super) fn new(client: &'c Client<E>, which: impl Select) -> Result<Self> {
        let all = client.desk().ranks.len();
        let engines = which.select(all);
        match engines.iter().find(|engine| **engine >= all) {
            Some(engine) => Err(Error::other(format!("there is no engine {engine}: there are {all}, from 0"))),
            None if engines.is_empty() => Err(Error::other("a view needs an engine")),
            None => Ok(View { client, engines }),
        }
    }

    /// The numbers of its engines.
    pub fn ids(&self) -> &[usize] {
        &self.engines
    }

    /// Every engine's reply to a call.
    ///
    /// # Errors
    /// That of the first engine whose call fails.
    pub fn call(&self, call: &E::Call) -> Result<Vec<E::Reply>, CallError> {
        self.call_async(call)?.get()
    }

    /// Asks every engine, and returns at once.
    ///
    /// # Errors
    /// When the call can't be serialized, or after [`shutdown`](Client::shutdown).
    pub fn call_async(&self, call: &E::Call) -> Result<AsyncReply<Vec<E::Reply>>, CallError> {
        let work = Arc::new(Work::Calls(vec![ByteBuf::from(postcard::to_stdvec(call)?)]));
        let ids = self.ask(self.engines.iter().map(|engine| (*engine, Arc::clone(&work))))?;
        Ok(AsyncReply::new(self.client, ids, values))
    }

    /// Gives a value a name in every engine.
    ///
    /// # Errors
    /// When the value can't be serialized, or after [`shutdown`](Client::shutdown).
    pub fn push<T: Serialize>(&self, name: &str, value: &T) -> Result<(), CallError> {
        self.push_async(name, value)?.get()
    }

    /// Like [`push`](Self::push), and returns at once.
    ///
    /// # Errors
    /// Those of [`push`](Self::push).
    pub fn push_async<T: Serialize>(&self, name: &str, value: &T) -> Result<AsyncReply<()>, CallError> {
        let work = Arc::new(push(name, value)?);
        let ids = self.ask(self.engines.iter().map(|engine| (*engine, Arc::clone(&work))))?;
        Ok(AsyncReply::new(self.client, ids, |_| Ok(())))
    }

    /// The value of this name from every engine.
    ///
    /// # Errors
    /// When an engine has none of this name and type.
    pub fn pull<T: DeserializeOwned + 'static>(&self, name: &str) -> Result<Vec<T>, CallError> {
        self.pull_async(name)?.get()
    }

    /// Like [`pull`](Self::pull), and returns at once.
    ///
    /// # Errors
    /// After [`shutdown`](Client::shutdown).
    pub fn pull_async<T: DeserializeOwned + 'static>(&self, name: &str) -> Result<AsyncReply<Vec<T>>, CallError> {
        let work = Arc::new(Work::Pull { name: name.to_owned(), type_name: type_name::<T>().to_owned() });
        let ids = self.ask(self.engines.iter().map(|engine| (*engine, Arc::clone(&work))))?;
        Ok(AsyncReply::new(self.client, ids, values))
    }

    /// Deals an array out along an axis, as evenly as possible, the first engines getting one more: each gets its part
    /// as an array of this name, which may be empty.
    ///
    /// # Errors
    /// When there is no such axis, or after [`shutdown`](Client::shutdown).
    pub fn scatter<T, D>(&self, name: &str, array: &Array<T, D>, axis: Axis) -> Result<(), CallError>
    where
        T: Serialize + Clone,
        D: Dimension + Serialize,
    {
        let Some(length) = array.shape().get(axis.index()) else {
            return Err(CallError::Form(format!("an array of {} axes has no axis {}", array.ndim(), axis.index())));
        };
        let mut start = 0;
        let mut parts = Vec::new();
        for (engine, share) in self.engines.iter().zip(even_shares(*length, self.engines.len())) {
            let part = array.slice_axis(axis, Slice::from(start..start + share)).to_owned();
            start += share;
            parts.push((*engine, Arc::new(push(name, &part)?)));
        }
        AsyncReply::new(self.client, self.ask(parts)?, |_| Ok(())).get()
    }

    /// Joins the engines' arrays of this name along an axis, in the order of this view.
    ///
    /// # Errors
    /// When an engine has none, or they don't fit together.
    pub fn gather<T, D>(&self, name: &str, axis: Axis) -> Result<Array<T, D>, CallError>
    where
        T: DeserializeOwned + Clone + 'static,
        D: Dimension + RemoveAxis + DeserializeOwned + 'static,
    {
        let parts: Vec<Array<T, D>> = self.pull(name)?;
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        concatenate(axis, &views)
            .map_err(|error| CallError::Form(format!("the parts of '{name}' can't be joined: {error}")))
    }

    /// The replies to many calls, in their order. They are dealt out evenly beforehand: the first engine gets the first
    /// ones.
    ///
    /// # Errors
    /// That of the first call that is seen to fail; those that have not begun are cancelled.
    pub fn map(&self, calls: impl IntoIterator<Item = E::Call>) -> Result<Vec<E::Reply>, CallError> {
        self.map_async(calls)?.get()
    }

    /// Like [`map`](Self::map), and returns at once.
    ///
    /// # Errors
    /// When a call can't be serialized, or after [`shutdown`](Client::shutdown).
    pub fn map_async(&self, calls: impl IntoIterator<Item = E::Call>) -> Result<AsyncReply<Vec<E::Reply>>, CallError> {
        let bytes = |call: E::Call| Ok(ByteBuf::from(postcard::to_stdvec(&call)?));
        let calls: Vec<ByteBuf> = calls.into_iter().map(bytes).collect::<Result<_, CallError>>()?;
        let shares = even_shares(calls.len(), self.engines.len());
        let mut calls = calls.into_iter();
        let parts = self.engines.iter().zip(shares).filter(|(_, share)| *share > 0);
        let works: Vec<_> = parts
            .map(|(engine, share)| (*engine, Arc::new(Work::Calls(calls.by_ref().take(share).collect()))))
            .collect();
        Ok(AsyncReply::new(self.client, self.ask(works)?, values))
    }

    fn ask(&self, works: impl IntoIterator<Item = (usize, Arc<Work>)>) -> Result<Vec<Id>, CallError> {
        let request = |(engine, work)| Request {
            engine: Some(engine),
            work,
            after: Arc::new([]),
            retries: 0,
            timeout: None,
            group: None,
        };
        self.client.desk().submit(works.into_iter().map(request).collect())
    }
}

fn push<T: Serialize>(name: &str, value: &T) -> Result<Work, CallError> {
    let value = Value { type_name: type_name::<T>().to_owned(), bytes: ByteBuf::from(postcard::to_stdvec(value)?) };
    Ok(Work::Push { name: name.to_owned(), value })
}
