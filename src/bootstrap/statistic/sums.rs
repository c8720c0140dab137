//! Statistics that are functions of sums over rows: all that is known of data which no rank holds whole.

use super::Sample;
use crate::error::Result;
use std::slice;

/// A statistic that is a function of sums over rows, such as a mean or a correlation.
///
/// Each part of the data gives its sums, and those of all parts are added. To lose no digits where values are large and
/// vary little, terms can be taken about a *pivot* of each column, a number near its mean.
pub trait OfSums: Send + Sync {
    /// How many sums there are, besides that of the weights.
    fn terms(&self) -> usize;

    /// Writes what each row adds to sum `number`, for weight 1.
    fn term(&self, number: usize, sample: &Sample<'_>, pivots: &[f64], out: &mut [f64]);

    /// Whether it is a quotient of sums or the like, which takes no digits from them whatever the pivot: nothing as large
    /// as the sums is taken from them. (A variance is not: where a resample lies far from the pivot, but close together,
    /// the mean square less the squared mean is rounding error.)
    fn keeps_digits(&self) -> bool {
        false
    }

    /// Computes the statistic's numbers from the sums; NaN where there are none.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn evaluate(&self, sums: &Sums<'_>, out: &mut [f64]) -> Result<()>;

    /// As [`evaluate`](Self::evaluate), for many resamples in one call. `terms` has a resample's sums after every so many
    /// numbers, and `out` has room for its `outputs` after every so many. (There is no need to write one's own.)
    ///
    /// # Errors
    /// As `evaluate`.
    ///
    /// # Panics
    /// When there are not that many numbers.
    fn evaluate_each(
        &self,
        sums: &Sums<'_>,
        outputs: usize,
        [every, out_every]: [usize; 2],
        out: &mut [f64],
    ) -> Result<()> {
        if [self.terms(), outputs, every, out_every] == [1; 4] {
            // Lengths that are known, and nothing between: the compiler makes vectors of it.
            let terms = &sums.terms[..out.len()];
            return out.iter_mut().zip(terms).try_for_each(|(out, term)| {
                self.evaluate(&Sums { terms: slice::from_ref(term), ..*sums }, slice::from_mut(out))
            });
        }
        for (resample, out) in out.chunks_mut(out_every).enumerate() {
            let terms = &sums.terms[resample * every..][..self.terms()];
            self.evaluate(&Sums { terms, ..*sums }, &mut out[..outputs])?;
        }
        Ok(())
    }
}

/// The sums over a resample.
#[derive(Clone, Copy, Debug)]
pub struct Sums<'a> {
    /// How many rows the data has.
    pub rows: f64,
    /// The sum of the weights.
    pub weight: f64,
    /// Σ weight · term, for each term.
    pub terms: &'a [f64],
    /// The pivot of each of the statistic's columns.
    pub pivots: &'a [f64],
}

/// Sums of a million rows are accurate to some 1e-13.
const SHARE: f64 = 1e-12;

impl Sums<'_> {
    /// The weighted mean of a term.
    pub fn mean(&self, number: usize) -> f64 {
        self.terms[number] / self.weight
    }

    /// Σ weight · (d − mean d)², from the numbers of the terms d and d²: 0 where that is so small a share of Σ weight · d²
    /// that it may be rounding error, as it is when all rows are the same distance from the pivot.
    pub(super) fn squares_about_mean(&self, differences: usize, squares: usize) -> f64 {
        let all = self.terms[squares];
        let rest = all - self.terms[differences] * self.mean(differences);
        if rest <= SHARE * all { 0.0 } else { rest }
    }
}
