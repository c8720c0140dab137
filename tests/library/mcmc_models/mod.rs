//! Chains of the models that ensample ships, against their exact posteriors.
//!
//! - `bivariate`, `disaster`, `pumps`, `schools`, `regression`: means, variances, covariances and probabilities of
//!   draws against numbers that a closed form or a quadrature gives ([`comparison`] says how, and how often it is
//!   wrong). They are computed here, by nothing of the library.
//! - [`calibration`]: simulation-based calibration. `bivariate` has no data and thus no calibration: its distribution
//!   is known exactly.
//! - [`mixing`]: how many independent draws theirs are worth.
//! - `beginning`: given starts and bad input.
//!
//! Beside each comparison stand samplers that are wrong ([`replaced`]), and must be found out.
//!
//! Plain `cargo test` takes few draws. The ignored tests take many; in a release build they need seconds.
#![allow(clippy::disallowed_methods)] // expected values need not have the same last bits everywhere

mod beginning;
mod bivariate;
mod calibration;
mod chains;
mod comparison;
mod disaster;
mod mixing;
mod pumps;
mod quadrature;
mod regression;
mod replaced;
mod schools;

use chains::Plan;
use ensample::mcmc::Order;

/// Small and large, and the largest that a run file can hold.
const SEEDS: [u64; 3] = [1, 0x0123_4567_89ab_cdef, i64::MAX as u64];

/// What plain `cargo test` runs.
const FEW: Plan = Plan { chains: 4, warmup: 300, thin: 1, draws: 1000 };

/// What `scripts/test` runs.
const MANY: Plan = Plan { chains: 4, warmup: 1000, thin: 1, draws: 50_000 };

/// What is compared by plain `cargo test`: `compare` runs a model's problems so long, in this order, with these seeds.
fn few(compare: fn(&Plan, Order, &[u64])) {
    compare(&FEW, Order::Fixed, &SEEDS[..1]);
}

/// What is compared by `scripts/test`.
fn many(compare: fn(&Plan, Order, &[u64])) {
    compare(&MANY, Order::Fixed, &SEEDS);
    compare(&MANY, Order::Random, &SEEDS[..1]);
}
