//! What a run has found up to now, on disk, so that it can go on after whatever has ended it.
//!
//! Two files lie beside the result OUT:
//! - `OUT.checkpoint.results` has everything that root was told, record after record, in the order in which it came;
//! - `OUT.checkpoint` says which run it is, how much of those records counts, and their digest. It is written under
//!   another name, brought to the disk, and renamed: the one before stays until the new one is safe.
//!
//! A run that goes on begins as it did, and is handed the records again, in their order, before it does anything new.
//! What it does then follows from what it was told and from nothing else, so its result has the bytes that it would have
//! had. Results of tasks that were finished out of order count, too.

mod head;
mod keeper;
mod records;

pub use head::Run;
pub use keeper::Keeper;

use crate::error::{Error, Result};
use head::Head;
use records::{Cursor, Log, Record, damaged};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A checkpoint costs at most one part in so many of the time between two of them,
const COST: u32 = 100;
/// unless that time is so many times as long as was asked for.
const STRETCH: u32 = 10;
/// What a head is called until it is safe.
const NEW: &str = ".new";

/// The tasks that a [`farm`](crate::farm) is asked for: what must be the same when it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// The phase of the run.
    pub phase: u16,
    /// The first task.
    pub first: u64,
    /// The task after the last.
    pub tasks: u64,
    /// Tasks that are equal modulo this belong together.
    pub cycle: Option<u64>,
}

/// The result of a task that was found before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The task.
    pub task: u64,
    /// Its serialized result.
    #[serde(with = "serde_bytes")]
    pub output: Vec<u8>,
    /// What is needed to go on with the next task of its cycle; empty for nothing.
    #[serde(with = "serde_bytes")]
    pub state: Vec<u8>,
}

/// The checkpoint of a run, on root. It holds a lock: a second run can't have it.
pub struct Checkpoint {
    path: PathBuf,
    run: Run,
    every: Duration,
    /// What an earlier run has left, until all of it has been read.
    cursor: Option<Cursor>,
    log: Log,
    saved: Instant,
    /// How long the last save took.
    cost: Duration,
}

