//! What a user can get wrong: one message that names the place, exit status 2, and no file touched.

use crate::abc::run::Run;
use crate::launch::{alone, alone_at_once, on_ranks};
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

/// A run file without a mistake, one key a line.
const RUN_FILE: &str = r#"seed = 7
draws = 10
[data]
values = [4.1, 5.0, 6.2]
[model]
name = "normal"
[prior]
mu = { normal = { mean = 0.0, sd = 10.0 } }
sigma = { uniform = { low = 0.0, high = 20.0 } }
[tolerance]
mean = 5.0
sd = 5.0
"#;

/// What is in a folder: names and contents.
fn contents(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut contents: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), fs::read(&path).ok())
        })
        .collect();
    contents.sort();
    contents
}

/// Runs `abc` in `folder` and returns its message, after checking that it ended as it should.
#[track_caller]
fn refusal(folder: &Path, flags: &[&str]) -> String {
    let before = contents(folder);
    let output = alone_at_once(env!("CARGO_BIN_EXE_abc")).folder(folder).args(flags).run();
    assert_eq!(output.code(), 2, "{flags:?}: {output}");
    let message = output.stderr;
    assert!(output.stdout.is_empty(), "{flags:?}");
    assert_eq!(contents(folder), before, "{flags:?} touched a file");
    assert_eq!(message.matches("abc: error: ").count(), 1, "more than one message: {message}");
    message.strip_prefix("abc: error: ").unwrap_or_else(|| panic!("{flags:?}: {message}")).trim_end().to_owned()
}

/// The message for a run file in which `old` is replaced by `new`.
#[track_caller]
fn refusal_of(old: &str, new: &str) -> String {
    assert!(RUN_FILE.contains(old));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.toml"), RUN_FILE.replace(old, new)).unwrap();
    refusal(folder.path(), &["run.toml"])
}

#[test]
fn the_run_file_without_a_mistake_runs() {
    let run = Run::complete(Some(RUN_FILE), &[]);
    assert_eq!(run.count("accepted"), 10);
}

