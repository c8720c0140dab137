//! Who spent which time on what.

/// The times of one phase. They depend on the day: they belong into a trace, never into a result.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Seconds from the phase's start to its end.
    pub seconds: f64,
    /// How many tasks an earlier run had done: they have no part in these times.
    pub kept: u64,
    /// One entry for each rank, in order.
    pub ranks: Vec<RankTime>,
    /// One entry for each task whose result came in, in the order of arrival, if the plan asks for them.
    pub tasks: Vec<TaskTime>,
}

impl Account {
    /// How many of something were made in a second, when there are so many in all.
    pub fn rate(&self, all: u64) -> f64 {
        let run: u64 = self.ranks.iter().map(|rank| rank.tasks).sum();
        let share = if self.kept > 0 { run as f64 / (run + self.kept) as f64 } else { 1.0 };
        all as f64 * share / self.seconds
    }

    /// Adds the times of a part of the same phase that came later.
    pub(crate) fn add(&mut self, later: Account) {
        self.seconds += later.seconds;
        self.kept += later.kept;
        self.tasks.extend(later.tasks);
        if self.ranks.is_empty() {
            self.ranks = later.ranks;
            return;
        }
        for (rank, later) in self.ranks.iter_mut().zip(later.ranks) {
            rank.busy += later.busy;
            rank.idle += later.idle;
            rank.tasks += later.tasks;
            rank.peak_memory = later.peak_memory;
        }
    }
}

/// The times of one rank.
#[derive(Clone, Debug)]
pub struct RankTime {
    /// The rank's host.
    pub host: String,
    /// Seconds that its compute threads spent in tasks, summed over the threads.
    pub busy: f64,
    /// Seconds that its compute threads were without a task, summed over the threads.
    pub idle: f64,
    /// How many tasks it finished.
    pub tasks: u64,
    /// The most memory that its process has had up to the phase's end, in bytes; 0 where the system doesn't tell.
    pub peak_memory: u64,
}

impl RankTime {
    /// The share of the time in which its compute threads had a task, from 0 to 1.
    pub fn busy_share(&self) -> f64 {
        let all = self.busy + self.idle;
        if all > 0.0 { self.busy / all } else { 0.0 }
    }

    /// The share of the time in which they had none.
    pub fn idle_share(&self) -> f64 {
        let all = self.busy + self.idle;
        if all > 0.0 { self.idle / all } else { 0.0 }
    }
}

/// The times of one task.
#[derive(Clone, Copy, Debug)]
pub struct TaskTime {
    /// The task's number.
    pub task: u64,
    /// The rank that ran it.
    pub rank: usize,
    /// The compute thread of that rank, from 0.
    pub thread: u16,
    /// When it began, in seconds since the job's start.
    pub start: f64,
    /// How long it took, in seconds.
    pub seconds: f64,
}
