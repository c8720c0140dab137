//! The fast Fourier transform, for lengths that are powers of two.
//!
//! It is written out here because it must have the same bits everywhere: libraries take sines from the platform, and
//! choose instructions by the processor. It is also half the work: products of spectra don't care in which order
//! frequencies come, so nothing is ever put in order.

use std::f64::consts::TAU;

/// The transforms of one length.
pub(super) struct Fourier {
    /// cos and −sin of 2πj/m for j < m/2, for m = n, n/2, ... 2, one after another.
    cos: Vec<f64>,
    minus_sin: Vec<f64>,
}

impl Fourier {
    /// The transforms of length `n`, a power of two.
    pub fn new(n: usize) -> Self {
        let (mut cos, mut minus_sin) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for j in 0..n / 2 {
            let (s, c) = libm::sincos(TAU * (j as f64 / n as f64));
            cos.push(c);
            minus_sin.push(-s);
        }
        let mut stride = 2;
        while stride <= n / 2 {
            for j in (0..n / 2).step_by(stride) {
                cos.push(cos[j]);
                minus_sin.push(minus_sin[j]);
            }
            stride *= 2;
        }
        Fourier { cos, minus_sin }
    }

    /// The twiddle factors of each size of butterfly, the largest first.
    fn stages(&self) -> impl DoubleEndedIterator<Item = (&[f64], &[f64])> {
        let n = self.cos.len() + 1; // n/2 + n/4 + ... + 1 = n − 1
        (0..n.trailing_zeros()).map(move |stage| {
            let (start, end) = (n - (n >> stage), n - (n >> (stage + 1)));
            (&self.cos[start..end], &self.minus_sin[start..end])
        })
    }

    /// Σ_j x_j exp(−2πi jk/n) of the numbers with these real and imaginary parts, in their place.
    ///
    /// Frequency k comes at the place whose bits are those of k in reverse: even ones in the first half. (Decimation in
    /// frequency, Gentleman and Sande 1966.)
    pub fn forward(&self, re: &mut [f64], im: &mut [f64]) {
        for (cos, minus_sin) in self.stages() {
            let half = cos.len();
            for (re, im) in re.chunks_exact_mut(2 * half).zip(im.chunks_exact_mut(2 * half)) {
                let ((re, lower_re), (im, lower_im)) = (re.split_at_mut(half), im.split_at_mut(half));
                for j in 0..half {
                    let (a, b) = (re[j] - lower_re[j], im[j] - lower_im[j]);
                    re[j] += lower_re[j];
                    im[j] += lower_im[j];
                    lower_re[j] = a * cos[j] - b * minus_sin[j];
                    lower_im[j] = a * minus_sin[j] + b * cos[j];
                }
            }
        }
    }

    /// Undoes [`forward`](Self::forward), but for the factor n. (Decimation in time, Cooley and Tukey 1965.)
    pub fn backward(&self, re: &mut [f64], im: &mut [f64]) {
        for (cos, minus_sin) in self.stages().rev() {
            let half = cos.len();
            for (re, im) in re.chunks_exact_mut(2 * half).zip(im.chunks_exact_mut(2 * half)) {
                let ((re, lower_re), (im, lower_im)) = (re.split_at_mut(half), im.split_at_mut(half));
                for j in 0..half {
                    let a = lower_re[j] * cos[j] + lower_im[j] * minus_sin[j];
                    let b = lower_im[j] * cos[j] - lower_re[j] * minus_sin[j];
                    lower_re[j] = re[j] - a;
                    lower_im[j] = im[j] - b;
                    re[j] += a;
                    im[j] += b;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every frequency by its definition, found where its bits in reverse say; and back again.
    #[test]
    fn transforms_are_those_of_the_definition() {
        for bits in 0..8u32 {
            let n = 1usize << bits;
            let wave = |j: usize, f: f64| libm::sin(f * (j * j) as f64 + 0.3);
            let (a, b): (Vec<f64>, Vec<f64>) = (0..n).map(|j| (wave(j, 1.7), wave(j, 0.9))).unzip();
            let (mut re, mut im) = (a.clone(), b.clone());
            let fourier = Fourier::new(n);
            fourier.forward(&mut re, &mut im);
            for k in 0..n {
                let (mut x, mut y) = (0.0, 0.0);
                for j in 0..n {
                    let (s, c) = libm::sincos(-TAU * (j * k % n) as f64 / n as f64);
                    x += a[j] * c - b[j] * s;
                    y += a[j] * s + b[j] * c;
                }
                let place = if bits == 0 { 0 } else { k.reverse_bits() >> (usize::BITS - bits) };
                assert!((re[place] - x).abs() + (im[place] - y).abs() < 1e-12, "length {n}, frequency {k}");
            }
            fourier.backward(&mut re, &mut im);
            let back = |found: &[f64], values: &[f64]| {
                found.iter().zip(values).all(|(found, x)| (found / n as f64 - x).abs() < 1e-14)
            };
            assert!(back(&re, &a) && back(&im, &b), "length {n}");
        }
    }
}
