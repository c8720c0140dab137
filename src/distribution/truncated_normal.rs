//! The truncated normal distribution.

use super::invalid::{Invalid, interval, location, number, positive, require};
use super::special::LN_SQRT_2_PI;
use super::specification::is_infinite;
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};
use std::fmt;

/// A normal distribution with this `mean` and `sd`, restricted to the interval from `low` to `high`: the density is
/// that of N(mean, sd²) divided by its mass between `low` and `high`, at least one of which is usually finite.
///
/// `mean` and `sd` are those of the normal distribution before it is restricted. Sampled by the rejection methods of
/// Robert (1995), "Simulation of truncated normal variables", Statistics and Computing 5, 121–125: from the normal
/// distribution, from a uniform one for narrow intervals, from an exponential one in the tails. Nearly half of
/// the proposals or more are accepted, however far out or narrow the interval is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TruncatedNormal {
    mean: f64,
    sd: f64,
    #[serde(skip_serializing_if = "is_infinite")]
    low: f64,
    #[serde(skip_serializing_if = "is_infinite")]
    high: f64,
}

/// Where the interval lies, in units of `sd`.
enum Place {
    /// On both sides of the mean.
    Around,
    /// Wholly on one side, from `start` ≥ 0 sd from the mean to `start` + `width`.
    Tail { start: f64, width: f64 },
}

impl TruncatedNormal {
    /// The normal distribution with this mean and standard deviation, restricted to the interval from `low` (which may
    /// be −∞) to `high` (which may be ∞). `sd` must be positive, `low` below `high` by at least 1e-300 `sd`, and
    /// neither `low` more than 1e100 `sd` above the mean nor `high` as much below it.
    pub fn new(mean: f64, sd: f64, low: f64, high: f64) -> Result<Self, Invalid> {
        location("mean", mean)?;
        positive("sd", sd)?;
        if low != f64::NEG_INFINITY {
            location("low", low)?;
        }
        if high != f64::INFINITY {
            location("high", high)?;
        }
        interval(low, high)?;
        require((high - low) / sd >= 1e-300, "low", "must be at least 1e-300 sd below high", number(low))?;
        require((low - mean) / sd <= 1e100, "low", "must be at most 1e100 sd above mean", number(low))?;
        require((mean - high) / sd <= 1e100, "high", "must be at most 1e100 sd below mean", number(high))?;
        Ok(TruncatedNormal { mean, sd, low, high })
    }

    /// The mean of the normal distribution that is restricted.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation of the normal distribution that is restricted.
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// The lower end, or −∞.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end, or ∞.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        let x = match self.place() {
            Place::Around => self.sample_around(stream),
            Place::Tail { start, width } => {
                let y = self.sd * sample_tail(start, width, stream);
                if self.low >= self.mean { self.low + y } else { self.high - y }
            }
        };
        x.clamp(self.low, self.high)
    }

    /// The logarithm of the density at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        self.support().ln_density(x, || {
            let ln_relative = match self.place() {
                Place::Around => {
                    let [low, high, z] = [self.low, self.high, x].map(|x| (x - self.mean) / self.sd);
                    let mass = 0.5 * (libm::erf(high * FRAC_1_SQRT_2) - libm::erf(low * FRAC_1_SQRT_2));
                    -0.5 * z * z - libm::log(mass) - LN_SQRT_2_PI
                }
                Place::Tail { start, width } => {
                    // Relative to the density at the end of the interval that is nearest to the mean.
                    let y = if self.low >= self.mean { x - self.low } else { self.high - x } / self.sd;
                    -y * (start + 0.5 * y) - libm::log(tail_integral(start, width))
                }
            };
            ln_relative - libm::log(self.sd)
        })
    }

    /// From `low` to `high`.
    pub fn support(&self) -> Support {
        Support::continuous(self.low, self.high)
    }

    fn place(&self) -> Place {
        let width = (self.high - self.low) / self.sd;
        if self.low >= self.mean {
            Place::Tail { start: (self.low - self.mean) / self.sd, width }
        } else if self.high <= self.mean {
            Place::Tail { start: (self.mean - self.high) / self.sd, width }
        } else {
            Place::Around
        }
    }

    /// From the normal distribution if the interval is wide, from the uniform one if it is narrow; at the width √(2π) sd
    /// both accept as often.
    fn sample_around(&self, stream: &mut Stream) -> f64 {
        let width = self.high - self.low;
        if width > self.sd * 2.506628274631 {
            loop {
                let x = self.mean + self.sd * stream.normal();
                if self.low <= x && x <= self.high {
                    return x;
                }
            }
        }
        loop {
            let x = self.low + width * stream.uniform();
            let z = (x - self.mean) / self.sd;
            if stream.exponential() >= 0.5 * z * z {
                return x;
            }
        }
    }
}

/// y ≤ `width` with density proportional to exp(−y · (start + y/2)): how far beyond `start` a standard normal value
/// is that lies between `start` ≥ 0 and `start` + `width`.
fn sample_tail(start: f64, width: f64, stream: &mut Stream) -> f64 {
    // The best rate for exponential proposals, and the width below which uniform ones are better.
    let rate = 0.5 * (start + libm::hypot(start, 2.0));
    let narrow = libm::exp(0.5 - 0.5 * start / rate) / rate;
    if width < narrow {
        loop {
            let y = width * stream.uniform();
            if stream.exponential() >= y * (start + 0.5 * y) {
                return y;
            }
        }
    }
    loop {
        let e = stream.exponential();
        let y = e / rate;
        let miss = (e - 1.0) / rate;
        if y <= width && stream.exponential() >= 0.5 * miss * miss {
            return y;
        }
    }
}

/// ∫ exp(−y · (start + y/2)) dy from 0 to `width`, for `start` ≥ 0.
fn tail_integral(start: f64, width: f64) -> f64 {
    let exponent = |y: f64| -y * (start + 0.5 * y);
    if exponent(width) < -1.0 {
        return mills_ratio(start) - libm::exp(exponent(width)) * mills_ratio(start + width);
    }
    // A difference of nearly equal numbers; but here the integrand is so flat that eight Gauss-Legendre points are exact.
    const NODES: [f64; 4] = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363];
    const WEIGHTS: [f64; 4] = [0.362683783378362, 0.31370664587788727, 0.22238103445337448, 0.10122853629037626];
    let half = 0.5 * width;
    let pair = |node: f64| libm::exp(exponent(half * (1.0 + node))) + libm::exp(exponent(half * (1.0 - node)));
    half * NODES.iter().zip(WEIGHTS).map(|(node, weight)| weight * pair(*node)).sum::<f64>()
}

/// (1 − Φ(z)) / φ(z) for z ≥ 0, by its definition or by Laplace's continued fraction.
fn mills_ratio(z: f64) -> f64 {
    if z < 5.0 {
        const SQRT_HALF_PI: f64 = 1.2533141373155003;
        return SQRT_HALF_PI * libm::exp(0.5 * z * z) * libm::erfc(z / SQRT_2);
    }
    1.0 / (1..=25).rev().fold(z, |fraction, k| z + f64::from(k) / fraction)
}

impl fmt::Display for TruncatedNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [mean, sd, low, high] = [self.mean, self.sd, self.low, self.high].map(number);
        write!(f, "truncated_normal(mean = {mean}, sd = {sd}, low = {low}, high = {high})")
    }
}
