//! Gates: where requests wait until a list of others is done.

use super::super::super::order::Id;
use super::super::hub::Fate;
use std::collections::BTreeMap;
use std::sync::Arc;

struct Gate {
    after: Arc<[Id]>,
    /// How many of these are not over.
    missing: usize,
    /// One of them that has no result.
    hopeless: Option<Id>,
    waiting: Vec<Id>,
}

/// Gates that are closed, and the last one that was asked for: those who share a list mostly come one after the other.
#[derive(Default)]
pub struct Gates {
    gates: BTreeMap<u64, Gate>,
    last: u64,
    /// The gates that wait for a request.
    waiting_for: BTreeMap<Id, Vec<u64>>,
}

/// What stands before a request.
pub enum Way {
    Open,
    Closed,
    /// This one has no result, and will have none.
    Hopeless(Id),
}

impl Gates {
    /// A request comes that is to begin when all of `after` are done. If the way is closed, it waits there.
    pub fn wait(&mut self, id: Id, after: &Arc<[Id]>, fate: impl Fn(Id) -> Option<Fate>) -> Way {
        if after.is_empty() {
            return Way::Open;
        }
        if !self.gates.get(&self.last).is_some_and(|gate| Arc::ptr_eq(&gate.after, after)) {
            self.remove(self.last, 0);
            self.last += 1;
            self.add(after, fate);
        }
        match self.gates.get_mut(&self.last) {
            Some(Gate { hopeless: Some(other), .. }) => Way::Hopeless(*other),
            Some(gate) if gate.missing > 0 => {
                gate.waiting.push(id);
                Way::Closed
            }
            _ => Way::Open,
        }
    }

    /// A request is over. Returns those who have waited for it and do so no more: they can begin if it is done, and never
    /// will otherwise.
    pub fn over(&mut self, id: Id, is_done: bool) -> Vec<Id> {
        let mut released = Vec::new();
        for number in self.waiting_for.remove(&id).unwrap_or_default() {
            let Some(gate) = self.gates.get_mut(&number) else { continue };
            gate.missing -= 1;
            if !is_done {
                gate.hopeless = Some(id);
            }
            if !is_done || (gate.missing == 0 && gate.hopeless.is_none()) {
                released.append(&mut gate.waiting);
            }
            self.remove(number, self.last);
        }
        released
    }

    fn add(&mut self, after: &Arc<[Id]>, fate: impl Fn(Id) -> Option<Fate>) {
        let mut gate = Gate { after: Arc::clone(after), missing: 0, hopeless: None, waiting: Vec::new() };
        for other in after.iter() {
            match fate(*other) {
                Some(Fate::Done) => (),
                Some(Fate::Pending) => {
                    gate.missing += 1;
                    self.waiting_for.entry(*other).or_default().push(self.last);
                }
                _ => gate.hopeless = Some(*other),
            }
        }
        self.gates.insert(self.last, gate);
    }

    /// Removes a gate that nobody waits at, if it is not the one with the number `kept`.
    fn remove(&mut self, gate: u64, kept: u64) {
        if gate != kept && self.gates.get(&gate).is_some_and(|gate| gate.missing == 0 || gate.hopeless.is_some()) {
            self.gates.remove(&gate);
        }
    }
}
