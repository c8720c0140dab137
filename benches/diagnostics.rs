//! What diagnostics cost: `cargo bench --bench diagnostics`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ensample::diagnostics::{ChainSummary, Chains};
use ensample::stream::Streams;

const CHAINS: usize = 8;

fn main() {
    divan::main();
}

/// Everything that a summary says of a quantity, from 8 chains of so many draws.
#[divan::bench(args = [1_000, 100_000, 1_000_000], sample_count = 10)]
fn summary_of_8_chains(bencher: Bencher, draws: usize) {
    let mut stream = Streams::new(1, 0).stream(0);
    let mut x = 0.0;
    let autoregression = (0..CHAINS * draws).map(|_| {
        x = 0.8 * x + 0.6 * stream.normal();
        x
    });
    let values: Vec<f64> = autoregression.collect();
    bencher
        .counter(ItemsCount::new(values.len()))
        .bench(|| Chains::new(black_box(&values), CHAINS).map(|chains| ChainSummary::of(chains, 0.94)));
}
