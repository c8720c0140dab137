//! Draws against expectations that are known exactly.

use super::chains::Draws;
use crate::statistics::mean;

/// An expectation is rejected when the mean over the draws is this many Monte Carlo standard errors (MCSE) off.
///
/// MCSEs come from batch means: 50 consecutive batches in each of four chains for each seed. A deviation in MCSEs is
/// thus a t variable, of 599 degrees of freedom for three seeds, of 199 for one, where batches are long against the
/// autocorrelation; it is beyond 4.5 with probabilities 8e-6 and 1.2e-5. This program compares fewer than 1300
/// expectations of samplers that are right. So a change of the random streams, after which each of them is new, brings
/// a false alarm with a probability below 1.5 %.
///
/// The power: an expectation that is 4.5 MCSEs off is rejected with probability 1/2, one that is 5.8 off with
/// probability 0.9. An MCSE is the standard deviation divided by the root of the effective sample size, which for three
/// seeds of 200,000 draws is above 100,000: a mean must not be off by more than 1.8 % of a standard deviation. (4.5
/// MCSEs of three seeds together are 2.6 of one.)
pub const LIMIT: f64 = 4.5;

const BATCHES: usize = 50;

/// Of a row of draws.
type Function = Box<dyn Fn(&[f64]) -> f64>;

/// The expectation of a function of the draw.
pub struct Expectation {
    pub name: String,
    pub of: Function,
    pub value: f64,
}

impl Expectation {
    pub fn new(name: impl Into<String>, value: f64, of: impl Fn(&[f64]) -> f64 + 'static) -> Self {
        Expectation { name: name.into(), of: Box::new(of), value }
    }

    /// The probability `p` that the value at `place` is at most `x`.
    pub fn below(name: &str, place: usize, (x, p): (f64, f64)) -> Self {
        Expectation::new(format!("{name} below {x:.4}"), p, move |row| f64::from(u8::from(row[place] <= x)))
    }

    /// The covariance of the values at two places; a variance, when they are the same.
    pub fn covariance(name: &str, (i, mean_i): (usize, f64), (j, mean_j): (usize, f64), value: f64) -> Self {
        Expectation::new(name, value, move |row| (row[i] - mean_i) * (row[j] - mean_j))
    }

    /// The mean and the variance of the value at `place`.
    pub fn moments(name: &str, place: usize, mean: f64, variance: f64) -> Vec<Self> {
        let at = (place, mean);
        let variance = Expectation::covariance(&format!("variance of {name}"), at, at, variance);
        vec![Expectation::new(format!("mean of {name}"), mean, move |row| row[place]), variance]
    }
}

/// How many MCSEs off the draws' means are.
pub struct Comparison(Vec<(String, f64)>);

impl Comparison {
    pub fn new(draws: &Draws, expectations: &[Expectation]) -> Self {
        let deviation = |expectation: &Expectation| {
            let batches: Vec<f64> =
                draws.chains.iter().flat_map(|chain| batch_means(chain, draws.width, &*expectation.of)).collect();
            let (n, centre) = (batches.len() as f64, mean(&batches));
            let variance = batches.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (n - 1.0);
            (expectation.name.clone(), (centre - expectation.value) / (variance / n).sqrt())
        };
        Comparison(expectations.iter().map(deviation).collect())
    }

    /// The expectations that reject the draws.
    pub fn rejections(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, off)| off.is_nan() || off.abs() > LIMIT).map(|(name, _)| name.as_str()).collect()
    }

    /// None rejects the draws.
    #[track_caller]
    pub fn assert_right(&self, what: &str) {
        assert!(self.rejections().is_empty(), "{what}: {:?} reject the draws: {:?}", self.rejections(), self.0);
    }

    /// Each of these rejects the draws.
    #[track_caller]
    pub fn assert_wrong(&self, what: &str, names: &[&str]) {
        for name in names {
            assert!(self.rejections().contains(name), "{what}: '{name}' misses the error: {:?}", self.0);
        }
    }
}

/// The means of a function over consecutive batches of a chain's draws; draws that are left over at the end don't
/// count.
fn batch_means(chain: &[f64], width: usize, of: &dyn Fn(&[f64]) -> f64) -> Vec<f64> {
    let size = chain.len() / width / BATCHES;
    let batch = |rows: &[f64]| rows.chunks_exact(width).map(of).sum::<f64>() / size as f64;
    chain.chunks_exact(size * width).map(batch).collect()
}
