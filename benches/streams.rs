//! What random numbers cost: `cargo bench --bench streams`. Fills are of 4096 values: divide by that for one.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ensample::stream::Streams;
use std::hint::black_box;

const VALUES: usize = 4096;

fn streams(c: &mut Criterion) {
    let streams = Streams::new(1, 0);
    let mut task = 0;
    c.bench_function("stream of a task below 65536", |b| {
        b.iter(|| {
            task = (task + 1) % 65536;
            black_box(streams.stream(task))
        })
    });
    let mut group = c.benchmark_group("fill");
    group.throughput(Throughput::Elements(VALUES as u64));
    let mut stream = streams.stream(0);
    let mut floats = vec![0.0; VALUES];
    let mut indices = vec![0; VALUES];
    group.bench_function("uniform", |b| b.iter(|| stream.fill_uniform(black_box(&mut floats))));
    group.bench_function("normal", |b| b.iter(|| stream.fill_normal(black_box(&mut floats))));
    group.bench_function("exponential", |b| b.iter(|| stream.fill_exponential(black_box(&mut floats))));
    group.bench_function("index below 25", |b| b.iter(|| stream.fill_index(25, black_box(&mut indices))));
    group.finish();
}

criterion_group!(benches, streams);
criterion_main!(benches);
