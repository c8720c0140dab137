//! Scattered data says what whole data does.

use super::Folder;
use crate::launch::on_ranks;
use ensample::store::Reader;
use ensample::stream::Streams;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::fs;

/// Numbers that are read back from JSON are off in the last digit.
fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

/// Skewed and dependent rows in two groups, and statistics of them.
fn folder(rows: usize, statistics: &[&str], more: &str) -> Folder {
    let mut stream = Streams::new(5, 0).stream(0);
    let mut text = String::from("x,y,group\n");
    for row in 0..rows {
        let x = stream.exponential();
        let group = if row % 5 < 2 { "old" } else { "new" };
        writeln!(text, "{x},{},{group}", 0.5 * x + 0.5 * stream.normal() + 100.0).unwrap();
    }
    let all = [
        r#"{ name = "mean", columns = ["x"] }"#,
        r#"{ name = "sum", columns = ["x"] }"#,
        r#"{ name = "ratio", columns = ["x", "y"] }"#,
        r#"{ name = "variance", columns = ["y"] }"#,
        r#"{ name = "pearson", columns = ["x", "y"] }"#,
        r#"{ name = "mean_difference", columns = ["x", "group"], groups = ["new", "old"] }"#,
        r#"{ name = "least_squares", columns = ["y", "x"] }"#,
        r#"{ name = "median", columns = ["x"] }"#,
        r#"{ name = "spearman", columns = ["x", "y"] }"#,
    ];
    let wanted = |line: &&&str| statistics.is_empty() || statistics.iter().any(|name| line.contains(name));
    let chosen = all.iter().filter(wanted).copied().collect::<Vec<_>>().join(", ");
    let folder = Folder::new(&format!("data.file = \"d.csv\"\nstatistic = [{chosen}]\n{more}"));
    fs::write(folder.path("d.csv"), text).unwrap();
    folder
}

const SUMS: [&str; 7] = ["\"mean\"", "sum", "ratio", "variance", "pearson", "mean_difference", "least_squares"];

/// By how many of their own errors the ends of intervals differ, and of bias and standard error: the largest.
fn farthest(whole: &Json, scattered: &Json) -> f64 {
    let mut worst: f64 = 0.0;
    let statistics = whole["statistics"].as_object().unwrap();
    for (name, whole) in statistics {
        let scattered = &scattered["statistics"][name];
        let number = |said: &Json, key: &str| said[key].as_f64().unwrap_or_else(|| panic!("{name} {key}: {said}"));
        let mut compare = |a: &Json, b: &Json, key: &str, error: &str| {
            let error = (number(a, error) * number(a, error) + number(b, error) * number(b, error)).sqrt();
            worst = worst.max((number(a, key) - number(b, key)).abs() / error);
        };
        compare(whole, scattered, "bias", "bias_mc_error");
        compare(whole, scattered, "standard_error", "standard_error_mc_error");
        let intervals = whole["intervals"].as_array().unwrap().iter().zip(scattered["intervals"].as_array().unwrap());
        for (a, b) in intervals {
            assert_eq!(a["method"], b["method"]);
            compare(a, b, "low", "low_mc_error");
            compare(a, b, "high", "high_mc_error");
        }
    }
    worst
}

/// Estimates and accelerations are the same but for rounding; ends of intervals differ by less than 5 of their combined
/// Monte Carlo errors, a chance of 1 in 20,000 for the 80 comparisons together. (The sums of 3000 exponential values
/// have enough digits for that; a resample's size varies by 1.8 %, which moves a standard error by no more than 0.02 %.)
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn poisson_counts_say_what_drawn_rows_do() {
    let folder = folder(3000, &SUMS, "interval.acceleration = \"jackknife\"");
    let whole = folder.summary("--resamples 40000 --threads 2");
    let shards = folder.summary("--resamples 40000 --threads 2 --scattered --out scattered.h5");
    let statistics = whole["statistics"].as_object().unwrap();
    assert_eq!(statistics.len(), 8);
    for (name, said) in statistics {
        let other = &shards["statistics"][name];
        for key in ["estimate", "acceleration"] {
            let (a, b) = (said[key].as_f64().unwrap(), other[key].as_f64().unwrap());
            assert!(near(a, b, if key == "estimate" { 1e-10 } else { 1e-5 }), "{name} {key}: {a} and {b}");
        }
    }
    let off = farthest(&whole, &shards);
    assert!(off < 5.0, "{off}");
    // Counts that do not vary enough are found out: those of a resample of half the rows.
    let mut broken = shards.clone();
    let error = broken["statistics"]["mean"]["standard_error"].as_f64().unwrap();
    broken["statistics"]["mean"]["standard_error"] = (error * 1.05).into();
    assert!(farthest(&whole, &broken) > 5.0);
}

