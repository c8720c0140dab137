//! Effects of the same treatment in several places.

use super::check;
use crate::error::{Error, Result};
use crate::mcmc::{Conditionals, Slice, Stage, Variable};
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// Effects of coaching in several schools (Rubin 1981), or any estimates with known standard errors: the hierarchical
/// normal model, or random-effects meta-analysis.
///
/// effect_j ~ N(theta_j, error_j²), theta_j ~ N(mu, tau²), mu ~ N(0, `mu_sd`²), tau ~ half-Cauchy(`tau_scale`); see
/// [`SchoolsPriors`].
///
/// Given tau near 0, every theta_j is near mu, and given such theta tau is near 0: a sampler that draws each given the
/// others hardly moves there. So theta is integrated out wherever mu or tau is drawn: effect_j ~ N(mu, v_j) with v_j =
/// tau² + error_j². There are two blocks:
/// - tau and theta, given mu: first tau by a slice step under p(tau | mu, effects) ∝ half-Cauchy(tau) ∏ N(effect_j; mu,
///   v_j);
/// - mu and theta, given tau: first mu from p(mu | tau, effects), normal with the precision 1/`mu_sd`² + ∑ 1/v_j and
///   the mean ∑ effect_j / v_j divided by that;
///
/// then, in either, theta given mu and tau: theta_j ~ N(mu + s_j (effect_j − mu), s_j · error_j²), s_j = tau² / v_j.
///
/// Each leaves the distribution of its block given the rest as it is, because p(tau, theta | mu) is p(tau | mu) p(theta
/// | mu, tau), and likewise for mu: this is a Gibbs sampler with overlapping blocks, right in any order. (To draw theta
/// once and tau and mu after it would not be: the theta recorded would belong to a mu and a tau of before. See van Dyk
/// and Park 2008 on such partially collapsed samplers.)
#[derive(Clone, Debug)]
pub struct Schools {
    names: Vec<String>,
    effects: Vec<f64>,
    /// The squares of the standard errors.
    variances: Vec<f64>,
    priors: SchoolsPriors,
}

/// The hyperparameters of [`Schools`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchoolsPriors {
    /// The standard deviation of mu's normal prior: 5.
    pub mu_sd: f64,
    /// The scale of tau's half-Cauchy prior, which is its median: 5.
    pub tau_scale: f64,
}

impl Default for SchoolsPriors {
    fn default() -> Self {
        SchoolsPriors { mu_sd: 5.0, tau_scale: 5.0 }
    }
}

/// What a chain of [`Schools`] carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SchoolsState {
    mu: f64,
    tau: f64,
    theta: Vec<f64>,
    slice: Slice,
}

impl Schools {
    /// The model of schools with these names, estimated effects, and standard errors of the estimates.
    ///
    /// # Errors
    /// Fewer than two schools, other numbers of names, effects and errors, a name that is empty or there twice, an
    /// effect that is not finite, standard errors or hyperparameters that are not positive.
    pub fn new(names: Vec<String>, effects: Vec<f64>, errors: Vec<f64>, priors: SchoolsPriors) -> Result<Self> {
        check::lengths([(names.len(), "names"), (effects.len(), "effects"), (errors.len(), "standard errors")])?;
        check::names(&names)?;
        check::each("effect", &names, &effects, "finite", f64::is_finite)?;
        let has_square = |error: f64| error > 0.0 && error * error > 0.0 && (error * error).is_finite();
        check::each("standard error", &names, &errors, "positive and finite", has_square)?;
        check::positive([("mu_sd", priors.mu_sd), ("tau_scale", priors.tau_scale)])?;
        let variances = errors.iter().map(|error| error * error).collect();
        Ok(Schools { names, effects, variances, priors })
    }

    /// The logarithm of p(tau | mu, effects), up to a constant.
    fn ln_density_of_tau(&self, tau: f64, mu: f64) -> f64 {
        if tau < 0.0 {
            return f64::NEG_INFINITY;
        }
        let z = tau / self.priors.tau_scale;
        let term = |(effect, variance): (&f64, &f64)| {
            let (distance, v) = (effect - mu, tau * tau + variance);
            libm::log(v) + distance * distance / v
        };
        -0.5 * self.effects.iter().zip(&self.variances).map(term).sum::<f64>() - libm::log1p(z * z)
    }

    fn draw_mu(&self, state: &mut SchoolsState, stream: &mut Stream) {
        let mut precision = 1.0 / (self.priors.mu_sd * self.priors.mu_sd);
        let mut sum = 0.0;
        for (effect, variance) in self.effects.iter().zip(&self.variances) {
            let v = state.tau * state.tau + variance;
            precision += 1.0 / v;
            sum += effect / v;
        }
        state.mu = sum / precision + stream.normal() / precision.sqrt();
    }

    fn draw_theta(&self, state: &mut SchoolsState, stream: &mut Stream) {
        let between = state.tau * state.tau;
        for ((theta, effect), variance) in state.theta.iter_mut().zip(&self.effects).zip(&self.variances) {
            let share = between / (between + variance);
            *theta = state.mu + share * (effect - state.mu) + (share * variance).sqrt() * stream.normal();
        }
    }

    fn state(&self, mu: f64, tau: f64, theta: Vec<f64>) -> SchoolsState {
        SchoolsState { mu, tau, theta, slice: Slice::new(self.priors.tau_scale) }
    }
}

impl Conditionals for Schools {
    type State = SchoolsState;

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("mu"), Variable::scalar("tau"), Variable::along("theta", "school", &self.names)]
    }

    fn init(&self, stream: &mut Stream) -> Result<SchoolsState> {
        let mu = 3.0 * self.priors.mu_sd * stream.normal();
        let tau = 3.0 * self.priors.tau_scale * stream.exponential();
        let mut state = self.state(mu, tau, vec![f64::NAN; self.names.len()]);
        self.draw_theta(&mut state, stream);
        Ok(state)
    }

    fn init_at(&self, values: &[f64], _: &mut Stream) -> Result<SchoolsState> {
        check::start(values, 2 + self.names.len())?;
        if values[1] < 0.0 {
            return Err(Error::other("tau must not be negative"));
        }
        Ok(self.state(values[0], values[1], values[2..].to_vec()))
    }

    fn blocks(&self) -> usize {
        2
    }

    fn update(&self, block: usize, state: &mut SchoolsState, stage: Stage, stream: &mut Stream) -> Result<()> {
        if block == 0 {
            let mu = state.mu;
            state.slice.step(&mut state.tau, |tau| self.ln_density_of_tau(tau, mu), stage, stream);
        } else {
            self.draw_mu(state, stream);
        }
        self.draw_theta(state, stream);
        Ok(())
    }

    fn draw(&self, state: &SchoolsState, out: &mut [f64]) {
        (out[0], out[1]) = (state.mu, state.tau);
        out[2..].copy_from_slice(&state.theta);
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp"]
    }

    /// Of mu and tau, with theta integrated out: the density of all three has no upper limit as tau approaches 0.
    fn statistics_of(&self, state: &SchoolsState, out: &mut [f64]) {
        let z = state.mu / self.priors.mu_sd;
        out[0] = self.ln_density_of_tau(state.tau, state.mu) - 0.5 * z * z;
    }
}
