//! Runs that are ended before they are done, and go on to the bytes that they would have written.

mod kills;
mod resume;
mod signals;
mod stalls;

use crate::launch::{Program, alone_at_once, on_ranks, signal, wait_until};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A run of each application that takes about a second on one rank.
pub const RUNS: [(&str, &str, &[&str]); 3] = [
    ("abc", env!("CARGO_BIN_EXE_abc"), &["--draws", "20000", "--batch", "500"]),
    ("bootstrap", env!("CARGO_BIN_EXE_bootstrap"), &["--resamples", "8000000", "--batch", "32"]),
    ("gibbs", env!("CARGO_BIN_EXE_gibbs"), &["--draws", "1600000", "--thin", "10"]),
];

/// Random numbers, from a seed that a failure names.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

pub fn set_up(program: Program, folder: &Path, arguments: &[&str]) -> Program {
    program.folder(folder).args(arguments).args(["--quiet", "--out", "out.h5"])
}

/// What the run writes when nobody disturbs it.
pub fn undisturbed((_, program, arguments): (&str, &str, &[&str])) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    set_up(alone_at_once(program), folder.path(), arguments).run().expect_success();
    fs::read(folder.path().join("out.h5")).unwrap()
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// The run goes on, on so many ranks, with a checkpoint every 20 ms.
pub fn going_on(folder: &Path, run: (&str, &str, &[&str]), ranks: usize) -> Program {
    rarely_saved(folder, run, ranks, "0.02")
}

/// The same with a checkpoint every so many seconds.
fn rarely_saved(folder: &Path, (_, program, arguments): (&str, &str, &[&str]), ranks: usize, every: &str) -> Program {
    set_up(on_ranks(ranks, program), folder, arguments).args(["--resume", "--checkpoint-every", every])
}

#[track_caller]
pub fn wait_for(folder: &Path, name: &str) {
    wait_until(name, || folder.join(name).exists());
}

/// A run that was ended, with its checkpoint.
pub fn ended_before_it_was_done(run: (&str, &str, &[&str])) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let job = going_on(folder.path(), run, 2).start();
    wait_for(folder.path(), "out.h5.checkpoint");
    signal(job.rank(0).expect("it runs"), Signal::TERM);
    assert_eq!(job.finish().code(), 75);
    folder
}
