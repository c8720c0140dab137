//! Runs of the real `abc`, alone: a world of one rank.

use crate::launch::{Outcome, alone_at_once};
use ensample::store::{Element, Reader, Value};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A finished run and its result file, which goes with it.
pub struct Run {
    folder: TempDir,
    /// What was printed, and the exit status.
    pub output: Outcome,
}

impl Run {
    /// Runs `abc` with `flags` on `run_file` (the text; the default problem without one), in a folder of its own.
    pub fn of(run_file: Option<&str>, flags: &[&str]) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let mut program = alone_at_once(env!("CARGO_BIN_EXE_abc")).folder(folder.path());
        program = program.args(["--json", "--quiet"]).args(flags);
        if let Some(text) = run_file {
            std::fs::write(folder.path().join("run.toml"), text).unwrap();
            program = program.args(["run.toml"]);
        }
        let output = program.run();
        Run { folder, output }
    }

    /// The same, and the run must come to its end (exit status 0).
    pub fn complete(run_file: Option<&str>, flags: &[&str]) -> Run {
        Run::of(run_file, flags).with_status(0)
    }

    /// The same, and the run must end for want of simulations (exit status 3).
    pub fn partial(run_file: Option<&str>, flags: &[&str]) -> Run {
        Run::of(run_file, flags).with_status(3)
    }

    fn with_status(self, status: i32) -> Run {
        assert_eq!(self.output.code(), status, "{}", self.output);
        self
    }

    /// The folder in which it ran.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The result file.
    pub fn file(&self) -> PathBuf {
        self.folder().join("abc.h5")
    }

    /// What `--json` says.
    pub fn summary(&self) -> serde_json::Value {
        serde_json::from_str(&self.output.stdout).unwrap()
    }

    /// A variable of the result file.
    pub fn values<T: Element>(&self, variable: &str) -> Vec<T> {
        Reader::open(&self.file()).unwrap().values(variable).unwrap()
    }

    /// The value of an attribute of the result file that is a count.
    pub fn count(&self, attribute: &str) -> u64 {
        match Reader::open(&self.file()).unwrap().attribute("/", attribute).unwrap() {
            Value::Unsigned(count) => count,
            Value::Integer(count) => u64::try_from(count).unwrap(),
            other => panic!("{attribute} is no count, but {other}"),
        }
    }

    /// The parameters, one accepted draw after the other: (mu, sigma) for the normal model.
    pub fn draws(&self) -> Vec<(f64, f64)> {
        let (mu, sigma) = (self.values("posterior/mu"), self.values("posterior/sigma"));
        assert_eq!(mu.len(), sigma.len());
        mu.into_iter().zip(sigma).collect()
    }

    /// Task and simulation of each accepted draw.
    pub fn numbers(&self) -> Vec<(i64, i64)> {
        let (task, simulation) = (self.values("sample_stats/task"), self.values("sample_stats/simulation"));
        task.into_iter().zip(simulation).collect()
    }
}
