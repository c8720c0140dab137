//! The normal distribution.

use super::invalid::{Invalid, location, number, positive};
use super::special::LN_SQRT_2_PI;
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The normal distribution N(`mean`, `sd`²), with density exp(−z²/2) / (sd √(2π)), z = (x − mean) / sd.
///
/// Samples are `mean + sd ·` [`Stream::normal`].
///
/// ```
/// # use ensample::{distribution::Normal, stream::Streams};
/// let x = Normal::new(0.0, 10.0)?.sample(&mut Streams::new(7, 0).stream(0));
/// # Ok::<(), ensample::distribution::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Normal {
    mean: f64,
    sd: f64,
}

impl Normal {
    /// The distribution with this mean and this standard deviation, which must be positive.
    pub fn new(mean: f64, sd: f64) -> Result<Self, Invalid> {
        Ok(Normal { mean: location("mean", mean)?, sd: positive("sd", sd)? })
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation.
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// Draws a value.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        self.mean + self.sd * stream.normal()
    }

    /// The logarithm of the density at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || {
            let z = (x - self.mean) / self.sd;
            -0.5 * z * z - libm::log(self.sd) - LN_SQRT_2_PI
        })
    }

    /// All real numbers.
    pub fn support(&self) -> Support {
        Support::REAL
    }
}

impl fmt::Display for Normal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "normal(mean = {}, sd = {})", number(self.mean), number(self.sd))
    }
}
