//! The main thread of a rank: it moves letters, the only one to call MPI.

use super::letter::{Address, Kind, Notice, open};
use super::office::{Office, Opened};
use super::process::Family;
use super::queue;
use crate::error::Result;
use crate::world::{Tag, Wait, World, signal};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

/// The longest sleep of a courier. News from its own rank wake it earlier.
const LONGEST_WAIT: Duration = Duration::from_millis(1);

/// Moves letters until the bodies of all ranks have ended; gives what this rank's has come to.
///
/// # Errors
/// That of this rank's body, at once: the other ranks don't know of it. And of letters that can't be understood.
pub(super) fn run<T>(world: &World, office: &Arc<Office>, body: &Receiver<Result<T>>) -> Result<T> {
    let mut courier = Courier {
        world,
        office,
        incoming: VecDeque::new(),
        received: 0,
        sent: vec![0; world.size()],
        services: Vec::new(),
        early: Vec::new(),
        gone: Vec::new(),
        families: Vec::new(),
        told: false,
    };
    let came_to = courier.run(body);
    if came_to.is_err() {
        // The job ends. To wait for ranks that this one has started, as their drop does, would keep it from that.
        std::mem::forget(std::mem::take(&mut courier.families));
    }
    came_to
}

const COURIER: Address = Address { kind: Kind::Courier, name: "" };

struct Courier<'a> {
    world: &'a World,
    office: &'a Arc<Office>,
    /// Letters in the order in which they came.
    incoming: VecDeque<(usize, Vec<u8>)>,
    /// How many have come from other ranks, and how many were sent to each.
    received: u64,
    sent: Vec<u64>,
    services: Vec<Opened>,
    /// Letters whose services are not open yet.
    early: Vec<(usize, Vec<u8>)>,
    /// Ranks whose bodies have ended.
    gone: Vec<usize>,
    /// Started ranks that have not ended.
    families: Vec<Family>,
    /// The others know that the job is asked to end.
    told: bool,
}

impl Courier<'_> {
    /// Moves letters until all bodies have ended, and so have the ranks that this one has started.
    fn run<T>(&mut self, body: &Receiver<Result<T>>) -> Result<T> {
        let mut wait = Wait::new(LONGEST_WAIT);
        let mut came_to = None;
        while came_to.is_none() || !self.families.is_empty() {
            if self.round()? {
                wait.reset();
            } else {
                self.office.wait(wait.lengthen());
            }
            match body.try_recv() {
                Ok(result) => came_to = Some(result?),
                Err(TryRecvError::Disconnected) if came_to.is_none() => unreachable!("a body that panics is caught"),
                Err(_) => (),
            }
        }
        self.tell_all(&Notice::Left)?;
        // Others may still need what this rank keeps for them.
        self.serve_until_all_are_here()?;
        // What is left now is meant for nobody; but who is in the middle of sending it must get through.
        self.office.close();
        let world = self.world;
        world.barrier_while(|| self.collect());
        self.collect_all()?;
        Ok(came_to.unwrap_or_else(|| unreachable!("the body has ended")))
    }

    /// Delivers what has come and sends what is to be sent; tells whether there was anything.
    fn round(&mut self) -> Result<bool> {
        for opened in self.office.opened() {
            self.take_on(opened)?;
        }
        if signal::asked() && !std::mem::replace(&mut self.told, true) {
            self.tell_all(&Notice::Asked)?;
        }
        let mut any = self.collect();
        while let Some((from, letter)) = self.incoming.pop_front() {
            self.deliver(from, letter)?;
        }
        self.services.iter().try_for_each(|opened| opened.service.tick())?;
        for errand in self.office.errands() {
            self.families.extend(errand.run(self.world));
        }
        let mut listened = Ok(());
        self.families.retain_mut(|family| {
            family.listen().unwrap_or_else(|error| {
                listened = Err(error);
                false
            })
        });
        listened?;
        while let Some((to, letter)) = self.office.next() {
            any = true;
            self.send(to, letter);
        }
        Ok(any)
    }

    fn collect(&mut self) -> bool {
        collect(self.world, &mut self.incoming, &mut self.received)
    }

    /// Takes in what is still on its way when no rank sends any more: MPI could take it for a letter of the next act.
    fn collect_all(&mut self) -> Result<()> {
        let sent = self.world.gather_value(&self.sent)?;
        let totals = sent.map(|sent| (0..sent.len()).map(|to| sent.iter().map(|from| from[to]).sum()).collect());
        let all: u64 = self.world.scatter_value(totals)?;
        let mut wait = Wait::new(LONGEST_WAIT);
        while self.received < all {
            if !self.collect() {
                wait.pause();
            }
        }
        Ok(())
    }

    fn send(&mut self, to: usize, letter: Vec<u8>) {
        if to == self.office.rank {
            self.incoming.push_back((to, letter));
            return;
        }
        // Its courier might be sending to this one.
        let Courier { world, incoming, received, sent, .. } = self;
        sent[to] += 1;
        world.send_while(to, Tag::Letter, &letter, || {
            collect(world, incoming, received);
        });
    }

    fn deliver(&mut self, from: usize, letter: Vec<u8>) -> Result<()> {
        let (address, message) = open(&letter)?;
        if address.kind == Kind::Courier {
            return match postcard::from_bytes(message)? {
                Notice::Left => {
                    self.gone.push(from);
                    self.services.iter().try_for_each(|opened| opened.service.left(from))
                }
                Notice::Asked => {
                    self.told = true;
                    signal::ask();
                    Ok(())
                }
            };
        }
        if let Some(opened) = self.services.iter().find(|opened| opened.is_at(address)) {
            return opened.service.receive(from, message);
        }
        if address.kind == Kind::QueueHome {
            // It comes to be with the first who speaks to it.
            let service = queue::home(self.office, address.name);
            service.receive(from, message)?;
            return self.take_on(Opened { kind: address.kind, name: address.name.to_owned(), service });
        }
        self.early.push((from, letter));
        Ok(())
    }

    fn tell_all(&self, notice: &Notice) -> Result<()> {
        (0..self.world.size()).try_for_each(|rank| self.office.post(rank, COURIER, notice))
    }

    /// From now on a service gets what comes for it; first what has come already.
    fn take_on(&mut self, opened: Opened) -> Result<()> {
        for (from, letter) in std::mem::take(&mut self.early) {
            let (address, message) = open(&letter)?;
            if opened.is_at(address) {
                opened.service.receive(from, message)?;
            } else {
                self.early.push((from, letter));
            }
        }
        self.gone.iter().try_for_each(|rank| opened.service.left(*rank))?;
        self.services.push(opened);
        Ok(())
    }

    fn serve_until_all_are_here(&mut self) -> Result<()> {
        let world = self.world;
        let mut failed = None;
        world.barrier_while(|| match self.round() {
            Ok(any) => any,
            Err(error) => {
                failed.get_or_insert(error);
                false
            }
        });
        failed.map_or(Ok(()), Err)
    }
}

/// Takes in what has come from other ranks; tells whether there was anything.
fn collect(world: &World, incoming: &mut VecDeque<(usize, Vec<u8>)>, received: &mut u64) -> bool {
    let before = incoming.len();
    incoming.extend(std::iter::from_fn(|| world.try_receive(Tag::Letter)));
    *received += (incoming.len() - before) as u64;
    incoming.len() > before
}
