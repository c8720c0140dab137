//! What a user writes to bring a chain of their own.

use super::gibbs::Stage;
use super::variable::Variable;
use crate::error::{Error, Result};
use crate::stream::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A Markov chain: where it begins, one step, and what is recorded. See the [example](super).
///
/// What a step does may depend on the state and the stream only: that makes results the same on any number of ranks.
pub trait Kernel: Send + Sync + Sized + 'static {
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

    /// Up to how many chains [`advance`](Self::advance) takes side by side, where that is faster than one by one.
    const TOGETHER: usize = 1;

    /// Takes so many steps of each chain, and records every `thin`-th. The draws of a chain must not depend on which
    /// others are there, nor on how its steps are dealt out over calls. By default, one step after the other.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn advance(&self, chains: &mut [Advance<'_, Self::State>], stage: Stage, steps: u64, thin: u64) -> Result<()> {
        one_by_one(self, chains, stage, steps, thin)
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

/// A chain that [`advances`](Kernel::advance), and where its draws go.
pub struct Advance<'a, S> {
    /// Where it is.
    pub state: &'a mut S,
    /// What it draws from.
    pub stream: &'a mut Stream,
    /// For each draw the values of all variables; empty if none is recorded.
    pub values: &'a mut [f64],
    /// For each draw all statistics; empty if none is recorded.
    pub statistics: &'a mut [f64],
}

/// One chain after the other, one step after the other.
pub(super) fn one_by_one<K: Kernel>(
    kernel: &K,
    chains: &mut [Advance<'_, K::State>],
    stage: Stage,
    steps: u64,
    thin: u64,
) -> Result<()> {
    for chain in chains {
        let Advance { state, stream, values, statistics } = chain;
        let mut rows = rows(values, statistics, steps / thin);
        for step in 1..=steps {
            match stage {
                Stage::WarmUp => kernel.warm_up(state, stream)?,
                Stage::Sampling => kernel.step(state, stream)?,
            }
            if step % thin == 0
                && let Some((values, statistics)) = rows.next()
            {
                kernel.draw(state, values);
                kernel.statistics_of(state, statistics);
            }
        }
    }
    Ok(())
}

/// The rows for so many draws; there are none where none is recorded.
fn rows<'a>(
    values: &'a mut [f64],
    statistics: &'a mut [f64],
    draws: u64,
) -> impl Iterator<Item = (&'a mut [f64], &'a mut [f64])> {
    let width = |length: usize| length / (draws as usize).max(1);
    let (values_width, statistics_width) = (width(values.len()), width(statistics.len()));
    // A draw may have no statistics.
    let statistics = statistics.chunks_exact_mut(statistics_width.max(1));
    let statistics = statistics.map(Some).chain(std::iter::repeat_with(|| None));
    values.chunks_exact_mut(values_width.max(1)).zip(statistics).map(|(row, other)| (row, other.unwrap_or_default()))
}
