//! The Poisson distribution.

use super::invalid::{Invalid, number, positive, require};
use super::special::{is_near, ln_poisson_near, product};
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The Poisson distribution: mass mean^k exp(−mean) / k! at k = 0, 1, 2, ...
///
/// For means below 10, the number of events in a time of that length, with exponential times between them. From 10 on, rejection by the method PTRS of Hörmann (1993), "The transformed
/// rejection method for generating Poisson random variables", Insurance: Mathematics and Economics 12, 39–45.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Poisson {
    mean: f64,
}

impl Poisson {
    /// The distribution with this mean, which must be positive, and at most 1e15: every sample is then an integer that
    /// a float holds exactly.
    pub fn new(mean: f64) -> Result<Self, Invalid> {
        positive("mean", mean)?;
        require(mean <= 1e15, "mean", "must be at most 1e15", number(mean))?;
        Ok(Poisson { mean })
    }

    /// The mean, which is the variance too.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        if self.mean < 10.0 { self.events(stream) } else { self.transformed_rejection(stream) }
    }

    /// The logarithm of the mass at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || {
            if is_near(x, self.mean) {
                return ln_poisson_near(x, self.mean);
            }
            product(x, libm::log(self.mean)) - self.mean - libm::lgamma(x + 1.0)
        })
    }

    /// The integers from 0 to ∞.
    pub fn support(&self) -> Support {
        Support::discrete(0.0, f64::INFINITY)
    }

    fn events(&self, stream: &mut Stream) -> f64 {
        let mut k = 0.0;
        let mut time = stream.exponential();
        while time <= self.mean {
            k += 1.0;
            time += stream.exponential();
        }
        k
    }

    /// The names are the paper's.
    fn transformed_rejection(&self, stream: &mut Stream) -> f64 {
        let b = 0.931 + 2.53 * self.mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        loop {
            let u = stream.uniform() - 0.5;
            let v = stream.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + self.mean + 0.43).floor();
            if us >= 0.07 && v <= v_r {
                return k;
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            if libm::log(v * inverse_alpha / (a / (us * us) + b)) <= self.ln_density(k) {
                return k;
            }
        }
    }
}

impl fmt::Display for Poisson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "poisson(mean = {})", number(self.mean))
    }
}
