//! Markov chain Monte Carlo: chains of draws whose distribution approaches that of a model.
//!
//! A [`Kernel`] is one step of a chain and what is recorded of it; [`sample`] runs many chains over the ranks, each on
//! the rank where it began. A chain's random numbers belong to its number, so its draws do not depend on where and
//! beside which others it runs.
//!
//! For kernels that are made of parts: [`Gibbs`] updates blocks of the state in fixed or random order, each from its
//! distribution given the others ([`Conditionals`]); where a block has no distribution that can be drawn from, a
//! [`RandomWalk`] or a [`Slice`] takes a step within it.
//!
//! ```
//! use ensample::Result;
//! use ensample::mcmc::{Kernel, Variable};
//! use ensample::stream::Stream;
//!
//! /// A pair of normal variables with correlation 0.8.
//! struct Pair;
//!
//! impl Kernel for Pair {
//!     type State = [f64; 2];
//!
//!     fn variables(&self) -> Vec<Variable> {
//!         vec![Variable::scalar("x"), Variable::scalar("y")]
//!     }
//!     fn init(&self, stream: &mut Stream) -> Result<[f64; 2]> {
//!         Ok([10.0 * stream.normal(), 10.0 * stream.normal()]) // far apart, to see that chains come together
//!     }
//!     fn step(&self, [x, y]: &mut [f64; 2], stream: &mut Stream) -> Result<()> {
//!         *x = 0.8 * *y + 0.6 * stream.normal();
//!         *y = 0.8 * *x + 0.6 * stream.normal();
//!         Ok(())
//!     }
//!     fn draw(&self, state: &[f64; 2], out: &mut [f64]) {
//!         out.copy_from_slice(state);
//!     }
//! }
//! ```

mod gibbs;
mod kernel;
pub mod models;
mod random_walk;
mod run;
mod sampler;
mod slice;
mod variable;

pub use crate::farm::Means;
pub use gibbs::{Conditionals, Gibbs, Order, Stage};
pub use kernel::{Advance, Kernel};
pub use random_walk::RandomWalk;
pub use run::{Plan, Recorder, Segment, sample};
pub use sampler::{Chain, Recorded, Sampler};
pub use slice::Slice;
pub use variable::{Axis, Variable};

#[cfg(test)]
mod tests;
