//! The Cauchy distribution.

use super::invalid::{Invalid, location, number, positive};
use super::special::ln_1p_square;
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::f64::consts::PI;
use std::fmt;

/// The Cauchy distribution: density 1 / (π scale (1 + z²)), z = (x − location) / scale. It has no mean.
///
/// A sample is the ratio of two normal variables. Its tails reach some 1e16 scales out; a value beyond the range of
/// floats becomes ±1.8e308.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cauchy {
    location: f64,
    scale: f64,
}

impl Cauchy {
    /// The distribution with this median and this half width at half maximum; `scale` must be positive.
    pub fn new(location: f64, scale: f64) -> Result<Self, Invalid> {
        Ok(Cauchy { location: self::location("location", location)?, scale: positive("scale", scale)? })
    }

    /// The median.
    pub fn location(&self) -> f64 {
        self.location
    }

    /// Half the width at half maximum: half of all values lie within it of the median.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        // A stream's normal value is never 0.
        let ratio = stream.normal() / stream.normal();
        (self.location + self.scale * ratio).clamp(f64::MIN, f64::MAX)
    }

    /// The logarithm of the density at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        let Cauchy { location, scale } = *self;
        self.support().ln_density(x, || -libm::log(PI) - libm::log(scale) - ln_1p_square(x - location, scale, 1.0))
    }

    /// All real numbers.
    pub fn support(&self) -> Support {
        Support::REAL
    }
}

impl fmt::Display for Cauchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cauchy(location = {}, scale = {})", number(self.location), number(self.scale))
    }
}
