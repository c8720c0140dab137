//! Vectors of x86-64: one register of AVX-512, or two of AVX2.
//!
//! The `unsafe` of this file: calls of instructions that a machine may lack. Nothing makes one of these vectors but a
//! kernel that [`for_each_level!`](super::for_each_level) has compiled for the level they belong to, and that runs
//! behind a comparison with the machine's. All other instructions used here touch registers only; memory is read and
//! written through references to arrays of the register's size.

use super::vector::{Floats, Words};
use super::{LANES, QUARTERS, TABLE};
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

/// A factor that the compiler takes for another one every time. (What it knows to be the same in a whole loop it converts
/// to 32 bits before that loop, and then misses that there is an instruction for the upper half of a product of 16 bits.)
#[inline(always)]
fn at_every_use(n: u16) -> i16 {
    std::hint::black_box(n) as i16
}

/// The lowest 16 bits of each word, read one by one: otherwise the compiler reads a vector and takes it apart, which takes
/// longer, as gather instructions do.
#[inline(always)]
pub(super) fn one_by_one(words: &[u64; LANES]) -> [usize; LANES] {
    // SAFETY: they are there; the lowest come first.
    words.each_ref().map(|word| usize::from(unsafe { std::ptr::from_ref(word).cast::<u16>().read_volatile() }))
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
    fn of_quarters(quarters: &[u16; QUARTERS]) -> Self {
        // SAFETY: see above.
        Words512(unsafe { _mm512_loadu_si512(quarters.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store_quarters(self, to: &mut [u16; QUARTERS]) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn scale_quarters(quarters: &[u16; QUARTERS], n: u16, limit: u16, upper: &mut [u16; QUARTERS]) -> bool {
        let Self(quarters) = Self::of_quarters(quarters);
        // SAFETY: see above.
        unsafe {
            let n = _mm512_set1_epi16(at_every_use(n));
            _mm512_storeu_si512(upper.as_mut_ptr().cast(), _mm512_mulhi_epu16(quarters, n));
            _mm512_cmplt_epu16_mask(_mm512_mullo_epi16(quarters, n), _mm512_set1_epi16(limit as i16)) != 0
        }
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
    fn look_up(table: &[f64; TABLE], places: Words512) -> Self {
        let (eights, _) = table.as_chunks();
        let (Self(a), Self(b)) = (Self::load(&eights[0]), Self::load(&eights[1]));
        let (Self(c), Self(d)) = (Self::load(&eights[2]), Self::load(&eights[3]));
        // SAFETY: see above.
        Floats512(unsafe {
            // Each takes the lowest four bits of a word.
            let low = _mm512_permutex2var_pd(a, places.0, b);
            let high = _mm512_permutex2var_pd(c, places.0, d);
            let is_high = _mm512_test_epi64_mask(places.0, _mm512_set1_epi64(TABLE as i64 / 2));
            _mm512_mask_blend_pd(is_high, low, high)
        })
    }

    #[inline(always)]
    fn nans(self) -> u8 {
        // SAFETY: see above.
        unsafe { _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(self.0, self.0) }
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
    fn of_quarters(quarters: &[u16; QUARTERS]) -> Self {
        let (halves, _) = quarters.as_chunks::<16>();
        // SAFETY: see above.
        Words256(unsafe {
            [_mm256_loadu_si256(halves[0].as_ptr().cast()), _mm256_loadu_si256(halves[1].as_ptr().cast())]
        })
    }

    #[inline(always)]
    fn store_quarters(self, to: &mut [u16; QUARTERS]) {
        let (halves, _) = to.as_chunks_mut::<16>();
        // SAFETY: see above.
        unsafe {
            _mm256_storeu_si256(halves[0].as_mut_ptr().cast(), self.0[0]);
            _mm256_storeu_si256(halves[1].as_mut_ptr().cast(), self.0[1]);
        }
    }

    #[inline(always)]
    fn scale_quarters(quarters: &[u16; QUARTERS], n: u16, limit: u16, upper: &mut [u16; QUARTERS]) -> bool {
        let Self(halves) = Self::of_quarters(quarters);
        let (uppers, _) = upper.as_chunks_mut::<16>();
        // SAFETY: see above.
        unsafe {
            let (n, limit) = (_mm256_set1_epi16(at_every_use(n)), _mm256_set1_epi16(limit as i16));
            // What is left of the limit, 0 where there is nothing.
            let mut left = _mm256_setzero_si256();
            for (half, upper) in halves.into_iter().zip(uppers) {
                _mm256_storeu_si256(upper.as_mut_ptr().cast(), _mm256_mulhi_epu16(half, n));
                left = _mm256_or_si256(left, _mm256_subs_epu16(limit, _mm256_mullo_epi16(half, n)));
            }
            _mm256_testz_si256(left, left) == 0
        }
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
    fn look_up(table: &[f64; TABLE], places: Words256) -> Self {
        // Registers hold too few values, and one by one they are read sooner than by a gather instruction.
        let mut words = [0; LANES];
        places.store(&mut words);
        let [a, b, c, d, e, f, g, h] = words.map(|place| table[place as usize % TABLE]);
        // SAFETY: see above.
        Floats256(unsafe { [_mm256_setr_pd(a, b, c, d), _mm256_setr_pd(e, f, g, h)] })
    }

    #[inline(always)]
    fn nans(self) -> u8 {
        // SAFETY: see above.
        let [low, high] = self.0.map(|half| unsafe { _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_UNORD_Q>(half, half)) });
        (low | high << 4) as u8
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
