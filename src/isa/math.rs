//! The mathematics of kernels: logarithm and exponential without branches, tables or the platform's library.
//!
//! Only operations that IEEE 754 defines to the last bit, in a fixed order: every machine, vector width and optimisation
//! level gives the same bits. The polynomials are the best of their degree (Remez' algorithm); errors are in ulps, units
//! of the last place, and were measured against 200 bits of precision.

use super::{Floats, Words};
use std::f64::consts::{LN_2, LOG2_E};

/// A word's upper 52 bits j as the uniform value (j + 1/2) / 2^52: strictly between 0 and 1, symmetric about 1/2.
#[inline(always)]
pub(crate) fn uniform<F: Floats>(word: F::Words) -> F {
    // 1 + j / 2^52 has the bits of j behind the exponent of 1; what is subtracted from it is subtracted exactly.
    F::from_bits(word.shr(12) | F::Words::splat(1.0f64.to_bits())) - F::splat(1.0 - f64::EPSILON / 2.0)
}

/// The same of a single word.
#[inline(always)]
pub(crate) fn uniform_of_one(word: u64) -> f64 {
    f64::from_bits(word >> 12 | 1.0f64.to_bits()) - (1.0 - f64::EPSILON / 2.0)
}

/// A word's upper 51 bits j as (j + 1/2) / 2^51 − 1/2: strictly between −1/2 and 1/2, never 0, symmetric about it.
#[inline(always)]
pub(crate) fn centred<F: Floats>(word: F::Words) -> F {
    F::from_bits(word.shr(12) | F::Words::splat(1.0f64.to_bits() | 1)) - F::splat(1.5)
}

/// The same of a single word.
#[inline(always)]
pub(crate) fn centred_of_one(word: u64) -> f64 {
    f64::from_bits(word >> 12 | 1.0f64.to_bits() | 1) - 1.5
}

/// −2 times the natural logarithm of a positive normal number, within 2 ulp.
///
/// With x = 2^e m and m from √½ to √2, −2 ln m = s + s³ q(s²) for s = −4 (m − 1) / (m + 1).
#[inline(always)]
pub(crate) fn minus_two_ln<F: Floats>(x: F) -> F {
    const SQRT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const FRACTION: u64 = (1 << 52) - 1;
    const Q: [f64; 7] = [
        0.020833333333333544,
        0.0007812499999885679,
        3.4877232351547865e-05,
        1.6954192026640104e-06,
        8.670599139693748e-08,
        4.563942712387993e-09,
        2.7559604023590886e-10,
    ];
    let shifted = x.to_bits() + F::Words::splat(1.0f64.to_bits() - SQRT_HALF);
    let exponent = small_integer::<F>(shifted.shr(52), -1023.0);
    let m = F::from_bits((shifted & F::Words::splat(FRACTION)) + F::Words::splat(SQRT_HALF));
    let s = m.mul_add(F::splat(-2.0), F::splat(2.0)) / m.mul_add(F::splat(0.5), F::splat(0.5));
    let z = s * s;
    let ln_m = (s * z).mul_add(polynomial(z, &Q), s);
    exponent.mul_add(F::splat(-2.0 * LN_2), ln_m)
}

/// The exponential of a number below 709, within 2 ulp; 0 below −708.
///
/// With x = k ln 2 + r and |r| up to (ln 2)/2, exp x = 2^k (1 + r + r² q(r)).
#[inline(always)]
pub(crate) fn exp<F: Floats>(x: F) -> F {
    /// ln 2 without its last 21 bits, and the rest.
    const LN_2_PARTS: [f64; 2] = [0.6931471803691238, 1.9082149292705877e-10];
    const Q: [f64; 10] = [
        0.5000000000000011,
        0.16666666666666413,
        0.041666666666530155,
        0.008333333333494461,
        0.0013888888943630134,
        0.00019841269506578723,
        2.480149309888739e-05,
        2.755758637378518e-06,
        2.763024838532302e-07,
        2.500006162553128e-08,
    ];
    // Adding 1.5 · 2^52 rounds to an integer, whose last bits are then the last bits of the sum.
    const ROUND: f64 = 6755399441055744.0;
    let shifted = x.mul_add(F::splat(LOG2_E), F::splat(ROUND));
    let k = shifted - F::splat(ROUND);
    let [high, low] = LN_2_PARTS;
    let r = k.mul_add(F::splat(-low), k.mul_add(F::splat(-high), x));
    let exp_r = (r * r).mul_add(polynomial(r, &Q), r) + F::splat(1.0);
    let scaled = F::from_bits(exp_r.to_bits() + shifted.to_bits().shl(52));
    F::select((F::splat(708.0) + x).to_bits(), F::splat(0.0), scaled)
}

