//! What a client decides: which engine gets which request, and what becomes of it. It knows nothing of MPI, nor of time
//! but what it is told, in seconds.
//!
//! - A request is for one engine, or for any. An engine does its requests one at a time, in their order.
//! - An engine gets further requests before it has done the last ones as long as these are short: about
//!   [`AHEAD`] seconds of work. When another engine has nothing to do, what has not begun is taken back from it.

use super::super::order::{Id, Work};
use super::super::remote::{CallError, RemoteError};
use super::hub::{Fate, Record};
use crate::error::{Error, Result};
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How much work an engine is given beyond what it is doing, in seconds.
const AHEAD: f64 = 2e-3;
/// Nor is it given more requests than these.
const MOST_AHEAD: f64 = 256.0;
/// An engine whose requests take longer than this gets one at a time: a message takes no time beside that.
const LONG: f64 = 0.05;
/// After so many seconds without a report from a busy engine, what waits there is given to an idle one.
const PATIENCE: f64 = 5e-3;

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

enum State {
    /// Waits for others.
    Blocked,
    Ready,
    Sent {
        engine: usize,
        start: Option<f64>,
        withdrawing: bool,
    },
    Over,
}

struct Entry {
    request: Request,
    state: State,
    tries: u32,
    /// The engine where it failed last.
    failed_on: Option<usize>,
    results: Vec<Option<Result<ByteBuf, CallError>>>,
    /// The gates that wait for it.
    gates: Vec<u64>,
    cancelled: bool,
    /// Nobody wants the results.
    forgotten: bool,
}

/// Where requests wait until a list of others is done.
struct Gate {
    after: Arc<[Id]>,
    /// How many of these are not over.
    missing: usize,
    /// One of them that has no result.
    hopeless: Option<Id>,
    waiting: Vec<Id>,
}

/// An engine as its client sees it.
#[derive(Default)]
struct Lane {
    /// What it was given and has not reported, in its order. The first may be one that has timed out.
    sent: VecDeque<Id>,
    /// For it alone.
    ready: BTreeSet<Id>,
    /// How long a request takes there.
    mean: Option<f64>,
    /// When it last reported.
    heard: f64,
    /// When it was last given something, as a number.
    turn: u64,
    /// What it is doing has timed out.
    is_stuck: bool,
    /// How many requests it has run, and for how long.
    runs: usize,
    busy: f64,
}

pub(in super::super) struct Dispatcher {
    lanes: Vec<Lane>,
    /// For any engine.
    ready: BTreeSet<Id>,
    entries: BTreeMap<Id, Entry>,
    records: Vec<Record>,
    groups: BTreeMap<u64, VecDeque<Id>>,
    /// Gates that are closed, and the last one that was asked for.
    gates: BTreeMap<u64, Gate>,
    last_gate: u64,
    commands: VecDeque<(usize, Command)>,
    turns: u64,
    /// Requests under way that may take only so long.
    timed: BTreeSet<Id>,
    ticked: f64,
}

impl Dispatcher {
    pub fn new(engines: usize) -> Self {
        Dispatcher {
            lanes: (0..engines).map(|_| Lane::default()).collect(),
            ready: BTreeSet::new(),
            entries: BTreeMap::new(),
            records: Vec::new(),
            groups: BTreeMap::new(),
            gates: BTreeMap::new(),
            last_gate: 0,
            commands: VecDeque::new(),
            turns: 0,
            timed: BTreeSet::new(),
            ticked: 0.0,
        }
    }

    /// Takes a request on.
    pub fn submit(&mut self, request: Request, now: f64) -> Id {
        let id = self.records.len() as Id;
        let parts = request.work.parts();
        self.records.push(Record::new(id, &request, now));
        let gate = self.gate(&request.after, id);
        if let Some(group) = request.group {
            self.groups.entry(group).or_default();
        }
        let entry = Entry {
            request,
            state: State::Blocked,
            tries: 0,
            failed_on: None,
            results: vec![None; parts],
            gates: Vec::new(),
            cancelled: false,
            forgotten: false,
        };
        self.entries.insert(id, entry);
        match gate {
            (_, Some(after)) => self.end(id, Fate::Failed, Some(CallError::Dependency { task: id, after }), now),
            (true, None) => self.make_ready(id),
            (false, None) => (),
        }
        id
    }

