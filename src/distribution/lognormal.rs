//! The lognormal distribution.

use super::invalid::{Invalid, number, positive, within};
use super::special::LN_SQRT_2_PI;
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The distribution of exp(y) where y is normal with mean `meanlog` and standard deviation `sdlog`: density
/// exp(−z²/2) / (x sdlog √(2π)) for x > 0, z = (ln x − meanlog) / sdlog.
///
/// Samples are exponentials of normal ones; with a large `sdlog` they can leave the range of floats, and become
/// 2.2e-308 or 1.8e308.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LogNormal {
    meanlog: f64,
    sdlog: f64,
}

impl LogNormal {
    /// The distribution whose logarithm has this mean and this standard deviation, which must be positive, and at
    /// least 1e-100. `meanlog` is between −700 and 700, so that the median exp(meanlog) is a float.
    pub fn new(meanlog: f64, sdlog: f64) -> Result<Self, Invalid> {
        within("meanlog", meanlog, -700.0, 700.0)?;
        positive("sdlog", sdlog)?;
        within("sdlog", sdlog, 1e-100, 1e300)?;
        Ok(LogNormal { meanlog, sdlog })
    }

    /// The mean of the logarithm.
    pub fn meanlog(&self) -> f64 {
        self.meanlog
    }

    /// The standard deviation of the logarithm.
    pub fn sdlog(&self) -> f64 {
        self.sdlog
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        libm::exp(self.meanlog + self.sdlog * stream.normal()).clamp(f64::MIN_POSITIVE, f64::MAX)
    }

    /// The logarithm of the density at `x`; −∞ at 0.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || {
            if x == 0.0 {
                return f64::NEG_INFINITY;
            }
            let ln_x = libm::log(x);
            let z = (ln_x - self.meanlog) / self.sdlog;
            -0.5 * z * z - ln_x - libm::log(self.sdlog) - LN_SQRT_2_PI
        })
    }

    /// From 0 to ∞.
    pub fn support(&self) -> Support {
        Support::POSITIVE
    }
}

impl fmt::Display for LogNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lognormal(meanlog = {}, sdlog = {})", number(self.meanlog), number(self.sdlog))
    }
}
