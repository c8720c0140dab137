//! Where chains are kept between their segments.

use crate::error::{Error, Result};
use crate::mcmc::sampler::Chain;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard};

/// The chains of this rank.
#[derive(Default)]
pub(super) struct Slots {
    chains: Mutex<HashMap<u64, Slot>>,
    back: Condvar,
}

struct Slot {
    /// The segment that is next.
    next: u64,
    /// Away while a segment is made.
    chain: Option<Box<dyn Chain>>,
    /// Whether it will not come back.
    lost: bool,
}

impl Slots {
    /// Puts in a chain that has done this segment elsewhere.
    pub(super) fn restore(&self, number: u64, segment: u64, chain: Box<dyn Chain>) {
        self.lock().insert(number, Slot { next: segment + 1, chain: Some(chain), lost: false });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Slot>> {
        // No code that can panic runs under this lock.
        self.chains.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes the chain out, when its earlier segments are done: another thread may still be at them, or about to begin
    /// the first one. `None` for a chain that has not begun.
    pub(super) fn take(&self, number: u64, segment: u64) -> Result<Option<Box<dyn Chain>>> {
        let mut chains = self.lock();
        if segment == 0 {
            chains.insert(number, Slot { next: 0, chain: None, lost: false });
            return Ok(None);
        }
        loop {
            match chains.get_mut(&number) {
                Some(Slot { next, chain, lost: false }) if *next == segment => match chain.take() {
                    Some(chain) => return Ok(Some(chain)),
                    None => return Err(Error::other(format!("segment {segment} of chain {number} was begun twice"))),
                },
                Some(Slot { next, .. }) if *next > segment => {
                    return Err(Error::other(format!("chain {number} is beyond segment {segment}: a defect")));
                }
                None | Some(Slot { lost: false, .. }) => (),
                Some(_) => return Err(Error::other(format!("chain {number} has failed before"))),
            }
            chains = self.back.wait(chains).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }
}

/// Brings a chain back, or says that it is lost, however a segment ends.
pub(super) struct Return<'a> {
    pub(super) slots: &'a Slots,
    pub(super) number: u64,
    pub(super) chain: Option<Box<dyn Chain>>,
}

impl Drop for Return<'_> {
    fn drop(&mut self) {
        let mut chains = self.slots.lock();
        if let Some(slot) = chains.get_mut(&self.number) {
            slot.lost = self.chain.is_none();
            slot.chain = self.chain.take();
            slot.next += 1;
        }
        drop(chains);
        self.slots.back.notify_all();
    }
}
