//! xoshiro256++ (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators"), eight generators side by
//! side.

use crate::isa::LANES;
use serde::{Deserialize, Serialize};

/// The states of eight generators, word by word, so that a step of all eight is a few vector instructions.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Lanes {
    state: [[u64; LANES]; 4],
}

impl Lanes {
    /// Eight generators from their states.
    pub(super) fn new(states: [[u64; 4]; LANES]) -> Self {
        let mut lanes = Lanes { state: [[0; LANES]; 4] };
        for (lane, state) in states.iter().enumerate() {
            for (word, value) in state.iter().enumerate() {
                lanes.state[word][lane] = *value;
            }
        }
        lanes
    }

    /// The state of one of the generators.
    pub(super) fn lane(&self, lane: usize) -> [u64; 4] {
        self.state.map(|word| word[lane])
    }

    /// The next word of each generator.
    #[inline(always)]
    pub(super) fn next(&mut self) -> [u64; LANES] {
        let [s0, _, _, s3] = &self.state;
        let words = std::array::from_fn(|l| s0[l].wrapping_add(s3[l]).rotate_left(23).wrapping_add(s0[l]));
        self.step();
        words
    }

    /// The linear part of the generator: one multiplication by x in the ring of [`Jump`](super::jump::Jump).
    #[inline(always)]
    fn step(&mut self) {
        let [s0, s1, s2, s3] = &mut self.state;
        for l in 0..LANES {
            let shifted = s1[l] << 17;
            s2[l] ^= s0[l];
            s3[l] ^= s1[l];
            s1[l] ^= s2[l];
            s0[l] ^= s3[l];
            s2[l] ^= shifted;
            s3[l] = s3[l].rotate_left(45);
        }
    }

    /// All eight generators, moved along the cycle to where x reaches `polynomial` modulo the characteristic polynomial.
    ///
    /// Horner's rule, four coefficients at a time: 256 steps, and a sixteenth as many table look-ups and additions.
    #[inline(always)]
    pub(super) fn jumped(&self, polynomial: &[u64; 4]) -> Self {
        let zero = Lanes { state: [[0; LANES]; 4] };
        let mut multiples: [Lanes; 16] = std::array::from_fn(|_| zero.clone());
        multiples[1] = self.clone();
        for v in 2..16 {
            multiples[v] = if v % 2 == 0 {
                let mut half = multiples[v / 2].clone();
                half.step();
                half
            } else {
                let mut even = multiples[v - 1].clone();
                even.add(self);
                even
            };
        }
        let mut sum = zero;
        for word in polynomial.iter().rev() {
            for shift in (0..64).step_by(4).rev() {
                (0..4).for_each(|_| sum.step());
                sum.add(&multiples[(word >> shift & 15) as usize]);
            }
        }
        sum
    }

    /// Adds states over GF(2).
    #[inline(always)]
    fn add(&mut self, other: &Lanes) {
        for (mine, theirs) in self.state.as_flattened_mut().iter_mut().zip(other.state.as_flattened()) {
            *mine ^= theirs;
        }
    }
}
