//! Records in a file that only grows.

use super::{Kept, Phase};
use crate::error::{Error, Result};
use blake3::Hasher;
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What root was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Record {
    Phase(Phase),
    Kept(Kept),
    Fact {
        name: String,
        #[serde(with = "serde_bytes")]
        value: Vec<u8>,
    },
}

/// The number of [`Record::Kept`] among the variants.
const KEPT: u32 = 1;

impl Record {
    pub fn in_words(&self) -> String {
        match self {
            Record::Phase(phase) => format!("{phase:?}"),
            Record::Kept(kept) => format!("the result of task {}", kept.task),
            Record::Fact { name, .. } => name.clone(),
        }
    }
}

/// Where records are appended, after [`MAGIC`]: each as its length (4 bytes, little-endian) and itself.
pub(super) struct Log {
    path: PathBuf,
    file: BufWriter<File>,
    length: u64,
    hash: Hasher,
}

/// How the file begins.
pub(super) const MAGIC: &[u8] = b"ensample results 1\n";

/// A file that no other run can have.
pub(super) struct Lock {
    path: PathBuf,
    file: File,
}

const WRITE: &str = "write the checkpoint";
const READ: &str = "read the checkpoint";

impl Log {
    /// An empty one; `before` is done when no other run can have it, and what was in it is still there.
    pub fn create(path: &Path, before: impl FnOnce() -> Result<()>) -> Result<Self> {
        let file = open(path)?;
        let mut first = [0; MAGIC.len()];
        let length = read_up_to(&file, &mut first).map_err(|error| Error::file(path, READ, error))?;
        if !MAGIC.starts_with(&first[..length]) {
            let message =
                "exists and is no part of a checkpoint: it would be replaced; remove it, or choose another --out";
            return Err(Error::input(path.display().to_string(), message));
        }
        before()?;
        let emptied = file.set_len(0).and_then(|()| (&file).seek(SeekFrom::Start(0)));
        emptied.map_err(|error| Error::file(path, WRITE, error))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let mut log = Log { path: path.to_owned(), file, length: 0, hash: Hasher::new() };
        log.write(MAGIC)?;
        Ok(log)
    }

    /// Takes one that is there, so that no other run can have it.
    pub fn lock(path: &Path) -> Result<Lock> {
        match path.exists() {
            true => Ok(Lock { path: path.to_owned(), file: open(path)? }),
            false => Err(damaged(path, "it is not there")),
        }
    }

    /// One of which so many bytes count, and the records in these.
    pub fn open(lock: Lock, length: u64, digest: &[u8; 32]) -> Result<(Self, Cursor)> {
        let Lock { path, mut file } = lock;
        let damaged = |what: &str| damaged(&path, what);
        let mut hash = Hasher::new();
        if add(&mut hash, (&mut file).take(length)).map_err(|error| Error::file(&path, READ, error))? != length {
            return Err(damaged("it is shorter than it has to be"));
        }
        if hash.finalize() != *digest {
            return Err(damaged("it is damaged: its digest is not the one that was noted"));
        }
        // What came after the last checkpoint may be incomplete.
        let end = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
        end.map_err(|error| Error::file(&path, WRITE, error))?;
        let mut reader = File::open(&path).map_err(|error| Error::file(&path, READ, error))?;
        let skipped = reader.seek(SeekFrom::Start(MAGIC.len() as u64));
        skipped.map_err(|error| Error::file(&path, READ, error))?;
        let left = length.checked_sub(MAGIC.len() as u64).ok_or_else(|| damaged("it is damaged: too short"))?;
        let cursor = Cursor { path: path.clone(), reader: BufReader::new(reader), left, next: None };
        Ok((Log { path, file: BufWriter::with_capacity(1 << 20, file), length, hash }, cursor))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn append(&mut self, record: &Record) -> Result<()> {
        self.append_parts(&[&postcard::to_stdvec(record)?])
    }

    /// The same for a [`Kept`], whose parts may be large: they are not copied.
    pub fn append_kept(&mut self, task: u64, output: &[u8], state: &[u8]) -> Result<()> {
        // As postcard writes it: the number of the variant, the task, and each part after its length.
        let before = postcard::to_stdvec(&(KEPT, task, output.len() as u64))?;
        let between = postcard::to_stdvec(&(state.len() as u64))?;
        self.append_parts(&[&before, output, &between, state])
    }

    fn append_parts(&mut self, parts: &[&[u8]]) -> Result<()> {
        let all: usize = parts.iter().map(|part| part.len()).sum();
        let length = u32::try_from(all)
            .map_err(|_| Error::file(&self.path, WRITE, format!("a result of {all} bytes is too large for it")))?;
        std::iter::once(&&length.to_le_bytes()[..]).chain(parts).try_for_each(|part| self.write(part))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| Error::file(&self.path, WRITE, error))
    }

