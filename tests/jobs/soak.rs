//! A long run on many ranks, each of which stands still now and then.

use crate::launch::{alone_at_once, build, on_ranks, signal};
use crate::survive::{Chance, names};
use rustix::process::{Signal, getppid};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

const RANKS: usize = 16;

/// The memory of a process in kB, if it runs.
fn resident(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// So many seconds as `ENSAMPLE_SOAK` says; the simulator sleeps, so that other tests can run meanwhile.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn ranks_that_pause_for_minutes_do_no_harm() {
    let seconds = std::env::var("ENSAMPLE_SOAK").map_or(20, |seconds| seconds.parse::<u64>().unwrap());
    let sleeper = build("rank-programs").join("sleeper");
    // Half of all simulations are accepted, and each takes 10 ms.
    let draws = (seconds * RANKS as u64 * 100 / 2).to_string();
    let folder = tempfile::tempdir().unwrap();
    let job = on_ranks(RANKS, &sleeper).folder(folder.path()).args(["--draws", &draws, "--quiet", "--out", "out.h5"]);
    let job = job.args(["--checkpoint-every", "1"]).timeout(4 * seconds + 60).start();
    let mut chance = Chance(seconds);
    let start = Instant::now();
    let mut pids = vec![None; RANKS];
    let mut memory: Vec<(f64, u64)> = Vec::new();
    let mut pauses = 0;
    let parent = getppid();
    loop {
        // It is meant to run beside other tests, and to end with them.
        assert!(getppid() == parent, "who has started this has ended");
        if pids.iter().any(Option::is_none) {
            pids = (0..RANKS).map(|rank| job.rank(rank)).collect();
        }
        let all: Vec<u64> = pids.iter().flatten().filter_map(|pid| resident(*pid)).collect();
        match all.iter().max() {
            Some(largest) => memory.push((start.elapsed().as_secs_f64(), *largest)),
            None if memory.is_empty() => (), // it has not begun
            None => break,
        }
        if let Some(pid) = pids[chance.below(RANKS as u64) as usize] {
            let long = chance.below(50) == 0;
            signal(pid, Signal::STOP);
            sleep(Duration::from_millis(chance.below(if long { 2000 } else { 200 })));
            signal(pid, Signal::CONT);
            pauses += 1;
        }
        sleep(Duration::from_millis(chance.below(50)));
    }
    job.finish().expect_success();
    let took = start.elapsed().as_secs_f64();
    let largest = |from: f64, to: f64| {
        let then = memory.iter().filter(|(time, _)| (from * took..to * took).contains(time));
        then.map(|(_, memory)| *memory).max().expect("somebody has looked")
    };
    let tenths: Vec<u64> = (0..10).map(|tenth| largest(f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0)).collect();
    println!("{took:.0} s, {pauses} pauses; the largest rank, in kB, of each tenth of that time: {tenths:?}");
    // The caches of HDF5 fill at first, and the summary at the end needs all values of a parameter. In ten minutes, ten
    // bytes for each task would be more than this.
    assert!(tenths[8] <= tenths[3] + 4096, "{tenths:?} kB");
    // The same on so many threads of one rank that it does not take long.
    let alone = tempfile::tempdir().unwrap();
    let program = alone_at_once(&sleeper).folder(alone.path()).timeout(4 * seconds + 60);
    program.args(["--draws", &draws, "--threads", "256", "--quiet", "--out", "out.h5"]).run().expect_success();
    let read = |folder: &tempfile::TempDir| fs::read(folder.path().join("out.h5")).unwrap();
    assert!(read(&folder) == read(&alone), "other bytes");
    assert_eq!(names(folder.path()), ["out.h5"]);
}
