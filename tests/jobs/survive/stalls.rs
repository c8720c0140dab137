//! Ranks that stand still for a while, or for good.

use super::{Chance, RUNS, going_on, undisturbed, wait_for};
use crate::launch::signal;
use rustix::process::Signal;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A rank that stands still ends the job, with its name and a checkpoint.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_rank_that_stands_still_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let job = going_on(folder.path(), RUNS[0], 3).args(["--stall-timeout", "2"]).start();
    wait_for(folder.path(), "out.h5.checkpoint");
    let rank = job.rank(2).expect("it runs");
    signal(rank, Signal::STOP);
    let start = Instant::now();
    // The launcher can't end a process that is stopped by asking it.
    while start.elapsed() < Duration::from_secs(10) && job.rank(0).is_some() {
        sleep(Duration::from_millis(20));
    }
    signal(rank, Signal::CONT);
    let outcome = job.finish();
    assert_eq!((outcome.code(), outcome.errors().len()), (75, 1), "{outcome}");
    assert!(outcome.errors()[0].contains("rank 2 has made no progress for 2 s (--stall-timeout)"), "{outcome}");
    going_on(folder.path(), RUNS[0], 2).run().expect_success();
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(RUNS[0]));
}

/// Root itself may be away for a while: that is nobody's stall.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_root_that_stands_still_blames_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let job = going_on(folder.path(), RUNS[0], 3).args(["--stall-timeout", "2"]).start();
    wait_for(folder.path(), "out.h5.checkpoint");
    let root = job.rank(0).expect("it runs");
    signal(root, Signal::STOP);
    sleep(Duration::from_secs(4));
    signal(root, Signal::CONT);
    job.finish().expect_success();
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(RUNS[0]));
}

/// Ranks that pause at random do no harm.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn ranks_that_pause_do_no_harm() {
    let mut chance = Chance(7);
    for run in RUNS {
        let folder = tempfile::tempdir().unwrap();
        let job = going_on(folder.path(), run, 5).start();
        while job.rank(0).is_some() {
            if let Some(rank) = job.rank(chance.below(5) as usize) {
                signal(rank, Signal::STOP);
                sleep(Duration::from_millis(chance.below(80)));
                signal(rank, Signal::CONT);
            }
            sleep(Duration::from_millis(chance.below(30)));
        }
        job.finish().expect_success();
        assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(run), "{}", run.0);
    }
}
