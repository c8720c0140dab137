//! The two files of a checkpoint, and a run that goes on from them.
//!
//! The first byte says what the rest is. No change of a byte gets past a digest, so the target puts in the right ones:
//! - `h`: both files as they are, the head after its length (2 bytes, little-endian), then the records;
//! - `b`: the same, but of the head only the body, to which its name and its digest are added;
//! - `r`: after one byte that says how many bytes at their end were never saved, the records; their head is right.

#![no_main]

use ensample::Error;
use ensample::checkpoint::{self, Checkpoint, Kept, Phase, Run};
use ensample_fuzz::Folder;
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use std::cell::LazyCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NEVER: Duration = Duration::from_secs(1_000_000);

/// As the library writes them.
#[derive(Clone, Serialize, Deserialize)]
struct Head {
    version: String,
    run: Run,
    records: u64,
    digest: [u8; 32],
}

#[derive(Serialize, Deserialize)]
enum Record {
    Phase(Phase),
    Kept(Kept),
    Fact {
        name: String,
        #[serde(with = "serde_bytes")]
        value: Vec<u8>,
    },
}

fn run() -> Run {
    Run {
        application: "abc".into(),
        description: "seed = 7\n[prior]\nmu = { normal = { mean = 0.0, sd = 10.0 } }\n".into(),
        data: "e3b0".into(),
    }
}

struct Place {
    folder: Folder,
    /// How a head begins, and one of no records.
    name: Vec<u8>,
    empty: Head,
    /// How records begin.
    first: Vec<u8>,
}

impl Place {
    fn new() -> Self {
        let folder = Folder::new();
        let out = folder.path().join("out");
        Checkpoint::create(&out, run(), NEVER).unwrap().save().unwrap();
        let head = std::fs::read(checkpoint::path(&out)).unwrap();
        let end = 1 + head.iter().position(|byte| *byte == b'\n').unwrap();
        let empty = postcard::from_bytes(&head[end..]).unwrap();
        let first = std::fs::read(folder.path().join("out.checkpoint.results")).unwrap();
        Place { folder, name: head[..end].to_vec(), empty, first }
    }

    /// The result whose checkpoint these are.
    fn write(&self, head: &[u8], records: &[u8]) -> PathBuf {
        self.folder.write("out.checkpoint", head);
        self.folder.write("out.checkpoint.results", records);
        self.folder.path().join("out")
    }

    fn head(&self, body: &[u8]) -> Vec<u8> {
        [&self.name, body, blake3::hash(body).as_bytes()].concat()
    }
}

thread_local! {
    static PLACE: LazyCell<Place> = LazyCell::new(Place::new);
}

/// What is wrong is said with the file in which it is.
fn told<T>(came_to: Result<T, Error>) -> Option<T> {
    let is_of_file = |error: &Error| matches!(error, Error::File { .. } | Error::Input { .. });
    came_to.map_err(|error| assert!(is_of_file(&error), "{error:?}")).ok()
}

fn resume(out: &Path) -> Option<Checkpoint> {
    told(Checkpoint::resume(out, run(), NEVER)).map(|found| found.expect("the file is there"))
}

fn all_kept(checkpoint: &mut Checkpoint) -> Option<Vec<Kept>> {
    let mut all = Vec::new();
    while let Some(kept) = told(checkpoint.next_kept())? {
        all.push(kept);
    }
    Some(all)
}

/// A run that does what the records say, as long as they can be understood: everything comes back as it was.
fn follow(out: &Path, mut records: &[u8]) -> Option<()> {
    let mut checkpoint = resume(out)?;
    while let Some((length, rest)) = records.split_first_chunk() {
        let Some((record, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else { break };
        match postcard::from_bytes(record) {
            Ok(Record::Phase(phase)) => checkpoint.begin(&phase).unwrap(),
            Ok(Record::Kept(kept)) => assert_eq!(checkpoint.next_kept().unwrap(), Some(kept)),
            Ok(Record::Fact { name, value }) => {
                let found = told(checkpoint.fact(&name, || -> ensample::Result<u64> { panic!("it is there") }));
                assert_eq!(found, postcard::from_bytes(&value).ok());
                found?;
            }
            Err(_) => break,
        }
        records = rest;
    }
    if records.is_empty() {
        // It is at its end, and can be written on.
        assert_eq!(checkpoint.next_kept().unwrap(), None);
        checkpoint.begin(&Phase { phase: 9, first: 0, tasks: 1, cycle: None }).unwrap();
        checkpoint.keep(7, b"output", b"state").unwrap();
        checkpoint.save().unwrap();
        drop(checkpoint);
        resume(out).expect("it was saved");
    } else {
        assert!(checkpoint.next_kept().is_err());
    }
    Some(())
}

/// A run that goes its own way.
fn go_on(out: &Path) -> Option<()> {
    let mut checkpoint = resume(out)?;
    let phase = Phase { phase: 3, first: 0, tasks: 100, cycle: Some(2) };
    told(checkpoint.begin(&phase))?;
    all_kept(&mut checkpoint)?;
    told(checkpoint.fact("steps", || Ok(17_u64)))?;
    told(checkpoint.fact("scales", || Ok(vec![0.5])))?;
    told(checkpoint.begin(&Phase { phase: 4, ..phase }))?;
    all_kept(&mut checkpoint)?;
    told(checkpoint.save())
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u16::from_le_bytes(*length).into())
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    PLACE.with(|place| {
        let (head, records) = match kind {
            b'h' => match split(rest) {
                Some((head, records)) => (head.to_vec(), records.to_vec()),
                None => return,
            },
            b'b' => match split(rest) {
                Some((body, records)) => (place.head(body), records.to_vec()),
                None => return,
            },
            b'r' => {
                let Some((unsaved, records)) = rest.split_first() else { return };
                let saved = &records[..records.len().saturating_sub(usize::from(*unsaved))];
                let all = [&place.first, saved].concat();
                let head = Head { records: all.len() as u64, digest: blake3::hash(&all).into(), ..place.empty.clone() };
                let head = place.head(&postcard::to_stdvec(&head).unwrap());
                let records = [&place.first, records].concat();
                follow(&place.write(&head, &records), saved);
                (head, records)
            }
            _ => return,
        };
        go_on(&place.write(&head, &records));
    });
});
