//! The mathematics of the bulk fills: logarithm, sine and cosine without branches, tables or the platform's library.
//!
//! Only additions, multiplications, divisions, square roots and bit operations, each rounded as IEEE 754 says and none
//! contracted into another, so that every machine, vector width and optimisation level gives the same bits. The
//! polynomials are those of FreeBSD's msun (`e_log.c`, `k_sin.c`, `k_cos.c`).

use std::f64::consts::{FRAC_PI_2, SQRT_2};

/// A word's upper 52 bits j as the uniform value (j + 1/2) / 2^52: strictly between 0 and 1, symmetric about 1/2.
#[inline(always)]
pub(super) fn uniform(word: u64) -> f64 {
    // 1 + j / 2^52 has the bits of j behind the exponent of 1; the subtraction is exact.
    f64::from_bits(word >> 12 | 1.0f64.to_bits()) - (1.0 - f64::EPSILON / 2.0)
}

/// The natural logarithm of a positive normal number, within 1 ulp.
#[inline(always)]
pub(super) fn ln(x: f64) -> f64 {
    const SQRT_HALF: u64 = (SQRT_2 / 2.0).to_bits();
    const FRACTION: u64 = (1 << 52) - 1;
    const LN2_HIGH: f64 = f64::from_bits(0x3fe62e42fee00000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea39ef35793c76);
    const L1: f64 = f64::from_bits(0x3FE5555555555593);
    const L2: f64 = f64::from_bits(0x3FD999999997FA04);
    const L3: f64 = f64::from_bits(0x3FD2492494229359);
    const L4: f64 = f64::from_bits(0x3FCC71C51D8E78AF);
    const L5: f64 = f64::from_bits(0x3FC7466496CB03DE);
    const L6: f64 = f64::from_bits(0x3FC39A09D078C69F);
    const L7: f64 = f64::from_bits(0x3FC2F112DF3E5244);
    // x = 2^exponent (1 + f) with 1 + f from sqrt(1/2) to sqrt(2).
    let shifted = x.to_bits().wrapping_add(1.0f64.to_bits() - SQRT_HALF);
    let exponent = small_integer(shifted >> 52) - 1023.0;
    let f = f64::from_bits((shifted & FRACTION).wrapping_add(SQRT_HALF)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
    let even = w * (L2 + w * (L4 + w * L6));
    let half_square = 0.5 * f * f;
    exponent * LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + exponent * LN2_LOW)) - f)
}

/// Sine and cosine of 2π · `turn`, for 0 ≤ `turn` ≤ 1, within 2 ulp.
#[inline(always)]
pub(super) fn sin_cos_of_turn(turn: f64) -> (f64, f64) {
    const S1: f64 = f64::from_bits(0xBFC5555555555549);
    const S2: f64 = f64::from_bits(0x3F8111111110F8A6);
    const S3: f64 = f64::from_bits(0xBF2A01A019C161D5);
    const S4: f64 = f64::from_bits(0x3EC71DE357B1FE7D);
    const S5: f64 = f64::from_bits(0xBE5AE5E68A2B9CEB);
    const S6: f64 = f64::from_bits(0x3DE5D93A5ACFD57C);
    const C1: f64 = f64::from_bits(0x3FA555555555554C);
    const C2: f64 = f64::from_bits(0xBF56C16C16C15177);
    const C3: f64 = f64::from_bits(0x3EFA01A019CB1590);
    const C4: f64 = f64::from_bits(0xBE927E4F809C52AD);
    const C5: f64 = f64::from_bits(0x3E21EE9EBDB4B1C4);
    const C6: f64 = f64::from_bits(0xBDA8FAE9BE8838D4);
    // Adding 1.5 · 2^52 rounds to an integer, whose last bits are then the last bits of the sum.
    const ROUND: f64 = 6755399441055744.0;
    let shifted = 4.0 * turn + ROUND;
    let quadrant = shifted.to_bits();
    let x = (4.0 * turn - (shifted - ROUND)) * FRAC_PI_2;
    let z = x * x;
    let sine = x + x * z * (S1 + z * (S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)))));
    let half = 0.5 * z;
    let rest = z * z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))));
    let cosine = (1.0 - half) + (((1.0 - (1.0 - half)) - half) + rest);
    // A quarter turn maps (sin, cos) to (cos, −sin).
    let swap = 0u64.wrapping_sub(quadrant & 1);
    let (s, c) = (sine.to_bits(), cosine.to_bits());
    let sine = (s & !swap | c & swap) ^ (quadrant & 2) << 62;
    let cosine = (c & !swap | s & swap) ^ (quadrant.wrapping_add(1) & 2) << 62;
    (f64::from_bits(sine), f64::from_bits(cosine))
}

/// An integer below 2^52 as a float, by bit operations that every vector unit has.
#[inline(always)]
fn small_integer(n: u64) -> f64 {
    const TWO_52: f64 = 4503599627370496.0;
    f64::from_bits(n | TWO_52.to_bits()) - TWO_52
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// How far `x` is from `exact`, in units of the last place of `exact`.
    fn ulps(x: f64, exact: f64) -> f64 {
        (x - exact).abs() / (exact.abs().next_up() - exact.abs())
    }

    /// A million values over the whole range and the ends; the reference itself is off by up to half an ulp.
    #[test]
    fn logarithm_is_accurate() {
        let mut worst: f64 = 0.0;
        for j in 0..1_000_000u64 {
            let word = j.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for x in [uniform(word), uniform(word >> (j % 52)), 1.0 - uniform(word >> (j % 52)) / 2.0] {
                worst = worst.max(ulps(ln(x), libm::log(x)));
            }
        }
        assert!(worst <= 1.5, "{worst}");
    }

    #[test]
    fn sine_and_cosine_are_accurate() {
        for j in 0..=1_000_000u32 {
            let turn = f64::from(j) / 1e6;
            let (sine, cosine) = sin_cos_of_turn(turn);
            // The reference's argument is rounded, which moves its value by up to 4.5e-16.
            assert!((sine - libm::sin(TAU * turn)).abs() < 1e-15, "{turn}");
            assert!((cosine - libm::cos(TAU * turn)).abs() < 1e-15, "{turn}");
            assert!((sine * sine + cosine * cosine - 1.0).abs() < 6e-16, "{turn}");
        }
        assert_eq!(sin_cos_of_turn(0.25), (1.0, 0.0));
    }

    #[test]
    fn uniform_is_open_and_symmetric() {
        assert_eq!(uniform(0), f64::EPSILON / 2.0);
        assert_eq!(uniform(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        for word in [0, 1 << 12, 12345 << 40, u64::MAX / 3] {
            assert_eq!(uniform(word), 1.0 - uniform(!word));
        }
    }
}
