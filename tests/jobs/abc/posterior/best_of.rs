//! The best of so many simulations.

use super::SEEDS;
use super::comparison::{ALPHA, Comparison, Draws};
use super::exact::{Exact, Rule};
use super::problems::euclidean_distance;
use crate::abc::run::Run;
use crate::statistics::z_test;

/// The draws kept by `best_of` are exactly the nearest: those that two other ways of asking for them give, bit by bit.
#[test]
fn best_of_keeps_the_nearest() {
    const SIMULATIONS: usize = 6000;
    let rule = |text: &str| {
        let table = "[distance]\nscale = \"none\"\nweights = { sd = 2.0 }\n";
        euclidean_distance().run_file_without_rule() + table + text
    };
    let everything = |run: &Run| {
        let distances = run.values::<f64>("sample_stats/distance");
        run.draws().into_iter().zip(run.numbers()).zip(distances).collect::<Vec<_>>()
    };
    let all = Run::complete(Some(&rule("tolerance = inf")), &["--draws", &SIMULATIONS.to_string()]);
    let all = everything(&all);
    let mut distances: Vec<f64> = all.iter().map(|(_, distance)| *distance).collect();
    distances.sort_by(f64::total_cmp);
    for (kept, how) in [(1, ""), (60, ", quantile = 0.01"), (777, ""), (SIMULATIONS, "")] {
        let asked = rule(&format!("best_of = {{ simulations = {SIMULATIONS}{how} }}"));
        let draws = kept.to_string();
        let flags = ["--draws", &draws];
        let best = Run::complete(Some(&asked), if how.is_empty() { &flags } else { &[] });
        assert_eq!(best.count("simulations"), SIMULATIONS as u64);
        let best = everything(&best);
        // The best of the table of all ...
        let last = distances[kept - 1];
        assert!(distances.get(kept).is_none_or(|next| last < *next), "an undecided test");
        let nearest: Vec<_> = all.iter().filter(|(_, distance)| *distance <= last).copied().collect();
        assert_eq!(best, nearest);
        // ... and those within a tolerance between the last that is kept and the next.
        if let Some(next) = distances.get(kept) {
            let tolerance = format!("tolerance = {:?}", 0.5 * (last + next));
            let flags = ["--max-simulations", &SIMULATIONS.to_string()];
            let within = Run::partial(Some(&rule(&tolerance)), &flags);
            assert_eq!(everything(&within), best);
        }
    }
}

/// Given the distance of the first draw that is not kept, the q nearest are independent draws from the exact posterior
/// for that distance as the tolerance; and the exact acceptance rate for it is an order statistic of uniform numbers,
/// number q + 1 of M: beta distributed with mean (q + 1) / (M + 1).
fn compare_best_of(simulations: u64, kept: usize) {
    let mut problem = euclidean_distance();
    let Rule::Distance { p, weights, .. } = problem.rule else { unreachable!() };
    let asked = problem.run_file_without_rule()
        + &format!("[distance]\nnorm = {p:?}\nscale = \"none\"\nbest_of = {{ simulations = {simulations} }}\n")
        + &format!("weights = {{ mean = {:?}, sd = {:?} }}\n", weights.0, weights.1);
    for seed in SEEDS {
        let flags = ["--seed", &seed.to_string(), "--draws", &(kept + 1).to_string()];
        let run = Run::complete(Some(&asked), &flags);
        let distances = run.values::<f64>("sample_stats/distance");
        let tolerance = distances.iter().copied().fold(0.0, f64::max);
        let mut draws = Draws::default();
        let within = run.draws().into_iter().zip(&distances).filter(|(_, distance)| **distance < tolerance);
        within.for_each(|(draw, _)| draws.push(draw));
        assert_eq!(draws.mu.len(), kept);

        problem.rule = Rule::Distance { p, weights, tolerance };
        let exact = Exact::new(&problem);
        Comparison::of_shape(&draws, &exact).assert_right("best of");
        let (m, q) = (simulations as f64, kept as f64);
        let mean = (q + 1.0) / (m + 1.0);
        let sd = (mean * (1.0 - mean) / (m + 2.0)).sqrt();
        assert!(z_test(exact.acceptance_rate, mean, sd) > ALPHA, "{} and {mean} ± {sd}", exact.acceptance_rate);
    }
}

/// Two thousand draws: the variance of a few hundred is too skew for a normal distribution's far tail.
#[test]
fn best_of() {
    compare_best_of(80_000, 2_000);
}

#[test]
#[ignore = "takes long in a debug build: scripts/test"]
fn best_of_many() {
    compare_best_of(1_000_000, 20_000);
}
