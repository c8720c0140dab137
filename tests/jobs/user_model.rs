//! A user's own crate: it is built as a user builds it, and has every flag of `abc`, `bootstrap` and `gibbs`.

use crate::launch::{Outcome, Program, alone, build, on_ranks};
use ensample::store::Reader;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn epidemic() -> Program {
    alone(build("user-model").join("epidemic"))
}

/// Runs it in a folder that holds `run.toml`: its own run file with what follows [tolerance] replaced.
fn with_acceptance(folder: &TempDir, acceptance: &str) -> Outcome {
    let own = include_str!("../user-model/epidemic.toml");
    let (problem, _) = own.split_once("[tolerance]").unwrap();
    fs::write(folder.path().join("run.toml"), format!("{problem}{acceptance}")).unwrap();
    epidemic().folder(folder.path()).args(["run.toml", "--json"]).run().expect_success()
}

fn json(outcome: &Outcome) -> serde_json::Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome}"))
}

fn draws(path: &Path, parameter: &str) -> Vec<f64> {
    Reader::open(path).unwrap().values(&format!("posterior/{parameter}")).unwrap()
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn it_solves_its_own_problem_on_any_number_of_ranks() {
    let folder = tempfile::tempdir().unwrap();
    let program = build("user-model").join("epidemic");
    let outcome = epidemic().folder(folder.path()).run().expect_success();
    for said in ["sir: 2000 of", "contact_rate", "infectious_days", "97.5%", "written: abc.h5"] {
        assert!(outcome.stdout.contains(said), "{said}: {outcome}");
    }
    let alone = fs::read(folder.path().join("abc.h5")).unwrap();
    for ranks in [2, 5] {
        let args = ["--out", "many.h5", "--force", "--threads", "2"];
        let outcome = on_ranks(ranks, &program).folder(folder.path()).args(args).run().expect_success();
        assert!(fs::read(folder.path().join("many.h5")).unwrap() == alone, "{outcome}");
    }
    // What is known of this epidemic: a boy infected one or two others a day, and was ill for about two days.
    let mean = |parameter| draws(&folder.path().join("abc.h5"), parameter).iter().sum::<f64>() / 2000.0;
    assert!((1.6..2.4).contains(&mean("contact_rate")), "{}", mean("contact_rate"));
    assert!((1.7..2.5).contains(&mean("infectious_days")), "{}", mean("infectious_days"));
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn it_has_every_flag_of_abc() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| epidemic().folder(folder.path()).args(args).run();

    let help = run(&["--help"]).expect_success().stdout;
    let flags = "--seed --draws --out --force --schedule --threads --quiet --json --trace --max-simulations --batch \
                 --print-run-file --help --version";
    for flag in flags.split_whitespace() {
        assert!(help.contains(flag), "{flag}: {help}");
    }
    assert_eq!(run(&["--print-run-file"]).expect_success().stdout, include_str!("../user-model/epidemic.toml"));

    let args = "--seed 9 --draws 50 --out few.h5 --schedule static --threads 2 --json --trace trace.h5 --batch 20";
    let outcome = run(&args.split_whitespace().collect::<Vec<_>>()).expect_success();
    assert_eq!(json(&outcome)["accepted"], 50);
    assert_eq!(draws(&folder.path().join("few.h5"), "contact_rate").len(), 50);
    assert!(folder.path().join("trace.h5").exists());

    let again = run(&["--out", "few.h5", "--draws", "10", "--quiet"]);
    assert_eq!((again.code(), again.errors()), (2, vec!["epidemic: error: few.h5: exists; --force replaces it"]));
    let quiet = run(&["--out", "few.h5", "--draws", "10", "--quiet", "--force"]).expect_success();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(draws(&folder.path().join("few.h5"), "contact_rate").len(), 10);

    let partial = run(&["--max-simulations", "100", "--out", "partial.h5", "--json"]);
    assert_eq!((partial.code(), &json(&partial)["partial"]), (3, &true.into()), "{partial}");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn it_can_use_one_distance_scaled_by_a_pilot() {
    let folder = tempfile::tempdir().unwrap();
    let said = with_acceptance(&folder, "[distance]\npilot = 500\nweights = { peak_day = 2.0 }\ntolerance = 1.0");
    assert_eq!(json(&said)["accepted"], 2000);
    let reader = Reader::open(&folder.path().join("abc.h5")).unwrap();
    let distances: Vec<f64> = reader.values("sample_stats/distance").unwrap();
    assert!(distances.len() == 2000 && distances.iter().all(|distance| (0.0..1.0).contains(distance)));
    let differences: Vec<f64> = reader.values("sample_stats/difference").unwrap();
    let weights: Vec<f64> = reader.values("sample_stats/weight").unwrap();
    for (distance, difference) in distances.iter().zip(differences.chunks_exact(3)) {
        let squares =
            difference.iter().zip(&weights).map(|(difference, weight)| (difference * weight) * (difference * weight));
        assert!((squares.sum::<f64>().sqrt() - distance).abs() < 1e-12);
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn it_can_keep_the_nearest_of_many() {
    let folder = tempfile::tempdir().unwrap();
    let best_of = "best_of = { simulations = 5000, quantile = 0.02 }";
    let own = include_str!("../user-model/epidemic.toml").replace("draws = 2000", "");
    let (problem, _) = own.split_once("[tolerance]").unwrap();
    fs::write(folder.path().join("run.toml"), format!("{problem}[distance]\npilot = 500\n{best_of}")).unwrap();
    let said = epidemic().folder(folder.path()).args(["run.toml", "--json", "--out", "abc.h5"]).run().expect_success();
    assert_eq!((&json(&said)["accepted"], &json(&said)["simulations"]), (&100.into(), &5000.into()));
    let path = folder.path().join("abc.h5");
    let far = Reader::open(&path).unwrap().values("sample_stats/distance").unwrap().into_iter().fold(0.0, f64::max);
    // They are the nearest: within the largest of their distances there are no more.
    let all = "draws = 5000\n[distance]\npilot = 500\nbest_of = { simulations = 5000 }";
    let (head, rest) = problem.split_once("[data]").unwrap();
    let (draws, distance) = all.split_once('\n').unwrap();
    fs::write(folder.path().join("all.toml"), format!("{head}{draws}\n[data]{rest}{distance}")).unwrap();
    epidemic().folder(folder.path()).args(["all.toml", "--out", "all.h5"]).run().expect_success();
    let all: Vec<f64> = Reader::open(&folder.path().join("all.h5")).unwrap().values("sample_stats/distance").unwrap();
    assert_eq!(all.iter().filter(|distance| **distance <= far).count(), 100);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn data_that_its_model_refuses_are_named_by_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../user-model/epidemic.toml").replace("[3, 8,", "[0, 8,");
    fs::write(folder.path().join("run.toml"), text).unwrap();
    let outcome = epidemic().folder(folder.path()).args(["run.toml"]).run();
    assert_eq!(outcome.code(), 2, "{outcome}");
    let message = "an epidemic begins with 1 to 762 in bed, not 0";
    assert!(outcome.stderr.starts_with("epidemic: error: run.toml:") && outcome.stderr.contains(message), "{outcome}");
    assert!(!outcome.stderr.contains("model.name"), "it is the data that are wrong, not the model's name: {outcome}");
}

/// A statistic that heeds no weights is given the drawn rows: every replicate is a possible one, and exact enumeration
/// gives the limit of what is drawn.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_statistic_of_ones_own_has_every_flag_of_bootstrap() {
    let folder = tempfile::tempdir().unwrap();
    let program = build("user-model").join("peak");
    let run = |args: &[&str]| alone(&program).folder(folder.path()).args(args).run();
    let exact = json(&run(&["--exact", "--json"]).expect_success());
    fs::rename(folder.path().join("bootstrap.h5"), folder.path().join("exact.h5")).unwrap();
    let args = ["--resamples", "100000", "--json", "--trace", "trace.h5"];
    let drawn = json(&on_ranks(3, &program).folder(folder.path()).args(args).run().expect_success());
    for statistic in ["peak_factor", "median"] {
        let [exact, drawn] = [&exact, &drawn].map(|said| &said["statistics"][statistic]);
        assert_eq!(exact["estimate"], drawn["estimate"]);
        let number = |said: &serde_json::Value, name: &str| said[name].as_f64().unwrap();
        let off = (number(exact, "standard_error") - number(drawn, "standard_error")).abs();
        assert!(off < 4.0 * number(drawn, "standard_error_mc_error"), "{statistic}: {exact} {drawn}");
    }
    let replicates: Vec<f64> =
        Reader::open(&folder.path().join("bootstrap.h5")).unwrap().values("replicates/peak_factor").unwrap();
    assert!(replicates.iter().all(|factor| (1.0..=8.0).contains(factor)));
    let bytes = fs::read(folder.path().join("bootstrap.h5")).unwrap();
    run(&["--resamples", "100000", "--force", "--quiet", "--threads", "2"]).expect_success();
    assert!(fs::read(folder.path().join("bootstrap.h5")).unwrap() == bytes);
    let refused = run(&["--scattered", "--force"]);
    assert_eq!((refused.code(), refused.errors().len()), (2, 1), "{refused}");
    assert!(refused.stderr.contains("heeds weights"), "{refused}");
}

/// Of 8 chains of 5000 draws, each worth (1 - 0.64) / (1 + 0.64) independent ones, means and the correlation have standard
/// errors of 0.011 and 0.006: five of them.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_chain_of_ones_own_has_every_flag_of_gibbs() {
    let folder = tempfile::tempdir().unwrap();
    let program = build("user-model").join("pair");
    let args = ["--chains", "8", "--draws", "5000", "--save-warmup", "--json", "--trace", "trace.h5"];
    let said = json(&on_ranks(3, &program).folder(folder.path()).args(args).run().expect_success());
    assert!(said["quantities"]["x"]["r_hat"].as_f64().unwrap() < 1.01, "{said}");
    let path = folder.path().join("gibbs.h5");
    let (x, y) = (draws(&path, "x"), draws(&path, "y"));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let product: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x * y).collect();
    assert!(mean(&x).abs() < 0.055 && (mean(&product) - 0.8).abs() < 0.055, "{} {}", mean(&x), mean(&product));
    let bytes = fs::read(&path).unwrap();
    let args = ["--chains", "8", "--draws", "5000", "--save-warmup", "--quiet", "--force", "--threads", "3"];
    alone(&program).folder(folder.path()).args(args).run().expect_success();
    assert!(fs::read(&path).unwrap() == bytes);
}