#[test]
fn mistakes_in_the_run_file_are_named_by_file_line_and_key() {
    let cases = [
        // old, new, place, and a part of what is said
        ("seed = 7", "sead = 7", "run.toml:1: sead", "unknown field"),
        ("seed = 7", "seed = 7\nseed = 8", "run.toml:2: seed", "duplicate key"),
        ("seed = 7", "seed = -7", "run.toml:1: seed", "invalid value: integer `-7`"),
        ("seed = 7", "seed = \"7\"", "run.toml:1: seed", "invalid type: string"),
        ("draws = 10", "draws = 0", "run.toml:2: draws", "must be at least 1"),
        ("draws = 10", "draws = 1.5", "run.toml:2: draws", "invalid type"),
        ("draws = 10", "batch = 0", "run.toml:2: batch", "must be at least 1"),
        ("draws = 10", "max_simulations = 0", "run.toml:2: max_simulations", "must be at least 1"),
        ("[data]", "[data", "run.toml:3", "unclosed table"),
        ("[data]", "[run]\nthreads = 0\n[data]", "run.toml:4: run.threads", "must be from 1 to 1024"),
        ("[data]", "[run]\nout = \"missing/abc.h5\"\n[data]", "run.toml:4: run.out", "there is no folder missing"),
        ("[data]", "[run]\nschedule = \"greedy\"\n[data]", "run.toml:4: run.schedule", "there is no `greedy`"),
        ("[data]", "[run]\nout = \"a.h5\"\ntrace = \"./a.h5\"\n[data]", "run.toml:5: run.trace", "another file"),
        ("values = [4.1, 5.0, 6.2]", "values = []", "run.toml:4: data.values", "are empty"),
        ("values = [4.1, 5.0, 6.2]", "values = [4.1, nan]", "run.toml:4: data.values[1]", "not a finite number"),
        ("values = [4.1, 5.0, 6.2]", "values = [4.1, \"x\"]", "run.toml:4: data.values[1]", "invalid type: string"),
        ("values = [4.1, 5.0, 6.2]", "values = [4.1]", "run.toml:5: model", "at least two observations"),
        ("values = [4.1, 5.0, 6.2]", "file = \"y.csv\"", "run.toml:4: data.file", "can't read y.csv"),
        ("values = [4.1, 5.0, 6.2]", "values = [1]\nfile = \"y.csv\"", "run.toml:4: data.values", "can't be combined"),
        ("\"normal\"", "\"gaussian\"", "run.toml:5: model", "there is no model 'gaussian'; there is: normal"),
        ("sd = 10.0 } }", "sd = -1 } }", "run.toml:8: prior.mu.normal.sd", "must be positive, is -1"),
        ("sd = 10.0 } }", "sd = nan } }", "run.toml:8: prior.mu.normal.sd", "must be finite"),
        ("sd = 10.0 } }", "scale = 10.0 } }", "run.toml:8: prior.mu.normal", "scale"),
        ("mu = { normal", "mu = { gaussian", "run.toml:8: prior.mu", "there is no `gaussian`"),
        ("mu = ", "nu = ", "run.toml:8: prior.nu", "no such parameter; it has mu, sigma"),
        ("mu = { normal = { mean = 0.0, sd = 10.0 } }\n", "", "run.toml:7: prior", "mu has no prior"),
        (
            "low = 0.0, high = 20.0",
            "low = 20.0, high = 20.0",
            "run.toml:9: prior.sigma.uniform.low",
            "must be below high",
        ),
        ("\nsd = 5.0", "\nsd = 0.0", "run.toml:12: tolerance.sd", "must be positive, is 0"),
        ("\nsd = 5.0", "\nsd = nan", "run.toml:12: tolerance.sd", "must be positive, is NaN"),
        ("\nsd = 5.0", "\nvariance = 5.0", "run.toml:12: tolerance.variance", "no such summary; it has mean, sd"),
        ("\nsd = 5.0", "", "run.toml:10: tolerance", "sd has none; sd = inf leaves it free"),
        ("[tolerance]\nmean = 5.0\nsd = 5.0\n", "", "run.toml: tolerance", "is missing"),
        ("[tolerance]", "[distance]\ntolerance = 1\n[tolerance]", "run.toml:10: distance", "can't be combined"),
        ("[tolerance]\nmean = 5.0\nsd = 5.0", "[distance]", "run.toml:10: distance.tolerance", "is missing"),
        (
            "[tolerance]\nmean = 5.0\nsd = 5.0",
            "[distance]\nnorm = 0.5\ntolerance = 1",
            "run.toml:11: distance.norm",
            "at least 1",
        ),
        (
            "[tolerance]\nmean = 5.0\nsd = 5.0",
            "[distance]\ntolerance = -1",
            "run.toml:11: distance.tolerance",
            "positive",
        ),
        (
            "[tolerance]\nmean = 5.0\nsd = 5.0",
            "[distance]\nweights = { mean = 0, sd = 0 }\ntolerance = 1",
            "run.toml:11: distance.weights",
            "all 0",
        ),
        (
            "[tolerance]\nmean = 5.0\nsd = 5.0",
            "[distance]\nbest_of = { simulations = 5 }",
            "run.toml:11: distance.best_of",
            "can't keep 10 draws of 5",
        ),
        (
            "[tolerance]\nmean = 5.0\nsd = 5.0",
            "[distance]\nbest_of = { simulations = 50, quantile = 0.1 }",
            "run.toml:2: draws",
            "can't be combined with a quantile",
        ),
    ];
    // Several at a time: a start of MPI is mostly waiting.
    for cases in cases.chunks(4) {
        std::thread::scope(|scope| {
            for (old, new, place, said) in cases {
                scope.spawn(move || {
                    let message = refusal_of(old, new);
                    assert!(message.starts_with(&format!("{place}: ")) && message.contains(said), "{new:?}: {message}");
                });
            }
        });
    }
}

