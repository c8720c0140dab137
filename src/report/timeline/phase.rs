//! A phase of a trace: its ranks and tasks.

use super::super::histogram::{quantile, sorted};
use crate::error::Result;
use crate::store::{Reader, Value};

/// A phase.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
    /// Its ranks.
    pub ranks: Vec<Rank>,
    /// Its tasks, in the order in which their results arrived.
    pub tasks: Vec<Task>,
    /// Where the tasks are what a client has asked of engines: these requests.
    pub requests: Vec<Request>,
}

/// What a client has asked of an engine.
#[derive(Clone, Debug)]
pub struct Request {
    /// `call`, `push` or `pull`.
    pub kind: String,
    /// What became of it.
    pub fate: String,
    /// The size of what was sent, in bytes.
    pub sent: u64,
    /// The size of the reply, in bytes.
    pub received: u64,
    /// How long it waited for its beginning, in seconds; NaN if that never came.
    pub wait: f64,
    /// How long its engine was busy with it, in seconds.
    pub seconds: f64,
}

/// A rank's times.
#[derive(Clone, Debug)]
pub struct Rank {
    /// Its host.
    pub host: String,
    /// Seconds of its threads within tasks.
    pub busy: f64,
    /// Seconds of its threads without one.
    pub idle: f64,
    /// How many tasks it finished.
    pub tasks: u64,
    /// When its last task ended, in seconds from the job's start.
    pub end: Option<f64>,
}

/// A task's times.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Its number.
    pub number: u64,
    /// The rank that ran it.
    pub rank: usize,
    /// The thread of that rank.
    pub thread: usize,
    /// When it began, in seconds from the job's start.
    pub start: f64,
    /// How long it took.
    pub seconds: f64,
}

/// The names of the phases of a trace file; none if the file is no trace.
///
/// # Errors
/// If the file can't be read.
pub fn names(reader: &Reader) -> Result<Vec<String>> {
    let mut names = reader.groups("/")?;
    names.retain(|name| {
        ["busy_seconds", "idle_seconds", "task_start"]
            .iter()
            .all(|variable| reader.has_variable(&format!("{name}/{variable}")))
    });
    Ok(names)
}

impl Phase {
    /// The phase of this name.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn read(reader: &Reader, name: &str) -> Result<Self> {
        let path = |variable: &str| format!("{name}/{variable}");
        let numbers = |variable: &str| reader.values::<f64>(&path(variable));
        let counts = |variable: &str| reader.values::<u64>(&path(variable));
        let (task, rank, thread) = (counts("task")?, counts("task_rank")?, counts("task_thread")?);
        let (start, seconds) = (numbers("task_start")?, numbers("task_seconds")?);
        let of_task = |at: usize| Task {
            number: task[at],
            rank: rank[at] as usize,
            thread: thread[at] as usize,
            start: start[at],
            seconds: seconds[at],
        };
        let all = 0..task.len().min(start.len());
        // What never began has no time.
        let tasks: Vec<Task> = all.map(of_task).filter(|task| !task.start.is_nan()).collect();
        let (busy, idle) = (numbers("busy_seconds")?, numbers("idle_seconds")?);
        let (hosts, finished) = (reader.labels(&path("host"))?, counts("finished_tasks")?);
        let mut ranks: Vec<Rank> = (0..busy.len())
            .map(|at| Rank { host: hosts[at].clone(), busy: busy[at], idle: idle[at], tasks: finished[at], end: None })
            .collect();
        for task in &tasks {
            if let Some(rank) = ranks.get_mut(task.rank) {
                let end = task.start + task.seconds;
                rank.end = Some(rank.end.map_or(end, |latest| latest.max(end)));
            }
        }
        let seconds = match reader.attribute(name, "seconds") {
            Ok(Value::Float(seconds)) => seconds,
            _ => f64::NAN,
        };
        let requests = if reader.has_variable(&path("fate")) { requests(reader, name)? } else { Vec::new() };
        Ok(Phase { name: name.to_owned(), seconds, ranks, tasks, requests })
    }

    /// The share of the time of all threads in which they had a task.
    pub fn busy_share(&self) -> f64 {
        let busy: f64 = self.ranks.iter().map(|rank| rank.busy).sum();
        let all: f64 = self.ranks.iter().map(|rank| rank.busy + rank.idle).sum();
        if all > 0.0 { busy / all } else { 0.0 }
    }

    /// The task that took longest.
    pub fn longest(&self) -> Option<&Task> {
        self.tasks.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds))
    }

    /// How long the middle task took; NaN of none.
    pub fn median_task(&self) -> f64 {
        let seconds: Vec<f64> = self.tasks.iter().map(|task| task.seconds).collect();
        quantile(&sorted(&seconds), 0.5)
    }

    /// When the middle rank ended its last task; NaN if none had any.
    fn middle_end(&self) -> f64 {
        quantile(&sorted(&self.ranks.iter().filter_map(|rank| rank.end).collect::<Vec<f64>>()), 0.5)
    }

    /// Ranks that ended later than the middle one by more than this share of the phase, with the seconds.
    pub fn stragglers(&self, share: f64) -> Vec<(usize, f64)> {
        let middle = self.middle_end();
        let late = self.ranks.iter().enumerate().filter_map(|(number, rank)| Some((number, rank.end? - middle)));
        late.filter(|(_, late)| *late > share * self.seconds).collect()
    }
}

