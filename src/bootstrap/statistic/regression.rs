//! Least squares.

use super::{OfSums, Sample, Statistic, Sums};
use crate::error::Result;

/// The coefficients of a linear model by least squares: the first column on the others, with an intercept.
pub struct LeastSquares {
    names: Vec<String>,
}

impl LeastSquares {
    /// The regression on columns of these names.
    pub fn new(regressors: &[String]) -> Self {
        LeastSquares { names: std::iter::once("intercept".to_owned()).chain(regressors.iter().cloned()).collect() }
    }

    fn fit(&self, sample: &Sample<'_>) -> Fit {
        Fit::new(sample, self.names.len() - 1)
    }
}

/// The normal equations of the centred regressors, which keep their digits when a column has a large mean; solved by
/// Cholesky's decomposition. (A library's would choose its instructions by the machine, and with them the last bits.)
struct Fit {
    /// Of the response and then of the regressors.
    means: Vec<f64>,
    /// The lower triangle of the factor, row by row.
    factor: Vec<Vec<f64>>,
    slopes: Vec<f64>,
}

/// Below this share of a regressor's variance it counts as a combination of the others.
const SINGULAR: f64 = 1e-12;

impl Fit {
    fn new(sample: &Sample<'_>, regressors: usize) -> Self {
        let means: Vec<f64> = (0..=regressors).map(|column| sample.mean(column)).collect();
        Fit::of_moments(means.clone(), |a, b| {
            let (x, y, mx, my) = (sample.column(a), sample.column(b), means[a], means[b]);
            sample.sum(|row| (x[row] - mx) * (y[row] - my))
        })
    }

    /// `moment` gives the sum of products of two columns about their means.
    fn of_moments(means: Vec<f64>, moment: impl Fn(usize, usize) -> f64) -> Self {
        let regressors = means.len() - 1;
        let mut factor: Vec<Vec<f64>> = Vec::new();
        let mut slopes: Vec<f64> = Vec::new();
        for i in 0..regressors {
            let mut line: Vec<f64> = Vec::new();
            for (j, above) in factor.iter().enumerate() {
                let known: f64 = (0..j).map(|k| line[k] * above[k]).sum();
                line.push((moment(i + 1, j + 1) - known) / above[j]);
            }
            let own = moment(i + 1, i + 1);
            let rest = own - line.iter().map(|x| x * x).sum::<f64>();
            line.push(if rest <= SINGULAR * own { f64::NAN } else { rest.sqrt() });
            let known: f64 = (0..i).map(|k| line[k] * slopes[k]).sum();
            slopes.push((moment(i + 1, 0) - known) / line[i]);
            factor.push(line);
        }
        backward(&factor, &mut slopes);
        Fit { means, factor, slopes }
    }

    fn intercept(&self) -> f64 {
        self.means[0] - self.slopes.iter().zip(&self.means[1..]).map(|(slope, mean)| slope * mean).sum::<f64>()
    }

    fn write(&self, out: &mut [f64]) {
        out[0] = self.intercept();
        out[1..].copy_from_slice(&self.slopes);
    }

    /// The inverse of the normal equations' matrix times `vector`.
    fn solve(&self, vector: &mut [f64]) {
        for i in 0..vector.len() {
            let known: f64 = (0..i).map(|k| self.factor[i][k] * vector[k]).sum();
            vector[i] = (vector[i] - known) / self.factor[i][i];
        }
        backward(&self.factor, vector);
    }
}

/// Solves the transposed factor's equations in place.
fn backward(factor: &[Vec<f64>], vector: &mut [f64]) {
    for i in (0..vector.len()).rev() {
        let known: f64 = (i + 1..vector.len()).map(|k| factor[k][i] * vector[k]).sum();
        vector[i] = (vector[i] - known) / factor[i][i];
    }
}

impl Statistic for LeastSquares {
    fn outputs(&self) -> Vec<String> {
        self.names.clone()
    }

    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        self.fit(sample).write(out);
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    /// n (X'X)⁻¹ x e: its variance is White's (1980), which does not suppose equal variances.
    fn influence(&self, sample: &Sample<'_>, output: usize, influence: &mut [f64]) -> Result<bool> {
        let fit = self.fit(sample);
        let regressors = fit.slopes.len();
        // The intercept is a combination of the mean response and the slopes.
        let mut direction: Vec<f64> = match output.checked_sub(1) {
            Some(slope) => (0..regressors).map(|k| f64::from(u8::from(k == slope))).collect(),
            None => fit.means[1..].iter().map(|mean| -mean).collect(),
        };
        fit.solve(&mut direction);
        for (row, influence) in influence.iter_mut().enumerate() {
            let centred = |column: usize| sample.column(column)[row] - fit.means[column];
            let fitted: f64 = (0..regressors).map(|k| fit.slopes[k] * centred(k + 1)).sum();
            let along: f64 = (0..regressors).map(|k| direction[k] * centred(k + 1)).sum();
            let share = if output == 0 { 1.0 } else { 0.0 };
            *influence = (centred(0) - fitted) * (share + sample.size() * along);
        }
        Ok(true)
    }

    fn of_sums(&self) -> Option<&dyn OfSums> {
        Some(self)
    }
}

impl LeastSquares {
    /// How many columns there are, the response among them.
    fn width(&self) -> usize {
        self.names.len()
    }

    /// The number of the term with the product of two columns.
    fn product(&self, a: usize, b: usize) -> usize {
        let (low, high) = (a.min(b), a.max(b));
        self.width() + high * (high + 1) / 2 + low
    }
}

/// The sums of the differences from the pivots, then of their products: of columns (0, 0), (0, 1), (1, 1), (0, 2), ...
impl OfSums for LeastSquares {
    fn terms(&self) -> usize {
        self.width() + self.width() * (self.width() + 1) / 2
    }

    fn term(&self, number: usize, sample: &Sample<'_>, pivots: &[f64], out: &mut [f64]) {
        let pairs = (0..self.width()).flat_map(|b| (0..=b).map(move |a| (a, b)));
        let (a, b) = match number < self.width() {
            true => (number, None),
            false => pairs.map(|(a, b)| (a, Some(b))).nth(number - self.width()).unwrap_or_default(), // below terms()
        };
        let x = sample.column(a);
        for (row, out) in out.iter_mut().enumerate() {
            *out = (x[row] - pivots[a]) * b.map_or(1.0, |b| sample.column(b)[row] - pivots[b]);
        }
    }

    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()> {
        let means = (0..self.width()).map(|column| sums.pivots[column] + sums.mean(column)).collect();
        let moment = |a, b| match a == b {
            true => sums.squares_about_mean(a, self.product(a, a)),
            false => sums.terms[self.product(a, b)] - sums.terms[a] * sums.mean(b),
        };
        Fit::of_moments(means, moment).write(out);
        Ok(())
    }
}
