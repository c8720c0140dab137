//! A random-walk Metropolis step.

use super::gibbs::Stage;
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// The share of proposals to accept: what is best for one dimension (Gelman, Roberts and Gilks 1996).
const TARGET: f64 = 0.44;

/// A step of one number by a normal proposal, accepted or not (Metropolis et al. 1953); kept in the chain's state.
///
/// In the warm-up the proposal's scale is tuned towards accepting 44 %, by steps that shrink (Robbins and Monro 1951;
/// Andrieu and Thoms 2008, algorithm 4); afterwards it stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RandomWalk {
    ln_scale: f64,
    tuned: u64,
    rate: f64,
}

impl RandomWalk {
    /// Proposals with this standard deviation to begin with.
    pub fn new(scale: f64) -> Self {
        RandomWalk { ln_scale: libm::log(scale), tuned: 0, rate: f64::NAN }
    }

    /// The standard deviation of proposals.
    pub fn scale(&self) -> f64 {
        libm::exp(self.ln_scale)
    }

    /// The probability with which the last proposal was accepted.
    pub fn acceptance_rate(&self) -> f64 {
        self.rate
    }

    /// Takes a step of `x` under the density whose logarithm, up to a constant, is `ln_density` (−∞ where there is none).
    pub fn step(&mut self, x: &mut f64, ln_density: impl Fn(f64) -> f64, stage: Stage, stream: &mut Stream) {
        let proposal = *x + self.scale() * stream.normal();
        let ratio = ln_density(proposal) - ln_density(*x);
        // A density that is NaN is none. From a place without density every place with one is better.
        self.rate = if ratio >= 0.0 { 1.0 } else { libm::exp(ratio) };
        if self.rate.is_nan() {
            self.rate = 0.0;
        }
        if stream.uniform() < self.rate {
            *x = proposal;
        }
        if stage == Stage::WarmUp {
            self.tuned += 1;
            self.ln_scale += (self.rate - TARGET) / libm::pow(self.tuned as f64, 0.6);
        }
    }
}
