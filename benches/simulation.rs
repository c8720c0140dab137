//! What one simulation of the main ABC problem costs: `cargo bench --bench simulation`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ensample::abc::models::Normal;
use ensample::abc::{Prior, Simulator};
use ensample::distribution::{self, Distribution};
use ensample::stream::Streams;

fn main() {
    divan::main();
}

#[divan::bench(sample_size = 1000)]
fn draw_from_the_prior_and_simulate_50_values(bencher: Bencher) {
    let model = Normal::new((0..50).map(f64::from).collect()).unwrap();
    let prior = Prior::new(vec![
        Distribution::Normal(distribution::Normal::new(0.0, 10.0).unwrap()),
        Distribution::Uniform(distribution::Uniform::new(0.0, 20.0).unwrap()),
    ]);
    let mut stream = Streams::new(1, 0).stream(0);
    let (mut theta, mut summary) = ([0.0; 2 * Normal::TOGETHER], [0.0; 2 * Normal::TOGETHER]);
    bencher.counter(ItemsCount::new(Normal::TOGETHER)).bench_local(|| {
        theta.chunks_exact_mut(2).for_each(|theta| prior.sample(&mut stream, theta));
        model.simulate_together(black_box(&theta), &mut stream, &mut summary).unwrap();
        black_box(summary)
    });
}
