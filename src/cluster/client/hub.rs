//! A record of every request.

use super::super::order::{Id, Work};
use super::super::remote::RemoteError;
use super::dispatcher::Request;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// Nothing yet.
    Pending,
    /// It has all its results.
    Done,
    /// A part of it failed, or what was to be done before.
    Failed,
    /// It was cancelled before it began.
    Cancelled,
    /// It took too long.
    TimedOut,
}

impl Fate {
    /// Its name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Pending => "pending",
            Fate::Done => "done",
            Fate::Failed => "failed",
            Fate::Cancelled => "cancelled",
            Fate::TimedOut => "timed out",
        }
    }
}

/// What kind of request it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestKind {
    /// Calls of the engine.
    Call,
    /// Giving a value a name.
    Push,
    /// Fetching a value.
    Pull,
}

impl RequestKind {
    /// Its name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            RequestKind::Call => "call",
            RequestKind::Push => "push",
            RequestKind::Pull => "pull",
        }
    }
}

/// A request, as the client has seen it. Times are in seconds from the job's start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The task's number, from 0 in the order of submission.
    pub id: Id,
    /// What it was.
    pub kind: RequestKind,
    /// How many calls it consisted of.
    pub parts: usize,
    /// The engine that did it, or did it last.
    pub engine: Option<usize>,
    /// How often it was run.
    pub runs: u32,
    /// The size of what was sent with it, in bytes.
    pub bytes_sent: usize,
    /// The size of its results, in bytes.
    pub bytes_received: usize,
    /// When it was asked for.
    pub submitted: f64,
    /// When the engine began it, for the last time, on the engine's clock.
    pub started: Option<f64>,
    /// How long that run took.
    pub seconds: f64,
    /// How long engines were busy with it, all runs together.
    pub busy: f64,
    /// When the client had its results, or gave it up.
    pub completed: Option<f64>,
    /// What became of it.
    pub fate: Fate,
}

impl Record {
    pub(super) fn new(id: Id, request: &Request, now: f64) -> Self {
        let kind = match &*request.work {
            Work::Calls(_) => RequestKind::Call,
            Work::Push { .. } => RequestKind::Push,
            Work::Pull { .. } => RequestKind::Pull,
        };
        Record {
            id,
            kind,
            parts: request.work.parts(),
            engine: request.engine,
            runs: 0,
            bytes_sent: request.work.bytes(),
            bytes_received: 0,
            submitted: now,
            started: None,
            seconds: 0.0,
            busy: 0.0,
            completed: None,
            fate: Fate::Pending,
        }
    }

    pub(super) fn begun(&mut self, engine: usize, start: f64) {
        (self.engine, self.started) = (Some(engine), Some(start));
    }

    pub(super) fn ran(&mut self, engine: usize, start: f64, seconds: f64, results: &[Result<ByteBuf, RemoteError>]) {
        self.engine = Some(engine);
        self.runs += 1;
        self.started = Some(start);
        self.seconds = seconds;
        self.busy += seconds;
        self.bytes_received += results.iter().flatten().map(|bytes| bytes.len()).sum::<usize>();
    }

    pub(super) fn end(&mut self, fate: Fate, now: f64) {
        self.fate = fate;
        self.completed = Some(now);
    }
}

/// What an engine has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Its rank.
    pub rank: usize,
    /// Its host.
    pub host: String,
    /// Requests that it has run.
    pub tasks: usize,
    /// Seconds that it was busy with them.
    pub busy: f64,
}

/// What a client has asked of its engines, up to some moment: see [`Client::history`](super::Client::history).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Each engine, in the order of their numbers.
    pub engines: Vec<Load>,
    /// Every request, in the order of submission.
    pub requests: Vec<Record>,
}

impl History {
    /// Seconds from the first request to the end of the last one.
    pub fn seconds(&self) -> f64 {
        let first = self.requests.first().map_or(0.0, |request| request.submitted);
        self.requests.iter().filter_map(|request| request.completed).fold(first, f64::max) - first
    }
}
