//! **ensample** draws ensembles of Monte Carlo samples on MPI.
//!
//! ```text
//!                app          flags, run file, progress, summary, exit status
//!                 |
//!      abc, bootstrap, mcmc   priors and simulators; statistics, schemes, intervals; kernels, chains, models
//!               /   \
//!    distribution   farm      numbered tasks over all ranks, results folded in order
//!          |       /   | \
//!        stream        |  checkpoint   what a run has found up to now, on disk, so that it can go on
//!                      |
//!                      |  cluster  ranks in roles: channels, queues, engines and a client's views of them
//!                      |  /
//!                    world    MPI: ranks, messages, a job that ends well
//!
//!        report               what a result file says: tables, warnings, figures
//!        /    \
//!     store  diagnostics      HDF5 files that every tool opens, complete or absent; what draws say
//!     table                   named columns of data
//! ```
//!
//! Dependencies point downwards. Only `world` knows that there is MPI, only `store` knows HDF5.
//!
//! # An example
//!
//! A model of one's own is one `impl` and a `main`: how many customers come in an hour, when 23 came in ten?
//!
//! ```no_run
//! use ensample::Result;
//! use ensample::abc::Simulator;
//! use ensample::stream::Stream;
//!
//! struct Customers {
//!     observed: f64,
//! }
//!
//! impl Simulator for Customers {
//!     fn parameters(&self) -> Vec<&str> {
//!         vec!["rate"]
//!     }
//!     fn summaries(&self) -> Vec<&str> {
//!         vec!["customers"]
//!     }
//!     fn observed(&self, summary: &mut [f64]) -> Result<()> {
//!         summary[0] = self.observed;
//!         Ok(())
//!     }
//!     fn simulate(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
//!         let mut time = stream.exponential();
//!         summary[0] = 0.0;
//!         while time < 10.0 * theta[0] {
//!             time += stream.exponential();
//!             summary[0] += 1.0;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! const RUN_FILE: &str = r#"
//!     data.values = [23]
//!     model.name = "customers"
//!     prior.rate = { gamma = { shape = 2, rate = 0.5 } }
//!     tolerance.customers = 0.5
//! "#;
//!
//! fn main() -> std::process::ExitCode {
//!     ensample::app::abc::main(RUN_FILE, |_name, data| Ok(Customers { observed: data[0] }))
//! }
//! ```
//!
//! # What is promised
//!
//! 1. **Same answer anywhere.** The result file of a run has the same bytes on any number of ranks and threads, under
//!    any [`Schedule`](farm::Schedule) and any MPI. Work is cut into numbered tasks of fixed size; each draws from a
//!    random stream that belongs to its number ([`stream`]), and results are folded in the order of the numbers
//!    ([`farm`]). The bytes are those of one version of the HDF5 library; the values are those of all.
//! 2. **Nothing hangs.** An error or a panic on any rank ends the job within seconds, with one message and a status
//!    ([`world`]).
//! 3. **Nothing lost.** A result file is complete or absent ([`store`]). A run that is ended, by whatever, goes on from
//!    its last checkpoint, on any number of ranks, to the bytes of an undisturbed one ([`checkpoint`]).
//! 4. **Every rank computes**, root too, and is given work before it runs out of it ([`farm`]).
//! 5. **One file for every tool**, with all that made it ([`store`]).
#![warn(missing_docs)]
#![deny(unsafe_code)]

pub mod abc;
pub mod app;
pub mod bootstrap;
pub mod checkpoint;
pub mod cluster;
pub mod diagnostics;
pub mod distribution;
pub mod error;
pub mod farm;
mod isa;
pub mod mcmc;
pub mod report;
pub mod status;
pub mod store;
pub mod stream;
pub mod table;
pub mod world;

pub use error::{Error, Result};
pub use ndarray;

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
