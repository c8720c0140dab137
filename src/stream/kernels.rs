//! The bulk fills, block by block: loops over lanes that the compiler turns into vector instructions.

use super::lanes::{LANES, Lanes};
use super::math::{ln, sin_cos_of_turn, uniform as uniform_of};

/// How many normal values one block holds: two from each pair of words.
pub(super) const BLOCK: usize = 2 * LANES;

/// Uniform values: one from each word.
#[inline(always)]
pub(super) fn uniform(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    for block in out {
        let words = lanes.next();
        for l in 0..LANES {
            block[l] = uniform_of(words[l]);
        }
    }
}

/// Exponential values with mean 1: one from each word.
#[inline(always)]
pub(super) fn exponential(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    for block in out {
        let words = lanes.next();
        for l in 0..LANES {
            block[l] = -ln(uniform_of(words[l]));
        }
    }
}

/// Standard normal values: sixteen from two words of each lane (Box and Muller 1958).
#[inline(always)]
pub(super) fn normal(lanes: &mut Lanes, out: &mut [[f64; BLOCK]]) {
    for block in out {
        let (radius, angle) = (lanes.next(), lanes.next());
        let (cosines, sines) = block.split_at_mut(LANES);
        for l in 0..LANES {
            let r = (-2.0 * ln(uniform_of(radius[l]))).sqrt();
            let (sine, cosine) = sin_cos_of_turn(uniform_of(angle[l]));
            cosines[l] = r * cosine;
            sines[l] = r * sine;
        }
    }
}
