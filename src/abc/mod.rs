//! Approximate Bayesian computation by rejection.
//!
//! For models that can be simulated but whose likelihood can't be computed (Tavaré, Balding, Griffiths and Donnelly
//! 1997; Pritchard, Seielstad, Perez-Lezaun and Feldman 1999): draw theta from the [`Prior`], let the [`Simulator`]
//! make data and summarise them, and accept theta when the summaries are near the observed ones, by an
//! [`Acceptance`] rule. The accepted draws are independent draws from the ABC posterior, exactly.
//!
//! Simulations are numbered: simulation s of task t is number t · batch + s. [`sample`] keeps the accepted draws of
//! lowest number, not those that were found first; keeping the latter would favour parameters whose simulations are
//! short. So the draws depend on the problem and the seed alone.

mod acceptance;
mod best;
pub mod models;
mod prior;
mod rejection;
mod scale;
mod simulator;
mod stages;

pub use acceptance::{Acceptance, Metric};
pub use prior::Prior;
pub use scale::median_absolute_deviations;
pub use simulator::Simulator;
pub use stages::{Collector, Judged, Simulated, Staged};

pub use crate::farm::Means;

use crate::error::{Error, Result};
use crate::farm::{Account, Plan};
use crate::world::World;
use std::sync::Arc;

/// The phase in which draws are simulated and accepted.
const SAMPLE: u16 = 0;
/// The phase in which the spread of the summaries is found.
const PILOT: u16 = 1;

/// An ABC problem: everything that its result depends on.
#[derive(Debug)]
pub struct Problem<S> {
    /// Makes data for given parameters and summarises them.
    pub simulator: Arc<S>,
    /// One distribution for each parameter of the simulator, in its order.
    pub prior: Prior,
    /// The summaries of the observed data.
    pub observed: Vec<f64>,
    /// Which draws are accepted.
    pub acceptance: Acceptance,
    /// How many draws are wanted.
    pub draws: u64,
    /// After how many simulations to end, whatever has been accepted by then.
    pub max_simulations: Option<u64>,
    /// Simulations in a task, at least 1. The result depends on it.
    pub batch: u32,
    /// The seed of all random numbers.
    pub seed: u64,
}

/// An accepted draw.
#[derive(Clone, Copy, Debug)]
pub struct Draw<'a> {
    /// The task in which it was simulated.
    pub task: u64,
    /// The number of its simulation within the task, from 0.
    pub simulation: u32,
    /// The parameters.
    pub theta: &'a [f64],
    /// Simulated minus observed, for each summary.
    pub difference: &'a [f64],
    /// The distance, where the acceptance rule has one.
    pub distance: Option<f64>,
}

/// What has been found up to some simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accepted draws.
    pub accepted: u64,
    /// Simulations, from the first to the one that gave the last accepted draw (or to the end of what was allowed).
    pub simulations: u64,
    /// Simulations with a summary or distance that is NaN or infinite, which are never accepted.
    pub nonfinite: u64,
}

impl Tally {
    /// The share of simulations that were accepted. (Of a run that ends with an accepted draw, the unbiased estimate
    /// of the probability has 1 less above and below.)
    pub fn acceptance_rate(&self) -> f64 {
        if self.simulations == 0 { 0.0 } else { self.accepted as f64 / self.simulations as f64 }
    }
}

