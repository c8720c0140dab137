//! Kernels of any kind, behind one face: an application knows only at run time which model it runs.

use super::gibbs::Stage;
use super::kernel::{Advance, Kernel};
use super::variable::Variable;
use crate::error::{Error, Result};
use crate::stream::Stream;
use std::any::Any;
use std::sync::Arc;

/// Any [`Kernel`].
pub trait Sampler: Send + Sync {
    /// As [`Kernel::variables`].
    fn variables(&self) -> Vec<Variable>;

    /// As [`Kernel::statistics`].
    fn statistics(&self) -> Vec<String>;

    /// As [`Kernel::TOGETHER`].
    fn together(&self) -> usize;

    /// As [`Kernel::advance`], for chains of this kernel.
    ///
    /// # Errors
    /// Those of the kernel; a chain of another kernel.
    fn advance(&self, chains: &mut [Recorded<'_>], stage: Stage, steps: u64, thin: u64) -> Result<()>;

    /// A new chain that draws from `stream`, at given values or where the kernel begins.
    ///
    /// # Errors
    /// Those of the kernel.
    fn begin(self: Arc<Self>, stream: Stream, at: Option<&[f64]>) -> Result<Box<dyn Chain>>;

    /// A chain that goes on from where it was [saved](Chain::save).
    ///
    /// # Errors
    /// When that is no chain of this kernel.
    fn resume(self: Arc<Self>, saved: &[u8]) -> Result<Box<dyn Chain>>;
}

/// A chain that advances, and where its draws go: see [`Advance`](super::Advance).
pub struct Recorded<'a> {
    /// The chain.
    pub chain: &'a mut dyn Chain,
    /// For each draw the values of all variables; empty if none is recorded.
    pub values: &'a mut [f64],
    /// For each draw all statistics; empty if none is recorded.
    pub statistics: &'a mut [f64],
}

/// A chain on its way.
pub trait Chain: Any + Send {
    /// Takes steps of the warm-up.
    ///
    /// # Errors
    /// Those of the kernel.
    fn warm_up(&mut self, steps: u64) -> Result<()>;

    /// Takes steps.
    ///
    /// # Errors
    /// Those of the kernel.
    fn step(&mut self, steps: u64) -> Result<()>;

    /// Writes what is recorded of the present state: variables, then statistics.
    fn record(&self, values: &mut [f64], statistics: &mut [f64]);

    /// All that is needed to go on from here: the state and the stream.
    ///
    /// # Errors
    /// When the state can't be serialized.
    fn save(&self) -> Result<Vec<u8>>;
}

impl<K: Kernel> Sampler for K {
    fn together(&self) -> usize {
        K::TOGETHER
    }

    fn advance(&self, chains: &mut [Recorded<'_>], stage: Stage, steps: u64, thin: u64) -> Result<()> {
        let mut own = Vec::with_capacity(chains.len());
        for Recorded { chain, values, statistics } in chains {
            let chain = (&mut **chain as &mut dyn Any).downcast_mut::<Running<K>>();
            let Running { state, stream, .. } = chain.ok_or_else(|| Error::other("a chain of another kernel"))?;
            own.push(Advance { state, stream, values, statistics });
        }
        Kernel::advance(self, &mut own, stage, steps, thin)
    }

    fn variables(&self) -> Vec<Variable> {
        Kernel::variables(self)
    }

    fn statistics(&self) -> Vec<String> {
        Kernel::statistics(self).into_iter().map(str::to_owned).collect()
    }

    fn begin(self: Arc<Self>, mut stream: Stream, at: Option<&[f64]>) -> Result<Box<dyn Chain>> {
        let state = match at {
            Some(values) => self.init_at(values, &mut stream)?,
            None => self.init(&mut stream)?,
        };
        Ok(Box::new(Running { kernel: self, state, stream }))
    }

    fn resume(self: Arc<Self>, saved: &[u8]) -> Result<Box<dyn Chain>> {
        let (state, stream) = postcard::from_bytes(saved)?;
        Ok(Box::new(Running { kernel: self, state, stream }))
    }
}

/// A chain of a kernel.
struct Running<K: Kernel> {
    kernel: Arc<K>,
    state: K::State,
    stream: Stream,
}

impl<K: Kernel> Chain for Running<K> {
    fn warm_up(&mut self, steps: u64) -> Result<()> {
        self.advance(Stage::WarmUp, steps)
    }

    fn step(&mut self, steps: u64) -> Result<()> {
        self.advance(Stage::Sampling, steps)
    }

    fn record(&self, values: &mut [f64], statistics: &mut [f64]) {
        self.kernel.draw(&self.state, values);
        self.kernel.statistics_of(&self.state, statistics);
    }

    fn save(&self) -> Result<Vec<u8>> {
        Ok(postcard::to_stdvec(&(&self.state, &self.stream))?)
    }
}

impl<K: Kernel> Running<K> {
    fn advance(&mut self, stage: Stage, steps: u64) -> Result<()> {
        let Running { kernel, state, stream } = self;
        let chain = Advance { state, stream, values: &mut [], statistics: &mut [] };
        kernel.advance(&mut [chain], stage, steps, 1)
    }
}
