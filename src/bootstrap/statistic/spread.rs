//! Variance and standard deviation.

use super::{Sample, Statistic};
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
    fn divisor(&self, sample: &Sample<'_>) -> f64 {
        match self.divisor {
            Divisor::Size => sample.size(),
            Divisor::SizeLessOne => sample.size() - 1.0,
        }
    }
}

impl Statistic for Spread {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let (x, mean) = (sample.column(0), sample.mean(0));
        let variance = sample.sum(|row| (x[row] - mean) * (x[row] - mean)) / self.divisor(sample);
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
        let factor = sample.size() / self.divisor(sample);
        let outer = match self.root {
            true => factor.sqrt() / (2.0 * variance.sqrt()),
            false => factor,
        };
        influence.iter_mut().enumerate().for_each(|(row, influence)| *influence = outer * (square(row) - variance));
        Ok(true)
    }
}
