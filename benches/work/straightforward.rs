//! The main kernels as they are written without this library: one value at a time, with `rand_xoshiro` and `rand_distr`.
#![expect(clippy::disallowed_methods, reason = "these results need not have the same bits on every machine")]

use super::ours::{Run, coal_mines, data, observations};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Normal, Poisson, StandardNormal, Uniform};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::hint::black_box;

pub struct Kernel {
    /// As the library's kernel.
    pub name: &'static str,
    /// How many items are made at a time.
    pub items: u64,
    /// Sets up what makes them and gives the mean of something over them.
    begin: fn() -> Run<'static>,
    /// What that mean is, and about five standard errors over 200 runs.
    known: (f64, f64),
}

pub const KERNELS: [Kernel; 6] = [
    Kernel { name: "normal", items: VALUES, begin: normal, known: (1.0, 0.1) },
    Kernel { name: "simulation", items: TIMES, begin: simulations, known: (0.001156, 0.0004) },
    Kernel { name: "bivariate", items: TIMES, begin: bivariate, known: (0.65106, 0.006) },
    Kernel { name: "disaster", items: TIMES, begin: disaster, known: (3.088, 0.01) },
    Kernel { name: "mean25", items: MANY, begin: || resamples(25, MANY), known: (504.88, 0.2) },
    Kernel { name: "mean1e6", items: 1, begin: || resamples(1_000_000, 1), known: (504.0, 0.12) },
];

const VALUES: u64 = 4096;
const TIMES: u64 = 1000;
const MANY: u64 = 10_000;

impl Kernel {
    /// Sets up, and looks whether that does what it should.
    pub fn begin(&self) -> Run<'static> {
        let mut run = (self.begin)();
        let mean = (0..200).map(|_| run()).sum::<f64>() / 200.0;
        let (known, error) = self.known;
        assert!((mean - known).abs() < error, "{}: the mean is {mean}, not {known}", self.name);
        run
    }
}

fn generator() -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(1)
}

/// The mean square of a few.
fn normal() -> Run<'static> {
    let mut rng = generator();
    let mut values = vec![0.0; VALUES as usize];
    Box::new(move || {
        for value in black_box(&mut values) {
            *value = rng.sample(StandardNormal);
        }
        values[..16].iter().map(|x| x * x).sum::<f64>() / 16.0
    })
}

/// The share of simulations that are accepted.
fn simulations() -> Run<'static> {
    let (observed_mean, observed_sd) = mean_and_sd(&observations());
    let mut rng = generator();
    let (mu_prior, sigma_prior) = (Normal::new(0.0, 10.0).unwrap(), Uniform::new(0.0, 20.0).unwrap());
    Box::new(move || {
        let mut accepted = 0;
        for _ in 0..TIMES {
            let (mu, sigma) = (mu_prior.sample(&mut rng), sigma_prior.sample(&mut rng));
            let model = Normal::new(mu, sigma).unwrap();
            let values: Vec<f64> = (0..50).map(|_| model.sample(&mut rng)).collect();
            let (mean, sd) = mean_and_sd(&values);
            if (mean - observed_mean).abs() < 0.2 && (sd - observed_sd).abs() < 0.8 {
                accepted += 1;
            }
        }
        f64::from(accepted) / TIMES as f64
    })
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

/// The mean of x.
fn bivariate() -> Run<'static> {
    let mut rng = generator();
    let mut y: f64 = 0.0;
    Box::new(move || {
        let mut sum = 0.0;
        for _ in 0..TIMES {
            let x = Gamma::new(3.0, 1.0 / (y * y + 4.0)).unwrap().sample(&mut rng);
            y = Normal::new(1.0 / (1.0 + x), 1.0 / (2.0 * (1.0 + x)).sqrt()).unwrap().sample(&mut rng);
            sum += x;
        }
        sum / TIMES as f64
    })
}

/// The mean of `early`.
fn disaster() -> Run<'static> {
    let mut rng = generator();
    let [_, mut counts] = coal_mines();
    let missing: Vec<usize> = (0..counts.len()).filter(|place| counts[*place].is_nan()).collect();
    missing.iter().for_each(|place| counts[*place] = 1.0);
    let (mut early, mut late): (f64, f64) = (3.0, 1.0);
    Box::new(move || {
        let mut sum_of_early = 0.0;
        for _ in 0..TIMES {
            let mut sum = 0.0;
            let mut weights = Vec::with_capacity(counts.len());
            for (place, count) in counts.iter().enumerate() {
                sum += count;
                weights.push(sum * (early / late).ln() - (place + 1) as f64 * (early - late));
            }
            let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut total = 0.0;
            for weight in &mut weights {
                total += (*weight - largest).exp();
                *weight = total;
            }
            let chosen = total * rng.random::<f64>();
            let switchpoint = weights.partition_point(|cumulative| *cumulative < chosen);
            let (before, after) = counts.split_at(switchpoint + 1);
            let mut mean = |counts: &[f64]| {
                let sum: f64 = counts.iter().sum();
                Gamma::new(1.0 + sum, 1.0 / (1.0 + counts.len() as f64)).unwrap().sample(&mut rng)
            };
            (early, late) = (mean(before), mean(after));
            for place in &missing {
                let mean = if *place <= switchpoint { early } else { late };
                counts[*place] = Poisson::new(mean).unwrap().sample(&mut rng);
            }
            sum_of_early += early;
        }
        sum_of_early / TIMES as f64
    })
}

/// The mean of the replicates, which are means of resamples.
fn resamples(rows: usize, resamples: u64) -> Run<'static> {
    let values = data(rows);
    let mut rng = generator();
    Box::new(move || {
        let replicate = |_| {
            let sum: f64 = (0..rows).map(|_| values[rng.random_range(0..rows)]).sum();
            sum / rows as f64
        };
        let replicates: Vec<f64> = (0..resamples).map(replicate).collect();
        replicates.iter().sum::<f64>() / resamples as f64
    })
}
