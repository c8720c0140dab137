//! f(x, y) ∝ x² exp(−x y² − y² + 2 y − 4 x): y integrates out, and x remains.

use super::chains::{Draws, Plan};
use super::comparison::{Comparison, Expectation};
use super::quadrature::{Exact, edges};
use super::replaced::Replaced;
use super::{FEW, SEEDS};
use ensample::distribution::Gamma;
use ensample::mcmc::Order;
use ensample::mcmc::models::Bivariate;
use ensample::stream::Stream;

/// Of x. Given x, y is normal: (1 + x) y² − 2 y in the exponent.
fn exact() -> Exact {
    let ln_density = |x: f64| 2.0 * x.ln() - 4.0 * x + 1.0 / (1.0 + x) - 0.5 * (1.0 + x).ln();
    Exact::of_one(ln_density, edges(120, |u| 15.0 * u * u))
}

fn mean_of_y(x: f64, _: f64) -> f64 {
    1.0 / (1.0 + x)
}

/// Means, variances and covariance of x and y.
struct Moments {
    x: (f64, f64),
    y: (f64, f64),
    covariance: f64,
}

fn moments(exact: &Exact) -> Moments {
    let x = |x: f64, _: f64| x;
    let within = exact.mean(|x, _| 0.5 / (1.0 + x));
    Moments {
        x: (exact.mean(x), exact.covariance(x, x)),
        y: (exact.mean(mean_of_y), within + exact.covariance(mean_of_y, mean_of_y)),
        covariance: exact.covariance(x, mean_of_y),
    }
}

fn expectations() -> Vec<Expectation> {
    let exact = exact();
    let Moments { x, y, covariance } = moments(&exact);
    let mut all = Expectation::moments("x", 0, x.0, x.1);
    all.extend(Expectation::moments("y", 1, y.0, y.1));
    all.push(Expectation::covariance("covariance", (0, x.0), (1, y.0), covariance));
    for p in [0.025, 0.25, 0.5, 0.75, 0.975] {
        all.push(Expectation::below("x", 0, exact.near_quantile(0, p)));
    }
    for y in [-0.5, 0.2, 0.6, 1.0, 1.8] {
        // y is N(1 / (1 + x), 1 / (2 (1 + x))).
        let below = exact.mean(|x, _| 0.5 * libm::erfc((1.0 / (1.0 + x) - y) * (1.0 + x).sqrt()));
        all.push(Expectation::below("y", 1, (y, below)));
    }
    all
}

/// The figures that an independent computation gave.
#[test]
fn the_quadrature_gives_the_known_figures() {
    let Moments { x, y, covariance } = moments(&exact());
    let known = [0.65105906, 0.39208723, 0.63597071, 0.57943785, -0.05002521];
    for (value, known) in [x.0, x.1.sqrt(), y.0, y.1.sqrt(), covariance].into_iter().zip(known) {
        assert!((value - known).abs() < 6e-9, "{value} {known}");
    }
}

fn compare(plan: &Plan, order: Order, seeds: &[u64]) {
    Comparison::new(&Draws::new(Bivariate, order, seeds, plan), &expectations()).assert_right("bivariate");
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
    let draws = Draws::new(Bivariate, Order::Fixed, &SEEDS[..1], &FEW);
    let ln_density = |x: f64, y: f64| 2.0 * x.ln() - x * y * y - y * y + 2.0 * y - 4.0 * x;
    let off = |row: &[f64]| row[2] - ln_density(row[0], row[1]);
    let first = off(draws.rows().next().unwrap());
    assert!(draws.rows().all(|row| (off(row) - first).abs() < 1e-9));
}

/// x from a gamma distribution of shape 3 whose rate is a function of y² + 4, and y with a standard deviation that is a
/// function of its variance.
fn replaced(rate: fn(f64) -> f64, sd: fn(f64) -> f64) -> Comparison {
    let by = move |block: usize, row: &mut [f64], stream: &mut Stream| {
        match block {
            0 => row[0] = Gamma::new(3.0, rate(row[1] * row[1] + 4.0)).unwrap().sample(stream),
            _ => row[1] = 1.0 / (1.0 + row[0]) + sd(0.5 / (1.0 + row[0])) * stream.normal(),
        }
        true
    };
    let draws = Draws::new(Replaced { model: Bivariate, by }, Order::Fixed, &SEEDS[..1], &FEW);
    Comparison::new(&draws, &expectations())
}

/// A widespread version passes y² + 4 for a scale, which has another target.
#[test]
fn scale_for_rate_and_variance_for_sd_are_rejected() {
    replaced(|rate| rate, f64::sqrt).assert_right("rate and sd");
    replaced(|rate| 1.0 / rate, f64::sqrt).assert_wrong("scale for rate", &["mean of x", "mean of y", "variance of x"]);
    replaced(|rate| rate, |variance| variance).assert_wrong("variance for sd", &["variance of y"]);
}
