//! The special functions that more than one distribution needs.
//!
//! Textbook formulas of the gamma, beta and Poisson densities subtract terms that grow like n ln n, and lose all digits
//! for large n. Near the mean they are therefore computed by the saddle point expansion of Loader (2000), "Fast and
//! accurate computation of binomial probabilities", which has no such terms.

/// ln √(2π).
pub(super) const LN_SQRT_2_PI: f64 = 0.918_938_533_204_672_8;

/// a · b, where 0 · ∞ is 0: the logarithm of x^a at x = 0.
pub(super) fn product(a: f64, b: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a * b }
}

/// Whether `x` is large and `mean` close to it: where the functions below hold.
pub(super) fn is_near(x: f64, mean: f64) -> bool {
    x >= 16.0 && (x - mean).abs() < 0.1 * (x + mean)
}

/// The logarithm of mean^x exp(−mean) / Γ(x + 1), for `x` and `mean` that are near.
pub(super) fn ln_poisson_near(x: f64, mean: f64) -> f64 {
    -LN_SQRT_2_PI - 0.5 * libm::log(x) - stirling_error(x) - deviance(x, mean)
}

/// ln Γ(n + 1) minus Stirling's approximation ln(√(2πn) (n/e)^n), for n ≥ 16: within 2e-16.
pub(super) fn stirling_error(n: f64) -> f64 {
    let r = 1.0 / (n * n);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)))) / n
}

/// x ln(x / mean) + mean − x, for `x` and `mean` that are near.
pub(super) fn deviance(x: f64, mean: f64) -> f64 {
    // ln(x / mean) = 2 artanh v; the first term of its series and mean − x are combined without cancellation.
    let v = (x - mean) / (x + mean);
    let v2 = v * v;
    // v² < 1/100: eight terms are more than enough.
    let series = (1..=8).rev().fold(0.0, |sum, j| v2 * (1.0 / f64::from(2 * j + 1) + sum));
    (x - mean) * v + 2.0 * x * v * series
}

/// ln(1 + (distance/scale)²/df), also where the square overflows.
pub(super) fn ln_1p_square(distance: f64, scale: f64, df: f64) -> f64 {
    let z = distance / scale;
    let square = z * z / df;
    if square < 1e16 {
        return libm::log1p(square);
    }
    // A distance beyond the range of floats counts as the largest.
    2.0 * (libm::log(distance.abs().min(f64::MAX)) - libm::log(scale)) - libm::log(df)
}
