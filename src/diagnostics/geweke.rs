//! Geweke's diagnostic: whether a chain's beginning and its end have the same mean.

use super::blocks::read;
use super::chains::Chains;
use super::geyer::effective_size;
use super::sums;

/// Geweke's z-score of each chain: the mean of its first draws minus that of its last ones, over the standard error of
/// that difference. About normal for a chain that was stationary from the start.
///
/// `first` and `last` are shares of a chain, usually 0.1 and 0.5, and together at most 1. NaN where they are not, where
/// either part has fewer than four draws, and where a draw is NaN.
///
/// Geweke (1992), "Evaluating the accuracy of sampling-based approaches to the calculation of posterior moments". The
/// standard errors take autocorrelation into account by the [effective sample size](super::ess()) of either part: the
/// variance times Geyer's autocorrelation time is the spectral density at frequency 0 that he estimates from a smoothed
/// periodogram, and R's coda by an autoregression. ArviZ no longer has this diagnostic.
pub fn geweke(chains: Chains<'_>, first: f64, last: f64) -> Vec<f64> {
    chains.iter().map(|chain| z_score(chain, first, last)).collect()
}

fn z_score(chain: &[f64], first: f64, last: f64) -> f64 {
    if !(first > 0.0 && last > 0.0 && first + last <= 1.0) {
        return f64::NAN;
    }
    let count = |share: f64| (share * chain.len() as f64) as usize;
    let parts = [&chain[..count(first)], &chain[chain.len() - count(last)..]].map(Chains::one);
    if !parts.iter().all(|part| part.are_enough(1)) {
        return f64::NAN;
    }
    let [a, b] = parts.map(|part| sums::mean(part.values()));
    let [square_a, square_b] =
        parts.map(|part| sums::variance(part.values()) / read(effective_size(&part, usize::MAX)));
    (a - b) / (square_a + square_b).sqrt()
}
