//! Means and what is made of them.

use super::{Sample, Statistic};
use crate::error::{Error, Result};

/// The mean of a column.
pub struct Mean;

impl Statistic for Mean {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        out[0] = sample.mean(0);
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    fn influence(&self, sample: &Sample<'_>, _output: usize, influence: &mut [f64]) -> Result<bool> {
        let mean = sample.mean(0);
        influence.iter_mut().zip(sample.column(0)).for_each(|(influence, x)| *influence = x - mean);
        Ok(true)
    }
}

/// The sum of a column.
pub struct Sum;

impl Statistic for Sum {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let x = sample.column(0);
        out[0] = sample.sum(|row| x[row]);
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    fn influence(&self, sample: &Sample<'_>, output: usize, influence: &mut [f64]) -> Result<bool> {
        Mean.influence(sample, output, influence)?;
        influence.iter_mut().for_each(|influence| *influence *= sample.size());
        Ok(true)
    }
}

/// The sum of the first column over that of the second.
pub struct Ratio;

impl Statistic for Ratio {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let (above, below) = (sample.column(0), sample.column(1));
        out[0] = finite(sample.sum(|row| above[row]) / sample.sum(|row| below[row]));
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    fn influence(&self, sample: &Sample<'_>, _output: usize, influence: &mut [f64]) -> Result<bool> {
        let (above, below) = (sample.column(0), sample.column(1));
        let mean = sample.mean(1);
        let ratio = sample.mean(0) / mean;
        for (row, influence) in influence.iter_mut().enumerate() {
            *influence = (above[row] - ratio * below[row]) / mean;
        }
        Ok(true)
    }
}

/// The mean of one group minus that of another: the first column's values, in groups by the second.
pub struct MeanDifference {
    groups: [f64; 2],
}

impl MeanDifference {
    /// The mean of the rows whose second column is `groups[0]`, minus that of those where it is `groups[1]`.
    ///
    /// # Errors
    /// When both are the same.
    pub fn new(groups: [f64; 2]) -> Result<Self> {
        match groups[0] == groups[1] {
            true => Err(Error::other("a difference needs two groups")),
            false => Ok(MeanDifference { groups }),
        }
    }

    /// Size and mean of both groups.
    fn means(&self, sample: &Sample<'_>) -> [(f64, f64); 2] {
        let (x, group) = (sample.column(0), sample.column(1));
        self.groups.map(|wanted| {
            let size = sample.sum(|row| f64::from(u8::from(group[row] == wanted)));
            let sum = sample.sum(|row| if group[row] == wanted { x[row] } else { 0.0 });
            (size, sum / size)
        })
    }
}

impl Statistic for MeanDifference {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let [(_, first), (_, second)] = self.means(sample);
        out[0] = first - second; // NaN when a group is empty
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    fn influence(&self, sample: &Sample<'_>, _output: usize, influence: &mut [f64]) -> Result<bool> {
        let (x, group) = (sample.column(0), sample.column(1));
        let means = self.means(sample);
        for (row, influence) in influence.iter_mut().enumerate() {
            *influence = match self.groups.iter().position(|wanted| *wanted == group[row]) {
                Some(0) => sample.size() / means[0].0 * (x[row] - means[0].1),
                Some(_) => -sample.size() / means[1].0 * (x[row] - means[1].1),
                None => 0.0,
            };
        }
        Ok(true)
    }
}

/// A number that does not exist is NaN, however it came about.
pub(super) fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}
