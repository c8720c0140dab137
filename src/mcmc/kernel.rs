//! What a user writes to bring a chain of their own.

use super::variable::Variable;
use crate::error::{Error, Result};
use crate::stream::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A Markov chain: where it begins, one step, and what is recorded. See the [example](super).
///
/// What a step does may depend on the state and the stream only: that makes results the same on any number of ranks.
pub trait Kernel: Send + Sync + 'static {
    /// What is carried from step to step.
    type State: Serialize + DeserializeOwned + Send + 'static;

    /// What [`draw`](Self::draw) records, in the order in which it writes.
    fn variables(&self) -> Vec<Variable>;

    /// A state to begin with. To see whether chains forget their beginning, let it be more dispersed than the target.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn init(&self, stream: &mut Stream) -> Result<Self::State>;

    /// The state to begin with at given values, all that [`draw`](Self::draw) would write. Values that are not given are
    /// NaN: a model that can do without them, as they follow from the others or can be drawn, is free to.
    ///
    /// # Errors
    /// Where there is no such state; by default, always.
    fn init_at(&self, _values: &[f64], _stream: &mut Stream) -> Result<Self::State> {
        Err(Error::other("this model can't begin at given values"))
    }

    /// One step of the chain.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn step(&self, state: &mut Self::State, stream: &mut Stream) -> Result<()>;

    /// One step of the warm-up, in which the chain may still be tuned. By default a step like any other.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn warm_up(&self, state: &mut Self::State, stream: &mut Stream) -> Result<()> {
        self.step(state, stream)
    }

    /// Writes what is recorded of a state: the values of all variables, one after the other.
    fn draw(&self, state: &Self::State, out: &mut [f64]);

    /// The names of numbers that say how the chain does, as ArviZ has them: `lp` for the logarithm of the density (up to
    /// a constant), `acceptance_rate`.
    fn statistics(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Writes those numbers.
    fn statistics_of(&self, _state: &Self::State, _out: &mut [f64]) {}
}
