//! Autocovariances, by Fourier transforms of blocks.
//!
//! The products of draws k apart, summed over a series, are those of each block with itself and the next one. A block
//! of B draws followed by B zeros has the spectrum U; with the next block after it instead of zeros the spectrum is U +
//! (−1)^k U', since a shift by half the length only changes signs. So Σ conj(U) (U + (−1)^k U') over the blocks
//! transforms back to all sums for lags below B, and no transform is larger than the processor's cache unless many lags
//! are asked for. Of several series the spectra are summed, two series at a time: one as real, one as imaginary part.

use super::blocks::{BLOCK, Blocks, read};
use super::chains::Chains;
use super::fft::Fourier;
use super::sums;

/// The autocovariance of a series at every lag k: Σ (x(i) − x̄) (x(i+k) − x̄) / n, with divisor n whatever the lag, as
/// ArviZ and R have it. As many as there are values.
pub fn autocovariance(values: &[f64]) -> Vec<f64> {
    of_series(values, values.len())
}

/// The autocorrelation of a series at every lag: the [`autocovariance`] divided by that at lag 0. NaN for equal values,
/// unless rounding keeps their mean from being one of them.
pub fn autocorrelation(values: &[f64]) -> Vec<f64> {
    first_autocorrelations(values, values.len())
}

/// The [`autocorrelation`] at the lags below `lags` alone, with memory that does not grow with the series.
pub fn first_autocorrelations(values: &[f64], lags: usize) -> Vec<f64> {
    let mut first = of_series(values, lags.min(values.len()));
    let variance = first.first().copied().unwrap_or(f64::NAN);
    first.iter_mut().for_each(|x| *x /= variance);
    first
}

fn of_series(values: &[f64], lags: usize) -> Vec<f64> {
    read(mean_autocovariances(&Chains::one(values), &[sums::mean(values)], lags))
}

/// The mean over chains of their autocovariances, computed as far as lags are asked for.
pub(super) struct Autocovariances<'a, D> {
    draws: &'a D,
    means: Vec<f64>,
    most: usize,
    known: Vec<f64>,
    exhausted: bool,
}

/// So many lags are computed at first, and each time that more are needed, so many times as many: most chains have
/// forgotten their past after a few hundred draws.
const FEW: usize = 1024;
const MORE: usize = 8;

impl<'a, D: Blocks> Autocovariances<'a, D> {
    /// Those of these chains, which have these means, at no more than `most` lags.
    pub fn new(draws: &'a D, means: Vec<f64>, most: usize) -> Self {
        Autocovariances { draws, means, most, known: Vec::new(), exhausted: false }
    }

    /// The one at this lag; NaN beyond the chains' length, and beyond the most lags.
    pub fn at(&mut self, lag: usize) -> Result<f64, D::Error> {
        if lag >= self.known.len() && lag < self.draws.draws() {
            self.exhausted |= lag >= self.most;
            if !self.exhausted {
                let lags = (MORE * self.known.len()).max(FEW).max(lag + 1).min(self.most);
                self.known = mean_autocovariances(self.draws, &self.means, lags.min(self.draws.draws()))?;
            }
        }
        Ok(self.known.get(lag).copied().unwrap_or(f64::NAN))
    }

    /// Whether a lag of the chains was asked for that is beyond the most.
    pub fn are_exhausted(&self) -> bool {
        self.exhausted
    }
}

/// The mean over chains, which have these means, of the autocovariances at the lags below `lags`.
fn mean_autocovariances<D: Blocks>(draws: &D, means: &[f64], lags: usize) -> Result<Vec<f64>, D::Error> {
    let block = lags.next_power_of_two();
    let fourier = Fourier::new(2 * block);
    let mut sum = Spectrum::new(2 * block);
    let mut series: Vec<Series<'_, D>> =
        means.iter().enumerate().map(|(chain, mean)| Series { draws, chain, mean: *mean, ahead: Vec::new() }).collect();
    for pair in series.chunks_mut(2) {
        let mut current = Spectrum::new(2 * block);
        let mut next = Spectrum::new(2 * block);
        current.take(pair, 0, block, &fourier)?;
        for start in (block..draws.draws()).step_by(block) {
            next.take(pair, start, block, &fourier)?;
            sum.add_products(&current, Some(&next));
            std::mem::swap(&mut current, &mut next);
        }
        sum.add_products(&current, None);
        pair.iter_mut().for_each(|series| series.ahead = Vec::new());
    }
    fourier.backward(&mut sum.re, &mut sum.im);
    let scale = (2 * block) as f64 * (draws.chains() * draws.draws()) as f64;
    sum.re.truncate(lags);
    sum.re.iter_mut().for_each(|x| *x /= scale);
    Ok(sum.re)
}

/// A series and its mean.
struct Series<'a, D> {
    draws: &'a D,
    chain: usize,
    mean: f64,
    /// What has been read, from a multiple of its length on.
    ahead: Vec<f64>,
}

