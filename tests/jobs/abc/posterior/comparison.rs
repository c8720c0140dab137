//! Draws against the exact posterior.

use super::exact::{Exact, Marginal};
use crate::abc::run::Run;
use crate::statistics::{chi_square_test, ks_test, mean, z_test};

/// Draws are rejected when a p-value is below this.
///
/// All tests of this program together look at fewer than 300 p-values of draws that are right. So a change of the
/// random streams, after which every one of them is new, brings a false alarm with a probability below 0.3 %.
///
/// The power at this level, for N draws: an estimate whose expectation is 4.4 standard errors off is rejected with
/// probability 1/2, one that is 5.7 off with probability 0.9; a distribution function that is 2.5 / √N off somewhere
/// is rejected with probability above 1/2 by the Kolmogorov-Smirnov test (0.045 off at N = 3000, 0.014 at N = 30,000).
/// For the default problem and 30,000 draws, 5.7 standard errors are 0.011 in the mean of mu, 0.017 in the mean of
/// sigma, and 3.3 % of the acceptance rate.
pub const ALPHA: f64 = 1e-5;

/// Accepted draws, and how many simulations there were up to the last of them.
#[derive(Clone, Default)]
pub struct Draws {
    pub mu: Vec<f64>,
    pub sigma: Vec<f64>,
    pub simulations: u64,
}

impl Draws {
    pub fn push(&mut self, (mu, sigma): (f64, f64)) {
        self.mu.push(mu);
        self.sigma.push(sigma);
    }

    /// Those of runs of `abc` with each of these seeds, one after the other. (None for the default problem.)
    pub fn of_abc(run_file: Option<&str>, draws: u64, seeds: &[u64]) -> Draws {
        let run = |seed: &u64| Run::complete(run_file, &["--seed", &seed.to_string(), "--draws", &draws.to_string()]);
        // At the same time: a run of few draws is mostly the start of MPI.
        let runs = std::thread::scope(|scope| {
            let threads: Vec<_> = seeds.iter().map(|seed| scope.spawn(move || run(seed))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        let mut all = Draws::default();
        for run in runs {
            let found = run.draws();
            assert_eq!(found.len() as u64, draws);
            found.into_iter().for_each(|draw| all.push(draw));
            all.simulations += run.count("simulations");
        }
        all
    }
}

/// The p-values of draws under the hypothesis that they are right.
pub struct Comparison(Vec<(&'static str, f64)>);

impl Comparison {
    /// - Kolmogorov-Smirnov tests of both marginal distributions;
    /// - a chi-square test of the joint distribution, on some fifty rectangles in lines of about the same probability;
    /// - the means, whose standard errors are σ / √N, σ being the exact posterior's standard deviation;
    /// - the variances, whose standard errors are √((m4 − σ⁴) / N), m4 being its fourth central moment;
    /// - the acceptance rate p, by the number of simulations that N acceptances take: it is negative binomial, with
    ///   mean N / p and standard deviation √(N (1 − p)) / p.
    pub fn new(draws: &Draws, exact: &Exact) -> Comparison {
        let Draws { mu, simulations, .. } = draws;
        let (n, p) = (mu.len() as f64, exact.acceptance_rate);
        let needed = z_test(*simulations as f64, n / p, (n * (1.0 - p)).sqrt() / p);
        Comparison([Comparison::of_shape(draws, exact).0, vec![("simulations", needed)]].concat())
    }

    /// The same without the acceptance rate.
    pub fn of_shape(draws: &Draws, exact: &Exact) -> Comparison {
        let Draws { mu, sigma, .. } = draws;
        let n = mu.len() as f64;
        let cells = exact.cells(8);
        let mut counts = vec![0; cells.probabilities.len()];
        mu.iter().zip(sigma).for_each(|(mu, sigma)| counts[cells.of(*mu, *sigma)] += 1);
        let expected: Vec<f64> = cells.probabilities.iter().map(|p| p * n).collect();
        let mean_test = |x: &[f64], exact: &Marginal| z_test(mean(x), exact.mean, (exact.variance / n).sqrt());
        let variance_test = |x: &[f64], exact: &Marginal| {
            let squares: Vec<f64> = x.iter().map(|x| (x - exact.mean).powi(2)).collect();
            z_test(mean(&squares), exact.variance, ((exact.fourth - exact.variance.powi(2)) / n).sqrt())
        };
        Comparison(vec![
            ("mu", ks_test(mu, |x| exact.mu.cdf(x))),
            ("sigma", ks_test(sigma, |x| exact.sigma.cdf(x))),
            ("cells", chi_square_test(&counts, &expected)),
            ("mean of mu", mean_test(mu, &exact.mu)),
            ("mean of sigma", mean_test(sigma, &exact.sigma)),
            ("variance of mu", variance_test(mu, &exact.mu)),
            ("variance of sigma", variance_test(sigma, &exact.sigma)),
        ])
    }

    /// The tests that reject the draws.
    pub fn rejections(&self) -> Vec<&'static str> {
        self.0.iter().filter(|(_, p)| p.is_nan() || *p < ALPHA).map(|(name, _)| *name).collect()
    }

    /// No test rejects the draws.
    #[track_caller]
    pub fn assert_right(&self, what: &str) {
        assert!(self.rejections().is_empty(), "{what}: {:?} reject the draws: {:?}", self.rejections(), self.0);
    }

    /// Each of these tests rejects the draws.
    #[track_caller]
    pub fn assert_wrong(&self, what: &str, tests: &[&str]) {
        for test in tests {
            assert!(self.rejections().contains(test), "{what}: {test} misses the error: {:?}", self.0);
        }
    }
}
