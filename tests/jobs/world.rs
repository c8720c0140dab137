//! What ranks do together, on 1 to 8 of them, and how they end. The rank programs are in `tests/rank-programs/src/bin/world.rs`.

use crate::launch::{Outcome, build, on_ranks};
use std::ops::Range;

const RANKS: [usize; 5] = [1, 2, 3, 5, 8];

/// What a failed job takes from beginning to end, in seconds: it must be over 5 s after the failure.
const SOON: Range<f64> = 0.0..6.0;

fn world(case: &str, ranks: usize, wait: &str) -> Outcome {
    on_ranks(ranks, build("rank-programs").join("world")).args([case]).env("WAIT", wait).run()
}

/// The case holds on every number of ranks, and root says so.
#[track_caller]
fn holds(case: &str, ranks: &[usize]) {
    for ranks in ranks {
        let outcome = world(case, *ranks, "").expect_success();
        assert_eq!(outcome.stdout, format!("{case}: fine on {ranks} ranks\n"), "{outcome}");
        assert!(outcome.errors().is_empty(), "{outcome}");
    }
}

/// The job ends soon, with this one message and this exit status.
#[track_caller]
fn ends(outcome: &Outcome, status: i32, message: &str) {
    let errors = outcome.errors();
    assert!(SOON.contains(&outcome.seconds), "{outcome}");
    assert_eq!((outcome.code(), errors.len()), (status, 1), "{outcome}");
    assert!(errors[0].starts_with("world: error: ") && errors[0].contains(message), "{message}: {outcome}");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn broadcast() {
    holds("broadcast", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn scatter_and_gather_of_uneven_shares() {
    holds("scatter_and_gather", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn arrays() {
    holds("arrays", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn values_of_any_type() {
    holds("values", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn from_each_rank_to_the_next_and_to_root() {
    holds("ring", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn many_rounds_do_not_mix() {
    holds("many", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn root_alone_and_agreement() {
    holds("on_root", &RANKS);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn messages_above_256_mib() {
    holds("large", &[1, 2, 3]);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn the_exit_status_is_what_the_program_returns() {
    for ranks in RANKS {
        let outcome = world("status", ranks, "");
        assert_eq!((outcome.code(), outcome.errors().len()), (3, 0), "{outcome}");
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_failure_that_all_know_of() {
    for ranks in [1, 2, 8] {
        ends(&world("error_on_root_alone", ranks, ""), 2, "error: here: is wrong");
        ends(&world("panic_on_root_alone", ranks, ""), 1, "root's own panic");
        let odd = if ranks == 1 { String::new() } else { format!("rank {}", ranks - 1) };
        ends(&world("agreed_error_on_one", ranks, ""), 1, &odd);
        ends(&world("agreed_error_on_all", ranks, ""), 1, "all have failed");
        if ranks > 1 {
            ends(&world("arrays_that_do_not_fit", ranks, ""), 1, &format!("ranks 0 and {}", ranks - 1));
        }
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_failure_that_others_do_not_know_of_wherever_they_are() {
    for wait in ["barrier", "broadcast", "scatter", "gather", "receive", "send", "compute", "sleep"] {
        let outcome = world("panic_on_one", 3, wait);
        ends(&outcome, 1, "rank 2 on ");
        ends(&outcome, 1, "panicked at tests/rank-programs/src/bin/world.rs:");
        ends(&outcome, 1, ": a panic on one");
    }
    let outcome = world("error_on_one", 3, "receive");
    ends(&outcome, 1, "rank 2 on ");
    ends(&outcome, 1, ": one has failed");
    ends(&world("panic_on_root", 3, "receive"), 1, "rank 0 on ");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_failure_on_any_number_of_ranks() {
    for ranks in [1, 2, 8] {
        for case in ["error_on_one", "error_on_all", "panic_on_one", "panic_on_all"] {
            ends(&world(case, ranks, "barrier"), 1, if case.starts_with("error") { " failed" } else { "a panic on " });
        }
    }
}

/// Nobody of ours can say anything then, but the job must end, and must not count as done.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_rank_that_leaves_without_a_word() {
    for wait in ["barrier", "receive", "sleep"] {
        for case in ["exit_on_one", "exit_as_if_done_on_one"] {
            let outcome = world(case, 3, wait);
            assert!(SOON.contains(&outcome.seconds) && outcome.code() != 0, "{case}: {outcome}");
        }
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_message_that_is_not_what_was_expected() {
    ends(&world("wrong_type", 2, ""), 1, "a message between ranks could not be read");
}
