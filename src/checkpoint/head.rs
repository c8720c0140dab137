//! The file that says which run a checkpoint is of, and what belongs to it.

use super::records::damaged;
use super::{NEW, with_suffix};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// How the file begins: a name, and the number of its form.
const MAGIC: &[u8] = b"ensample checkpoint 1\n";
const READ: &str = "read the checkpoint";
const WRITE: &str = "write the checkpoint";

/// Which run it is: only the same one can go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The application.
    pub application: String,
    /// The description of the run, as TOML.
    pub description: String,
    /// The SHA-256 of the data.
    pub data: String,
}

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    version: String,
    run: Run,
    /// How many bytes of records there are.
    pub records: u64,
    /// Their digest (BLAKE3).
    pub digest: [u8; 32],
}

impl Head {
    pub fn new(run: Run, records: u64, digest: [u8; 32]) -> Self {
        Head { version: env!("CARGO_PKG_VERSION").into(), run, records, digest }
    }

    /// `None` if there is no such file.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| Error::file(path, READ, error))?,
        };
        let damaged = |what: &str| damaged(path, what);
        let body =
            bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("it is no checkpoint of this version, or damaged"))?;
        let (body, digest) = body.split_last_chunk::<32>().ok_or_else(|| damaged("it is damaged: too short"))?;
        if blake3::hash(body) != *digest {
            return Err(damaged("it is damaged: its digest is not the one that it ends with"));
        }
        postcard::from_bytes(body).map(Some).map_err(|error| damaged(&format!("it is damaged: {error}")))
    }

    /// # Errors
    /// When there is a file which is none: it is not replaced.
    pub fn check_is_ours(path: &Path) -> Result<()> {
        match fs::read(path) {
            // One that was damaged at its beginning, too: whose it is can't be told.
            Ok(bytes) if !bytes.starts_with(b"ensample checkpoint ") => Err(Error::input(
                path.display().to_string(),
                "exists and is no checkpoint: it would be replaced; remove it, or choose another --out",
            )),
            _ => Ok(()),
        }
    }

    /// Writes it in place of the one before, which stays until this one is safe.
    pub fn write(&self, path: &Path) -> Result<()> {
        let body = postcard::to_stdvec(self)?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend(&body);
        bytes.extend(blake3::hash(&body).as_bytes());
        let new = with_suffix(path, NEW);
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&new, path)
        });
        if let Err(error) = written {
            // The one before is what counts.
            let _ = fs::remove_file(&new);
            return Err(Error::file(path, WRITE, error));
        }
        // The file is complete by now, and stays so on a file system that doesn't sync folders.
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// # Errors
    /// When it is not of this run: the first difference.
    pub fn check(&self, run: &Run, path: &Path) -> Result<()> {
        let version = env!("CARGO_PKG_VERSION");
        let difference = if self.version != version {
            format!("it is of ensample {}, and this is {version}", self.version)
        } else if self.run.application != run.application {
            format!("it is of {}, not of {}", self.run.application, run.application)
        } else if let Some(difference) = difference(&self.run.description, &run.description) {
            difference
        } else if self.run.data != run.data {
            "it is of other data".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::input(path.display().to_string(), format!("another run has left this: {difference}")))
    }
}

/// The first difference between two descriptions, by its key.
fn difference(earlier: &str, now: &str) -> Option<String> {
    if earlier == now {
        return None;
    }
    let table = |text: &str| text.parse::<toml::Table>().map(toml::Value::Table);
    match (table(earlier), table(now)) {
        (Ok(earlier), Ok(now)) => differs("", Some(&earlier), Some(&now)),
        _ => None,
    }
    .or_else(|| Some("its description is written otherwise".to_owned()))
}

fn differs(key: &str, earlier: Option<&toml::Value>, now: Option<&toml::Value>) -> Option<String> {
    if let (Some(toml::Value::Table(earlier)), Some(toml::Value::Table(now))) = (earlier, now) {
        let keys = earlier.keys().chain(now.keys().filter(|key| !earlier.contains_key(*key)));
        let mut inner = keys.map(|part| (if key.is_empty() { part.clone() } else { format!("{key}.{part}") }, part));
        return inner.find_map(|(key, part)| differs(&key, earlier.get(part), now.get(part)));
    }
    let said = |value: Option<&toml::Value>| match value {
        None => "nothing".to_owned(),
        Some(value) => shortened(&value.to_string()),
    };
    (earlier != now).then(|| format!("{key} was {}, and is {}", said(earlier), said(now)))
}

fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