/// The checkpoint's file for a result at `out`.
pub fn path(out: &Path) -> PathBuf {
    with_suffix(out, ".checkpoint")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Checkpoint {
    /// Begins anew; what an earlier run has left is gone. It is [due](Self::is_due) for the first time after `every`.
    ///
    /// # Errors
    /// When its files can't be written, or another run writes them.
    pub fn create(out: &Path, run: Run, every: Duration) -> Result<Self> {
        let path = path(out);
        Head::check_is_ours(&path)?;
        let log = Log::create(&with_suffix(&path, ".results"), || remove_heads(&path))?;
        Ok(Checkpoint { path, run, every, cursor: None, log, saved: Instant::now(), cost: Duration::ZERO })
    }

    /// Goes on from what an earlier run has left; `None` if there is nothing.
    ///
    /// # Errors
    /// When it is of another run, which the error tells, or damaged, or another run writes it.
    pub fn resume(out: &Path, run: Run, every: Duration) -> Result<Option<Self>> {
        let path = path(out);
        if !path.exists() {
            return Ok(None);
        }
        // Under the lock, so that no other run writes a new one meanwhile.
        let lock = Log::lock(&with_suffix(&path, ".results"))?;
        let Some(head) = Head::read(&path)? else { return Ok(None) };
        head.check(&run, &path)?;
        let (log, cursor) = Log::open(lock, head.records, &head.digest)?;
        let (saved, cost) = (Instant::now(), Duration::ZERO);
        Ok(Some(Checkpoint { path, run, every, cursor: Some(cursor), log, saved, cost }))
    }

    /// A phase begins. What was found in it before comes by [`next_kept`](Self::next_kept).
    ///
    /// # Errors
    /// When the earlier run did something else at this point, or the file can't be read or written.
    pub fn begin(&mut self, phase: &Phase) -> Result<()> {
        loop {
            match self.next_record()? {
                None => return self.log.append(&Record::Phase(phase.clone())),
                Some(Record::Phase(earlier)) if earlier == *phase => return Ok(()),
                // The phase before was ended early.
                Some(Record::Kept(_)) => (),
                Some(other) => return Err(self.is_other(&format!("{phase:?}"), &other)),
            }
        }
    }

    /// The next result of this phase that was found before; `None` after the last.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn next_kept(&mut self) -> Result<Option<Kept>> {
        let is_kept = |record: &Record| matches!(record, Record::Kept(_));
        match self.cursor.as_mut().map(|cursor| cursor.next_if(is_kept)).transpose()?.flatten() {
            Some(Record::Kept(kept)) => Ok(Some(kept)),
            _ => Ok(None),
        }
    }

    /// Keeps the result of a task.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn keep(&mut self, task: u64, output: &[u8], state: &[u8]) -> Result<()> {
        if self.cursor.as_mut().is_some_and(|cursor| !cursor.is_over()) {
            return Err(Error::other("a result was found before the earlier ones had been read: a defect"));
        }
        self.cursor = None;
        self.log.append_kept(task, output, state)
    }

    /// Something that depends on the day, and has to be the same when the run goes on.
    ///
    /// # Errors
    /// Those of `find`, and when the file can't be read or written.
    pub fn fact<T: Serialize + DeserializeOwned>(&mut self, name: &str, find: impl FnOnce() -> Result<T>) -> Result<T> {
        loop {
            match self.next_record()? {
                None => break,
                Some(Record::Fact { name: earlier, value }) if earlier == name => {
                    let wrong = |error| damaged(self.log.path(), &format!("it is damaged: {name}: {error}"));
                    return postcard::from_bytes(&value).map_err(wrong);
                }
                Some(Record::Kept(_)) => (),
                Some(other) => return Err(self.is_other(name, &other)),
            }
        }
        let found = find()?;
        self.log.append(&Record::Fact { name: name.to_owned(), value: postcard::to_stdvec(&found)? })?;
        Ok(found)
    }

    /// Whether it is time to [`save`](Self::save): not more often than asked for, nor than it is cheap.
    pub fn is_due(&self) -> bool {
        let cheap = (COST * self.cost).min(self.every.saturating_mul(STRETCH));
        self.saved.elapsed() >= self.every.max(cheap)
    }

    /// Whether a second has passed, and it is cheap: a short phase is found anew sooner than it is saved.
    pub fn is_worth_it(&self) -> bool {
        self.saved.elapsed() >= Duration::from_secs(1).max(COST * self.cost)
    }

    /// Brings all that was found to the disk.
    ///
    /// # Errors
    /// When that fails; the checkpoint before is still there.
    pub fn save(&mut self) -> Result<()> {
        let start = Instant::now();
        // As long as an earlier run's records are being read, its checkpoint holds.
        if self.cursor.as_mut().is_none_or(|cursor| cursor.is_over()) {
            let (records, digest) = self.log.flush()?;
            Head::new(self.run.clone(), records, digest).write(&self.path)?;
        }
        self.cost = start.elapsed();
        self.saved = Instant::now();
        Ok(())
    }

    /// The result is there: no checkpoint is needed any more.
    ///
    /// # Errors
    /// When its files can't be removed.
    pub fn remove(&self) -> Result<()> {
        remove_heads(&self.path)?;
        remove(self.log.path())
    }

    fn next_record(&mut self) -> Result<Option<Record>> {
        match self.cursor.as_mut() {
            None => Ok(None),
            Some(cursor) => cursor.next_if(|_| true),
        }
    }

    fn is_other(&self, now: &str, earlier: &Record) -> Error {
        let message = format!("the run that left it went another way: {} then, {now} now", earlier.in_words());
        Error::file(&self.path, "go on from this checkpoint", message)
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        if !self.path.exists() {
            // Without a head they are of no use; and if they can't be removed, the next run does it.
            let _ = remove(self.log.path());
        }
    }
}

/// Removes what is left of a checkpoint beside a result that is complete.
///
/// # Errors
/// When its files can't be removed.
pub fn clear(out: &Path) -> Result<()> {
    let path = path(out);
    remove_heads(&path)?;
    remove(&with_suffix(&path, ".results"))
}

/// The files of a checkpoint for a result at `out`, and what there may be of them.
pub fn files(out: &Path) -> [PathBuf; 3] {
    let path = path(out);
    [with_suffix(&path, ".results"), with_suffix(&path, NEW), path]
}

/// The head, and one that a killed run has not finished.
fn remove_heads(path: &Path) -> Result<()> {
    remove(path)?;
    remove(&with_suffix(path, NEW))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file(path, "remove what an earlier run has left", error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
