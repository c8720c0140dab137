//! Every flag of `abc` does what its help says. One process is a world of one rank: no launcher is needed.

use crate::launch::{Outcome, alone};
use ensample::store::{Reader, Value};
use serde_json::Value as Json;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A problem that is solved at once.
const RUN_FILE: &str = r#"
seed = 7
draws = 100
batch = 100
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

/// A folder that holds `run.toml`.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder::with(RUN_FILE)
    }

    fn with(run_file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("run.toml"), run_file).unwrap();
        Folder(folder)
    }

    /// Runs `abc` here; the flags are separated by spaces.
    fn run(&self, flags: &str) -> Outcome {
        alone(env!("CARGO_BIN_EXE_abc")).folder(self.0.path()).args(flags.split_whitespace()).run()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn open(&self, name: &str) -> Reader {
        Reader::open(&self.path(name)).unwrap()
    }

    fn draws(&self, name: &str) -> Vec<f64> {
        self.open(name).values("posterior/mu").unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn json(outcome: &Outcome) -> Json {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome}"))
}

#[test]
fn help_and_version_print_and_do_nothing_else() {
    let folder = Folder::new();
    let help = folder.run("--help").expect_success();
    let flags = "--seed --draws --out --force --schedule --threads --quiet --json --trace --max-simulations --batch \
                 --print-run-file --help --version";
    for flag in flags.split_whitespace() {
        assert!(help.stdout.contains(flag), "{flag}: {help}");
    }
    let version = folder.run("--version").expect_success();
    assert!(version.stdout.starts_with("abc ") && version.stdout.contains(env!("CARGO_PKG_VERSION")), "{version}");
    // They win over what else is asked for.
    assert_eq!(folder.run("run.toml --draws 5 --help").expect_success().stdout, help.stdout);
    assert!(help.stderr.is_empty() && version.stderr.is_empty());
    assert_eq!(folder.names(), ["run.toml"]);
}

/// What `--print-run-file` prints is the default problem: run, it gives the same file as no run file at all.
#[test]
fn the_printed_run_file_is_the_default_problem() {
    let folder = Folder::new();
    let printed = folder.run("--print-run-file").expect_success();
    assert_eq!(folder.names(), ["run.toml"]);
    assert_eq!(printed.stderr, "");
    fs::write(folder.path("printed.toml"), &printed.stdout).unwrap();
    // A hundred draws of the default problem: enough to tell, and quick in a debug build.
    folder.run("printed.toml --draws 100 --out printed.h5 --quiet").expect_success();
    folder.run("--draws 100 --out default.h5 --quiet").expect_success();
    assert!(fs::read(folder.path("printed.h5")).unwrap() == fs::read(folder.path("default.h5")).unwrap());
    // It also says every setting that there is, if only in a comment.
    for key in ["seed", "draws", "max_simulations", "batch", "file", "values", "name", "norm", "scale", "pilot"] {
        assert!(printed.stdout.contains(&format!("{key} = ")), "{key}");
    }
    for key in ["weights", "best_of", "out", "force", "schedule", "threads", "quiet", "json", "trace"] {
        assert!(printed.stdout.contains(&format!("{key} = ")), "{key}");
    }
}

/// The run file that a result carries makes the same result again.
#[test]
fn the_run_file_in_a_result_makes_it_again() {
    let folder = Folder::new();
    folder.run("run.toml --seed 3 --draws 50 --batch 30 --quiet").expect_success();
    let Value::Text(kept) = folder.open("abc.h5").attribute("/", "run_file").unwrap() else { panic!("not a text") };
    fs::write(folder.path("kept.toml"), kept).unwrap();
    folder.run("kept.toml --out again.h5 --quiet").expect_success();
    assert!(fs::read(folder.path("abc.h5")).unwrap() == fs::read(folder.path("again.h5")).unwrap());
}

#[test]
fn flags_override_the_run_file() {
    let folder = Folder::with(&format!("{RUN_FILE}[run]\nout = \"own.h5\"\nthreads = 2\nschedule = \"static\"\n"));
    folder.run("run.toml --quiet").expect_success();
    assert_eq!(folder.draws("own.h5").len(), 100);
    folder.run("run.toml --quiet --draws 7 --seed 8 --batch 10 --out other.h5").expect_success();
    assert_eq!(folder.draws("other.h5").len(), 7);
    assert_eq!(folder.open("other.h5").attribute("/", "seed").unwrap(), Value::Unsigned(8));
    assert!(folder.draws("own.h5").iter().zip(folder.draws("other.h5")).all(|(own, other)| *own != other));
}

/// Neither the schedule nor the threads nor the trace change a byte.
#[test]
fn schedule_and_threads_do_not_change_the_result() {
    let folder = Folder::new();
    folder.run("run.toml --quiet").expect_success();
    let bytes = fs::read(folder.path("abc.h5")).unwrap();
    for flags in ["--schedule static", "--schedule dynamic --threads 3", "--trace t.h5 --threads 2", "--json"] {
        folder.run(&format!("run.toml --quiet --force {flags}")).expect_success();
        assert!(fs::read(folder.path("abc.h5")).unwrap() == bytes, "{flags}");
    }
}

#[test]
fn an_existing_file_is_replaced_only_by_force() {
    let folder = Folder::new();
    // Another program's HDF5 file is not replaced at all.
    let precious = b"\x89HDF\r\n\x1a\nprecious";
    fs::write(folder.path("abc.h5"), precious).unwrap();
    let refused = folder.run("run.toml --force");
    assert!(refused.code() == 2 && refused.stderr.contains("is no result of ensample"), "{refused}");
    assert_eq!(fs::read(folder.path("abc.h5")).unwrap(), precious);
    fs::remove_file(folder.path("abc.h5")).unwrap();
    folder.run("run.toml --quiet --seed 5").expect_success();
    let earlier = fs::read(folder.path("abc.h5")).unwrap();
    let refused = folder.run("run.toml");
    assert_eq!((refused.code(), refused.errors()), (2, vec!["abc: error: abc.h5: exists; --force replaces it"]));
    assert!(fs::read(folder.path("abc.h5")).unwrap() == earlier);
    folder.run("run.toml --force").expect_success();
    assert_eq!(folder.draws("abc.h5").len(), 100);
    // A run that fails does not take the old file with it.
    let bytes = fs::read(folder.path("abc.h5")).unwrap();
    assert_eq!(folder.run("run.toml --force --draws 0").code(), 2);
    assert!(fs::read(folder.path("abc.h5")).unwrap() == bytes);
    assert_eq!(folder.names(), ["abc.h5", "run.toml"]);
}

#[test]
fn quiet_says_nothing_and_json_one_object() {
    let folder = Folder::new();
    let quiet = folder.run("run.toml --quiet").expect_success();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let outcome = folder.run("run.toml --json --force").expect_success();
    assert_eq!((outcome.stdout.lines().count(), outcome.stderr.as_str()), (1, ""), "{outcome}");
    let said = json(&outcome);
    assert_eq!((&said["accepted"], &said["partial"], &said["out"]), (&100.into(), &false.into(), &"abc.h5".into()));
    let simulations = said["simulations"].as_f64().unwrap();
    assert!((said["acceptance_rate"].as_f64().unwrap() - 100.0 / simulations).abs() < 1e-15, "{outcome}");
    let mean = folder.draws("abc.h5").iter().sum::<f64>() / 100.0;
    assert!((said["parameters"]["mu"]["mean"].as_f64().unwrap() - mean).abs() < 1e-12, "{outcome}");
}

#[test]
fn the_summary_is_on_standard_output() {
    let outcome = Folder::new().run("run.toml").expect_success();
    for said in ["normal: 100 of ", "mean", "97.5%", "\nmu ", "\nsigma ", "idle share", "written: abc.h5"] {
        assert!(outcome.stdout.contains(said), "{said}: {outcome}");
    }
    assert_eq!(outcome.stderr, "", "no bar where no terminal is");
}

#[test]
fn too_few_simulations_give_a_partial_result_and_status_3() {
    let folder = Folder::new();
    let outcome = folder.run("run.toml --draws 1000 --max-simulations 250 --json");
    assert_eq!((outcome.code(), outcome.errors().len()), (3, 0), "{outcome}");
    let said = json(&outcome);
    assert_eq!((&said["partial"], &said["simulations"], &said["wanted"]), (&true.into(), &250.into(), &1000.into()));
    assert_eq!(folder.open("abc.h5").attribute("/", "partial").unwrap(), Value::Integer(1));
    let found = folder.draws("abc.h5");
    assert_eq!(Some(found.len() as u64), said["accepted"].as_u64());
    // They are the first of a run without a limit; and exactly enough simulations are enough.
    let whole = folder.run("run.toml --draws 1000 --out whole.h5 --json").expect_success();
    assert!(!found.is_empty() && folder.draws("whole.h5").starts_with(&found));
    let enough = json(&whole)["simulations"].to_string();
    folder.run(&format!("run.toml --draws 1000 --max-simulations {enough} --force --quiet")).expect_success();
    assert_eq!(folder.draws("abc.h5"), folder.draws("whole.h5"));
    let text = folder.run("run.toml --draws 1000 --max-simulations 250 --force");
    assert!(text.code() == 3 && text.stdout.contains("PARTIAL"), "{text}");
}

#[test]
fn the_trace_tells_who_did_what() {
    let folder = Folder::new();
    folder.run("run.toml --quiet --trace trace.h5 --threads 2").expect_success();
    let trace = folder.open("trace.h5");
    let read = |name: &str| trace.values::<f64>(&format!("sample/{name}")).unwrap();
    assert_eq!((read("busy_seconds").len(), read("idle_seconds").len()), (1, 1));
    let seconds = read("task_seconds");
    assert!(!seconds.is_empty() && seconds.iter().all(|seconds| *seconds > 0.0));
    let tasks: Vec<u64> = trace.values("sample/task").unwrap();
    let needed = folder.open("abc.h5").values::<i64>("sample_stats/task").unwrap().into_iter().max().unwrap();
    assert!((0..=needed as u64).all(|task| tasks.contains(&task)), "every task that counts is in the log");
    assert!(matches!(trace.attribute("/", "mpi_library").unwrap(), Value::Text(name) if !name.is_empty()));
}
