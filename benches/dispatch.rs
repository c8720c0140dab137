//! What the farm costs: `cargo bench --bench dispatch [-- RANKS ...]`.
//!
//! Launches itself under `mpirun` (or what `ENSAMPLE_MPIRUN` names) on 1, 2, 8 and 32 ranks. Two kinds of work: tasks
//! that do nothing, for the cost of dispatching one, and tasks that compute for 100 microseconds, for the share of the
//! ranks' time that goes into them (at most cores / ranks, when there are fewer cores than ranks).

mod ranks;

use ensample::Result;
use ensample::farm::{self, Fold, Means, Plan, Schedule, Work};
use ensample::stream::Stream;
use ensample::world::{self, World};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;

/// So many normal values are drawn by each task.
struct Draws(usize);

impl Work for Draws {
    type Output = f64;

    fn run(&self, _: u64, stream: &mut Stream) -> Result<f64> {
        Ok((0..self.0).map(|_| stream.normal()).sum())
    }
}

struct Sum(f64);

impl Fold<f64> for Sum {
    fn fold(&mut self, _: u64, output: f64) -> Result<ControlFlow<()>> {
        self.0 += output;
        Ok(ControlFlow::Continue(()))
    }
}

/// Seconds for `tasks` tasks of `draws` draws, and the busy share of all ranks.
fn time(world: &World, schedule: Schedule, tasks: u64, draws: usize) -> Result<(f64, f64)> {
    let plan = Plan { seed: 1, phase: 0, first: 0, tasks, cycle: None, means: Means { schedule, ..Means::default() } };
    let mut sum = Sum(0.0);
    let account = farm::run(world, &plan, &Arc::new(Draws(draws)), &mut sum)?;
    black_box(sum.0);
    let busy: f64 = account.ranks.iter().map(|rank| rank.busy_share()).sum();
    Ok((account.seconds, busy / world.size() as f64))
}

fn rank() -> ExitCode {
    world::launch(|world| {
        for schedule in [Schedule::Dynamic, Schedule::Static] {
            const EMPTY: u64 = 300_000;
            let (seconds, _) = time(world, schedule, EMPTY, 0)?;
            let (real_seconds, busy) = time(world, schedule, 20_000, 12_000)?;
            if world.is_root() {
                println!(
                    "{:5} {:>8} {:>10.2} us {:>12.0}/s {:>10.1} % {:>8.2} s",
                    world.size(),
                    format!("{schedule:?}").to_lowercase(),
                    1e6 * seconds / EMPTY as f64,
                    EMPTY as f64 / seconds,
                    100.0 * busy,
                    real_seconds,
                );
            }
        }
        Ok(0)
    })
}

fn main() -> ExitCode {
    let head = "ranks schedule  empty task      dispatched   busy share  20,000 tasks of 12,000 draws";
    ranks::launch(rank, head, &[1, 2, 8, 32], 0)
}