    /// Whether all of these are done, or else one of them that has no result. Otherwise `id` waits for them.
    fn gate(&mut self, after: &Arc<[Id]>, id: Id) -> (bool, Option<Id>) {
        if after.is_empty() {
            return (true, None);
        }
        if !self.gates.get(&self.last_gate).is_some_and(|gate| Arc::ptr_eq(&gate.after, after)) {
            self.remove_gate(self.last_gate, 0);
            self.last_gate += 1;
            self.add_gate(after);
        }
        let Some(gate) = self.gates.get_mut(&self.last_gate) else { return (true, None) };
        if gate.missing > 0 && gate.hopeless.is_none() {
            gate.waiting.push(id);
        }
        (gate.missing == 0, gate.hopeless)
    }

    fn add_gate(&mut self, after: &Arc<[Id]>) {
        let mut gate = Gate { after: Arc::clone(after), missing: 0, hopeless: None, waiting: Vec::new() };
        for other in after.iter() {
            match self.records.get(*other as usize).map(|record| record.fate) {
                Some(Fate::Done) => (),
                Some(Fate::Pending) => {
                    gate.missing += 1;
                    if let Some(entry) = self.entries.get_mut(other) {
                        entry.gates.push(self.last_gate);
                    }
                }
                _ => gate.hopeless = Some(*other),
            }
        }
        self.gates.insert(self.last_gate, gate);
    }

    /// Removes a gate that nobody waits at, if it is not the one with the number `kept`.
    fn remove_gate(&mut self, gate: u64, kept: u64) {
        if gate != kept && self.gates.get(&gate).is_some_and(|gate| gate.missing == 0 || gate.hopeless.is_some()) {
            self.gates.remove(&gate);
        }
    }

    /// The next thing to tell an engine.
    pub fn next(&mut self, now: f64) -> Option<(usize, Command)> {
        self.commands.pop_front().or_else(|| self.deal(now))
    }

