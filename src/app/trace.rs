//! The trace file: what depends on the day. Times are in seconds from the job's start.

use crate::error::Result;
use crate::farm::Account;
use crate::store::{Coordinates, ResultFile};
use crate::world::World;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes the trace of a run's phases to `path`: a group for each phase, with the times of
/// the ranks over the axis `rank`, and the task log, in the order in which results arrived, over the axis `arrival`.
pub(super) fn write(world: &World, path: &Path, replace: bool, phases: &[(&str, &Account)]) -> Result<()> {
    let mut file = ResultFile::create(path, replace)?;
    let elapsed = world.start_time().elapsed();
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(elapsed);
    file.attribute("/", "start_unix_seconds", began.as_secs_f64())?;
    file.attribute("/", "seconds", elapsed.as_secs_f64())?;
    file.attribute("/", "mpi_library", world.library())?;
    file.attribute("/", "command", command_line())?;
    file.attribute("/", "ensample_version", env!("CARGO_PKG_VERSION"))?;
    let rank = file.axis("rank", Coordinates::Index(world.size()));
    for (name, account) in phases {
        let ranks = &account.ranks;
        let mut of_ranks = |variable: &str, values: Vec<f64>| {
            let variable = file.variable(&format!("{name}/{variable}"), &[rank])?;
            file.write(variable, &values)
        };
        of_ranks("busy_seconds", ranks.iter().map(|rank| rank.busy).collect())?;
        of_ranks("idle_seconds", ranks.iter().map(|rank| rank.idle).collect())?;
        let hosts = file.variable(&format!("{name}/host"), &[rank])?;
        file.write(hosts, &ranks.iter().map(|rank| rank.host.clone()).collect::<Vec<_>>())?;
        let finished = file.variable(&format!("{name}/finished_tasks"), &[rank])?;
        file.write(finished, &ranks.iter().map(|rank| rank.tasks).collect::<Vec<_>>())?;
        let memory = file.variable(&format!("{name}/peak_memory_bytes"), &[rank])?;
        file.write(memory, &ranks.iter().map(|rank| rank.peak_memory).collect::<Vec<_>>())?;
        file.attribute(name, "seconds", account.seconds)?;

        let tasks = &account.tasks;
        let arrival = file.axis("arrival", Coordinates::Index(tasks.len()));
        let mut of_tasks = |variable: &str, values: Vec<u64>| {
            let variable = file.variable(&format!("{name}/{variable}"), &[arrival])?;
            file.write(variable, &values)
        };
        of_tasks("task", tasks.iter().map(|time| time.task).collect())?;
        of_tasks("task_rank", tasks.iter().map(|time| time.rank as u64).collect())?;
        of_tasks("task_thread", tasks.iter().map(|time| u64::from(time.thread)).collect())?;
        let start = file.variable(&format!("{name}/task_start"), &[arrival])?;
        file.write(start, &tasks.iter().map(|time| time.start).collect::<Vec<_>>())?;
        let seconds = file.variable(&format!("{name}/task_seconds"), &[arrival])?;
        file.write(seconds, &tasks.iter().map(|time| time.seconds).collect::<Vec<_>>())?;
    }
    file.finish()
}

fn command_line() -> String {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
