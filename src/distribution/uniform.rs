//! The continuous uniform distribution.

use super::invalid::{Invalid, interval, location, number};
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The uniform distribution from `low` to `high`, with density 1 / (high − low).
///
/// Samples are `low + (high − low) ·` [`Stream::uniform`], rounded to a float of the interval, its ends included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    /// The distribution on the interval from `low` to `high`; `low` must be below `high`.
    pub fn new(low: f64, high: f64) -> Result<Self, Invalid> {
        let uniform = Uniform { low: location("low", low)?, high: location("high", high)? };
        interval(low, high)?;
        Ok(uniform)
    }

    /// The lower end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Draws a value.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        // The width is rounded, and so is the sum: without the clamp an end could be passed by a last digit.
        (self.low + (self.high - self.low) * stream.uniform()).clamp(self.low, self.high)
    }

    /// The logarithm of the density at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || -libm::log(self.high - self.low))
    }

    /// From `low` to `high`.
    pub fn support(&self) -> Support {
        Support::continuous(self.low, self.high)
    }
}

impl fmt::Display for Uniform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uniform(low = {}, high = {})", number(self.low), number(self.high))
    }
}
