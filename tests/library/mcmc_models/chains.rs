//! Running chains without MPI.

use ensample::mcmc::{Chain, Conditionals, Gibbs, Order, Sampler, Variable};
use ensample::stream::Streams;
use std::sync::Arc;

/// How many chains, each from where its model has it begin, and how long.
#[derive(Clone, Copy)]
pub struct Plan {
    pub chains: u64,
    pub warmup: u64,
    pub thin: u64,
    pub draws: usize,
}

/// Recorded draws: in each row the values of all variables, then the statistics.
pub struct Draws {
    pub width: usize,
    pub chains: Vec<Vec<f64>>,
}

impl Draws {
    /// Those of a model, its blocks in this order, with each of these seeds.
    pub fn new<M: Conditionals>(model: M, order: Order, seeds: &[u64], plan: &Plan) -> Draws {
        let sampler: Arc<dyn Sampler> = Arc::new(Gibbs::new(model, order));
        let of_chain = |stream| rows(&sampler, &mut *Arc::clone(&sampler).begin(stream, None).unwrap(), plan);
        let of_seed = |seed: &u64| {
            let streams = Streams::new(*seed, 0);
            (0..plan.chains).map(move |chain| streams.stream(chain))
        };
        Draws { width: width(&sampler), chains: seeds.iter().flat_map(of_seed).map(of_chain).collect() }
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.chains.iter().flat_map(|chain| chain.chunks_exact(self.width))
    }
}

/// How many values the variables have.
pub fn values(variables: &[Variable]) -> usize {
    variables.iter().map(Variable::len).sum()
}

/// How many values and statistics a row has.
pub fn width(sampler: &Arc<dyn Sampler>) -> usize {
    values(&sampler.variables()) + sampler.statistics().len()
}

/// What is recorded of a chain's present state.
pub fn row(sampler: &Arc<dyn Sampler>, chain: &dyn Chain) -> Vec<f64> {
    let mut row = vec![f64::NAN; width(sampler)];
    let (values, statistics) = row.split_at_mut(values(&sampler.variables()));
    chain.record(values, statistics);
    row
}

/// Warms a chain up and gives its draws, one row after the other.
pub fn rows(sampler: &Arc<dyn Sampler>, chain: &mut dyn Chain, plan: &Plan) -> Vec<f64> {
    chain.warm_up(plan.warmup).unwrap();
    let (values, width) = (values(&sampler.variables()), width(sampler));
    let mut rows = vec![f64::NAN; plan.draws * width];
    for row in rows.chunks_exact_mut(width) {
        chain.step(plan.thin).unwrap();
        let (values, statistics) = row.split_at_mut(values);
        chain.record(values, statistics);
    }
    rows
}
