//! The bootstrap distribution of a statistic: replicates, or all that is possible with its probabilities.

use crate::distribution::normal_quantile;
use serde::{Deserialize, Serialize};

/// The distribution of replicates.
pub trait Distribution {
    /// Mean, and the second, third and fourth moment about it (divisor: the number of replicates).
    fn moments(&self) -> [f64; 4];
    /// The share of replicates below the estimate. A tie is not below, even if rounding makes it seem so.
    fn below(&self) -> f64;
    /// The quantile at `p`.
    fn quantile(&self, p: f64) -> f64;
    /// The Monte Carlo standard error of the quantile at `p`.
    fn quantile_error(&self, p: f64) -> f64;
    /// One over the number of replicates; 0 for an exact distribution.
    fn monte_carlo(&self) -> f64;
}

/// Replicates that differ from the estimate by less than this share of their spread are ties.
pub(in crate::bootstrap) const TIE: f64 = 1e-10;

/// How a quantile is taken from sorted replicates t(1) ≤ ... ≤ t(R).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// Linear at (R − 1) p + 1: type 7 of Hyndman and Fan (1996), as NumPy and SciPy.
    #[default]
    Linear,
    /// At (R + 1) p, on the scale of normal quantiles: as R's `boot` (Davison and Hinkley 1997, equation 5.8).
    Normal,
    /// The smallest replicate up to which the share p lies: type 1.
    InverseCdf,
}

impl Interpolation {
    /// Its name, as in a run file.
    pub fn name(self) -> &'static str {
        match self {
            Interpolation::Linear => "linear",
            Interpolation::Normal => "normal",
            Interpolation::InverseCdf => "inverse_cdf",
        }
    }
}

/// Replicates by Monte Carlo.
pub struct Monte {
    sorted: Vec<f64>,
    moments: [f64; 4],
    below: f64,
    interpolation: Interpolation,
}

impl Monte {
    /// The distribution of these replicates; those that are not finite must have been left out.
    pub fn new(replicates: Vec<f64>, estimate: f64, interpolation: Interpolation) -> Self {
        let n = replicates.len() as f64;
        // In the order of the replicates, so that sums don't depend on how they are sorted.
        let mean = replicates.iter().sum::<f64>() / n;
        let moment = |power: i32| {
            replicates.iter().map(|x| (0..power).fold(1.0, |product, _| product * (x - mean))).sum::<f64>() / n
        };
        let moments = [mean, moment(2), moment(3), moment(4)];
        let limit = estimate - TIE * moments[1].sqrt();
        let mut sorted = replicates;
        sorted.sort_unstable_by(f64::total_cmp);
        let below = sorted.partition_point(|x| *x < limit) as f64 / n;
        Monte { sorted, moments, below, interpolation }
    }

    /// How many replicates there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Between the replicates around `place`, counted from 0, linearly.
    fn at(&self, place: f64) -> f64 {
        let last = self.sorted.len().saturating_sub(1);
        let place = place.clamp(0.0, last as f64);
        let low = place.floor();
        let (Some(a), Some(b)) = (self.sorted.get(low as usize), self.sorted.get((low as usize + 1).min(last))) else {
            return f64::NAN;
        };
        // Not a + share · (b − a) alone: between equal ones nothing must be added.
        if a == b { *a } else { a + (place - low) * (b - a) }
    }
}

impl Distribution for Monte {
    fn moments(&self) -> [f64; 4] {
        self.moments
    }

    fn below(&self) -> f64 {
        self.below
    }

    fn quantile(&self, p: f64) -> f64 {
        let n = self.sorted.len() as f64;
        match self.interpolation {
            Interpolation::Linear => self.at((n - 1.0) * p),
            Interpolation::InverseCdf => self.at((n * p * (1.0 - 1e-15)).ceil() - 1.0),
            Interpolation::Normal => {
                let place = ((n + 1.0) * p).clamp(1.0, n);
                let k = place.floor();
                let z = |count: f64| normal_quantile(count / (n + 1.0));
                let share = if place > k { (normal_quantile(p) - z(k)) / (z(k + 1.0) - z(k)) } else { 0.0 };
                self.at(k - 1.0 + share)
            }
        }
    }

    /// Half the distance of the quantiles one standard error of p away on both sides. NaN where not one replicate is
    /// expected beyond the quantile: there is nothing to tell it from.
    fn quantile_error(&self, p: f64) -> f64 {
        let n = self.sorted.len() as f64;
        if n * p.min(1.0 - p) < 1.0 {
            return f64::NAN;
        }
        let step = (p * (1.0 - p) / n).sqrt();
        let (low, high) = ((p - step).max(0.0), (p + step).min(1.0));
        // Where the distribution ends, only one side is there.
        let width = (high - low) / (2.0 * step);
        match step > 0.0 {
            true => 0.5 * (self.at((n - 1.0) * high) - self.at((n - 1.0) * low)) / width,
            false => f64::NAN,
        }
    }

    fn monte_carlo(&self) -> f64 {
        1.0 / self.sorted.len() as f64
    }
}

/// An exact distribution, of which the moments and some quantiles are known.
#[derive(Clone, Debug)]
pub struct Weighted {
    /// As [`Distribution::moments`].
    pub moments: [f64; 4],
    /// As [`Distribution::below`].
    pub below: f64,
    /// Probabilities, and the smallest value up to which each of them lies.
    pub quantiles: Vec<(f64, f64)>,
}

impl Distribution for Weighted {
    fn moments(&self) -> [f64; 4] {
        self.moments
    }

    fn below(&self) -> f64 {
        self.below
    }

    fn quantile(&self, p: f64) -> f64 {
        self.quantiles.iter().find(|(known, _)| *known == p).map_or(f64::NAN, |(_, value)| *value)
    }

    fn quantile_error(&self, _: f64) -> f64 {
        0.0
    }

    fn monte_carlo(&self) -> f64 {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_by_hand() {
        let quantile = |interpolation, p| Monte::new(vec![4.0, 1.0, 2.0, 8.0, 16.0], 2.0, interpolation).quantile(p);
        assert_eq!(quantile(Interpolation::Linear, 0.5), 4.0);
        assert_eq!(quantile(Interpolation::Linear, 0.3), 2.4);
        assert_eq!(quantile(Interpolation::InverseCdf, 0.4), 2.0);
        assert_eq!(quantile(Interpolation::InverseCdf, 0.41), 4.0);
        // (R + 1) p = 3 exactly; and beyond the ends, the ends.
        assert_eq!(quantile(Interpolation::Normal, 0.5), 4.0);
        assert_eq!(quantile(Interpolation::Normal, 0.01), 1.0);
        assert_eq!(quantile(Interpolation::Normal, 0.99), 16.0);
        let share = (normal_quantile(0.25) - normal_quantile(1.0 / 6.0))
            / (normal_quantile(2.0 / 6.0) - normal_quantile(1.0 / 6.0));
        assert!((quantile(Interpolation::Normal, 0.25) - (1.0 + share)).abs() < 1e-15);
    }

    #[test]
    fn a_tie_is_not_below() {
        let below = |estimate| Monte::new(vec![1.0, 2.0, 2.0 - 1e-15, 3.0], estimate, Interpolation::Linear).below();
        assert_eq!([below(2.0), below(2.5), below(1.0)], [0.25, 0.75, 0.0]);
    }
}
