//! What holds between runs of `abc`: longer and shorter ones, limited ones, other batches, other words for the same
//! rule.
#![allow(clippy::disallowed_methods)] // expected values need not have the same last bits everywhere

use crate::abc::run::Run;
use crate::statistics::ks_two_sample_test;

/// Two samples have different distributions when a p-value is below this; there are 6 p-values in this program.
const ALPHA: f64 = 1e-5;

/// A problem of which a few percent are accepted.
const PROBLEM: &str = "
batch = 100
[data]
values = [2.0, 3.0, 3.0, 4.0, 5.0, 7.0]
[model]
name = 'normal'
[prior]
mu = { normal = { mean = 3.0, sd = 2.0 } }
sigma = { gamma = { shape = 2.0, rate = 0.8 } }
";

const TOLERANCE: &str = "[tolerance]\nmean = 0.5\nsd = 0.25\n";
const ANYTHING: &str = "[tolerance]\nmean = inf\nsd = inf\n";

fn problem(rule: &str) -> String {
    PROBLEM.to_owned() + rule
}

/// All that a result says of its draws: parameters, differences, task and simulation.
type Draws = Vec<((f64, f64), [f64; 2], (i64, i64))>;

fn draws(run: &Run) -> Draws {
    let differences = run.values::<f64>("sample_stats/difference");
    let differences = differences.as_chunks::<2>().0.iter().copied();
    run.draws().into_iter().zip(differences).zip(run.numbers()).map(|((draw, d), number)| (draw, d, number)).collect()
}

/// The number of a simulation, from 0, in batches of 100.
fn number((task, simulation): (i64, i64)) -> u64 {
    (task * 100 + simulation) as u64
}

#[test]
fn fewer_draws_are_the_first_of_more() {
    let run = |draws: &str| Run::complete(Some(&problem(TOLERANCE)), &["--draws", draws]);
    let long = run("400");
    let all = draws(&long);
    for count in [1, 57, 399] {
        let short = run(&count.to_string());
        assert_eq!(draws(&short), all[..count]);
        assert!(short.count("simulations") < long.count("simulations"));
    }
}

/// `simulations` counts up to the last accepted draw, not to the end of its task.
#[test]
fn simulations_are_counted_to_the_last_draw() {
    for draws in [1, 10, 333] {
        let run = Run::complete(Some(&problem(TOLERANCE)), &["--draws", &draws.to_string()]);
        let numbers: Vec<u64> = run.numbers().into_iter().map(number).collect();
        assert!(numbers.is_sorted_by(|x, y| x < y));
        assert_eq!(run.count("simulations"), numbers[draws - 1] + 1);
        let summary = run.summary();
        assert_eq!(summary["simulations"], run.count("simulations"));
        assert_eq!(summary["acceptance_rate"], draws as f64 / run.count("simulations") as f64);
        assert_eq!((run.count("accepted"), run.count("partial")), (draws as u64, 0));
        assert_eq!(summary["partial"], false);
        // One draw has no standard deviation with divisor n − 1.
        assert_eq!(summary["parameters"]["mu"]["sd"].is_null(), draws == 1);
    }
}

/// Exactly so many simulations, in the middle of a task too.
#[test]
fn max_simulations_is_exact() {
    for limit in [1, 100, 1234] {
        let run = Run::partial(Some(&problem(ANYTHING)), &["--max-simulations", &limit.to_string()]);
        let numbers: Vec<u64> = run.numbers().into_iter().map(number).collect();
        assert_eq!(numbers, (0..limit).collect::<Vec<_>>());
        assert_eq!((run.count("simulations"), run.count("partial")), (limit, 1));
        assert_eq!(run.summary()["partial"], true);
    }
    let just_enough = ["--max-simulations", "1234", "--draws", "1234"];
    assert_eq!(Run::complete(Some(&problem(ANYTHING)), &just_enough).count("partial"), 0);
}

/// A limit changes no draw: it only ends earlier.
#[test]
fn a_partial_result_is_the_beginning_of_the_whole() {
    let whole = Run::complete(Some(&problem(TOLERANCE)), &["--draws", "300"]);
    let all = draws(&whole);
    let last = whole.count("simulations");
    for limit in [last - 1, 150] {
        let part =
            Run::partial(Some(&problem(TOLERANCE)), &["--draws", "300", "--max-simulations", &limit.to_string()]);
        let count = all.iter().filter(|draw| number(draw.2) < limit).count();
        assert_eq!(draws(&part), all[..count]);
        assert_eq!((part.count("simulations"), part.count("accepted")), (limit, count as u64));
    }
    let enough = Run::complete(Some(&problem(TOLERANCE)), &["--draws", "300", "--max-simulations", &last.to_string()]);
    assert_eq!(draws(&enough), all);
}

