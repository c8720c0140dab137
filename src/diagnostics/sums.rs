//! Sums, means and variances whose rounding errors hardly grow with the number of terms.

use super::blocks::{BLOCK as READ, Blocks, Joined};

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

/// The sum of what `of` finds in blocks of a chain, one after the other: that of [`sum`], with the same bits.
pub(super) fn of_chain<D: Blocks>(draws: &D, chain: usize, mut of: impl FnMut(&[f64]) -> f64) -> Result<f64, D::Error> {
    let (mut block, mut start) = (vec![0.0; READ.min(draws.draws())], 0);
    by_halves(draws.draws(), &mut |n| {
        draws.read(chain, start, &mut block[..n])?;
        start += n;
        Ok(of(&block[..n]))
    })
}

/// Cuts n terms where [`sum`] does.
fn by_halves<E>(n: usize, sum: &mut impl FnMut(usize) -> Result<f64, E>) -> Result<f64, E> {
    if n <= READ {
        return sum(n);
    }
    let left = n / 2 - n / 2 % 8;
    Ok(by_halves(left, sum)? + by_halves(n - left, sum)?)
}

/// The mean of each chain.
pub(super) fn means<D: Blocks>(draws: &D) -> Result<Vec<f64>, D::Error> {
    let n = draws.draws() as f64;
    (0..draws.chains()).map(|chain| Ok(of_chain(draws, chain, |block| sum(block, |x| x))? / n)).collect()
}

/// The variance of each chain, with divisor n − 1.
pub(super) fn variances<D: Blocks>(draws: &D, means: &[f64]) -> Result<Vec<f64>, D::Error> {
    let n = (draws.draws() as f64 - 1.0).max(0.0);
    let squares =
        |(chain, mean): (usize, &f64)| Ok(of_chain(draws, chain, |block| sum(block, |x| (x - mean) * (x - mean)))? / n);
    means.iter().enumerate().map(squares).collect()
}

/// How all draws lie about their mean.
pub(super) struct Spread {
    /// How many they are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// The sum of the squares of their deviations from it.
    pub squares: f64,
}

impl Spread {
    /// That of these draws.
    pub fn of<D: Blocks>(draws: &D) -> Result<Self, D::Error> {
        let draws = Joined(draws);
        let count = draws.draws();
        let mean = of_chain(&draws, 0, |block| sum(block, |x| x))? / count as f64;
        let squares = of_chain(&draws, 0, |block| sum(block, |x| (x - mean) * (x - mean)))?;
        Ok(Spread { count, mean, squares })
    }

    /// Their standard deviation, with divisor n − 1; NaN for fewer than two.
    pub fn sd(&self) -> f64 {
        (self.squares / (self.count as f64 - 1.0).max(0.0)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::read;
    use super::super::chains::Chains;
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

    /// Blocks are cut where a sum in memory cuts.
    #[test]
    fn chains_have_the_bits_of_sums() {
        let values: Vec<f64> = (0..2 * (5 * READ + 1001)).map(|i| libm::sin(i as f64)).collect();
        let chains = Chains::new(&values, 2).unwrap();
        let means = read(means(&chains));
        let variances = read(variances(&chains, &means));
        assert_eq!(means, chains.iter().map(mean).collect::<Vec<_>>());
        assert_eq!(variances, chains.iter().map(variance).collect::<Vec<_>>());
    }

    /// What a plain loop loses: a million times 0.1.
    #[test]
    fn errors_hardly_grow() {
        let values = vec![0.1; 1_000_000];
        let plain = values.iter().sum::<f64>();
        assert!((sum(&values, |x| x) - 1e5).abs() < 1e-10 && (plain - 1e5).abs() > 1e-7);
    }
}
