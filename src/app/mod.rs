//! What every application shares: flags, the run file, progress, the summary, the trace, the exit status.
//!
//! An application is a run file with the default problem, and a function that makes the model: see [`abc::main`].

pub mod abc;
mod data;
mod flags;
mod progress;
mod source;
mod summary;
mod terminal;
mod trace;

/// What a job's exit status says. Errors have the status that [`Error::status`](crate::Error::status) gives.
pub mod status {
    /// The result file is there, and complete.
    pub const DONE: u8 = 0;
    /// The result file is there, but holds less than what was asked for: the allowed simulations were used up.
    pub const PARTIAL: u8 = 3;
}
