//! Samplers and draws that are wrong, and the statistics that find it.

use super::comparison::{Comparison, Draws};
use super::exact::{Exact, Marginal, Prior, Problem, Rule};
use super::problems::{few_observations, informative_prior, others, wide_tolerances};
use super::{SEEDS, broken};

/// Compares the draws that a sampler finds with each seed, together, with the exact posterior.
fn compare(exact: &Exact, sampler: impl Fn(u64) -> Draws) -> Comparison {
    let mut all = Draws::default();
    for Draws { mu, sigma, simulations } in SEEDS.map(sampler) {
        all.mu.extend(mu);
        all.sigma.extend(sigma);
        all.simulations += simulations;
    }
    Comparison::new(&all, exact)
}

/// Who keeps what arrives first favours short simulations, here those of small sigma: 5000 workers, of whom each does
/// about two simulations. Those of lowest number, of the very same simulations, are right.
#[test]
fn arrival_order_is_rejected() {
    let problem = wide_tolerances();
    let exact = Exact::new(&problem);
    for seed in SEEDS {
        let (first, lowest) = broken::race(&problem, seed, 2000, 5000);
        Comparison::new(&lowest, &exact).assert_right("lowest numbers");
        Comparison::new(&first, &exact).assert_wrong("first arrivals", &["sigma", "mean of sigma"]);
    }
}

/// The factor between the standard deviations with divisor n − 1 and n, for n = 6.
fn bessel() -> f64 {
    1.2f64.sqrt()
}

/// Errors of a sampler, and the statistics that find them. The right sampler, made in the same way, passes.
#[test]
fn wrong_samplers_are_rejected() {
    let problem = wide_tolerances();
    let exact = Exact::new(&problem);
    let draws = 2000;
    let reject = |seed, factor, tasks| broken::reject(&problem, seed, draws, factor, |task| task / tasks * tasks);
    compare(&exact, |seed| reject(seed, 1.0, 1)).assert_right("the right sampler");
    // Simulated standard deviations with divisor n − 1, the observed one with divisor n.
    compare(&exact, |seed| reject(seed, bessel(), 1)).assert_wrong("divisor n − 1", &["sigma", "mean of sigma"]);
    // Four tasks after another draw the same numbers.
    compare(&exact, |seed| reject(seed, 1.0, 4)).assert_wrong("shared streams", &["cells"]);
    // A gamma distribution whose rate is taken for a scale.
    let confused = Problem { sigma: Prior::gamma(2.0, 1.0 / 0.8), ..wide_tolerances() };
    compare(&exact, |seed| broken::reject(&confused, seed, draws, 1.0, |task| task))
        .assert_wrong("rate for scale", &["sigma", "cells", "mean of sigma"]);
}

/// Standard deviations with divisor n − 1 throughout: the tolerance is 9 % narrower than it says. Only the number of
/// simulations shows it.
#[test]
#[ignore = "takes long in a debug build: scripts/test"]
fn another_divisor_throughout_is_rejected() {
    let problem = few_observations();
    let exact = Exact::new(&problem);
    let narrower = Problem { rule: Rule::Each { mean: 0.5, sd: 0.3 / bessel() }, ..few_observations() };
    let reject = |problem, seed| broken::reject(problem, seed, 3000, 1.0, |task| task);
    compare(&exact, |seed| reject(&problem, seed)).assert_right("the right sampler");
    compare(&exact, |seed| reject(&narrower, seed)).assert_wrong("divisor n − 1", &["simulations"]);
}

/// `abc` itself, asked for something slightly different.
#[test]
#[ignore = "takes long in a debug build: scripts/test"]
fn small_errors_are_rejected() {
    let ask = |problem: Problem| Draws::of_abc(Some(&problem.run_file()), 10_000, &SEEDS);
    let wider = |rule| match rule {
        Rule::Each { mean, sd } => Rule::Each { mean: 1.05 * mean, sd },
        Rule::Distance { p, weights, tolerance } => Rule::Distance { p, weights, tolerance: 1.05 * tolerance },
    };
    for (name, problem) in others() {
        let exact = Exact::new(&problem);
        let rule = wider(problem.rule);
        Comparison::new(&ask(Problem { rule, ..problem }), &exact)
            .assert_wrong(&format!("{name}, one tolerance 5 % too wide"), &["simulations"]);
    }
    let (right, confused) = (informative_prior(), Prior::normal(-0.5, 0.5f64.sqrt()));
    Comparison::new(&ask(Problem { mu: confused, ..informative_prior() }), &Exact::new(&right))
        .assert_wrong("variance for standard deviation", &["mu", "cells", "mean of mu", "variance of mu"]);

    // Data that are moved or stretched by one or two percent of their standard deviation, so that the posterior's mean is
    // some six standard errors off.
    let n = (10_000 * SEEDS.len()) as f64;
    let errors = |wrong: &Marginal, right: &Marginal| (wrong.mean - right.mean) / (right.variance / n).sqrt();
    let with = |data| Problem { data, ..informative_prior() };
    let exact = Exact::new(&right);

    let moved = with(right.data.iter().map(|y| y + 0.025).collect());
    let off = errors(&Exact::new(&moved).mu, &exact.mu);
    assert!((5.7..7.0).contains(&off), "{off}");
    Comparison::new(&ask(moved), &exact).assert_wrong("moved data", &["mean of mu"]);

    let mean = right.observed().0;
    let stretched = with(right.data.iter().map(|y| mean + 1.011 * (y - mean)).collect());
    let off = errors(&Exact::new(&stretched).sigma, &exact.sigma);
    assert!((5.7..7.0).contains(&off), "{off}");
    Comparison::new(&ask(stretched), &exact).assert_wrong("stretched data", &["mean of sigma"]);
}

/// Draws whose marginals are right and whose parameters come from different draws.
#[test]
fn the_joint_distribution_is_compared() {
    let problem = few_observations();
    let exact = Exact::new(&problem);
    let draws = Draws::of_abc(Some(&problem.run_file()), 2000, &SEEDS);
    let mut mixed = draws.clone();
    mixed.sigma.rotate_left(1);
    assert_eq!(Comparison::new(&mixed, &exact).rejections(), ["cells"]);
}
