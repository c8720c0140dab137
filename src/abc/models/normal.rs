//! A normal sample.

use crate::abc::{Simulator, Staged};
use crate::error::{Error, Result};
use crate::isa::{Floats, LANES, for_each_level};
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
    /// Simulated samples side by side, kept so that a simulation allocates nothing.
    static SAMPLES: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

impl Normal {
    /// Hands standardised samples, (x − mu) / sigma, to `look`: one in each lane.
    fn samples<T>(&self, stream: &mut Stream, look: impl FnOnce(&[[f64; LANES]]) -> T) -> T {
        SAMPLES.with_borrow_mut(|samples| {
            let length = LANES * self.observations.len();
            samples.resize(length + LANES - 1, 0.0);
            // From where vectors begin that are not in two cache lines each.
            let start = samples.as_ptr().align_offset(LANES * size_of::<f64>()).min(LANES - 1);
            let samples = &mut samples[start..start + length];
            stream.fill_normal(samples);
            look(samples.as_chunks().0)
        })
    }
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
        let sample = self.sample(theta, stream)?;
        self.summarise(theta, &sample, summary)
    }

    const TOGETHER: usize = LANES;

    fn simulate_together(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
        let [means, sds] = self.samples(stream, moments);
        let rows = theta.as_chunks::<2>().0.iter().zip(summary.as_chunks_mut::<2>().0);
        for ((theta, summary), (mean, sd)) in rows.zip(means.into_iter().zip(sds)) {
            *summary = summaries(*theta, mean, sd);
        }
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

    fn sample_together(&self, _theta: &[f64], stream: &mut Stream) -> Result<Vec<Vec<f64>>> {
        Ok(self.samples(stream, |rows| (0..LANES).map(|l| rows.iter().map(|row| row[l]).collect()).collect()))
    }

    fn summarise(&self, theta: &[f64], sample: &Vec<f64>, summary: &mut [f64]) -> Result<()> {
        let rows: Vec<[f64; LANES]> = sample.iter().map(|z| [*z; LANES]).collect();
        let [means, sds] = moments(&rows);
        summary.copy_from_slice(&summaries([theta[0], theta[1]], means[0], sds[0]));
        Ok(())
    }
}

for_each_level! {
    /// In each lane the mean of the values, and their standard deviation.
    fn moments(rows: &[[f64; LANES]]) -> [[f64; LANES]; 2] = moments_of
}

/// Standardised values are near 0 and 1: their sums tell mean and standard deviation to the last few digits.
#[inline(always)]
fn moments_of<F: Floats>(rows: &[[f64; LANES]]) -> [[f64; LANES]; 2] {
    // Four partial sums of each: an addition need not wait for the one before.
    let (mut sums, mut squares) = ([F::splat(0.0); 4], [F::splat(0.0); 4]);
    let (fours, rest) = rows.as_chunks::<4>();
    for rows in fours.iter().map(|rows| &rows[..]).chain([rest]) {
        for (part, row) in rows.iter().enumerate() {
            let z = F::load(row);
            sums[part] = sums[part] + z;
            squares[part] = z.mul_add(z, squares[part]);
        }
    }
    let [sum, squares] = [sums, squares].map(|[a, b, c, d]| (a + b) + (c + d));
    let n = F::splat(rows.len() as f64);
    let mean = sum / n;
    let variance = (squares - sum * mean) / n;
    let sd = F::select(variance.to_bits(), F::splat(0.0), variance).sqrt();
    let mut moments = [[0.0; LANES]; 2];
    mean.store(&mut moments[0]);
    sd.store(&mut moments[1]);
    moments
}

/// Mean and sd of mu + sigma z, from those of z.
fn summaries([mu, sigma]: [f64; 2], mean: f64, sd: f64) -> [f64; 2] {
    // There is no sample with a negative sigma: NaN is never accepted.
    [mu + sigma * mean, if sigma < 0.0 { f64::NAN } else { sigma * sd }]
}

/// Mean and standard deviation (divisor n), in two passes.
fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Streams;

    #[test]
    fn mean_and_sd_by_hand() {
        assert_eq!(mean_and_sd(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), (5.0, 2.0));
        let many: Vec<f64> = (0..19).map(f64::from).collect();
        assert_eq!(mean_and_sd(&many), (9.0, 30f64.sqrt()));
        // A large offset must not eat the spread.
        let far: Vec<f64> = many.iter().map(|x| x + 1e9).collect();
        assert_eq!(mean_and_sd(&far), (1e9 + 9.0, 30f64.sqrt()));
    }

    /// What is simulated together is summarised as one by one, to the last bit, and as two passes do.
    #[test]
    fn samples_side_by_side() {
        let model = Normal::new(vec![0.0; 50]).unwrap();
        let theta: Vec<f64> = (0..2 * LANES).map(|i| 1.0 + i as f64).collect();
        let mut together = vec![f64::NAN; 2 * LANES];
        let stream = Streams::new(3, 0).stream(1);
        model.simulate_together(&theta, &mut stream.clone(), &mut together).unwrap();
        let samples = model.sample_together(&theta, &mut stream.clone()).unwrap();
        for (l, sample) in samples.iter().enumerate() {
            let (theta, together) = (&theta[2 * l..][..2], &together[2 * l..][..2]);
            let mut alone = [f64::NAN; 2];
            model.summarise(theta, sample, &mut alone).unwrap();
            assert_eq!(alone, together);
            let data: Vec<f64> = sample.iter().map(|z| theta[0] + theta[1] * z).collect();
            let (mean, sd) = mean_and_sd(&data);
            assert!((alone[0] - mean).abs() < 1e-13 * theta[1] && (alone[1] - sd).abs() < 1e-13 * theta[1]);
        }
    }
}
