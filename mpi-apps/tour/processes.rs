//! A process, a queue, a pool.

use super::engine::{COUNTS, Call, Worker};
use super::heading;
use ensample::cluster::{Actor, Cast, Client, Queue, QueueSpec};
use ensample::diagnostics::equal_tailed_interval;
use ensample::distribution::Poisson;
use ensample::stream::Streams;
use ensample::world::World;
use ensample::{Error, Result};
use std::time::Instant;

/// The exit status of the process that greets.
const GREETED: u8 = 7;

/// Every rank runs the same program; each has a number, a role, and a process of its own.
pub fn ranks(world: &World, cast: &Cast) -> Result<()> {
    let all = world.gather_value(&(std::process::id(), world.host().to_owned()))?;
    world.on_root(|| {
        heading("Ranks and their processes");
        for (rank, (process, host)) in all.into_iter().flatten().enumerate() {
            println!("rank {rank} is {}: process {process} on {host}", cast.role(rank).name);
        }
        Ok(())
    })
}

/// What the process does that the client starts.
pub fn greet() -> Result<u8> {
    println!("hello from process {}", std::process::id());
    Ok(GREETED)
}

/// One more process, its end waited for.
pub fn process(actor: &Actor) -> Result<()> {
    heading("A process and its exit status");
    let program = std::env::current_exe().map_err(Error::other)?;
    match actor.spawn(program, &["--greet"], 1) {
        Ok(process) => {
            println!("started process {}", process.ids()[0]);
            println!("it ended with exit status {}", process.join()[0]);
        }
        // Not every launcher can.
        Err(error) => println!("not here: {error}"),
    }
    Ok(())
}

/// The queue of the tour, from the client to the first engine; `None` says that there is no more.
fn items(actor: &Actor) -> Result<Queue<Option<f64>>> {
    let home = actor.ranks("client")[0];
    actor.queue(QueueSpec { name: "items".into(), home, capacity: 3, producers: 1 })
}

/// The producer puts items into a queue that holds three: it waits when the consumer is slower.
pub fn queue(actor: &Actor) -> Result<()> {
    heading("A producer, a queue, a consumer");
    let items = items(actor)?;
    for item in 1..=5 {
        items.put(&Some(f64::from(item)))?;
    }
    items.put(&None)?;
    if let Some((rank, squares)) = actor.channel::<Vec<f64>>("squares")?.receive()? {
        println!("rank {rank} took 1 to 5 from the queue, and sends their squares: {squares:?}");
    }
    items.close()
}

/// The consumer, on the first engine.
pub fn consume(actor: &Actor) -> Result<()> {
    if actor.ranks("engine")[0] != actor.rank() {
        return Ok(());
    }
    let items = items(actor)?;
    let mut squares = Vec::new();
    while let Some(Some(item)) = items.get()? {
        squares.push(item * item);
    }
    actor.channel("squares")?.send(actor.ranks("client")[0], &squares)
}

/// Twenty-five counts, and how far their mean can be trusted.
pub fn pool(client: &Client<Worker>, seed: u64) -> Result<()> {
    const RESAMPLES: u64 = 1000;
    heading("A pool: the bootstrap of 25 Poisson counts");
    let poisson = Poisson::new(4.0).map_err(Error::other)?;
    let mut stream = Streams::new(seed, COUNTS).stream(0);
    let counts: Vec<f64> = (0..25).map(|_| poisson.sample(&mut stream)).collect();
    println!("counts: {}", super::row(&counts, 0));
    let resamples = || (0..RESAMPLES).map(|task| Call::Resample { task, values: counts.clone() });
    let pool = client.pool();

    let start = Instant::now();
    let one_by_one = resamples().map(|call| Ok(pool.apply(&call)?.values[0])).collect::<Result<Vec<f64>>>()?;
    let apply = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let all: Vec<f64> = pool.map(resamples())?.iter().map(|answer| answer.values[0]).collect();
    let map = start.elapsed().as_secs_f64();

    let [low, high] = equal_tailed_interval(&all, 0.95);
    println!(
        "mean {:.2}, 95 % interval of {RESAMPLES} resamples: {low:.2} to {high:.2}",
        counts.iter().sum::<f64>() / 25.0
    );
    println!("apply, one after the other: {:.0} ms; map: {:.0} ms", 1e3 * apply, 1e3 * map);
    println!("the same means both times: {}", one_by_one == all);
    Ok(())
}
