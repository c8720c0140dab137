//! Mistakes on the command line, and results that have no place to go to.

use super::{RUN_FILE, refusal};
use crate::abc::run::Run;
use crate::launch::alone;
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};

#[test]
fn mistakes_in_flags_are_named_by_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("there.h5"), "precious").unwrap();
    let cases: [(&[&str], &str); 14] = [
        (&["--draws", "0"], "--draws: must be at least 1, is 0"),
        (&["--draws", "x"], "command line: invalid value 'x' for '--draws <DRAWS>'"),
        (&["--draws", "-5"], "command line: "),
        (&["--batch", "0"], "--batch: must be at least 1, is 0"),
        (&["--threads", "0"], "--threads: must be from 1 to 1024, is 0"),
        (&["--seed", "18446744073709551615"], "--seed: must be at most 9223372036854775807"),
        (&["--schedule", "greedy"], "command line: invalid value 'greedy'"),
        (&["--bogus"], "command line: unexpected argument '--bogus' found"),
        (&["a.toml", "b.toml"], "command line: unexpected argument 'b.toml' found"),
        (&["nowhere.toml"], "nowhere.toml: can't read this run file"),
        (&["--out", "there.h5"], "there.h5: exists; --force replaces it"),
        (&["--out", "new.h5", "--trace", "there.h5"], "there.h5: exists; --force replaces it"),
        (&["--out", "missing/abc.h5"], "missing/abc.h5: there is no folder missing"),
        (&["--out", "."], ".: is a folder; name a file in it"),
    ];
    for (flags, said) in cases {
        let message = refusal(folder.path(), flags);
        assert!(message.starts_with(said), "{flags:?}: {message}");
    }
}

/// A negative number is a wrong value of its flag, not an unknown flag.
#[test]
fn negative_numbers_in_flags_are_named_by_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    for flag in ["--seed", "--draws", "--threads", "--batch", "--max-simulations"] {
        let message = refusal(folder.path(), &[flag, "-3"]);
        assert!(message.contains(flag) && message.contains("-3"), "{message}");
        assert!(!message.contains("-- -3"), "{message}");
    }
}

/// Where a limit was not looked at, arithmetic went over it.
#[test]
fn the_largest_numbers_do_no_harm() {
    let largest = i64::MAX.to_string();
    let run = |flags: &[&str]| {
        let run = Run::of(Some(RUN_FILE), flags);
        let said = run.output.stderr;
        assert!(matches!(run.output.status.code(), Some(0 | 3)), "{flags:?}: {said}");
    };
    run(&["--seed", &largest]);
    run(&["--max-simulations", &largest]);
    run(&["--draws", &largest, "--max-simulations", "5000"]);
    run(&["--batch", "4294967295", "--max-simulations", "500"]);
}

/// A result never takes the place of what it was made from, nor of what is no ordinary file; not even with --force.
#[test]
fn force_replaces_results_only() {
    let folder = tempfile::tempdir().unwrap();
    let text = RUN_FILE.replace("values = [4.1, 5.0, 6.2]", "file = \"y.csv\"");
    fs::write(folder.path().join("run.toml"), text).unwrap();
    fs::write(folder.path().join("y.csv"), "4.1\n5.0\n6.2\n").unwrap();
    for flag in ["--out", "--trace"] {
        for file in ["run.toml", "./run.toml", "y.csv"] {
            let message = refusal(folder.path(), &["run.toml", "--force", flag, file]);
            assert!(message.contains(file) || message.contains(flag), "{flag} {file}: {message}");
        }
    }
    // A device or a pipe would be replaced by a file. (Never try this on a real device as root.)
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    alone("mkfifo").args([&pipe]).run().expect_success();
    for flag in ["--out", "--trace"] {
        let output = alone(env!("CARGO_BIN_EXE_abc")).folder(folder.path());
        let output = output.args(["--draws", "10", "--force", flag, "pipe"]).run();
        assert_eq!((output.code(), output.errors().len()), (2, 1), "{flag}: {output}");
        assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo(), "{flag} has replaced a pipe");
    }
}

#[test]
fn folders_and_names_that_can_not_be_written_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}.h5", "a".repeat(300));
    // Nobody can make a file in /proc, not even root.
    for out in [&long, "/proc/abc.h5"] {
        for flag in ["--out", "--trace"] {
            let message = refusal(folder.path(), &[flag, out]);
            assert!(message.contains(out), "{message}");
        }
    }
    if rustix::process::geteuid().is_root() {
        return; // to whom all folders are open
    }
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    let message = refusal(folder.path(), &["--out", "closed/abc.h5"]);
    assert!(message.starts_with("closed/abc.h5: can't write to the folder closed"), "{message}");
}
