//! Runs a kernel of the library so many times, to count its instructions: `scripts/instructions`.

#[path = "work/ours.rs"]
mod ours;

use ensample::world;
use ours::{Begin, KERNELS};
use std::hint::black_box;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = arguments.as_slice() else { return usage() };
    let kernel = KERNELS.into_iter().find(|kernel| kernel.name == name);
    let (Some(kernel), Ok(times)) = (kernel, times.parse::<u64>()) else { return usage() };
    println!("{}", kernel.items);
    match kernel.begin {
        Begin::Alone(begin) => {
            let mut run = begin();
            (0..times).for_each(|_| {
                black_box(run());
            });
            ExitCode::SUCCESS
        }
        Begin::OnRanks(begin) => world::launch(|world| {
            let mut run = begin(world);
            (0..times).for_each(|_| {
                black_box(run());
            });
            Ok(0)
        }),
    }
}

fn usage() -> ExitCode {
    eprintln!("instructions KERNEL TIMES");
    ExitCode::from(2)
}
