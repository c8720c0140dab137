//! What a disk does to a run: it is full, limited, gone or read-only while that runs. Each time there is one message, and
//! the run goes on when the disk is as it was.

use crate::launch::{Outcome, alone_at_once, on_ranks};
use crate::survive::{RUNS, going_on, names, set_up, undisturbed, wait_for};
use std::fs;

/// The disk is full at the first write, in the middle, at a checkpoint, at the end; then there is room again.
#[test]
#[ignore = "needs to mount a file system: scripts/test"]
fn a_full_disk_loses_nothing() {
    let expected = undisturbed(RUNS[0]);
    let mut full = 0;
    for kilobytes in [4, 40, 150, 300, 450, 600, 750, 900, 1100, 1300] {
        let folder = tempfile::tempdir().unwrap();
        let (_, program, arguments) = RUNS[0];
        let run = format!("{program} {} --quiet --out out.h5 --checkpoint-every 0.02 --resume", arguments.join(" "));
        let script = format!(
            "mkdir disk && mount -t tmpfs -o size={kilobytes}k none disk && cd disk || exit 99
            {run}; echo first $?
            mount -o remount,size=100m . && {run}; echo second $?
            ls -A; cp out.h5 ../copy.h5"
        );
        let outcome = alone_at_once("unshare").folder(folder.path());
        let outcome = outcome.args(["--mount", "--map-root-user", "sh", "-c", &script]).run();
        assert!(outcome.stdout.ends_with("second 0\nout.h5\n"), "{kilobytes} kB: {outcome}");
        assert!(fs::read(folder.path().join("copy.h5")).unwrap() == expected, "{kilobytes} kB: other bytes");
        if outcome.stdout.starts_with("first 74\n") {
            full += 1;
            let errors = outcome.errors();
            assert!(errors.len() == 1 && errors[0].contains("No space left on device"), "{kilobytes} kB: {outcome}");
        } else {
            assert!(outcome.stdout.starts_with("first 0\n"), "{kilobytes} kB: {outcome}");
        }
    }
    assert!(full >= 5, "the disk was full {full} times only");
}

/// The run can't write its files any more: one message, in time.
#[track_caller]
fn fails(outcome: &Outcome, what: &str) {
    assert_eq!((outcome.code(), outcome.errors().len()), (74, 1), "{outcome}");
    assert!(outcome.errors()[0].contains(what), "{outcome}");
}

/// A quota, of some kilobytes for each file.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn a_limit_of_file_sizes_loses_nothing() {
    let expected = undisturbed(RUNS[0]);
    let mut limited = 0;
    for kilobytes in [1, 8, 64, 128, 256, 384, 512, 768, 1024] {
        let folder = tempfile::tempdir().unwrap();
        let (_, program, arguments) = RUNS[0];
        let run = format!("{program} {} --quiet --out out.h5 --checkpoint-every 0.02 --resume", arguments.join(" "));
        let run = format!("ulimit -f {kilobytes}; exec {run}");
        // Nor may shared memory become so large, which MPICH would use.
        let outcome = alone_at_once("bash").env("UCX_TLS", "tcp,self").folder(folder.path());
        let outcome = outcome.args(["-c", &run]).run();
        if outcome.code() != 0 {
            limited += 1;
            fails(&outcome, "File too large");
        }
        set_up(alone_at_once(program), folder.path(), arguments).args(["--resume"]).run().expect_success();
        assert!(fs::read(folder.path().join("out.h5")).unwrap() == expected, "{kilobytes} kB: other bytes");
        assert_eq!(names(folder.path()), ["out.h5"], "{kilobytes} kB");
    }
    assert!(limited >= 5, "the files were too large {limited} times only");
}

