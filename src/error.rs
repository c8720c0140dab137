//! One error type for the whole crate.
//!
//! An error says where (file, line, key, flag or rank), what, and, where there is one, a way out.
//! It is a value all the way up: [`world::launch`](crate::world::launch) prints it, once per job.

use crate::status;
use std::error::Error as StdError;
use std::panic::Location;
use std::path::PathBuf;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the user wrote (a flag, a run file, a data file) can't be used.
    #[error("{place}: {message}")]
    Input {
        /// The flag (`--draws`), or file, line and key (`run.toml:7: prior.sigma.uniform`).
        place: String,
        /// What is wrong with it and what would be right.
        message: String,
    },
    /// A file could not be read or written.
    #[error("{}: can't {action}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted, as a verb phrase: "create the result file".
        action: &'static str,
        /// What the system or the file format's library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// Another rank failed while it ran a task.
    #[error("rank {rank} on {host}: {message}")]
    Rank {
        /// The rank that failed.
        rank: usize,
        /// Its host.
        host: String,
        /// What it said, with the location when it was a panic.
        message: String,
        /// The exit status that the failure asks for.
        status: u8,
    },
    /// The job can't run as it was launched.
    #[error("{0}")]
    Launch(String),
    /// A message between ranks did not have the expected form: a defect, or binaries of different versions.
    #[error("a message between ranks could not be read: {0}")]
    Message(#[from] postcard::Error),
    /// A panic, caught at the edge of the code that panicked.
    #[error("panicked at {location}: {message}{}", after_line(backtrace))]
    Panic {
        /// File, line and column.
        location: String,
        /// The panic's message.
        message: String,
        /// The calls that led there, if `RUST_BACKTRACE` asks for them.
        backtrace: Option<String>,
    },
    /// A signal, or the end of the time that the job may take, has ended it.
    #[error("interrupted before it was done; the same command with --resume goes on from the last checkpoint")]
    Interrupted,
    /// A rank has tasks, and no result has come from it for longer than it may be without one.
    #[error(
        "rank {rank} has made no progress for {seconds} s (--stall-timeout); --resume goes on from the last checkpoint"
    )]
    Stalled {
        /// The rank.
        rank: usize,
        /// How long it was waited for.
        seconds: f64,
    },
    /// An error that all ranks know of: root reports it, and the job ends in order.
    #[error(transparent)]
    Shared(Box<Error>),
    /// Another rank failed and reports it; this rank only has to end.
    #[error("the job was ended by another rank")]
    Elsewhere {
        /// The exit status of the whole job.
        status: u8,
    },
    /// An error of the user's own model or data, or of a library that it uses.
    #[error("{source}")]
    Other {
        /// What it is.
        source: Box<dyn StdError + Send + Sync>,
        /// Where [`Error::other`] was called.
        location: &'static Location<'static>,
    },
}

impl Error {
    /// A mistake in what the user wrote, at `place`.
    pub fn input(place: impl Into<String>, message: impl Into<String>) -> Self {
        Error::Input { place: place.into(), message: message.into() }
    }

    /// A failure to do `action` with the file at `path`.
    pub fn file(
        path: impl Into<PathBuf>,
        action: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Error::File { path: path.into(), action, source: source.into() }
    }

    /// Whether this is how the job ends that was asked to end.
    pub(crate) fn is_interruption(&self) -> bool {
        match self {
            Error::Shared(error) => error.is_interruption(),
            Error::Interrupted | Error::Elsewhere { status: status::INTERRUPTED } => true,
            _ => false,
        }
    }

    /// The same error, known to all ranks.
    pub(crate) fn shared(self) -> Self {
        match self {
            Error::Shared(_) | Error::Elsewhere { .. } => self,
            error => Error::Shared(Box::new(error)),
        }
    }

    /// Any other error: a text, or an error value of another library.
    ///
    /// ```
    /// let error = ensample::Error::other("the step size became zero");
    /// assert_eq!(error.to_string(), "the step size became zero");
    /// ```
    #[track_caller]
    pub fn other(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Error::Other { source: source.into(), location: Location::caller() }
    }

    /// Where the error was made, if it was by [`other`](Self::other) in code that is not the standard library's (as in
    /// `map_err(Error::other)`).
    pub fn location(&self) -> Option<&'static Location<'static>> {
        match self {
            Error::Other { location, .. } => Some(*location).filter(|location| !location.file().starts_with("/rustc/")),
            _ => None,
        }
    }

    /// The exit status of a job that ends with this error.
    pub fn status(&self) -> u8 {
        match self {
            Error::Input { .. } | Error::Launch(_) => status::INPUT,
            Error::File { .. } => status::FILE,
            Error::Interrupted | Error::Stalled { .. } => status::INTERRUPTED,
            Error::Rank { status, .. } | Error::Elsewhere { status } => *status,
            Error::Shared(error) => error.status(),
            Error::Message(_) | Error::Panic { .. } | Error::Other { .. } => status::FAILED,
        }
    }
}

fn after_line(text: &Option<String>) -> String {
    text.as_ref().map(|text| format!("\n{text}")).unwrap_or_default()
}
