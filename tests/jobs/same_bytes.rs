//! The same bytes from any number of ranks, any schedule, any threads, any MPI and any build; and a launcher that is not
//! the binary's own.
//!
//! This build is run in every way; `ENSAMPLE_BINARIES` lists others that must agree with it: `launcher=path/to/abc`,
//! separated by spaces.

use crate::launch::{alone, on_ranks_of};
use std::fs;
use std::path::PathBuf;

/// Three problems: a tolerance for each summary, a distance scaled by a pilot, and the nearest of many.
const PROBLEMS: [(&str, &str); 3] = [
    ("tolerance", "[tolerance]\nmean = 0.5\nsd = 0.8\n"),
    ("distance", "[distance]\npilot = 3001\ntolerance = 0.05\n"),
    ("best_of", "[distance]\nnorm = 3.5\nscale = \"none\"\nbest_of = { simulations = 100001 }\n"),
];

fn run_file(acceptance: &str) -> String {
    let values = "[4.1, 5.0, 6.2, 3.3, 7.9, 5.5, 2.8]";
    let priors = "mu = { normal = { mean = 0.0, sd = 10.0 } }\nsigma = { gamma = { shape = 2.5, rate = 0.5 } }";
    format!(
        "seed = 11\ndraws = 1500\nbatch = 777\n[data]\nvalues = {values}\n[model]\nname = \"normal\"\n\
         [prior]\n{priors}\n{acceptance}"
    )
}

/// A launcher and a binary of its MPI.
type Binary = (String, PathBuf);

fn this_build() -> Binary {
    (std::env::var("ENSAMPLE_MPIRUN").unwrap_or("mpirun".into()), env!("CARGO_BIN_EXE_abc").into())
}

/// The binaries that are to agree: this build comes first.
fn binaries() -> Vec<Binary> {
    let given = std::env::var("ENSAMPLE_BINARIES").unwrap_or_default();
    let pair = |entry: &str| {
        let (launcher, binary) = entry.split_once('=').expect("ENSAMPLE_BINARIES holds launcher=path");
        (launcher.to_owned(), binary.into())
    };
    let others = given.split_whitespace().map(pair).filter(|binary| *binary != this_build());
    std::iter::once(this_build()).chain(others).collect()
}

/// Ranks, schedule and threads: each number of ranks, with both schedules and both numbers of threads among them.
const WAYS: [(usize, &str, &str); 10] = [
    (1, "dynamic", "1"),
    (1, "static", "3"),
    (2, "dynamic", "3"),
    (2, "static", "1"),
    (3, "dynamic", "1"),
    (3, "static", "3"),
    (5, "dynamic", "3"),
    (5, "static", "1"),
    (8, "dynamic", "1"),
    (8, "static", "3"),
];
/// What suffices for another build, whose own tests go all ways.
const OTHER_BUILDS: [(usize, &str, &str); 2] = [(1, "dynamic", "1"), (3, "static", "3")];

