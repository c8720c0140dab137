//! A rank that drives engines.

mod balanced;
mod dispatcher;
mod hub;
mod pool;
mod reply;
mod view;

pub use balanced::{Balanced, Calls};
pub use hub::{Fate, History, Load, Record, RequestKind};
pub use pool::Pool;
pub use reply::AsyncReply;
pub use view::{Select, View};

pub(super) use dispatcher::Request;

use super::actor::Actor;
use super::engine::{CLIENT, ENGINE, Engine, protocol};
use super::office::{Awaited, Office, Service};
use super::order::{Hello, Id, Order, Report};
use super::remote::CallError;
use crate::error::{Error, Result};
use crate::world::say;
use dispatcher::{Command, Dispatcher};
use std::marker::PhantomData;
use std::sync::Arc;

/// The rank that drives the engines of a role, each of which [serves](Actor::serve) it. Engines are numbered from 0, in
/// the order of their ranks.
///
/// Requests go on while this rank does other things. When the client is dropped, its engines are shut down.
pub struct Client<E> {
    desk: Arc<Desk>,
    engine: PhantomData<fn(E) -> E>,
}

/// What a client shares with its courier.
pub(super) struct Desk {
    office: Arc<Office>,
    /// The rank of each engine.
    ranks: Vec<usize>,
    state: Awaited<State>,
}

/// Shows a line of an engine.
type Log = Box<dyn FnMut(usize, &str) + Send>;

struct State {
    dispatcher: Dispatcher,
    /// How each engine has introduced itself.
    hellos: Vec<Option<Hello>>,
    /// How many have not.
    missing: usize,
    /// One that has ended before.
    left: Option<usize>,
    is_open: bool,
    groups: u64,
    log: Log,
}

impl Actor {
    /// Makes this rank the client of the ranks of the role `engines`, and waits until these serve.
    ///
    /// # Errors
    /// When there are none, they are of another type or version, or this rank is their client already.
    pub fn client<E: Engine>(&self, engines: &str) -> Result<Client<E>> {
        let ranks = self.ranks(engines);
        if ranks.is_empty() {
            return Err(Error::other(format!("no rank is {engines}")));
        }
        let state = State {
            dispatcher: Dispatcher::new(ranks.len()),
            hellos: vec![None; ranks.len()],
            missing: ranks.len(),
            left: None,
            is_open: true,
            groups: 0,
            log: Box::new(|engine, line| say(&format!("engine {engine}: {line}"))),
        };
        let desk = Arc::new(Desk { office: Arc::clone(self.office()), ranks, state: Awaited::new(state) });
        self.office().open(CLIENT, Arc::clone(&desk) as Arc<dyn Service>)?;
        let hellos = desk.state.wait(|state| match state.left {
            Some(rank) => Some(Err(rank)),
            None if state.missing > 0 => None,
            None => Some(Ok(state.hellos.iter().flatten().cloned().collect::<Vec<Hello>>())),
        });
        let client = Client { desk, engine: PhantomData };
        let hellos =
            hellos.map_err(|rank| Error::other(format!("rank {rank} is {engines}, and has ended without serving")))?;
        match hellos.iter().position(|hello| hello.protocol != protocol::<E>()) {
            None => Ok(client),
            Some(engine) => Err(Error::other(format!(
                "engine {engine} (rank {}) is not what this client is for: {}, not {}",
                client.desk.ranks[engine],
                hellos[engine].protocol,
                protocol::<E>()
            ))),
        }
    }
}

impl<E: Engine> Client<E> {
    /// The numbers of the engines.
    pub fn ids(&self) -> Vec<usize> {
        (0..self.desk.ranks.len()).collect()
    }

    /// The rank of each engine.
    pub fn ranks(&self) -> &[usize] {
        &self.desk.ranks
    }