/// Subsets say of the median and of Spearman's correlation what all rows do. What the 22 subsets say of the error of the
/// median varies by a fifth from one to another, their mean by 4 %; of the correlation by much less.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn little_bootstraps_say_what_drawn_rows_do() {
    let methods = "interval.methods = [\"normal\", \"basic\", \"percentile\"]";
    let folder = folder(30_000, &["median", "spearman"], methods);
    let whole = folder.summary("--resamples 4000 --threads 2");
    let subsets = folder.summary("--resamples 10000 --threads 2 --scattered --out scattered.h5");
    for (name, said) in whole["statistics"].as_object().unwrap() {
        let other = &subsets["statistics"][name];
        let number = |said: &Json, key: &str| said[key].as_f64().unwrap();
        let error = number(said, "standard_error");
        assert!((number(said, "estimate") - number(other, "estimate")).abs() < 0.5 * error, "{name}: {said} {other}");
        let tolerance = if name == "median" { 0.17 } else { 0.08 };
        let agrees = |error: f64| near(error, number(other, "standard_error"), tolerance);
        assert!(agrees(error), "{name}: {said} {other}");
        let width =
            |said: &Json, i: usize| number(&said["intervals"][i], "high") - number(&said["intervals"][i], "low");
        assert!((0..3).all(|i| near(width(said, i), width(other, i), tolerance)), "{name}: {said} {other}");
        // Resamples of the size of a subset are found out.
        assert!(!agrees(error * (30_000f64 / 1363.0).sqrt()));
    }
    let file = Reader::open(&folder.path("scattered.h5")).unwrap();
    assert_eq!(file.axes("little_bootstraps/median").unwrap(), ["subset", "resample"]);
    assert_eq!(file.shape("little_bootstraps/median").unwrap()[0], 5 * 22);
}

/// The Monte Carlo errors of little bootstraps are what they vary by from seed to seed, the choice of subsets included.
/// Over 40 seeds the ratio has a standard error of 14 %: each reported error comes from five partitions. What the resamples
/// alone vary by, a sixth of that, is found out.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn errors_of_little_bootstraps_are_right() {
    let folder = folder(3000, &["median"], "interval.methods = [\"percentile\"]\nbootstrap.shard = 500");
    let number = |said: &Json, key: &str| said["statistics"]["median"][key].as_f64().unwrap();
    let end = |said: &Json, key: &str| said["statistics"]["median"]["intervals"][0][key].as_f64().unwrap();
    let said: Vec<Json> =
        (1..=40).map(|seed| folder.summary(&format!("--scattered --threads 2 --resamples 1 --seed {seed}"))).collect();
    let ratio = |value: &dyn Fn(&Json) -> f64, error: &dyn Fn(&Json) -> f64| {
        let mean = said.iter().map(value).sum::<f64>() / 40.0;
        let variance = said.iter().map(|said| (value(said) - mean) * (value(said) - mean)).sum::<f64>() / 39.0;
        (variance / (said.iter().map(|said| error(said) * error(said)).sum::<f64>() / 40.0)).sqrt()
    };
    let right = |ratio: f64| (0.6..1.6).contains(&ratio);
    let found = [
        ratio(&|said| end(said, "low"), &|said| end(said, "low_mc_error")),
        ratio(&|said| end(said, "high"), &|said| end(said, "high_mc_error")),
        ratio(&|said| number(said, "standard_error"), &|said| number(said, "standard_error_mc_error")),
    ];
    assert!(found.iter().all(|ratio| right(*ratio)), "{found:?}");
    assert!(!right(6.0 * found[0]));
}

/// A run that is extended is one long run.
#[test]
fn extended() {
    let folder = folder(3000, &["\"mean\"", "pearson"], "bootstrap.shard = 1000");
    folder.summary("--scattered --resamples 700");
    let long = fs::read(folder.path("bootstrap.h5")).unwrap();
    folder.summary("--scattered --resamples 300");
    folder.summary("--scattered --resamples 700 --extend");
    assert!(fs::read(folder.path("bootstrap.h5")).unwrap() == long);
}