fn requests(reader: &Reader, name: &str) -> Result<Vec<Request>> {
    let path = |variable: &str| format!("{name}/{variable}");
    let numbers = |variable: &str| reader.values::<f64>(&path(variable));
    let (kinds, fates) = (reader.labels(&path("kind"))?, reader.labels(&path("fate"))?);
    let [sent, received] = ["sent_bytes", "received_bytes"].map(|variable| reader.values::<u64>(&path(variable)));
    let (sent, received) = (sent?, received?);
    let (submitted, start, seconds) = (numbers("submitted")?, numbers("task_start")?, numbers("task_seconds")?);
    let of = |at: usize| Request {
        kind: kinds[at].clone(),
        fate: fates[at].clone(),
        sent: sent[at],
        received: received[at],
        // Clocks of two ranks may differ a little.
        wait: if start[at].is_nan() { f64::NAN } else { (start[at] - submitted[at]).max(0.0) },
        seconds: seconds[at],
    };
    Ok((0..kinds.len()).map(of).collect())
}

impl Rank {
    /// Whether it could have had a task.
    pub fn takes_part(&self) -> bool {
        self.busy + self.idle > 0.0
    }

    /// The share of the time in which its threads had no task.
    pub fn idle_share(&self) -> f64 {
        let all = self.busy + self.idle;
        if all > 0.0 { self.idle / all } else { 0.0 }
    }
}

/// At most so many ranks, in ascending order: half of them those that ended last in some phase, the others those that
/// were idle most.
pub fn noteworthy(phases: &[Phase], most: usize) -> Vec<usize> {
    let ranks = phases.iter().map(|phase| phase.ranks.len()).max().unwrap_or(0);
    let of = |rank: &usize| {
        phases.iter().filter_map(|phase| phase.ranks.get(*rank).map(|of| (phase, of))).collect::<Vec<_>>()
    };
    let late = |rank: &usize| {
        let late = |(phase, of): &(&Phase, &Rank)| Some(of.end? - phase.middle_end());
        of(rank).iter().filter_map(late).fold(f64::NEG_INFINITY, f64::max)
    };
    let idle = |rank: &usize| of(rank).iter().map(|(_, of)| of.idle).sum::<f64>();
    let by = |ranks: &mut Vec<usize>, score: &dyn Fn(&usize) -> f64| {
        let mut scored: Vec<(f64, usize)> = ranks.iter().map(|rank| (score(rank), *rank)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        *ranks = scored.into_iter().map(|(_, rank)| rank).collect();
    };
    let mut all: Vec<usize> = (0..ranks).collect();
    if ranks > most {
        by(&mut all, &late);
        let mut rest = all.split_off(most / 2);
        by(&mut rest, &idle);
        all.extend(&rest[..most - all.len()]);
        all.sort_unstable();
    }
    all
}
