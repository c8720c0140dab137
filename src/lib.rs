//! **ensample** draws ensembles of Monte Carlo samples on MPI.
#![warn(missing_docs)]

pub mod abc;
pub mod app;
pub mod diagnostics;
pub mod distribution;
pub mod error;
pub mod farm;
pub mod store;
pub mod stream;
pub mod world;

pub use error::{Error, Result};
