//! How often 95 % intervals hold the truth: the mean of 20 lognormal values, 2000 times, against an independent
//! implementation.
//!
//! It has no test harness because MPI starts and ends once in a process. Without optimisation it would take long, and
//! does nothing.

use ensample::Result;
use ensample::bootstrap::interval::{Basis, Distribution, Interpolation, Method, Monte, endpoint};
use ensample::bootstrap::{
    Acceleration, Column, Estimator, Mean, Means, Problem, Replicates, Scheme, Table, Variance, Watch, acceleration,
    replicate,
};
use ensample::stream::Streams;
use ensample::world::World;
use std::process::ExitCode;
use std::sync::Arc;

const DATA_SETS: u64 = 2000;
const ROWS: usize = 20;
const RESAMPLES: u64 = 999;

/// Coverage by REFERENCE_SETS data sets in NumPy: exp(1.2 standard_normal(20) − 0.72), 999 resamples by integers(0, 20), all
/// intervals by their textbook formulas, quantiles by numpy.quantile.
const REFERENCE_SETS: f64 = 20_000.0;
const REFERENCE: [(Method, f64); 6] = [
    (Method::Normal, 0.8081),
    (Method::Basic, 0.7829),
    (Method::Percentile, 0.8221),
    (Method::Studentized, 0.9028),
    (Method::BiasCorrected, 0.8304),
    (Method::Bca, 0.847_55),
];

struct Nobody;
impl Watch for Nobody {}

/// Which of the intervals hold the true mean, 1; the last one is BCa with an acceleration of the wrong sign.
fn hold(world: &World, data: u64) -> Result<Vec<bool>> {
    let mut values = vec![0.0; ROWS];
    Streams::new(31, 100).stream(data).fill_normal(&mut values);
    values.iter_mut().for_each(|x| *x = libm::exp(1.2 * *x - 0.72)); // mean 1
    let problem = Arc::new(Problem {
        table: Arc::new(Table::new(vec![Column::new("x", values)])?),
        estimators: vec![Estimator { name: "mean".into(), statistic: Arc::new(Mean), columns: vec![0] }],
        scheme: Scheme::Ordinary,
        resamples: RESAMPLES,
        batch: 999,
        seed: data,
        variance: Some(Variance::Influence),
        jackknife_after: false,
    });
    let means = Means::default();
    let (replicates, _) = replicate(world, &problem, means.clone(), Replicates::default(), &mut Nobody)?;
    let (accelerations, _) = acceleration(world, &problem, means, Acceleration::Jackknife)?;
    let (estimate, standard_error) = (problem.estimates()?[0], problem.standard_errors()?[0]);
    let t = replicates.column(0).zip(replicates.column(1)).map(|(value, error)| (value - estimate) / error);
    let studentized = Monte::new(t.collect(), 0.0, Interpolation::Linear);
    let values = Monte::new(replicates.column(0).collect(), estimate, Interpolation::Linear);
    let holds = |method, acceleration| {
        let basis = Basis { estimate, standard_error, acceleration };
        let end = |p| endpoint(method, p, &basis, &values, Some(&studentized as &dyn Distribution)).value;
        end(0.025) <= 1.0 && 1.0 <= end(0.975)
    };
    let right = REFERENCE.iter().map(|(method, _)| holds(*method, accelerations[0]));
    Ok(right.chain([holds(Method::Bca, -accelerations[0])]).collect())
}

/// Within 4 standard errors of both samples: a chance of 1 in 2600 for all six together.
fn agree(found: f64, reference: f64) -> bool {
    let variance = reference * (1.0 - reference) * (1.0 / DATA_SETS as f64 + 1.0 / REFERENCE_SETS);
    (found - reference).abs() < 4.0 * variance.sqrt()
}

/// Of the data sets in which just one of two intervals holds the truth, by how many standard errors that is more often
/// the first one.
fn better(held: &[Vec<bool>], first: usize, second: usize) -> f64 {
    let count = |a: usize, b: usize| held.iter().filter(|held| held[a] && !held[b]).count() as f64;
    let (won, lost) = (count(first, second), count(second, first));
    (won - lost) / (won + lost).sqrt()
}

fn check(world: &World) -> Result<u8> {
    let held: Vec<Vec<bool>> = (0..DATA_SETS).map(|data| hold(world, data)).collect::<Result<_>>()?;
    let share = |number: usize| held.iter().filter(|held| held[number]).count() as f64 / DATA_SETS as f64;
    let number = |wanted| REFERENCE.iter().position(|(method, _)| *method == wanted).unwrap();
    for (method, reference) in REFERENCE {
        let found = share(number(method));
        println!("{}: {found:.4}, reference {reference:.4}", method.name());
        assert!(agree(found, reference), "{}", method.name());
    }
    let percentile = number(Method::Percentile);
    let broken = REFERENCE.len();
    let scores = [
        better(&held, number(Method::Bca), percentile),
        better(&held, number(Method::Studentized), percentile),
        better(&held, number(Method::Bca), broken),
    ];
    println!("standard errors by which BCa and studentized beat percentile, and BCa a wrong sign: {scores:.1?}");
    assert!(scores.iter().all(|score| *score > 3.0));
    // A wrong variant is found out: basic ends in the place of BCa's.
    assert!(!agree(share(number(Method::Basic)), REFERENCE[number(Method::Bca)].1));
    Ok(0)
}

fn main() -> ExitCode {
    if cfg!(debug_assertions) {
        println!("skipped: it needs an optimised build");
        return ExitCode::SUCCESS;
    }
    ensample::world::launch(check)
}
