//! What a client and its engines say to each other.

use super::remote::RemoteError;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// The number of a request, from 0 in the order in which the client makes them.
pub(super) type Id = u64;

/// From the client to an engine.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order<W> {
    /// Do this, after what was ordered earlier.
    Run { id: Id, work: W },
    /// Give this back, unless it has begun.
    Withdraw { id: Id },
    /// There will be no more.
    Stop,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Work {
    /// Serialized calls, one after the other.
    Calls(Vec<ByteBuf>),
    /// Give the value this name.
    Push { name: String, value: Value },
    /// Send the value of this name and type.
    Pull { name: String, type_name: String },
}

impl Work {
    /// How many results it has.
    pub fn parts(&self) -> usize {
        match self {
            Work::Calls(calls) => calls.len(),
            Work::Push { .. } | Work::Pull { .. } => 1,
        }
    }

    /// Its size as a message, about.
    pub fn bytes(&self) -> usize {
        match self {
            Work::Calls(calls) => calls.iter().map(|call| call.len()).sum(),
            Work::Push { value, .. } => value.bytes.len(),
            Work::Pull { .. } => 0,
        }
    }

    /// The work that only some of the parts are.
    pub fn some(&self, parts: &[usize]) -> Work {
        match self {
            Work::Calls(calls) => Work::Calls(parts.iter().map(|part| calls[*part].clone()).collect()),
            whole => whole.clone(),
        }
    }
}

/// A serialized value of an engine's namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Value {
    pub type_name: String,
    pub bytes: ByteBuf,
}

/// How an engine introduces itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    pub protocol: String,
    pub host: String,
}

/// From an engine to the client. Times are in seconds from the job's start.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// The engine is there, and speaks this protocol.
    Hello(Hello),
    /// This takes some time.
    Started { id: Id, start: f64 },
    /// The result of each part.
    Over { id: Id, start: f64, seconds: f64, results: Vec<Result<ByteBuf, RemoteError>> },
    /// It had not begun, and will not.
    Withdrawn { id: Id },
    /// Something to be shown.
    Line(String),
}
