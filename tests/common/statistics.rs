//! Statistical tests. Each gives a p-value: the probability of a deviation at least this large when the hypothesis
//! holds. Seeds are fixed, so that a test either always passes or never.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// A hypothesis is rejected when its p-value is below this. A thousand such tests reject a true one with probability
/// 1e-6 at most.
pub const ALPHA: f64 = 1e-9;

/// One-sample Kolmogorov-Smirnov test of `sample` against the distribution function `cdf` (P(X ≤ x)).
///
/// Works for distribution functions with jumps too, where the p-value is too large rather than too small.
pub fn ks_test(sample: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    kolmogorov(ks_statistic(sample, cdf), sample.len() as f64)
}

/// The largest distance between the distribution function of `sample` and `cdf`, from both sides of each jump.
pub fn ks_statistic(sample: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let n = sample.len() as f64;
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut below = 0.0;
    let mut largest: f64 = 0.0;
    for ties in sorted.chunk_by(|x, y| x == y) {
        let x = ties[0];
        let up_to = below + ties.len() as f64;
        // NaN must not pass for a small distance, so no f64::max here.
        for distance in [(below / n - cdf(x.next_down())).abs(), (up_to / n - cdf(x)).abs()] {
            assert!(!distance.is_nan(), "the distribution function is NaN near {x}");
            largest = largest.max(distance);
        }
        below = up_to;
    }
    largest
}

/// Two-sample Kolmogorov-Smirnov test: whether both samples have the same distribution.
pub fn ks_two_sample_test(first: &[f64], second: &[f64]) -> f64 {
    let mut sorted = second.to_vec();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len() as f64;
    let n = first.len() as f64;
    let statistic = ks_statistic(first, |x| sorted.partition_point(|y| *y <= x) as f64 / m);
    kolmogorov(statistic, n * m / (n + m))
}

/// The probability that the Kolmogorov-Smirnov statistic of `n` values is at least `statistic`: the limit
/// distribution with the correction for finite n of Stephens (1970), "Use of the Kolmogorov-Smirnov, Cramér-von Mises
/// and related statistics without extensive tables". Accurate for n of at least some hundred.
fn kolmogorov(statistic: f64, n: f64) -> f64 {
    let t = statistic * (n.sqrt() + 0.12 + 0.11 / n.sqrt());
    if t < 0.2 {
        return 1.0; // to 12 digits; the series converges slowly here
    }
    let term = |k: i32| libm::exp(-2.0 * f64::from(k * k) * t * t);
    let sum: f64 = (1..=100).map(|k| if k % 2 == 1 { term(k) } else { -term(k) }).sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

/// Chi-square test of counts against their expectations, which must have the same sum.
///
/// Neighbouring cells are pooled until each expects at least ten.
pub fn chi_square_test(observed: &[u64], expected: &[f64]) -> f64 {
    assert_eq!(observed.len(), expected.len());
    let total: u64 = observed.iter().sum();
    let difference = total as f64 - expected.iter().sum::<f64>();
    assert!(difference.abs() < 1e-6 * total as f64, "observed and expected sums differ by {difference}");

    let mut cells: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    for (o, e) in observed.iter().zip(expected) {
        if cells[cells.len() - 1].1 >= 10.0 {
            cells.push((0.0, 0.0));
        }
        let last = cells.len() - 1;
        cells[last].0 += *o as f64;
        cells[last].1 += e;
    }
    // What is left over joins the cell before it.
    if let [.., before, last] = &mut cells[..]
        && last.1 < 10.0
    {
        before.0 += last.0;
        before.1 += last.1;
        cells.pop();
    }
    assert!(cells.len() > 1, "only one cell is left");
    let statistic: f64 = cells.iter().map(|(o, e)| (o - e) * (o - e) / e).sum();
    ChiSquared::new((cells.len() - 1) as f64).unwrap().sf(statistic)
}

/// Two-sided test of an estimate that is normal with mean `expected` and standard deviation `sd`.
pub fn z_test(estimate: f64, expected: f64, sd: f64) -> f64 {
    libm::erfc(((estimate - expected) / sd).abs() / std::f64::consts::SQRT_2)
}

/// Two-sided test of no correlation between the pairs of two sequences of independent values (n of at least some
/// hundred).
pub fn correlation_test(x: &[f64], y: &[f64]) -> f64 {
    let (mean_x, mean_y) = (mean(x), mean(y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(y).map(|(a, b)| f(a - mean_x, b - mean_y)).sum::<f64>();
    let r = sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt();
    z_test(r, 0.0, 1.0 / (x.len() as f64).sqrt())
}

/// The arithmetic mean.
pub fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

/// The variance, divisor n.
pub fn variance(x: &[f64]) -> f64 {
    let mean = mean(x);
    x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / x.len() as f64
}
