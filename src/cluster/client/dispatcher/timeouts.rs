//! What takes too long, and what else comes with time.

use super::super::super::order::Id;
use super::super::super::remote::CallError;
use super::super::hub::Fate;
use super::entry::{Entry, State};
use super::lanes::PATIENCE;
use super::{Dispatcher, Request};

impl Dispatcher {
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
                // What waits behind it waits in vain.
                let waiting = self.lanes.stuck(engine, id);
                self.timed_out(id, engine, seconds, now);
                waiting.into_iter().for_each(|other| self.withdraw(engine, other));
            }
        }
        self.level(now);
    }

    /// A request has taken longer on an engine than these seconds, which it was given.
    pub(super) fn timed_out(&mut self, id: Id, engine: usize, seconds: f64, now: f64) {
        if !self.again(id, engine) {
            self.end(id, Fate::TimedOut, Some(CallError::TimedOut { task: id, engine, seconds }), now);
        }
    }

    /// Takes back from engines that are long busy what idle ones can begin.
    fn level(&mut self, now: f64) {
        let can_move = |id| self.entries.get(&id).is_some_and(|entry| entry.request.engine.is_none());
        for (engine, id) in self.lanes.level(can_move, now) {
            self.withdraw(engine, id);
        }
    }
}
