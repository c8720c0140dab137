//! The distributions against exact answers: samples by Kolmogorov-Smirnov and chi-square tests, densities by reference
//! values, parameters by properties. Beside each statistical test stands a broken sampler that it must catch.
#![allow(clippy::disallowed_methods)] // expected values need not have the same last bits everywhere

mod density;
mod parameters;
mod sampling;
mod stability;

use ensample::distribution::Distribution;

/// A distribution from what a user writes: `normal = { mean = 0, sd = 1 }`.
fn parse(text: &str) -> Distribution {
    toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
