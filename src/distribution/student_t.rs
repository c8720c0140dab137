//! Student's t distribution.

use super::gamma::ln_standard;
use super::invalid::{Invalid, location, number, positive};
use super::special::ln_1p_square;
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::f64::consts::PI;
use std::fmt;

/// Student's t distribution with `df` degrees of freedom, moved by `location` and stretched by `scale`: density
/// Γ((df + 1)/2) / (Γ(df/2) √(df π) scale) · (1 + z²/df)^(−(df + 1)/2), z = (x − location) / scale.
///
/// A sample is a normal variable over the square root of a gamma one of shape df/2. With few degrees of freedom it can
/// leave the range of floats, and becomes ±1.8e308.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StudentT {
    df: f64,
    location: f64,
    scale: f64,
}

impl StudentT {
    /// The distribution with `df` degrees of freedom; `df` and `scale` must be positive.
    pub fn new(df: f64, location: f64, scale: f64) -> Result<Self, Invalid> {
        Ok(StudentT {
            df: positive("df", df)?,
            location: self::location("location", location)?,
            scale: positive("scale", scale)?,
        })
    }

    /// The degrees of freedom.
    pub fn df(&self) -> f64 {
        self.df
    }

    /// The median, and the mean if there is one.
    pub fn location(&self) -> f64 {
        self.location
    }

    /// The scale: the standard deviation of the normal distribution that is the limit of many degrees of freedom.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        let half_df = 0.5 * self.df;
        let z = stream.normal();
        let ln_stretch = 0.5 * (libm::log(half_df) - ln_standard(half_df, stream));
        // The stretch may be infinite, but a stream's normal value is never 0.
        (self.location + self.scale * (z * libm::exp(ln_stretch))).clamp(f64::MIN, f64::MAX)
    }

    /// The logarithm of the density at `x`.
    pub fn ln_density(&self, x: f64) -> f64 {
        let StudentT { df, location, scale } = *self;
        self.support().ln_density(x, || {
            let constant = ln_gamma_step(0.5 * df) - 0.5 * (libm::log(df) + libm::log(PI)) - libm::log(scale);
            constant - 0.5 * (df + 1.0) * ln_1p_square(x - location, scale, df)
        })
    }

    /// All real numbers.
    pub fn support(&self) -> Support {
        Support::REAL
    }
}

/// ln Γ(h + 1/2) − ln Γ(h): for large h by its asymptotic series, where the difference would lose all digits.
fn ln_gamma_step(h: f64) -> f64 {
    if h < 50.0 {
        return libm::lgamma(h + 0.5) - libm::lgamma(h);
    }
    let r = 1.0 / (h * h);
    0.5 * libm::log(h) - (1.0 / 8.0 - r * (1.0 / 192.0 - r / 640.0)) / h
}

impl fmt::Display for StudentT {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [df, location, scale] = [self.df, self.location, self.scale].map(number);
        write!(f, "student_t(df = {df}, location = {location}, scale = {scale})")
    }
}
