//! Disasters in coal mines: given the switchpoint all else is conjugate, so the posterior is known in closed form.

use super::chains::{Draws, Plan};
use super::comparison::{Comparison, Expectation};
use super::replaced::Replaced;
use super::{FEW, MANY, SEEDS};
use crate::statistics::{chi_square_test, correlation_test};
use ensample::distribution::Poisson;
use ensample::mcmc::Order;
use ensample::mcmc::models::{Disaster, DisasterPriors};
use ensample::stream::Stream;
use libm::lgamma;
use statrs::distribution::{ContinuousCDF, Gamma};

/// From 1851 to 1961 (Jarrett 1979).
const COUNTS: [u8; 111] = [
    4, 5, 4, 0, 1, 4, 3, 4, 0, 6, 3, 3, 4, 0, 2, 6, 3, 3, 5, 4, 5, 3, 1, 4, 4, 1, 5, 5, 3, 4, 2, 5, 2, 2, 3, 4, 2, 1,
    3, 2, 2, 1, 1, 1, 1, 3, 0, 0, 1, 0, 1, 1, 0, 0, 3, 1, 0, 3, 2, 2, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0,
    1, 1, 0, 2, 3, 3, 1, 1, 2, 1, 1, 1, 1, 2, 4, 2, 0, 0, 1, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1,
];
const FIRST_YEAR: f64 = 1851.0;
pub const MISSING: [f64; 2] = [1890.0, 1934.0];

fn years() -> Vec<f64> {
    (0..111).map(|place| FIRST_YEAR + f64::from(place)).collect()
}

/// The counts, NaN in some years.
fn counts(missing: &[f64]) -> Vec<f64> {
    let known = |(count, year)| if missing.contains(&year) { f64::NAN } else { f64::from(count) };
    COUNTS.into_iter().zip(years()).map(known).collect()
}

pub fn model(missing: &[f64]) -> Disaster {
    Disaster::new(years(), counts(missing), DisasterPriors::default()).unwrap()
}

/// The posterior: for each switchpoint its probability, and shapes and rates of both means' gamma distributions.
/// Missing years count for neither regime.
struct Exact(Vec<(f64, [(f64, f64); 2])>);

impl Exact {
    fn new(counts: &[f64]) -> Exact {
        let regime = |counts: &[f64]| {
            let known: Vec<f64> = counts.iter().copied().filter(|count| !count.is_nan()).collect();
            (1.0 + known.iter().sum::<f64>(), 1.0 + known.len() as f64)
        };
        // ∫ exponential(mean) ∏ Poisson(count; mean) is Γ(shape) / rate^shape, up to factors that are the same for all.
        let ln_evidence = |(shape, rate): (f64, f64)| lgamma(shape) - shape * rate.ln();
        let at = |place: usize| {
            let (early, late) = counts.split_at(place + 1);
            let regimes = [regime(early), regime(late)];
            (ln_evidence(regimes[0]) + ln_evidence(regimes[1]), regimes)
        };
        let mut all: Vec<_> = (0..counts.len()).map(at).collect();
        let largest = all.iter().fold(f64::NEG_INFINITY, |largest, (ln, _)| largest.max(*ln));
        all.iter_mut().for_each(|(ln, _)| *ln = (*ln - largest).exp());
        let total: f64 = all.iter().map(|(p, _)| p).sum();
        all.iter_mut().for_each(|(p, _)| *p /= total);
        Exact(all)
    }

    /// The expectation of a function of the switchpoint's year and the regimes' shapes and rates.
    fn mean(&self, of: impl Fn(f64, &[(f64, f64); 2]) -> f64) -> f64 {
        self.0.iter().enumerate().map(|(place, (p, regimes))| p * of(FIRST_YEAR + place as f64, regimes)).sum()
    }

    fn mean_and_variance(&self, regime: usize) -> (f64, f64) {
        let mean = self.mean(|_, regimes| regimes[regime].0 / regimes[regime].1);
        let square = self.mean(|_, regimes| regimes[regime].0 * (regimes[regime].0 + 1.0) / regimes[regime].1.powi(2));
        (mean, square - mean * mean)
    }

