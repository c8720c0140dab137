//! `report`, run as its users run it: on results of the other applications, on files of chains, on files of others.

mod bad_input;
mod browser;
mod chains;
mod outputs;
mod pages;
mod readers;
mod results;

use crate::launch::{Outcome, alone, alone_at_once, while_nothing_starts};
use ensample::store::ResultFile;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Writes a result file.
fn write_file(path: &Path, contents: impl FnOnce(&mut ResultFile)) {
    while_nothing_starts(|| {
        let mut file = ResultFile::create(path, true).unwrap();
        contents(&mut file);
        file.finish().unwrap();
    });
}

/// A folder for files and what is made of them.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs `report` here; the arguments are separated by spaces.
    fn report(&self, arguments: &str) -> Outcome {
        alone(env!("CARGO_BIN_EXE_report")).folder(self.0.path()).args(arguments.split_whitespace()).run()
    }

    /// What `report --json` says, which must succeed.
    fn json(&self, arguments: &str) -> Json {
        serde_json::from_str(&self.report(&format!("--json {arguments}")).expect_success().stdout).unwrap()
    }

    /// The page that `report` makes, which must succeed.
    fn page(&self, file: &str) -> String {
        self.report(&format!("{file} --html page.html --force --quiet")).expect_success();
        self.text("page.html")
    }

    /// Runs a program of this project here, which must succeed.
    fn run(&self, program: &str, arguments: &str) {
        alone_at_once(program).folder(self.0.path()).args(arguments.split_whitespace()).run().expect_success();
    }

    /// Results of `abc`, `gibbs` and `bootstrap`, and a trace of each.
    fn with_results() -> Self {
        let folder = Folder::new();
        folder.run(env!("CARGO_BIN_EXE_abc"), "--quiet --draws 500 --trace abc.trace.h5");
        folder.run(env!("CARGO_BIN_EXE_gibbs"), "--quiet --draws 500 --trace gibbs.trace.h5");
        folder.run(env!("CARGO_BIN_EXE_bootstrap"), "--quiet --resamples 5000 --trace bootstrap.trace.h5");
        folder
    }
}

/// The texts of warnings.
fn warnings(json: &Json) -> Vec<&str> {
    json["warnings"].as_array().unwrap().iter().map(|warning| warning.as_str().unwrap()).collect()
}

/// The identifiers of the figures of a page, in their order.
fn figures(page: &str) -> Vec<&str> {
    let after = page.split("<figure id=\"").skip(1);
    after.map(|rest| rest.split('"').next().unwrap()).collect()
}
