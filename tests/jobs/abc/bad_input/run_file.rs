//! Mistakes in the run file, and in the data that it names.

use super::{RUN_FILE, refusal, refusal_of};
use crate::launch::alone;
use std::fs;

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