/// A limit so low that nothing is accepted leaves a result without draws, and says so.
#[test]
fn nothing_accepted() {
    let nothing = Run::partial(Some(&problem("[tolerance]\nmean = 1e-9\nsd = 1e-9\n")), &["--max-simulations", "5"]);
    assert!(nothing.draws().is_empty());
    assert_eq!((nothing.count("simulations"), nothing.count("accepted")), (5, 0));
    let summary = nothing.summary();
    assert_eq!(summary["acceptance_rate"], 0.0);
    assert!(summary["parameters"]["mu"]["mean"].is_null());
}

/// Simulation s of task t is the same whatever the batch. Another batch has other tasks, and so other draws, from the
/// same distribution.
#[test]
fn batches_change_draws_but_not_their_distribution() {
    let run = |batch: &str, seed| {
        Run::complete(Some(&problem(TOLERANCE)), &["--draws", "1000", "--batch", batch, "--seed", seed])
    };
    let column = |draws: &[(f64, f64)], f: fn(&(f64, f64)) -> f64| draws.iter().map(f).collect::<Vec<f64>>();
    let (reference, other_seed) = (draws(&run("100", "1")), run("100", "2").draws());
    for batch in ["7", "1000"] {
        let same_seed = run(batch, "1");
        assert_ne!(draws(&same_seed), reference);
        let common = |draw: &((f64, f64), _, (i64, i64))| reference.iter().find(|other| other.2 == draw.2).copied();
        let pairs: Vec<_> = draws(&same_seed).into_iter().filter_map(|draw| Some((draw, common(&draw)?))).collect();
        assert!(!pairs.is_empty() && pairs.iter().all(|(draw, other)| draw == other), "batch {batch}");
        // Draws in common are no independent ones.
        for parameter in [|draw: &(f64, f64)| draw.0, |draw: &(f64, f64)| draw.1, |draw: &(f64, f64)| draw.0 / draw.1] {
            let p = ks_two_sample_test(&column(&other_seed, parameter), &column(&same_seed.draws(), parameter));
            assert!(p > ALPHA, "batch {batch}: {p}");
        }
    }
}

/// No draw occurs twice, within a run and in runs with neighbouring seeds.
#[test]
fn no_draw_occurs_twice() {
    let mut all = Vec::new();
    for seed in ["0", "1", "2", "4294967296"] {
        all.extend(Run::complete(Some(&problem(TOLERANCE)), &["--draws", "500", "--seed", seed]).draws());
    }
    all.sort_by(|x, y| x.partial_cmp(y).unwrap());
    all.dedup();
    assert_eq!(all.len(), 2000);
}

/// The largest of weighted differences below 1 is each of them below the inverse of its weight. (Powers of two, so that
/// there is no rounding.)
#[test]
fn the_largest_difference_is_a_tolerance_for_each() {
    let flags = ["--draws", "300"];
    let each = Run::complete(Some(&problem("[tolerance]\nmean = 0.5\nsd = 0.25\n")), &flags);
    let weights = "weights = { mean = 2, sd = 4 }";
    let rule = format!("[distance]\nnorm = inf\nscale = 'none'\n{weights}\ntolerance = 1\n");
    let largest = Run::complete(Some(&problem(&rule)), &flags);
    assert_eq!(draws(&largest), draws(&each));
    let distances = largest.values::<f64>("sample_stats/distance");
    for ((_, [mean, sd], _), distance) in draws(&largest).into_iter().zip(distances) {
        assert_eq!(distance, f64::max(2.0 * mean.abs(), 4.0 * sd.abs()));
    }
}

/// Data in a file are the same as data in the run file.
#[test]
fn data_may_be_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("y.csv");
    std::fs::write(&file, "y\n2\n3\n3\n4.0\n5\n7e0\n").unwrap();
    let values = "values = [2.0, 3.0, 3.0, 4.0, 5.0, 7.0]";
    let of_file = problem(TOLERANCE).replace(values, &format!("file = '{}'", file.display()));
    let flags = ["--draws", "50"];
    let (file, values) = (Run::complete(Some(&of_file), &flags), Run::complete(Some(&problem(TOLERANCE)), &flags));
    assert_eq!(draws(&file), draws(&values));
    assert_eq!(file.values::<f64>("observed_data/y"), values.values::<f64>("observed_data/y"));
}
