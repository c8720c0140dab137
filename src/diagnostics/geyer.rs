//! How many independent draws chains are worth, by Geyer's initial monotone sequence.

use super::autocovariance::Autocovariances;
use super::blocks::{Batches, Blocks};
use super::sums;

/// Draws that differ by less are equal (the precision of floats in digits, as ArviZ has it).
const EQUAL: f64 = 1e-15;

/// The effective sample size of these chains as they are, of at least two draws each.
///
/// The autocorrelation at lag t is 1 − (W − C(t)) / V for the mean variance W within chains, the mean autocovariance
/// C(t), and the variance V estimated from all of them: W (n − 1) / n plus the variance of the means.
///
/// No more than `most` lags are computed, with memory for so many. Where the sum goes on beyond, draws are replaced by
/// as many means of batches, which have the same mean, so that its variance is theirs over their effective size. What
/// batches smooth out is shorter than a batch, and that is a small part of what the sum has gone through.
pub(super) fn effective_size<D: Blocks>(draws: &D, most: usize) -> Result<f64, D::Error> {
    let of = Estimate::of(draws, most)?;
    if let Some(size) = of.size {
        return Ok(size);
    }
    let batches = Estimate::of(&Batches { of: draws, size: draws.draws().div_ceil(most) }, usize::MAX)?;
    let size = batches.size.unwrap_or(f64::NAN) * (of.variance / batches.variance);
    let all = (draws.chains() * draws.draws()) as f64;
    let most = all * libm::log10(all);
    // Means that are all equal have no variance to compare with.
    Ok(if size > most { most } else { size })
}

/// What autocovariances say.
struct Estimate {
    /// The effective size, if there are enough lags for it.
    size: Option<f64>,
    /// The variance V.
    variance: f64,
}

impl Estimate {
    fn of<D: Blocks>(draws: &D, most: usize) -> Result<Self, D::Error> {
        let n = draws.draws() as f64;
        let size = draws.chains() as f64 * n;
        let (mut low, mut high, mut means) = (f64::INFINITY, f64::NEG_INFINITY, Vec::with_capacity(draws.chains()));
        for chain in 0..draws.chains() {
            let sum = sums::of_chain(draws, chain, |block| {
                (low, high) = block.iter().fold((low, high), |(low, high), x| (low.min(*x), high.max(*x)));
                sums::sum(block, |x| x)
            })?;
            means.push(sum / n);
        }
        if means.iter().any(|mean| mean.is_nan()) {
            return Ok(Estimate { size: Some(f64::NAN), variance: f64::NAN });
        }
        if high - low < EQUAL {
            return Ok(Estimate { size: Some(size), variance: 0.0 });
        }
        let between = if means.len() > 1 { sums::variance(&means) } else { 0.0 };
        let mut autocovariances = Autocovariances::new(draws, means, most);
        let within = autocovariances.at(0)? * n / (n - 1.0);
        let variance = within * (n - 1.0) / n + between;
        let correlation = |lag| Ok(1.0 - (within - autocovariances.at(lag)?) / variance);
        let time = autocorrelation_time(draws.draws(), correlation)?;
        let shortest = 1.0 / libm::log10(size);
        let size = size / if time < shortest { shortest } else { time };
        Ok(Estimate { size: (!autocovariances.are_exhausted()).then_some(size), variance })
    }
}

/// 1 + 2 Σ ρ(t), summed up as far as the sums of pairs ρ(2k) + ρ(2k+1) are positive, each of them taken as no larger
/// than the one before: Geyer's initial monotone sequence. NaN where the first autocorrelation is.
///
/// Of the pair after these only the first member counts, once, and not where it and the pair's sum are negative: so
/// have Stan and ArviZ it, for the sake of antithetic chains.
fn autocorrelation_time<E>(draws: usize, mut autocorrelation: impl FnMut(usize) -> Result<f64, E>) -> Result<f64, E> {
    let (mut even, mut pair, mut smallest) = (1.0, 1.0 + autocorrelation(1)?, f64::INFINITY);
    if pair.is_nan() {
        return Ok(f64::NAN);
    }
    let (mut lag, mut sum) = (2, 0.0);
    while lag + 2 < draws && pair > 0.0 {
        smallest = if pair > smallest { smallest } else { pair };
        sum += smallest;
        even = autocorrelation(lag)?;
        pair = even + autocorrelation(lag + 1)?;
        lag += 2;
    }
    Ok(2.0 * sum - 1.0 + if even > 0.0 || pair >= 0.0 { even } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::super::blocks::read;
    use super::super::chains::Chains;
    use super::*;

    #[test]
    fn times_by_hand() {
        let time = |draws: usize, rho: &[f64]| read(autocorrelation_time(draws, |lag| Ok(rho[lag])));
        // 1 + 2 (1/2 + 1/4 + ... + 1/32), and the first of the pair where lags end, once.
        let halves: Vec<f64> = (0..10).map(|lag| libm::exp2(-f64::from(lag))).collect();
        assert_eq!(time(10, &halves), 1.0 + 2.0 * 31.0 / 32.0 + 1.0 / 64.0);
        // Pairs 1.5, 0.25, then 0.5, which counts as 0.25, then a negative one, whose first member counts if positive.
        let bumpy = |last: [f64; 2]| [1.0, 0.5, 0.25, 0.0, 0.25, 0.25, last[0], last[1], 9.0, 9.0, 9.0];
        assert_eq!(time(11, &bumpy([-0.5, 0.25])), 2.0 * (1.5 + 0.25 + 0.25) - 1.0);
        assert_eq!(time(11, &bumpy([0.25, -0.5])), 2.0 * (1.5 + 0.25 + 0.25) - 1.0 + 0.25);
        // Two draws have one pair.
        assert_eq!(time(2, &[1.0, 0.5]), 0.0);
        assert!(time(10, &[f64::NAN; 10]).is_nan());
    }

    fn whole(chains: Chains<'_>) -> f64 {
        read(effective_size(&chains, usize::MAX))
    }

    /// Deviations ∓3, ∓1, ±1, ±3 in both chains: autocovariances 5, 5/4, −3/2, ...
    #[test]
    fn size_by_hand() {
        let chains = Chains::new(&[0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0], 2).unwrap();
        // Lags end at once: the time 0 is raised to 1 / log10(8).
        assert!((whole(chains) - 8.0 * libm::log10(8.0)).abs() < 1e-14);
        // Of 0, 1, ... 7 the autocovariances are 42/8, 26.25/8, 11.5/8 and −1.25/8: W = 6, V = 5.25.
        let chain = Chains::new(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 1).unwrap();
        let rho = [26.25, 11.5, -1.25].map(|sum| 1.0 - (6.0 - sum / 8.0) / 5.25);
        assert!(rho[1] > 0.0 && rho[1] + rho[2] < 0.0);
        let expected = 8.0 / (2.0 * (1.0 + rho[0]) - 1.0 + rho[1]);
        assert!((whole(chain) - expected).abs() < 1e-14);
    }
}
