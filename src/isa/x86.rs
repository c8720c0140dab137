//! Vectors of x86-64: one register of AVX-512, or two of AVX2.
//!
//! The `unsafe` of this file: calls of instructions that a machine may lack. Nothing makes one of these vectors but a
//! kernel that [`for_each_level!`](super::for_each_level) has compiled for the level they belong to, and that runs
//! behind a comparison with the machine's. All other instructions used here touch registers only; memory is read and
//! written through references to arrays of the register's size.

use super::LANES;
use super::vector::{Floats, Words};
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Sub};

/// Eight words in an AVX-512 register.
#[derive(Clone, Copy)]
pub(crate) struct Words512(__m512i);

/// Eight floats in an AVX-512 register.
#[derive(Clone, Copy)]
pub(crate) struct Floats512(__m512d);

/// Eight words in two AVX2 registers.
#[derive(Clone, Copy)]
pub(crate) struct Words256([__m256i; 2]);

/// Eight floats in two AVX2 registers.
#[derive(Clone, Copy)]
pub(crate) struct Floats256([__m256d; 2]);

macro_rules! operators {
    ($($type:ident $operator:ident $method:ident $one:ident $two:tt),*) => {
        $(impl $operator for $type {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                $two!($type, $one, self, other)
            }
        })*
    };
}
macro_rules! whole {
    ($type:ident, $instruction:ident, $a:expr, $b:expr) => {
        // SAFETY: see above.
        $type(unsafe { $instruction($a.0, $b.0) })
    };
}
macro_rules! halves {
    ($type:ident, $instruction:ident, $a:expr, $b:expr) => {
        // SAFETY: see above.
        $type(unsafe { [$instruction($a.0[0], $b.0[0]), $instruction($a.0[1], $b.0[1])] })
    };
}
operators! {
    Words512 Add add _mm512_add_epi64 whole,
    Words512 BitAnd bitand _mm512_and_si512 whole,
    Words512 BitOr bitor _mm512_or_si512 whole,
    Words512 BitXor bitxor _mm512_xor_si512 whole,
    Floats512 Add add _mm512_add_pd whole,
    Floats512 Sub sub _mm512_sub_pd whole,
    Floats512 Mul mul _mm512_mul_pd whole,
    Floats512 Div div _mm512_div_pd whole,
    Words256 Add add _mm256_add_epi64 halves,
    Words256 BitAnd bitand _mm256_and_si256 halves,
    Words256 BitOr bitor _mm256_or_si256 halves,
    Words256 BitXor bitxor _mm256_xor_si256 halves,
    Floats256 Add add _mm256_add_pd halves,
    Floats256 Sub sub _mm256_sub_pd halves,
    Floats256 Mul mul _mm256_mul_pd halves,
    Floats256 Div div _mm256_div_pd halves
}

impl Words for Words512 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: see above.
        Words512(unsafe { _mm512_set1_epi64(word as i64) })
    }

    #[inline(always)]
    fn load(words: &[u64; LANES]) -> Self {
        // SAFETY: see above.
        Words512(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [u64; LANES]) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn shl(self, bits: u32) -> Self {
        // SAFETY: see above.
        Words512(unsafe { _mm512_sll_epi64(self.0, _mm_cvtsi32_si128(bits as i32)) })
    }

    #[inline(always)]
    fn shr(self, bits: u32) -> Self {
        // SAFETY: see above.
        Words512(unsafe { _mm512_srl_epi64(self.0, _mm_cvtsi32_si128(bits as i32)) })
    }
}

