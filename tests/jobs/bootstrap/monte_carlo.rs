//! Resampling against full enumeration.

use super::{AIRCONDIT, CITY, Folder, interval, number};
use std::ops::RangeInclusive;
use std::thread;

const METHODS: &str =
    "interval.methods = [\"normal\", \"basic\", \"percentile\", \"studentized\", \"bias_corrected\", \"bca\"]";

/// A million resamples are within 4 of their own Monte Carlo standard errors of what is exact: 72 comparisons, one of
/// which would fail by chance in 1 of 200 choices of seeds. The smallest step between two possible values of the
/// statistic is allowed for, where the distribution is so discrete that it counts.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn a_million_resamples_agree_with_enumeration() {
    for (run_file, step) in [(CITY, 0.0), (AIRCONDIT, 1.0 / 12.0)] {
        let folder = Folder::new(&format!("{run_file}\n{METHODS}"));
        let exact = folder.summary("--exact");
        for seed in 1..=3 {
            let drawn = folder.summary(&format!("--resamples 1000000 --seed {seed}"));
            for method in ["normal", "basic", "percentile", "studentized", "bias_corrected", "bca"] {
                for ((found, error), (known, _)) in interval(&drawn, method).into_iter().zip(interval(&exact, method)) {
                    let off = (found - known).abs();
                    assert!(off <= 4.0 * error + step, "{method}, seed {seed}: {found} is not {known}; error {error}");
                }
            }
            for name in ["bias", "standard_error"] {
                let error = number(&drawn, &format!("{name}_mc_error"));
                let off = number(&drawn, name) - number(&exact, name);
                assert!(off.abs() <= 4.0 * error, "{name}, seed {seed}: {off}, {error}");
            }
        }
    }
}

/// The reported Monte Carlo errors are what ends vary by from seed to seed: over 200 seeds the ratio of the two has a
/// standard error of about 5 % for itself, and the order statistics behind a reported error vary, too. A variant
/// whose errors are off by a factor of 1.5 is found out.
#[test]
#[ignore = "takes long: scripts/test"]
fn reported_errors_are_right() {
    // Four at a time: most of each is starting and ending.
    let summaries_of = |seeds: RangeInclusive<u32>| {
        let folder = Folder::new(&format!("{CITY}\n{METHODS}"));
        seeds.map(|seed| folder.summary(&format!("--resamples 20000 --seed {seed}"))).collect::<Vec<_>>()
    };
    let summaries: Vec<_> = thread::scope(|scope| {
        let parts = [1..=50, 51..=100, 101..=150, 151..=200].map(|seeds| scope.spawn(|| summaries_of(seeds)));
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let ratio = |pairs: Vec<(f64, f64)>| {
        let n = pairs.len() as f64;
        let mean = pairs.iter().map(|(value, _)| value).sum::<f64>() / n;
        let sd = (pairs.iter().map(|(value, _)| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)).sqrt();
        let reported = (pairs.iter().map(|(_, error)| error * error).sum::<f64>() / n).sqrt();
        sd / reported
    };
    let right = |ratio: f64| (0.8..1.25).contains(&ratio);
    for method in ["normal", "basic", "percentile", "studentized", "bias_corrected", "bca"] {
        for end in [0, 1] {
            let found = ratio(summaries.iter().map(|summary| interval(summary, method)[end]).collect());
            assert!(right(found), "{method}, end {end}: {found}");
            assert!(!right(found / 1.5) && !right(found * 1.5));
        }
    }
    for name in ["bias", "standard_error"] {
        let pair = |summary| (number(summary, name), number(summary, &format!("{name}_mc_error")));
        let found = ratio(summaries.iter().map(pair).collect());
        assert!(right(found), "{name}: {found}");
    }
}

#[test]
fn resamples_are_added_until_ends_are_precise() {
    let folder = Folder::new(&format!("{CITY}\ninterval.methods = [\"percentile\"]"));
    let summary = folder.summary("--until-mc-error 0.01 --resamples 100");
    assert!(interval(&summary, "percentile").iter().all(|(_, error)| *error <= 0.01));
    assert!(summary["resamples"].as_u64().unwrap() > 100);
    // At most so many: the result is there, and marked.
    let outcome = folder.run("--force --json --until-mc-error 0.0001 --resamples 100 --max-resamples 5000");
    assert_eq!(outcome.code(), 3, "{outcome}");
    assert!(outcome.stdout.contains("\"partial\":true") && outcome.stdout.contains("largest_mc_error"));
}
