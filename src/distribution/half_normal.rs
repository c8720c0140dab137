//! The half-normal distribution.

use super::invalid::{Invalid, number, positive};
use super::special::LN_SQRT_2_PI;
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::f64::consts::LN_2;
use std::fmt;

/// The distribution of |x| where x is normal with mean 0 and standard deviation `sd`: density
/// 2 exp(−x² / (2 sd²)) / (sd √(2π)) for x ≥ 0.
///
/// `sd` is that of x; the standard deviation of |x| is sd √(1 − 2/π). Samples are the absolute values of normal ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HalfNormal {
    sd: f64,
}

impl HalfNormal {
    /// The distribution that folds N(0, `sd`²) at 0; `sd` must be positive.
    pub fn new(sd: f64) -> Result<Self, Invalid> {
        Ok(HalfNormal { sd: positive("sd", sd)? })
    }

    /// The standard deviation of the normal distribution that is folded.
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// Draws a value.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        self.sd * stream.normal().abs()
    }

    /// The logarithm of the density at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || {
            let z = x / self.sd;
            -0.5 * z * z - libm::log(self.sd) + (LN_2 - LN_SQRT_2_PI)
        })
    }

    /// From 0 to ∞.
    pub fn support(&self) -> Support {
        Support::POSITIVE
    }
}

impl fmt::Display for HalfNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "half_normal(sd = {})", number(self.sd))
    }
}
