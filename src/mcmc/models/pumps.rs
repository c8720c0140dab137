//! Failure rates of units that resemble each other.

use super::check;
use crate::distribution::Gamma;
use crate::error::{Error, Result};
use crate::mcmc::{Conditionals, RandomWalk, Stage, Variable};
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// Failures of pumps in a power plant (Gaver and O'Muircheartaigh 1987; George, Makov and Smith 1993), or any counts of
/// events over known times: the hierarchical gamma-Poisson model.
///
/// failures_i ~ Poisson(rate_i · time_i), rate_i ~ Gamma(alpha, beta), alpha ~ Exponential(`alpha_rate`),
/// beta ~ Gamma(`beta_shape`, `beta_rate`), with the gamma distributions' shapes and rates; see [`PumpsPriors`].
///
/// There are two blocks:
/// - alpha and all rates, given beta: first alpha by a random walk of its logarithm under the distribution in which the
///   rates are integrated out, p(alpha | beta, failures) ∝ exp(−`alpha_rate` · alpha) ∏ Γ(alpha + failures_i) /
///   Γ(alpha) · (beta / (beta + time_i))^alpha; then, given alpha, each rate from Gamma(alpha + failures_i, beta +
///   time_i). The rates are new whenever alpha is, so the step leaves the block's conditional distribution as it is,
///   and blocks can come in any order;
/// - beta from Gamma(`beta_shape` + n · alpha, `beta_rate` + sum of rates).
///
/// To integrate the rates out makes chains mix faster, and spares the logarithms of rates, which for units without
/// failures can be too small for a float.
#[derive(Clone, Debug)]
pub struct Pumps {
    names: Vec<String>,
    failures: Vec<f64>,
    times: Vec<f64>,
    priors: PumpsPriors,
}

/// The hyperparameters of [`Pumps`]: those of George, Makov and Smith (1993) by default.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PumpsPriors {
    /// The rate of alpha's exponential prior: 1.
    pub alpha_rate: f64,
    /// The shape of beta's gamma prior: 0.1.
    pub beta_shape: f64,
    /// Its rate: 1.
    pub beta_rate: f64,
}

impl Default for PumpsPriors {
    fn default() -> Self {
        PumpsPriors { alpha_rate: 1.0, beta_shape: 0.1, beta_rate: 1.0 }
    }
}

/// What a chain of [`Pumps`] carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PumpsState {
    ln_alpha: f64,
    beta: f64,
    rates: Vec<f64>,
    walk: RandomWalk,
}

impl Pumps {
    /// The model of units with these names, numbers of failures and times of operation.
    ///
    /// # Errors
    /// Fewer than two units, other numbers of names, failures and times, a name that is empty or there twice, failures
    /// that are no whole numbers from 0 on, times or hyperparameters that are not positive.
    pub fn new(names: Vec<String>, failures: Vec<f64>, times: Vec<f64>, priors: PumpsPriors) -> Result<Self> {
        check::lengths([(names.len(), "names"), (failures.len(), "failure counts"), (times.len(), "times")])?;
        check::names(&names)?;
        check::each("failure count", &names, &failures, "a whole number from 0 on", check::is_count)?;
        check::each("time", &names, &times, "positive and finite", |time| time > 0.0 && time.is_finite())?;
        let PumpsPriors { alpha_rate, beta_shape, beta_rate } = priors;
        check::positive([("alpha_rate", alpha_rate), ("beta_shape", beta_shape), ("beta_rate", beta_rate)])?;
        Ok(Pumps { names, failures, times, priors })
    }

    /// ln ∏ Γ(alpha + failures_i) / Γ(alpha).
    fn ln_rising(&self, alpha: f64) -> f64 {
        let base = libm::lgamma(alpha);
        // Units without failures have the factor 1.
        self.failures.iter().filter(|count| **count > 0.0).map(|count| libm::lgamma(alpha + count) - base).sum()
    }

    /// ln ∏ beta / (beta + time_i).
    fn ln_shares(&self, beta: f64) -> f64 {
        self.times.iter().map(|time| libm::log(beta) - libm::log(beta + time)).sum()
    }

