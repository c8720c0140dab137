//! A file that is complete or absent: it grows under a temporary name and gets its own when it is done.

use super::flush::Flush;
use super::read::Reader;
use crate::{Error, Result};
use rustix::fs::{CWD, FlockOperation, RenameFlags};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The attribute by which files of this library are known, so that no other is replaced.
pub(super) const CREATOR: (&str, &str) = ("creator", "ensample");

/// A file on its way to `path`. Dropped before [`publish`](Self::publish), it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Partial {
    /// The final name.
    pub path: PathBuf,
    /// The name until then, in the same folder and always the same, so that what a killed run leaves is found and
    /// replaced by the next one.
    pub temporary: PathBuf,
    replace: bool,
    flush: Flush,
}

impl Partial {
    /// Checks that a file can be made at `path`, and clears away what a killed run left there.
    pub fn new(path: &Path, replace: bool) -> Result<Self> {
        check(path, replace)?;
        let temporary = temporary(path);
        match File::open(&temporary) {
            Ok(leftover) => clear(&leftover, path, &temporary)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::file(&temporary, "replace what an earlier run left", error)),
        }
        Ok(Partial { path: path.to_owned(), temporary, replace, flush: Flush::default() })
    }

    /// So many bytes more have been written to it.
    pub fn wrote(&mut self, bytes: usize) -> io::Result<()> {
        self.flush.wrote(bytes, &self.temporary)
    }

    /// Brings the bytes to the disk and gives the file its final name.
    ///
    /// A file that has appeared there meanwhile is never replaced without `replace`: the finished one then gets another
    /// name, which the error tells.
    pub fn publish(mut self) -> Result<()> {
        let flushed = self.flush.end();
        let failed = |error: io::Error| Error::file(&self.path, "finish the file", error);
        flushed.map_err(failed)?;
        File::open(&self.temporary).and_then(|file| file.sync_all()).map_err(failed)?;
        if self.replace {
            fs::rename(&self.temporary, &self.path).map_err(failed)?;
        } else if let Some(other) = self.rename_to_free_name().map_err(failed)? {
            let message = format!("a file of this name has appeared during the run; this run's is {}", other.display());
            return Err(Error::file(&self.path, "give the result its name", message));
        }
        // The file is complete by now, and stays so on a file system that doesn't sync folders.
        let _ = File::open(folder(&self.path)).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Renames to `path`, or, if there is such a file, to the first free of `path.1`, `path.2`, ..., which it returns.
    fn rename_to_free_name(&self) -> io::Result<Option<PathBuf>> {
        let other = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        let names = std::iter::once(self.path.clone()).chain((1..).map(other));
        for name in names {
            match self.rename_to_nothing(&name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                renamed => return renamed.map(|()| (name != self.path).then_some(name)),
            }
        }
        unreachable!("names do not end")
    }

    /// Renames only if nothing is called `path`.
    fn rename_to_nothing(&self, path: &Path) -> io::Result<()> {
        match rustix::fs::renameat_with(CWD, &self.temporary, CWD, path, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {} // NFS and some other file systems can't
            renamed => return Ok(renamed?),
        }
        // A hard link, too, is made only if the name is free; `drop` then removes the temporary name.
        match fs::hard_link(&self.temporary, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {} // no hard links either
            linked => return linked,
        }
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&self.temporary, path)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After `publish` there is nothing of that name; otherwise there is nobody to tell, and the next run tries too.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Checks that a file could be made at `path`, and leaves no trace.
pub(super) fn check(path: &Path, replace: bool) -> Result<()> {
    let refuse = |message: &str| Err(Error::input(path.display().to_string(), message));
    if path.file_name().is_none() || path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return refuse("is a folder; name a file in it");
    }
    if path.symlink_metadata().is_ok() {
        if !replace {
            return refuse("exists; --force replaces it");
        }
        if !is_result(path) {
            return refuse("exists and is no result of ensample; --force replaces results only");
        }
    }
    let folder = folder(path);
    match folder.metadata() {
        Ok(metadata) if !metadata.is_dir() => refuse(&format!("{} is not a folder", folder.display())),
        Ok(_) => {
            let temporary = temporary(path);
            match File::options().write(true).create_new(true).open(&temporary) {
                Ok(_) => fs::remove_file(&temporary),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()), // a killed run left it
                Err(error) => Err(error),
            }
            .or_else(|error| refuse(&format!("can't write to the folder {}: {error}", folder.display())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            refuse(&format!("there is no folder {}", folder.display()))
        }
        Err(error) => refuse(&format!("can't look into the folder {}: {error}", folder.display())),
    }
}

/// Removes what an earlier run left, unless that run is still alive: HDF5 locks a file for as long as it is open.
fn clear(leftover: &File, path: &Path, temporary: &Path) -> Result<()> {
    if rustix::fs::flock(leftover, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return Err(Error::input(path.display().to_string(), "another run is writing it at this moment"));
    }
    fs::remove_file(temporary).map_err(|error| Error::file(temporary, "replace what an earlier run left", error))
}

/// Whether a file may be replaced by a result: an earlier one, by its [creator](CREATOR), or an empty file.
fn is_result(path: &Path) -> bool {
    match path.metadata() {
        // To open a pipe would be to wait.
        Ok(metadata) if !metadata.is_file() => false,
        Ok(metadata) if metadata.len() == 0 => true,
        _ => Reader::open(path)
            .and_then(|file| file.attribute("/", CREATOR.0))
            .is_ok_and(|name| name == CREATOR.1.into()),
    }
}

/// The name of a file until it is complete.
fn temporary(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default()); // `check` has refused a path without one
    name.push(".partial");
    path.with_file_name(name)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
