//! A checkpoint as the phases of a run share it.

use super::{Checkpoint, Kept, Phase};
use crate::error::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The checkpoint of a run, for all its phases to keep their results in. There is one on root only, and none where none
/// is wanted: then nothing is kept.
#[derive(Clone, Default)]
pub struct Keeper(Option<Arc<Mutex<Checkpoint>>>);

impl Keeper {
    /// Of this checkpoint.
    pub fn new(checkpoint: Checkpoint) -> Self {
        Keeper(Some(Arc::new(Mutex::new(checkpoint))))
    }

    /// Whether anything is kept.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// See [`Checkpoint::begin`].
    ///
    /// # Errors
    /// Those of that.
    pub fn begin(&self, phase: &Phase) -> Result<()> {
        self.checkpoint().map_or(Ok(()), |mut checkpoint| checkpoint.begin(phase))
    }

    /// See [`Checkpoint::next_kept`].
    ///
    /// # Errors
    /// Those of that.
    pub fn next_kept(&self) -> Result<Option<Kept>> {
        self.checkpoint().map_or(Ok(None), |mut checkpoint| checkpoint.next_kept())
    }

    /// See [`Checkpoint::keep`].
    ///
    /// # Errors
    /// Those of that.
    pub fn keep(&self, task: u64, output: &[u8], state: &[u8]) -> Result<()> {
        self.checkpoint().map_or(Ok(()), |mut checkpoint| checkpoint.keep(task, output, state))
    }

    /// See [`Checkpoint::fact`].
    ///
    /// # Errors
    /// Those of that.
    pub fn fact<T: Serialize + DeserializeOwned>(&self, name: &str, find: impl FnOnce() -> Result<T>) -> Result<T> {
        match self.checkpoint() {
            Some(mut checkpoint) => checkpoint.fact(name, find),
            None => find(),
        }
    }

    /// Saves if it is time to.
    ///
    /// # Errors
    /// Those of [`Checkpoint::save`].
    pub fn save_if_due(&self) -> Result<()> {
        match self.checkpoint() {
            Some(mut checkpoint) if checkpoint.is_due() => checkpoint.save(),
            _ => Ok(()),
        }
    }

    /// Saves at the end of a phase, unless little has been found since the last time.
    ///
    /// # Errors
    /// Those of [`Checkpoint::save`].
    pub fn save_at_end(&self) -> Result<()> {
        match self.checkpoint() {
            Some(mut checkpoint) if checkpoint.is_worth_it() => checkpoint.save(),
            _ => Ok(()),
        }
    }

    /// See [`Checkpoint::save`].
    ///
    /// # Errors
    /// Those of that.
    pub fn save(&self) -> Result<()> {
        self.checkpoint().map_or(Ok(()), |mut checkpoint| checkpoint.save())
    }

    /// See [`Checkpoint::remove`].
    ///
    /// # Errors
    /// Those of that.
    pub fn remove(&self) -> Result<()> {
        self.checkpoint().map_or(Ok(()), |checkpoint| checkpoint.remove())
    }

    fn checkpoint(&self) -> Option<MutexGuard<'_, Checkpoint>> {
        // What panics under this lock ends the job.
        Some(self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_there() { "Keeper(a checkpoint)" } else { "Keeper(none)" })
    }
}
