//! A normal sample.

use crate::abc::{Simulator, Staged};
use crate::error::{Error, Result};
use crate::stream::Stream;
use std::cell::RefCell;

/// x_1 to x_n ~ N(mu, sigma²), independent; summarised by their mean and standard deviation (divisor n).
///
/// The mean and variance of a normal sample are independent, so its ABC posterior is known in closed form, up to a
/// normalising constant. A draw from a prior that allows a negative sigma is never accepted.
#[derive(Clone, Debug)]
pub struct Normal {
    observations: Vec<f64>,
}

impl Normal {
    /// The model for these observations.
    ///
    /// # Errors
    /// With fewer than two observations, which have no standard deviation.
    pub fn new(observations: Vec<f64>) -> Result<Self> {
        match observations.len() {
            0 | 1 => Err(Error::other("the model 'normal' needs at least two observations")),
            _ => Ok(Normal { observations }),
        }
    }
}

thread_local! {
    /// A simulated sample, kept so that a simulation allocates nothing.
    static SAMPLE: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

impl Simulator for Normal {
    fn parameters(&self) -> Vec<&str> {
        vec!["mu", "sigma"]
    }

    fn summaries(&self) -> Vec<&str> {
        vec!["mean", "sd"]
    }

    fn observed(&self, summary: &mut [f64]) -> Result<()> {
        (summary[0], summary[1]) = mean_and_sd(&self.observations);
        Ok(())
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
        SAMPLE.with_borrow_mut(|sample| {
            sample.resize(self.observations.len(), 0.0);
            stream.fill_normal(sample);
            summarise(theta, sample, summary);
        });
        Ok(())
    }
}

impl Staged for Normal {
    /// Standardised: (x − mu) / sigma.
    type Sample = Vec<f64>;

    fn sample(&self, _theta: &[f64], stream: &mut Stream) -> Result<Vec<f64>> {
        let mut sample = vec![0.0; self.observations.len()];
        stream.fill_normal(&mut sample);
        Ok(sample)
    }

    fn summarise(&self, theta: &[f64], sample: &Vec<f64>, summary: &mut [f64]) -> Result<()> {
        summarise(theta, sample, summary);
        Ok(())
    }
}

/// Mean and sd of mu + sigma z, which follow from those of z.
fn summarise(theta: &[f64], sample: &[f64], summary: &mut [f64]) {
    let (mu, sigma) = (theta[0], theta[1]);
    let (mean, sd) = mean_and_sd(sample);
    summary[0] = mu + sigma * mean;
    // There is no sample with a negative sigma: NaN is never accepted.
    summary[1] = if sigma < 0.0 { f64::NAN } else { sigma * sd };
}

/// Mean and standard deviation (divisor n), in two passes. Eight partial sums: one for each lane of a vector unit.
fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = sum(values, |x| x) / n;
    let variance = sum(values, |x| (x - mean) * (x - mean)) / n;
    (mean, variance.sqrt())
}

fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let (blocks, rest) = values.as_chunks::<8>();
    for block in blocks {
        for (sum, value) in sums.iter_mut().zip(block) {
            *sum += term(*value);
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum += term(*value);
    }
    ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_sd_by_hand() {
        assert_eq!(mean_and_sd(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), (5.0, 2.0));
        let many: Vec<f64> = (0..19).map(f64::from).collect();
        assert_eq!(mean_and_sd(&many), (9.0, 30f64.sqrt()));
        // A large offset must not eat the spread.
        let far: Vec<f64> = many.iter().map(|x| x + 1e9).collect();
        assert_eq!(mean_and_sd(&far), (1e9 + 9.0, 30f64.sqrt()));
    }
}