    /// The parts of a request that have no result yet, as work.
    pub fn work(&self, id: Id) -> Option<std::borrow::Cow<'_, Work>> {
        use std::borrow::Cow;
        let entry = self.entries.get(&id)?;
        let open = entry.open_parts();
        let all = open.len() == entry.results.len();
        Some(if all { Cow::Borrowed(&*entry.request.work) } else { Cow::Owned(entry.request.work.some(&open)) })
    }

    /// An engine says that it is busy with a request since `start`.
    pub fn started(&mut self, engine: usize, id: Id, start: f64, now: f64) -> Result<()> {
        self.expect(engine, id)?;
        self.lanes[engine].heard = now;
        if let Some(Entry { state: State::Sent { start: since, .. }, .. }) = self.entries.get_mut(&id) {
            *since = Some(start);
            self.records[id as usize].begun(engine, start);
        }
        Ok(())
    }

    /// An engine gives a request back that it has not begun.
    pub fn withdrawn(&mut self, engine: usize, id: Id, now: f64) -> Result<()> {
        self.take_out(engine, id)?;
        self.lanes[engine].heard = now;
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
        self.take_out(engine, id)?;
        let lane = &mut self.lanes[engine];
        lane.heard = now;
        lane.is_stuck = false;
        lane.runs += 1;
        lane.busy += seconds;
        lane.mean = Some(lane.mean.map_or(seconds, |mean| 0.8 * mean + 0.2 * seconds));
        let entry = match self.entries.get_mut(&id) {
            Some(entry) if entry.is_at(engine) => entry,
            _ => return Ok(()), // too late: it has been given up, or to another
        };
        self.records[id as usize].ran(engine, start, seconds, &results);
        // Too short to have been reported while it ran, and yet too long.
        if let Some(most) = entry.request.timeout.filter(|most| seconds > *most) {
            if !self.again(id, engine) {
                self.end(id, Fate::TimedOut, Some(CallError::TimedOut { task: id, engine, seconds: most }), now);
            }
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
        for (part, result) in open.into_iter().zip(results) {
            entry.results[part] = Some(result.map_err(CallError::Remote));
        }
        if entry.results.iter().flatten().all(Result::is_ok) {
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

    /// Whether enough time has passed for [`tick`](Self::tick) to be worth a call.
    pub fn is_due(&self, now: f64) -> bool {
        now - self.ticked > PATIENCE
    }

    /// Time passes.
    pub fn tick(&mut self, now: f64) {
        self.ticked = now;
        for id in self.timed.iter().copied().collect::<Vec<_>>() {
            let Some(Entry { request: Request { timeout: Some(seconds), .. }, state, .. }) = self.entries.get(&id)
            else {
                self.timed.remove(&id);
                continue;
            };
            let (seconds, State::Sent { engine, start: Some(start), .. }) = (*seconds, state) else { continue };
            let engine = *engine;
            if now - start > seconds {
                self.lanes[engine].is_stuck = true;
                if !self.again(id, engine) {
                    self.end(id, Fate::TimedOut, Some(CallError::TimedOut { task: id, engine, seconds }), now);
                }
                // What waits behind it waits in vain.
                let waiting = self.lanes[engine].sent.clone();
                waiting.into_iter().filter(|other| *other != id).for_each(|other| self.withdraw(engine, other));
            }
        }
        self.level(now);
    }

    /// No request is taken back or given out any more; what has no result gets none.
    pub fn shut_down(&mut self, now: f64) {
        self.commands.clear();
        for id in self.entries.keys().copied().collect::<Vec<_>>() {
            // One before may have ended it already.
            self.end(id, Fate::Cancelled, Some(CallError::Shutdown), now);
        }
        self.ready.clear();
        self.lanes.iter_mut().for_each(|lane| lane.ready.clear());
    }

    pub fn is_over(&self, id: Id) -> bool {
        self.entries.get(&id).is_none_or(|entry| matches!(entry.state, State::Over))
    }

    /// The results of a request that is over: once.
    pub fn take(&mut self, id: Id) -> Option<Results> {
        if !self.is_over(id) {
            return None;
        }
        let Entry { results, .. } = self.entries.remove(&id)?;
        Some(results.into_iter().flatten().collect())
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
        self.lanes.iter().map(|lane| (lane.runs, lane.busy))
    }

    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// How many requests each engine was given and has not reported, those for it alone that it was not given yet, and
    /// those for any.
    pub fn queue_lengths(&self) -> (Vec<usize>, usize) {
        (self.lanes.iter().map(|lane| lane.sent.len() + lane.ready.len()).collect(), self.ready.len())
    }

    fn make_ready(&mut self, id: Id) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.state = State::Ready;
        match entry.request.engine {
            Some(engine) => self.lanes[engine].ready.insert(id),
            None => self.ready.insert(id),
        };
    }

    /// Tries a request again that has failed on an engine, if it may be.
    fn again(&mut self, id: Id, engine: usize) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else { return false };
        if entry.tries >= entry.request.retries || entry.cancelled {
            return false;
        }
        entry.tries += 1;
        entry.failed_on = Some(engine);
        entry.results.iter_mut().filter(|result| matches!(result, Some(Err(_)))).for_each(|failed| *failed = None);
        self.make_ready(id);
        true
    }

    /// A request comes to its end, and so do those that wait for it in vain. Parts without a result get `error`.
    fn end(&mut self, id: Id, fate: Fate, error: Option<CallError>, now: f64) {
        let mut ending = vec![(id, fate, error)];
        while let Some((id, fate, error)) = ending.pop() {
            for number in self.end_one(id, fate, error, now) {
                let Some(gate) = self.gates.get_mut(&number) else { continue };
                gate.missing -= 1;
                if fate != Fate::Done {
                    gate.hopeless = Some(id);
                    let hopeless = |task| (task, Fate::Failed, Some(CallError::Dependency { task, after: id }));
                    ending.extend(std::mem::take(&mut gate.waiting).into_iter().map(hopeless));
                } else if gate.missing == 0 && gate.hopeless.is_none() {
                    for waiting in std::mem::take(&mut gate.waiting) {
                        self.open(waiting);
                    }
                }
                self.remove_gate(number, self.last_gate);
            }
        }
    }

    /// What a request waited for is done.
    fn open(&mut self, id: Id) {
        if self.entries.get(&id).is_some_and(|entry| matches!(entry.state, State::Blocked)) {
            self.make_ready(id);
        }
    }

    /// Ends a request; returns the gates that wait for it.
    fn end_one(&mut self, id: Id, fate: Fate, error: Option<CallError>, now: f64) -> Vec<u64> {
        let Some(entry) = self.entries.get_mut(&id) else { return Vec::new() };
        if matches!(entry.state, State::Over) {
            return Vec::new();
        }
        entry.state = State::Over;
        entry.results.iter_mut().filter(|result| result.is_none()).for_each(|result| *result = error.clone().map(Err));
        entry.request.work = Arc::new(Work::Calls(Vec::new())); // it may be large
        self.ready.remove(&id);
        if let Some(engine) = entry.request.engine {
            self.lanes[engine].ready.remove(&id);
        }
        self.timed.remove(&id);
        self.records[id as usize].end(fate, now);
        if let Some(group) = entry.request.group.and_then(|group| self.groups.get_mut(&group)) {
            group.push_back(id);
        }
        let gates = std::mem::take(&mut entry.gates);
        if entry.forgotten {
            self.entries.remove(&id);
        }
        gates
    }

    /// Gives the next request to an engine that has room for it.
    fn deal(&mut self, now: f64) -> Option<(usize, Command)> {
        let with_own = self.lanes.iter().enumerate().find_map(|(engine, lane)| {
            let id = *lane.ready.first()?;
            // An engine does its own and those for any in the order in which they were asked for.
            (lane.has_room() && self.ready.first().is_none_or(|any| id < *any)).then_some((engine, id))
        });
        let (engine, id) = with_own.or_else(|| self.for_any()).or_else(|| {
            let own = |(engine, lane): (usize, &Lane)| Some((engine, *lane.ready.first().filter(|_| lane.has_room())?));
            self.lanes.iter().enumerate().find_map(own)
        })?;
        self.ready.remove(&id);
        let lane = &mut self.lanes[engine];
        lane.ready.remove(&id);
        lane.sent.push_back(id);
        if lane.sent.len() == 1 {
            lane.heard = now;
        }
        self.turns += 1;
        lane.turn = self.turns;
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.state = State::Sent { engine, start: None, withdrawing: false };
            if entry.request.timeout.is_some() {
                self.timed.insert(id);
            }
        }
        Some((engine, Command::Run(id)))
    }

    /// The first request for any engine, and the engine that has least to do; rather not one where it has failed.
    fn for_any(&self) -> Option<(usize, Id)> {
        let id = *self.ready.first()?;
        let failed_on = self.entries.get(&id).and_then(|entry| entry.failed_on);
        let having_room = self.lanes.iter().enumerate().filter(|(_, lane)| lane.has_room());
        let least = having_room.min_by_key(|(engine, lane)| (Some(*engine) == failed_on, lane.sent.len(), lane.turn));
        least.map(|(engine, _)| (engine, id))
    }

    /// Takes back from engines that are long busy what idle ones can begin.
    fn level(&mut self, now: f64) {
        if !self.ready.is_empty() {
            return;
        }
        let mut idle = self.lanes.iter().filter(|lane| lane.sent.is_empty() && lane.ready.is_empty()).count();
        for engine in 0..self.lanes.len() {
            let lane = &self.lanes[engine];
            if idle == 0 {
                return;
            }
            if lane.sent.len() < 2 || now - lane.heard < PATIENCE {
                continue;
            }
            let can_move = |id: &&Id| self.entries.get(id).is_some_and(|entry| entry.request.engine.is_none());
            let moved: Vec<Id> = lane.sent.iter().skip(1).rev().filter(can_move).take(idle).copied().collect();
            idle -= moved.len();
            moved.into_iter().for_each(|id| self.withdraw(engine, id));
        }
    }

    fn withdraw(&mut self, engine: usize, id: Id) {
        if let Some(Entry { state: State::Sent { withdrawing, .. }, .. }) = self.entries.get_mut(&id)
            && !std::mem::replace(withdrawing, true)
        {
            self.commands.push_back((engine, Command::Withdraw(id)));
        }
    }

    fn expect(&self, engine: usize, id: Id) -> Result<()> {
        if self.lanes[engine].sent.contains(&id) {
            return Ok(());
        }
        Err(Error::other(format!("engine {engine} reports task {id}, which it was not given or has reported already")))
    }

    fn take_out(&mut self, engine: usize, id: Id) -> Result<()> {
        self.expect(engine, id)?;
        self.lanes[engine].sent.retain(|sent| *sent != id);
        Ok(())
    }
}

impl Entry {
    /// Whether this engine has it.
    fn is_at(&self, engine: usize) -> bool {
        matches!(self.state, State::Sent { engine: current, .. } if current == engine)
    }

    fn open_parts(&self) -> Vec<usize> {
        (0..self.results.len()).filter(|part| self.results[*part].is_none()).collect()
    }
}

impl Lane {
    fn has_room(&self) -> bool {
        let most = match self.mean {
            None => 1,
            Some(mean) if mean > LONG => 1,
            Some(mean) => 2 + (AHEAD / mean).min(MOST_AHEAD) as usize,
        };
        !self.is_stuck && self.sent.len() < most
    }
}

#[cfg(test)]
#[path = "dispatcher_tests.rs"]
mod tests;
