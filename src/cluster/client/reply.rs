//! Results that are on their way.

use super::super::order::Id;
use super::super::remote::CallError;
use super::{Client, Desk, Fate};
use crate::error::Result;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;
use std::sync::Arc;
use std::time::Duration;

/// How the results of all parts become one value.
type Assemble<T> = Box<dyn FnOnce(Vec<ByteBuf>) -> Result<T, CallError> + Send>;

/// The result of requests that are under way. If it is dropped, they go on, and their results are lost.
pub struct AsyncReply<T> {
    tasks: Tasks,
    assemble: Assemble<T>,
}

/// Requests whose results are wanted.
struct Tasks {
    desk: Arc<Desk>,
    ids: Vec<Id>,
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.desk.state.look(|state| self.ids.iter().for_each(|id| state.dispatcher.forget(*id)));
    }
}

impl<T> AsyncReply<T> {
    pub(super) fn new<E>(
        client: &Client<E>,
        ids: Vec<Id>,
        assemble: impl FnOnce(Vec<ByteBuf>) -> Result<T, CallError> + Send + 'static,
    ) -> Self {
        AsyncReply { tasks: Tasks { desk: Arc::clone(&client.desk), ids }, assemble: Box::new(assemble) }
    }

    /// The numbers of the tasks, as in the client's [history](Client::history).
    pub fn ids(&self) -> &[Id] {
        &self.tasks.ids
    }

    /// Whether all tasks are over.
    pub fn ready(&self) -> bool {
        let (over, all) = self.progress();
        over == all
    }

    /// How many tasks are over, of how many.
    pub fn progress(&self) -> (usize, usize) {
        let over = |id: &&Id| self.tasks.desk.state.look(|state| state.dispatcher.is_over(**id));
        (self.tasks.ids.iter().filter(over).count(), self.tasks.ids.len())
    }

    /// Waits until all tasks are over, but not longer than `patience`; tells whether they are.
    pub fn wait(&self, patience: Duration) -> bool {
        // The first that is not over.
        let mut next = 0;
        let ids = &self.tasks.ids;
        let over = self.tasks.desk.state.wait_until(patience, |state| {
            next += ids[next..].iter().take_while(|id| state.dispatcher.is_over(**id)).count();
            (next == ids.len()).then_some(())
        });
        over.is_some()
    }

    /// Waits until all tasks are over.
    pub fn finish(&self) {
        let mut next = 0;
        let ids = &self.tasks.ids;
        self.tasks.desk.state.wait(|state| {
            next += ids[next..].iter().take_while(|id| state.dispatcher.is_over(**id)).count();
            (next == ids.len()).then_some(())
        });
    }

    /// Cancels the tasks that have not begun. Those that have go on.
    ///
    /// # Errors
    /// None but those of this library.
    pub fn cancel(&self) -> Result<()> {
        self.tasks.desk.change(|dispatcher, now| self.tasks.ids.iter().for_each(|id| dispatcher.cancel(*id, now)))
    }

    /// Seconds from the submission of the first task to the end of the last; up to now, if that has not come.
    pub fn elapsed(&self) -> f64 {
        let now = self.tasks.desk.office.now();
        let times = self.records(|record| (record.submitted, record.completed.unwrap_or(now)));
        let first = times.iter().map(|(submitted, _)| *submitted).fold(f64::INFINITY, f64::min);
        times.iter().map(|(_, completed)| completed - first).fold(0.0, f64::max)
    }

    /// Seconds that engines were busy with the tasks, added up: what one engine alone would have needed.
    pub fn serial_time(&self) -> f64 {
        self.records(|record| record.busy).iter().sum()
    }

    /// The engine that did each task; `None` for one that has not run.
    pub fn engines(&self) -> Vec<Option<usize>> {
        self.records(|record| record.engine.filter(|_| record.runs > 0))
    }

    /// What became of each task.
    pub fn fates(&self) -> Vec<Fate> {
        self.records(|record| record.fate)
    }

    fn records<U>(&self, of: impl Fn(&super::Record) -> U) -> Vec<U> {
        self.tasks.desk.state.look(|state| {
            let records = state.dispatcher.records();
            self.tasks.ids.iter().map(|id| of(&records[*id as usize])).collect()
        })
    }

    /// Waits for the result.
    ///
    /// # Errors
    /// That of the first task that is seen to fail; the others are cancelled.
    pub fn get(self) -> Result<T, CallError> {
        let AsyncReply { tasks, assemble } = self;
        let ids = &tasks.ids;
        // All up to here are over.
        let mut next = 0;
        let failed = tasks.desk.state.wait(|state| {
            while next < ids.len() && state.dispatcher.is_over(ids[next]) {
                if state.dispatcher.has_failed(ids[next]) {
                    return Some(Some(ids[next]));
                }
                next += 1;
            }
            (next == ids.len()).then_some(None)
        });
        if failed.is_some() {
            tasks.desk.change(|dispatcher, now| ids.iter().for_each(|id| dispatcher.cancel(*id, now)))?;
        }
        let parts = tasks.desk.state.look(|state| {
            let dispatcher = &mut state.dispatcher;
            let wanted = failed.as_slice().iter().chain(if failed.is_some() { &[][..] } else { ids });
            wanted.flat_map(|id| dispatcher.take(*id).unwrap_or_default()).collect::<Result<Vec<_>, _>>()
        })?;
        assemble(parts)
    }
}

impl<T: DeserializeOwned> AsyncReply<Vec<T>> {
    /// Waits until all tasks are over, and gives the result of each call.
    pub fn each(self) -> Vec<Result<T, CallError>> {
        self.finish();
        let tasks = self.tasks;
        let parts = tasks.desk.state.look(|state| {
            tasks.ids.iter().flat_map(|id| state.dispatcher.take(*id).unwrap_or_default()).collect::<Vec<_>>()
        });
        parts.into_iter().map(|part| part.and_then(|bytes| Ok(postcard::from_bytes(&bytes)?))).collect()
    }
}

/// Every part as a value of its own.
pub(super) fn values<T: DeserializeOwned>(parts: Vec<ByteBuf>) -> Result<Vec<T>, CallError> {
    parts.iter().map(|bytes| Ok(postcard::from_bytes(bytes)?)).collect()
}