    /// A step of alpha, given beta alone.
    fn step_alpha(&self, state: &mut PumpsState, stage: Stage, stream: &mut Stream) {
        let slope = self.ln_shares(state.beta) - self.priors.alpha_rate;
        let ln_density = |ln_alpha: f64| {
            let alpha = libm::exp(ln_alpha);
            // The last term is the logarithm of d alpha / d ln alpha.
            slope * alpha + self.ln_rising(alpha) + ln_alpha
        };
        state.walk.step(&mut state.ln_alpha, ln_density, stage, stream);
    }

    fn draw_rates(&self, state: &mut PumpsState, stream: &mut Stream) -> Result<()> {
        let alpha = libm::exp(state.ln_alpha);
        for ((rate, failures), time) in state.rates.iter_mut().zip(&self.failures).zip(&self.times) {
            *rate = Gamma::new(alpha + failures, state.beta + time).map_err(Error::other)?.sample(stream);
        }
        Ok(())
    }

    fn draw_beta(&self, state: &mut PumpsState, stream: &mut Stream) -> Result<()> {
        let PumpsPriors { beta_shape, beta_rate, .. } = self.priors;
        let shape = beta_shape + self.names.len() as f64 * libm::exp(state.ln_alpha);
        let rate = beta_rate + state.rates.iter().sum::<f64>();
        state.beta = Gamma::new(shape, rate).map_err(Error::other)?.sample(stream);
        Ok(())
    }
}

impl Conditionals for Pumps {
    type State = PumpsState;

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("alpha"), Variable::scalar("beta"), Variable::along("rate", "pump", &self.names)]
    }

    /// alpha and beta some orders of magnitude apart, around the means of their priors.
    fn init(&self, stream: &mut Stream) -> Result<PumpsState> {
        let PumpsPriors { alpha_rate, beta_shape, beta_rate } = self.priors;
        let ln_alpha = 2.0 * stream.normal() - libm::log(alpha_rate);
        let beta = beta_shape / beta_rate * libm::exp(2.0 * stream.normal());
        let rates = vec![f64::NAN; self.names.len()];
        let mut state = PumpsState { ln_alpha, beta, rates, walk: RandomWalk::new(1.0) };
        self.draw_rates(&mut state, stream)?;
        Ok(state)
    }

    fn init_at(&self, values: &[f64], _: &mut Stream) -> Result<PumpsState> {
        check::start(values, 2 + self.names.len())?;
        if values.iter().any(|value| *value <= 0.0) {
            return Err(Error::other("alpha, beta and all rates must be positive"));
        }
        let rates = values[2..].to_vec();
        Ok(PumpsState { ln_alpha: libm::log(values[0]), beta: values[1], rates, walk: RandomWalk::new(1.0) })
    }

    fn blocks(&self) -> usize {
        2
    }

    fn update(&self, block: usize, state: &mut PumpsState, stage: Stage, stream: &mut Stream) -> Result<()> {
        if block == 1 {
            return self.draw_beta(state, stream);
        }
        self.step_alpha(state, stage, stream);
        self.draw_rates(state, stream)
    }

    fn draw(&self, state: &PumpsState, out: &mut [f64]) {
        (out[0], out[1]) = (libm::exp(state.ln_alpha), state.beta);
        out[2..].copy_from_slice(&state.rates);
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp", "acceptance_rate"]
    }

    /// `lp` is of alpha and beta, with the rates integrated out; `acceptance_rate` that of alpha's random walk.
    fn statistics_of(&self, state: &PumpsState, out: &mut [f64]) {
        let PumpsPriors { alpha_rate, beta_shape, beta_rate } = self.priors;
        let (alpha, beta) = (libm::exp(state.ln_alpha), state.beta);
        let prior = (beta_shape - 1.0) * libm::log(beta) - beta_rate * beta - alpha_rate * alpha;
        let counts = self.failures.iter().zip(&self.times).map(|(count, time)| count * libm::log(beta + time));
        out[0] = prior + self.ln_rising(alpha) + alpha * self.ln_shares(beta) - counts.sum::<f64>();
        out[1] = state.walk.acceptance_rate();
    }
}
