//! All that a table of results says of a quantity, by passes over draws that are too many to be held.

use super::blocks::{Blocks, Halves, Mapped};
use super::chain_summary::{ChainSummary, TAIL};
use super::ess::{indicator, smaller};
use super::geyer::effective_size;
use super::histogram::Histogram;
use super::order::Ascending;
use super::ordered::{Ordered, candidates};
use super::rhat::{Moments, larger};
use super::scores::Scores;
use super::sums::Spread;
use super::{interval, mcse};

/// How much memory passes take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// A cell of a histogram holds one of so many parts of the draws, or a single number.
    pub parts: usize,
    /// So many lags of autocovariances are held.
    pub lags: usize,
}

/// So many draws are held to find the shortest interval.
const HELD: usize = 1 << 20;

/// The summary of draws. Sums, quantiles and intervals are as in memory, normal scores are those of ranks that are off
/// by no more than a cell has draws.
pub(super) fn summary<D: Blocks>(draws: &D, level: f64, limits: Limits) -> Result<ChainSummary, D::Error> {
    let mut summary = ChainSummary::counted(draws)?;
    let spread = Spread::of(draws)?;
    (summary.mean, summary.sd) = (spread.mean, spread.sd());
    if summary.nan > 0 || spread.count == 0 {
        return Ok(summary);
    }
    let histogram = Histogram::of(draws, spread.count.div_ceil(limits.parts))?;
    let starts = candidates(&histogram, level, HELD);
    let (tail, median);
    (summary.eti, summary.hdi, tail, median) = Ordered::figure(&histogram, draws, |ordered| {
        let (eti, hdi) = (interval::equal_tailed(ordered, level), ordered.highest_density(level, &starts));
        (eti, hdi, TAIL.map(|p| ordered.quantile(p)), ordered.median())
    })?;
    if draws.draws() >= 4 {
        let lags = limits.lags;
        let below = |quantile| Mapped { of: draws, map: move |x| indicator(x <= quantile) };
        let [low, high] = tail.map(|quantile| effective_size(&Halves(&below(quantile)), lags));
        summary.ess_tail = smaller(low?, high?);
        let of_mean = effective_size(&Halves(draws), lags)?;
        summary.mcse_mean = mcse::of_mean(&spread, of_mean);
        summary.mcse_sd = mcse::of_sd(draws, &spread, of_mean)?;
        (summary.ess_bulk, summary.rhat) = match draws.draws() % 2 {
            0 => by_scores(&Halves(draws), histogram, median, limits)?,
            _ => {
                let halves = Halves(draws); // without the draws in the middle
                let histogram = of_parts(&halves, limits)?;
                let median = Ordered::figure(&histogram, &halves, |ordered| ordered.median())?;
                by_scores(&halves, histogram, median, limits)?
            }
        };
    }
    Ok(summary)
}

/// The bulk's effective sample size and R-hat: figures of the halves' normal scores.
fn by_scores<D: Blocks>(halves: &D, histogram: Histogram, median: f64, limits: Limits) -> Result<(f64, f64), D::Error> {
    let scores = Scores::new(histogram);
    let of_scores = Mapped { of: halves, map: |x| scores.of(x) };
    let size = effective_size(&of_scores, limits.lags)?;
    if halves.chains() == 2 {
        return Ok((size, f64::NAN)); // one chain
    }
    let bulk = Moments::of(&of_scores)?.rhat();
    drop(scores);
    // Without a finite median there are no distances from it.
    let folded = if median.is_finite() { folded(halves, median, limits)? } else { f64::NAN };
    Ok((size, larger(bulk, folded)))
}

/// R-hat of the normal scores of distances from the median.
fn folded<D: Blocks>(halves: &D, median: f64, limits: Limits) -> Result<f64, D::Error> {
    let distances = Mapped { of: halves, map: |x: f64| (x - median).abs() };
    let scores = Scores::new(of_parts(&distances, limits)?);
    Ok(Moments::of(&Mapped { of: &distances, map: |x| scores.of(x) })?.rhat())
}

fn of_parts<D: Blocks>(draws: &D, limits: Limits) -> Result<Histogram, D::Error> {
    Histogram::of(draws, (draws.chains() * draws.draws()).div_ceil(limits.parts))
}
