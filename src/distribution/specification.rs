//! A distribution as a user writes it, before it is checked.

use super::*;

/// A distribution as it stands in a run file: any numbers, not yet checked.
///
/// A reader that wants to name the exact key of a mistake reads a specification and turns it into a [`Distribution`]
/// in a second step:
///
/// ```
/// use ensample::distribution::{Distribution, Specification};
///
/// let sigma: Specification = toml::from_str("uniform = { low = 20, high = 0.0 }")?;
/// let invalid = Distribution::try_from(sigma).unwrap_err();
/// let key = format!("prior.sigma.{}.{}", sigma.name(), invalid.parameter);
/// assert_eq!(key, "prior.sigma.uniform.low");
/// assert_eq!(invalid.message, "must be below high = 0, is 20");
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// Integers are accepted for all numbers; `integer_uniform` accepts nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "snake_case",
    deny_unknown_fields,
    expecting = "a distribution with its parameters, like normal = { mean = 0, sd = 1 }"
)]
#[expect(missing_docs)] // variants and fields are those of the distributions
pub enum Specification {
    Normal {
        mean: f64,
        sd: f64,
    },
    TruncatedNormal {
        mean: f64,
        sd: f64,
        #[serde(default = "minus_infinity", skip_serializing_if = "is_infinite")]
        low: f64,
        #[serde(default = "infinity", skip_serializing_if = "is_infinite")]
        high: f64,
    },
    HalfNormal {
        sd: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Exponential {
        rate: f64,
    },
    Gamma {
        shape: f64,
        rate: f64,
    },
    Beta {
        alpha: f64,
        beta: f64,
    },
    #[serde(rename = "lognormal")]
    LogNormal {
        meanlog: f64,
        sdlog: f64,
    },
    StudentT {
        df: f64,
        location: f64,
        scale: f64,
    },
    Cauchy {
        location: f64,
        scale: f64,
    },
    IntegerUniform {
        low: i64,
        high: i64,
    },
    Poisson {
        mean: f64,
    },
}

fn infinity() -> f64 {
    f64::INFINITY
}

fn minus_infinity() -> f64 {
    f64::NEG_INFINITY
}

/// Infinite ends are left out of what is written: JSON has no word for them.
pub(super) fn is_infinite(x: &f64) -> bool {
    x.is_infinite()
}

impl Specification {
    /// The distribution's name, its key in a run file.
    pub fn name(&self) -> &'static str {
        match self {
            Specification::Normal { .. } => "normal",
            Specification::TruncatedNormal { .. } => "truncated_normal",
            Specification::HalfNormal { .. } => "half_normal",
            Specification::Uniform { .. } => "uniform",
            Specification::Exponential { .. } => "exponential",
            Specification::Gamma { .. } => "gamma",
            Specification::Beta { .. } => "beta",
            Specification::LogNormal { .. } => "lognormal",
            Specification::StudentT { .. } => "student_t",
            Specification::Cauchy { .. } => "cauchy",
            Specification::IntegerUniform { .. } => "integer_uniform",
            Specification::Poisson { .. } => "poisson",
        }
    }
}

impl TryFrom<Specification> for Distribution {
    type Error = Invalid;

    fn try_from(specification: Specification) -> Result<Self, Invalid> {
        use Specification as S;
        Ok(match specification {
            S::Normal { mean, sd } => Distribution::Normal(Normal::new(mean, sd)?),
            S::TruncatedNormal { mean, sd, low, high } => {
                Distribution::TruncatedNormal(TruncatedNormal::new(mean, sd, low, high)?)
            }
            S::HalfNormal { sd } => Distribution::HalfNormal(HalfNormal::new(sd)?),
            S::Uniform { low, high } => Distribution::Uniform(Uniform::new(low, high)?),
            S::Exponential { rate } => Distribution::Exponential(Exponential::new(rate)?),
            S::Gamma { shape, rate } => Distribution::Gamma(Gamma::new(shape, rate)?),
            S::Beta { alpha, beta } => Distribution::Beta(Beta::new(alpha, beta)?),
            S::LogNormal { meanlog, sdlog } => Distribution::LogNormal(LogNormal::new(meanlog, sdlog)?),
            S::StudentT { df, location, scale } => Distribution::StudentT(StudentT::new(df, location, scale)?),
            S::Cauchy { location, scale } => Distribution::Cauchy(Cauchy::new(location, scale)?),
            S::IntegerUniform { low, high } => Distribution::IntegerUniform(IntegerUniform::new(low, high)?),
            S::Poisson { mean } => Distribution::Poisson(Poisson::new(mean)?),
        })
    }
}
