//! Runs that are killed at random instants.

use super::{Chance, RUNS, going_on, names, undisturbed};
use crate::launch::{Job, kill};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Which process is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Rank(usize),
    All,
    Launcher,
}

impl Victim {
    fn of(choice: u64, ranks: usize, chance: &mut Chance) -> Self {
        match choice {
            0 => Victim::Rank(chance.below(ranks as u64) as usize),
            1 => Victim::Rank(0),
            2 => Victim::All,
            _ => Victim::Launcher,
        }
    }

    fn kill(self, job: &Job) {
        let pids = match self {
            Victim::Rank(rank) => job.rank(rank).into_iter().collect(),
            Victim::All => job.processes(),
            Victim::Launcher => vec![job.launcher()],
        };
        pids.into_iter().for_each(kill);
    }
}

/// Kills runs at random instants, up to three times each, and lets them go on, each time on another number of ranks.
/// Returns how long the ends took.
fn rounds(seed: u64, count: usize) -> Vec<f64> {
    let mut chance = Chance(seed);
    let mut ends = Vec::new();
    let (mut left, mut seen, mut is_told) = (0, 0, false);
    for (number, run) in RUNS.into_iter().enumerate() {
        let expected = undisturbed(run);
        for round in 0..count {
            let folder = tempfile::tempdir().unwrap();
            let mut story = format!("seed {seed}, {} {round}:", run.0);
            for _ in 0..=chance.below(3) {
                let ranks = [1, 2, 3, 5][chance.below(4) as usize];
                let victim = Victim::of((round as u64 + number as u64) % 4, ranks, &mut chance);
                let after = 200 + chance.below(500);
                story += &format!(" {victim:?} of {ranks} after {after} ms;");
                let scratch = tempfile::tempdir().unwrap();
                let job = going_on(folder.path(), run, ranks).env("TMPDIR", scratch.path()).start();
                sleep(Duration::from_millis(after));
                let segments = job.segments();
                is_told |= segments.is_told();
                seen += segments.left().len();
                victim.kill(&job);
                let start = Instant::now();
                let outcome = job.finish();
                if matches!(victim, Victim::Rank(_)) {
                    // What MPI has made is cleaned up by its launcher, if that lives.
                    assert_eq!(names(scratch.path()), [""; 0], "{story} {outcome}");
                    assert_eq!(segments.left(), [""; 0], "{story} {outcome}");
                }
                // Whom it was to kill may not have been there: then it was not disturbed.
                if !outcome.status.success() {
                    ends.push(start.elapsed().as_secs_f64());
                    assert!(ends.last().is_some_and(|seconds| *seconds < 5.0), "{story} {outcome}");
                }
                left += usize::from(folder.path().join("out.h5.checkpoint").exists());
            }
            let outcome = going_on(folder.path(), run, [2, 3][round % 2]).run();
            assert!(outcome.status.success(), "{story} {outcome}");
            assert!(fs::read(folder.path().join("out.h5")).unwrap() == expected, "{story} other bytes");
            assert_eq!(names(folder.path()), ["out.h5"], "{story}");
        }
    }
    assert!(seen > 0 || !is_told, "no job had shared memory to clean up");
    assert!(2 * left > ends.len(), "of {} kills only {left} left something to go on from", ends.len());
    ends
}

/// At least 30 rounds in all, under both MPIs; `ENSAMPLE_KILLS` asks for more, and `ENSAMPLE_SEED` for others.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn runs_that_are_killed_go_on_to_the_same_bytes() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seed = number("ENSAMPLE_SEED").unwrap_or(20_261_126);
    let count = number("ENSAMPLE_KILLS").map_or(6, |kills| kills.div_ceil(3) as usize);
    let mut ends = rounds(seed, count);
    ends.sort_by(f64::total_cmp);
    println!(
        "seed {seed}: {} kills in {} runs; from kill to end {:.2} s in the middle, {:.2} s at most",
        ends.len(),
        3 * count,
        ends[ends.len() / 2],
        ends[ends.len() - 1]
    );
}