/// Takes the accepted draws on root, in the order of their numbers.
pub trait Recorder {
    /// Takes the next accepted draw.
    ///
    /// # Errors
    /// Any error ends the whole job.
    fn record(&mut self, draw: &Draw<'_>) -> Result<()>;

    /// Called again and again while the ranks work, with what has been found so far; `done` of `all` is how far that is.
    fn progress(&mut self, _so_far: &Tally, _done: u64, _all: u64) {}
}

/// Draws from the ABC posterior over all ranks. Every rank calls it with the same problem; only root's `recorder` is
/// used. Returns on root what was found and who spent which time on it.
///
/// # Errors
/// A problem whose parts don't fit each other; errors of the simulator, of the recorder, and a panic of either. All
/// ranks learn of it.
pub fn sample<S: Simulator>(
    world: &World,
    problem: &Arc<Problem<S>>,
    means: Means,
    recorder: &mut impl Recorder,
) -> Result<(Tally, Account)> {
    world.agree(problem.check())?;
    match problem.acceptance {
        Acceptance::Best { .. } => best::sample(world, problem, means, recorder),
        _ => rejection::sample(world, problem, means, recorder),
    }
}

impl<S: Simulator> Problem<S> {
    /// Checks that the parts fit each other.
    ///
    /// # Errors
    /// Says what doesn't: numbers of priors, summaries, tolerances or weights, names that are doubled or that a result
    /// file can't hold, counts of 0.
    pub fn check(&self) -> Result<()> {
        let (parameters, summaries) = (self.simulator.parameters(), self.simulator.summaries());
        check_names("parameter", &parameters)?;
        check_names("summary", &summaries)?;
        let rules = match &self.acceptance {
            Acceptance::Each { tolerances } => tolerances.len(),
            Acceptance::Within { metric, .. } | Acceptance::Best { metric, .. } => metric.weights.len(),
        };
        let lengths = [
            ("prior distributions", self.prior.components().len(), "parameters", parameters.len()),
            ("observed summaries", self.observed.len(), "summaries", summaries.len()),
            ("tolerances or weights", rules, "summaries", summaries.len()),
        ];
        if let Some((what, given, of, wanted)) = lengths.into_iter().find(|(_, given, _, wanted)| given != wanted) {
            return Err(Error::other(format!("there are {given} {what} for {wanted} {of}")));
        }
        if self.draws == 0 || self.batch == 0 || self.limit() == Some(0) {
            return Err(Error::other("draws, batch and simulations must be at least 1"));
        }
        Ok(())
    }
}

/// Names become variables and labels of a result file, beside its axes `chain` and `draw`.
fn check_names(kind: &str, names: &[&str]) -> Result<()> {
    let wrong = |name: &str, why: &str| Err(Error::other(format!("the model's {kind} '{name}' {why}")));
    if names.is_empty() {
        return Err(Error::other(format!("the model has no {kind}")));
    }
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() || name.contains(['/', '\0']) || *name == "." {
            return wrong(name, "can't be the name of a variable in a file");
        }
        if ["chain", "draw", "summary"].contains(name) {
            return wrong(name, "has the name of an axis of the result");
        }
        if names[..i].contains(name) {
            return wrong(name, "is there twice");
        }
    }
    Ok(())
}

impl<S> Problem<S> {
    /// The same problem with another acceptance rule.
    pub fn with_acceptance(&self, acceptance: Acceptance) -> Self {
        Problem {
            simulator: Arc::clone(&self.simulator),
            prior: self.prior.clone(),
            observed: self.observed.clone(),
            acceptance,
            ..*self
        }
    }

    /// How many simulations the sampling phase has at most.
    fn limit(&self) -> Option<u64> {
        match self.acceptance {
            Acceptance::Best { simulations, .. } => Some(simulations),
            _ => self.max_simulations,
        }
    }

    /// The tasks of the sampling phase.
    fn plan(&self, means: Means) -> Plan {
        Plan { seed: self.seed, phase: SAMPLE, first: 0, tasks: self.tasks(), cycle: None, means }
    }

    /// How many tasks the sampling phase has at most.
    pub fn tasks(&self) -> u64 {
        self.limit().map_or(u64::MAX, |limit| limit.div_ceil(u64::from(self.batch)))
    }

    /// How many simulations `task` has, when all tasks together have `simulations`: the last one may have fewer.
    fn batch_of(&self, task: u64, simulations: Option<u64>) -> u32 {
        let batch = u64::from(self.batch);
        let before = task.saturating_mul(batch);
        // At most the batch, which is a u32.
        simulations.map_or(batch, |all| all.saturating_sub(before).min(batch)) as u32
    }
}
