//! The draws of `abc` against the exact ABC posterior of a normal sample, which is known by quadrature.
//!
//! Four problems differ in everything: the default one, two more data sets with other priors and tolerances, and two
//! rules that accept by a distance. [`comparison`] says which statistics are compared, at what level, and how small an
//! error they find. Beside the right samplers stand wrong ones that the same comparison must reject.
//!
//! Plain `cargo test` takes few draws. The ignored tests take many; in a release build they need seconds.
#![allow(clippy::disallowed_methods)] // expected values need not have the same last bits everywhere

mod best_of;
mod broken;
mod comparison;
mod errors;
mod exact;
mod pilot;
mod problems;

use crate::statistics::ks_test;
use comparison::{ALPHA, Comparison, Draws};
use exact::{Exact, Marginal, Prior, Problem, Rule};
use problems::{default_problem, others};
use statrs::distribution::{ContinuousCDF, LogNormal, StudentsT};

/// Small and large, and the largest that a run file can hold.
const SEEDS: [u64; 3] = [1, 0x0123_4567_89ab_cdef, i64::MAX as u64];

/// `count` is `text` when printed with as many decimals.
#[track_caller]
fn assert_printed(value: f64, text: &str) {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{value:.decimals$}"), text);
}

/// The figures that independent computations gave; for the outer quantiles SciPy's functions under a quadrature of 200
/// panels of ten Gauss-Legendre nodes.
#[test]
fn the_quadrature_gives_the_known_figures() {
    let problem = default_problem();
    let (mean, sd) = problem.observed();
    assert_printed(mean, "4.9916914474");
    assert_printed(sd, "2.0704116442");
    let Exact { mu, sigma, acceptance_rate, .. } = Exact::new(&problem);
    assert_printed(acceptance_rate, "0.00115584");
    for (marginal, mean, sd, quantiles) in [
        (mu, "4.986150", "0.333182", ["4.319582", "4.986601", "5.650021"]),
        (sigma, "2.146761", "0.531253", ["1.278820", "2.124029", "3.192110"]),
    ] {
        assert_printed(marginal.mean, mean);
        assert_printed(marginal.variance.sqrt(), sd);
        for (p, quantile) in [0.025, 0.5, 0.975].into_iter().zip(quantiles) {
            assert_printed(marginal.quantile(p), quantile);
        }
    }
}

/// Half as many panels again change nothing, in any problem: the quadrature's error is far below every standard error.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn the_quadrature_has_converged() {
    for (name, problem) in others().into_iter().chain([("default", default_problem())]) {
        let figures = |exact: &Exact| {
            let of = |m: &Marginal| [m.mean, m.variance, m.fourth, m.quantile(0.01), m.quantile(0.8)];
            [&of(&exact.mu)[..], &of(&exact.sigma), &[exact.acceptance_rate]].concat()
        };
        let (coarse, fine) = (figures(&Exact::new(&problem)), figures(&Exact::with_panels(&problem, 72)));
        for (coarse, fine) in coarse.iter().zip(&fine) {
            assert!((coarse - fine).abs() < 1e-8 * fine.abs(), "{name}: {coarse} and {fine}");
        }
    }
}

/// Without tolerances the posterior is the prior.
#[test]
fn free_summaries_leave_the_prior() {
    let problem = Problem {
        data: vec![1.0, 2.0],
        mu: Prior::student_t(2.5, -3.0, 0.7),
        sigma: Prior::lognormal(-1.0, 0.9),
        rule: Rule::Each { mean: f64::INFINITY, sd: f64::INFINITY },
    };
    let Draws { mu, sigma, simulations } = Draws::of_abc(Some(&problem.run_file()), 3000, &SEEDS);
    assert_eq!(simulations, 9000);
    let (t, lognormal) = (StudentsT::new(-3.0, 0.7, 2.5).unwrap(), LogNormal::new(-1.0, 0.9).unwrap());
    assert!(ks_test(&mu, |x| t.cdf(x)) > ALPHA);
    assert!(ks_test(&sigma, |x| lognormal.cdf(x)) > ALPHA);
    let confused = StudentsT::new(-3.0, 0.7f64.sqrt(), 2.5).unwrap();
    assert!(ks_test(&mu, |x| confused.cdf(x)) < ALPHA);
}

fn compare_others(draws: u64) {
    for (name, problem) in others() {
        let draws = Draws::of_abc(Some(&problem.run_file()), draws, &SEEDS);
        Comparison::new(&draws, &Exact::new(&problem)).assert_right(name);
    }
}

#[test]
fn other_problems() {
    compare_others(1000);
}

#[test]
#[ignore = "takes long in a debug build: scripts/test"]
fn other_problems_with_many_draws() {
    compare_others(30_000);
}

#[test]
fn default_problem_with_few_draws() {
    let draws = Draws::of_abc(None, 150, &SEEDS);
    Comparison::new(&draws, &Exact::new(&default_problem())).assert_right("the default problem");
}

#[test]
#[ignore = "takes long in a debug build: scripts/test"]
fn default_problem_with_all_its_draws() {
    let draws = Draws::of_abc(None, 10_000, &SEEDS);
    Comparison::new(&draws, &Exact::new(&default_problem())).assert_right("the default problem");
}
