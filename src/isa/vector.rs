//! Eight lanes as values with operators: what kernels are written in.
//!
//! Every operation is that of IEEE 754 or of 64-bit integers, lane by lane, so all kinds of vectors give the same bits.
//! A fused multiply-add is one rounding everywhere: machines without an instruction for it call a function that is
//! just as exact, and ten times slower. (x86-64 has had it since 2013, and always where it has AVX2.)

use super::{LANES, QUARTERS, TABLE};
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Sub};

/// Eight 64-bit words. Addition wraps around.
pub(crate) trait Words:
    Copy + Add<Output = Self> + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self>
{
    /// The same word in every lane.
    fn splat(word: u64) -> Self;

    /// A word for each lane.
    fn load(words: &[u64; LANES]) -> Self;

    /// Words of four quarters each, the lowest first.
    fn of_quarters(quarters: &[u16; QUARTERS]) -> Self;

    /// The four quarters of each word, the lowest first.
    fn store_quarters(self, to: &mut [u16; QUARTERS]);

    /// Writes the upper half of each quarter's product with `n`; says whether the lower half of any is below `limit`.
    fn scale_quarters(quarters: &[u16; QUARTERS], n: u16, limit: u16, upper: &mut [u16; QUARTERS]) -> bool;

    /// The word of each lane.
    fn store(self, to: &mut [u64; LANES]);

    /// Shifted to the left by fewer than 64 bits.
    fn shl(self, bits: u32) -> Self;

    /// Shifted to the right by fewer than 64 bits, with zeros from the left.
    fn shr(self, bits: u32) -> Self;

    /// Rotated to the left by 1 to 63 bits.
    #[inline(always)]
    fn rotate_left(self, bits: u32) -> Self {
        self.shl(bits) | self.shr(64 - bits)
    }
}

/// Eight 64-bit floats.
pub(crate) trait Floats:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Eight words, of the same kind of vector.
    type Words: Words;

    /// The same number in every lane.
    fn splat(x: f64) -> Self;

    /// A number for each lane.
    fn load(x: &[f64; LANES]) -> Self;

    /// The number of each lane.
    fn store(self, to: &mut [f64; LANES]);

    /// From each place, the lowest five bits of a word, the number that is there.
    fn look_up(table: &[f64; TABLE], places: Self::Words) -> Self;

    /// In which lanes there is a NaN: the lowest bit is that of the first.
    fn nans(self) -> u8;

    /// The bits of each number.
    fn to_bits(self) -> Self::Words;

    /// The numbers of these bits.
    fn from_bits(bits: Self::Words) -> Self;

    /// `self` · `a` + `b`, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;

    /// The square root.
    fn sqrt(self) -> Self;

    /// `a` in lanes where the highest bit of `choice` is set, otherwise `b`.
    fn select(choice: Self::Words, a: Self, b: Self) -> Self;
}

/// Any machine's vectors: what the compiler makes of loops over eight lanes.
#[derive(Clone, Copy)]
pub(crate) struct Array<T>([T; LANES]);

/// An array of what is computed for each lane. (What a closure computes is not always compiled into the loop.)
macro_rules! each_lane {
    ($lane:ident => $value:expr) => {{
        let mut lanes = [Default::default(); LANES];
        for $lane in 0..LANES {
            lanes[$lane] = $value;
        }
        Array(lanes)
    }};
}

macro_rules! operators {
    ($t:ty: $($operator:ident $method:ident $function:expr),*) => {
        $(impl $operator for Array<$t> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each_lane!(l => $function(self.0[l], other.0[l]))
            }
        })*
    };
}
operators! { u64: Add add u64::wrapping_add, BitAnd bitand u64::bitand, BitOr bitor u64::bitor, BitXor bitxor u64::bitxor }
operators! { f64: Add add f64::add, Sub sub f64::sub, Mul mul f64::mul, Div div f64::div }

/// See [`Words::scale_quarters`]. (A function of its own, to which the length is not known: a short loop of known length
/// becomes so many copies of what is in it, and no vectors.)
#[inline(never)]
fn scale(quarters: &[u16], n: u16, limit: u16, upper: &mut [u16]) -> bool {
    let mut least = u16::MAX;
    for (quarter, upper) in quarters.iter().zip(upper) {
        let product = u32::from(*quarter) * u32::from(n);
        *upper = (product >> 16) as u16;
        least = least.min(product as u16);
    }
    least < limit
}

impl Words for Array<u64> {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        Array([word; LANES])
    }

    #[inline(always)]
    fn load(words: &[u64; LANES]) -> Self {
        Array(*words)
    }

    #[inline(always)]
    fn of_quarters(quarters: &[u16; QUARTERS]) -> Self {
        let mut words = [0; LANES];
        for (word, [a, b, c, d]) in words.iter_mut().zip(quarters.as_chunks().0) {
            *word = u64::from(*a) | u64::from(*b) << 16 | u64::from(*c) << 32 | u64::from(*d) << 48;
        }
        Array(words)
    }

    #[inline(always)]
    fn store_quarters(self, to: &mut [u16; QUARTERS]) {
        for (word, [a, b, c, d]) in self.0.into_iter().zip(to.as_chunks_mut().0) {
            [*a, *b, *c, *d] = [word as u16, (word >> 16) as u16, (word >> 32) as u16, (word >> 48) as u16];
        }
    }

    #[inline(always)]
    fn scale_quarters(quarters: &[u16; QUARTERS], n: u16, limit: u16, upper: &mut [u16; QUARTERS]) -> bool {
        scale(quarters, n, limit, upper)
    }

    #[inline(always)]
    fn store(self, to: &mut [u64; LANES]) {
        *to = self.0;
    }

    #[inline(always)]
    fn shl(self, bits: u32) -> Self {
        each_lane!(l => self.0[l] << bits)
    }

    #[inline(always)]
    fn shr(self, bits: u32) -> Self {
        each_lane!(l => self.0[l] >> bits)
    }
}

impl Floats for Array<f64> {
    type Words = Array<u64>;

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Array([x; LANES])
    }

    #[inline(always)]
    fn load(x: &[f64; LANES]) -> Self {
        Array(*x)
    }

    #[inline(always)]
    fn store(self, to: &mut [f64; LANES]) {
        *to = self.0;
    }

    #[inline(always)]
    fn look_up(table: &[f64; TABLE], places: Array<u64>) -> Self {
        each_lane!(l => table[places.0[l] as usize % TABLE])
    }

    #[inline(always)]
    fn nans(self) -> u8 {
        self.0.iter().zip(0..).fold(0, |nans, (x, lane)| nans | u8::from(x.is_nan()) << lane)
    }

    #[inline(always)]
    fn to_bits(self) -> Array<u64> {
        each_lane!(l => self.0[l].to_bits())
    }

    #[inline(always)]
    fn from_bits(bits: Array<u64>) -> Self {
        each_lane!(l => f64::from_bits(bits.0[l]))
    }

    #[inline(always)]
    #[expect(clippy::disallowed_methods)] // one rounding is what is asked for
    fn mul_add(self, a: Self, b: Self) -> Self {
        each_lane!(l => self.0[l].mul_add(a.0[l], b.0[l]))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        each_lane!(l => self.0[l].sqrt())
    }

    #[inline(always)]
    fn select(choice: Array<u64>, a: Self, b: Self) -> Self {
        each_lane!(l => if choice.0[l] >> 63 == 1 { a.0[l] } else { b.0[l] })
    }
}