impl Floats for Floats512 {
    type Words = Words512;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        // SAFETY: see above.
        Floats512(unsafe { _mm512_set1_pd(x) })
    }

    #[inline(always)]
    fn load(x: &[f64; LANES]) -> Self {
        // SAFETY: see above.
        Floats512(unsafe { _mm512_loadu_pd(x.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64; LANES]) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn to_bits(self) -> Words512 {
        // SAFETY: see above.
        Words512(unsafe { _mm512_castpd_si512(self.0) })
    }

    #[inline(always)]
    fn from_bits(bits: Words512) -> Self {
        // SAFETY: see above.
        Floats512(unsafe { _mm512_castsi512_pd(bits.0) })
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        // SAFETY: see above.
        Floats512(unsafe { _mm512_fmadd_pd(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: see above.
        Floats512(unsafe { _mm512_sqrt_pd(self.0) })
    }

    #[inline(always)]
    fn select(choice: Words512, a: Self, b: Self) -> Self {
        // SAFETY: see above.
        Floats512(unsafe { _mm512_mask_blend_pd(_mm512_movepi64_mask(choice.0), b.0, a.0) })
    }
}

impl Words for Words256 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: see above.
        Words256([unsafe { _mm256_set1_epi64x(word as i64) }; 2])
    }

    #[inline(always)]
    fn load(words: &[u64; LANES]) -> Self {
        let (halves, _) = words.as_chunks::<4>();
        // SAFETY: see above.
        Words256(unsafe {
            [_mm256_loadu_si256(halves[0].as_ptr().cast()), _mm256_loadu_si256(halves[1].as_ptr().cast())]
        })
    }

    #[inline(always)]
    fn store(self, to: &mut [u64; LANES]) {
        let (halves, _) = to.as_chunks_mut::<4>();
        // SAFETY: see above.
        unsafe {
            _mm256_storeu_si256(halves[0].as_mut_ptr().cast(), self.0[0]);
            _mm256_storeu_si256(halves[1].as_mut_ptr().cast(), self.0[1]);
        }
    }

    #[inline(always)]
    fn shl(self, bits: u32) -> Self {
        // SAFETY: see above.
        unsafe {
            let bits = _mm_cvtsi32_si128(bits as i32);
            Words256([_mm256_sll_epi64(self.0[0], bits), _mm256_sll_epi64(self.0[1], bits)])
        }
    }

    #[inline(always)]
    fn shr(self, bits: u32) -> Self {
        // SAFETY: see above.
        unsafe {
            let bits = _mm_cvtsi32_si128(bits as i32);
            Words256([_mm256_srl_epi64(self.0[0], bits), _mm256_srl_epi64(self.0[1], bits)])
        }
    }
}

impl Floats for Floats256 {
    type Words = Words256;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        // SAFETY: see above.
        Floats256([unsafe { _mm256_set1_pd(x) }; 2])
    }

    #[inline(always)]
    fn load(x: &[f64; LANES]) -> Self {
        let (halves, _) = x.as_chunks::<4>();
        // SAFETY: see above.
        Floats256(unsafe { [_mm256_loadu_pd(halves[0].as_ptr()), _mm256_loadu_pd(halves[1].as_ptr())] })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64; LANES]) {
        let (halves, _) = to.as_chunks_mut::<4>();
        // SAFETY: see above.
        unsafe {
            _mm256_storeu_pd(halves[0].as_mut_ptr(), self.0[0]);
            _mm256_storeu_pd(halves[1].as_mut_ptr(), self.0[1]);
        }
    }

    #[inline(always)]
    fn to_bits(self) -> Words256 {
        // SAFETY: see above.
        Words256(unsafe { [_mm256_castpd_si256(self.0[0]), _mm256_castpd_si256(self.0[1])] })
    }

    #[inline(always)]
    fn from_bits(bits: Words256) -> Self {
        // SAFETY: see above.
        Floats256(unsafe { [_mm256_castsi256_pd(bits.0[0]), _mm256_castsi256_pd(bits.0[1])] })
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        // SAFETY: see above.
        Floats256(unsafe { [_mm256_fmadd_pd(self.0[0], a.0[0], b.0[0]), _mm256_fmadd_pd(self.0[1], a.0[1], b.0[1])] })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: see above.
        Floats256(unsafe { [_mm256_sqrt_pd(self.0[0]), _mm256_sqrt_pd(self.0[1])] })
    }

    #[inline(always)]
    fn select(choice: Words256, a: Self, b: Self) -> Self {
        let choice = Self::from_bits(choice);
        // SAFETY: see above.
        Floats256(unsafe {
            [_mm256_blendv_pd(b.0[0], a.0[0], choice.0[0]), _mm256_blendv_pd(b.0[1], a.0[1], choice.0[1])]
        })
    }
}
