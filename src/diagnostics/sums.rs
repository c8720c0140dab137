//! Sums, means and variances whose rounding errors hardly grow with the number of terms.

/// Up to so many terms are added without halving.
const BLOCK: usize = 128;

/// The sum of `term` over the values, by halves (pairwise summation, Higham 1993): the error grows with ln n, not n.
///
/// Halves are cut where NumPy cuts them, and blocks added in eight partial sums as there. Where rounding is all that is
/// left, as in the variance of equal numbers, it is then the same as in ArviZ, which is made of NumPy.
pub(super) fn sum(values: &[f64], term: impl Fn(f64) -> f64 + Copy) -> f64 {
    if values.len() > BLOCK {
        let half = values.len() / 2;
        let (left, right) = values.split_at(half - half % 8);
        return sum(left, term) + sum(right, term);
    }
    let (eights, rest) = values.as_chunks::<8>();
    let Some((first, eights)) = eights.split_first() else { return rest.iter().fold(0.0, |sum, x| sum + term(*x)) };
    let mut partial = first.map(term);
    for eight in eights {
        partial.iter_mut().zip(eight).for_each(|(partial, x)| *partial += term(*x));
    }
    let [a, b, c, d, e, f, g, h] = partial;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, x| sum + term(*x))
}

/// The mean; NaN of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    sum(values, |x| x) / values.len() as f64
}

/// The variance, with divisor n − 1; NaN for fewer than two values.
pub(super) fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    sum(values, |x| (x - mean) * (x - mean)) / (values.len() as f64 - 1.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!((mean(&[1.0, 2.0, 6.0]), variance(&[1.0, 2.0, 6.0])), (3.0, 7.0));
        assert!(mean(&[]).is_nan() && variance(&[]).is_nan() && variance(&[1.0]).is_nan());
        for n in 0..1000 {
            let values: Vec<f64> = (0..n).map(f64::from).collect();
            assert_eq!(sum(&values, |x| x), f64::from(n * (n - 1) / 2), "{n} values");
        }
    }

    /// What a plain loop loses: a million times 0.1.
    #[test]
    fn errors_hardly_grow() {
        let values = vec![0.1; 1_000_000];
        let plain = values.iter().sum::<f64>();
        assert!((sum(&values, |x| x) - 1e5).abs() < 1e-10 && (plain - 1e5).abs() > 1e-7);
    }
}
