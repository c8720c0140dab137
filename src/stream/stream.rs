//! One task's random numbers.

use super::isa;
use super::kernels::counts_below;
use super::lanes::Lanes;
use super::reader::Reader;
use super::saved::Saved;
use super::ziggurat::normal_of_one;
use crate::isa::LANES;
use crate::isa::math::uniform_of_one;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// How many 32-bit halves one block holds.
const HALVES: usize = 2 * LANES;

/// The random numbers of one task.
///
/// It implements [`rand::Rng`], and has the draws that simulations spend their time in: single values, and `fill_`
/// methods that use the vector units. A fill gives exactly the values that as many single draws would.
///
/// Inside, the generators give blocks of eight words. Words (of which uniform and normal values take one each), 32-bit
/// halves and exponential values each take whole blocks and keep what is left of them, so that drawing one kind never
/// breaks another's blocks.
///
/// It can be serialized, and goes on with the next number.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Saved", try_from = "Saved")]
pub struct Stream {
    pub(super) lanes: Lanes,
    pub(super) words: Reader<u64, LANES>,
    pub(super) halves: Reader<u32, HALVES>,
    pub(super) exponentials: Reader<f64, LANES>,
}

impl Stream {
    pub(super) fn new(lanes: Lanes) -> Self {
        Stream { lanes, words: Reader::new(), halves: Reader::new(), exponentials: Reader::new() }
    }

