//! Gibbs sampling: blocks of the state, each drawn given the others (Geman and Geman 1984).

use super::kernel::{self, Advance, Kernel};
use super::variable::Variable;
use crate::error::Result;
use crate::stream::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize as Serializable};

/// A model by its conditional distributions: what a user writes for [`Gibbs`].
pub trait Conditionals: Send + Sync + 'static {
    /// All blocks, with what tunes them.
    type State: Serialize + DeserializeOwned + Send + 'static;

    /// As [`Kernel::variables`].
    fn variables(&self) -> Vec<Variable>;

    /// As [`Kernel::init`].
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn init(&self, stream: &mut Stream) -> Result<Self::State>;

    /// As [`Kernel::init_at`].
    ///
    /// # Errors
    /// Where there is no such state; by default, always.
    fn init_at(&self, _values: &[f64], _stream: &mut Stream) -> Result<Self::State> {
        Err(crate::Error::other("this model can't begin at given values"))
    }

    /// How many blocks there are.
    fn blocks(&self) -> usize;

    /// Draws a block given all others, or takes a step that leaves its conditional distribution as it is. Only in
    /// [`Stage::WarmUp`] may what tunes it change.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn update(&self, block: usize, state: &mut Self::State, stage: Stage, stream: &mut Stream) -> Result<()>;

    /// As [`Kernel::TOGETHER`]: above 1 for models that have [`sweeps`](Self::sweeps).
    const TOGETHER: usize = 1;

    /// As [`Kernel::advance`], a step being an update of all blocks in fixed order. Called only where
    /// [`TOGETHER`](Self::TOGETHER) is above 1; must draw what [`update`](Self::update) draws.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn sweeps(&self, _chains: &mut [Advance<'_, Self::State>], _stage: Stage, _steps: u64, _thin: u64) -> Result<()> {
        Err(crate::Error::other("this model updates chains one by one: a defect"))
    }

    /// As [`Kernel::draw`].
    fn draw(&self, state: &Self::State, out: &mut [f64]);

    /// As [`Kernel::statistics`].
    fn statistics(&self) -> Vec<&str> {
        Vec::new()
    }

    /// As [`Kernel::statistics_of`].
    fn statistics_of(&self, _state: &Self::State, _out: &mut [f64]) {}
}

/// In which order blocks are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serializable, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// One after the other, in every sweep.
    #[default]
    Fixed,
    /// Each sweep in a new order, all equally likely: such a chain is reversible.
    Random,
}

/// Where in a chain an update is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the draws that count: tuning is allowed.
    WarmUp,
    /// Among them.
    Sampling,
}

/// The chain whose step is a sweep: one update of every block.
pub struct Gibbs<M> {
    model: M,
    order: Order,
}

impl<M: Conditionals> Gibbs<M> {
    /// The sampler of a model.
    pub fn new(model: M, order: Order) -> Self {
        Gibbs { model, order }
    }

    fn sweep(&self, state: &mut M::State, stage: Stage, stream: &mut Stream) -> Result<()> {
        let blocks = self.model.blocks();
        if self.order == Order::Fixed {
            return (0..blocks).try_for_each(|block| self.model.update(block, state, stage, stream));
        }
        // Fisher and Yates' shuffle, from the front: a block is updated as soon as it is chosen.
        let mut left: Vec<usize> = (0..blocks).collect();
        for done in 0..blocks {
            left.swap(done, done + stream.index((blocks - done) as u64) as usize);
            self.model.update(left[done], state, stage, stream)?;
        }
        Ok(())
    }
}

impl<M: Conditionals> Kernel for Gibbs<M> {
    type State = M::State;

    fn variables(&self) -> Vec<Variable> {
        self.model.variables()
    }

    fn init(&self, stream: &mut Stream) -> Result<Self::State> {
        self.model.init(stream)
    }

    fn init_at(&self, values: &[f64], stream: &mut Stream) -> Result<Self::State> {
        self.model.init_at(values, stream)
    }

    fn step(&self, state: &mut Self::State, stream: &mut Stream) -> Result<()> {
        self.sweep(state, Stage::Sampling, stream)
    }

    fn warm_up(&self, state: &mut Self::State, stream: &mut Stream) -> Result<()> {
        self.sweep(state, Stage::WarmUp, stream)
    }

    const TOGETHER: usize = M::TOGETHER;

    fn advance(&self, chains: &mut [Advance<'_, Self::State>], stage: Stage, steps: u64, thin: u64) -> Result<()> {
        match self.order {
            Order::Fixed if M::TOGETHER > 1 => self.model.sweeps(chains, stage, steps, thin),
            _ => kernel::one_by_one(self, chains, stage, steps, thin),
        }
    }

    fn draw(&self, state: &Self::State, out: &mut [f64]) {
        self.model.draw(state, out);
    }

    fn statistics(&self) -> Vec<&str> {
        self.model.statistics()
    }

    fn statistics_of(&self, state: &Self::State, out: &mut [f64]) {
        self.model.statistics_of(state, out);
    }
}
