//! The effective sample size: how many independent draws would tell as much.

use super::blocks::{Halves, Mapped, read};
use super::chain_summary::TAIL;
use super::chains::Chains;
use super::geyer::effective_size;
use super::order::{self, Ascending};
use super::rank::Sorted;
use super::sums;

/// What the effective sample size is to be for (ArviZ's `method`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Ess {
    /// The bulk of the distribution: of the normal scores of the draws, whose mean and variance always exist. ArviZ's
    /// `z_scale` is the same.
    #[default]
    Bulk,
    /// The tails: the smaller one of the quantiles at these two probabilities; see [`TAIL`](Ess::TAIL).
    Tail(f64, f64),
    /// The mean.
    Mean,
    /// The standard deviation: of the squares of the deviations from the mean.
    Sd,
    /// The median.
    Median,
    /// The median absolute deviation from the median.
    Mad,
    /// The quantile at a probability: of whether a draw is at most that.
    Quantile(f64),
    /// The probability between two quantiles: of whether a draw lies between them.
    Local(f64, f64),
    /// The scale: of the normal scores of the distances from the median.
    Folded,
    /// The mean, by whole chains instead of their halves.
    Identity,
}

impl Ess {
    /// The tails with 5% on each side, as Vehtari et al. (2021) have it.
    pub const TAIL: Ess = Ess::Tail(TAIL[0], TAIL[1]);
}

/// The effective sample size of chains, from their autocorrelations, which are summed up as far as Geyer's initial
/// monotone sequence goes; by halves of chains, so that chains that drift have a small one.
///
/// NaN for fewer than four draws, where a draw is NaN, and for a probability that is not from 0 to 1. Draws that are
/// all equal count in full. The largest it can be is n log10(n) for n draws. Where the sum of a pair of
/// autocorrelations is 0, as may happen with few draws of few values, rounding decides how far they are summed up, here
/// and in ArviZ.
///
/// Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021), "Rank-normalization, folding, and localization: an improved
/// R-hat for assessing convergence of MCMC", section 3 and 4; Geyer (1992), "Practical Markov chain Monte Carlo".
pub fn ess(chains: Chains<'_>, of: Ess) -> f64 {
    if !chains.are_enough(1) {
        return f64::NAN;
    }
    let values = chains.values();
    match of {
        Ess::Mean => by_halves(chains),
        Ess::Identity => read(effective_size(&chains, usize::MAX)),
        Ess::Bulk => of_scores(chains, Sorted::normal_scores),
        Ess::Folded => of_scores(chains, Sorted::folded_normal_scores),
        Ess::Median => of_quantile(chains, &*order::sorted(values), 0.5),
        Ess::Quantile(p) => of_quantile(chains, &*order::sorted(values), p),
        Ess::Tail(low, high) => of_tail(chains, &*order::sorted(values), [low, high]),
        Ess::Local(low, high) => {
            let sorted = order::sorted(values);
            let (from, to) = (sorted.quantile(low), sorted.quantile(high));
            let size = transformed(chains, |x| indicator(from <= x && x <= to));
            if are_probabilities(&[low, high]) { size } else { f64::NAN }
        }
        Ess::Sd => {
            let mean = sums::mean(values);
            transformed(chains, |x| (x - mean) * (x - mean))
        }
        Ess::Mad => {
            let median = order::sorted(values).median();
            let distance = |x: f64| (x - median).abs();
            let distances: Vec<f64> = values.iter().map(|x| distance(*x)).collect();
            // An infinite median leaves distances that are NaN, of which there is no median.
            let mad = if median.is_finite() { order::sorted(&distances).median() } else { f64::NAN };
            transformed(chains, |x| indicator(distance(x) <= mad))
        }
    }
}

/// The effective sample size as a share of the draws that it is of.
pub fn relative_ess(chains: Chains<'_>, of: Ess) -> f64 {
    let draws = if of == Ess::Identity { chains.draws() } else { chains.draws() / 2 * 2 };
    ess(chains, of) / (draws * chains.chains()) as f64
}

/// That of the quantile at `p`, found in the sorted draws: of whether a draw is at most that.
pub(super) fn of_quantile(chains: Chains<'_>, sorted: &(impl Ascending + ?Sized), p: f64) -> f64 {
    let quantile = sorted.quantile(p);
    let size = transformed(chains, |x| indicator(x <= quantile));
    if are_probabilities(&[p]) { size } else { f64::NAN }
}

/// The smaller one of those of two quantiles.
pub(super) fn of_tail(chains: Chains<'_>, sorted: &(impl Ascending + ?Sized), probabilities: [f64; 2]) -> f64 {
    let [low, high] = probabilities.map(|p| of_quantile(chains, sorted, p));
    smaller(low, high)
}

/// The smaller one of those of two quantiles; the first if they can't be compared.
pub(super) fn smaller(low: f64, high: f64) -> f64 {
    if high < low { high } else { low }
}

/// That of the mean, by halves of chains.
pub(super) fn by_halves(chains: Chains<'_>) -> f64 {
    read(effective_size(&Halves(&chains), usize::MAX))
}

/// That of the normal scores of the halves' draws.
fn of_scores(chains: Chains<'_>, scores: impl for<'a> FnOnce(&Sorted, &'a mut Vec<f64>) -> &'a [f64]) -> f64 {
    let sorted = Sorted::new(chains.values()).split(chains.draws());
    read(effective_size(&Chains::like(&Halves(&chains), scores(&sorted, &mut Vec::new())), usize::MAX))
}

/// That of the mean of a function of the draws.
fn transformed(chains: Chains<'_>, map: impl Fn(f64) -> f64) -> f64 {
    read(effective_size(&Halves(&Mapped { of: &chains, map }), usize::MAX))
}

pub(super) fn indicator(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

fn are_probabilities(numbers: &[f64]) -> bool {
    numbers.iter().all(|p| (0.0..=1.0).contains(p))
}