#[test]
fn mistakes_in_the_data_are_named_by_file_and_line() {
    let cases: [(&[u8], &str); 8] = [
        (b"y\n1.5\nabc\n", "y.csv:3: 'abc' is not a number"),
        (b"y\n1.5\n\nNaN\n", "y.csv:4: 'NaN' is not a number"),
        (b"NA\n1.5\n", "y.csv:1: 'NA' is not a number"),
        (b"y\n1,5\n", "y.csv:2: has 2 columns, but the data is one column"),
        (b"y\n", "y.csv: the column is empty: there is no number in it"),
        (b"", "y.csv: the column is empty: there is no number in it"),
        (b"y\n\"\"\n", "y.csv:2: '' is not a number"),
        (b"y\n\xff\xfe\n", "y.csv: can't read the data: line 2 is not UTF-8"),
    ];
    for (data, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("y.csv"), data).unwrap();
        let text = RUN_FILE.replace("values = [4.1, 5.0, 6.2]", "file = \"y.csv\"");
        fs::write(folder.path().join("run.toml"), text).unwrap();
        assert_eq!(refusal(folder.path(), &["run.toml"]), said);
    }
}

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

/// Each value has its own line, however the list is laid out.
#[test]
fn a_bad_value_in_a_long_list_is_named_by_its_own_line() {
    for bad in ["nan", "inf", "-inf", "\"x\""] {
        let message = refusal_of("[4.1, 5.0, 6.2]", &format!("[\n  4.1, 5.0,\n  6.2, {bad}, 7.0,\n]"));
        assert!(message.starts_with("run.toml:6: data.values[3]: "), "{bad}: {message}");
    }
}

#[test]
fn a_key_that_stands_twice_is_named() {
    let message = refusal_of("seed = 7", "seed = 7\nseed = 8");
    assert!(message.starts_with("run.toml:2: seed: "), "{message}");
}

/// Statisticians read the messages: they need not know how the program is written.
#[test]
fn messages_speak_of_the_run_file_not_of_the_program() {
    let jargon = ["u64", "u32", "i64", "i128", "f64", "struct", "variant", "element", "expected a sequence"];
    let normal = "{ normal = { mean = 0.0, sd = 10.0 } }";
    let mut puzzling = Vec::new();
    for (old, new, place) in [
        ("seed = 7", "seed = -1", "run.toml:1: seed: "),
        ("seed = 7", "seed = 1.5", "run.toml:1: seed: "),
        ("seed = 7", "seed = 99999999999999999999999", "run.toml:1: seed: "),
        ("draws = 10", "draws = 1e3", "run.toml:2: draws: "),
        ("draws = 10", "batch = 4294967296", "run.toml:2: batch: "),
        ("[data]\nvalues = [4.1, 5.0, 6.2]", "data = 3", "run.toml:3: data: "),
        ("[4.1, 5.0, 6.2]", "4.1", "run.toml:4: data.values: "),
        ("[4.1, 5.0, 6.2]", "[4.1, \"x\"]", "run.toml:4: data.values[1]: "),
        (normal, "{ norml = { mean = 0.0, sd = 10.0 } }", "run.toml:8: prior.mu"),
        (normal, "{ normal = { mean = 0, sd = 1 }, cauchy = { location = 0, scale = 1 } }", "run.toml:8: prior.mu: "),
        (normal, "{}", "run.toml:8: prior.mu: "),
        (normal, "3", "run.toml:8: prior.mu: "),
        (normal, "\"normal\"", "run.toml:8: prior.mu"),
        (normal, "{ normal = { mean = 0, sd = \"1\" } }", "run.toml:8: prior.mu.normal.sd: "),
        (normal, "{ integer_uniform = { low = 0.5, high = 3 } }", "run.toml:8: prior.mu.integer_uniform.low: "),
        ("mean = 5.0", "mean = \"small\"", "run.toml:11: tolerance.mean: "),
        ("[tolerance]\nmean = 5.0\nsd = 5.0", "[distance]\nbest_of = 1000", "run.toml:11: distance.best_of: "),
        (
            "[tolerance]\nmean = 5.0\nsd = 5.0",
            "[distance]\nscale = \"sd\"\ntolerance = 1",
            "run.toml:11: distance.scale: ",
        ),
    ] {
        let message = refusal_of(old, new);
        assert!(message.starts_with(place), "{new:?}: {message}");
        if jargon.iter().any(|word| message.contains(word)) {
            puzzling.push(message);
        }
    }
    assert!(puzzling.is_empty(), "{puzzling:#?}");
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

#[test]
fn a_large_run_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "# nothing\n".repeat(100_000);
    fs::write(folder.path().join("run.toml"), RUN_FILE.replace("draws = 10", "draws = 0") + &lines).unwrap();
    assert!(refusal(folder.path(), &["run.toml"]).starts_with("run.toml:2: draws: "));
    fs::write(folder.path().join("run.toml"), RUN_FILE.to_owned() + &"[".repeat(100_000)).unwrap();
    assert!(refusal(folder.path(), &["run.toml"]).starts_with("run.toml:13: "));
}

