//! Correlations of two columns.

use super::location::finite;
use super::{OfSums, Sample, Statistic, Sums};
use crate::error::Result;

/// Pearson's correlation of two columns; NaN when one of them has no variance.
pub struct Pearson;

/// The second moments of two columns about their means, each over the sample's size.
struct Moments {
    means: [f64; 2],
    variances: [f64; 2],
    covariance: f64,
}

impl Moments {
    fn of(sample: &Sample<'_>, x: &[f64], y: &[f64]) -> Self {
        let size = sample.size();
        let means = [x, y].map(|values| sample.sum(|row| values[row]) / size);
        let (dx, dy) = (|row: usize| x[row] - means[0], |row: usize| y[row] - means[1]);
        Moments {
            means,
            variances: [sample.sum(|row| dx(row) * dx(row)) / size, sample.sum(|row| dy(row) * dy(row)) / size],
            covariance: sample.sum(|row| dx(row) * dy(row)) / size,
        }
    }

    fn correlation(&self) -> f64 {
        let [x, y] = self.variances;
        // A sample of equal values can have a tiny variance, by the rounding of its mean.
        let none = |variance: f64, mean: f64| variance <= (64.0 * f64::EPSILON * mean) * (64.0 * f64::EPSILON * mean);
        if none(x, self.means[0]) || none(y, self.means[1]) {
            return f64::NAN;
        }
        finite(self.covariance / (x.sqrt() * y.sqrt())).clamp(-1.0, 1.0)
    }
}

impl Statistic for Pearson {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        out[0] = Moments::of(sample, sample.column(0), sample.column(1)).correlation();
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    fn influence(&self, sample: &Sample<'_>, _output: usize, influence: &mut [f64]) -> Result<bool> {
        let (x, y) = (sample.column(0), sample.column(1));
        let moments = Moments::of(sample, x, y);
        let r = moments.correlation();
        let scale = moments.variances.map(|variance| 1.0 / variance.sqrt());
        for (row, influence) in influence.iter_mut().enumerate() {
            let (u, v) = ((x[row] - moments.means[0]) * scale[0], (y[row] - moments.means[1]) * scale[1]);
            *influence = u * v - 0.5 * r * (u * u + v * v);
        }
        Ok(true)
    }

    fn of_sums(&self) -> Option<&dyn OfSums> {
        Some(self)
    }
}

/// The sums of the differences from the pivots (dx, dy), of their squares and of their product.
impl OfSums for Pearson {
    fn terms(&self) -> usize {
        5
    }

    fn term(&self, number: usize, sample: &Sample<'_>, pivots: &[f64], out: &mut [f64]) {
        for (out, (x, y)) in out.iter_mut().zip(sample.column(0).iter().zip(sample.column(1))) {
            let (x, y) = (x - pivots[0], y - pivots[1]);
            *out = [x, y, x * x, y * y, x * y][number];
        }
    }

    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()> {
        let [x, y, xy] = [0, 1, 4].map(|number| sums.mean(number));
        let moments = Moments {
            means: [sums.pivots[0] + x, sums.pivots[1] + y],
            variances: [(0, 2), (1, 3)].map(|(d, dd)| sums.squares_about_mean(d, dd) / sums.weight),
            covariance: xy - x * y,
        };
        out[0] = moments.correlation();
        Ok(())
    }
}

/// Spearman's correlation of two columns: Pearson's of their ranks, with mean ranks for equal values.
pub struct Spearman;

impl Statistic for Spearman {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let [x, y] = [0, 1].map(|column| ranks(sample, column));
        out[0] = Moments::of(sample, &x, &y).correlation();
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }
}

/// The rank of each row: the weight of smaller values, and half that of equal ones.
fn ranks(sample: &Sample<'_>, column: usize) -> Vec<f64> {
    let (x, order) = (sample.column(column), sample.order(column));
    let mut ranks = vec![0.0; sample.rows()];
    let mut below = 0.0;
    for equal in order.chunk_by(|a, b| x[*a as usize] == x[*b as usize]) {
        let weight: f64 = equal.iter().map(|row| sample.weight(*row as usize)).sum();
        equal.iter().for_each(|row| ranks[*row as usize] = below + 0.5 * weight);
        below += weight;
    }
    ranks
}
