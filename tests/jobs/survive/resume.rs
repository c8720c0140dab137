//! What `--resume` goes on from, and what it refuses.

use super::{RUNS, ended_before_it_was_done, going_on, names, set_up, undisturbed, wait_for};
use crate::launch::alone_at_once;
use std::fs;

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
    let said = again(&["--resume", "--draws", "20001", "--batch", "500"]);
    assert!(said.contains("draws was 20000, and is 20001"), "{said}");
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
