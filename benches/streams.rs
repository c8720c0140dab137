//! What random numbers cost: `cargo bench --bench streams`. Fills are of 4096 values: divide by that for one.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ensample::stream::{Stream, Streams};

const VALUES: usize = 4096;

fn main() {
    divan::main();
}

#[divan::bench(sample_size = 1000)]
fn stream_of_a_task_below_65536(bencher: Bencher) {
    let streams = Streams::new(1, 0);
    let mut task = 0;
    bencher.bench_local(|| {
        task = (task + 1) % 65536;
        streams.stream(task)
    });
}

#[divan::bench]
fn fill_uniform(bencher: Bencher) {
    fill(bencher, 0.0, Stream::fill_uniform);
}

#[divan::bench]
fn fill_normal(bencher: Bencher) {
    fill(bencher, 0.0, Stream::fill_normal);
}

#[divan::bench]
fn fill_exponential(bencher: Bencher) {
    fill(bencher, 0.0, Stream::fill_exponential);
}

#[divan::bench]
fn fill_index_below_25(bencher: Bencher) {
    fill(bencher, 0, |stream, values| stream.fill_index(25, values));
}

fn fill<T: Clone>(bencher: Bencher, value: T, fill: impl Fn(&mut Stream, &mut [T])) {
    let mut stream = Streams::new(1, 0).stream(0);
    let mut values = vec![value; VALUES];
    bencher.counter(ItemsCount::new(VALUES)).bench_local(|| fill(&mut stream, black_box(&mut values)));
}
