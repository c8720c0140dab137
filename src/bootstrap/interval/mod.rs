//! Confidence intervals from the bootstrap distribution of a statistic.
//!
//! For an estimate t with bootstrap replicates t*, of mean m, standard deviation s and quantiles q(p), and z(p) the
//! quantiles of the standard normal distribution, an endpoint for the probability p is (Davison and Hinkley 1997,
//! chapter 5; Efron and Tibshirani 1993, chapters 12 to 14)
//!
//! | method | endpoint |
//! |---|---|
//! | [`Normal`](Method::Normal) | t − (m − t) + s z(p) |
//! | [`Basic`](Method::Basic) | 2 t − q(1 − p) |
//! | [`Percentile`](Method::Percentile) | q(p) |
//! | [`Studentized`](Method::Studentized) | t − e · q'(1 − p), for the quantiles q' of (t* − t) / e*, e the standard error of t and e* that within the resample |
//! | [`BiasCorrected`](Method::BiasCorrected) | q(Φ(2 z0 + z(p))), z0 = z(share of t* below t) |
//! | [`Bca`](Method::Bca) | q(Φ(z0 + (z0 + z(p)) / (1 − a (z0 + z(p))))), with the [acceleration](super::acceleration()) a |
//!
//! A two-sided interval of level c has the endpoints for (1 − c)/2 and (1 + c)/2, a lower bound that for 1 − c, an upper
//! bound that for c.
//!
//! The Monte Carlo standard error of an endpoint is what it would vary by from seed to seed, with as many resamples:
//! by the delta method, with the density at a quantile taken from the quantiles a standard error away on both sides.

mod distribution;

pub use distribution::{Distribution, Interpolation, Monte, Weighted};

pub(super) use distribution::TIE;

use crate::distribution::{normal_cdf, normal_density, normal_quantile};
use serde::{Deserialize, Serialize};

/// How an interval is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs)] // see the table of the module
pub enum Method {
    Normal,
    Basic,
    Percentile,
    Studentized,
    BiasCorrected,
    Bca,
}

impl Method {
    /// Its name, as in a run file.
    pub fn name(self) -> &'static str {
        match self {
            Method::Normal => "normal",
            Method::Basic => "basic",
            Method::Percentile => "percentile",
            Method::Studentized => "studentized",
            Method::BiasCorrected => "bias_corrected",
            Method::Bca => "bca",
        }
    }
}

/// Which ends an interval has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Both.
    #[default]
    Two,
    /// A lower bound; the interval goes to infinity.
    Lower,
    /// An upper bound; the interval comes from minus infinity.
    Upper,
}

impl Side {
    /// Its name, as in a run file.
    pub fn name(self) -> &'static str {
        match self {
            Side::Two => "two",
            Side::Lower => "lower",
            Side::Upper => "upper",
        }
    }

    /// The probabilities below the lower and the upper end.
    pub fn probabilities(self, level: f64) -> (Option<f64>, Option<f64>) {
        match self {
            Side::Two => (Some(0.5 * (1.0 - level)), Some(0.5 * (1.0 + level))),
            Side::Lower => (Some(1.0 - level), None),
            Side::Upper => (None, Some(level)),
        }
    }
}

/// All that intervals are made of, apart from quantiles.
#[derive(Clone, Copy, Debug)]
pub struct Basis {
    /// The statistic of the data.
    pub estimate: f64,
    /// Its standard error, for studentized intervals.
    pub standard_error: f64,
    /// For BCa intervals.
    pub acceleration: f64,
}

/// An end of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Endpoint {
    /// Where it is: NaN where the method gives none.
    pub value: f64,
    /// Its Monte Carlo standard error; 0 for an exact one, and for infinity.
    pub monte_carlo_error: f64,
}

