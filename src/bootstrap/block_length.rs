//! The block length for a series, from its autocorrelations.

use super::statistic::sum;
use crate::error::{Error, Result};

/// Block lengths for which the mean squared error of the variance of the mean is about the least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockLength {
    /// The mean length for the stationary bootstrap.
    pub stationary: f64,
    /// The length for the circular (and the moving) block bootstrap.
    pub circular: f64,
}

/// The automatic block length of Politis and White (2004), "Automatic block-length selection for the dependent
/// bootstrap", with the correction of Patton, Politis and White (2009).
///
/// Autocovariances up to the lag from which on autocorrelations are insignificant (twice that, with a flat-top window)
/// estimate g = Σ |k| R(k) and the spectral density at 0; the lengths are (2 g² n / D)^(1/3), with D = 2 f(0)² and
/// 4/3 f(0)², at most ⌈min(3 √n, n/3)⌉. Costs of the order of n^(3/2).
///
/// # Errors
/// For a series of fewer than 8 values, or one that does not vary.
pub fn block_length(series: &[f64]) -> Result<BlockLength> {
    lengths(series, [2.0, 4.0 / 3.0])
}

/// The lengths for the two factors of f(0)² in D.
fn lengths(series: &[f64], factors: [f64; 2]) -> Result<BlockLength> {
    let n = series.len();
    if n < 8 {
        return Err(Error::other(format!("a block length can't be found for {n} rows: give one")));
    }
    let size = n as f64;
    let mean = sum(n, |i| series[i]) / size;
    let deviations: Vec<f64> = series.iter().map(|x| x - mean).collect();
    let product = |a: &[f64], b: &[f64]| sum(a.len(), |i| a[i] * b[i]);
    if series.iter().all(|x| *x == series[0]) {
        return Err(Error::other("a block length can't be found for a series that does not vary"));
    }
    let run = (libm::log10(size) as usize).max(5);
    let last = size.sqrt().ceil() as usize + run;
    let last = last.min(n - 2);
    let covariance = |lag: usize| product(&deviations[lag..], &deviations[..n - lag]);
    let covariances: Vec<f64> = (0..=last).map(|lag| covariance(lag) / size).collect();
    let correlation = |lag: usize| {
        let (later, earlier) = (&deviations[lag + 1..], &deviations[..n - lag - 1]);
        covariances[lag].abs() * size / (product(later, later) * product(earlier, earlier)).sqrt()
    };
    // The first lag that begins a run of insignificant ones.
    let limit = 2.0 * (libm::log10(size) / size).sqrt();
    let mut insignificant = 0;
    let first = (0..last).find_map(|lag| {
        insignificant = if correlation(lag) < limit { insignificant + 1 } else { 0 };
        (insignificant == run).then(|| lag + 1 - run)
    });
    let bandwidth = first.map_or(last, |first| (2 * first.max(1)).min(last));
    let (mut slope, mut density) = (0.0, covariances[0]);
    for (lag, covariance) in covariances.iter().enumerate().take(bandwidth + 1).skip(1) {
        let share = lag as f64 / bandwidth as f64;
        let window = if share <= 0.5 { 1.0 } else { 2.0 * (1.0 - share) };
        slope += 2.0 * window * lag as f64 * covariance;
        density += 2.0 * window * covariance;
    }
    let largest = (3.0 * size.sqrt()).min(size / 3.0).ceil();
    let [stationary, circular] =
        factors.map(|factor| libm::cbrt(2.0 * slope * slope / (factor * density * density) * size).clamp(1.0, largest));
    Ok(BlockLength { stationary, circular })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x(i) = phi x(i−1) + u(i) + theta u(i−1), with u from a linear congruential generator.
    fn series(n: usize, phi: f64, theta: f64) -> Vec<f64> {
        let (mut state, mut x, mut before) = (12345u64, 0.0, 0.0);
        let next = |_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let u = (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
            x = phi * x + u + theta * before;
            before = u;
            x
        };
        (0..n).map(next).collect()
    }

    /// n, phi and theta.
    type Series = (usize, f64, f64);

    /// What `arch.bootstrap.optimal_block_length` of arch 8.0.0 gives, for n, phi and theta.
    const KNOWN: [(Series, (f64, f64)); 7] = [
        ((20, 0.5, 0.0), (1.1720218982668, 1.3416301595304)),
        ((100, 0.8, 0.0), (7.9386438877821, 9.0874787249031)),
        ((500, -0.6, 0.0), (18.3834665226049, 21.0438159559283)),
        ((2000, 0.3, 0.0), (9.9470217094614, 11.3864974218077)),
        ((2000, 0.0, 0.9), (8.3823281801715, 9.5953704535985)),
        ((300, 1.0, 0.0), (25.0462393987364, 28.6707869621340)),
        ((1000, 0.0, 0.0), (1.0827714674074, 1.2394639201716)),
    ];

    fn agrees(factors: [f64; 2]) -> bool {
        KNOWN.iter().all(|((n, phi, theta), (stationary, circular))| {
            let found = lengths(&series(*n, *phi, *theta), factors).unwrap();
            let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-8;
            near(found.stationary, *stationary) && near(found.circular, *circular)
        })
    }

    #[test]
    fn agrees_with_arch() {
        for ((n, phi, theta), (stationary, circular)) in KNOWN {
            let found = block_length(&series(n, phi, theta)).unwrap();
            assert!((found.stationary / stationary - 1.0).abs() < 1e-8, "{n}, {phi}: {found:?}");
            assert!((found.circular / circular - 1.0).abs() < 1e-8, "{n}, {phi}: {found:?}");
        }
        assert!(agrees([2.0, 4.0 / 3.0]));
        assert!(!agrees([2.0, 2.0]), "one constant for both schemes is found out");
    }

    #[test]
    fn what_has_no_block_length() {
        assert!(block_length(&[1.0; 100]).unwrap_err().to_string().contains("does not vary"));
        assert!(block_length(&[0.1; 1000]).is_err());
        assert!(block_length(&[1.0, 2.0, 3.0]).unwrap_err().to_string().contains("3 rows"));
    }
}
