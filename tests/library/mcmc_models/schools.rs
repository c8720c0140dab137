//! Effects of coaching in eight schools: theta integrates out, and a quadrature over mu and tau remains.

use super::chains::{Draws, Plan};
use super::comparison::{Comparison, Expectation};
use super::quadrature::{Exact, edges};
use super::replaced::{Replaced, metropolis};
use super::{FEW, MANY, SEEDS};
use ensample::mcmc::Order;
use ensample::mcmc::models::{Schools, SchoolsPriors};
use ensample::stream::Stream;

/// Rubin (1981).
const EFFECTS: [f64; 8] = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
pub const ERRORS: [f64; 8] = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];

/// Schools that agree far better than their errors say: tau is near 0.
const ALIKE: [f64; 8] = [2.0, 2.1, 1.8, 2.0, 1.9, 2.2, 2.0, 2.1];
/// Schools that differ.
const UNLIKE: [f64; 8] = [60.0, -20.0, -75.0, 30.0, 110.0, -40.0, 5.0, 80.0];
const OTHER_PRIORS: SchoolsPriors = SchoolsPriors { mu_sd: 30.0, tau_scale: 25.0 };

pub const PROBLEMS: [([f64; 8], SchoolsPriors); 3] =
    [(EFFECTS, SchoolsPriors { mu_sd: 5.0, tau_scale: 5.0 }), (ALIKE, OTHER_PRIORS), (UNLIKE, OTHER_PRIORS)];

pub fn model(effects: &[f64], errors: &[f64], priors: SchoolsPriors) -> Schools {
    let names = ["A", "B", "C", "D", "E", "F", "G", "H"].into_iter().take(effects.len()).map(str::to_owned).collect();
    Schools::new(names, effects.to_vec(), errors.to_vec(), priors).unwrap()
}

/// The logarithm of the density of mu and tau, up to a constant.
fn ln_density(mu: f64, tau: f64, effects: &[f64], priors: &SchoolsPriors) -> f64 {
    let school = |(effect, error): (&f64, &f64)| {
        let variance = tau.powi(2) + error.powi(2);
        -0.5 * variance.ln() - 0.5 * (effect - mu).powi(2) / variance
    };
    let prior = -0.5 * (mu / priors.mu_sd).powi(2) - (1.0 + (tau / priors.tau_scale).powi(2)).ln();
    prior + effects.iter().zip(&ERRORS).map(school).sum::<f64>()
}

fn mu(mu: f64, _: f64) -> f64 {
    mu
}

fn tau(_: f64, tau: f64) -> f64 {
    tau
}

fn exact(effects: &[f64], priors: &SchoolsPriors, panels: usize) -> Exact {
    let middle = effects.iter().sum::<f64>() / 8.0;
    // Narrow panels in the middle of mu and near tau = 0.
    let of_mu = edges(panels, |u| 0.5 * middle + 4.0 * (9.0 * (u - 0.5)).sinh());
    let of_tau = edges(panels, |u| 0.02 * priors.tau_scale * (11.0 * u).exp_m1());
    Exact::new(|mu, tau| ln_density(mu, tau, effects, priors), [of_mu, of_tau])
}

fn expectations(effects: &[f64], priors: &SchoolsPriors) -> Vec<Expectation> {
    let exact = exact(effects, priors, 56);
    let means = (exact.mean(mu), exact.mean(tau));
    let mut all = Expectation::moments("mu", 0, means.0, exact.covariance(mu, mu));
    all.extend(Expectation::moments("tau", 1, means.1, exact.covariance(tau, tau)));
    let both = exact.covariance(mu, tau);
    all.push(Expectation::covariance("covariance of mu and tau", (0, means.0), (1, means.1), both));
    for p in [0.02, 0.1, 0.25, 0.5, 0.75, 0.95] {
        all.push(Expectation::below("mu", 0, exact.near_quantile(0, p)));
        all.push(Expectation::below("tau", 1, exact.near_quantile(1, p)));
    }
    // Given mu and tau, theta is normal.
    for (school, (effect, error)) in effects.iter().copied().zip(ERRORS).enumerate() {
        let share = move |tau: f64| tau.powi(2) / (tau.powi(2) + error.powi(2));
        let given = move |mu: f64, tau: f64| mu + share(tau) * (effect - mu);
        let mean = exact.mean(given);
        let variance = exact.mean(|_, tau| share(tau) * error.powi(2)) + exact.covariance(given, given);
        let (name, at) = (format!("theta {}", school + 1), (2 + school, mean));
        all.extend(Expectation::moments(&name, at.0, mean, variance));
        let covariances = [(0, means.0, exact.covariance(mu, given)), (1, means.1, exact.covariance(tau, given))];
        for (other, mean, covariance) in covariances {
            let name = format!("covariance of {} and {name}", ["mu", "tau"][other]);
            all.push(Expectation::covariance(&name, (other, mean), at, covariance));
        }
    }
    // The distance of theta from mu, in units of tau: does theta belong to the mu and tau beside it?
    let spread = exact.mean(|mu, tau| {
        let school = |(effect, error): (&f64, &f64)| {
            let variance = tau.powi(2) + error.powi(2);
            error.powi(2) / variance + (tau * (effect - mu) / variance).powi(2)
        };
        effects.iter().zip(&ERRORS).map(school).sum::<f64>()
    });
    all.push(Expectation::new("spread of theta", spread, |row| {
        row[2..10].iter().map(|theta| ((theta - row[0]) / row[1]).powi(2)).sum()
    }));
    all
}

