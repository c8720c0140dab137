//! Bringing a file to the disk while it is being written.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread::{Builder, JoinHandle};

/// So many bytes, at least, are brought to the disk at a time.
const SHARE: usize = 32 << 20;

/// Has the disk work while more comes, so that little is left for the end: the system itself would wait for seconds.
#[derive(Debug, Default)]
pub(super) struct Flush {
    /// How many bytes were written since it last began.
    bytes: usize,
    at_work: Option<JoinHandle<io::Result<()>>>,
}

impl Flush {
    /// So many bytes more have been written to the file.
    ///
    /// # Errors
    /// When earlier ones did not reach the disk: nobody is told that twice, so it must not be lost.
    pub fn wrote(&mut self, bytes: usize, path: &Path) -> io::Result<()> {
        self.bytes += bytes;
        if self.bytes < SHARE || self.at_work.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Ok(());
        }
        self.end()?;
        self.bytes = 0;
        let path = path.to_owned();
        // Where there can be no thread, all is left for the end.
        self.at_work = Builder::new().spawn(move || File::open(path)?.sync_data()).ok();
        Ok(())
    }

    /// Waits for what is under way.
    ///
    /// # Errors
    /// As [`wrote`](Self::wrote).
    pub fn end(&mut self) -> io::Result<()> {
        let panicked = |_| Err(io::Error::other("the thread that flushes it panicked"));
        self.at_work.take().map_or(Ok(()), |thread| thread.join().unwrap_or_else(panicked))
    }
}
