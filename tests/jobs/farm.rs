//! Numbered tasks over real ranks. The rank programs are in `tests/rank-programs/src/bin/farm.rs`.

use crate::launch::{Outcome, build, on_ranks};
use ensample::store::Reader;

const RANKS: [usize; 5] = [1, 2, 3, 5, 8];

fn farm(case: &str, ranks: usize, schedule: &str, threads: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    on_ranks(ranks, build("rank-programs").join("farm")).args([case, schedule, threads]).folder(folder.path()).run()
}

/// The case holds on every number of ranks, under both schedules, with one compute thread and with three.
#[track_caller]
fn holds(case: &str, ranks: &[usize]) {
    let ways = [[("dynamic", "1"), ("static", "3")], [("dynamic", "3"), ("static", "1")]];
    for (ranks, ways) in ranks.iter().zip(ways.iter().cycle()) {
        for (schedule, threads) in ways {
            let outcome = farm(case, *ranks, schedule, threads).expect_success();
            let fine = format!("{case}: fine on {ranks} ranks\n");
            assert!(outcome.stdout == fine && outcome.errors().is_empty(), "{schedule}, {threads}: {outcome}");
        }
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn results_come_in_order_each_from_its_own_stream() {
    holds("order", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn fewer_tasks_than_ranks() {
    holds("few", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn the_fold_can_end_the_work() {
    holds("early_stop", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn every_thread_of_every_rank_works() {
    holds("together", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn tasks_of_different_length() {
    holds("uneven", &[1, 3, 8]);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn large_results_from_all_ranks_at_once() {
    holds("large", &[1, 3, 8]);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_slow_first_task_does_not_fill_the_memory_of_root() {
    for (ranks, schedule, threads) in [(1, "dynamic", "3"), (3, "static", "1"), (8, "dynamic", "1")] {
        let outcome = farm("slow_first", ranks, schedule, threads).expect_success();
        let used = outcome.stdout.lines().find_map(|line| line.strip_prefix("root used ")?.strip_suffix(" MiB"));
        let used: u32 = used.unwrap_or_else(|| panic!("{outcome}")).parse().unwrap();
        // All results together are 1250 MiB.
        assert!(used < 400, "{used} MiB on {ranks} ranks, {schedule}");
    }
}

/// Two chains leave the third rank idle: the summary, the JSON and the trace say so.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn the_idle_share_of_every_rank_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let job = on_ranks(3, env!("CARGO_BIN_EXE_gibbs")).folder(folder.path());
        job.args(["--chains", "2", "--draws", "200000", "--force"]).args(args).run().expect_success()
    };
    let said = run(&[]);
    let line = said.stdout.lines().find_map(|line| line.strip_prefix("idle share per rank: ")).unwrap();
    let shares: Vec<&str> = line.split(", ").collect();
    assert!(
        shares.len() == 3 && shares[2] == "100.0 %" && shares[..2].iter().all(|share| *share != "100.0 %"),
        "{said}"
    );
    let said = run(&["--json", "--quiet", "--trace", "trace.h5"]);
    let json: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&json["phases"][0]["phase"], &json["phases"][1]), (&"chains".into(), &serde_json::Value::Null));
    let shares = json["phases"][0]["idle_share"].as_array().unwrap().iter().map(|share| share.as_f64().unwrap());
    let reader = Reader::open(&folder.path().join("trace.h5")).unwrap();
    let traced: Vec<f64> = reader.values("chains/idle_share").unwrap();
    assert!(traced.iter().copied().eq(shares) && traced[2] == 1.0 && traced[0] < 1.0, "{traced:?}: {said}");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_failure_ends_the_job_with_one_message() {
    let cases = [
        ("task_error", 1, ": task 7: the task's own error"),
        ("task_panic", 1, ": task 7: panicked at tests/rank-programs/src/bin/farm.rs:"),
        ("task_result_panic", 1, ": task 7: panicked at tests/rank-programs/src/bin/farm.rs:"),
        ("all_tasks_panic", 1, ": the task's own panic"),
        ("task_error_beside_long_ones", 1, ": task 0: the task's own error"),
        ("fold_error", 1, "the fold's own error"),
        ("fold_panic", 1, "the fold's own panic"),
        ("input_error", 2, "error: here: is wrong"),
    ];
    for (case, status, message) in cases {
        for (ranks, schedule, threads) in [(1, "dynamic", "1"), (3, "static", "3"), (8, "dynamic", "1")] {
            let outcome = farm(case, ranks, schedule, threads);
            let errors = outcome.errors();
            assert_eq!((outcome.code(), errors.len()), (status, 1), "{case}: {outcome}");
            assert!(errors[0].starts_with("farm: error: ") && errors[0].contains(message), "{case}: {outcome}");
            assert!(!case.contains("task") || errors[0].contains("rank "), "{case} names no rank: {outcome}");
            assert!(outcome.seconds < 5.5, "{case}: {outcome}");
        }
    }
}