    /// A uniform value: one of the 2^52 numbers (j + 1/2) / 2^52, so never 0 and never 1.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        uniform_of_one(self.word())
    }

    /// A standard normal value, from one word by the ziggurat of McFarland (2016): exact but for rounding, and at most 13
    /// standard deviations from 0.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal_of_one(self.word())
    }

    /// An exponential value with mean 1: −ln of a uniform one.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        let Stream { lanes, exponentials, .. } = self;
        exponentials.next(|block| isa::fill_exponential(lanes, std::slice::from_mut(block)))
    }

    /// An integer from 0 to `n` − 1, each with exactly the same probability (Lemire 2019, "Fast random integer
    /// generation in an interval").
    ///
    /// # Panics
    /// When `n` is 0.
    #[inline]
    pub fn index(&mut self, n: u64) -> u64 {
        assert!(n > 0, "no index is below 0");
        if n <= 1 << 32 {
            loop {
                let product = u64::from(self.half()) * n;
                let low = product & 0xffff_ffff;
                // Below the threshold, which is below n, lie the values that would favour some indices: draw again.
                if low >= n || low >= (1 << 32) % n {
                    return product >> 32;
                }
            }
        }
        loop {
            let product = u128::from(self.word()) * u128::from(n);
            let low = product as u64;
            if low >= n || low >= n.wrapping_neg() % n {
                return (product >> 64) as u64;
            }
        }
    }

    /// Fills `out` with [`uniform`](Self::uniform) values.
    pub fn fill_uniform(&mut self, out: &mut [f64]) {
        self.fill_from_words(out, isa::fill_uniform, Self::uniform);
    }

    /// Fills `out` with [`exponential`](Self::exponential) values.
    pub fn fill_exponential(&mut self, out: &mut [f64]) {
        let Stream { lanes, exponentials, .. } = self;
        exponentials.fill(out, |blocks| isa::fill_exponential(lanes, blocks));
    }

    /// A Poisson value with mean 1: how often a row is drawn in the Poisson bootstrap.
    #[inline]
    pub fn unit_poisson(&mut self) -> f64 {
        counts_below([self.uniform(); LANES])[0]
    }

    /// Fills `out` with [`unit_poisson`](Self::unit_poisson) values.
    pub fn fill_unit_poisson(&mut self, out: &mut [f64]) {
        self.fill_from_words(out, isa::fill_unit_poisson, Self::unit_poisson);
    }

    /// Fills `out` with standard [`normal`](Self::normal) values.
    pub fn fill_normal(&mut self, out: &mut [f64]) {
        self.fill_from_words(out, isa::fill_normal, Self::normal);
    }

    /// Fills `out` with integers from 0 to `n` − 1, as [`index`](Self::index) draws them.
    ///
    /// # Panics
    /// When `n` is 0.
    pub fn fill_index(&mut self, n: u32, out: &mut [u32]) {
        assert!(n > 0, "no index is below 0");
        let n = u64::from(n);
        let threshold = (1u64 << 32) % n;
        let mut rest = out;
        while !rest.is_empty() {
            if self.halves.left() > 0 || rest.len() < HALVES {
                rest[0] = self.index(n) as u32; // below n, which is a u32
                rest = &mut rest[1..];
                continue;
            }
            // A whole block at once; what is rejected (with probability below n / 2^32 each) leaves no gap.
            let mut kept = 0;
            for half in halves(&next_words(&mut self.lanes)) {
                let product = u64::from(half) * n;
                rest[kept] = (product >> 32) as u32;
                kept += usize::from(product & 0xffff_ffff >= threshold);
            }
            rest = &mut rest[kept..];
        }
    }

    /// Fills `out` with integers from 0 to `n` − 1, each with exactly the same probability, by 16 bits for each: for
    /// `n` up to some thousands. Takes whole blocks of words, and drops what is left of the last ones.
    ///
    /// # Panics
    /// When `n` is 0.
    pub(crate) fn fill_small_index(&mut self, n: u16, out: &mut [u16]) {
        assert!(n > 0, "no index is below 0");
        isa::fill_small_index(&mut self.lanes, n, out);
    }

    /// Fills `out` with gamma variables of shape 3 and rate 1. Takes whole blocks of words.
    ///
    /// # Panics
    /// When these are not whole blocks, of eight.
    pub(crate) fn fill_gamma_3(&mut self, out: &mut [f64]) {
        let (blocks, rest) = out.as_chunks_mut();
        assert!(rest.is_empty(), "whole blocks only");
        isa::fill_gamma_3(&mut self.lanes, blocks);
    }

    /// How many of so many tosses of a fair coin are heads. Takes whole blocks of words.
    pub(crate) fn heads(&mut self, tosses: u64) -> u64 {
        isa::heads(&mut self.lanes, tosses)
    }

    /// Fills `out` with one value for each word: `blocks` makes whole blocks of values, `single` one.
    fn fill_from_words(
        &mut self,
        out: &mut [f64],
        blocks: impl Fn(&mut Lanes, &mut [[f64; LANES]]),
        single: impl Fn(&mut Self) -> f64,
    ) {
        let left = out.len().min(self.words.left());
        let (first, out) = out.split_at_mut(left);
        first.fill_with(|| single(self));
        let (whole, last) = out.as_chunks_mut::<LANES>();
        blocks(&mut self.lanes, whole);
        last.fill_with(|| single(self));
    }

    #[inline(always)]
    fn word(&mut self) -> u64 {
        let Stream { lanes, words, .. } = self;
        words.next(|block| *block = next_words(lanes))
    }

    #[inline(always)]
    fn half(&mut self) -> u32 {
        let Stream { lanes, halves: reader, .. } = self;
        reader.next(|block| *block = halves(&next_words(lanes)))
    }
}

fn next_words(lanes: &mut Lanes) -> [u64; LANES] {
    let mut words = [0; LANES];
    isa::words(lanes, &mut words);
    words
}

/// Each word's lower half, then its upper.
#[inline(always)]
fn halves(words: &[u64; LANES]) -> [u32; HALVES] {
    std::array::from_fn(|i| (words[i / 2] >> (32 * (i % 2))) as u32)
}

impl rand::TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.half())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for bytes in out.chunks_mut(8) {
            bytes.copy_from_slice(&self.word().to_le_bytes()[..bytes.len()]);
        }
        Ok(())
    }
}
