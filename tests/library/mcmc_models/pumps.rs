//! Failures of pumps: the rates integrate out, and a quadrature over alpha and beta remains.

use super::chains::{Draws, Plan};
use super::comparison::{Comparison, Expectation};
use super::quadrature::{Exact, edges};
use super::replaced::{Replaced, metropolis};
use super::{FEW, MANY, SEEDS};
use ensample::distribution::Gamma;
use ensample::mcmc::Order;
use ensample::mcmc::models::{Pumps, PumpsPriors};
use ensample::stream::Stream;
use libm::lgamma;

/// Ten pumps of a power plant, times in thousands of hours (Gaver and O'Muircheartaigh 1987).
const FAILURES: [f64; 10] = [5.0, 1.0, 5.0, 14.0, 3.0, 19.0, 1.0, 1.0, 4.0, 22.0];
pub const TIMES: [f64; 10] = [94.3, 15.7, 62.9, 126.0, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5];

/// Few failures: most pumps have none.
const FEW_FAILURES: [f64; 10] = [0.0, 0.0, 1.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0];

pub const PROBLEMS: [([f64; 10], PumpsPriors); 2] = [
    (FAILURES, PumpsPriors { alpha_rate: 1.0, beta_shape: 0.1, beta_rate: 1.0 }),
    (FEW_FAILURES, PumpsPriors { alpha_rate: 0.5, beta_shape: 2.0, beta_rate: 0.8 }),
];

pub fn model(failures: &[f64], times: &[f64], priors: PumpsPriors) -> Pumps {
    let names = (1..=failures.len()).map(|number| number.to_string()).collect();
    Pumps::new(names, failures.to_vec(), times.to_vec(), priors).unwrap()
}

/// The logarithm of the density of alpha and beta, up to a constant: failures are negative binomial.
fn ln_density(alpha: f64, beta: f64, failures: &[f64], priors: &PumpsPriors) -> f64 {
    let PumpsPriors { alpha_rate, beta_shape, beta_rate } = priors;
    let pump = |(failures, time): (&f64, &f64)| {
        lgamma(alpha + failures) - lgamma(alpha) + alpha * beta.ln() - (alpha + failures) * (beta + time).ln()
    };
    let prior = -alpha_rate * alpha + (beta_shape - 1.0) * beta.ln() - beta_rate * beta;
    prior + failures.iter().zip(&TIMES).map(pump).sum::<f64>()
}

/// Of the logarithms of alpha and beta.
fn exact(failures: &[f64], priors: &PumpsPriors, panels: usize) -> Exact {
    let ln = |a: f64, b: f64| a + b + ln_density(a.exp(), b.exp(), failures, priors);
    Exact::new(ln, [edges(panels, |u| -12.0 + 15.0 * u), edges(panels, |u| -20.0 + 23.0 * u)])
}

fn alpha(a: f64, _: f64) -> f64 {
    a.exp()
}

fn beta(_: f64, b: f64) -> f64 {
    b.exp()
}

fn expectations(failures: &[f64], priors: &PumpsPriors) -> Vec<Expectation> {
    let exact = exact(failures, priors, 48);
    let means = (exact.mean(alpha), exact.mean(beta));
    let mut all = Expectation::moments("alpha", 0, means.0, exact.covariance(alpha, alpha));
    all.extend(Expectation::moments("beta", 1, means.1, exact.covariance(beta, beta)));
    let both = exact.covariance(alpha, beta);
    all.push(Expectation::covariance("covariance of alpha and beta", (0, means.0), (1, means.1), both));
    for p in [0.05, 0.25, 0.5, 0.75, 0.95] {
        for (axis, name) in ["alpha", "beta"].into_iter().enumerate() {
            let (ln, p) = exact.near_quantile(axis, p);
            all.push(Expectation::below(name, axis, (ln.exp(), p)));
        }
    }
    // Given alpha and beta, the rate is Gamma(alpha + failures, beta + time).
    for (pump, (failures, time)) in failures.iter().copied().zip(TIMES).enumerate() {
        let given = move |a: f64, b: f64| (a.exp() + failures) / (b.exp() + time);
        let mean = exact.mean(given);
        let variance = exact.mean(|a, b| given(a, b) / (b.exp() + time)) + exact.covariance(given, given);
        let name = format!("rate {}", pump + 1);
        all.extend(Expectation::moments(&name, 2 + pump, mean, variance));
        let with_beta = exact.covariance(beta, given);
        let name = format!("covariance of beta and {name}");
        all.push(Expectation::covariance(&name, (1, means.1), (2 + pump, mean), with_beta));
    }
    all
}