    fn below(&self, regime: usize, x: f64) -> f64 {
        self.mean(|_, regimes| Gamma::new(regimes[regime].0, regimes[regime].1).unwrap().cdf(x))
    }

    /// The expectation of a function of the shape and rate to which the mean of `year` belongs.
    fn in_year(&self, year: f64, of: impl Fn(f64, f64) -> f64) -> f64 {
        self.mean(|switchpoint, regimes| {
            let (shape, rate) = regimes[usize::from(year > switchpoint)];
            of(shape, rate)
        })
    }

    fn expectations(&self, quantiles: &[[f64; 3]; 2], missing: &[f64]) -> Vec<Expectation> {
        let year = self.mean(|year, _| year);
        let mut all = Expectation::moments("switchpoint", 0, year, self.mean(|y, _| (y - year).powi(2)));
        let means = [0, 1].map(|regime| self.mean_and_variance(regime).0);
        for (regime, name) in ["early", "late"].into_iter().enumerate() {
            let (mean, variance) = self.mean_and_variance(regime);
            all.extend(Expectation::moments(name, 1 + regime, mean, variance));
            let covariance = self.mean(|y, regimes| (y - year) * regimes[regime].0 / regimes[regime].1);
            let name_of_both = format!("covariance of switchpoint and {name}");
            all.push(Expectation::covariance(&name_of_both, (0, year), (1 + regime, mean), covariance));
            let below = |x: &f64| Expectation::below(name, 1 + regime, (*x, self.below(regime, *x)));
            all.extend(quantiles[regime].iter().map(below));
        }
        let product = self.mean(|_, [early, late]| early.0 / early.1 * late.0 / late.1);
        let covariance = product - means[0] * means[1];
        all.push(Expectation::covariance("covariance of early and late", (1, means[0]), (2, means[1]), covariance));
        for (number, missing) in missing.iter().enumerate() {
            // The imputed count is Poisson: its mean is m = E(rate), its variance m + Var(rate).
            let mean = self.in_year(*missing, |shape, rate| shape / rate);
            let square = self.in_year(*missing, |shape, rate| shape * (shape + 1.0) / rate.powi(2));
            let name = format!("imputed {missing}");
            all.extend(Expectation::moments(&name, 3 + number, mean, mean + square - mean * mean));
            let none = self.in_year(*missing, |shape, rate| (rate / (rate + 1.0)).powf(shape));
            all.push(Expectation::below(&name, 3 + number, (0.0, none)));
        }
        all
    }
}

/// What an independent computation gave for a series.
struct Known {
    missing: &'static [f64],
    /// Mean and standard deviation of the switchpoint, early, late.
    moments: [(f64, f64); 3],
    /// At 2.5, 50 and 97.5 %, of early and late.
    quantiles: [[f64; 3]; 2],
}

const FULL: Known = Known {
    missing: &[],
    moments: [(1890.00276, 2.45375), (3.066227, 0.284838), (0.936064, 0.117842)],
    quantiles: [[2.53617, 3.05644, 3.65202], [0.71857, 0.93143, 1.17989]],
};

const WITH_MISSING: Known = Known {
    missing: &MISSING,
    moments: [(1889.78410, 2.44056), (3.087042, 0.286023), (0.931733, 0.117479)],
    quantiles: [[2.55340, 3.07771, 3.67382], [0.71512, 0.92703, 1.17506]],
};

