//! Ranks that serve a client.

use super::actor::Actor;
use super::letter::{Address, Kind};
use super::namespace::Namespace;
use super::office::{Awaited, Office, Service};
use super::order::{Hello, Id, Order, Report, Work};
use super::remote::RemoteError;
use crate::error::{Error, Result};
use crate::world::guarded_with_backtrace;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;
use std::any::type_name;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A request that takes longer than this is reported when it has begun, not only when it is over.
const LONG: Duration = Duration::from_millis(20);

/// A service that a rank offers to a client: what it keeps between calls is its own.
pub trait Engine {
    /// What it can be asked.
    type Call: Serialize + DeserializeOwned + 'static;
    /// What it answers.
    type Reply: Serialize + DeserializeOwned + 'static;

    /// Answers a call. `here` is what the client and the calls before have left in this engine.
    ///
    /// # Errors
    /// Errors and panics go to the client as [`RemoteError`]s, and the engine goes on with the next call.
    fn call(&mut self, call: Self::Call, here: &mut Here) -> Result<Self::Reply>;
}

/// Where a call runs.
pub struct Here {
    /// The number of this engine.
    pub engine: usize,
    /// Its named values.
    pub values: Namespace,
    office: Arc<Office>,
    client: usize,
}

impl Here {
    /// Has the client show a line.
    ///
    /// # Errors
    /// None but those of this library.
    pub fn log(&self, line: impl Into<String>) -> Result<()> {
        self.office.post(self.client, CLIENT, &Report::Line(line.into()))
    }
}

pub(super) const CLIENT: Address = Address { kind: Kind::Client, name: "" };
pub(super) const ENGINE: Address = Address { kind: Kind::Engine, name: "" };

/// What client and engines must have in common.
pub(super) fn protocol<E: Engine>() -> String {
    format!("ensample {}: {} -> {}", env!("CARGO_PKG_VERSION"), type_name::<E::Call>(), type_name::<E::Reply>())
}

impl Actor {
    /// Serves the rank of the role `client` until that shuts its engines down or ends. Engine i is the i-th of the ranks
    /// of this rank's role.
    ///
    /// # Errors
    /// When there is not exactly one client.
    pub fn serve<E: Engine>(&self, client: &str, engine: &mut E) -> Result<()> {
        let [client] = self.ranks(client)[..] else {
            return Err(Error::other(format!("engines serve one rank, and {} are {client}", self.ranks(client).len())));
        };
        let number = self.ranks(self.role().name).iter().position(|rank| *rank == self.rank());
        let number = number.unwrap_or_else(|| unreachable!("this rank has its own role"));
        let office = Arc::clone(self.office());
        let inbox = Arc::new(Inbox { office: Arc::clone(&office), client, orders: Awaited::new(Orders::default()) });
        self.office().open(ENGINE, Arc::clone(&inbox) as Arc<dyn Service>)?;
        let hello = Hello { protocol: protocol::<E>(), host: office.host.clone() };
        office.post(client, CLIENT, &Report::Hello(hello))?;
        let mut here = Here { engine: number, values: Namespace::default(), office, client };
        while let Some((id, work)) = inbox.begin() {
            let start = here.office.now();
            let results = results(engine, work, &mut here);
            let seconds = here.office.now() - start;
            inbox.end();
            here.office.post(client, CLIENT, &Report::Over { id, start, seconds, results })?;
        }
        Ok(())
    }
}

/// The result of each part.
fn results<E: Engine>(engine: &mut E, work: Work, here: &mut Here) -> Vec<Result<ByteBuf, RemoteError>> {
    let mut caught = |body: &mut dyn FnMut(&mut Here) -> Result<ByteBuf>| {
        let result = guarded_with_backtrace(|| body(here)).and_then(|result| result);
        result.map_err(|error| remote(here.engine, error))
    };
    match work {
        Work::Calls(calls) => {
            let answer = |call: ByteBuf| {
                caught(&mut |here| {
                    let reply = engine.call(postcard::from_bytes(&call)?, here)?;
                    Ok(ByteBuf::from(postcard::to_stdvec(&reply)?))
                })
            };
            calls.into_iter().map(answer).collect()
        }
        Work::Push { name, value } => {
            here.values.put(name, value);
            vec![Ok(ByteBuf::new())]
        }
        Work::Pull { name, type_name } => vec![caught(&mut |here| here.values.bytes(&name, &type_name))],
    }
}

fn remote(engine: usize, error: Error) -> RemoteError {
    match error {
        Error::Panic { location, message, backtrace } => {
            RemoteError { engine, message: format!("panicked: {message}"), location: Some(location), backtrace }
        }
        error => {
            let location = error.location().map(ToString::to_string);
            RemoteError { engine, message: error.to_string(), location, backtrace: None }
        }
    }
}

/// What an engine has been ordered.
struct Inbox {
    office: Arc<Office>,
    client: usize,
    orders: Awaited<Orders>,
}

#[derive(Default)]
struct Orders {
    waiting: VecDeque<(Id, Work)>,
    /// What is being done, since when, on which clock, and whether the client has been told.
    running: Option<Running>,
    stopped: bool,
}

struct Running {
    id: Id,
    since: Instant,
    start: f64,
    told: bool,
}

impl Inbox {
    /// The next order; `None` when there will be no more.
    fn begin(&self) -> Option<(Id, Work)> {
        self.orders.wait(|orders| {
            if orders.stopped {
                return Some(None);
            }
            let next = orders.waiting.pop_front();
            if let Some((id, _)) = &next {
                let running = Running { id: *id, since: Instant::now(), start: self.office.now(), told: false };
                orders.running = Some(running);
            }
            next.map(Some)
        })
    }

    fn end(&self) {
        self.orders.look(|orders| orders.running = None);
    }

    fn stop(&self) {
        self.orders.with(|orders| {
            orders.stopped = true;
            orders.waiting.clear();
        });
    }
}

impl Service for Inbox {
    fn receive(&self, _client: usize, message: &[u8]) -> Result<()> {
        match postcard::from_bytes(message)? {
            Order::Run { id, work } => self.orders.with(|orders| orders.waiting.push_back((id, work))),
            Order::Withdraw { id } => {
                let place = |orders: &mut Orders| {
                    let place = orders.waiting.iter().position(|(waiting, _)| *waiting == id)?;
                    orders.waiting.remove(place)
                };
                if self.orders.look(place).is_some() {
                    self.office.post(self.client, CLIENT, &Report::Withdrawn { id })?;
                }
            }
            Order::Stop => self.stop(),
        }
        Ok(())
    }

    fn left(&self, rank: usize) -> Result<()> {
        if rank == self.client {
            self.stop();
        }
        Ok(())
    }

    fn tick(&self) -> Result<()> {
        // It is posted under the lock, so that the end of the request can't come before its beginning.
        self.orders.look(|orders| match orders.running.as_mut() {
            Some(running) if !running.told && running.since.elapsed() > LONG => {
                running.told = true;
                self.office.post(self.client, CLIENT, &Report::Started { id: running.id, start: running.start })
            }
            _ => Ok(()),
        })
    }
}
