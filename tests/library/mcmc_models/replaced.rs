//! Models with other conditional distributions: wrong ones, and right ones made in the same way.

use super::chains::values;
use ensample::Result;
use ensample::mcmc::{Conditionals, Stage, Variable};
use ensample::stream::Stream;

/// A model of which some blocks are updated by the test: `by` gets a block's number and all values, and says whether it
/// has updated it.
pub struct Replaced<M, F> {
    pub model: M,
    pub by: F,
}

impl<M, F> Conditionals for Replaced<M, F>
where
    M: Conditionals,
    F: Fn(usize, &mut [f64], &mut Stream) -> bool + Send + Sync + 'static,
{
    type State = M::State;

    fn update(&self, block: usize, state: &mut M::State, stage: Stage, stream: &mut Stream) -> Result<()> {
        let mut row = vec![f64::NAN; values(&self.model.variables())];
        self.model.draw(state, &mut row);
        if !(self.by)(block, &mut row, stream) {
            return self.model.update(block, state, stage, stream);
        }
        *state = self.model.init_at(&row, stream)?;
        Ok(())
    }

    fn variables(&self) -> Vec<Variable> {
        self.model.variables()
    }
    fn init(&self, stream: &mut Stream) -> Result<M::State> {
        self.model.init(stream)
    }
    fn init_at(&self, values: &[f64], stream: &mut Stream) -> Result<M::State> {
        self.model.init_at(values, stream)
    }
    fn blocks(&self) -> usize {
        self.model.blocks()
    }
    fn draw(&self, state: &M::State, out: &mut [f64]) {
        self.model.draw(state, out);
    }
    fn statistics(&self) -> Vec<&str> {
        self.model.statistics()
    }
    fn statistics_of(&self, state: &M::State, out: &mut [f64]) {
        self.model.statistics_of(state, out);
    }
}

/// A step of random-walk Metropolis by a uniform proposal.
pub fn metropolis(x: f64, width: f64, ln_density: impl Fn(f64) -> f64, stream: &mut Stream) -> f64 {
    let proposal = x + width * (2.0 * stream.uniform() - 1.0);
    let accept = stream.uniform().ln() < ln_density(proposal) - ln_density(x);
    if accept { proposal } else { x }
}