    /// Brings all records to the disk; gives their length in bytes and their digest (BLAKE3).
    pub fn flush(&mut self) -> Result<(u64, [u8; 32])> {
        let flushed = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        flushed.map_err(|error| Error::file(&self.path, WRITE, error))?;
        Ok((self.length, self.hash.finalize().into()))
    }
}

/// A mistake in the file at `path`, and a way out.
pub(super) fn damaged(path: &Path, what: &str) -> Error {
    Error::file(path, READ, format!("{what}; --force starts again without it"))
}

/// Adds all that can be read; tells how much that is.
fn add(hash: &mut Hasher, mut from: impl Read) -> std::io::Result<u64> {
    let mut block = vec![0; 1 << 20];
    let mut all = 0;
    loop {
        match from.read(&mut block)? {
            0 => return Ok(all),
            count => {
                hash.update(&block[..count]);
                all += count as u64;
            }
        }
    }
}

/// Reads as much as there is, up to the length of `buffer`.
fn read_up_to(mut file: &File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

/// Opens it for writing, for this process alone.
fn open(path: &Path) -> Result<File> {
    use std::os::unix::fs::MetadataExt;
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|error| Error::file(path, WRITE, error))?;
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(rustix::io::Errno::WOULDBLOCK) {
            return Err(Error::input(path.display().to_string(), "another run is writing it at this moment"));
        } // Some file systems have no locks.
        // The run that had it may have removed it just before.
        let here = file.metadata().map_err(|error| Error::file(path, READ, error))?.ino();
        if path.metadata().is_ok_and(|there| there.ino() == here) {
            return Ok(file);
        }
    }
}

/// The records of an earlier run, read one after the other.
pub(super) struct Cursor {
    path: PathBuf,
    reader: BufReader<File>,
    /// How many bytes of records have not been read.
    left: u64,
    next: Option<Record>,
}

impl Cursor {
    /// The next record, if there is one and it is wanted.
    pub fn next_if(&mut self, wanted: impl Fn(&Record) -> bool) -> Result<Option<Record>> {
        if self.next.is_none() && self.left > 0 {
            self.next = Some(self.read()?);
        }
        Ok(self.next.take_if(|record| wanted(record)))
    }

    /// Whether all has been read.
    pub fn is_over(&self) -> bool {
        self.left == 0 && self.next.is_none()
    }

    fn read(&mut self) -> Result<Record> {
        let failed = |error: std::io::Error| Error::file(&self.path, READ, error);
        let mut length = [0; 4];
        self.reader.read_exact(&mut length).map_err(failed)?;
        let length = u32::from_le_bytes(length);
        // Before anything is made room for: the length may say what it likes.
        let left = self.left.checked_sub(4 + u64::from(length));
        self.left = left.ok_or_else(|| damaged(&self.path, "it is damaged: a record is longer than what there is"))?;
        let mut bytes = vec![0; length as usize];
        self.reader.read_exact(&mut bytes).map_err(failed)?;
        postcard::from_bytes(&bytes).map_err(|error| damaged(&self.path, &format!("it is damaged: {error}")))
    }
}