/// More panels change nothing.
#[test]
fn the_quadrature_has_converged() {
    for (effects, priors) in PROBLEMS {
        let (coarse, fine) = (exact(&effects, &priors, 56), exact(&effects, &priors, 76));
        let figures =
            |exact: &Exact| [exact.mean(mu), exact.covariance(mu, mu), exact.mean(tau), exact.covariance(tau, tau)];
        for (coarse, fine) in figures(&coarse).into_iter().zip(figures(&fine)) {
            assert!((coarse / fine - 1.0).abs() < 1e-7, "{coarse} {fine}");
        }
    }
}

fn compare(plan: &Plan, order: Order, seeds: &[u64]) {
    for (effects, priors) in PROBLEMS {
        let expectations = expectations(&effects, &priors);
        let draws = Draws::new(model(&effects, &ERRORS, priors), order, seeds, plan);
        Comparison::new(&draws, &expectations).assert_right("schools");
    }
}

#[test]
fn few_draws() {
    super::few(compare);
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn many_draws() {
    super::many(compare);
}

#[test]
fn lp_is_that_of_the_model() {
    let priors = SchoolsPriors::default();
    let draws = Draws::new(model(&EFFECTS, &ERRORS, priors), Order::Fixed, &SEEDS[..1], &FEW);
    let off = |row: &[f64]| row[10] - ln_density(row[0], row[1], &EFFECTS, &priors);
    let first = off(draws.rows().next().unwrap());
    assert!(draws.rows().all(|row| (off(row) - first).abs() < 1e-9));
}

/// What can be wrong in a hand-made sampler.
#[derive(Clone, Copy, PartialEq)]
pub enum Mistake {
    None,
    /// theta is drawn first, and belongs to the mu and tau of before.
    StaleTheta,
    /// The variance of theta is used as its standard deviation.
    VarianceForSd,
    /// tau² has the prior that tau should have.
    PriorOfSquare,
}

/// One block is tau, by a step of its logarithm, the other mu; both with theta integrated out.
pub fn by_hand(
    effects: Vec<f64>,
    errors: Vec<f64>,
    priors: SchoolsPriors,
    mistake: Mistake,
) -> impl Fn(usize, &mut [f64], &mut Stream) -> bool {
    move |block, row, stream| {
        let schools = || effects.iter().copied().zip(errors.iter().map(|error| error * error));
        if mistake == Mistake::StaleTheta && block == 0 {
            draw_theta(schools(), row, mistake, stream);
        }
        if block == 0 {
            let power = if mistake == Mistake::PriorOfSquare { 2 } else { 1 };
            let mu = row[0];
            let ln_density = |ln: f64| {
                let tau = ln.exp();
                let school = |(effect, variance): (f64, f64)| {
                    let v = tau * tau + variance;
                    -0.5 * v.ln() - 0.5 * (effect - mu).powi(2) / v
                };
                ln - (tau.powi(power) / priors.tau_scale).powi(2).ln_1p() + schools().map(school).sum::<f64>()
            };
            row[1] = metropolis(row[1].ln(), 3.0, ln_density, stream).exp();
        } else {
            let v = |variance: f64| row[1] * row[1] + variance;
            let precision = priors.mu_sd.powi(-2) + schools().map(|(_, variance)| 1.0 / v(variance)).sum::<f64>();
            let mean = schools().map(|(effect, variance)| effect / v(variance)).sum::<f64>() / precision;
            row[0] = mean + stream.normal() / precision.sqrt();
        }
        if mistake != Mistake::StaleTheta {
            draw_theta(schools(), row, mistake, stream);
        }
        true
    }
}

pub fn draw_theta(schools: impl Iterator<Item = (f64, f64)>, row: &mut [f64], mistake: Mistake, stream: &mut Stream) {
    let (mu, between) = (row[0], row[1] * row[1]);
    for (theta, (effect, variance)) in row[2..].iter_mut().zip(schools) {
        let precision = 1.0 / between + 1.0 / variance;
        let sd = if mistake == Mistake::VarianceForSd { 1.0 / precision } else { 1.0 / precision.sqrt() };
        *theta = (mu / between + effect / variance) / precision + sd * stream.normal();
    }
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn mistakes_are_rejected() {
    let priors = SchoolsPriors::default();
    let expectations = expectations(&EFFECTS, &priors);
    let compare = |mistake| {
        let by = by_hand(EFFECTS.to_vec(), ERRORS.to_vec(), priors, mistake);
        let replaced = Replaced { model: model(&EFFECTS, &ERRORS, priors), by };
        Comparison::new(&Draws::new(replaced, Order::Fixed, &SEEDS[..1], &MANY), &expectations)
    };
    compare(Mistake::None).assert_right("by hand");
    compare(Mistake::VarianceForSd).assert_wrong("variance for sd", &["variance of theta 1", "spread of theta"]);
    compare(Mistake::PriorOfSquare).assert_wrong("prior of the square", &["mean of tau", "variance of theta 1"]);
    // Each of mu, tau and theta alone is right: only what two of them say together is not.
    let stale = compare(Mistake::StaleTheta);
    stale.assert_wrong("stale theta", &["covariance of tau and theta 1", "covariance of mu and theta 1"]);
    let alone = |name: &&str| !name.starts_with("covariance of") && *name != "spread of theta";
    assert!(!stale.rejections().iter().any(alone), "{:?}", stale.rejections());
}
