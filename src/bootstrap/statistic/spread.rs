//! Variance and standard deviation.

use super::{OfSums, Sample, Statistic, Sums};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// What the sum of squares is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Divisor {
    /// The sample's size n.
    #[serde(rename = "n")]
    Size,
    /// n − 1.
    #[default]
    #[serde(rename = "n-1")]
    SizeLessOne,
}

/// The variance of a column, or its standard deviation.
pub struct Spread {
    /// Whether it is the standard deviation.
    pub root: bool,
    /// What the sum of squares is divided by.
    pub divisor: Divisor,
}

impl Spread {
    fn divisor(&self, size: f64) -> f64 {
        match self.divisor {
            Divisor::Size => size,
            Divisor::SizeLessOne => size - 1.0,
        }
    }
}

impl Statistic for Spread {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let (x, mean) = (sample.column(0), sample.mean(0));
        let variance = sample.sum(|row| (x[row] - mean) * (x[row] - mean)) / self.divisor(sample.size());
        out[0] = if self.root { variance.sqrt() } else { variance };
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    fn influence(&self, sample: &Sample<'_>, _output: usize, influence: &mut [f64]) -> Result<bool> {
        let (x, mean) = (sample.column(0), sample.mean(0));
        let square = |row: usize| (x[row] - mean) * (x[row] - mean);
        let variance = sample.sum(square) / sample.size();
        let factor = sample.size() / self.divisor(sample.size());
        let outer = match self.root {
            true => factor.sqrt() / (2.0 * variance.sqrt()),
            false => factor,
        };
        influence.iter_mut().enumerate().for_each(|(row, influence)| *influence = outer * (square(row) - variance));
        Ok(true)
    }

    fn of_sums(&self) -> Option<&dyn OfSums> {
        Some(self)
    }
}

/// The sums of the differences from the pivot and of their squares.
impl OfSums for Spread {
    fn terms(&self) -> usize {
        2
    }

    fn term(&self, number: usize, sample: &Sample<'_>, pivots: &[f64], out: &mut [f64]) {
        for (out, x) in out.iter_mut().zip(sample.column(0)) {
            let difference = x - pivots[0];
            *out = if number == 0 { difference } else { difference * difference };
        }
    }

    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()> {
        let variance = sums.squares_about_mean(0, 1) / self.divisor(sums.weight);
        out[0] = if self.root { variance.sqrt() } else { variance };
        Ok(())
    }
}