/// 64 MB of data on 4 ranks: none holds them all, root neither.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn no_rank_holds_all() {
    let folder = Folder::new(
        "data.file = \"d.npy\"\nstatistic = [{ name = \"mean\", columns = [\"0\"] }]\n\
         interval.methods = [\"percentile\"]",
    );
    const ROWS: usize = 8_000_000;
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({ROWS},), }}\n");
    let mut bytes = [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat();
    let mut values = vec![0.0; ROWS];
    Streams::new(8, 0).stream(0).fill_normal(&mut values);
    bytes.extend(values.iter().flat_map(|x| x.to_le_bytes()));
    fs::write(folder.path("d.npy"), bytes).unwrap();
    let peaks = |flags: &[&str]| -> Vec<f64> {
        let args = ["run.toml", "--quiet", "--force", "--resamples", "4", "--trace", "trace.h5"];
        let job = on_ranks(4, env!("CARGO_BIN_EXE_bootstrap")).folder(folder.0.path());
        job.args(args).args(flags).run().expect_success();
        Reader::open(&folder.path("trace.h5")).unwrap().values("replicates/peak_memory_bytes").unwrap()
    };
    let (scattered, whole) = (peaks(&["--scattered"]), peaks(&[]));
    let data = 8.0 * ROWS as f64;
    assert_eq!((scattered.len(), whole.len()), (4, 4));
    // MPI itself takes some 30 MB.
    assert!(scattered.iter().all(|peak| *peak < 0.25 * data + 50e6), "{scattered:?}");
    assert!(whole.iter().all(|peak| *peak > data), "{whole:?}");
}

#[test]
fn mistakes_in_scattered_data_are_refused() {
    let refused = |more: &str, statistics: &[&str], flags: &str, message: &str| {
        let folder = folder(3000, statistics, more);
        let outcome = folder.run(&format!("--scattered {flags}"));
        assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{more} {flags}: {outcome}");
        assert!(outcome.errors()[0].contains(message), "{more} {flags}: {outcome}");
        assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 2, "{outcome}");
    };
    let mean = &["\"mean\""][..];
    refused("bootstrap.scheme = \"balanced\"", mean, "", "the ordinary scheme only");
    refused("bootstrap.shard = 0", mean, "", "must be from 1 to 16777216");
    refused("bootstrap.jackknife = true", mean, "", "jackknife: can't be combined with scattered");
    refused("", mean, "--exact", "--exact: can't be combined");
    refused("", mean, "--batch 5", "--batch: can't be combined");
    refused("interval.methods = [\"studentized\"]", mean, "", "studentized can't be combined");
    refused("interval.acceleration = \"infinitesimal\"", mean, "", "always by the jackknife");
    refused("interval.methods = [\"bca\"]", &["median"], "", "bca can't be: median is no function of sums");
    refused("", &["median"], "--until-mc-error 0.1", "--until-mc-error: can't be: median");
    refused("[[statistic]]\nname = \"mean\"\ncolumns = [\"z\"]", &["nothing"], "", "duplicate key");
    let folder = Folder::new("data.file = \"d.csv\"\nstatistic = [{ name = \"mean\", columns = [\"x\"] }]");
    let said = |text: &str| {
        fs::write(folder.path("d.csv"), text).unwrap();
        let outcome = folder.run("--scattered");
        assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{outcome}");
        outcome.errors()[0].to_owned()
    };
    assert_eq!(said("x\n1\nabc\n"), "bootstrap: error: d.csv:3: 'abc' is not a number");
    assert!(said("x\n1\n").ends_with("has one row: nothing varies when it is drawn again"));
    assert!(said("x\n2\n2\n2\n").contains("mean has no variance"));
    assert!(said("y\n2\n").contains("there is no column 'x'"));
    let outcome = Folder::new(
        "data.values.x = [1, 2, 4]\nbootstrap.shard = 5\nstatistic = [{ name = \"mean\", columns = [\"x\"] }]",
    )
    .run("");
    assert!(outcome.code() == 2 && outcome.stderr.contains("shard: has no use without scattered"), "{outcome}");
}
