//! **ensample** draws ensembles of Monte Carlo samples on MPI.
#![warn(missing_docs)]

pub mod error;
pub mod store;

pub use error::{Error, Result};
