//! `gibbs`, run as its users run it. One process is a world of one rank: no launcher is needed.

mod bad_input;
mod files;
mod precision;
mod readers;

use crate::launch::{Outcome, Program, alone_at_once};
use ensample::store::Reader;
use serde_json::Value as Json;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder to run in.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    /// With a run file.
    fn with(run_file: &str) -> Self {
        let folder = Folder::new();
        fs::write(folder.path("run.toml"), run_file).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self) -> Program {
        alone_at_once(env!("CARGO_BIN_EXE_gibbs")).folder(self.0.path())
    }

    /// Runs `gibbs` here; the flags are separated by spaces.
    fn run(&self, flags: &str) -> Outcome {
        self.program().args(flags.split_whitespace()).run()
    }

    /// Runs it to its end, and gives the summary.
    fn summary(&self, flags: &str) -> Json {
        let outcome = self.run(&format!("--force --json {flags}")).expect_success();
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome}"))
    }

    fn result(&self) -> Reader {
        Reader::open(&self.path("gibbs.h5")).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path("gibbs.h5")).unwrap()
    }
}
