//! The beta distribution.

use super::gamma::ln_standard;
use super::invalid::{Invalid, number, positive};
use super::special::{LN_SQRT_2_PI, deviance, is_near, product, stirling_error};
use super::support::Support;
use crate::stream::Stream;
use serde::Serialize;
use std::fmt;

/// The beta distribution on (0, 1) with mean `alpha` / (`alpha` + `beta`): density
/// x^(alpha − 1) (1 − x)^(beta − 1) / B(alpha, beta).
///
/// A sample is a / (a + b), where a and b are gamma variables of shapes `alpha` and `beta`, computed from the logarithms
/// of a and b so that nothing underflows however small the shapes are. It is at least 2.2e-308, and at most
/// 1 − 1.1e-16, the largest float below 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Beta {
    alpha: f64,
    beta: f64,
}

impl Beta {
    /// The distribution with these shapes; both must be positive.
    pub fn new(alpha: f64, beta: f64) -> Result<Self, Invalid> {
        Ok(Beta { alpha: positive("alpha", alpha)?, beta: positive("beta", beta)? })
    }

    /// The shape at 0.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The shape at 1.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// Draws a value.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        let ln_a = ln_standard(self.alpha, stream);
        let ln_b = ln_standard(self.beta, stream);
        (1.0 / (1.0 + libm::exp(ln_b - ln_a))).clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)
    }

    /// The logarithm of the density at `x`; ∞ or −∞ at 0 and 1, as the shape there is below 1 or above.
    pub fn ln_density(&self, x: f64) -> f64 {
        let Beta { alpha, beta } = *self;
        self.support().ln_density(x, || {
            let n = alpha + beta;
            let (ln_x, ln_1_x) = (libm::log(x), libm::log1p(-x));
            if is_near(alpha, n * x) && is_near(beta, n * (1.0 - x)) {
                // Loader's saddle point for the binomial, which is this density times x (1 − x) n / (alpha beta).
                let error = stirling_error(n) - stirling_error(alpha) - stirling_error(beta);
                let deviances = deviance(alpha, n * x) + deviance(beta, n * (1.0 - x));
                let scale = 0.5 * (libm::log(alpha) + libm::log(beta) - libm::log(n)) - LN_SQRT_2_PI;
                return error - deviances + scale - ln_x - ln_1_x;
            }
            let ln_beta_function = libm::lgamma(alpha) + libm::lgamma(beta) - libm::lgamma(n);
            product(alpha - 1.0, ln_x) + product(beta - 1.0, ln_1_x) - ln_beta_function
        })
    }

    /// From 0 to 1.
    pub fn support(&self) -> Support {
        Support::continuous(0.0, 1.0)
    }
}

impl fmt::Display for Beta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "beta(alpha = {}, beta = {})", number(self.alpha), number(self.beta))
    }
}
