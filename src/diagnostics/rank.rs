//! Normal scores: draws replaced by the normal quantiles of their ranks (Vehtari et al. 2021, section 4).

use super::order::Ascending;
use crate::distribution::normal_quantile;

/// Draws in ascending order, each with the place where it was.
pub(super) struct Sorted(Vec<(f64, usize)>);

impl Sorted {
    /// These values, none of which is NaN, in order.
    pub fn new(values: &[f64]) -> Self {
        let mut pairs: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
        pairs.sort_unstable_by(|(x, _), (y, _)| x.total_cmp(y));
        Sorted(pairs)
    }

    /// Without the middle draws of chains of so many draws, which [`Halves`](super::blocks::Halves) leave out.
    pub fn split(mut self, draws: usize) -> Self {
        if !draws.is_multiple_of(2) {
            self.0.retain_mut(|(_, place)| {
                let (chain, draw) = (*place / draws, *place % draws);
                *place -= chain + usize::from(draw > draws / 2);
                draw != draws / 2
            });
        }
        self
    }

    /// The normal scores of the draws, each in its draw's place; written to `scratch`.
    pub fn normal_scores<'a>(&self, scratch: &'a mut Vec<f64>) -> &'a [f64] {
        self.scores(0, |x| x, scratch)
    }

    /// The normal scores of the draws' distances from their median. NaN if that is not finite.
    pub fn folded_normal_scores<'a>(&self, scratch: &'a mut Vec<f64>) -> &'a [f64] {
        let median = self.median();
        if !median.is_finite() {
            scratch.clear();
            scratch.resize(self.count(), f64::NAN);
            return scratch;
        }
        self.scores(self.0.partition_point(|(x, _)| *x < median), |x| (x - median).abs(), scratch)
    }

    /// The normal quantile at (r − 3/8) / (n + 1/4) for the rank r of `key` of each draw (Blom 1958), the average of
    /// their ranks where it is equal.
    ///
    /// The key descends over the draws before the place `middle`, and ascends from there: nothing need be sorted again,
    /// both runs are merged.
    fn scores<'a>(&self, middle: usize, key: impl Fn(f64) -> f64, scores: &'a mut Vec<f64>) -> &'a [f64] {
        let n = self.count();
        scores.clear();
        scores.resize(n, f64::NAN);
        // Draws from `low` up to `high` are those with the smallest keys, and have their scores.
        let (mut low, mut high) = (middle, middle);
        let below = |low: usize| low.checked_sub(1).map(|place| key(self.at(place)));
        let above = |high: usize| (high < n).then(|| key(self.at(high)));
        loop {
            let smallest = match (below(low), above(high)) {
                (Some(below), Some(above)) => below.min(above),
                (Some(key), None) | (None, Some(key)) => key,
                (None, None) => return scores,
            };
            let (first, last) = (low, high);
            while below(low) == Some(smallest) {
                low -= 1;
            }
            while above(high) == Some(smallest) {
                high += 1;
            }
            let rank = (last - first + high - low + 1) as f64 / 2.0;
            let score = normal_quantile((rank - 0.375) / (n as f64 + 0.25));
            let tied = self.0[low..first].iter().chain(&self.0[last..high]);
            tied.for_each(|(_, place)| scores[*place] = score);
        }
    }
}

impl Ascending for Sorted {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn at(&self, place: usize) -> f64 {
        self.0[place].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scores of these ranks, of four draws.
    fn of_ranks(ranks: [f64; 4]) -> [f64; 4] {
        ranks.map(|rank| normal_quantile((rank - 0.375) / 4.25))
    }

    #[test]
    fn by_hand() {
        let scores = |values: &[f64]| Sorted::new(values).normal_scores(&mut Vec::new()).to_vec();
        assert_eq!(scores(&[7.0, -1.0, 2.0, f64::INFINITY]), of_ranks([3.0, 1.0, 2.0, 4.0]));
        assert_eq!(scores(&[5.0, 1.0, 5.0, 7.0]), of_ranks([2.5, 1.0, 2.5, 4.0]));
        assert_eq!(scores(&[0.0, 1.0, -0.0, 0.0]), of_ranks([2.0, 4.0, 2.0, 2.0]));
        assert_eq!(scores(&[3.0; 5]), [0.0; 5]);
        assert!(scores(&[]).is_empty());
    }

    #[test]
    fn folded_by_hand() {
        let scores = |values: &[f64]| Sorted::new(values).folded_normal_scores(&mut Vec::new()).to_vec();
        // Medians 3, 2.5 and 1, distances 6, 2, 1, 1; 1.5, 0.5, 0.5, 1.5; 0, 1, 0, 8.
        assert_eq!(scores(&[9.0, 1.0, 4.0, 2.0]), of_ranks([4.0, 3.0, 1.5, 1.5]));
        assert_eq!(scores(&[1.0, 2.0, 3.0, 4.0]), of_ranks([3.5, 1.5, 1.5, 3.5]));
        assert_eq!(scores(&[1.0, 0.0, 1.0, 9.0]), of_ranks([1.5, 3.0, 1.5, 4.0]));
        assert!(scores(&[f64::INFINITY, 0.0, f64::INFINITY]).iter().all(|x| x.is_nan()));
    }

    /// What is left out is what [`Halves`](super::super::blocks::Halves) leave out.
    #[test]
    fn halves_by_hand() {
        let values = [5.0, 9.0, 1.0, 4.0, 8.0, 2.0];
        let halves = Sorted::new(&values).split(3);
        assert_eq!(halves.0, Sorted::new(&[5.0, 1.0, 4.0, 2.0]).0);
        assert_eq!(Sorted::new(&values).split(2).0, Sorted::new(&values).0);
    }
}
