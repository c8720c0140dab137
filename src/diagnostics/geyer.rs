//! How many independent draws chains are worth, by Geyer's initial monotone sequence.

use super::autocovariance::Autocovariances;
use super::chains::Chains;
use super::sums;

/// Draws that differ by less are equal (the precision of floats in digits, as ArviZ has it).
const EQUAL: f64 = 1e-15;

/// The effective sample size of these chains as they are, of at least two draws each.
///
/// The autocorrelation at lag t is 1 − (W − C(t)) / V for the mean variance W within chains, the mean autocovariance
/// C(t), and the variance V estimated from all of them: W (n − 1) / n plus the variance of the means.
pub(super) fn effective_size(chains: Chains<'_>) -> f64 {
    let size = chains.values().len() as f64;
    if chains.values().iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let range = |(low, high): (f64, f64), x: &f64| (low.min(*x), high.max(*x));
    let (low, high) = chains.values().iter().fold((f64::INFINITY, f64::NEG_INFINITY), range);
    if high - low < EQUAL {
        return size;
    }
    let n = chains.draws() as f64;
    let mut autocovariances = Autocovariances::new(chains);
    let within = autocovariances.at(0) * n / (n - 1.0);
    let between = if chains.chains() > 1 { sums::variance(&chains.means()) } else { 0.0 };
    let total = within * (n - 1.0) / n + between;
    let time = autocorrelation_time(chains.draws(), |lag| 1.0 - (within - autocovariances.at(lag)) / total);
    let shortest = 1.0 / libm::log10(size);
    size / if time < shortest { shortest } else { time }
}

/// 1 + 2 Σ ρ(t), summed up as far as the sums of pairs ρ(2k) + ρ(2k+1) are positive, each of them taken as no larger
/// than the one before: Geyer's initial monotone sequence. NaN where the first autocorrelation is.
///
/// Of the pair after these only the first member counts, once, and not where it and the pair's sum are negative: so
/// have Stan and ArviZ it, for the sake of antithetic chains.
fn autocorrelation_time(draws: usize, mut autocorrelation: impl FnMut(usize) -> f64) -> f64 {
    let (mut even, mut pair, mut smallest) = (1.0, 1.0 + autocorrelation(1), f64::INFINITY);
    if pair.is_nan() {
        return f64::NAN;
    }
    let (mut lag, mut sum) = (2, 0.0);
    while lag + 2 < draws && pair > 0.0 {
        smallest = if pair > smallest { smallest } else { pair };
        sum += smallest;
        even = autocorrelation(lag);
        pair = even + autocorrelation(lag + 1);
        lag += 2;
    }
    2.0 * sum - 1.0 + if even > 0.0 || pair >= 0.0 { even } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_by_hand() {
        let time = |draws: usize, rho: &[f64]| autocorrelation_time(draws, |lag| rho[lag]);
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

    /// Deviations ∓3, ∓1, ±1, ±3 in both chains: autocovariances 5, 5/4, −3/2, ...
    #[test]
    fn size_by_hand() {
        let chains = Chains::new(&[0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0], 2).unwrap();
        // Lags end at once: the time 0 is raised to 1 / log10(8).
        assert!((effective_size(chains) - 8.0 * libm::log10(8.0)).abs() < 1e-14);
        // Of 0, 1, ... 7 the autocovariances are 42/8, 26.25/8, 11.5/8 and −1.25/8: W = 6, V = 5.25.
        let chain = Chains::new(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 1).unwrap();
        let rho = [26.25, 11.5, -1.25].map(|sum| 1.0 - (6.0 - sum / 8.0) / 5.25);
        assert!(rho[1] > 0.0 && rho[1] + rho[2] < 0.0);
        let expected = 8.0 / (2.0 * (1.0 + rho[0]) - 1.0 + rho[1]);
        assert!((effective_size(chain) - expected).abs() < 1e-14);
    }
}
