//! The gamma distribution.

use super::invalid::{Invalid, number, positive};
use super::special::{is_near, ln_poisson_near, product};
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The gamma distribution with mean `shape` / `rate`: density rate^shape x^(shape − 1) exp(−rate · x) / Γ(shape) for
/// x > 0.
///
/// Sampled by rejection from a cubed normal variable (Marsaglia and Tsang 2000, "A simple method for generating gamma
/// variables", ACM Transactions on Mathematical Software 26, 363–372). For a shape below 1, a variable of shape + 1 is
/// multiplied by U^(1/shape), U uniform, as they propose; in logarithms, so that a small shape does not underflow
/// where the product with 1 / rate would not. A sample below 2.2e-308, which half of all are at shape 0.001, becomes
/// 2.2e-308.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gamma {
    shape: f64,
    rate: f64,
}

impl Gamma {
    /// The distribution with this shape and this rate (the scale is 1 / rate); both must be positive.
    pub fn new(shape: f64, rate: f64) -> Result<Self, Invalid> {
        Ok(Gamma { shape: positive("shape", shape)?, rate: positive("rate", rate)? })
    }

    /// The shape.
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// The rate: 1 / scale.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        let x = if self.shape < 1.0 {
            libm::exp(ln_standard(self.shape, stream) - libm::log(self.rate))
        } else {
            standard(self.shape, stream) / self.rate
        };
        x.clamp(f64::MIN_POSITIVE, f64::MAX)
    }

    /// The logarithm of the density at `x`; at 0, ∞ for a shape below 1 and −∞ for one above.
    pub fn ln_density(&self, x: f64) -> f64 {
        let Gamma { shape, rate } = *self;
        self.support().ln_density(x, || {
            if is_near(shape, rate * x) {
                return ln_poisson_near(shape, rate * x) + libm::log(shape) - libm::log(x);
            }
            shape * libm::log(rate) + product(shape - 1.0, libm::log(x)) - rate * x - libm::lgamma(shape)
        })
    }

    /// From 0 to ∞.
    pub fn support(&self) -> Support {
        Support::POSITIVE
    }
}

/// The logarithm of a gamma variable with rate 1 and any shape.
pub(super) fn ln_standard(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        libm::log(standard(shape + 1.0, stream)) - stream.exponential() / shape
    } else {
        libm::log(standard(shape, stream))
    }
}

/// A gamma variable with rate 1 and a shape of at least 1.
fn standard(shape: f64, stream: &mut Stream) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let z = stream.normal();
        let t = c * z;
        if t <= -1.0 {
            continue;
        }
        // x = d v with v = (1 + t)³. The paper's d − d v + d ln v, as a function of t, stays exact for large shapes.
        let v_minus_1 = t * (3.0 + t * (3.0 + t));
        let ln_ratio = || 0.5 * z * z + d * (3.0 * libm::log1p(t) - v_minus_1);
        let u = stream.uniform();
        // The first condition implies the second, and spares its logarithms nearly always.
        if u < 1.0 - 0.0331 * (z * z) * (z * z) || libm::log(u) < ln_ratio() {
            return d * (1.0 + v_minus_1);
        }
    }
}

impl fmt::Display for Gamma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gamma(shape = {}, rate = {})", number(self.shape), number(self.rate))
    }
}
