//! What is computed from each resample.

mod location;
mod order;
mod pair;
mod regression;
mod spread;
mod sums;

pub use location::{Mean, MeanDifference, Ratio, Sum};
pub use order::{Quantile, TrimmedMean};
pub use pair::{Pearson, Spearman};
pub use regression::LeastSquares;
pub use spread::{Divisor, Spread};
pub use sums::{OfSums, Sums};

use super::Table;
use crate::error::Result;

/// A function of the data: a number or several.
///
/// ```
/// use ensample::Result;
/// use ensample::bootstrap::{Sample, Statistic};
///
/// /// The largest value over the mean.
/// struct PeakFactor;
///
/// impl Statistic for PeakFactor {
///     fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
///         let x = sample.column(0);
///         let mean = x.iter().sum::<f64>() / x.len() as f64;
///         out[0] = x.iter().copied().fold(f64::NEG_INFINITY, f64::max) / mean;
///         Ok(())
///     }
/// }
/// ```
pub trait Statistic: Send + Sync {
    /// The names of the numbers that it computes, when there are several; none means one number.
    fn outputs(&self) -> Vec<String> {
        Vec::new()
    }

    /// Computes the numbers of a sample into `out`. NaN says that this sample has none (a correlation without
    /// variance): such replicates are counted and left out.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()>;

    /// Whether [`evaluate`](Self::evaluate) heeds [`Sample::weights`]. If so, it is given the original rows with the
    /// number of times that each was drawn, which is faster; if not, it is given the drawn rows themselves.
    fn heeds_weights(&self) -> bool {
        false
    }

    /// Writes the empirical influence value of each row on number `output`: the derivative of the statistic when
    /// weight moves to that row (Efron 1982); their weighted sum is 0. Tells whether there is such a derivative.
    ///
    /// It gives the variance by which a studentized interval divides (the sum of weight · influence², over the
    /// squared total weight), and the acceleration of BCa by the infinitesimal jackknife.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn influence(&self, _sample: &Sample<'_>, _output: usize, _influence: &mut [f64]) -> Result<bool> {
        Ok(false)
    }

    /// The same statistic as a function of sums, if it is one: scattered data then gives exactly what whole data would.
    fn of_sums(&self) -> Option<&dyn OfSums> {
        None
    }
}

/// What a statistic is computed from: rows of numbers, each of which counts with a weight.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    table: &'a Table,
    columns: &'a [usize],
    weights: Option<&'a [f64]>,
    /// The sum of the weights.
    total: f64,
    /// Whether the weights are counts.
    counts: bool,
}

impl<'a> Sample<'a> {
    /// All rows of a table, with weight 1; `columns` are those that the statistic asked for.
    pub fn new(table: &'a Table, columns: &'a [usize]) -> Self {
        Sample { table, columns, weights: None, total: table.rows() as f64, counts: true }
    }

    /// The same with other columns.
    pub(super) fn of(self, columns: &'a [usize]) -> Self {
        Sample { columns, ..self }
    }

    /// The same with numbers of times that each row counts, `total` times together.
    pub(super) fn counted(self, counts: &'a [f64], total: usize) -> Self {
        Sample { weights: Some(counts), total: total as f64, counts: true, ..self }
    }

    /// The same with weights that need not be whole numbers.
    pub(super) fn weighted(self, weights: &'a [f64]) -> Self {
        Sample { weights: Some(weights), total: weights.iter().sum(), counts: false, ..self }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.table.rows()
    }

    /// How large the sample is: the number of rows, each counted with its weight.
    pub fn size(&self) -> f64 {
        self.total
    }

    /// How many columns the statistic was given.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The values of the statistic's column `number`, one for each row. Of a column of labels: the label's number.
    pub fn column(&self, number: usize) -> &'a [f64] {
        &self.table.columns()[self.columns[number]].values
    }

    /// The rows in ascending order of the values in column `number`; found once for each table.
    pub fn order(&self, number: usize) -> &'a [u32] {
        self.table.columns()[self.columns[number]].order()
    }

    /// The weight of each row; `None` when all have weight 1.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// Whether the weights are whole numbers: how often each row was drawn.
    pub fn is_counted(&self) -> bool {
        self.counts
    }

    /// The weight of a row.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Σ weight · term(row) over all rows.
    pub fn sum(&self, term: impl Fn(usize) -> f64) -> f64 {
        match self.weights {
            Some(weights) => sum(self.rows(), |row| weights[row] * term(row)),
            None => sum(self.rows(), term),
        }
    }

    /// The weighted mean of column `number`.
    pub fn mean(&self, number: usize) -> f64 {
        let x = self.column(number);
        self.sum(|row| x[row]) / self.total
    }
}

/// Eight partial sums, one for each lane of a vector unit; faster, and with smaller errors, than one.
pub(super) fn sum(n: usize, term: impl Fn(usize) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let whole = n / 8 * 8;
    for start in (0..whole).step_by(8) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(start + lane);
        }
    }
    for (sum, row) in sums.iter_mut().zip(whole..n) {
        *sum += term(row);
    }
    ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))
}

#[cfg(test)]
mod tests;
