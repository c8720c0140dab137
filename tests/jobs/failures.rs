//! A job in which something goes wrong ends within 5 s, with one message, a status that is not 0, no result file, and no
//! process left. The faulty models are in `tests/rank-programs/src/bin/faulty.rs`.

use crate::launch::{Job, Outcome, Program, build, kill, on_ranks};
use ensample::store::Reader;
use std::fs;
use std::time::Instant;
use tempfile::TempDir;

/// A job of so many ranks with a fault, in a folder of its own.
struct Faulty {
    folder: TempDir,
    program: Program,
}

impl Faulty {
    /// The fault is on every rank.
    fn new(fault: &str, ranks: usize) -> Faulty {
        let folder = tempfile::tempdir().unwrap();
        let text = include_str!("../rank-programs/faulty.toml").replace("none", fault);
        fs::write(folder.path().join("run.toml"), text).unwrap();
        let program = on_ranks(ranks, build("rank-programs").join("faulty")).args(["run.toml"]).folder(folder.path());
        Faulty { folder, program }
    }

    /// The fault is on one rank only; simulations on the others take long, or no time.
    fn on(mut self, rank: usize, others: &str) -> Faulty {
        self.program = self.program.env("FAULTY_RANK", rank.to_string()).env("OTHERS", others);
        self
    }

    fn args(mut self, args: &[&str]) -> Faulty {
        self.program = self.program.args(args);
        self
    }

    /// The job ends by itself: soon, with this message and no other.
    #[track_caller]
    fn ends(self, status: i32, message: &str) {
        let outcome = self.program.run();
        let errors = outcome.errors();
        assert_eq!((outcome.code(), errors.len()), (status, 1), "{outcome}");
        assert!(errors[0].starts_with("faulty: error: ") && errors[0].contains(message), "{message}: {outcome}");
        // The models wait for up to a second before they fail.
        assert!(outcome.seconds < 6.0, "{outcome}");
        nothing_left(&self.folder, &outcome);
    }

    /// Somebody is killed while every rank is in a simulation: the job ends soon after that.
    #[track_caller]
    fn killed(self, ranks: usize, victim: impl Fn(&Job) -> u32) {
        let mut job = self.program.start();
        job.wait_for("simulating", ranks);
        kill(victim(&job));
        let start = Instant::now();
        let outcome = job.finish();
        assert!(start.elapsed().as_secs_f64() < 5.0, "{outcome}");
        assert!(outcome.code() != 0 && outcome.errors().len() <= 1, "{outcome}");
        assert!(!self.folder.path().join("abc.h5").exists(), "{outcome}");
    }
}

/// Neither a result, nor a part of one.
#[track_caller]
fn nothing_left(folder: &TempDir, outcome: &Outcome) {
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["run.toml"], "{outcome}");
}

