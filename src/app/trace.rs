//! The trace file: what depends on the day. Times are in seconds from the job's start.

use crate::cluster::{History, Record};
use crate::error::Result;
use crate::farm::{Account, RankTime};
use crate::store::{Axis, Coordinates, Element, ResultFile};
use crate::world::World;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The group of a client's requests.
const REQUESTS: &str = "requests";

/// Writes the trace of a run's phases to `path`: a group for each phase, with the times of
/// the ranks over the axis `rank`, and the task log, in the order in which results arrived, over the axis `arrival`.
pub(super) fn write(world: &World, path: &Path, replace: bool, phases: &[(&str, &Account)]) -> Result<()> {
    let (mut file, rank) = begin(world, path, replace)?;
    for (name, account) in phases {
        phase(&mut file, rank, name, account)?;
    }
    file.finish()
}

/// Writes the trace of what a client has asked of its engines to `path`, for root to call: a group `requests`, with the
/// times of the ranks over the axis `rank`, and all requests, in their order, over the axis `request`. A time that is
/// not known is NaN, and an engine that is not known −1.
///
/// # Errors
/// When the file can't be written, or is there and not to be replaced.
pub fn write_requests(world: &World, path: &Path, replace: bool, history: &History) -> Result<()> {
    let (mut file, rank) = begin(world, path, replace)?;
    requests(&mut file, world, rank, history)?;
    file.finish()
}

/// The file, with what it says of the job, and the axis of its ranks.
fn begin(world: &World, path: &Path, replace: bool) -> Result<(ResultFile, Axis)> {
    let mut file = ResultFile::create(path, replace)?;
    let elapsed = world.start_time().elapsed();
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(elapsed);
    file.attribute("/", "start_unix_seconds", began.as_secs_f64())?;
    file.attribute("/", "seconds", elapsed.as_secs_f64())?;
    file.attribute("/", "mpi_library", world.library())?;
    file.attribute("/", "command", command_line())?;
    file.attribute("/", "ensample_version", env!("CARGO_PKG_VERSION"))?;
    let rank = file.axis("rank", Coordinates::Index(world.size()));
    Ok((file, rank))
}

fn phase(file: &mut ResultFile, rank: Axis, name: &str, account: &Account) -> Result<()> {
    let ranks = Group { name, axis: rank };
    ranks.write(file, "busy_seconds", account.ranks.iter().map(|rank| rank.busy))?;
    ranks.write(file, "idle_seconds", account.ranks.iter().map(|rank| rank.idle))?;
    ranks.write(file, "idle_share", account.ranks.iter().map(RankTime::idle_share))?;
    ranks.write(file, "host", account.ranks.iter().map(|rank| rank.host.clone()))?;
    ranks.write(file, "finished_tasks", account.ranks.iter().map(|rank| rank.tasks))?;
    ranks.write(file, "peak_memory_bytes", account.ranks.iter().map(|rank| rank.peak_memory))?;
    file.attribute(name, "seconds", account.seconds)?;

    let tasks = Group { name, axis: file.axis("arrival", Coordinates::Index(account.tasks.len())) };
    tasks.write(file, "task", account.tasks.iter().map(|time| time.task))?;
    tasks.write(file, "task_rank", account.tasks.iter().map(|time| time.rank as u64))?;
    tasks.write(file, "task_thread", account.tasks.iter().map(|time| u64::from(time.thread)))?;
    tasks.write(file, "task_start", account.tasks.iter().map(|time| time.start))?;
    tasks.write(file, "task_seconds", account.tasks.iter().map(|time| time.seconds))
}

fn requests(file: &mut ResultFile, world: &World, rank: Axis, history: &History) -> Result<()> {
    let seconds = history.seconds();
    // A rank that is no engine is neither busy nor idle.
    let engine = |rank: usize| history.engines.iter().find(|engine| engine.rank == rank);
    let of_ranks = || (0..world.size()).map(engine);
    let ranks = Group { name: REQUESTS, axis: rank };
    ranks.write(file, "busy_seconds", of_ranks().map(|engine| engine.map_or(0.0, |it| it.busy)))?;
    let idle = of_ranks().map(|engine| engine.map_or(0.0, |it| (seconds - it.busy).max(0.0)));
    ranks.write(file, "idle_seconds", idle)?;
    ranks.write(file, "host", of_ranks().map(|engine| engine.map_or_else(String::new, |it| it.host.clone())))?;
    ranks.write(file, "finished_tasks", of_ranks().map(|engine| engine.map_or(0, |it| it.tasks as u64)))?;
    file.attribute(REQUESTS, "seconds", seconds)?;

    let all = &history.requests;
    let of_request = Group { name: REQUESTS, axis: file.axis("request", Coordinates::Index(all.len())) };
    let rank_of = |record: &Record| record.engine.and_then(|engine| history.engines.get(engine)).map(|it| it.rank);
    of_request.write(file, "task", all.iter().map(|record| record.id))?;
    of_request.write(file, "task_rank", all.iter().map(|record| rank_of(record).unwrap_or_default() as u64))?;
    of_request.write(file, "task_thread", all.iter().map(|_| 0_u64))?;
    of_request.write(file, "task_start", all.iter().map(|record| record.started.unwrap_or(f64::NAN)))?;
    of_request.write(file, "task_seconds", all.iter().map(|record| record.seconds))?;
    of_request.write(file, "engine", all.iter().map(|record| record.engine.map_or(-1, |engine| engine as i64)))?;
    of_request.write(file, "kind", all.iter().map(|record| record.kind.name().to_owned()))?;
    of_request.write(file, "fate", all.iter().map(|record| record.fate.name().to_owned()))?;
    of_request.write(file, "parts", all.iter().map(|record| record.parts as u64))?;
    of_request.write(file, "runs", all.iter().map(|record| u64::from(record.runs)))?;
    of_request.write(file, "sent_bytes", all.iter().map(|record| record.bytes_sent as u64))?;
    of_request.write(file, "received_bytes", all.iter().map(|record| record.bytes_received as u64))?;
    of_request.write(file, "submitted", all.iter().map(|record| record.submitted))?;
    of_request.write(file, "completed", all.iter().map(|record| record.completed.unwrap_or(f64::NAN)))
}

/// Where variables over one axis go.
struct Group<'a> {
    name: &'a str,
    axis: Axis,
}

impl Group<'_> {
    fn write<T: Element>(&self, file: &mut ResultFile, variable: &str, values: impl Iterator<Item = T>) -> Result<()> {
        let variable = file.variable(&format!("{}/{variable}", self.name), &[self.axis])?;
        file.write(variable, &values.collect::<Vec<T>>())
    }
}

fn command_line() -> String {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
