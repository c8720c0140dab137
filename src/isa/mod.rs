//! Which vector instructions are used: the widest that the machine has.
//!
//! Nothing depends on them but speed. `ENSAMPLE_ISA` sets the highest level (`baseline`, `avx2`, `avx512`),
//! for tests and measurements.
//!
//! A kernel is written once, as an `#[inline(always)]` function of values with [`LANES`] lanes ([`Floats`]);
//! [`for_each_level!`] compiles it for each level. (A closure that works on vectors may end up as a function of its own,
//! compiled for no level, and cost twenty times as much.)
//!
//! The `unsafe` of this file, which that macro brings to where it is used: calls of functions that are compiled for
//! instructions which a machine may lack. [`level`] is at most what the machine has, and every such call stands behind a
//! comparison with it.

pub(crate) mod math;
mod vector;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code)] // its argument is in the file
mod x86;

pub(crate) use vector::{Array, Floats, Words};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Floats256, Floats512};

use crate::error::{Error, Result};
use std::sync::LazyLock;

/// How many values are worked on side by side: one AVX-512 register of 64-bit words.
pub(crate) const LANES: usize = 8;

/// As many words have so many quarters, of 16 bits.
pub(crate) const QUARTERS: usize = 4 * LANES;

/// How many values [`Floats::look_up`] can find: four AVX-512 registers of them.
pub(crate) const TABLE: usize = 32;

/// Sets of vector instructions, from few to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// What every machine of its kind has.
    Baseline,
    /// Four lanes of 64 bits.
    Avx2,
    /// Eight lanes of 64 bits.
    Avx512,
}

/// The level to use.
pub(crate) fn level() -> Level {
    // A program that has been told of a mistake does not get here.
    static LEVEL: LazyLock<Level> = LazyLock::new(|| highest().unwrap_or(Level::Avx512).min(machine()));
    *LEVEL
}

/// The highest level that may be used.
///
/// # Errors
/// When `ENSAMPLE_ISA` is none.
pub(crate) fn highest() -> Result<Level> {
    let wanted = std::env::var_os("ENSAMPLE_ISA").unwrap_or_default();
    match wanted.to_str() {
        Some("" | "avx512") => Ok(Level::Avx512),
        Some("avx2") => Ok(Level::Avx2),
        Some("baseline") => Ok(Level::Baseline),
        _ => Err(Error::input("ENSAMPLE_ISA", format!("is {wanted:?}: it can be baseline, avx2 or avx512"))),
    }
}

#[cfg(target_arch = "x86_64")]
fn machine() -> Level {
    // Every processor with AVX2 has the other two; a virtual machine may hide them.
    let avx2 =
        is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("popcnt");
    // So has, with AVX-512, everything but the Xeon Phi.
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        (false, _) => Level::Baseline,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn machine() -> Level {
    Level::Baseline
}

/// From each place, the lowest bits of a word, the number that is there in a table whose length is a power of two, up to
/// 2^16.
#[inline(always)]
pub(crate) fn gather<F: Floats, const N: usize>(table: &[f64; N], places: &[u64; LANES]) -> F {
    const { assert!(N.is_power_of_two() && N <= 1 << 16) };
    #[cfg(target_arch = "x86_64")]
    let places = x86::one_by_one(places);
    #[cfg(not(target_arch = "x86_64"))]
    let places = places.map(|place| place as usize);
    F::load(&places.map(|place| table[place % N]))
}

/// Defines a function that runs `kernel`, an `#[inline(always)]` function of a kind of [`Floats`], compiled for each
/// level.
macro_rules! for_each_level {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $($kernel:ident)::+) => {
        $(#[$doc])*
        #[allow(unsafe_code)] // its argument is in isa/mod.rs
        pub(super) fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                use $crate::isa::{Floats256, Floats512, Level, level};
                #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx2,fma,popcnt")]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    $($kernel)::+::<Floats512>($($argument),*)
                }
                #[target_feature(enable = "avx2,fma,popcnt")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    $($kernel)::+::<Floats256>($($argument),*)
                }
                match level() {
                    // SAFETY: the machine has these instructions, or the level would be lower.
                    Level::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    Level::Avx2 => return unsafe { avx2($($argument),*) },
                    Level::Baseline => (),
                }
            }
            $($kernel)::+::<$crate::isa::Array<f64>>($($argument),*)
        }
    };
}
pub(crate) use for_each_level;
