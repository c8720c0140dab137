//! The exponential distribution.

use super::invalid::{Invalid, number, positive};
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The exponential distribution with mean 1 / `rate`: density rate · exp(−rate · x) for x ≥ 0.
///
/// Samples are [`Stream::exponential`] divided by the rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Exponential {
    rate: f64,
}

impl Exponential {
    /// The distribution with this rate, which must be positive.
    pub fn new(rate: f64) -> Result<Self, Invalid> {
        Ok(Exponential { rate: positive("rate", rate)? })
    }

    /// The rate: events per unit.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Draws a value.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        stream.exponential() / self.rate
    }

    /// The logarithm of the density at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || libm::log(self.rate) - self.rate * x)
    }

    /// From 0 to ∞.
    pub fn support(&self) -> Support {
        Support::POSITIVE
    }
}

impl fmt::Display for Exponential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exponential(rate = {})", number(self.rate))
    }
}