    /// The engines that `which` selects, each to be told what to do: `view(0)`, `view(..)`, `view(2..5)`,
    /// `view((0..).step_by(2))`, `view([0, 3])`.
    ///
    /// # Errors
    /// When one of them doesn't exist.
    pub fn view(&self, which: impl Select) -> Result<View<'_, E>> {
        View::new(self, which)
    }

    /// All engines, each given something to do when it has nothing.
    pub fn balanced(&self) -> Balanced<'_, E> {
        Balanced::new(self)
    }

    /// All engines, with the words of Python's `multiprocessing.Pool`.
    pub fn pool(&self) -> Pool<'_, E> {
        Pool::new(self.balanced())
    }

    /// Has lines that engines log shown by `show`, which gets the engine's number and the line, instead of printed.
    pub fn on_log(&self, show: impl FnMut(usize, &str) + Send + 'static) {
        self.desk.state.look(|state| state.log = Box::new(show));
    }

    /// A record of every request up to now, and what each engine has done.
    pub fn history(&self) -> History {
        self.desk.state.look(|state| {
            let hosts = state.hellos.iter().map(|hello| hello.as_ref().map_or("", |hello| &hello.host));
            let engines = self.desk.ranks.iter().zip(hosts).zip(state.dispatcher.loads());
            let load = |((rank, host), (tasks, busy)): ((&usize, &str), _)| Load {
                rank: *rank,
                host: host.into(),
                tasks,
                busy,
            };
            History { engines: engines.map(load).collect(), requests: state.dispatcher.records().to_vec() }
        })
    }

    /// How many requests each engine has before it, and how many wait for any engine.
    pub fn queue_lengths(&self) -> (Vec<usize>, usize) {
        self.desk.state.look(|state| state.dispatcher.queue_lengths())
    }

    /// Stops the engines: requests that have not begun are not done. The engines' own rank goes on after
    /// [`serve`](Actor::serve).
    ///
    /// # Errors
    /// None but those of this library.
    pub fn shutdown(&self) -> Result<()> {
        self.desk.shut_down()
    }

    pub(super) fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }
}

impl<E> Drop for Client<E> {
    fn drop(&mut self) {
        // It fails only if a message without content can't be serialized.
        let _ = self.desk.shut_down();
    }
}

impl Desk {
    /// Takes requests on.
    pub fn submit(&self, requests: Vec<Request>) -> Result<Vec<Id>, CallError> {
        self.state.with(|state| {
            if !state.is_open {
                return Err(CallError::Shutdown);
            }
            let now = self.office.now();
            let ids = requests.into_iter().map(|request| state.dispatcher.submit(request, now)).collect();
            self.flush(&mut state.dispatcher)?;
            Ok(ids)
        })
    }

    /// Changes what the dispatcher knows, and tells the engines what follows from it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Dispatcher, f64) -> T) -> Result<T> {
        self.state.with(|state| {
            let result = change(&mut state.dispatcher, self.office.now());
            self.flush(&mut state.dispatcher)?;
            Ok(result)
        })
    }

    /// A number for requests that are waited for together.
    pub fn group(&self) -> u64 {
        self.state.look(|state| {
            state.groups += 1;
            state.groups
        })
    }

    fn flush(&self, dispatcher: &mut Dispatcher) -> Result<()> {
        while let Some((engine, command)) = dispatcher.next(self.office.now()) {
            let to = self.ranks[engine];
            match command {
                Command::Run(id) => {
                    let Some(work) = dispatcher.work(id) else { continue };
                    self.office.post(to, ENGINE, &Order::Run { id, work: &*work })?;
                }
                Command::Withdraw(id) => self.office.post(to, ENGINE, &Order::<()>::Withdraw { id })?,
            }
        }
        Ok(())
    }

    fn shut_down(&self) -> Result<()> {
        self.state.with(|state| {
            if std::mem::replace(&mut state.is_open, false) {
                state.dispatcher.shut_down(self.office.now());
                self.ranks.iter().try_for_each(|rank| self.office.post(*rank, ENGINE, &Order::<()>::Stop))?;
            }
            Ok(())
        })
    }
}

impl Service for Desk {
    fn receive(&self, from: usize, message: &[u8]) -> Result<()> {
        let engine = self.ranks.iter().position(|rank| *rank == from);
        let engine =
            engine.ok_or_else(|| Error::other(format!("rank {from} serves, and is no engine of this client")))?;
        self.state.with(|state| {
            let State { dispatcher, hellos, missing, is_open, log, .. } = state;
            let now = self.office.now();
            match postcard::from_bytes(message)? {
                Report::Hello(hello) => {
                    *missing -= usize::from(hellos[engine].is_none());
                    hellos[engine] = Some(hello);
                }
                // Nobody looks at what comes after the client's end.
                _ if !*is_open => (),
                Report::Line(line) => log(engine, &line),
                Report::Started { id, start } => dispatcher.started(engine, id, start, now)?,
                Report::Withdrawn { id } => dispatcher.withdrawn(engine, id, now)?,
                Report::Over { id, start, seconds, results } => {
                    dispatcher.over(engine, id, (start, seconds), results, now)?;
                }
            }
            if *is_open { self.flush(dispatcher) } else { Ok(()) }
        })
    }

    fn left(&self, rank: usize) -> Result<()> {
        let engine = self.ranks.iter().position(|engine| *engine == rank);
        self.state.with(|state| {
            if engine.is_some_and(|engine| state.hellos[engine].is_none()) {
                state.left = Some(rank);
            }
        });
        Ok(())
    }

    fn tick(&self) -> Result<()> {
        let now = self.office.now();
        let is_due = self.state.look(|state| state.is_open && state.dispatcher.is_due(now));
        if !is_due {
            return Ok(());
        }
        self.change(|dispatcher, now| dispatcher.tick(now))
    }
}