const THREADS: [&[&str]; 2] = [&["--threads", "1"], &["--threads", "3"]];

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_panic_on_one_rank() {
    for (rank, threads) in [(0, THREADS[0]), (2, THREADS[0]), (1, THREADS[1])] {
        let message = format!("rank {rank} on ");
        Faulty::new("panic", 3).on(rank, "").args(threads).ends(1, &message);
        Faulty::new("panic later", 3).on(rank, "a minute").args(threads).ends(1, &message);
    }
    Faulty::new("panic later", 3).on(2, "a minute").ends(1, "panicked at tests/rank-programs/src/bin/faulty.rs:");
    Faulty::new("panic later", 3).on(2, "a minute").ends(1, ": the model's own panic");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn an_error_on_one_rank() {
    for (rank, threads) in [(0, THREADS[0]), (2, THREADS[0]), (1, THREADS[1])] {
        let message = format!("rank {rank} on ");
        Faulty::new("error", 3).on(rank, "").args(threads).ends(1, &message);
        Faulty::new("error later", 3).on(rank, "a minute").args(threads).ends(1, &message);
    }
    Faulty::new("error later", 8).on(7, "busy for ever").ends(1, ": the model's own error");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn the_same_failure_on_all_ranks() {
    for ranks in [1, 2, 8] {
        for threads in THREADS {
            Faulty::new("panic", ranks).args(threads).ends(1, ": the model's own panic");
            Faulty::new("error later", ranks).args(threads).ends(1, ": the model's own error");
        }
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_failure_in_the_pilot() {
    let mut faulty = Faulty::new("error", 3).on(1, "");
    let text = fs::read_to_string(faulty.folder.path().join("run.toml")).unwrap();
    let (head, _) = text.split_once("[tolerance]").unwrap();
    fs::write(faulty.folder.path().join("run.toml"), format!("{head}[distance]\ntolerance = 0.1\n")).unwrap();
    faulty = faulty.args(&["--quiet"]);
    faulty.ends(1, "the model's own error");
}

/// Before the work, on one rank or on all.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_model_that_can_not_begin() {
    let faults = [
        ("error when constructed", "no model can be made of this"),
        ("panic when constructed", "constructed in a panic"),
        ("error in observed", "can't summarise this"),
        ("panic in observed", "observed a panic"),
        ("nan in observed", "the summary 's' of the data is NaN"),
    ];
    for (fault, message) in faults {
        let status = if fault.contains("panic") { 1 } else { 2 };
        Faulty::new(fault, 1).ends(status, message);
        Faulty::new(fault, 3).ends(status, message);
        Faulty::new(fault, 3).on(2, "").ends(status, message);
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_rank_that_leaves_without_a_word() {
    for fault in ["exit", "exit as if done", "crash"] {
        for rank in [0, 2] {
            let Faulty { folder, program } = Faulty::new(fault, 3).on(rank, "a minute");
            let outcome = program.run();
            assert!(outcome.code() != 0 && outcome.seconds < 6.0, "{fault} on {rank}: {outcome}");
            let named = format!("faulty: error: rank {rank} on ");
            let wanted = usize::from(fault != "crash");
            assert_eq!(outcome.errors().len(), wanted, "{fault} on {rank}: {outcome}");
            assert!(outcome.errors().iter().all(|error| error.starts_with(&named)), "{fault} on {rank}: {outcome}");
            assert!(!folder.path().join("abc.h5").exists(), "{fault} on {rank}: {outcome}");
        }
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_rank_that_is_killed() {
    for (rank, others) in [(0, "a minute"), (2, "a minute"), (1, "busy for ever")] {
        Faulty::new(others, 3).killed(3, |job| job.rank(rank).expect("it runs"));
    }
    Faulty::new("a minute", 3).args(THREADS[1]).killed(3, |job| job.rank(1).expect("it runs"));
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_launcher_that_is_killed() {
    for fault in ["a minute", "busy for ever"] {
        Faulty::new(fault, 3).killed(3, Job::launcher);
        Faulty::new(fault, 3).args(THREADS[1]).killed(3, Job::launcher);
    }
}

/// What a killed run leaves is in nobody's way.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_run_after_a_killed_one() {
    let faulty = Faulty::new("a minute", 2);
    let mut job = faulty.program.start();
    job.wait_for("simulating", 2);
    kill(job.rank(0).expect("it runs"));
    job.finish();
    let text = fs::read_to_string(faulty.folder.path().join("run.toml")).unwrap().replace("a minute", "none");
    fs::write(faulty.folder.path().join("run.toml"), text).unwrap();
    let again = on_ranks(2, build("rank-programs").join("faulty")).folder(faulty.folder.path()).args(["run.toml"]);
    let outcome = again.run().expect_success();
    let mut names: Vec<_> = fs::read_dir(faulty.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["abc.h5", "run.toml"], "{outcome}");
}

/// Two runs with the same result file at the same time: the second is refused, the first one's file stays whole.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn two_runs_to_one_file() {
    let faulty = Faulty::new("slow for large theta", 2);
    let mut job = faulty.program.args(["--draws", "4000"]).start();
    job.wait_for("simulating", 2);
    let second = on_ranks(2, build("rank-programs").join("faulty")).folder(faulty.folder.path()).args(["run.toml"]);
    let second = second.run();
    assert_eq!((second.code(), second.errors().len()), (2, 1), "{second}");
    assert!(second.errors()[0].contains("another run is writing it at this moment"), "{second}");
    job.finish().expect_success();
    let draws: Vec<f64> =
        Reader::open(&faulty.folder.path().join("abc.h5")).unwrap().values("posterior/theta").unwrap();
    assert_eq!(draws.len(), 4000);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn summaries_that_are_not_finite_are_counted_and_not_accepted() {
    for fault in ["nan", "infinite"] {
        let faulty = Faulty::new(fault, 3);
        let outcome = faulty.program.args(["--json"]).run().expect_success();
        let said: serde_json::Value =
            serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome}"));
        let count = |key: &str| said[key].as_f64().unwrap_or_else(|| panic!("{key}: {outcome}"));
        assert_eq!(count("accepted"), 1000.0);
        // A quarter of the simulations, and half of the others are accepted: within 5 standard deviations.
        let (simulations, nonfinite) = (count("simulations"), count("nonfinite"));
        assert!((nonfinite - 0.25 * simulations).abs() < 5.0 * (0.25 * 0.75 * simulations).sqrt(), "{outcome}");
        assert!((simulations - 1000.0 / 0.375).abs() < 5.0 * 1000.0 / 0.375 * (0.625 / 1000.0_f64).sqrt(), "{outcome}");
        let reader = Reader::open(&faulty.folder.path().join("abc.h5")).unwrap();
        let differences: Vec<f64> = reader.values("sample_stats/difference").unwrap();
        assert!(differences.len() == 1000 && differences.iter().all(|difference| difference.abs() < 0.25));
    }
}

/// With a limit, a model of which nothing can be accepted comes to a clear end.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn nothing_is_ever_accepted() {
    let faulty = Faulty::new("always nan", 3);
    let outcome = faulty.program.args(["--max-simulations", "10000", "--json"]).run();
    assert_eq!((outcome.code(), outcome.errors().len()), (3, 0), "{outcome}");
    let said: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome}"));
    assert_eq!((&said["accepted"], &said["nonfinite"]), (&0.into(), &10_000.into()), "{outcome}");
    assert_eq!((&said["partial"], &said["simulations"]), (&true.into(), &10_000.into()), "{outcome}");
    let reader = Reader::open(&faulty.folder.path().join("abc.h5")).unwrap();
    assert_eq!(reader.values::<f64>("posterior/theta").unwrap(), [0.0; 0]);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_vector_unit_that_there_is_not_is_named() {
    for ranks in [1, 3] {
        let outcome =
            on_ranks(ranks, env!("CARGO_BIN_EXE_abc")).env("ENSAMPLE_ISA", "avx3").args(["--draws", "5"]).run();
        assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{outcome}");
        let said = outcome.errors()[0];
        assert!(said.contains("ENSAMPLE_ISA: is \"avx3\": it can be baseline, avx2 or avx512"), "{outcome}");
    }
}
