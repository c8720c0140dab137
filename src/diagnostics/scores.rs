//! Normal scores by a histogram: of draws that are too many to be sorted.

use super::histogram::{Cell, Histogram, Tree, key_of};
use crate::distribution::normal_quantile;

/// The normal scores of draws, as in [`rank`](super::rank): those at the ends of a cell are of the ranks that its draws
/// have, in between they are linear in the [key](super::order::key). A number that more draws have than a cell may hold has one
/// for itself, and the score of their average rank.
///
/// A score is that of a rank which is off by no more than a cell has draws.
pub(super) struct Scores {
    tree: Tree,
    lines: Vec<Line>,
}

/// The scores in a cell.
struct Line {
    low: u64,
    score: f64,
    slope: f64,
}

impl Scores {
    /// Those of the draws of a histogram.
    pub fn new(histogram: Histogram) -> Self {
        let n = histogram.count() as f64;
        let score = |rank: f64| normal_quantile((rank - 0.375) / (n + 0.25));
        let (tree, cells) = histogram.into_parts();
        let line = |cell: &Cell| {
            let (first, last) = ((cell.below + 1) as f64, (cell.below + cell.count) as f64);
            if cell.is_single() {
                return Line { low: cell.low, score: score((first + last) / 2.0), slope: 0.0 };
            }
            let (low, high) = (score(first), score(last));
            Line { low: cell.low, score: low, slope: (high - low) / (cell.high - cell.low) as f64 }
        };
        Scores { tree, lines: cells.iter().map(line).collect() }
    }

    /// The score of a draw.
    pub fn of(&self, x: f64) -> f64 {
        let key = key_of(x);
        let Line { low, score, slope } = self.lines[self.tree.cell(key)];
        score + slope * key.saturating_sub(low) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::super::chains::Chains;
    use super::super::rank::Sorted;
    use super::super::tests::autoregression;
    use super::*;
    use crate::distribution::normal_cdf;

    /// By how many ranks the score of a draw is off at most, with cells of `most` draws.
    fn off(draws: &[f64], most: usize) -> f64 {
        let Ok(histogram) = Histogram::of(&Chains::one(draws), most);
        let scores = Scores::new(histogram);
        let rank = |score: f64| normal_cdf(score) * (draws.len() as f64 + 0.25);
        let mut scratch = Vec::new();
        let exact = Sorted::new(draws).normal_scores(&mut scratch).iter();
        draws.iter().zip(exact).map(|(x, exact)| (rank(scores.of(*x)) - rank(*exact)).abs()).fold(0.0, f64::max)
    }

    /// By no more than a cell has draws; and by more than a smaller one has.
    #[test]
    fn ranks_are_off_by_a_cell() {
        let normal = autoregression(0.0, 20_000, 500);
        let map = |map: fn(f64) -> f64| -> Vec<f64> { normal.iter().map(|x| map(*x)).collect() };
        let clustered = map(|x| 1e6 + (10.0 * x).round() + 1e-9 * x);
        for (draws, narrow) in [(&normal, 4), (&map(|x| 1e9 + x), 4), (&map(|x| 1.0 / x), 4), (&clustered, 2)] {
            for most in [64, 256, 1024] {
                let off = off(draws, most);
                assert!(off <= most as f64 && off > (most / 64 / narrow) as f64, "{off} of {most}");
            }
            assert!(off(draws, 1) < 1e-9);
        }
    }

    /// However large cells are, numbers that more draws have are exact, and have one each.
    #[test]
    fn ties_are_exact() {
        let few: Vec<f64> = autoregression(0.0, 20_000, 501).iter().map(|x| x.round().clamp(-2.0, 2.0) / 3.0).collect();
        assert!(off(&few, 100) < 1e-9);
        let Ok(histogram) = Histogram::of(&Chains::one(&few), 100);
        assert!(histogram.cells().len() == 5 && histogram.cells().iter().all(Cell::is_single));
    }
}
