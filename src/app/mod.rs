//! What every application shares: flags, the run file, progress, the summary, the trace, the exit status.
//!
//! An application is a run file with the default problem, and a function that makes the model: see [`abc::main`] and
//! [`bootstrap::main`].

pub mod abc;
pub mod bootstrap;
mod checkpoint;
mod data;
mod flags;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod gibbs;
pub mod pipeline;
mod progress;
pub mod report;
mod roles;
mod source;
mod start;
mod summary;
mod terminal;
pub mod trace;

#[cfg(test)]
mod bad_input_tests;

pub use roles::RoleFlags;
pub use start::read_flags;
