//! Means and what is made of them.

use super::{OfSums, Sample, Statistic, Sums};
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

    fn of_sums(&self) -> Option<&dyn OfSums> {
        Some(self)
    }
}

impl OfSums for Mean {
    fn keeps_digits(&self) -> bool {
        true
    }

    fn terms(&self) -> usize {
        1
    }

    fn term(&self, _: usize, sample: &Sample<'_>, pivots: &[f64], out: &mut [f64]) {
        out.iter_mut().zip(sample.column(0)).for_each(|(out, x)| *out = x - pivots[0]);
    }

    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()> {
        out[0] = finite(sums.pivots[0] + sums.mean(0));
        Ok(())
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

    fn of_sums(&self) -> Option<&dyn OfSums> {
        Some(self)
    }
}

/// The mean, times the number of rows: the size of a Poisson resample varies, but that of the data doesn't.
impl OfSums for Sum {
    fn keeps_digits(&self) -> bool {
        true
    }

    fn terms(&self) -> usize {
        1
    }

    fn term(&self, number: usize, sample: &Sample<'_>, pivots: &[f64], out: &mut [f64]) {
        Mean.term(number, sample, pivots, out);
    }

    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()> {
        OfSums::evaluate(&Mean, sums, out)?;
        out[0] *= sums.rows;
        Ok(())
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

    fn of_sums(&self) -> Option<&dyn OfSums> {
        Some(self)
    }
}

impl OfSums for Ratio {
    fn keeps_digits(&self) -> bool {
        true
    }

    fn terms(&self) -> usize {
        2
    }

    fn term(&self, number: usize, sample: &Sample<'_>, _: &[f64], out: &mut [f64]) {
        out.copy_from_slice(sample.column(number));
    }

    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()> {
        out[0] = finite(sums.terms[0] / sums.terms[1]);
        Ok(())
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

    fn of_sums(&self) -> Option<&dyn OfSums> {
        Some(self)
    }
}

/// Of each group its size, and the sum of its values.
impl OfSums for MeanDifference {
    fn keeps_digits(&self) -> bool {
        true
    }

    fn terms(&self) -> usize {
        4
    }

    fn term(&self, number: usize, sample: &Sample<'_>, pivots: &[f64], out: &mut [f64]) {
        let wanted = self.groups[number / 2];
        for (out, (x, group)) in out.iter_mut().zip(sample.column(0).iter().zip(sample.column(1))) {
            let term = if number.is_multiple_of(2) { 1.0 } else { x - pivots[0] };
            *out = if *group == wanted { term } else { 0.0 };
        }
    }

    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()> {
        let [first_size, first, second_size, second] = [0, 1, 2, 3].map(|number| sums.terms[number]);
        out[0] = first / first_size - second / second_size; // NaN when a group is empty
        Ok(())
    }
}

/// A number that does not exist is NaN, however it came about.
pub(super) fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}
