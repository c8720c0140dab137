//! What a client decides: which engine gets which request, and what becomes of it. It knows nothing of MPI, nor of time
//! but what it is told, in seconds.
//!
//! - A request is for one engine, or for any. An engine does its requests one at a time, in their order.
//! - An engine gets further requests before it has done the last ones as long as these are short. When another engine
//!   has nothing to do, what has not begun is taken back from it: [`lanes`].
//! - A request may wait until others are done: [`gates`]. It may be given only so much time: [`timeouts`].

mod entry;
mod gates;
mod lanes;
#[cfg(test)]
mod tests;
mod timeouts;

use super::super::order::{Id, Work};
use super::super::remote::{CallError, RemoteError};
use super::hub::{Fate, Record};
use crate::error::{Error, Result};
use entry::{Entry, State};
use gates::{Gates, Way};
use lanes::Lanes;
use serde_bytes::ByteBuf;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What is asked for.
#[derive(Clone)]
pub(in super::super) struct Request {
    /// The engine that is to do it; any if `None`.
    pub engine: Option<usize>,
    pub work: Arc<Work>,
    /// It begins when these are done. Requests that share the list share the looking.
    pub after: Arc<[Id]>,
    /// How often it is tried again when it fails.
    pub retries: u32,
    /// How long it may take, in seconds.
    pub timeout: Option<f64>,
    /// Whose it is, for those who wait for the first of many.
    pub group: Option<u64>,
}

/// What became of each part of a request.
pub(in super::super) type Results = Vec<Result<ByteBuf, CallError>>;

/// What is to be told to an engine.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Command {
    Run(Id),
    Withdraw(Id),
}

pub(in super::super) struct Dispatcher {
    lanes: Lanes,
    gates: Gates,
    entries: BTreeMap<Id, Entry>,
    records: Vec<Record>,
    groups: BTreeMap<u64, VecDeque<Id>>,
    commands: VecDeque<(usize, Command)>,
    /// Requests under way that may take only so long.
    timed: BTreeSet<Id>,
    ticked: f64,
}

impl Dispatcher {
    pub fn new(engines: usize) -> Self {
        Dispatcher {
            lanes: Lanes::new(engines),
            gates: Gates::default(),
            entries: BTreeMap::new(),
            records: Vec::new(),
            groups: BTreeMap::new(),
            commands: VecDeque::new(),
            timed: BTreeSet::new(),
            ticked: 0.0,
        }
    }

    /// Takes a request on.
    pub fn submit(&mut self, request: Request, now: f64) -> Id {
        let id = self.records.len() as Id;
        self.records.push(Record::new(id, &request, now));
        let way = self.gates.wait(id, &request.after, |id| self.records.get(id as usize).map(|record| record.fate));
        if let Some(group) = request.group {
            self.groups.entry(group).or_default();
        }
        self.entries.insert(id, Entry::new(request));
        match way {
            Way::Open => self.make_ready(id),
            Way::Closed => (),
            Way::Hopeless(after) => {
                self.end(id, Fate::Failed, Some(CallError::Dependency { task: id, after }), now);
            }
        }
        id
    }

    /// The next thing to tell an engine.
    pub fn next(&mut self, now: f64) -> Option<(usize, Command)> {
        self.commands.pop_front().or_else(|| self.deal(now))
    }

