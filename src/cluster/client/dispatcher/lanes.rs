//! Which engine gets which request: dealing, how far ahead, and taking back.

use super::super::super::order::Id;
use crate::error::{Error, Result};
use std::collections::{BTreeSet, VecDeque};

/// How much work an engine is given beyond what it is doing, in seconds.
const AHEAD: f64 = 2e-3;
/// Nor is it given more requests than these.
const MOST_AHEAD: f64 = 256.0;
/// An engine whose requests take longer than this gets one at a time: a message takes no time beside that.
const LONG: f64 = 0.05;
/// After so many seconds without a report from a busy engine, what waits there is given to an idle one.
pub const PATIENCE: f64 = 5e-3;

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

/// All engines, and the requests that are ready for them.
pub struct Lanes {
    lanes: Vec<Lane>,
    /// For any engine.
    ready: BTreeSet<Id>,
    turns: u64,
}

impl Lanes {
    pub fn new(engines: usize) -> Self {
        Lanes { lanes: (0..engines).map(|_| Lane::default()).collect(), ready: BTreeSet::new(), turns: 0 }
    }

    /// A request can be given to this engine, or to any.
    pub fn add(&mut self, id: Id, engine: Option<usize>) {
        self.ready(engine).insert(id);
    }

    /// A request is not to be given to an engine any more.
    pub fn remove(&mut self, id: Id, engine: Option<usize>) {
        self.ready(engine).remove(&id);
    }

    /// Nor is any.
    pub fn clear(&mut self) {
        self.ready.clear();
        self.lanes.iter_mut().for_each(|lane| lane.ready.clear());
    }

    fn ready(&mut self, engine: Option<usize>) -> &mut BTreeSet<Id> {
        match engine {
            Some(engine) => &mut self.lanes[engine].ready,
            None => &mut self.ready,
        }
    }

    /// Gives the next request to an engine that has room for it. One for any engine goes rather not to where it has failed.
    pub fn deal(&mut self, failed_on: impl Fn(Id) -> Option<usize>, now: f64) -> Option<(usize, Id)> {
        let with_own = self.lanes.iter().enumerate().find_map(|(engine, lane)| {
            let id = *lane.ready.first()?;
            // An engine does its own and those for any in the order in which they were asked for.
            (lane.has_room() && self.ready.first().is_none_or(|any| id < *any)).then_some((engine, id))
        });
        let (engine, id) = with_own.or_else(|| self.for_any(failed_on)).or_else(|| {
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
        Some((engine, id))
    }

    /// The first request for any engine, and the engine that has least to do.
    fn for_any(&self, failed_on: impl Fn(Id) -> Option<usize>) -> Option<(usize, Id)> {
        let id = *self.ready.first()?;
        let failed_on = failed_on(id);
        let having_room = self.lanes.iter().enumerate().filter(|(_, lane)| lane.has_room());
        let least = having_room.min_by_key(|(engine, lane)| (Some(*engine) == failed_on, lane.sent.len(), lane.turn));
        least.map(|(engine, _)| (engine, id))
    }

    /// What to take back from engines that are long busy, for idle ones to begin, and from which engine.
    pub fn level(&self, can_move: impl Fn(Id) -> bool, now: f64) -> Vec<(usize, Id)> {
        let mut moved = Vec::new();
        if !self.ready.is_empty() {
            return moved;
        }
        let idle = self.lanes.iter().filter(|lane| lane.sent.is_empty() && lane.ready.is_empty()).count();
        for (engine, lane) in self.lanes.iter().enumerate() {
            if moved.len() == idle {
                break;
            }
            if lane.sent.len() < 2 || now - lane.heard < PATIENCE {
                continue;
            }
            let last = lane.sent.iter().skip(1).rev().copied().filter(|id| can_move(*id));
            moved.extend(last.take(idle - moved.len()).map(|id| (engine, id)));
        }
        moved
    }

    /// An engine reports on a request that it was given.
    pub fn heard(&mut self, engine: usize, id: Id, now: f64) -> Result<()> {
        let lane = &mut self.lanes[engine];
        if !lane.sent.contains(&id) {
            return Err(Error::other(format!(
                "engine {engine} reports task {id}, which it was not given or has reported already"
            )));
        }
        lane.heard = now;
        Ok(())
    }

    /// An engine reports that it has a request no more.
    pub fn given_back(&mut self, engine: usize, id: Id, now: f64) -> Result<()> {
        self.heard(engine, id, now)?;
        self.lanes[engine].sent.retain(|sent| *sent != id);
        Ok(())
    }

    /// An engine reports that it has run a request for so many seconds.
    pub fn ran(&mut self, engine: usize, id: Id, seconds: f64, now: f64) -> Result<()> {
        self.given_back(engine, id, now)?;
        let lane = &mut self.lanes[engine];
        lane.is_stuck = false;
        lane.runs += 1;
        lane.busy += seconds;
        lane.mean = Some(lane.mean.map_or(seconds, |mean| 0.8 * mean + 0.2 * seconds));
        Ok(())
    }

    /// An engine takes too long over a request: it gets nothing until it reports. Returns what it has besides.
    pub fn stuck(&mut self, engine: usize, id: Id) -> Vec<Id> {
        let lane = &mut self.lanes[engine];
        lane.is_stuck = true;
        lane.sent.iter().copied().filter(|other| *other != id).collect()
    }

    /// For each engine how many requests it has run, and for how many seconds.
    pub fn loads(&self) -> impl Iterator<Item = (usize, f64)> {
        self.lanes.iter().map(|lane| (lane.runs, lane.busy))
    }

    /// How many requests each engine was given and has not reported, those for it alone that it was not given yet, and
    /// those for any.
    pub fn lengths(&self) -> (Vec<usize>, usize) {
        (self.lanes.iter().map(|lane| lane.sent.len() + lane.ready.len()).collect(), self.ready.len())
    }
}
