//! What a user can get wrong: one message that names the place, exit status 2, and no file touched.

mod command_line;
mod run_file;

use crate::abc::run::Run;
use crate::launch::{alone_at_once, on_ranks};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// A run file without a mistake, one key a line.
const RUN_FILE: &str = r#"seed = 7
draws = 10
[data]
values = [4.1, 5.0, 6.2]
[model]
name = "normal"
[prior]
mu = { normal = { mean = 0.0, sd = 10.0 } }
sigma = { uniform = { low = 0.0, high = 20.0 } }
[tolerance]
mean = 5.0
sd = 5.0
"#;

/// What is in a folder: names and contents.
fn contents(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut contents: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), fs::read(&path).ok())
        })
        .collect();
    contents.sort();
    contents
}

/// Runs `abc` in `folder` and returns its message, after checking that it ended as it should.
#[track_caller]
fn refusal(folder: &Path, flags: &[&str]) -> String {
    let before = contents(folder);
    let output = alone_at_once(env!("CARGO_BIN_EXE_abc")).folder(folder).args(flags).run();
    assert_eq!(output.code(), 2, "{flags:?}: {output}");
    let message = output.stderr;
    assert!(output.stdout.is_empty(), "{flags:?}");
    assert_eq!(contents(folder), before, "{flags:?} touched a file");
    assert_eq!(message.matches("abc: error: ").count(), 1, "more than one message: {message}");
    message.strip_prefix("abc: error: ").unwrap_or_else(|| panic!("{flags:?}: {message}")).trim_end().to_owned()
}

/// The message for a run file in which `old` is replaced by `new`.
#[track_caller]
fn refusal_of(old: &str, new: &str) -> String {
    assert!(RUN_FILE.contains(old));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.toml"), RUN_FILE.replace(old, new)).unwrap();
    refusal(folder.path(), &["run.toml"])
}

#[test]
fn the_run_file_without_a_mistake_runs() {
    let run = Run::complete(Some(RUN_FILE), &[]);
    assert_eq!(run.count("accepted"), 10);
}

/// The best of a few tries: what else the machine does is not to be measured.
#[test]
#[ignore = "measures time: scripts/test"]
fn a_mistake_is_told_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.toml"), RUN_FILE.replace("sd = 10.0 }", "sd = -1 }")).unwrap();
    let try_once = || {
        let start = Instant::now();
        refusal(folder.path(), &["run.toml"]);
        start.elapsed()
    };
    let best = (0..5).map(|_| try_once()).min().unwrap();
    assert!(best < Duration::from_secs(1), "{best:?}");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn several_ranks_say_it_once() {
    let folder = tempfile::tempdir().unwrap();
    for ranks in [1, 2, 3, 5, 8] {
        let job = on_ranks(ranks, env!("CARGO_BIN_EXE_abc")).folder(folder.path()).args(["--draws", "0"]).run();
        assert_eq!((job.code(), job.errors()), (2, vec!["abc: error: --draws: must be at least 1, is 0"]), "{job}");
        assert_eq!(contents(folder.path()), []);
    }
    // What is found on each way to the work: flags, run file, data, prior, model, summaries, result file.
    let mistakes = [
        ("seed = 7", "seed 7"),
        ("draws = 10", "draws = \"10\""),
        ("[4.1, 5.0, 6.2]", "[4.1, nan]"),
        ("[4.1, 5.0, 6.2]", "[4.1]"),
        ("[4.1, 5.0, 6.2]", "[4.1, 1e308, -1e308, 1e308]"),
        ("sd = 10.0 }", "sd = -10.0 }"),
        ("\"normal\"", "\"gaussian\""),
        ("mean = 5.0", "median = 5.0"),
        ("[data]", "[run]\nout = \"missing/abc.h5\"\n[data]"),
    ];
    for (old, new) in mistakes {
        fs::write(folder.path().join("run.toml"), RUN_FILE.replace(old, new)).unwrap();
        let before = contents(folder.path());
        let job = on_ranks(3, env!("CARGO_BIN_EXE_abc")).folder(folder.path()).args(["run.toml"]).run();
        assert_eq!((job.code(), job.errors().len()), (2, 1), "{new}: {job}");
        assert!(job.errors()[0].starts_with("abc: error: run.toml:"), "{new}: {job}");
        assert!(job.stdout.is_empty(), "{new}: {job}");
        assert_eq!(contents(folder.path()), before, "{new}: {job}");
    }
}