    /// The parts of a request that have no result yet, as work.
    pub fn work(&self, id: Id) -> Option<Cow<'_, Work>> {
        self.entries.get(&id).map(Entry::work)
    }

    /// An engine says that it is busy with a request since `start`.
    pub fn started(&mut self, engine: usize, id: Id, start: f64, now: f64) -> Result<()> {
        self.lanes.heard(engine, id, now)?;
        if let Some(Entry { state: State::Sent { start: since, .. }, .. }) = self.entries.get_mut(&id) {
            *since = Some(start);
            self.records[id as usize].begun(engine, start);
        }
        Ok(())
    }

    /// An engine gives a request back that it has not begun.
    pub fn withdrawn(&mut self, engine: usize, id: Id, now: f64) -> Result<()> {
        self.lanes.given_back(engine, id, now)?;
        let entry = match self.entries.get(&id) {
            Some(entry) if entry.is_at(engine) => entry,
            _ => return Ok(()),
        };
        if entry.cancelled {
            self.end(id, Fate::Cancelled, Some(CallError::Cancelled { task: id }), now);
        } else {
            self.make_ready(id);
        }
        Ok(())
    }

    /// An engine has done a request.
    pub fn over(
        &mut self,
        engine: usize,
        id: Id,
        (start, seconds): (f64, f64),
        results: Vec<Result<ByteBuf, RemoteError>>,
        now: f64,
    ) -> Result<()> {
        self.lanes.ran(engine, id, seconds, now)?;
        let entry = match self.entries.get_mut(&id) {
            Some(entry) if entry.is_at(engine) => entry,
            _ => return Ok(()), // too late: it has been given up, or to another
        };
        self.records[id as usize].ran(engine, start, seconds, &results);
        // Too short to have been reported while it ran, and yet too long.
        if let Some(most) = entry.request.timeout.filter(|most| seconds > *most) {
            self.timed_out(id, engine, most, now);
            return Ok(());
        }
        let open = entry.open_parts();
        if open.len() != results.len() {
            return Err(Error::other(format!(
                "engine {engine} has {} results for task {id}, not {}",
                results.len(),
                open.len()
            )));
        }
        if entry.fill(open, results.into_iter().map(|result| result.map_err(CallError::Remote))) {
            self.end(id, Fate::Done, None, now);
        } else if !self.again(id, engine) {
            self.end(id, Fate::Failed, None, now);
        }
        Ok(())
    }

    /// Nobody needs a request any more. It ends as cancelled, unless it has begun.
    pub fn cancel(&mut self, id: Id, now: f64) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match &mut entry.state {
            State::Over => (),
            State::Sent { engine, withdrawing, .. } => {
                entry.cancelled = true;
                if !std::mem::replace(withdrawing, true) {
                    self.commands.push_back((*engine, Command::Withdraw(id)));
                }
            }
            State::Blocked | State::Ready => {
                self.end(id, Fate::Cancelled, Some(CallError::Cancelled { task: id }), now);
            }
        }
    }

    /// No request is taken back or given out any more; what has no result gets none.
    pub fn shut_down(&mut self, now: f64) {
        self.commands.clear();
        for id in self.entries.keys().copied().collect::<Vec<_>>() {
            // One before may have ended it already.
            self.end(id, Fate::Cancelled, Some(CallError::Shutdown), now);
        }
        self.lanes.clear();
    }

    pub fn is_over(&self, id: Id) -> bool {
        self.entries.get(&id).is_none_or(Entry::is_over)
    }

    /// The results of a request that is over: once.
    pub fn take(&mut self, id: Id) -> Option<Results> {
        if !self.is_over(id) {
            return None;
        }
        self.entries.remove(&id).map(Entry::into_results)
    }

    /// Whether a request is over and has failed.
    pub fn has_failed(&self, id: Id) -> bool {
        self.is_over(id) && self.records[id as usize].fate != Fate::Done
    }

    /// The next request of a group that is over.
    pub fn next_of_group(&mut self, group: u64) -> Option<Id> {
        self.groups.get_mut(&group)?.pop_front()
    }

    /// A group has no more requests.
    pub fn disband(&mut self, group: u64) {
        self.groups.remove(&group);
    }

    /// Nobody will take the results of this request.
    pub fn forget(&mut self, id: Id) {
        if self.is_over(id) {
            self.entries.remove(&id);
        } else if let Some(entry) = self.entries.get_mut(&id) {
            entry.forgotten = true;
        }
    }

    /// For each engine how many requests it has run, and for how many seconds.
    pub fn loads(&self) -> impl Iterator<Item = (usize, f64)> {
        self.lanes.loads()
    }

    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// How many requests each engine was given and has not reported, those for it alone that it was not given yet, and
    /// those for any.
    pub fn queue_lengths(&self) -> (Vec<usize>, usize) {
        self.lanes.lengths()
    }

    fn make_ready(&mut self, id: Id) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.state = State::Ready;
        self.lanes.add(id, entry.request.engine);
    }

    /// Tries a request again that has failed on an engine, if it may be.
    fn again(&mut self, id: Id, engine: usize) -> bool {
        let again = self.entries.get_mut(&id).is_some_and(|entry| entry.again(engine));
        if again {
            self.make_ready(id);
        }
        again
    }

    /// A request comes to its end, and so do those that wait for it in vain. Parts without a result get `error`.
    fn end(&mut self, id: Id, fate: Fate, error: Option<CallError>, now: f64) {
        let mut ending = vec![(id, fate, error)];
        while let Some((id, fate, error)) = ending.pop() {
            self.end_one(id, fate, error, now);
            let released = self.gates.over(id, fate == Fate::Done).into_iter();
            if fate == Fate::Done {
                released.for_each(|waiting| self.open(waiting));
            } else {
                let hopeless = |task| (task, Fate::Failed, Some(CallError::Dependency { task, after: id }));
                ending.extend(released.map(hopeless));
            }
        }
    }

    /// What a request waited for is done.
    fn open(&mut self, id: Id) {
        if self.entries.get(&id).is_some_and(|entry| matches!(entry.state, State::Blocked)) {
            self.make_ready(id);
        }
    }

    fn end_one(&mut self, id: Id, fate: Fate, error: Option<CallError>, now: f64) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| !entry.is_over()) else { return };
        entry.end(error);
        self.lanes.remove(id, entry.request.engine);
        self.timed.remove(&id);
        self.records[id as usize].end(fate, now);
        if let Some(group) = entry.request.group.and_then(|group| self.groups.get_mut(&group)) {
            group.push_back(id);
        }
        if entry.forgotten {
            self.entries.remove(&id);
        }
    }

    /// Gives the next request to an engine that has room for it.
    fn deal(&mut self, now: f64) -> Option<(usize, Command)> {
        let failed_on = |id| self.entries.get(&id).and_then(|entry| entry.failed_on);
        let (engine, id) = self.lanes.deal(failed_on, now)?;
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.state = State::Sent { engine, start: None, withdrawing: false };
            if entry.request.timeout.is_some() {
                self.timed.insert(id);
            }
        }
        Some((engine, Command::Run(id)))
    }

    /// Takes a request back from an engine.
    fn withdraw(&mut self, engine: usize, id: Id) {
        if let Some(Entry { state: State::Sent { withdrawing, .. }, .. }) = self.entries.get_mut(&id)
            && !std::mem::replace(withdrawing, true)
        {
            self.commands.push_back((engine, Command::Withdraw(id)));
        }
    }
}
