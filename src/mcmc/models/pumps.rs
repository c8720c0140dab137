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
/// There are two blocks, and alpha is in both, by a random walk of its logarithm:
/// - alpha and all rates, given beta: first alpha with the rates integrated out, p(alpha | beta, failures) ∝
///   exp(−`alpha_rate` · alpha) ∏ Γ(alpha + failures_i) / Γ(alpha) · (beta / (beta + time_i))^alpha; then, given alpha,
///   each rate from Gamma(alpha + failures_i, beta + time_i);
/// - alpha and beta, given the rates: first alpha with beta integrated out, p(alpha | rates) ∝ exp(−`alpha_rate` ·
///   alpha) ∏ rate_i^alpha / Γ(alpha)^n · Γ(s) / (`beta_rate` + ∑ rate_i)^s, where s = `beta_shape` + n · alpha; then,
///   given alpha, beta from Gamma(s, `beta_rate` + ∑ rate_i).
///
/// Each leaves the distribution of its block given the rest as it is, because p(alpha, rates | beta) is p(alpha | beta)
/// p(rates | alpha, beta), and likewise for the other: blocks can come in any order. alpha given both the rates and
/// beta, of which each nearly determines it, would move slowly. The first block's step is the larger one where there
/// are few failures, the second one's where there are many.
///
/// A rate can be too small for a float where alpha is small and a unit has no failures: inside, rates are kept by their
/// logarithms; it is recorded as 2.2e-308.
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
    ln_rates: Vec<f64>,
    /// In each block.
    walks: [RandomWalk; 2],
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

    /// A step of alpha given beta, then the rates.
    fn update_rates(&self, state: &mut PumpsState, stage: Stage, stream: &mut Stream) -> Result<()> {
        let slope = self.ln_shares(state.beta) - self.priors.alpha_rate;
        let ln_density = |ln_alpha: f64| {
            let alpha = libm::exp(ln_alpha);
            // The last term is the logarithm of d alpha / d ln alpha.
            slope * alpha + self.ln_rising(alpha) + ln_alpha
        };
        state.walks[0].step(&mut state.ln_alpha, ln_density, stage, stream);
        self.draw_rates(state, stream)
    }

    fn draw_rates(&self, state: &mut PumpsState, stream: &mut Stream) -> Result<()> {
        let alpha = libm::exp(state.ln_alpha);
        for ((ln_rate, failures), time) in state.ln_rates.iter_mut().zip(&self.failures).zip(&self.times) {
            *ln_rate = ln_gamma(alpha + failures, state.beta + time, stream)?;
        }
        Ok(())
    }

    /// A step of alpha given the rates, then beta.
    fn update_beta(&self, state: &mut PumpsState, stage: Stage, stream: &mut Stream) -> Result<()> {
        let PumpsPriors { alpha_rate, beta_shape, beta_rate } = self.priors;
        let pumps = self.names.len() as f64;
        let rate = beta_rate + state.ln_rates.iter().map(|ln| libm::exp(*ln)).sum::<f64>();
        let slope = state.ln_rates.iter().sum::<f64>() - alpha_rate - pumps * libm::log(rate);
        let ln_density = |ln_alpha: f64| {
            let alpha = libm::exp(ln_alpha);
            let gammas = libm::lgamma(beta_shape + pumps * alpha) - pumps * libm::lgamma(alpha);
            slope * alpha + gammas + ln_alpha
        };
        state.walks[1].step(&mut state.ln_alpha, ln_density, stage, stream);
        let shape = beta_shape + pumps * libm::exp(state.ln_alpha);
        state.beta = Gamma::new(shape, rate).map_err(Error::other)?.sample(stream);
        Ok(())
    }

    fn state(&self, ln_alpha: f64, beta: f64, ln_rates: Vec<f64>) -> PumpsState {
        PumpsState { ln_alpha, beta, ln_rates, walks: [RandomWalk::new(1.0), RandomWalk::new(1.0)] }
    }
}

/// The logarithm of a gamma variable: of a small shape by that of a larger one, which is a float.
fn ln_gamma(shape: f64, rate: f64, stream: &mut Stream) -> Result<f64> {
    let raise = if shape < 1.0 { 1.0 } else { 0.0 };
    let ln = libm::log(Gamma::new(shape + raise, rate).map_err(Error::other)?.sample(stream));
    // x U^(1/shape), where x has the shape + 1 (Marsaglia and Tsang 2000).
    Ok(if raise > 0.0 { ln - stream.exponential() / shape } else { ln })
}

impl Conditionals for Pumps {
    type State = PumpsState;

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("alpha"), Variable::scalar("beta"), Variable::along("rate", "pump", &self.names)]
    }

    /// alpha and beta some orders of magnitude apart, around the means of their priors: that of beta is far below where
    /// its draws are, so that it takes more to begin above them, too.
    fn init(&self, stream: &mut Stream) -> Result<PumpsState> {
        let PumpsPriors { alpha_rate, beta_shape, beta_rate } = self.priors;
        let ln_alpha = 2.0 * stream.normal() - libm::log(alpha_rate);
        let beta = beta_shape / beta_rate * libm::exp(3.0 * stream.normal());
        let mut state = self.state(ln_alpha, beta, vec![f64::NAN; self.names.len()]);
        self.draw_rates(&mut state, stream)?;
        Ok(state)
    }

    /// Rates that are not given (NaN) are drawn.
    fn init_at(&self, values: &[f64], stream: &mut Stream) -> Result<PumpsState> {
        check::start(values, 2 + self.names.len())?;
        check::given("alpha", &values[..1])?;
        check::given("beta", &values[1..2])?;
        let are_rates_given = check::is_given("rate", &values[2..])?;
        if values.iter().any(|value| *value <= 0.0) {
            return Err(Error::other("alpha, beta and all rates must be positive"));
        }
        let ln_rates = values[2..].iter().map(|rate| libm::log(*rate)).collect();
        let mut state = self.state(libm::log(values[0]), values[1], ln_rates);
        if !are_rates_given {
            self.draw_rates(&mut state, stream)?;
        }
        Ok(state)
    }

    fn blocks(&self) -> usize {
        2
    }

    fn update(&self, block: usize, state: &mut PumpsState, stage: Stage, stream: &mut Stream) -> Result<()> {
        match block {
            0 => self.update_rates(state, stage, stream),
            _ => self.update_beta(state, stage, stream),
        }
    }

    fn draw(&self, state: &PumpsState, out: &mut [f64]) {
        (out[0], out[1]) = (libm::exp(state.ln_alpha), state.beta);
        out[2..].iter_mut().zip(&state.ln_rates).for_each(|(out, ln)| *out = libm::exp(*ln).max(f64::MIN_POSITIVE));
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp", "acceptance_rate"]
    }

    /// `lp` is of alpha and beta, with the rates integrated out; `acceptance_rate` the mean of both random walks'.
    fn statistics_of(&self, state: &PumpsState, out: &mut [f64]) {
        let PumpsPriors { alpha_rate, beta_shape, beta_rate } = self.priors;
        let (alpha, beta) = (libm::exp(state.ln_alpha), state.beta);
        let prior = (beta_shape - 1.0) * libm::log(beta) - beta_rate * beta - alpha_rate * alpha;
        let counts = self.failures.iter().zip(&self.times).map(|(count, time)| count * libm::log(beta + time));
        out[0] = prior + self.ln_rising(alpha) + alpha * self.ln_shares(beta) - counts.sum::<f64>();
        out[1] = 0.5 * (state.walks[0].acceptance_rate() + state.walks[1].acceptance_rate());
    }
}