impl<D: Blocks> Series<'_, D> {
    /// Sets the beginning of `out` to the deviations from the mean from `start` on, at most `block` of them, and what
    /// is beyond to 0. Blocks are taken in order; their length is a power of two, and so is that of what is read.
    fn deviations(&mut self, start: usize, block: usize, out: &mut [f64]) -> Result<(), D::Error> {
        let draws = self.draws.draws();
        let (end, length) = ((start + block).min(draws), block.max(BLOCK));
        let at = start % length;
        if at == 0 {
            self.ahead.resize(length.min(draws - start), 0.0);
            self.draws.read(self.chain, start, &mut self.ahead)?;
        }
        let (taken, rest) = out.split_at_mut(end - start);
        taken.iter_mut().zip(&self.ahead[at..]).for_each(|(out, x)| *out = x - self.mean);
        rest.fill(0.0);
        Ok(())
    }
}

/// Real and imaginary parts, in the order of [`Fourier::forward`].
struct Spectrum {
    re: Vec<f64>,
    im: Vec<f64>,
}

impl Spectrum {
    fn new(n: usize) -> Self {
        Spectrum { re: vec![0.0; n], im: vec![0.0; n] }
    }

    /// Becomes the spectrum of a block of one or two series, and as many zeros.
    fn take<D: Blocks>(
        &mut self,
        pair: &mut [Series<'_, D>],
        start: usize,
        block: usize,
        fourier: &Fourier,
    ) -> Result<(), D::Error> {
        pair[0].deviations(start, block, &mut self.re)?;
        match pair.get_mut(1) {
            Some(series) => series.deviations(start, block, &mut self.im)?,
            None => self.im.fill(0.0),
        }
        fourier.forward(&mut self.re, &mut self.im);
        Ok(())
    }

    /// Adds conj(U) (U + (−1)^k U') at every frequency k.
    fn add_products(&mut self, u: &Spectrum, next: Option<&Spectrum>) {
        let Some(next) = next else {
            for (k, sum) in self.re.iter_mut().enumerate() {
                *sum += u.re[k] * u.re[k] + u.im[k] * u.im[k];
            }
            return;
        };
        // Even frequencies are in the first half.
        let half = self.re.len() / 2;
        self.add_shifted(0..half, u, next, 1.0);
        self.add_shifted(half..2 * half, u, next, -1.0);
    }

    fn add_shifted(&mut self, range: std::ops::Range<usize>, u: &Spectrum, next: &Spectrum, sign: f64) {
        let (sum_re, sum_im) = (&mut self.re[range.clone()], &mut self.im[range.clone()]);
        let (a, b) = (&u.re[range.clone()], &u.im[range.clone()]);
        let (c, d) = (&next.re[range.clone()], &next.im[range]);
        for k in 0..sum_re.len() {
            let (re, im) = (a[k] + sign * c[k], b[k] + sign * d[k]);
            sum_re[k] += a[k] * re + b[k] * im;
            sum_im[k] += a[k] * im - b[k] * re;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the definition.
    fn direct(values: &[f64], lag: usize) -> f64 {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        values.iter().zip(values.iter().skip(lag)).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>() / n
    }

    #[test]
    fn by_hand() {
        // Deviations −2, −1, 0, 3: 4 + 1 + 9; 2 + 0 + 0; 0 − 3; −6.
        let expected = [14.0, 2.0, -3.0, -6.0].map(|sum| sum / 4.0);
        for (found, expected) in autocovariance(&[1.0, 2.0, 3.0, 6.0]).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{found} and {expected}");
        }
        assert!(autocovariance(&[]).is_empty());
        assert!(autocorrelation(&[2.0; 5]).iter().all(|x| x.is_nan()));
        for (found, expected) in first_autocorrelations(&[1.0, 2.0, 3.0, 6.0], 3).iter().zip([14.0, 2.0, -3.0]) {
            assert!((found - expected / 14.0).abs() < 1e-15, "{found} and {expected}");
        }
        assert!(first_autocorrelations(&[], 3).is_empty() && first_autocorrelations(&[1.0], 0).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Any cut into blocks gives the definition's sums.
        #[test]
        fn blocks_give_all_sums(
            values in prop::collection::vec(-1e3f64..1e3, 1..200),
            chains in 1usize..4,
            share in 0.0f64..1.0,
        ) {
            let draws = values.len() / chains;
            let chains = Chains::new(&values[..draws * chains], chains).unwrap();
            let lags = (draws as f64 * share).ceil() as usize;
            let means = read(sums::means(&chains));
            let found = read(mean_autocovariances(&chains, &means, lags));
            prop_assert_eq!(found.len(), lags);
            for (lag, found) in found.iter().enumerate() {
                let expected = chains.iter().map(|chain| direct(chain, lag)).sum::<f64>() / chains.chains() as f64;
                prop_assert!((found - expected).abs() < 1e-8, "lag {}: {} and {}", lag, found, expected);
            }
        }
    }
}
