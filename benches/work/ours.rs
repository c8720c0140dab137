//! The kernels of the library.

use ensample::abc::models::Normal;
use ensample::abc::{Prior, Simulator};
use ensample::bootstrap::{Column, Estimator, Mean, Means, Problem, Replicates, Scheme, Table, Watch, replicate};
use ensample::diagnostics::{ChainSummary, Chains};
use ensample::distribution::{self, Distribution};
use ensample::mcmc::models::{Bivariate, Disaster, DisasterPriors};
use ensample::mcmc::{Gibbs, Order, Recorded, Sampler, Stage};
use ensample::stream::{Stream, Streams};
use ensample::world::World;
use std::hint::black_box;
use std::sync::Arc;

/// Something that is done over and over.
pub struct Kernel {
    pub name: &'static str,
    /// How many items are made at a time.
    pub items: u64,
    pub begin: Begin,
}

/// How what makes the items is set up.
pub enum Begin {
    Alone(fn() -> Run<'static>),
    /// On the ranks of a job, though it be of one.
    OnRanks(for<'a> fn(&'a World) -> Run<'a>),
}

/// Makes the items, and gives a number that depends on them.
pub type Run<'a> = Box<dyn FnMut() -> f64 + 'a>;

pub const KERNELS: [Kernel; 11] = [
    alone("normal", VALUES, || fill(0.0, Stream::fill_normal)),
    alone("uniform", VALUES, || fill(0.0, Stream::fill_uniform)),
    alone("exponential", VALUES, || fill(0.0, Stream::fill_exponential)),
    alone("index", VALUES, || fill(0, |stream, values| stream.fill_index(25, values))),
    alone("stream", 1000, streams),
    alone("simulation", SIMULATIONS, simulations),
    alone("bivariate", SWEEPS, || chains(Gibbs::new(Bivariate, Order::Fixed))),
    alone("disaster", SWEEPS, || chains(Gibbs::new(disaster(), Order::Fixed))),
    alone("summary", 8 * DRAWS, summary),
    // So many that it doesn't matter what their job costs besides them: a millisecond.
    Kernel { name: "mean25", items: MANY, begin: Begin::OnRanks(|world| resamples(world, 25, MANY)) },
    Kernel { name: "mean1e6", items: FEW, begin: Begin::OnRanks(|world| resamples(world, 1_000_000, FEW)) },
];

const VALUES: u64 = 4096;
const SIMULATIONS: u64 = 1000;
const SWEEPS: u64 = 8000;
const DRAWS: u64 = 100_000;
const MANY: u64 = 1 << 20;
const FEW: u64 = 256;

const fn alone(name: &'static str, items: u64, begin: fn() -> Run<'static>) -> Kernel {
    Kernel { name, items, begin: Begin::Alone(begin) }
}

fn fill<T: Copy + Into<f64> + 'static>(value: T, fill: fn(&mut Stream, &mut [T])) -> Run<'static> {
    let mut stream = Streams::new(1, 0).stream(0);
    let mut values = vec![value; VALUES as usize];
    Box::new(move || {
        fill(&mut stream, black_box(&mut values));
        values[0].into()
    })
}

/// Those of one task after the other.
fn streams() -> Run<'static> {
    let mut streams = Streams::new(1, 0).walk();
    let mut task = 0;
    Box::new(move || {
        for _ in 0..1000 {
            task += 1;
            black_box(streams.stream(task));
        }
        0.0
    })
}

/// Of the default problem of `abc`: draws from the prior, simulates 50 values, and looks whether their mean and standard
/// deviation are near the observed ones.
fn simulations() -> Run<'static> {
    let model = Normal::new(observations()).unwrap();
    let prior = Prior::new(vec![
        Distribution::Normal(distribution::Normal::new(0.0, 10.0).unwrap()),
        Distribution::Uniform(distribution::Uniform::new(0.0, 20.0).unwrap()),
    ]);
    let mut observed = [0.0; 2];
    model.observed(&mut observed).unwrap();
    let mut stream = Streams::new(1, 0).stream(0);
    let (mut theta, mut summary) = ([0.0; 2 * Normal::TOGETHER], [0.0; 2 * Normal::TOGETHER]);
    Box::new(move || {
        let mut accepted = 0;
        for _ in 0..SIMULATIONS as usize / Normal::TOGETHER {
            theta.chunks_exact_mut(2).for_each(|theta| prior.sample(&mut stream, theta));
            model.simulate_together(&theta, &mut stream, &mut summary).unwrap();
            let near =
                |summary: &&[f64]| (summary[0] - observed[0]).abs() < 0.2 && (summary[1] - observed[1]).abs() < 0.8;
            accepted += summary.chunks_exact(2).filter(near).count();
        }
        accepted as f64
    })
}

