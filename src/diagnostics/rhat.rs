//! R-hat: whether chains agree with each other.

use super::blocks::{Blocks, Halves, read};
use super::chains::Chains;
use super::rank::Sorted;
use super::sums;
use crate::error::{self, Error};

/// What the variances that R-hat compares are those of (ArviZ's `method`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rhat {
    /// The larger of [`ZScale`](Rhat::ZScale) and [`Folded`](Rhat::Folded): what to look at (Vehtari et al. 2021).
    #[default]
    Rank,
    /// Normal scores of the halves' draws: whether halves differ in location. The rank-normalised split R-hat.
    ZScale,
    /// Normal scores of the distances from the median: whether halves differ in scale.
    Folded,
    /// The draws of both halves of every chain, as they are.
    Split,
    /// The draws of whole chains, as they are: Gelman and Rubin (1992).
    Identity,
}

/// The potential scale reduction R-hat: √((B/W + n − 1) / n), where W is the mean of the chains' variances (divisor
/// n − 1) and B/n the variance of their means. Chains that have mixed have R-hat below 1.01.
///
/// NaN for fewer than two chains or four draws, and where a draw is NaN. It is infinite, or large, where each chain
/// stands still in a place of its own, and NaN where all stand still in one place.
///
/// Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021), "Rank-normalization, folding, and localization: an improved
/// R-hat for assessing convergence of MCMC", equations 1 to 4.
pub fn rhat(chains: Chains<'_>, of: Rhat) -> f64 {
    of.apply(chains, Moments::rhat)
}

/// The nested R-hat, for many short chains: √(1 + B/W), where B is the variance of the means of superchains, and W the
/// mean over superchains of the variance within them: of the chains' means about the superchain's, plus the mean
/// variance within chains (all with divisor n − 1).
///
/// Chains of one superchain started from one point; `superchains` has the number of each chain's superchain, any number
/// that differs from those of others. Halves of a chain are chains of its superchain. NaN as [`rhat()`], and for a
/// single superchain.
///
/// Margossian, Hoffman, Sountsov, Riou-Durand, Vehtari, Gelman (2024), "Nested R-hat: assessing the convergence of
/// Markov chain Monte Carlo when running many short chains", equations 4 to 8.
///
/// # Errors
/// When `superchains` has not one number for each chain, or superchains differ in how many chains they have.
pub fn nested_rhat(chains: Chains<'_>, superchains: &[usize], of: Rhat) -> error::Result<f64> {
    if superchains.len() != chains.chains() {
        let (chains, numbers) = (chains.chains(), superchains.len());
        return Err(Error::other(format!("{chains} chains need as many numbers of superchains, not {numbers}")));
    }
    let mut order: Vec<usize> = (0..superchains.len()).collect();
    order.sort_by_key(|chain| superchains[*chain]);
    let groups: Vec<&[usize]> = order.chunk_by(|a, b| superchains[*a] == superchains[*b]).collect();
    match groups.iter().all(|group| group.len() == groups[0].len()) {
        true => Ok(of.apply(chains, |parts| parts.nested(&groups, parts.means.len() / chains.chains()))),
        false => Err(Error::other("superchains must all have as many chains")),
    }
}

impl Rhat {
    /// The figure of what this says is to be compared.
    fn apply(self, chains: Chains<'_>, figure: impl Fn(&Moments) -> f64) -> f64 {
        if !chains.are_enough(2) {
            return f64::NAN;
        }
        let sorted = || Sorted::new(chains.values()).split(chains.draws());
        let of_scores = |scores: &[f64]| figure(&read(Moments::of(&Chains::like(&Halves(&chains), scores))));
        let bulk = |sorted: &Sorted| of_scores(sorted.normal_scores(&mut Vec::new()));
        let folded = |sorted: &Sorted| of_scores(sorted.folded_normal_scores(&mut Vec::new()));
        match self {
            Rhat::Identity => figure(&read(Moments::of(&chains))),
            Rhat::Split => figure(&read(Moments::of(&Halves(&chains)))),
            Rhat::ZScale => bulk(&sorted()),
            Rhat::Folded => folded(&sorted()),
            Rhat::Rank => {
                let sorted = sorted();
                larger(bulk(&sorted), folded(&sorted))
            }
        }
    }
}

/// The larger of the rank-normalised and the folded R-hat. The first if they can't be compared: infinite draws can
/// leave no folded one.
pub(super) fn larger(bulk: f64, folded: f64) -> f64 {
    if folded > bulk { folded } else { bulk }
}

/// Mean and variance of each chain.
pub(super) struct Moments {
    draws: f64,
    means: Vec<f64>,
    variances: Vec<f64>,
}