/// Runs an application (which lies beside `abc`) in every way.
#[track_caller]
fn same_everywhere(application: &str, name: &str, run_file: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.toml"), run_file).unwrap();
    let mut first: Option<Vec<u8>> = None;
    for (number, (launcher, binary)) in binaries().into_iter().enumerate() {
        let binary = binary.with_file_name(application);
        let ways = if number == 0 { &WAYS[..] } else { &OTHER_BUILDS };
        for &(ranks, schedule, threads) in ways {
            let flags = ["run.toml", "--quiet", "--force", "--schedule", schedule, "--threads", threads];
            on_ranks_of(&launcher, ranks, &binary).folder(folder.path()).args(flags).run().expect_success();
            let bytes = fs::read(folder.path().join(application).with_extension("h5")).unwrap();
            let same = *first.get_or_insert_with(|| bytes.clone()) == bytes;
            assert!(same, "{name}: {} on {ranks} ranks, {schedule}, {threads} threads", binary.display());
        }
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn every_way_to_run_abc_gives_the_same_bytes() {
    for (name, acceptance) in PROBLEMS {
        same_everywhere("abc", name, &run_file(acceptance));
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn every_way_to_run_bootstrap_gives_the_same_bytes() {
    let data = "data.values.x = [3, 5, 7, 18, 43, 85, 91, 98]\ndata.values.y = [1, 0, 1, 0, 1, 0, 1, 1]";
    let all = "statistic = [{ name = \"mean\", columns = [\"x\"] }, { name = \"median\", columns = [\"x\"] }, \
               { name = \"least_squares\", columns = [\"x\", \"y\"] }]";
    let mean = "statistic = [{ name = \"mean\", columns = [\"x\"] }]";
    let many = "resamples = 2003, batch = 50";
    let many_scattered = "resamples = 2003, scattered = true"; // median: by the bag of little bootstraps
    for (name, statistic, bootstrap, interval) in [
        (
            "ordinary",
            all,
            format!("{many}, jackknife_after = true"),
            "methods = [\"bca\", \"studentized\"], nested = 5",
        ),
        ("balanced", all, format!("{many}, scheme = \"balanced\""), ""),
        ("smoothed", mean, format!("{many}, scheme = \"smoothed\""), "methods = [\"studentized\"]"),
        ("exact", mean, "exact = true".into(), "methods = [\"bca\", \"studentized\"]"),
        ("scattered", all, format!("{many_scattered}, shard = 3"), ""),
        ("until", all, "resamples = 100, until_mc_error = 0.5, batch = 7".into(), "methods = [\"percentile\"]"),
        ("sums", mean, many.into(), "methods = [\"percentile\"]"),
    ] {
        let run_file = format!("{data}\n{statistic}\nbootstrap = {{ {bootstrap} }}\ninterval = {{ {interval} }}\n");
        same_everywhere("bootstrap", name, &run_file);
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn every_way_to_run_gibbs_gives_the_same_bytes() {
    let schools = "effect = [28, 8, -3, 7]\nerror = [15, 10, 16, 11]";
    for (name, run_file) in [
        (
            "counts",
            "model.name = 'disaster'\nsave_warmup = true\nwarmup = 95\nthin = 7\ndraws = 2000\n\
                    [data.values]\nyear = [1, 2, 3, 4, 5]\ndisasters = [4, 5, nan, 1, 0]"
                .to_owned(),
        ),
        ("side by side", "model.name = 'bivariate'\nchains = 11\nthin = 3\ndraws = 1000".to_owned()),
        ("one chain", format!("model.name = 'schools'\nchains = 1\ndraws = 3000\n[data.values]\n{schools}")),
        (
            "until",
            format!(
                "model.name = 'schools'\nchains = 3\ndraws = 200\nuntil = {{ rhat = 1.01, ess_bulk = 2500 }}\n\
                           model.order = 'random'\n[data.values]\n{schools}"
            ),
        ),
    ] {
        same_everywhere("gibbs", name, &run_file);
    }
}

/// Kernels of every kind, by the vector instructions of each level. (On a machine without some of them, levels are the
/// same.)
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn every_vector_unit_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    // More rows than one block of them, and not whole blocks.
    let many: Vec<String> = (0..5000).map(|row| ((row * 7919) % 1009).to_string()).collect();
    let few = format!("data.values.x = [{}]\n", many[..27].join(", "));
    let data = format!("data.values.x = [{}]\n", many.join(", "));
    let statistics = |names: [&str; 2]| {
        let one = |name| format!("{{ name = \"{name}\", columns = [\"x\"] }}");
        format!("statistic = [{}]\n", names.map(one).join(", "))
    };
    // Not whole vectors, either.
    let years: Vec<String> = (0..21).map(|year| year.to_string()).collect();
    let disasters = "5, 3, 4, nan, 4, 5, 3, 6, 4, 2, 1, 0, 1, 2, 0, nan, 1, 0, 0, 2, 1";
    let mines = format!("year = [{}]\ndisasters = [{disasters}]", years.join(", "));
    let scattered = "bootstrap = { resamples = 300, scattered = true }\n";
    for (application, run_file) in [
        ("abc", run_file(PROBLEMS[0].1)),
        ("bootstrap", few + &statistics(["mean", "sum"]) + "bootstrap.resamples = 3000\n"),
        ("bootstrap", data.clone() + &statistics(["mean", "sum"]) + "bootstrap.resamples = 300\n"),
        ("bootstrap", data.clone() + &statistics(["mean", "median"]) + "bootstrap.resamples = 300\n"),
        ("bootstrap", data + &statistics(["mean", "sum"]) + scattered),
        ("gibbs", "model.name = 'bivariate'\nchains = 3\ndraws = 1000".into()),
        ("gibbs", format!("model.name = 'disaster'\ndraws = 1000\n[data.values]\n{mines}")),
    ] {
        fs::write(folder.path().join("run.toml"), &run_file).unwrap();
        let run = |level: &str| {
            let binary = this_build().1.with_file_name(application);
            let run = alone(binary).folder(folder.path()).env("ENSAMPLE_ISA", level);
            run.args(["run.toml", "--quiet", "--force"]).run().expect_success();
            fs::read(folder.path().join(application).with_extension("h5")).unwrap()
        };
        let [first, others @ ..] = ["avx512", "avx2", "baseline"].map(run);
        assert!(others.iter().all(|bytes| *bytes == first), "{application}: {run_file}");
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn another_seed_gives_other_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (launcher, binary) = &this_build();
    fs::write(folder.path().join("run.toml"), run_file(PROBLEMS[0].1)).unwrap();
    let draws = |seed| {
        let flags = ["run.toml", "--quiet", "--force", "--seed", seed];
        on_ranks_of(launcher, 2, binary).folder(folder.path()).args(flags).run().expect_success();
        let reader = ensample::store::Reader::open(&folder.path().join("abc.h5")).unwrap();
        reader.values::<f64>("posterior/mu").unwrap()
    };
    let [one, two] = ["1", "2"].map(draws);
    assert!(one.iter().zip(&two).all(|(one, two)| one != two));
}

/// A run that ends for want of simulations is the same everywhere, too.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_partial_result_is_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.toml"), run_file(PROBLEMS[0].1)).unwrap();
    let (launcher, binary) = &this_build();
    let run = |(ranks, schedule, threads)| {
        let limited = ["run.toml", "--force", "--max-simulations", "5000"];
        let how = ["--quiet", "--schedule", schedule, "--threads", threads];
        let outcome = on_ranks_of(launcher, ranks, binary).folder(folder.path()).args(limited).args(how).run();
        assert_eq!((outcome.code(), outcome.errors().len()), (3, 0), "{outcome}");
        fs::read(folder.path().join("abc.h5")).unwrap()
    };
    let all = WAYS.map(run);
    assert!(all.iter().all(|bytes| *bytes == all[0]));
}

/// Each process would believe to be alone, and all would write the same file.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn another_mpis_launcher_is_refused() {
    let binaries = binaries();
    for (launcher, _) in &binaries {
        for (own, binary) in binaries.iter().filter(|(own, _)| own != launcher) {
            let folder = tempfile::tempdir().unwrap();
            let outcome = on_ranks_of(launcher, 3, binary).folder(folder.path()).run();
            assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "by {launcher}: {outcome}");
            let error = outcome.errors()[0];
            assert!(error.contains("started 3 processes, but each of them is alone"), "{own}: {outcome}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{outcome}");
            assert!(outcome.seconds < 5.0, "{outcome}");
        }
    }
}
