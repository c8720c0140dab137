//! The scale that a pilot finds.

use super::SEEDS;
use super::comparison::ALPHA;
use super::exact::{Prior, Problem, Rule};
use crate::abc::run::Run;
use crate::statistics::z_test;
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// The weights of a distance with scale "mad" are the inverse median absolute deviations of the summaries under the
/// prior, as exact as a pilot of that length allows: within 4.4 standard errors.
///
/// Under the priors mu ~ N(a, b²) and sigma ~ U(0, c), the mean of n values is symmetric about a, with the distribution
/// function E Φ((x − a) / √(b² + sigma² / n)). The standard deviation is sigma times the root of a chi-square variable
/// over n. The estimate's influence function gives its standard error: for a distribution function F with density f,
/// median M and deviation m, it is −[1(|x − M| ≤ m) − 1/2 + (f₊ − f₋) sign(x − M) / (2 f(M))] / (f₊ + f₋), where f± =
/// f(M ± m).
#[test]
fn the_pilot_finds_the_scale() {
    let (n, a, b, c) = (5, 1.0, 2.0, 6.0);
    let problem = Problem {
        data: vec![0.5, 1.5, 2.5, 0.0, 3.0],
        mu: Prior::normal(a, b),
        sigma: Prior::uniform(0.0, c),
        rule: Rule::Each { mean: 1.0, sd: 1.0 },
    };
    let pilot = 40_000;
    let asked = problem.run_file_without_rule()
        + &format!("[distance]\npilot = {pilot}\nweights = {{ sd = 3 }}\ntolerance = inf\n");
    let count = f64::from(n);
    let over_sigma =
        |f: &dyn Fn(f64) -> f64| (0..2000).map(|i| f(c * (f64::from(i) + 0.5) / 2000.0)).sum::<f64>() / 2000.0;
    let square = ChiSquared::new(count - 1.0).unwrap();
    let standard = Normal::standard();
    let mean_cdf = |x: f64| over_sigma(&|sigma| standard.cdf((x - a) / (b * b + sigma * sigma / count).sqrt()));
    let sd_cdf = |x: f64| if x > 0.0 { over_sigma(&|sigma| square.cdf(count * (x / sigma).powi(2))) } else { 0.0 };
    let exact = [mad(&mean_cdf, pilot), mad(&sd_cdf, pilot)];
    for seed in SEEDS {
        let run = Run::complete(Some(&asked), &["--draws", "2", "--seed", &seed.to_string()]);
        let weights = run.values::<f64>("sample_stats/weight");
        for ((mad, error), found) in exact.iter().zip([1.0 / weights[0], 3.0 / weights[1]]) {
            assert!(z_test(found, *mad, *error) > ALPHA, "{found} is not {mad} ± {error}");
            assert!(z_test(found * 1.05, *mad, *error) < ALPHA, "an error of 5 % would be missed");
        }
    }
}

/// The median absolute deviation of a distribution, and the standard error of its estimate from `count` values.
fn mad(cdf: &dyn Fn(f64) -> f64, count: u32) -> (f64, f64) {
    let solve = |f: &dyn Fn(f64) -> f64, (mut low, mut high): (f64, f64)| {
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            *(if f(middle) < 0.5 { &mut low } else { &mut high }) = middle;
        }
        low
    };
    let median = solve(cdf, (-100.0, 100.0));
    let mad = solve(&|m| cdf(median + m) - cdf(median - m), (0.0, 100.0));
    let density = |x: f64| (cdf(x + 1e-4) - cdf(x - 1e-4)) / 2e-4;
    let (above, below) = (density(median + mad), density(median - mad));
    let tilt = (above - below) / (2.0 * density(median));
    let influence = |inside: f64, side: f64| (inside - 0.5 + side * tilt) / (above + below);
    // Probability, whether |x − M| ≤ m, and the side of M.
    let left = cdf(median - mad);
    let regions = [(left, 0.0, -1.0), (0.5 - left, 1.0, -1.0), (left, 1.0, 1.0), (0.5 - left, 0.0, 1.0)];
    let variance: f64 = regions.iter().map(|(p, inside, side)| p * influence(*inside, *side).powi(2)).sum();
    (mad, (variance / f64::from(count)).sqrt())
}
