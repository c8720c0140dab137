//! Which vector instructions are used: the widest that the machine has.
//!
//! Nothing in this room depends on them but speed. `ENSAMPLE_ISA` sets the highest level (`baseline`, `avx2`, `avx512`),
//! for tests and measurements.
//!
//! This file holds all `unsafe` of the room: calls of functions that are compiled for instructions which a machine may
//! lack. [`level`] is at most what the machine has, and every such call stands behind a comparison with it.

use super::kernels::{self, BLOCK};
use super::lanes::{LANES, Lanes};
use std::sync::LazyLock;

/// Sets of vector instructions, from few to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// What every machine of its kind has.
    Baseline,
    /// Four lanes of 64 bits.
    Avx2,
    /// Eight lanes of 64 bits.
    Avx512,
}

/// The level to use.
pub(super) fn level() -> Level {
    static LEVEL: LazyLock<Level> = LazyLock::new(|| {
        let wanted = match std::env::var("ENSAMPLE_ISA").as_deref() {
            Ok("baseline") => Level::Baseline,
            Ok("avx2") => Level::Avx2,
            Ok("avx512") | Err(_) => Level::Avx512,
            Ok(other) => panic!("ENSAMPLE_ISA is '{other}', but it can be baseline, avx2 or avx512 only"),
        };
        wanted.min(machine())
    });
    *LEVEL
}

#[cfg(target_arch = "x86_64")]
fn machine() -> Level {
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
    {
        Level::Avx512
    } else if is_x86_feature_detected!("avx2") {
        Level::Avx2
    } else {
        Level::Baseline
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn machine() -> Level {
    Level::Baseline
}

/// Defines a function that runs `kernel`, an `#[inline(always)]` function, compiled for each level.
macro_rules! for_each_level {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? = $kernel:path) => {
        $(#[$doc])*
        pub(super) fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    $kernel($($argument),*)
                }
                #[target_feature(enable = "avx2")]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    $kernel($($argument),*)
                }
                match level() {
                    // SAFETY: the machine has these instructions, or the level would be lower.
                    Level::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    Level::Avx2 => return unsafe { avx2($($argument),*) },
                    Level::Baseline => (),
                }
            }
            $kernel($($argument),*)
        }
    };
}

for_each_level! {
    /// The next blocks of uniform values.
    fn fill_uniform(lanes: &mut Lanes, out: &mut [[f64; LANES]]) = kernels::uniform
}
for_each_level! {
    /// The next blocks of exponential values.
    fn fill_exponential(lanes: &mut Lanes, out: &mut [[f64; LANES]]) = kernels::exponential
}
for_each_level! {
    /// The next blocks of normal values.
    fn fill_normal(lanes: &mut Lanes, out: &mut [[f64; BLOCK]]) = kernels::normal
}
for_each_level! {
    /// The next blocks of Poisson values with mean 1.
    fn fill_unit_poisson(lanes: &mut Lanes, out: &mut [[f64; LANES]]) = kernels::unit_poisson
}
for_each_level! {
    /// The generators, moved along the cycle: see [`Lanes::jumped`].
    fn jump(lanes: &Lanes, polynomial: &[u64; 4]) -> Lanes = Lanes::jumped
}
