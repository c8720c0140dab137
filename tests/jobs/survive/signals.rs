//! Runs that are asked to end, by a signal or because their time is over.

use super::{RUNS, going_on, names, rarely_saved, set_up, undisturbed, wait_for};
use crate::launch::{Job, Outcome, alone_at_once, build, on_ranks, signal, wait_until};
use rustix::process::Signal;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// It has been asked to end, and did, in time: one line that says how to go on.
#[track_caller]
fn interrupted(outcome: &Outcome, seconds: f64) {
    assert_eq!(outcome.code(), 75, "{outcome}");
    assert!(seconds < 5.0, "{seconds} s: {outcome}");
    let lines: Vec<&str> = outcome.stderr.lines().filter(|line| line.contains("interrupted")).collect();
    assert!(lines.len() == 1 && lines[0].contains("--resume goes on from the last checkpoint"), "{outcome}");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_signal_on_any_rank_ends_a_run_in_order() {
    for (run, ranks, rank, asked) in [
        (RUNS[0], 3, 2, Signal::TERM),
        (RUNS[1], 2, 0, Signal::INT),
        (RUNS[2], 3, 1, Signal::USR1),
        (RUNS[0], 1, 0, Signal::USR1),
    ] {
        let expected = undisturbed(run);
        let folder = tempfile::tempdir().unwrap();
        // No checkpoint but the one for the signal.
        let job = rarely_saved(folder.path(), run, ranks, "1000").start();
        wait_for(folder.path(), "out.h5.checkpoint.results");
        sleep(Duration::from_millis(200));
        signal(job.rank(rank).expect("it runs"), asked);
        let start = Instant::now();
        let outcome = job.finish();
        interrupted(&outcome, start.elapsed().as_secs_f64());
        assert_eq!(names(folder.path()), ["out.h5.checkpoint", "out.h5.checkpoint.results"]);
        going_on(folder.path(), run, 2).run().expect_success();
        assert!(fs::read(folder.path().join("out.h5")).unwrap() == expected, "{}", run.0);
    }
}

/// Threads take chains from each other: what is kept of a chain must be in the order of its segments, or nobody can go on
/// from it.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn chains_that_threads_share_go_on() {
    let flags = ["--model", "bivariate", "--chains", "7", "--draws", "30000000", "--thin", "100", "--threads", "3"];
    let run = ("gibbs", env!("CARGO_BIN_EXE_gibbs"), &flags[..]);
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("out.h5.checkpoint.results");
    let size = || fs::metadata(&results).map_or(0, |results| results.len());
    let mut interruptions = 0;
    while interruptions < 6 {
        let before = size();
        let job = rarely_saved(folder.path(), run, 1 + interruptions % 2, "1000").start();
        wait_until("more results", || size() > before || folder.path().join("out.h5").exists());
        sleep(Duration::from_millis(100));
        match job.rank(0) {
            Some(rank) => signal(rank, Signal::TERM),
            None => break,
        }
        match job.finish() {
            outcome if outcome.code() == 0 => break,
            outcome => interrupted(&outcome, 0.0),
        }
        interruptions += 1;
    }
    assert!(interruptions > 1, "it was done before it could be ended");
    going_on(folder.path(), run, 2).run().expect_success();
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(run));
}

/// Ranks that heed signals, but do nothing about them.
fn deaf(ranks: usize) -> Job {
    let mut job = on_ranks(ranks, build("rank-programs").join("deaf")).start();
    job.wait_for("does not listen", ranks);
    job
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_second_interrupt_ends_at_once() {
    let job = deaf(1);
    let pid = job.rank(0).expect("it runs");
    signal(pid, Signal::INT);
    sleep(Duration::from_millis(600));
    assert!(job.rank(0).is_some(), "one interrupt has ended it at once");
    let start = Instant::now();
    signal(pid, Signal::INT);
    while job.rank(0).is_some() {
        // Without the second, it would give up two seconds from now.
        assert!(start.elapsed() < Duration::from_millis(1500), "two interrupts have not");
        sleep(Duration::from_millis(10));
    }
    assert_eq!(job.finish().code(), 75);
}

/// Who has been asked to end, and has waited for root, speaks.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_signal_while_root_is_deaf_is_answered() {
    let job = deaf(3);
    let start = Instant::now();
    signal(job.rank(2).expect("it runs"), Signal::TERM);
    let outcome = job.finish();
    let seconds = start.elapsed().as_secs_f64();
    assert!((3.0..8.0).contains(&seconds), "{seconds} s: {outcome}");
    // MPICH's launcher tells how the others have ended, which it kills.
    assert!([75, 9].contains(&outcome.code()), "{outcome}");
    // Others say it, too, when their launcher asks them to end and then waits for long.
    assert!((1..=3).contains(&outcome.stderr.matches("--resume goes on").count()), "{outcome}");
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn the_time_limit_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    // Eleven seconds before its end a job has one left.
    let program = alone_at_once(RUNS[0].1).env("SLURM_JOB_END_TIME", (now + 11).to_string());
    let start = Instant::now();
    let outcome = set_up(program, folder.path(), &["--draws", "10000000"]).run();
    interrupted(&outcome, start.elapsed().as_secs_f64());
    assert!(folder.path().join("out.h5.checkpoint").exists());
}
