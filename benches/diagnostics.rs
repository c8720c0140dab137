//! What diagnostics cost: `cargo bench --bench diagnostics`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ensample::diagnostics::{ChainSummary, Chains};
use ensample::stream::Streams;
use std::hint::black_box;

const CHAINS: usize = 8;

fn summary(c: &mut Criterion) {
    let mut group = c.benchmark_group("summary of 8 chains");
    group.sample_size(10);
    let mut stream = Streams::new(1, 0).stream(0);
    for draws in [1_000, 100_000, 1_000_000] {
        let mut x = 0.0;
        let autoregression = (0..CHAINS * draws).map(|_| {
            x = 0.8 * x + 0.6 * stream.normal();
            x
        });
        let values: Vec<f64> = autoregression.collect();
        group.throughput(Throughput::Elements(values.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{draws} draws")), |b| {
            b.iter(|| Chains::new(black_box(&values), CHAINS).map(|chains| ChainSummary::of(chains, 0.94)))
        });
    }
    group.finish();
}

criterion_group!(benches, summary);
criterion_main!(benches);