/// c₀ + c₁ z + c₂ z² + ...: Horner's rule.
#[inline(always)]
fn polynomial<F: Floats, const N: usize>(z: F, c: &[f64; N]) -> F {
    let mut sum = F::splat(c[N - 1]);
    for c in c[..N - 1].iter().rev() {
        sum = sum.mul_add(z, F::splat(*c));
    }
    sum
}

/// An integer below 2^51 plus a whole number, as floats, by operations that every vector unit has.
#[inline(always)]
pub(crate) fn small_integer<F: Floats>(n: F::Words, plus: f64) -> F {
    const TWO_52: f64 = 4503599627370496.0;
    F::from_bits(n | F::Words::splat(TWO_52.to_bits())) - F::splat(TWO_52 - plus)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Array, LANES};
    use astro_float_num::{BigFloat, Consts, RoundingMode};

    type Eight = Array<f64>;

    const BITS: usize = 200;
    const ROUND: RoundingMode = RoundingMode::None;

    /// How far `x` is from `exact`, in units of the last place of `x`.
    fn ulps(x: f64, exact: &BigFloat) -> f64 {
        let error = exact.sub(&BigFloat::from_f64(x, BITS), BITS, ROUND);
        let ulp = x.abs().next_up() - x.abs();
        let in_ulps = error.div(&BigFloat::from_f64(ulp, BITS), BITS, ROUND).abs();
        in_ulps.to_string().parse().unwrap()
    }

    /// Words whose uniform values are spread over the whole range, on a logarithmic scale towards 0 and towards 1 also.
    fn words() -> impl Iterator<Item = u64> {
        let ends = [0, 1 << 12, u64::MAX, u64::MAX - (1 << 12), 1 << 63, (1 << 63) - 1];
        let spread = (0..1_000u64).flat_map(|j| {
            let word = j.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let small = word >> (j % 52);
            [word, small, !small]
        });
        ends.into_iter().chain(spread)
    }

    fn eight<T: Copy>(x: T) -> [T; LANES] {
        [x; LANES]
    }

    fn first(x: Eight) -> f64 {
        let mut lanes = [0.0; LANES];
        x.store(&mut lanes);
        lanes[0]
    }

    #[test]
    fn logarithm_is_accurate() {
        let mut constants = Consts::new().unwrap();
        let minus_two = BigFloat::from_f64(-2.0, BITS);
        let mut worst: f64 = 0.0;
        // Around √½ the exponent changes, too.
        let around = (-500..500i64).map(|ulps| f64::from_bits((0.5f64.sqrt().to_bits() as i64 + ulps) as u64));
        for x in words().map(uniform_of_one).chain(around) {
            let exact = BigFloat::from_f64(x, BITS).ln(BITS, ROUND, &mut constants).mul(&minus_two, BITS, ROUND);
            worst = worst.max(ulps(first(minus_two_ln(Eight::splat(x))), &exact));
        }
        println!("{worst} ulp");
        assert!(worst <= 2.0, "{worst}");
    }

    #[test]
    fn exponential_is_accurate() {
        let mut constants = Consts::new().unwrap();
        let mut worst: f64 = 0.0;
        let grid = words()
            .map(|word| -708.0 * uniform_of_one(word))
            .chain((-70_899..2000).step_by(7).map(|i| f64::from(i) * -0.01));
        for x in grid {
            let exact = BigFloat::from_f64(x, BITS).exp(BITS, ROUND, &mut constants);
            worst = worst.max(ulps(first(exp(Eight::splat(x))), &exact));
        }
        println!("{worst} ulp");
        assert!(worst <= 2.0, "{worst}");
        for (x, y) in [(0.0, 1.0), (-0.0, 1.0), (-709.0, 0.0), (-1e300, 0.0), (f64::NEG_INFINITY, 0.0)] {
            assert_eq!(first(exp(Eight::splat(x))), y, "{x}");
        }
    }

    #[test]
    fn uniform_is_open_and_symmetric() {
        assert_eq!(uniform_of_one(0), f64::EPSILON / 2.0);
        assert_eq!(uniform_of_one(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        for word in [0, 1 << 12, 12345 << 40, u64::MAX / 3] {
            assert_eq!(uniform_of_one(word), 1.0 - uniform_of_one(!word));
            assert_eq!(first(uniform(<Array<u64>>::load(&eight(word)))), uniform_of_one(word));
            let x = centred_of_one(word);
            assert_eq!(x, ((word >> 13) as f64 + 0.5) / (1u64 << 51) as f64 - 0.5);
            assert_eq!(x, -centred_of_one(!word));
            assert_eq!(first(centred(<Array<u64>>::load(&eight(word)))), x);
        }
    }
}