/// Editors on other systems begin files by a mark, and end lines otherwise.
#[test]
fn run_files_and_data_from_other_systems_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = RUN_FILE.replace("values = [4.1, 5.0, 6.2]", "file = \"y.csv\"").replace('\n', "\r\n");
    fs::write(folder.path().join("run.toml"), format!("\u{feff}{text}")).unwrap();
    fs::write(folder.path().join("y.csv"), "\u{feff}4.1\r\n5.0\r\n6.2\r\n").unwrap();
    let program = || alone(env!("CARGO_BIN_EXE_abc")).folder(folder.path());
    program().args(["run.toml"]).run().expect_success();
    let reader = ensample::store::Reader::open(&folder.path().join("abc.h5")).unwrap();
    assert_eq!(reader.values::<f64>("observed_data/y").unwrap(), [4.1, 5.0, 6.2], "the first number is no header");
}

#[test]
fn files_that_are_no_run_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (bytes, said) in [
        (&b""[..], "run.toml:1: missing field `model`"),
        (b"\xff\xfe", "run.toml: can't read this run file"),
        (b"\x89HDF\r\n\x1a\n", "run.toml: can't read this run file"),
        (b"y\n1\n2\n", "run.toml:1"),
    ] {
        fs::write(folder.path().join("run.toml"), bytes).unwrap();
        let message = refusal(folder.path(), &["run.toml"]);
        assert!(message.starts_with(said), "{bytes:?}: {message}");
    }
    let message = refusal(folder.path(), &["."]);
    assert!(message.starts_with(".: can't read this run file"), "{message}");
}

/// The best of a few tries: what else the machine does is not to be measured.
#[test]
#[ignore = "measures time: scripts/test"]
fn a_mistake_is_told_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.toml"), RUN_FILE.replace("sd = 10.0 }", "sd = -1 }")).unwrap();
    let try_once = || {
        let start = Instant::now();
        refusal(folder.path(), &["run.toml"]);
        start.elapsed()
    };
    let best = (0..5).map(|_| try_once()).min().unwrap();
    assert!(best < Duration::from_secs(1), "{best:?}");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn several_ranks_say_it_once() {
    let folder = tempfile::tempdir().unwrap();
    for ranks in [1, 2, 3, 5, 8] {
        let job = on_ranks(ranks, env!("CARGO_BIN_EXE_abc")).folder(folder.path()).args(["--draws", "0"]).run();
        assert_eq!((job.code(), job.errors()), (2, vec!["abc: error: --draws: must be at least 1, is 0"]), "{job}");
        assert_eq!(contents(folder.path()), []);
    }
    // What is found on each way to the work: flags, run file, data, prior, model, summaries, result file.
    let mistakes = [
        ("seed = 7", "seed 7"),
        ("draws = 10", "draws = \"10\""),
        ("[4.1, 5.0, 6.2]", "[4.1, nan]"),
        ("[4.1, 5.0, 6.2]", "[4.1]"),
        ("[4.1, 5.0, 6.2]", "[4.1, 1e308, -1e308, 1e308]"),
        ("sd = 10.0 }", "sd = -10.0 }"),
        ("\"normal\"", "\"gaussian\""),
        ("mean = 5.0", "median = 5.0"),
        ("[data]", "[run]\nout = \"missing/abc.h5\"\n[data]"),
    ];
    for (old, new) in mistakes {
        fs::write(folder.path().join("run.toml"), RUN_FILE.replace(old, new)).unwrap();
        let before = contents(folder.path());
        let job = on_ranks(3, env!("CARGO_BIN_EXE_abc")).folder(folder.path()).args(["run.toml"]).run();
        assert_eq!((job.code(), job.errors().len()), (2, 1), "{new}: {job}");
        assert!(job.errors()[0].starts_with("abc: error: run.toml:"), "{new}: {job}");
        assert!(job.stdout.is_empty(), "{new}: {job}");
        assert_eq!(contents(folder.path()), before, "{new}: {job}");
    }
}
