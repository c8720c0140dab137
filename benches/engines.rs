//! What a client and its engines cost: `cargo bench --bench engines [-- ENGINES ...]`.
//!
//! Launches itself under `mpirun` (or what `ENSAMPLE_MPIRUN` names) with 2, 8 and 32 engines. Calls that do nothing, for
//! tasks per second through the load-balanced view and for the time of one call and its reply; and 64 MB, for how fast
//! they come to an engine and back. `benches/engines.py` measures the same of ipyparallel and mpi4py.futures.

mod ranks;

use ensample::Result;
use ensample::cluster::{Actor, Choice, Engine, Here, Number, Role, act, cast};
use ensample::world;
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::time::Instant;

const ROLES: [Role; 2] = [Role { name: "client", number: Number::One }, Role { name: "engine", number: Number::Some }];

const TASKS: u64 = 100_000;
const CALLS: u64 = 2_000;
const MEGABYTES: usize = 64;

struct Square;

impl Engine for Square {
    type Call = u64;
    type Reply = u64;

    fn call(&mut self, x: u64, _: &mut Here) -> Result<u64> {
        Ok(x * x)
    }
}

/// Bytes, not a list of numbers.
#[derive(Serialize, Deserialize)]
struct Bytes(#[serde(with = "serde_bytes")] Vec<u8>);

fn rank() -> ExitCode {
    world::launch(|world| {
        let cast = cast(world, &ROLES, "client=1,engine=*", &Choice::Nothing)?;
        act(world, &cast, |actor| match actor.role().name {
            "engine" => actor.serve("client", &mut Square),
            _ => measure(&actor),
        })?;
        Ok(0)
    })
}

fn measure(actor: &Actor) -> Result<()> {
    let client = actor.client::<Square>("engine")?;
    let all = client.balanced();
    all.map(0..1000)?; // everyone is awake
    let rate = |chunk: usize| -> Result<f64> {
        let start = Instant::now();
        let sum =
            all.clone().chunk(chunk).look_ahead(4096).imap(0..TASKS).try_fold(0, |sum, reply| reply.map(|x| sum + x));
        assert_eq!(sum?, (0..TASKS).map(|x| x * x).sum::<u64>());
        Ok(TASKS as f64 / start.elapsed().as_secs_f64())
    };
    let (single, chunks) = (rate(1)?, rate(100)?);
    let start = Instant::now();
    (0..CALLS).try_for_each(|x| all.apply(&x).map(|_| ()))?;
    let call = start.elapsed().as_secs_f64() / CALLS as f64;

    let one = client.view(0)?;
    let (mut push, mut pull) = (f64::INFINITY, f64::INFINITY);
    let bytes = Bytes(vec![7; MEGABYTES * 1_000_000]);
    for _ in 0..5 {
        let start = Instant::now();
        one.push("bytes", &bytes)?;
        push = push.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        assert_eq!(one.pull::<Bytes>("bytes")?[0].0.len(), bytes.0.len());
        pull = pull.min(start.elapsed().as_secs_f64());
    }
    let speed = |seconds: f64| MEGABYTES as f64 / seconds;
    println!(
        "{:7} {single:>12.0}/s {chunks:>12.0}/s {:>12.1} us {:>9.0} MB/s {:>9.0} MB/s",
        client.ids().len(),
        1e6 * call,
        speed(push),
        speed(pull),
    );
    Ok(())
}

fn main() -> ExitCode {
    let head = "engines         tasks     in chunks of 100  call and reply     push 64 MB     pull 64 MB";
    ranks::launch(rank, head, &[2, 8, 32], 1)
}
