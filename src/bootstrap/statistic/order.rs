//! Quantiles and the trimmed mean.

use super::{Sample, Statistic};
use crate::error::{Error, Result};

/// A quantile of a column.
///
/// Between the order statistics around (n − 1) p, linearly: type 7 of Hyndman and Fan (1996). Where weights are not
/// counts (Bayesian bootstrap): the smallest value up to which the share p of the weight lies.
pub struct Quantile {
    p: f64,
}

impl Quantile {
    /// The quantile at `p`; 0.5 is the median.
    ///
    /// # Errors
    /// When p is not between 0 and 1.
    pub fn new(p: f64) -> Result<Self> {
        match (0.0..=1.0).contains(&p) {
            true => Ok(Quantile { p }),
            false => Err(Error::other(format!("must be from 0 to 1, is {p}"))),
        }
    }
}

impl Statistic for Quantile {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let (x, order) = (sample.column(0), sample.order(0));
        if !sample.is_counted() {
            let wanted = self.p * sample.size();
            let mut below = 0.0;
            let reaches = |row: &&u32| {
                below += sample.weight(**row as usize);
                below >= wanted
            };
            out[0] = order.iter().find(reaches).or(order.last()).map_or(f64::NAN, |row| x[*row as usize]);
            return Ok(());
        }
        let place = (sample.size() - 1.0) * self.p;
        let (low, high) = (place.floor(), place.ceil());
        let mut below = 0.0;
        let (mut first, mut second) = (f64::NAN, f64::NAN);
        for row in order {
            below += sample.weight(*row as usize);
            if first.is_nan() && below > low {
                first = x[*row as usize];
            }
            if below > high {
                second = x[*row as usize];
                break;
            }
        }
        out[0] = first + (place - low) * (second - first);
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }
}

/// The mean of a column without its smallest and largest values: the share p of the sample at each end.
///
/// As many whole values as p · n holds are left out at each end. Where weights are not counts, exactly the share p of
/// the weight.
pub struct TrimmedMean {
    p: f64,
}

impl TrimmedMean {
    /// The mean without the share `p` at each end.
    ///
    /// # Errors
    /// When p is not between 0 and 0.5.
    pub fn new(p: f64) -> Result<Self> {
        match (0.0..0.5).contains(&p) {
            true => Ok(TrimmedMean { p }),
            false => Err(Error::other(format!("must be from 0 to below 0.5, is {p}"))),
        }
    }

    /// How much weight is left out at each end.
    fn cut(&self, sample: &Sample<'_>) -> f64 {
        let cut = self.p * sample.size();
        // 0.1 of 30 are 3, although the product may be a little below that.
        if sample.is_counted() { (cut * (1.0 + 1e-12)).floor() } else { cut }
    }
}

impl Statistic for TrimmedMean {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let (x, order) = (sample.column(0), sample.order(0));
        let cut = self.cut(sample);
        let (mut sum, mut below) = (0.0, 0.0);
        for row in order {
            let next = below + sample.weight(*row as usize);
            let inside = next.min(sample.size() - cut) - below.max(cut);
            if inside > 0.0 {
                sum += inside * x[*row as usize];
            }
            below = next;
        }
        out[0] = sum / (sample.size() - 2.0 * cut);
        Ok(())
    }

    fn heeds_weights(&self) -> bool {
        true
    }

    /// That of the trimmed mean is the centred winsorized value, over 1 − 2 p (Huber 1981, section 3.3).
    fn influence(&self, sample: &Sample<'_>, _output: usize, influence: &mut [f64]) -> Result<bool> {
        let (x, order) = (sample.column(0), sample.order(0));
        let cut = self.cut(sample);
        let mut ends = [f64::NAN; 2];
        let mut below = 0.0;
        for row in order {
            let next = below + sample.weight(*row as usize);
            if ends[0].is_nan() && next > cut {
                ends[0] = x[*row as usize];
            }
            if below < sample.size() - cut && next > below {
                ends[1] = x[*row as usize];
            }
            below = next;
        }
        let winsorized = |row: usize| x[row].clamp(ends[0], ends[1]);
        let mean = sample.sum(winsorized) / sample.size();
        let share = 1.0 - 2.0 * cut / sample.size();
        for (row, influence) in influence.iter_mut().enumerate() {
            *influence = (winsorized(row) - mean) / share;
        }
        Ok(true)
    }
}
