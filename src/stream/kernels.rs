//! The bulk fills, block by block: loops over lanes that the compiler turns into vector instructions.

use super::lanes::{Generators, Lanes};
use crate::isa::math::{minus_two_ln, uniform as uniform_of};
use crate::isa::{Floats, LANES, QUARTERS, Words};

/// One word of each lane.
#[inline(always)]
pub(super) fn words<F: Floats>(lanes: &mut Lanes, out: &mut [u64; LANES]) {
    let mut generators = Generators::<F>::load(lanes);
    generators.next().store(out);
    generators.store(lanes);
}

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

/// So many blocks of words are taken at once by [`small_index`].
const BLOCKS: usize = 8;

/// Their quarters, where vectors are not in two cache lines each.
#[repr(align(64))]
struct Pieces([[u16; QUARTERS]; BLOCKS]);

/// Integers below `n`, from 16 bits each (Lemire 2019, "Fast random integer generation in an interval").
#[inline(always)]
pub(super) fn small_index<F: Floats>(lanes: &mut Lanes, n: u16, out: &mut [u16]) {
    let mut generators = Generators::<F>::load(lanes);
    let threshold = ((1 << 16) % u32::from(n)) as u16;
    let (mut pieces, mut last) = (Pieces([[0; QUARTERS]; BLOCKS]), [[0; QUARTERS]; BLOCKS]);
    let mut made = 0;
    while made < out.len() {
        for pieces in &mut pieces.0 {
            generators.next().store_quarters(pieces);
        }
        let (left, _) = out[made..].as_chunks_mut();
        let (indices, is_last) = left.first_chunk_mut().map_or((&mut last, true), |indices| (indices, false));
        // In which blocks are some that would favour an integer: most often in none.
        let mut unfair = 0;
        for (block, (pieces, indices)) in pieces.0.iter().zip(&mut *indices).enumerate() {
            unfair |= u32::from(F::Words::scale_quarters(pieces, n, threshold, indices)) << block;
        }
        let mut kept = BLOCKS * QUARTERS;
        if unfair != 0 {
            kept = keep(&pieces.0, n, threshold, unfair, indices);
        }
        if is_last {
            kept = kept.min(out.len() - made);
            out[made..made + kept].copy_from_slice(&last.as_flattened()[..kept]);
        }
        made += kept;
    }
    generators.store(lanes);
}

/// Leaves out those whose product's lower half is below the threshold, in the `unfair` blocks. How many are left.
fn keep(
    pieces: &[[u16; QUARTERS]; BLOCKS],
    n: u16,
    threshold: u16,
    unfair: u32,
    indices: &mut [[u16; QUARTERS]; BLOCKS],
) -> usize {
    let indices = indices.as_flattened_mut();
    let mut kept = 0;
    for (block, pieces) in pieces.iter().enumerate() {
        let begin = block * QUARTERS;
        if unfair >> block & 1 == 0 {
            indices.copy_within(begin..begin + QUARTERS, kept);
            kept += QUARTERS;
            continue;
        }
        for (place, piece) in (begin..).zip(pieces) {
            indices[kept] = indices[place]; // no more are kept than looked at
            kept += usize::from(piece.wrapping_mul(n) >= threshold);
        }
    }
    kept
}

/// Gamma variables of shape 3 and rate 1, from three words each: −ln of the product of three uniform variables.
#[inline(always)]
pub(super) fn gamma_3<F: Floats>(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    let mut generators = Generators::<F>::load(lanes);
    for block in out {
        let (a, b, c) = (generators.next(), generators.next(), generators.next());
        let product = uniform_of::<F>(a) * uniform_of(b) * uniform_of(c);
        (F::splat(0.5) * minus_two_ln(product)).store(block);
    }
    generators.store(lanes);
}

/// How many of the next bits are set: of the words in their order, from the lowest bit of each.
#[inline(always)]
pub(super) fn heads<F: Floats>(lanes: &mut Lanes, bits: u64) -> u64 {
    const BITS: u64 = 64 * LANES as u64;
    let mut generators = Generators::<F>::load(lanes);
    let mut words = [0; LANES];
    let mut heads = 0;
    for _ in 0..bits / BITS {
        generators.next().store(&mut words);
        heads += words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
    }
    if !bits.is_multiple_of(BITS) {
        generators.next().store(&mut words);
        let mut left = (bits % BITS) as u32;
        for word in words {
            let here = left.min(64);
            heads += u64::from(word.unbounded_shl(64 - here).count_ones());
            left -= here;
        }
    }
    generators.store(lanes);
    heads
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
