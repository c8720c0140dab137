//! Univariate distributions: what priors are made of, and the draws of parametric bootstraps and Gibbs samplers.
//!
//! Each distribution is a struct of its parameters, which only its `new` makes, so that every value that exists is
//! valid. All have the same three functions: `sample` draws a value, `ln_density` gives the logarithm of the density
//! (of the mass, for the discrete ones), `support` the interval where that is not −∞. [`Distribution`] is any of them.
//!
//! ```
//! use ensample::distribution::{Distribution, Gamma};
//! use ensample::stream::Streams;
//!
//! let gamma = Gamma::new(2.0, 0.5)?;
//! let x = gamma.sample(&mut Streams::new(7, 0).stream(0));
//! assert!(gamma.ln_density(x) > f64::NEG_INFINITY);
//! assert_eq!(Distribution::Gamma(gamma).to_string(), "gamma(shape = 2, rate = 0.5)");
//! assert_eq!(Gamma::new(2.0, -1.0).unwrap_err().to_string(), "rate must be positive, is -1");
//! # Ok::<(), ensample::distribution::Invalid>(())
//! ```
//!
//! # What a sample is
//! A sample is finite and in the support, whatever the parameters. Gamma, beta, lognormal, Student-t and Cauchy
//! distributions can ask for numbers that a float can't hold; such a value becomes the nearest one that it can: the
//! largest float, or, where only positive values are possible, the smallest normal one, 2.2e-308.
//!
//! Samples have the same bits on every machine, because they are made of a stream's draws, IEEE arithmetic and the
//! `libm` crate, never of the platform's mathematical library.
//!
//! # Parameters
//! Locations lie between −1e300 and 1e300, scales, shapes and rates between 1e-300 and 1e300; a distribution's own
//! page gives any closer limit. [`Invalid`] names the parameter that breaks one.

mod beta;
mod cauchy;
mod exponential;
mod gamma;
mod half_normal;
mod integer_uniform;
mod invalid;
mod lognormal;
mod normal;
mod poisson;
mod special;
mod specification;
mod standard_normal;
mod student_t;
mod support;
mod truncated_normal;
mod uniform;

pub use beta::Beta;
pub use cauchy::Cauchy;
pub use exponential::Exponential;
pub use gamma::Gamma;
pub use half_normal::HalfNormal;
pub use integer_uniform::IntegerUniform;
pub use invalid::Invalid;
pub use lognormal::LogNormal;
pub use normal::Normal;
pub use poisson::Poisson;
pub use specification::Specification;
pub use standard_normal::{normal_cdf, normal_density, normal_quantile};
pub use student_t::StudentT;
pub use support::Support;
pub use truncated_normal::TruncatedNormal;
pub use uniform::Uniform;

use crate::stream::Stream;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Any of the distributions.
///
/// In a run file it is a table with one key, the distribution's name: `{ normal = { mean = 0.0, sd = 10.0 } }`. It is
/// read by way of a [`Specification`], and refused when that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "Specification")]
#[expect(missing_docs)] // each variant is the distribution of its name
pub enum Distribution {
    Normal(Normal),
    TruncatedNormal(TruncatedNormal),
    HalfNormal(HalfNormal),
    Uniform(Uniform),
    Exponential(Exponential),
    Gamma(Gamma),
    Beta(Beta),
    #[serde(rename = "lognormal")]
    LogNormal(LogNormal),
    StudentT(StudentT),
    Cauchy(Cauchy),
    IntegerUniform(IntegerUniform),
    Poisson(Poisson),
}

/// The same expression for whichever distribution it is.
macro_rules! for_any {
    ($distribution:expr, $d:ident => $value:expr) => {
        match $distribution {
            Distribution::Normal($d) => $value,
            Distribution::TruncatedNormal($d) => $value,
            Distribution::HalfNormal($d) => $value,
            Distribution::Uniform($d) => $value,
            Distribution::Exponential($d) => $value,
            Distribution::Gamma($d) => $value,
            Distribution::Beta($d) => $value,
            Distribution::LogNormal($d) => $value,
            Distribution::StudentT($d) => $value,
            Distribution::Cauchy($d) => $value,
            Distribution::IntegerUniform($d) => $value,
            Distribution::Poisson($d) => $value,
        }
    };
}

impl Distribution {
    /// Draws a value: finite, and in the support.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        for_any!(self, d => d.sample(stream))
    }

    /// The natural logarithm of the density at `x`, or of the mass of a discrete distribution: −∞ outside the
    /// support, NaN for NaN.
    pub fn ln_density(&self, x: f64) -> f64 {
        for_any!(self, d => d.ln_density(x))
    }

    /// Where the values lie.
    pub fn support(&self) -> Support {
        for_any!(self, d => d.support())
    }
}

/// As one would write it in a paper: `normal(mean = 0, sd = 10)`.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for_any!(self, d => d.fmt(f))
    }
}
