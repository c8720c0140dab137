//! The ranks of each chain's draws among all draws (Vehtari, Gelman, Simpson, Carpenter, Bürkner 2021): of chains that
//! have mixed, each has about the same number in every bin.

use super::super::super::figure::{Axis, Figure, HALF, SHADE, Stroke, TEXT, padded, single};
use super::super::super::number::count;
use super::Subject;
use crate::error::Result;

/// So many bins, unless there are few draws.
const BINS: usize = 20;

/// For each chain, how many of its draws are in each bin of ranks.
pub fn rank(subject: &Subject<'_>) -> Result<Figure> {
    let all = subject.sorted.len();
    let bins = BINS.min(subject.draws.length() / 5).max(2);
    let lines: Vec<_> = subject.drawn().map(|(colour, chain)| (colour, counts(chain, &subject.sorted, bins))).collect();
    let expected = subject.draws.length() as f64 / bins as f64;
    let range = range_of_mixed(subject, bins);
    let heights = lines.iter().flat_map(|(_, counts)| counts.iter().copied()).chain([range.0, range.1]);
    let ends =
        heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), height| (low.min(height), high.max(height)));
    let (low, high) = padded(ends, 0.08);
    let x = |width| Axis::across(format!("rank of {} among all draws", subject.name()), 0.0, all as f64, width);
    let y = |height| Axis::up("draws in bin", low.max(0.0), high, height).with_grid(false);
    let (drawing, panel) = single((HALF, 230.0), x, y, &subject.legend(Vec::new()))?;
    panel.band(&[(0.0, range.0, range.1), (all as f64, range.0, range.1)], SHADE, 0.45)?;
    panel.level(expected, Stroke::of(TEXT, 1.0).dashed())?;
    for (colour, counts) in &lines {
        let edge = |bin: usize| all as f64 * bin as f64 / bins as f64;
        let steps = counts.iter().enumerate().flat_map(|(bin, count)| [(edge(bin), *count), (edge(bin + 1), *count)]);
        panel.line(&steps.collect::<Vec<_>>(), Stroke::of(*colour, 1.4))?;
    }
    let caption = format!(
        "Dashed: {} draws in each bin, as expected of chains that have mixed; grey: where about 95 % of the bins of \
         such chains are, at this effective sample size.",
        count(expected.round() as u64)
    );
    Ok(Figure::new("rank", subject.name(), format!("ranks of {}", subject.name()), caption, drawing))
}

/// Where 95 % of bins are if chains have mixed: binomial, over the effective number of draws of a chain.
fn range_of_mixed(subject: &Subject<'_>, bins: usize) -> (f64, f64) {
    let draws = subject.draws.length() as f64;
    let ess = subject.summary.of.ess_bulk;
    let inefficiency = if ess > 0.0 { (subject.draws.values.len() as f64 / ess).max(1.0) } else { 1.0 };
    let p = 1.0 / bins as f64;
    let half = 1.96 * (draws * p * (1.0 - p) * inefficiency).sqrt();
    ((draws * p - half).max(0.0), (draws * p + half).min(draws))
}

/// How many draws of a chain have their rank among all (sorted) in each bin; of equal draws every rank that they share
/// has a part.
fn counts(chain: &[f64], all: &[f64], bins: usize) -> Vec<f64> {
    let chain = super::super::super::histogram::sorted(chain);
    let below = |bin: usize| {
        let edge = all.len() as f64 * bin as f64 / bins as f64;
        let Some(value) = all.get(edge as usize) else { return chain.len() as f64 };
        let tied = |sorted: &[f64]| {
            let less = sorted.partition_point(|x| x < value);
            (less as f64, (sorted.partition_point(|x| x <= value) - less) as f64)
        };
        let ((all_less, all_equal), (less, equal)) = (tied(all), tied(&chain));
        less + equal * (edge - all_less) / all_equal
    };
    let below: Vec<f64> = (0..=bins).map(below).collect();
    below.windows(2).map(|edges| edges[1] - edges[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_draw_is_in_a_bin() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
        let all = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        assert_eq!(counts(&a, &all, 4), [2.0, 2.0, 0.0, 0.0]);
        assert_eq!(counts(&b, &all, 4), [0.0, 0.0, 2.0, 2.0]);
    }

    #[test]
    fn equal_draws_share_their_ranks() {
        let (a, b) = ([0.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]);
        let all = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        assert_eq!(counts(&a, &all, 4), [0.5, 0.5, 1.5, 1.5]);
        assert_eq!(counts(&b, &all, 4), [1.5, 1.5, 0.5, 0.5]);
    }
}