/// The folder of the result is moved away, and comes back; or it is gone with all that was in it.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_folder_that_vanishes_loses_no_more_than_was_in_it() {
    let run = RUNS[0];
    let expected = undisturbed(run);
    let outer = tempfile::tempdir().unwrap();
    let (folder, away) = (outer.path().join("folder"), outer.path().join("away"));
    let out = folder.join("out.h5");
    for comes_back in [true, false] {
        fs::create_dir(&folder).unwrap();
        // Its working folder is another one.
        let start = |ranks: usize| {
            let program = on_ranks(ranks, run.1).folder(outer.path()).args(run.2);
            program.args(["--quiet", "--resume", "--checkpoint-every", "0.02", "--out"]).args([&out])
        };
        let job = start(3).start();
        wait_for(&folder, "out.h5.checkpoint");
        fs::rename(&folder, &away).unwrap();
        fails(&job.finish(), "No such file or directory");
        if comes_back {
            fs::rename(&away, &folder).unwrap();
            assert!(folder.join("out.h5.checkpoint").exists());
        } else {
            fs::remove_dir_all(&away).unwrap();
            let refused = start(2).run();
            assert_eq!((refused.code(), refused.errors().len()), (2, 1), "{refused}");
            assert!(refused.errors()[0].contains("there is no folder"), "{refused}");
            fs::create_dir(&folder).unwrap();
        }
        start(2).run().expect_success();
        assert!(fs::read(&out).unwrap() == expected, "comes back: {comes_back}");
        assert_eq!(names(&folder), ["out.h5"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}

/// The folder becomes read-only, at a checkpoint or just before the result gets its name; a result that was there stays.
#[test]
#[ignore = "needs to mount a file system: scripts/test"]
fn a_folder_that_becomes_read_only_loses_nothing() {
    let (_, program, arguments) = RUNS[0];
    let expected = undisturbed(RUNS[0]);
    for (every, waits_for) in [("0.02", "out.h5.checkpoint"), ("1000", ".out.h5.partial")] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("disk")).unwrap();
        let run =
            format!("{program} {} --quiet --out $PWD/disk/out.h5 --checkpoint-every {every}", arguments.join(" "));
        let script = format!(
            "{program} --draws 5 --quiet --out disk/out.h5 && cp disk/out.h5 earlier.h5 || exit 99
            {run} --force & run=$!
            until [ -e disk/{waits_for} ]; do sleep 0.01; done
            mount --bind disk disk && mount -o remount,bind,ro disk || exit 98
            wait $run; echo first $?
            cmp disk/out.h5 earlier.h5 && echo earlier
            umount disk
            {run} --force --resume; echo second $?
            ls -A disk"
        );
        let outcome = alone_at_once("unshare").folder(folder.path());
        let outcome = outcome.args(["--mount", "--map-root-user", "sh", "-c", &script]).run();
        assert_eq!(outcome.stdout, "first 74\nearlier\nsecond 0\nout.h5\n", "{every}: {outcome}");
        let errors = outcome.errors();
        assert!(errors.len() == 1 && errors[0].contains("Read-only file system"), "{every}: {outcome}");
        assert!(fs::read(folder.path().join("disk/out.h5")).unwrap() == expected, "{every}: other bytes");
    }
}

/// Readers, and whoever holds a lock to read, do not disturb a run.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn readers_do_no_harm() {
    let run = RUNS[0];
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // The result of an earlier run is open in another program, which has locked it as HDF5 does.
    set_up(alone_at_once(run.1), folder.path(), &["--draws", "5"]).run().expect_success();
    let earlier = fs::File::open(path("out.h5")).unwrap();
    rustix::fs::flock(&earlier, rustix::fs::FlockOperation::LockShared).unwrap();
    let job = on_ranks(2, run.1).folder(folder.path()).args(run.2);
    let job = job.args(["--quiet", "--out", "out.h5", "--force", "--checkpoint-every", "0.02"]).start();
    wait_for(folder.path(), "out.h5.checkpoint");
    // What a run has written up to now is read while it goes on, over and over.
    let mut reads = 0;
    while path("out.h5.checkpoint").exists() {
        for name in ["out.h5", "out.h5.checkpoint", "out.h5.checkpoint.results", ".out.h5.partial"] {
            let Ok(file) = fs::File::open(path(name)) else { continue };
            let _ = rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockShared);
            reads += u32::from(std::io::copy(&mut &file, &mut std::io::sink()).is_ok());
        }
    }
    job.finish().expect_success();
    assert!(reads > 20, "{reads} reads only");
    assert!(fs::read(path("out.h5")).unwrap() == undisturbed(run));
    // A checkpoint that somebody has open can be gone on from.
    let folder = crate::survive::ended_before_it_was_done(run);
    let results = fs::File::open(folder.path().join("out.h5.checkpoint.results")).unwrap();
    going_on(folder.path(), run, 2).run().expect_success();
    drop(results);
    assert!(fs::read(folder.path().join("out.h5")).unwrap() == undisturbed(run));
}
