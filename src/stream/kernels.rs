//! The bulk fills, block by block: loops over lanes that the compiler turns into vector instructions.

use super::lanes::{Generators, Lanes};
use crate::isa::math::{minus_two_ln, on_circle, uniform as uniform_of};
use crate::isa::{Floats, LANES};

/// How many normal values one block holds: two from each pair of words.
pub(super) const BLOCK: usize = 2 * LANES;

/// Uniform values: one from each word.
#[inline(always)]
pub(super) fn uniform<F: Floats>(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    let mut generators = Generators::<F>::load(lanes);
    for block in out {
        uniform_of::<F>(generators.next()).store(block);
    }
    generators.store(lanes);
}

/// Exponential values with mean 1: one from each word.
#[inline(always)]
pub(super) fn exponential<F: Floats>(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    let mut generators = Generators::<F>::load(lanes);
    for block in out {
        (F::splat(0.5) * minus_two_ln(uniform_of::<F>(generators.next()))).store(block);
    }
    generators.store(lanes);
}

/// Standard normal values: sixteen from two words of each lane (Box and Muller 1958).
#[inline(always)]
pub(super) fn normal<F: Floats>(lanes: &mut Lanes, out: &mut [[f64; BLOCK]]) {
    let mut generators = Generators::<F>::load(lanes);
    for block in out {
        let (first, second) = normals(&mut generators);
        let [a, b] = block.as_chunks_mut().0 else { unreachable!("a block is of two vectors") };
        first.store(a);
        second.store(b);
    }
    generators.store(lanes);
}

/// The next sixteen normal values.
#[inline(always)]
fn normals<F: Floats>(generators: &mut Generators<F>) -> (F, F) {
    let radius = minus_two_ln(uniform_of::<F>(generators.next())).sqrt();
    let (x, y) = on_circle::<F>(generators.next());
    (radius * x, radius * y)
}

/// Poisson values with mean 1: one from each word, by inversion.
#[inline(always)]
pub(super) fn unit_poisson<F: Floats>(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    let mut generators = Generators::<F>::load(lanes);
    for block in out {
        uniform_of::<F>(generators.next()).store(block);
        *block = counts_below(*block);
    }
    generators.store(lanes);
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
