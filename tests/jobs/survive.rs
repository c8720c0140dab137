//! Runs that are ended before they are done, and go on to the bytes that they would have written.

use crate::launch::{Job, Outcome, Program, alone_at_once, build, kill, on_ranks, signal, wait_until};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A run of each application that takes about a second on one rank.
pub const RUNS: [(&str, &str, &[&str]); 3] = [
    ("abc", env!("CARGO_BIN_EXE_abc"), &["--draws", "8000", "--batch", "500"]),
    ("bootstrap", env!("CARGO_BIN_EXE_bootstrap"), &["--resamples", "8000000"]),
    ("gibbs", env!("CARGO_BIN_EXE_gibbs"), &["--draws", "120000"]),
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
    let mut left = 0;
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
fn a_trace_does_not_keep_a_script_from_going_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let arguments = ["--draws", "20", "--trace", "trace.h5", "--resume"];
        set_up(alone_at_once(RUNS[0].1), folder.path(), &arguments).run().expect_success()
    };
    run();
    run();
    fs::remove_file(folder.path().join("out.h5")).unwrap();
    run();
    for data in ["out.h5.checkpoint", "out.h5.checkpoint.results"] {
        let outcome =
            set_up(alone_at_once(RUNS[0].1), folder.path(), &["--draws", "20", "--force", "--trace", data]).run();
        assert_eq!(outcome.code(), 2, "{outcome}");
        assert!(outcome.errors()[0].contains("must be another file than the result and its checkpoint"), "{outcome}");
    }
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

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn only_the_same_run_goes_on() {
    let run = RUNS[0];
    let folder = ended_before_it_was_done(run);
    let again = |arguments: &[&str]| {
        let outcome = set_up(alone_at_once(run.1), folder.path(), arguments).run();
        assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{outcome}");
        outcome.errors()[0].to_owned()
    };
    let said = again(run.2);
    assert!(said.contains("out.h5.checkpoint: exists: --resume goes on from it, --force begins anew"), "{said}");
    let said = again(&[run.2, &["--resume", "--seed", "9"]].concat());
    assert!(said.contains("another run has left this: seed was 1, and is 9"), "{said}");
    let said = again(&["--resume", "--draws", "8001", "--batch", "500"]);
    assert!(said.contains("draws was 8000, and is 8001"), "{said}");
    // It is still there.
    let outcome = set_up(alone_at_once(run.1), folder.path(), run.2).args(["--resume"]).run().expect_success();
    assert_eq!(outcome.stderr, "");
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(run));
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn to_force_is_to_begin_anew() {
    let run = RUNS[2];
    let folder = ended_before_it_was_done(run);
    set_up(alone_at_once(run.1), folder.path(), run.2).args(["--force"]).run().expect_success();
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(run));
    assert_eq!(names(folder.path()), ["out.h5"]);
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn with_nothing_to_go_on_from_it_begins_and_with_a_result_it_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let program = alone_at_once(RUNS[0].1).folder(folder.path());
        program.args(["--draws", "20", "--resume"]).run().expect_success()
    };
    let first = run();
    assert!(first.stderr.contains("there is no abc.h5.checkpoint: begins at the beginning"), "{first}");
    let before = fs::metadata(folder.path().join("abc.h5")).unwrap().modified().unwrap();
    let second = run();
    assert!(second.stderr.contains("abc.h5 is finished: there is nothing to do"), "{second}");
    assert_eq!(second.stdout, "");
    assert_eq!(fs::metadata(folder.path().join("abc.h5")).unwrap().modified().unwrap(), before);
    // A result of another run is not touched.
    let other = alone_at_once(RUNS[0].1).folder(folder.path()).args(["--draws", "21", "--resume"]).run();
    assert_eq!(other.code(), 2, "{other}");
    assert!(other.errors()[0].contains("abc.h5: exists"), "{other}");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn two_runs_can_not_write_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let first = going_on(folder.path(), RUNS[0], 2).start();
    wait_for(folder.path(), "out.h5.checkpoint");
    let second = set_up(alone_at_once(RUNS[0].1), folder.path(), RUNS[0].2).args(["--resume"]).run();
    assert_eq!((second.code(), second.errors().len()), (2, 1), "{second}");
    assert!(second.errors()[0].contains("another run is writing it at this moment"), "{second}");
    first.finish().expect_success();
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(RUNS[0]));
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_damaged_checkpoint_is_refused() {
    let folder = ended_before_it_was_done(RUNS[1]);
    for name in ["out.h5.checkpoint", "out.h5.checkpoint.results"] {
        let path = folder.path().join(name);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(&path, damaged).unwrap();
        let outcome = going_on(folder.path(), RUNS[1], 2).run();
        assert_eq!((outcome.code(), outcome.errors().len()), (74, 1), "{outcome}");
        let said = outcome.errors()[0];
        assert!(said.contains(name) && said.contains("it is damaged") && said.contains("--force"), "{outcome}");
        fs::write(&path, whole).unwrap();
    }
    going_on(folder.path(), RUNS[1], 2).run().expect_success();
}

/// A rank that stands still ends the job, with its name and a checkpoint.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_rank_that_stands_still_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let job = going_on(folder.path(), RUNS[0], 3).args(["--stall-timeout", "0.7"]).start();
    wait_for(folder.path(), "out.h5.checkpoint");
    let rank = job.rank(2).expect("it runs");
    signal(rank, Signal::STOP);
    let start = Instant::now();
    // The launcher can't end a process that is stopped by asking it.
    while start.elapsed() < Duration::from_secs(4) && job.rank(0).is_some() {
        sleep(Duration::from_millis(20));
    }
    signal(rank, Signal::CONT);
    let outcome = job.finish();
    assert_eq!((outcome.code(), outcome.errors().len()), (75, 1), "{outcome}");
    assert!(outcome.errors()[0].contains("rank 2 has made no progress for 0.7 s (--stall-timeout)"), "{outcome}");
    going_on(folder.path(), RUNS[0], 2).run().expect_success();
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(RUNS[0]));
}

/// Root itself may be away for a while: that is nobody's stall.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_root_that_stands_still_blames_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let job = going_on(folder.path(), RUNS[0], 3).args(["--stall-timeout", "0.5"]).start();
    wait_for(folder.path(), "out.h5.checkpoint");
    let root = job.rank(0).expect("it runs");
    signal(root, Signal::STOP);
    sleep(Duration::from_millis(1500));
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
