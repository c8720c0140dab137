//! Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018): parameters are drawn from the
//! prior, and data given them. Then they are a draw from the posterior as any other, so their rank among independent
//! draws of a chain is uniform, for each number that a draw has.
//!
//! The numbers are all variables, and lp: without a number that depends on the data too, a sampler that ignores the
//! data would pass (Modrák et al. 2023).

mod disaster;
mod pumps;
mod regression;
mod schools;

use crate::mcmc_models::SEEDS;
use crate::mcmc_models::chains::{Plan, row, rows};
use crate::statistics::chi_square_test;
use ensample::mcmc::{Conditionals, Gibbs, Order, Sampler, Variable};
use ensample::stream::{Stream, Streams};
use std::sync::Arc;

/// A sampler is rejected when the p-value of any number, times how many numbers there are (Bonferroni), is below this.
///
/// Four right samplers bring a false alarm, after a change of the random streams, with a probability below 0.4 %.
///
/// The power: 3000 ranks in 20 cells have a chi-square statistic of 19 degrees of freedom; at the level 1e-3 / 10 it
/// must be above 51. It is so with probability 1/2 where the density of ranks is 1 ± 0.10 (root mean square) in place
/// of 1: when posterior means are a tenth of a standard deviation off, or standard deviations 7 %.
const ALPHA: f64 = 1e-3;

/// For each data set one chain with 99 draws: ranks from 0 to 99, five in a cell. `thin` makes them nearly independent.
fn plan(thin: u64) -> Plan {
    Plan { chains: 1, warmup: 400, thin, draws: 99 }
}

const DATA_SETS: u64 = 3000;
/// Enough to find a sampler wrong.
const FEW_DATA_SETS: u64 = 500;
const CELLS: usize = 20;

/// Data and chains have streams of their own, one for each data set.
const SIMULATION: u16 = 1;
const CHAIN: u16 = 2;

/// Parameters, and the model of data that were simulated with them.
struct Simulated<M> {
    values: Vec<f64>,
    model: M,
}

/// The p-value of each number's ranks.
struct Calibration(Vec<(String, f64)>);

impl Calibration {
    fn new<M: Conditionals>(thin: u64, simulate: impl Fn(&mut Stream) -> Simulated<M>) -> Self {
        Calibration::of(DATA_SETS, thin, simulate)
    }

    fn of_few<M: Conditionals>(thin: u64, simulate: impl Fn(&mut Stream) -> Simulated<M>) -> Self {
        Calibration::of(FEW_DATA_SETS, thin, simulate)
    }

    fn of<M: Conditionals>(data_sets: u64, thin: u64, simulate: impl Fn(&mut Stream) -> Simulated<M>) -> Self {
        let [simulations, chains] = [SIMULATION, CHAIN].map(|phase| Streams::new(SEEDS[1], phase));
        let mut names = Vec::new();
        let mut counts: Vec<[u64; CELLS]> = Vec::new();
        for number in 0..data_sets {
            let mut stream = simulations.stream(number);
            let Simulated { values, model } = simulate(&mut stream);
            let sampler: Arc<dyn Sampler> = Arc::new(Gibbs::new(model, Order::Fixed));
            let begin = |at| Arc::clone(&sampler).begin(chains.stream(number), at).unwrap();
            let truth = row(&sampler, &*begin(Some(&values)));
            let draws = rows(&sampler, &mut *begin(None), &plan(thin));
            names = self::names(&sampler);
            counts.resize(names.len(), [0; CELLS]);
            for (number, counts) in counts.iter_mut().enumerate() {
                let column = draws.chunks_exact(truth.len()).map(|row| row[number]);
                counts[rank(truth[number], column, &mut stream) * CELLS / (plan(thin).draws + 1)] += 1;
            }
        }
        let expected = [data_sets as f64 / CELLS as f64; CELLS];
        Calibration(names.into_iter().zip(counts.iter().map(|counts| chi_square_test(counts, &expected))).collect())
    }

    fn rejections(&self) -> Vec<&str> {
        let limit = ALPHA / self.0.len() as f64;
        self.0.iter().filter(|(_, p)| p.is_nan() || *p < limit).map(|(name, _)| name.as_str()).collect()
    }

    #[track_caller]
    fn assert_right(&self, what: &str) {
        assert!(self.rejections().is_empty(), "{what}: {:?} reject the ranks: {:?}", self.rejections(), self.0);
    }

    #[track_caller]
    fn assert_wrong(&self, what: &str, names: &[&str]) {
        for name in names {
            assert!(self.rejections().contains(name), "{what}: '{name}' misses the error: {:?}", self.0);
        }
    }
}

/// Of all variables' numbers, and lp.
fn names(sampler: &Arc<dyn Sampler>) -> Vec<String> {
    let of = |variable: Variable| (0..variable.len()).map(|element| variable.label(element)).collect::<Vec<_>>();
    assert_eq!(sampler.statistics()[0], "lp");
    sampler.variables().into_iter().flat_map(of).chain(["lp".to_owned()]).collect()
}

/// How many draws are below the truth; of those that are equal to it, any number, each equally likely.
fn rank(truth: f64, draws: impl Iterator<Item = f64>, stream: &mut Stream) -> usize {
    let (mut below, mut equal) = (0, 0);
    for draw in draws {
        below += usize::from(draw < truth);
        equal += u64::from(draw == truth);
    }
    below + stream.index(equal + 1) as usize
}