#[test]
fn the_closed_form_gives_the_known_figures() {
    let near = |value: f64, known: f64, within: f64| assert!((value - known).abs() < within, "{value} {known}");
    for Known { missing, moments, quantiles } in [FULL, WITH_MISSING] {
        let exact = Exact::new(&counts(missing));
        let year = exact.mean(|year, _| year);
        near(year, moments[0].0, 6e-6);
        near(exact.mean(|y, _| (y - year).powi(2)).sqrt(), moments[0].1, 6e-6);
        assert_eq!(exact.0.iter().map(|(p, _)| p).max_by(|a, b| a.total_cmp(b)).unwrap(), &exact.0[1891 - 1851].0);
        for regime in [0, 1] {
            let (mean, variance) = exact.mean_and_variance(regime);
            near(mean, moments[1 + regime].0, 6e-7);
            near(variance.sqrt(), moments[1 + regime].1, 6e-7);
            for (x, p) in quantiles[regime].iter().zip([0.025, 0.5, 0.975]) {
                near(exact.below(regime, *x), p, 3e-5);
            }
        }
    }
    let exact = Exact::new(&counts(&MISSING));
    for (year, p) in (1886..).zip([0.09226, 0.11013, 0.04113, 0.17034, 0.17034, 0.22080, 0.08748, 0.03581]) {
        near(exact.0[year - 1851].0, p, 6e-6);
    }
    for (year, mean) in MISSING.into_iter().zip([2.15221, 0.93173]) {
        near(exact.in_year(year, |shape, rate| shape / rate), mean, 6e-6);
    }
}

