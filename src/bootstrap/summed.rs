//! Several estimators that are functions of sums over rows.

use super::Estimator;
use super::statistic::{OfSums, Sample, Sums, sum};
use crate::error::Result;
use crate::table::Table;

/// Estimators that are functions of sums, with the pivots of their columns.
pub(super) struct Summed<'a> {
    parts: Vec<Part<'a>>,
}

/// One of them.
struct Part<'a> {
    estimator: &'a Estimator,
    of_sums: &'a dyn OfSums,
    pivots: &'a [f64],
    terms: usize,
    outputs: usize,
}

impl<'a> Summed<'a> {
    /// # Panics
    /// When there are not as many pivots as estimators.
    pub fn new(estimators: &'a [Estimator], pivots: &'a [Vec<f64>]) -> Self {
        assert_eq!(estimators.len(), pivots.len(), "pivots for each estimator");
        let of = |(estimator, pivots): (&'a Estimator, &'a Vec<f64>)| {
            let of_sums = estimator.statistic.of_sums()?;
            Some(Part { estimator, of_sums, pivots, terms: of_sums.terms(), outputs: estimator.count() })
        };
        Summed { parts: estimators.iter().zip(pivots).filter_map(of).collect() }
    }

    /// The number of sums of all estimators, that of the weights not counted.
    pub fn terms(&self) -> usize {
        self.parts.iter().map(|part| part.terms).sum()
    }

    /// How many numbers all estimators have.
    pub fn outputs(&self) -> usize {
        self.parts.iter().map(|part| part.outputs).sum()
    }

    /// For each sum what each row adds to it, followed by zeros up to so many numbers.
    ///
    /// # Panics
    /// When there are more rows.
    pub fn rows(&self, table: &Table, length: usize) -> Vec<Vec<f64>> {
        let mut rows = Vec::with_capacity(self.terms());
        for Part { estimator, of_sums, pivots, terms, .. } in &self.parts {
            let sample = Sample::new(table, &estimator.columns);
            for number in 0..*terms {
                let mut term = vec![0.0; length];
                of_sums.term(number, &sample, pivots, &mut term[..table.rows()]);
                rows.push(term);
            }
        }
        rows
    }

    /// All outputs from all sums, of one resample or of several of the same size, one after the other. `rows` is the
    /// number of rows of the data.
    pub fn evaluate(&self, rows: f64, weight: f64, mut terms: &[f64], mut out: &mut [f64]) -> Result<()> {
        let every = [self.terms(), self.outputs()];
        for part in &self.parts {
            part.of_sums.evaluate_each(&Sums { rows, weight, terms, pivots: part.pivots }, part.outputs, every, out)?;
            (terms, out) = (&terms[part.terms..], &mut out[part.outputs..]);
        }
        Ok(())
    }
}

/// The mean of each column of each estimator in a part of the data.
pub(super) fn pivots(estimators: &[Estimator], part: &Table) -> Vec<Vec<f64>> {
    let mean = |column: &usize| {
        let values = &part.columns()[*column].values;
        sum(values.len(), |row| values[row]) / values.len() as f64
    };
    estimators.iter().map(|estimator| estimator.columns.iter().map(mean).collect()).collect()
}
