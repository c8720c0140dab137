//! `tour`: what a course on parallel computing shows, step by step, on ranks of MPI. Read it beside what it prints:
//!
//! ```sh
//! mpirun -n 3 target/release/tour
//! ```
//!
//! Rank 0 is the client, which leads through the tour. The other ranks are engines, which do what it asks.
//!
//! - [`engine`]: what an engine can be asked;
//! - [`processes`]: a process, a queue, a pool;
//! - [`views`]: engines one by one and all together, their names for values, an error on one of them;
//! - [`draws`]: draws from a posterior, by whichever engine is free;
//! - [`chains`]: Markov chains on all engines.

#[path = "tour/chains.rs"]
mod chains;
#[path = "tour/draws.rs"]
mod draws;
#[path = "tour/engine.rs"]
mod engine;
#[path = "tour/processes.rs"]
mod processes;
#[path = "tour/views.rs"]
mod views;

use engine::Worker;
use ensample::app::{self, RoleFlags};
use ensample::cluster::{Actor, Client, History, Number, Role, act, cast};
use ensample::world::{World, launch};
use ensample::{Error, Result, status};
use std::path::PathBuf;
use std::process::ExitCode;

const ROLES: [Role; 2] = [Role { name: "client", number: Number::One }, Role { name: "engine", number: Number::Some }];

/// Parallel computing step by step: processes, queues, pools, engines, draws and chains on all of them
#[derive(clap::Parser, Clone, Debug)]
#[command(version = concat!("(ensample ", env!("CARGO_PKG_VERSION"), ")"), after_help = "Ranks are client or engine. Without --role and --roles: client=1,engine=*.")]
struct Flags {
    /// Seed of all random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for figures and the chains
    #[arg(long, value_name = "FOLDER", default_value = "tour")]
    out: PathBuf,
    /// Replace what an earlier tour has left there
    #[arg(long)]
    force: bool,
    /// Write a record of all requests to this file (HDF5), for report
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    roles: RoleFlags,
    /// Only greet: what the tour starts as a process of its own
    #[arg(long, hide = true)]
    greet: bool,
}

fn main() -> ExitCode {
    launch(|world| {
        let Some(flags) = app::read_flags::<Flags>(world)? else { return Ok(status::DONE) };
        if flags.greet {
            return processes::greet();
        }
        let cast = cast(world, &ROLES, "client=1,engine=*", &flags.roles.clone().choice(None))?;
        world.on_root(|| chains::check(&flags))?;
        processes::ranks(world, &cast)?;
        let asked = Flags { seed: world.broadcast_value(Some(flags.seed))?, ..flags.clone() };
        let history = act(world, &cast, move |actor| match actor.role().name {
            "engine" => work(&actor, asked.seed).map(|()| None),
            _ => lead(&actor, &asked).map(Some),
        })?;
        trace(world, &flags, history)?;
        Ok(status::DONE)
    })
}

/// What an engine does.
fn work(actor: &Actor, seed: u64) -> Result<()> {
    processes::consume(actor)?;
    actor.serve("client", &mut Worker::new(seed))
}

/// What the client does.
fn lead(actor: &Actor, flags: &Flags) -> Result<History> {
    processes::process(actor)?;
    processes::queue(actor)?;
    let client: Client<Worker> = actor.client("engine")?;
    processes::pool(&client, flags.seed)?;
    views::ids(&client)?;
    views::one_and_all(&client)?;
    views::an_error(&client)?;
    views::push_and_pull(&client)?;
    views::scatter_and_gather(&client)?;
    views::splits(&client)?;
    draws::who(&client)?;
    draws::later(&client)?;
    draws::in_parallel(&client)?;
    draws::histograms(&client, flags)?;
    draws::timing(&client)?;
    chains::gibbs(&client)?;
    chains::disasters(&client, flags)?;
    Ok(client.history())
}

/// What the client has asked, as root keeps it.
fn trace(world: &World, flags: &Flags, history: Option<History>) -> Result<()> {
    let histories = world.gather_value(&history)?;
    world.on_root(|| {
        let (Some(path), Some(history)) = (&flags.trace, histories.into_iter().flatten().flatten().next()) else {
            return Ok(());
        };
        heading("The record of all requests");
        app::trace::write_requests(world, path, flags.force, &history)?;
        println!(
            "{} requests. For a page with their timeline: report {} --html trace.html",
            history.requests.len(),
            path.display()
        );
        Ok(())
    })
}

fn heading(text: &str) {
    println!("\n== {text}");
}

/// Numbers beside each other.
fn row(numbers: &[f64], decimals: usize) -> String {
    numbers.iter().map(|number| format!("{number:.decimals$}")).collect::<Vec<_>>().join("  ")
}

/// The numbers of a key like `data.values` in a run file.
fn numbers(run_file: &str, key: &str) -> Result<Vec<f64>> {
    let table: toml::Table = run_file.parse().map_err(Error::other)?;
    let found = key.split('.').try_fold(&toml::Value::Table(table), |value, key| value.get(key)).cloned();
    let values = found.and_then(|value| value.try_into::<Vec<f64>>().ok());
    values.ok_or_else(|| Error::other(format!("the run file has no numbers {key}")))
}

/// The observations of abc's default problem.
fn observations() -> Result<Vec<f64>> {
    numbers(include_str!("abc.toml"), "data.values")
}
