//! Monte Carlo standard errors: how far figures of the draws are off for there being so few.

use super::beta_quantile::beta_quantile;
use super::blocks::{Blocks, Joined, read};
use super::chains::Chains;
use super::sums::Spread;
use super::{ess, order, sums};

/// What the standard error is to be of (ArviZ's `method`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Mcse {
    /// The mean: the standard deviation over the square root of the effective sample size.
    #[default]
    Mean,
    /// The standard deviation: by the delta method from the variance of the squared deviations.
    Sd,
    /// The median.
    Median,
    /// The quantile at a probability: half the distance of the order statistics between which the quantile lies with
    /// the probability that a normal variable has within a standard deviation.
    Quantile(f64),
}

/// The Monte Carlo standard error of a figure of the draws.
///
/// NaN for fewer than four draws, where a draw is NaN, and for a probability that is not from 0 to 1.
///
/// Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021), "Rank-normalization, folding, and localization: an improved
/// R-hat for assessing convergence of MCMC", section 4; that of the standard deviation as in ArviZ and R's posterior:
/// with the effective sample size of the mean.
pub fn mcse(chains: Chains<'_>, of: Mcse) -> f64 {
    if !chains.are_enough(1) {
        return f64::NAN;
    }
    match of {
        Mcse::Mean => of_mean(&read(Spread::of(&chains)), ess::by_halves(chains)),
        Mcse::Sd => read(of_sd(&chains, &read(Spread::of(&chains)), ess::by_halves(chains))),
        Mcse::Median => of_quantile(chains, 0.5),
        Mcse::Quantile(p) => of_quantile(chains, p),
    }
}

/// The error of the mean, from its effective sample size.
pub(super) fn of_mean(spread: &Spread, ess: f64) -> f64 {
    spread.sd() / ess.sqrt()
}

/// The error of the standard deviation, from the effective sample size of the mean.
pub(super) fn of_sd<D: Blocks>(draws: &D, spread: &Spread, ess: f64) -> Result<f64, D::Error> {
    let n = spread.count as f64;
    let square = |x: f64| (x - spread.mean) * (x - spread.mean);
    let fourths = sums::of_chain(&Joined(draws), 0, |block| sums::sum(block, |x| square(x) * square(x)))?;
    let variance = spread.squares / n;
    let of_squares = fourths / n - variance * variance;
    Ok((of_squares / ess / variance / 4.0).sqrt())
}

/// The probability below one standard deviation under the mean, and above it, to the digits that ArviZ has.
const WITHIN: [f64; 2] = [0.1586553, 0.8413447];

/// The error of the quantile at `p`.
///
/// How many of `ess` independent draws lie below the quantile is binomial, so that the share of the distribution below
/// the order statistics there is a beta variable.
fn of_quantile(chains: Chains<'_>, p: f64) -> f64 {
    let sorted = order::sorted(chains.values());
    let ess = ess::of_quantile(chains, &*sorted, p);
    if ess.is_nan() {
        return f64::NAN;
    }
    let last = (sorted.len() - 1) as f64;
    let [low, high] = WITHIN.map(|within| beta_quantile(ess * p + 1.0, ess * (1.0 - p) + 1.0, within));
    let place = |share: f64| (share * sorted.len() as f64 - 1.0).clamp(0.0, last);
    (sorted[place(high).ceil() as usize] - sorted[place(low).floor() as usize]) / 2.0
}
