//! The uniform distribution on integers.

use super::invalid::{Invalid, require};
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The integers from `low` to `high`, both included, each with the mass 1 / (high − low + 1).
///
/// Samples are `low +` [`Stream::index`], so the masses are exact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct IntegerUniform {
    low: i64,
    high: i64,
}

impl IntegerUniform {
    /// The distribution on the integers from `low` to `high`. Both are between −2^53 and 2^53, where every integer is a
    /// float; `low` must not be above `high`.
    pub fn new(low: i64, high: i64) -> Result<Self, Invalid> {
        const LARGEST: u64 = 1 << 53;
        for (parameter, value) in [("low", low), ("high", high)] {
            let rule = "must be between -2^53 and 2^53";
            require(value.unsigned_abs() <= LARGEST, parameter, rule, value)?;
        }
        require(low <= high, "low", format_args!("must not be above high = {high}"), low)?;
        Ok(IntegerUniform { low, high })
    }

    /// The smallest value.
    pub fn low(&self) -> i64 {
        self.low
    }

    /// The largest value.
    pub fn high(&self) -> i64 {
        self.high
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        (self.low + stream.index(self.count()) as i64) as f64 // exact: at most 2^53 in size
    }

    /// The logarithm of the mass at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || -libm::log(self.count() as f64))
    }

    /// The integers from `low` to `high`.
    pub fn support(&self) -> Support {
        Support::discrete(self.low as f64, self.high as f64)
    }

    /// How many values there are.
    fn count(&self) -> u64 {
        self.high.abs_diff(self.low) + 1
    }
}

impl fmt::Display for IntegerUniform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "integer_uniform(low = {}, high = {})", self.low, self.high)
    }
}
