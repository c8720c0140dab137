//! What a user writes to bring a model of their own.

use crate::error::Result;
use crate::stream::Stream;

/// A model that can be simulated.
///
/// ```
/// use ensample::Result;
/// use ensample::abc::Simulator;
/// use ensample::stream::Stream;
///
/// /// Counts of a Poisson process, summarised by their sum.
/// struct Counts(Vec<f64>);
///
/// impl Simulator for Counts {
///     fn parameters(&self) -> Vec<&str> {
///         vec!["rate"]
///     }
///     fn summaries(&self) -> Vec<&str> {
///         vec!["sum"]
///     }
///     fn observed(&self, summary: &mut [f64]) -> Result<()> {
///         summary[0] = self.0.iter().sum();
///         Ok(())
///     }
///     fn simulate(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
///         let mut time = stream.exponential();
///         summary[0] = 0.0;
///         while time < theta[0] * self.0.len() as f64 {
///             time += stream.exponential();
///             summary[0] += 1.0;
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Simulator: Send + Sync + 'static {
    /// The names of the parameters, in the order of `theta`.
    fn parameters(&self) -> Vec<&str>;

    /// The names of the summary statistics, in the order of `summary`.
    fn summaries(&self) -> Vec<&str>;

    /// Writes the summaries of the observed data.
    ///
    /// # Errors
    /// When the observed data can't be summarised.
    fn observed(&self, summary: &mut [f64]) -> Result<()>;

    /// Simulates data for `theta` with the numbers of `stream`, and writes their summaries.
    ///
    /// `summary` comes filled with NaN. A summary that is NaN or infinite means that this simulation can't be accepted;
    /// it is counted. What is written may depend on `theta` and the stream only: that makes results the same on any
    /// number of ranks.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn simulate(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()>;

    /// How many simulations [`simulate_together`](Self::simulate_together) makes: 1, unless a model has its own.
    const TOGETHER: usize = 1;

    /// Makes [`TOGETHER`](Self::TOGETHER) simulations, for a model that can do so faster than one by one: `theta` and
    /// `summary` have a row for each. The last few of a task may not be needed; they are made all the same.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn simulate_together(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
        self.simulate(theta, stream, summary)
    }
}
