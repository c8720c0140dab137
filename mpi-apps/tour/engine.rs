//! What an engine can be asked.

use ensample::Result;
use ensample::abc::Simulator;
use ensample::abc::models::Normal;
use ensample::cluster::{Engine, Here};
use ensample::mcmc::models::{Bivariate, Disaster, DisasterPriors};
use ensample::mcmc::{Gibbs, Kernel, Order, Sampler};
use ensample::ndarray::Array1;
use ensample::stream::{Stream, Streams};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Each kind of work draws from streams of its own, one for each task: what is drawn does not depend on who draws it.
pub const COUNTS: u16 = 0;
const BOOTSTRAP: u16 = 1;
const POSTERIOR: u16 = 2;
const CHAINS: u16 = 3;

/// What the client can ask. The compiler sees to it that client and engine mean the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Call {
    /// Its rank's process id.
    ProcessId,
    /// The mean of one resample of these values.
    Resample { task: u64, values: Vec<f64> },
    /// So many draws of (mu, sigma) from the ABC posterior of the data that are called `y` here.
    Draw { task: u64, draws: usize },
    /// The sum of its part of the data.
    Sum,
    /// The sum of the squares of these values.
    SumOfSquares(Vec<f64>),
    /// So many draws of a chain of this model, each after so many steps.
    Chain { chain: u64, model: Model, warmup: u64, draws: u64, thin: u64 },
}

/// The models that chains can be of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Model {
    /// x | y ~ Gamma(3, y² + 4), y | x ~ N(1/(1+x), 1/(2(1+x))): draws of x and y.
    Bivariate,
    /// Disasters in each year: draws of the switchpoint and the means before and after it, then imputed counts.
    Disasters { years: Vec<f64>, counts: Vec<f64> },
}

/// An engine's answer to every call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Who answers.
    pub engine: usize,
    /// The answer.
    pub values: Vec<f64>,
}

/// An engine of the tour. What it keeps from call to call are these streams, and the named values [`here`](Here).
pub struct Worker {
    bootstrap: Streams,
    posterior: Streams,
    chains: Streams,
}

impl Worker {
    pub fn new(seed: u64) -> Self {
        let [bootstrap, posterior, chains] = [BOOTSTRAP, POSTERIOR, CHAINS].map(|phase| Streams::new(seed, phase));
        Worker { bootstrap, posterior, chains }
    }
}

impl Engine for Worker {
    type Call = Call;
    type Reply = Answer;

    fn call(&mut self, call: Call, here: &mut Here) -> Result<Answer> {
        let values = match call {
            Call::ProcessId => vec![f64::from(std::process::id())],
            Call::Resample { task, values } => {
                let mut stream = self.bootstrap.stream(task);
                let resample = (0..values.len()).map(|_| values[stream.index(values.len() as u64) as usize]);
                vec![resample.sum::<f64>() / values.len() as f64]
            }
            Call::Draw { task, draws } => {
                // An error if nothing is called y here: it goes to the client.
                let y = here.values.get::<Vec<f64>>("y")?;
                draw(y, draws, &mut self.posterior.stream(task))?
            }
            Call::Sum => vec![here.values.get::<Array1<f64>>("part")?.sum()],
            Call::SumOfSquares(values) => vec![values.iter().map(|value| value * value).sum()],
            Call::Chain { chain, model, warmup, draws, thin } => {
                let stream = self.chains.stream(chain);
                match model {
                    Model::Bivariate => run(Gibbs::new(Bivariate, Order::Fixed), stream, warmup, draws, thin)?,
                    Model::Disasters { years, counts } => {
                        let disasters = Disaster::new(years, counts, DisasterPriors::default())?;
                        run(Gibbs::new(disasters, Order::Fixed), stream, warmup, draws, thin)?
                    }
                }
            }
        };
        Ok(Answer { engine: here.engine, values })
    }
}

/// Rejection ABC: parameters from the prior, data for them, and they are kept if mean and standard deviation of these
/// are near those of the observations.
fn draw(observations: &[f64], draws: usize, stream: &mut Stream) -> Result<Vec<f64>> {
    let model = Normal::new(observations.to_vec())?;
    let mut observed = [0.0; 2];
    model.observed(&mut observed)?;
    let mut summary = [0.0; 2];
    let mut accepted = Vec::with_capacity(2 * draws);
    while accepted.len() < 2 * draws {
        let theta = [10.0 * stream.normal(), 20.0 * stream.uniform()]; // mu ~ N(0, 10²), sigma ~ U(0, 20)
        model.simulate(&theta, stream, &mut summary)?;
        if (summary[0] - observed[0]).abs() < 0.2 && (summary[1] - observed[1]).abs() < 0.8 {
            accepted.extend(theta);
        }
    }
    Ok(accepted)
}

/// The draws of a chain, one after the other.
fn run<K: Kernel>(kernel: K, stream: Stream, warmup: u64, draws: u64, thin: u64) -> Result<Vec<f64>> {
    let kernel = Arc::new(kernel);
    let width: usize = Kernel::variables(&*kernel).iter().map(|variable| variable.len()).sum();
    let statistics = Kernel::statistics(&*kernel).len();
    let (mut values, mut statistics) = (vec![0.0; width * draws as usize], vec![0.0; statistics]);
    let mut chain = kernel.begin(stream, None)?;
    chain.warm_up(warmup)?;
    for draw in values.chunks_exact_mut(width) {
        chain.step(thin)?;
        chain.record(draw, &mut statistics);
    }
    Ok(values)
}
