//! What can become of a request.

use super::order::Id;
use serde::{Deserialize, Serialize};

/// An error or panic in an engine's call. The engine goes on serving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("engine {engine}: {message}{}", self.at())]
pub struct RemoteError {
    /// The engine's number.
    pub engine: usize,
    /// What went wrong.
    pub message: String,
    /// Where: file, line and column. Of an error only if it was made by [`Error::other`](crate::Error::other).
    pub location: Option<String>,
    /// The calls that led there, of a panic.
    pub backtrace: Option<String>,
}

impl RemoteError {
    fn at(&self) -> String {
        self.location.as_ref().map(|location| format!(" (at {location})")).unwrap_or_default()
    }
}

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CallError {
    /// It failed where it ran.
    #[error(transparent)]
    Remote(RemoteError),
    /// It was cancelled before it began.
    #[error("task {task} was cancelled")]
    Cancelled {
        /// The task.
        task: Id,
    },
    /// It took too long.
    #[error("task {task} has not ended on engine {engine} within {seconds} s")]
    TimedOut {
        /// The task.
        task: Id,
        /// Where it ran, and may still be running.
        engine: usize,
        /// How long it was given.
        seconds: f64,
    },
    /// Another task, which was to be done before, has no result.
    #[error("task {task} was not begun, because task {after} before it has no result")]
    Dependency {
        /// The task.
        task: Id,
        /// The one before it.
        after: Id,
    },
    /// The engines have been shut down.
    #[error("the engines have been shut down")]
    Shutdown,
    /// An engine's answer, or what is asked of it, can't be read or written.
    #[error("{0}")]
    Form(String),
}

impl From<postcard::Error> for CallError {
    fn from(error: postcard::Error) -> Self {
        CallError::Form(format!("a value could not be sent or read: {error}"))
    }
}

impl From<crate::Error> for CallError {
    fn from(error: crate::Error) -> Self {
        CallError::Form(error.to_string())
    }
}

impl From<CallError> for crate::Error {
    fn from(error: CallError) -> Self {
        crate::Error::other(error)
    }
}