impl Moments {
    /// Those of these chains.
    pub fn of<D: Blocks>(draws: &D) -> Result<Self, D::Error> {
        let means = sums::means(draws)?;
        let variances = sums::variances(draws, &means)?;
        Ok(Moments { draws: draws.draws() as f64, means, variances })
    }

    /// R-hat of the chains.
    pub fn rhat(&self) -> f64 {
        let n = self.draws;
        let between = n * sums::variance(&self.means);
        ((between / sums::mean(&self.variances) + n - 1.0) / n).sqrt()
    }

    /// Nested R-hat, where the superchains are of these chains, each in so many parts that follow each other.
    fn nested(&self, superchains: &[&[usize]], parts: usize) -> f64 {
        let of_group = |group: &[usize], values: &[f64]| -> Vec<f64> {
            group.iter().flat_map(|chain| &values[chain * parts..(chain + 1) * parts]).copied().collect()
        };
        let centres: Vec<f64> = superchains.iter().map(|group| sums::mean(&of_group(group, &self.means))).collect();
        let within = superchains.iter().map(|group| {
            let means = of_group(group, &self.means);
            let between_chains = if means.len() == 1 { 0.0 } else { sums::variance(&means) };
            sums::mean(&of_group(group, &self.variances)) + between_chains
        });
        (1.0 + sums::variance(&centres) / sums::mean(&within.collect::<Vec<_>>())).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, square: f64) {
        assert!((found * found - square).abs() < 1e-13, "{found} and √{square}");
    }

    #[test]
    fn by_hand() {
        let chains = Chains::new(&[1.0, 2.0, 3.0, 4.0, 2.0, 3.0, 4.0, 5.0], 2).unwrap();
        // Means 2.5 and 3.5, variances 5/3; of the halves 1.5, 3.5, 2.5, 4.5, and 1/2.
        near(rhat(chains, Rhat::Identity), (4.0 * 0.5 / (5.0 / 3.0) + 3.0) / 4.0);
        near(rhat(chains, Rhat::Split), (2.0 * (5.0 / 3.0) / 0.5 + 1.0) / 2.0);
        // Ranks 1, 2 and 3, and so on: those of ties are averages.
        let scores = [1.0, 2.5, 4.5, 6.5, 2.5, 4.5, 6.5, 8.0]
            .map(|rank| crate::distribution::normal_quantile((rank - 0.375) / 8.25));
        assert_eq!(rhat(chains, Rhat::ZScale), rhat(Chains::new(&scores, 2).unwrap(), Rhat::Split));
        assert_eq!(rhat(chains, Rhat::Rank), rhat(chains, Rhat::ZScale).max(rhat(chains, Rhat::Folded)));
    }

    #[test]
    fn chains_that_stand_still() {
        let apart = Chains::new(&[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0], 2).unwrap();
        assert_eq!(rhat(apart, Rhat::Split), f64::INFINITY);
        assert!(rhat(Chains::new(&[1.0; 8], 2).unwrap(), Rhat::Split).is_nan());
    }

    #[test]
    fn nested_by_hand() {
        let draws: Vec<f64> =
            [0.0, 4.0, 1.0, 5.0].iter().flat_map(|mean| [0.0, 0.0, 1.0, 1.0].map(|x| mean + x)).collect();
        let chains = Chains::new(&draws, 4).unwrap();
        // Superchains of means 0.5 and 4.5: variance 8. In each, chains differ by 1: variance 1/2; within them 1/3.
        near(nested_rhat(chains, &[7, 3, 7, 3], Rhat::Identity).unwrap(), 1.0 + 8.0 / (0.5 + 1.0 / 3.0));
        // Halves are chains of their superchain, with means 0, 1, 1, 2 in the first one, and no variance of their own.
        near(nested_rhat(chains, &[7, 3, 7, 3], Rhat::Split).unwrap(), 1.0 + 8.0 / (2.0 / 3.0));
        // Superchains of one chain: R-hat, but for the divisor n of its variance.
        let alone = nested_rhat(chains, &[0, 1, 2, 3], Rhat::Identity).unwrap();
        near(rhat(chains, Rhat::Identity), alone * alone - 0.25);
    }

    #[test]
    fn superchains_must_fit() {
        let chains = Chains::new(&[0.0; 16], 4).unwrap();
        assert!(nested_rhat(chains, &[0, 0, 1], Rhat::Rank).is_err());
        assert!(nested_rhat(chains, &[0, 0, 0, 1], Rhat::Rank).is_err());
        assert!(nested_rhat(chains, &[5, 5, 5, 5], Rhat::Rank).unwrap().is_nan());
    }
}
