//! The bulk fills, block by block: loops over lanes that the compiler turns into vector instructions.

use super::lanes::Lanes;
use super::math::{ln, sin_cos_of_turn, uniform as uniform_of};
use crate::isa::LANES;

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

/// Poisson values with mean 1: one from each word, by inversion.
#[inline(always)]
pub(super) fn unit_poisson(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    for block in out {
        let words = lanes.next();
        let uniform: [f64; LANES] = std::array::from_fn(|l| uniform_of(words[l]));
        *block = counts_below(uniform);
    }
}

/// How many of the Poisson distribution's cumulative probabilities are at most the uniform value.
#[inline(always)]
pub(super) fn counts_below(uniform: [f64; LANES]) -> [f64; LANES] {
    let mut counts = [0.0; LANES];
    let mut add = |limits: &[f64]| {
        for limit in limits {
            for l in 0..LANES {
                counts[l] += if uniform[l] >= *limit { 1.0 } else { 0.0 };
            }
        }
    };
    // Seven comparisons decide all but one value in 12,000.
    let (near, far) = UNIT_POISSON_CDF.split_at(7);
    add(near);
    if uniform.iter().any(|u| *u >= near[6]) {
        add(far);
    }
    counts
}

/// Σ exp(−1) / k! up to k = 0, 1, ..., until it differs from 1 by less than a uniform value can.
const UNIT_POISSON_CDF: [f64; 18] = {
    let (mut cdf, mut term, mut k) = ([0.0; 18], 1.0 / std::f64::consts::E, 0);
    let mut sum = 0.0;
    while k < cdf.len() {
        sum += term;
        cdf[k] = sum;
        k += 1;
        term /= k as f64;
    }
    cdf
};
