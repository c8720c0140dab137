//! Quantiles of the beta distribution.

use crate::distribution::Beta;

/// The value below which a beta variable of these shapes, both at least 1, lies with probability `p`; NaN for others.
pub(super) fn beta_quantile(alpha: f64, beta: f64, p: f64) -> f64 {
    let Ok(distribution) = Beta::new(alpha, beta) else { return f64::NAN };
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = alpha / (alpha + beta);
    // Newton's method, kept within bounds that close in on the quantile: a few steps, and never more than bisection.
    for _ in 0..200 {
        let excess = cdf(&distribution, x) - p;
        if excess < 0.0 {
            low = x
        } else {
            high = x
        }
        let step = excess / libm::exp(distribution.ln_density(x));
        let next = if low < x - step && x - step < high { x - step } else { 0.5 * (low + high) };
        if (next - x).abs() <= 1e-15 * x {
            return next;
        }
        x = next;
    }
    x
}

/// The probability below `x`, the regularised incomplete beta function: by its continued fraction (DLMF 8.17.22), on
/// the side of the mean where that converges fast.
fn cdf(distribution: &Beta, x: f64) -> f64 {
    let (a, b) = (distribution.alpha(), distribution.beta());
    let factor = libm::exp(distribution.ln_density(x)) * x * (1.0 - x);
    match x < (a + 1.0) / (a + b + 2.0) {
        true => factor / (a * fraction(a, b, x)),
        false => 1.0 - factor / (b * fraction(b, a, 1.0 - x)),
    }
}

/// 1 + d1 / (1 + d2 / (1 + ...)), by the modified method of Lentz (Thompson and Barnett 1986).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let coefficient = |n: u32| {
        let m = f64::from(n / 2);
        match n % 2 {
            0 => m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            _ => -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        }
    };
    let not_zero = |x: f64| if x == 0.0 { f64::MIN_POSITIVE } else { x };
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    // About √max(a, b) terms are needed: a few thousand for the most draws that memory holds.
    for n in 1..1_000_000 {
        d = 1.0 / not_zero(1.0 + coefficient(n) * d);
        c = not_zero(1.0 + coefficient(n) / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // The uniform distribution, powers, and symmetry.
        for p in [0.001, 0.1586553, 0.5, 0.8413447, 0.999] {
            assert!((beta_quantile(1.0, 1.0, p) - p).abs() < 1e-15);
            assert!((beta_quantile(3.0, 1.0, p) - libm::cbrt(p)).abs() < 1e-15);
            assert!((beta_quantile(1.0, 2.0, p) - (1.0 - (1.0 - p).sqrt())).abs() < 1e-14);
            assert!((beta_quantile(5e6, 5e6, p) + beta_quantile(5e6, 5e6, 1.0 - p) - 1.0).abs() < 1e-14);
        }
        assert!(beta_quantile(f64::NAN, 1.0, 0.5).is_nan());
    }

    /// Another implementation's distribution function is undone.
    #[test]
    fn quantiles_invert_the_distribution() {
        use statrs::distribution::{Beta, ContinuousCDF};
        for (alpha, beta) in [(1.5, 3.5), (4.0, 1.0), (51.0, 951.0), (2e3, 3e3), (4e4 + 0.25, 2.0), (1e4, 9e4)] {
            for p in [1e-3, 0.1586553, 0.5, 0.8413447, 0.999] {
                let back = Beta::new(alpha, beta).unwrap().cdf(beta_quantile(alpha, beta, p));
                assert!((back / p - 1.0).abs() < 1e-9, "{alpha}, {beta}: {p} became {back}");
            }
        }
    }
}
