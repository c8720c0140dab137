//! What root and the other ranks say to each other.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Tasks `first`, `first + stride`, ...: `count` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deal {
    pub first: u64,
    pub count: u64,
    pub stride: u64,
}

impl Deal {
    /// Takes the first task out.
    pub fn take_first(&mut self) -> Option<u64> {
        self.count = self.count.checked_sub(1)?;
        let task = self.first;
        self.first += self.stride;
        Some(task)
    }
}

/// From root to another rank.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// A checkpoint is kept: results are to come with what is needed to go on after them.
    Save,
    /// Go on after this task.
    Restore {
        task: u64,
        #[serde(with = "serde_bytes")]
        state: Vec<u8>,
    },
    /// Run these too.
    Run(Deal),
    /// The job has been asked to end, and root sees to it.
    Heard,
    /// No more results are needed: say farewell. After a failure, with the exit status of the job.
    Stop { failure: Option<u8> },
}

/// From another rank to root.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    Done(Batch),
    Failed {
        host: String,
        failure: Failure,
    },
    /// A signal has asked this rank to end the job.
    Asked,
    /// The last message of a rank in a phase.
    Farewell(Farewell),
}

impl Report {
    /// As a message: outputs, which may be large, stay where they are; behind them comes the rest, and the outputs'
    /// length (8 bytes, little-endian).
    pub fn into_message(mut self) -> Result<Vec<u8>> {
        let outputs = match &mut self {
            Report::Done(batch) => std::mem::take(&mut batch.outputs),
            _ => Vec::new(),
        };
        let length = outputs.len() as u64;
        let mut message = postcard::to_extend(&self, outputs)?;
        message.extend_from_slice(&length.to_le_bytes());
        Ok(message)
    }

    /// Out of a message.
    pub fn from_message(mut message: Vec<u8>) -> Result<Self> {
        let parts = message.split_last_chunk().and_then(|(rest, length)| {
            let length = u64::from_le_bytes(*length) as usize;
            Some((rest.get(length..)?, length))
        });
        let (rest, length) = parts.ok_or_else(|| Error::other("a report has no end: a defect"))?;
        let mut report = postcard::from_bytes(rest)?;
        if let Report::Done(batch) = &mut report {
            message.truncate(length);
            batch.outputs = message;
        }
        Ok(report)
    }
}

/// Finished tasks with their serialized results, one after the other, each followed by what is needed to go on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Batch {
    pub tasks: Vec<Done>,
    #[serde(skip)]
    pub outputs: Vec<u8>,
}

/// A finished task: who ran it, when it began and how long it took, in seconds; the size in bytes of its result, and of
/// what is needed to go on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Done {
    pub task: u64,
    pub thread: u16,
    pub start: f64,
    pub seconds: f64,
    pub size: usize,
    pub state_size: usize,
}

impl Batch {
    /// About how many bytes a message is longer than the outputs in it, when these are of one task.
    const REST: usize = 80;

    /// Adds a finished task, its result, and what is needed to go on.
    ///
    /// # Errors
    /// Those of serializing.
    pub fn add(&mut self, done: Done, output: &impl Serialize, state: &[u8]) -> Result<()> {
        let before = self.outputs.len();
        // Room for the whole message: what is large is not to be moved.
        self.outputs.reserve(done.size + state.len() + Self::REST);
        self.outputs = postcard::to_extend(output, std::mem::take(&mut self.outputs))?;
        let size = self.outputs.len() - before;
        self.outputs.extend_from_slice(state);
        self.tasks.push(Done { size, ..done });
        Ok(())
    }

    /// Each finished task with its serialized result and what is needed to go on.
    pub fn results(&self) -> impl Iterator<Item = (Done, &[u8], &[u8])> {
        let mut rest = &self.outputs[..];
        let mut next = move |size: usize| {
            let (part, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            part
        };
        self.tasks.iter().map(move |done| (*done, next(done.size), next(done.state_size)))
    }
}

/// A task that returned an error or panicked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failure {
    pub task: u64,
    pub message: String,
    pub status: u8,
}

/// A rank's own account of a phase, in seconds summed over its compute threads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Farewell {
    pub host: String,
    pub busy: f64,
    pub tasks: u64,
    pub peak_memory: u64,
}

impl Farewell {
    /// Of this rank, which has been busy for so long.
    pub fn of(host: &str, (busy, tasks): (f64, u64)) -> Self {
        Farewell { host: host.to_owned(), busy, tasks, peak_memory: peak_memory() }
    }
}

/// The most memory that this process has had, in bytes (Linux only).
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    1024 * peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0)
}
