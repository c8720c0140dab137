//! The kernels of this room, each compiled for every set of vector instructions: see [`crate::isa`].

use super::kernels;
use super::lanes::Lanes;
use super::ziggurat;
use crate::isa::{LANES, for_each_level};

for_each_level! {
    /// The next words.
    fn words(lanes: &mut Lanes, out: &mut [u64; LANES]) = kernels::words
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
    fn fill_normal(lanes: &mut Lanes, out: &mut [[f64; LANES]]) = ziggurat::normal
}
for_each_level! {
    /// The next blocks of Poisson values with mean 1.
    fn fill_unit_poisson(lanes: &mut Lanes, out: &mut [[f64; LANES]]) = kernels::unit_poisson
}
for_each_level! {
    /// Integers below `n`, from 16 bits each.
    fn fill_small_index(lanes: &mut Lanes, n: u16, out: &mut [u16]) = kernels::small_index
}
for_each_level! {
    /// How many of the next bits are set.
    fn heads(lanes: &mut Lanes, bits: u64) -> u64 = kernels::heads
}
for_each_level! {
    /// The next blocks of gamma variables of shape 3.
    fn fill_gamma_3(lanes: &mut Lanes, out: &mut [[f64; LANES]]) = kernels::gamma_3
}