fn compare(plan: &Plan, order: Order, seeds: &[u64]) {
    for Known { missing, quantiles, .. } in [FULL, WITH_MISSING] {
        let expectations = Exact::new(&counts(missing)).expectations(&quantiles, missing);
        let draws = Draws::new(model(missing), order, seeds, plan);
        Comparison::new(&draws, &expectations).assert_right("disaster");
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

/// That of the counts that are known.
#[test]
fn lp_is_that_of_the_model() {
    let known = counts(&MISSING);
    let ln_density = |row: &[f64]| {
        let mean = |year: f64| if year <= row[0] { row[1] } else { row[2] };
        let pairs = known.iter().zip(years()).filter(|(count, _)| !count.is_nan());
        pairs.map(|(count, year)| count * mean(year).ln() - mean(year)).sum::<f64>() - row[1] - row[2]
    };
    let draws = Draws::new(model(&MISSING), Order::Fixed, &SEEDS[..1], &FEW);
    let off = |row: &[f64]| row[5] - ln_density(row);
    let first = off(draws.rows().next().unwrap());
    assert!(draws.rows().all(|row| (off(row) - first).abs() < 1e-9));
}

/// The p-values of two tests: whether the switchpoint has its distribution, and whether draws are independent, as far
/// as the correlation of consecutive ones tells, which the first test supposes.
fn switchpoint_tests(draws: &Draws, missing: &[f64]) -> (f64, f64) {
    let mut found = [0; COUNTS.len()];
    draws.rows().for_each(|row| found[(row[0] - FIRST_YEAR) as usize] += 1);
    let total = draws.rows().count() as f64;
    let expected: Vec<f64> = Exact::new(&counts(missing)).0.iter().map(|(p, _)| p * total).collect();
    let years: Vec<f64> = draws.rows().map(|row| row[0]).collect();
    (chi_square_test(&found, &expected), correlation_test(&years[1..], &years[..years.len() - 1]))
}

/// Draws are rejected below this p-value: six right samplers bring a false alarm, after a change of streams, with a
/// probability below 1.2e-4 (two tests each).
const ALPHA: f64 = 1e-5;

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn the_switchpoint_has_its_distribution() {
    let plan = Plan { chains: 4, warmup: 1000, thin: 40, draws: 2500 };
    for missing in [&[][..], &MISSING] {
        for seed in SEEDS {
            let draws = Draws::new(model(missing), Order::Fixed, &[seed], &plan);
            let (fit, independence) = switchpoint_tests(&draws, missing);
            assert!(fit > ALPHA && independence > ALPHA, "{fit} {independence}");
        }
    }
}

/// What can be wrong in a hand-made sampler.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    None,
    /// The year of the switch counts for the late regime in the switchpoint's distribution.
    OffByOne,
    /// The rate of the early mean's gamma distribution is used as a scale.
    ScaleForRate,
    /// A missing count is imputed from the other regime.
    OtherRegime,
}

/// All blocks, written once more: all years' log-likelihoods one by one.
fn by_hand(missing: &'static [f64], mistake: Mistake) -> impl Fn(usize, &mut [f64], &mut Stream) -> bool {
    let (years, known) = (years(), counts(missing));
    move |block, row, stream| {
        let mut counts = known.clone();
        let mut imputed = row[3..].iter();
        counts.iter_mut().filter(|count| count.is_nan()).for_each(|count| *count = *imputed.next().unwrap());
        let place = (row[0] - FIRST_YEAR) as usize;
        match block {
            0 => row[0] = years[switchpoint(&counts, row[1], row[2], mistake, stream)],
            1 => row[1] = regime_mean(&counts[..=place], mistake, stream),
            2 => row[2] = regime_mean(&counts[place + 1..], Mistake::None, stream),
            _ => {
                for (number, year) in missing.iter().enumerate() {
                    let is_late = (*year > row[0]) != (mistake == Mistake::OtherRegime);
                    row[3 + number] = Poisson::new(row[1 + usize::from(is_late)]).unwrap().sample(stream);
                }
            }
        }
        true
    }
}

fn switchpoint(counts: &[f64], early: f64, late: f64, mistake: Mistake, stream: &mut Stream) -> usize {
    let ln_mass = |count: f64, mean: f64| count * mean.ln() - mean;
    // The likelihood of a switch in the first year, then in each next one.
    let early_years = usize::from(mistake != Mistake::OffByOne);
    let mut ln: f64 = counts[..early_years].iter().map(|count| ln_mass(*count, early)).sum();
    ln += counts[early_years..].iter().map(|count| ln_mass(*count, late)).sum::<f64>();
    let mut all = vec![ln];
    for count in &counts[early_years..counts.len() - 1 + early_years] {
        ln += ln_mass(*count, early) - ln_mass(*count, late);
        all.push(ln);
    }
    let largest = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = all.iter().map(|ln| (ln - largest).exp()).collect();
    let mut left = stream.uniform() * weights.iter().sum::<f64>();
    let passed = |weight: &f64| {
        left -= weight;
        left < 0.0
    };
    weights.iter().position(passed).unwrap_or(0)
}

fn regime_mean(counts: &[f64], mistake: Mistake, stream: &mut Stream) -> f64 {
    let (shape, rate) = (1.0 + counts.iter().sum::<f64>(), 1.0 + counts.len() as f64);
    let rate = if mistake == Mistake::ScaleForRate { 1.0 / rate } else { rate };
    ensample::distribution::Gamma::new(shape, rate).unwrap().sample(stream)
}

fn draws_by_hand(missing: &'static [f64], mistake: Mistake, plan: &Plan) -> Draws {
    let replaced = Replaced { model: model(missing), by: by_hand(missing, mistake) };
    Draws::new(replaced, Order::Fixed, &SEEDS[..1], plan)
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn mistakes_are_rejected() {
    let plan = Plan { draws: 10_000, ..MANY };
    let compare = |Known { missing, quantiles, .. }: Known, mistake| {
        let expectations = Exact::new(&counts(missing)).expectations(&quantiles, missing);
        Comparison::new(&draws_by_hand(missing, mistake, &plan), &expectations)
    };
    compare(WITH_MISSING, Mistake::None).assert_right("by hand");
    compare(WITH_MISSING, Mistake::OffByOne).assert_wrong("off by one", &["mean of switchpoint"]);
    let imputed = ["mean of imputed 1890", "mean of imputed 1934"];
    compare(WITH_MISSING, Mistake::OtherRegime).assert_wrong("other regime", &imputed);
    compare(FULL, Mistake::ScaleForRate).assert_wrong("scale for rate", &["mean of early"]);

    let plan = Plan { chains: 4, warmup: 1000, thin: 40, draws: 500 };
    let fit = |mistake| switchpoint_tests(&draws_by_hand(&MISSING, mistake, &plan), &MISSING).0;
    assert!(fit(Mistake::None) > ALPHA);
    assert!(fit(Mistake::OffByOne) < ALPHA);
}
