//! What it costs to bring a gigabyte of draws to root's file: `cargo bench --bench gather [-- RANKS ...]`.
//!
//! Two ways, alternating: the farm, whose results root writes into a result file; and no more than MPI and `dd` would
//! do, blocks that are sent as they are and written as they come. Both end when the bytes are on the disk. The files
//! are made in the working folder.

mod ranks;

use ensample::Result;
use ensample::error::Error;
use ensample::farm::{self, Fold, Means, Plan, Work, floats};
use ensample::store::{Coordinates, ResultFile, Variable};
use ensample::stream::Stream;
use ensample::world::{self, World};
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, Destination, Source};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Numbers in a block: a mebibyte, of so many draws of a vector.
const BLOCK: usize = DRAWS * WIDTH;
const DRAWS: usize = 1 << 10;
const WIDTH: usize = 1 << 7;
const BLOCKS: u64 = 1000;
const REPEATS: usize = 5;

struct Blocks;

/// As draws of the applications are brought to root.
#[derive(Serialize, Deserialize)]
struct Block(#[serde(with = "floats")] Vec<f64>);

impl Work for Blocks {
    type Output = Block;

    fn run(&self, task: u64, _: &mut Stream) -> Result<Block> {
        Ok(Block(vec![task as f64; BLOCK]))
    }
}

/// On root the file.
struct Written(Option<(ResultFile, Variable<f64>)>);

impl Fold<Block> for Written {
    fn fold(&mut self, task: u64, Block(values): Block) -> Result<ControlFlow<()>> {
        if let Some((file, draws)) = &mut self.0 {
            let first = task as usize * DRAWS;
            file.write_block(*draws, &[first..first + DRAWS, 0..WIDTH], &values)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn by_farm(world: &World, path: &Path) -> Result<()> {
    let plan = Plan { seed: 1, phase: 0, first: 0, tasks: BLOCKS, cycle: None, means: Means::default() };
    let mut written = Written(None);
    if world.is_root() {
        let mut file = ResultFile::create(path, true)?;
        let draw = file.axis("draw", Coordinates::Index(BLOCKS as usize * DRAWS));
        let element = file.axis("element", Coordinates::Index(WIDTH));
        let draws = file.variable("posterior/x", &[draw, element])?;
        written.0 = Some((file, draws));
    }
    farm::run(world, &plan, &Arc::new(Blocks), &mut written)?;
    written.0.map_or(Ok(()), |(file, _)| file.finish())
}

/// Block i is of rank i modulo the number of ranks.
fn by_hand(world: &World, path: &Path) -> Result<()> {
    let communicator = SimpleCommunicator::world();
    let ranks = world.size() as u64;
    let block = |number: u64| vec![number as u8; size_of::<f64>() * BLOCK];
    if !world.is_root() {
        let root = communicator.process_at_rank(0);
        (0..BLOCKS).filter(|number| number % ranks == world.rank() as u64).for_each(|number| root.send(&block(number)));
        return Ok(());
    }
    let failed = |error| Error::file(path, "write", error);
    let mut file = File::create(path).map_err(failed)?;
    let mut received = block(0);
    for number in 0..BLOCKS {
        match (number % ranks) as i32 {
            0 => received = block(number),
            rank => _ = communicator.process_at_rank(rank).receive_into(&mut received),
        }
        file.write_all(&received).map_err(failed)?;
    }
    file.sync_all().map_err(failed)
}

fn rank() -> ExitCode {
    world::launch(|world| {
        let folder = world.is_root().then(|| tempfile::tempdir_in(".")).transpose().map_err(Error::other)?;
        let path = |name| folder.as_ref().map_or_else(Default::default, |folder| folder.path().join(name));
        let paths = [path("blocks"), path("draws.h5")];
        for _ in 0..REPEATS {
            let mut seconds = [0.0; 2];
            for ((way, path), seconds) in [by_hand, by_farm].iter().zip(&paths).zip(&mut seconds) {
                world.barrier();
                let start = Instant::now();
                way(world, path)?;
                *seconds = start.elapsed().as_secs_f64();
            }
            if world.is_root() {
                let [hand, farm] =
                    seconds.map(|seconds| (size_of::<f64>() * BLOCKS as usize * BLOCK) as f64 / seconds / 1e6);
                println!("{:5} {hand:>11.0} MB/s {farm:>11.0} MB/s {:>8.2}", world.size(), farm / hand);
            }
        }
        Ok(0)
    })
}

fn main() -> ExitCode {
    ranks::launch(rank, "ranks  MPI and dd         the farm    ratio", &[2, 8], 0)
}