/// Figures of the BUGS examples (volume 1, "Pumps"), which have a Monte Carlo error of about 1 %; and more panels
/// change nothing.
#[test]
fn the_quadrature_is_right() {
    let priors = PumpsPriors::default();
    let coarse = exact(&FAILURES, &priors, 48);
    for (value, known) in [(coarse.mean(alpha), 0.70), (coarse.mean(beta), 0.93)] {
        assert!((value / known - 1.0).abs() < 0.02, "{value} {known}");
    }
    for (failures, priors) in PROBLEMS {
        let (coarse, fine) = (exact(&failures, &priors, 48), exact(&failures, &priors, 64));
        let figures = |exact: &Exact| [exact.mean(alpha), exact.covariance(alpha, beta), exact.covariance(beta, beta)];
        for (coarse, fine) in figures(&coarse).into_iter().zip(figures(&fine)) {
            assert!((coarse / fine - 1.0).abs() < 1e-6, "{coarse} {fine}");
        }
    }
}

fn compare(plan: &Plan, order: Order, seeds: &[u64]) {
    for (failures, priors) in PROBLEMS {
        let expectations = expectations(&failures, &priors);
        let draws = Draws::new(model(&failures, &TIMES, priors), order, seeds, plan);
        Comparison::new(&draws, &expectations).assert_right("pumps");
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

/// What is recorded as lp is the density of alpha and beta, and proposals are accepted about as often as they are tuned
/// to.
#[test]
fn statistics_are_those_of_the_model() {
    let draws = Draws::new(model(&FAILURES, &TIMES, PumpsPriors::default()), Order::Fixed, &SEEDS[..1], &FEW);
    let off = |row: &[f64]| row[12] - ln_density(row[0], row[1], &FAILURES, &PumpsPriors::default());
    let first = off(draws.rows().next().unwrap());
    assert!(draws.rows().all(|row| (off(row) - first).abs() < 1e-9));
    let rate = draws.rows().map(|row| row[13]).sum::<f64>() / draws.rows().count() as f64;
    assert!((0.34..0.54).contains(&rate), "{rate}");
}

/// What can be wrong in a hand-made sampler.
#[derive(Clone, Copy, PartialEq)]
pub enum Mistake {
    None,
    /// The density of alpha is used for that of its logarithm.
    NoJacobian,
    /// The rate of beta's gamma distribution is used as a scale.
    ScaleForRate,
}

/// All blocks, as they are usually written: alpha given beta and the rates.
pub fn by_hand(
    failures: Vec<f64>,
    times: Vec<f64>,
    priors: PumpsPriors,
    mistake: Mistake,
) -> impl Fn(usize, &mut [f64], &mut Stream) -> bool {
    let gamma = |shape: f64, rate: f64, stream: &mut Stream| Gamma::new(shape, rate).unwrap().sample(stream);
    let jacobian = if mistake == Mistake::NoJacobian { 0.0 } else { 1.0 };
    move |block, row, stream| {
        let pumps = failures.len() as f64;
        if block == 1 {
            let rate = priors.beta_rate + row[2..].iter().sum::<f64>();
            let rate = if mistake == Mistake::ScaleForRate { 1.0 / rate } else { rate };
            row[1] = gamma(priors.beta_shape + pumps * row[0], rate, stream);
            return true;
        }
        let ln_rates: f64 = row[2..].iter().map(|rate| rate.ln()).sum();
        let ln_density = |ln: f64| {
            let alpha = ln.exp();
            alpha * (pumps * row[1].ln() + ln_rates - priors.alpha_rate) - pumps * lgamma(alpha) + jacobian * ln
        };
        row[0] = metropolis(row[0].ln(), 1.0, ln_density, stream).exp();
        for pump in 0..failures.len() {
            row[2 + pump] = gamma(row[0] + failures[pump], row[1] + times[pump], stream);
        }
        true
    }
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn mistakes_are_rejected() {
    let priors = PumpsPriors::default();
    let expectations = expectations(&FAILURES, &priors);
    let compare = |mistake| {
        let by = by_hand(FAILURES.to_vec(), TIMES.to_vec(), priors, mistake);
        let replaced = Replaced { model: model(&FAILURES, &TIMES, priors), by };
        Comparison::new(&Draws::new(replaced, Order::Fixed, &SEEDS[..1], &MANY), &expectations)
    };
    compare(Mistake::None).assert_right("by hand");
    compare(Mistake::NoJacobian).assert_wrong("no Jacobian", &["mean of alpha", "mean of beta"]);
    compare(Mistake::ScaleForRate).assert_wrong("scale for rate", &["mean of alpha", "mean of beta", "mean of rate 2"]);
}