/// The endpoint for probability `p`. `values` is the distribution of the replicates t*, `studentized` that of
/// (t* − t) / e*.
pub fn endpoint(
    method: Method,
    p: f64,
    basis: &Basis,
    values: &dyn Distribution,
    studentized: Option<&dyn Distribution>,
) -> Endpoint {
    let Basis { estimate, standard_error, .. } = *basis;
    match method {
        Method::Normal => normal(p, estimate, values),
        Method::Basic => Endpoint {
            value: 2.0 * estimate - values.quantile(1.0 - p),
            monte_carlo_error: values.quantile_error(1.0 - p),
        },
        Method::Percentile => Endpoint { value: values.quantile(p), monte_carlo_error: values.quantile_error(p) },
        Method::Studentized => studentized.map_or(NOWHERE, |studentized| Endpoint {
            value: estimate - standard_error * studentized.quantile(1.0 - p),
            monte_carlo_error: standard_error * studentized.quantile_error(1.0 - p),
        }),
        Method::BiasCorrected => corrected(p, 0.0, values),
        Method::Bca => corrected(p, basis.acceleration, values),
    }
}

/// The probabilities of the quantiles that an endpoint needs, of the replicates or of the studentized ones.
pub fn probability(method: Method, p: f64, basis: &Basis, values: &dyn Distribution) -> Option<f64> {
    match method {
        Method::Normal => None,
        Method::Basic | Method::Studentized => Some(1.0 - p),
        Method::Percentile => Some(p),
        Method::BiasCorrected => Correction::new(p, 0.0, values.below()).map(|correction| correction.p),
        Method::Bca => Correction::new(p, basis.acceleration, values.below()).map(|correction| correction.p),
    }
}

const NOWHERE: Endpoint = Endpoint { value: f64::NAN, monte_carlo_error: f64::NAN };

fn normal(p: f64, estimate: f64, values: &dyn Distribution) -> Endpoint {
    let [mean, m2, m3, m4] = values.moments();
    let (sd, z) = (m2.sqrt(), normal_quantile(p));
    let value = 2.0 * estimate - mean + sd * z;
    // A replicate moves the endpoint by −d + z (d² − s²) / 2s, for its difference d from the mean.
    let variance = m2 - z * m3 / sd + z * z * (m4 - m2 * m2) / (4.0 * m2);
    Endpoint { value, monte_carlo_error: (variance.max(0.0) * values.monte_carlo()).sqrt() }
}

/// The level at which a corrected percentile is taken.
struct Correction {
    p: f64,
    /// How that moves with the share of replicates below the estimate.
    slope: f64,
}

impl Correction {
    /// `None` where there is no such level: all replicates on one side of the estimate, or an acceleration too large.
    fn new(p: f64, acceleration: f64, below: f64) -> Option<Self> {
        let bias = normal_quantile(below);
        let shifted = bias + normal_quantile(p);
        let shrink = 1.0 - acceleration * shifted;
        let level = bias + shifted / shrink;
        let slope = normal_density(level) * (1.0 + 1.0 / (shrink * shrink)) / normal_density(bias);
        (bias.is_finite() && shrink > 0.0).then(|| Correction { p: normal_cdf(level), slope })
    }
}

fn corrected(p: f64, acceleration: f64, values: &dyn Distribution) -> Endpoint {
    let below = values.below();
    let Some(Correction { p, slope }) = Correction::new(p, acceleration, below) else { return NOWHERE };
    // The level is found from the same replicates as the quantile: with A = 1 for a replicate below the quantile, and
    // B = 1 for one below the estimate, the endpoint moves by (slope · B − A) / density.
    let sampling = p * (1.0 - p);
    let covariance = p.min(below) - p * below;
    let variance = sampling + slope * slope * below * (1.0 - below) - 2.0 * slope * covariance;
    let quantile_error = values.quantile_error(p);
    let monte_carlo_error = match sampling > 0.0 {
        true => quantile_error * (variance.max(0.0) / sampling).sqrt(),
        false => f64::NAN,
    };
    Endpoint { value: values.quantile(p), monte_carlo_error }
}
