//! What each kernel costs, and the straightforward way to do the same: `cargo bench --bench kernels [-- NAME]`.
//!
//! The throughput says how many items are made a second: values, streams, simulations, sweeps, replicates; of the
//! diagnostics' summary, draws that it is of.

mod work;

use criterion::{Criterion, Throughput};
use ensample::world;
use std::process::ExitCode;
use std::time::Duration;
use work::ours::{self, Begin};
use work::straightforward;

fn main() -> ExitCode {
    world::launch(|world| {
        let mut criterion = Criterion::default()
            .sample_size(20)
            .warm_up_time(Duration::from_secs(1))
            .measurement_time(Duration::from_secs(3))
            .configure_from_args();
        for kernel in ours::KERNELS {
            let mut group = criterion.benchmark_group(kernel.name);
            let mut run = None;
            group.throughput(Throughput::Elements(kernel.items)).bench_function("ensample", |bencher| {
                bencher.iter(run.get_or_insert_with(|| match kernel.begin {
                    Begin::Alone(begin) => begin(),
                    Begin::OnRanks(begin) => begin(world),
                }));
            });
            if let Some(kernel) = straightforward::KERNELS.iter().find(|other| other.name == kernel.name) {
                let mut run = None;
                group.throughput(Throughput::Elements(kernel.items)).bench_function("straightforward", |bencher| {
                    bencher.iter(run.get_or_insert_with(|| kernel.begin()));
                });
            }
            group.finish();
        }
        criterion.final_summary();
        Ok(0)
    })
}