/// The data of that problem.
pub fn observations() -> Vec<f64> {
    let file: toml::Table = include_str!("../../mpi-apps/abc.toml").parse().unwrap();
    numbers(&file["data"]["values"])
}

/// The default problem of `gibbs`.
fn disaster() -> Disaster {
    let [years, counts] = coal_mines();
    Disaster::new(years, counts, DisasterPriors::default()).unwrap()
}

/// Its data: the years, and how many disasters each had.
pub fn coal_mines() -> [Vec<f64>; 2] {
    let file: toml::Table = include_str!("../../mpi-apps/gibbs/disaster.toml").parse().unwrap();
    ["year", "disasters"].map(|name| numbers(&file["data"]["values"][name]))
}

fn numbers(list: &toml::Value) -> Vec<f64> {
    let number = |value: &toml::Value| value.as_float().or(value.as_integer().map(|whole| whole as f64));
    list.as_array().unwrap().iter().map(|value| number(value).unwrap()).collect()
}

/// As many chains as the sampler takes side by side, without what they record; an item is a sweep of one of them.
fn chains(sampler: impl Sampler + 'static) -> Run<'static> {
    let sampler = Arc::new(sampler);
    let together = sampler.together();
    let begin = |number| Arc::clone(&sampler).begin(Streams::new(1, 0).stream(number), None).unwrap();
    let mut chains: Vec<_> = (0..together as u64).map(begin).collect();
    let mut values = vec![0.0; sampler.variables().iter().map(|variable| variable.len()).sum()];
    let mut statistics = vec![0.0; sampler.statistics().len()];
    Box::new(move || {
        let mut all = Vec::new();
        for chain in &mut chains {
            all.push(Recorded { chain: &mut **chain, values: &mut [], statistics: &mut [] });
        }
        sampler.advance(&mut all, Stage::Sampling, SWEEPS / together as u64, 1).unwrap();
        chains[0].record(&mut values, &mut statistics);
        values[0]
    })
}

/// Everything that a summary says of a quantity, from 8 chains; an item is a draw.
fn summary() -> Run<'static> {
    let mut stream = Streams::new(1, 0).stream(0);
    let mut x = 0.0;
    let autoregression = (0..8 * DRAWS).map(|_| {
        x = 0.8 * x + 0.6 * stream.normal();
        x
    });
    let values: Vec<f64> = autoregression.collect();
    Box::new(move || Chains::new(black_box(&values), 8).map_or(0.0, |chains| ChainSummary::of(chains, 0.94).mean))
}

/// Data to draw resamples from.
pub fn data(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| (row * 7919 % 1009) as f64).collect()
}

/// Replicates of the mean, as `bootstrap` makes them.
fn resamples(world: &World, rows: usize, resamples: u64) -> Run<'_> {
    let problem = Arc::new(Problem {
        table: Arc::new(Table::new(vec![Column::new("x", data(rows))]).unwrap()),
        estimators: vec![Estimator { name: "mean".into(), statistic: Arc::new(Mean), columns: vec![0] }],
        scheme: Scheme::Ordinary,
        resamples,
        batch: ((1 << 17) / rows).clamp(4, 4096) as u32,
        seed: 1,
        variance: None,
        jackknife_after: false,
    });
    Box::new(move || {
        let known = Replicates::default();
        let (replicates, _) = replicate(world, &problem, Means::default(), known, &mut Unwatched).unwrap();
        replicates.values[0]
    })
}

struct Unwatched;

impl Watch for Unwatched {}
