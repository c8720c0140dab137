//! The statistical tests themselves: known values, and that a true hypothesis is rejected as often as they say.

use crate::statistics::*;
use ensample::stream::{Stream, Streams};

/// How often the p-value is below 5 %, in 2000 experiments with a true hypothesis.
fn rejections(experiment: impl Fn(&mut Stream) -> f64) -> usize {
    let mut stream = Streams::new(1, 0).stream(0);
    (0..2000).filter(|_| experiment(&mut stream) < 0.05).count()
}

/// 100, with a standard deviation of 9.7: within five of them.
fn is_right(rejections: usize) -> bool {
    (52..=148).contains(&rejections)
}

fn uniform(stream: &mut Stream, count: usize) -> Vec<f64> {
    (0..count).map(|_| stream.uniform()).collect()
}

#[test]
fn a_true_hypothesis_is_rejected_as_often_as_stated() {
    let identity = |x: f64| x.clamp(0.0, 1.0);
    assert!(is_right(rejections(|stream| ks_test(&uniform(stream, 300), identity))));
    assert!(is_right(rejections(|stream| ks_two_sample_test(&uniform(stream, 300), &uniform(stream, 400)))));
    assert!(is_right(rejections(|stream| correlation_test(&uniform(stream, 300), &uniform(stream, 300)))));
    assert!(is_right(rejections(|stream| z_test(mean(&uniform(stream, 300)), 0.5, (1.0f64 / 3600.0).sqrt()))));
    let dice = |stream: &mut Stream| {
        let mut observed = [0; 6];
        (0..300).for_each(|_| observed[stream.index(6) as usize] += 1);
        chi_square_test(&observed, &[50.0; 6])
    };
    assert!(is_right(rejections(dice)));
    // A wrong one is rejected more often.
    assert!(!is_right(rejections(|stream| ks_test(&uniform(stream, 300), |x| identity(0.95 * x)))));
}

#[test]
fn known_values() {
    // 1.3581 is the 95 % point of Kolmogorov's distribution; for large n the correction is small.
    let n = 1_000_000;
    let shift = 1.3581 / (1000.0 + 0.12 + 0.11 / 1000.0);
    let grid: Vec<f64> = (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).collect();
    let p = ks_test(&grid, |x| (x + shift - 0.5e-6).clamp(0.0, 1.0));
    assert!((p - 0.05).abs() < 1e-4, "{p}");
    // 5.991 is the 95 % point for two degrees of freedom, exp(−x/2) the probability.
    let p = chi_square_test(&[110, 95, 95], &[100.0; 3]);
    assert!((p - libm::exp(-0.75)).abs() < 1e-12, "{p}");
    // The two cells at the end have too few expected and are pooled.
    let p = chi_square_test(&[110, 95, 90, 2, 3], &[100.0, 100.0, 95.0, 3.0, 2.0]);
    assert!((p - libm::exp(-0.75)).abs() < 0.01, "{p}");
    assert!((z_test(1.959964, 0.0, 1.0) - 0.05).abs() < 1e-7);
    assert_eq!(variance(&[1.0, 3.0]), 1.0);
}
