//! Kernels of any kind, behind one face: an application knows only at run time which model it runs.

use super::kernel::Kernel;
use super::variable::Variable;
use crate::error::Result;
use crate::stream::Stream;
use std::sync::Arc;

/// Any [`Kernel`].
pub trait Sampler: Send + Sync {
    /// As [`Kernel::variables`].
    fn variables(&self) -> Vec<Variable>;

    /// As [`Kernel::statistics`].
    fn statistics(&self) -> Vec<String>;

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

/// A chain on its way.
pub trait Chain: Send {
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
        (0..steps).try_for_each(|_| self.kernel.warm_up(&mut self.state, &mut self.stream))
    }

    fn step(&mut self, steps: u64) -> Result<()> {
        (0..steps).try_for_each(|_| self.kernel.step(&mut self.state, &mut self.stream))
    }

    fn record(&self, values: &mut [f64], statistics: &mut [f64]) {
        self.kernel.draw(&self.state, values);
        self.kernel.statistics_of(&self.state, statistics);
    }

    fn save(&self) -> Result<Vec<u8>> {
        Ok(postcard::to_stdvec(&(&self.state, &self.stream))?)
    }
}
