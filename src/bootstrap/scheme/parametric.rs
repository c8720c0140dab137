//! Distributions fitted to a column by maximum likelihood.

use crate::bootstrap::statistic::sum;
use crate::distribution::{Distribution, Exponential, Gamma, Invalid, LogNormal, Normal, Poisson, Uniform};
use crate::error::{Error, Result};

/// The distribution of this name (`normal`, `exponential`, `gamma`, `lognormal`, `poisson` or `uniform`) with the
/// parameters of largest likelihood for `values`.
///
/// # Errors
/// For another name, or values that such a distribution can't have.
pub fn fit(name: &str, values: &[f64]) -> Result<Distribution> {
    let n = values.len() as f64;
    let mean_of = |term: &dyn Fn(f64) -> f64| sum(values.len(), |i| term(values[i])) / n;
    let mean = mean_of(&|x| x);
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let wrong = |error: Invalid| Error::other(format!("{name} can't be fitted to the data: {error}"));
    let needs = |good: bool, what: &str| match good {
        true => Ok(()),
        false => Err(Error::other(format!("{name} can't be fitted to the data, which has a value that is {what}"))),
    };
    Ok(match name {
        "normal" => {
            let variance = mean_of(&|x| (x - mean) * (x - mean));
            Distribution::Normal(Normal::new(mean, variance.sqrt()).map_err(wrong)?)
        }
        "exponential" => {
            needs(least >= 0.0, "negative")?;
            Distribution::Exponential(Exponential::new(1.0 / mean).map_err(wrong)?)
        }
        "gamma" => {
            needs(least > 0.0, "not positive")?;
            // Of values that are all the same it is 0 up to rounding, and no shape is large enough.
            let gap = libm::log(mean) - mean_of(&libm::log);
            if gap.is_nan() || gap <= 0.0 {
                return Err(Error::other("gamma can't be fitted to the data, which hardly varies"));
            }
            let shape = gamma_shape(gap);
            Distribution::Gamma(Gamma::new(shape, shape / mean).map_err(wrong)?)
        }
        "lognormal" => {
            needs(least > 0.0, "not positive")?;
            let center = mean_of(&libm::log);
            let variance = mean_of(&|x| (libm::log(x) - center) * (libm::log(x) - center));
            Distribution::LogNormal(LogNormal::new(center, variance.sqrt()).map_err(wrong)?)
        }
        "poisson" => {
            let whole = values.iter().all(|x| x.fract() == 0.0 && *x >= 0.0);
            needs(whole, "not a count")?;
            Distribution::Poisson(Poisson::new(mean).map_err(wrong)?)
        }
        "uniform" => Distribution::Uniform(Uniform::new(least, most).map_err(wrong)?),
        _ => {
            let known = "normal, exponential, gamma, lognormal, poisson, uniform";
            return Err(Error::other(format!("there is no '{name}' to fit; there are {known}")));
        }
    })
}

/// The k with ln k − ψ(k) = `gap`, by Newton's method from Minka's (2002) approximation.
fn gamma_shape(gap: f64) -> f64 {
    let mut shape = (3.0 - gap + ((gap - 3.0) * (gap - 3.0) + 24.0 * gap).sqrt()) / (12.0 * gap);
    for _ in 0..30 {
        let (digamma, trigamma) = digamma_and_trigamma(shape);
        // In 1/k, in which the equation is nearly linear.
        let inverse = 1.0 / shape + (libm::log(shape) - digamma - gap) / (shape * shape * (1.0 / shape - trigamma));
        let next = 1.0 / inverse;
        if !(next.is_finite() && next > 0.0) || (next - shape).abs() <= 1e-15 * shape {
            break;
        }
        shape = next;
    }
    shape
}

/// ψ(x) and ψ'(x) for x > 0, by their recurrence and asymptotic series (Abramowitz and Stegun 6.3.18, 6.4.12).
fn digamma_and_trigamma(mut x: f64) -> (f64, f64) {
    let (mut first, mut second) = (0.0, 0.0);
    while x < 12.0 {
        first -= 1.0 / x;
        second += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r / 132.0))));
    let slope = (1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * 5.0 / 66.0)))) * r / x;
    (first + libm::log(x) - 0.5 / x - series, second + 1.0 / x + 0.5 * r + slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_functions() {
        let (digamma, trigamma) = digamma_and_trigamma(1.0);
        assert!((digamma + 0.577_215_664_901_532_9).abs() < 1e-14, "{digamma}");
        assert!((trigamma - 1.644_934_066_848_226_4).abs() < 1e-13, "{trigamma}");
    }

    /// The likelihood's derivatives vanish at the fit.
    #[test]
    fn gamma_is_fitted() {
        let values = [0.3, 1.9, 2.4, 5.0, 0.7, 1.1, 9.6];
        let Distribution::Gamma(gamma) = fit("gamma", &values).unwrap() else { panic!("a gamma was asked for") };
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        assert!((gamma.shape() / gamma.rate() - mean).abs() < 1e-13);
        let log = values.iter().map(|x| libm::log(*x)).sum::<f64>() / n;
        let score = libm::log(gamma.rate()) - digamma_and_trigamma(gamma.shape()).0 + log;
        assert!(score.abs() < 1e-13, "{score}");
    }

    #[test]
    fn what_can_not_be_fitted_is_said() {
        let message = |name, values: &[f64]| fit(name, values).unwrap_err().to_string();
        assert!(message("gamma", &[1.0, 0.0]).contains("not positive"));
        assert!(message("poisson", &[1.0, 0.5]).contains("not a count"));
        assert!(message("normal", &[2.0, 2.0]).contains("sd must be"));
        assert!(message("cauchy", &[2.0, 2.0]).contains("there is no 'cauchy' to fit; there are normal, "));
    }
}
