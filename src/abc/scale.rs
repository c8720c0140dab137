//! The spread of the summaries under the prior, for distances in which each summary counts alike.

use super::rejection::simulate;
use super::{Means, PILOT, Problem, Simulator};
use crate::error::Result;
use crate::farm::{self, Account, Fold, Plan, Work};
use crate::stream::Stream;
use crate::world::World;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Simulates draws from the prior, in a phase of its own.
struct Pilot<S> {
    problem: Arc<Problem<S>>,
    simulations: u64,
}

impl<S: Simulator> Work for Pilot<S> {
    type Output = Vec<f64>;

    /// The differences of all simulations that are finite, one after the other.
    fn run(&self, task: u64, stream: &mut Stream) -> Result<Vec<f64>> {
        let mut differences = Vec::new();
        let count = self.problem.batch_of(task, Some(self.simulations));
        simulate(&self.problem, count, stream, |_, _, difference, _| differences.extend(difference))?;
        Ok(differences)
    }
}

/// One column of values for each summary.
struct Columns(Vec<Vec<f64>>);

impl Fold<Vec<f64>> for Columns {
    fn fold(&mut self, _: u64, differences: Vec<f64>) -> Result<ControlFlow<()>> {
        for row in differences.chunks_exact(self.0.len()) {
            self.0.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The median absolute deviation of each summary, median |s − median s|, over `simulations` draws from the prior;
/// NaN for a summary that was never finite; on root also who spent which time on it. Every rank calls it and gets the
/// values.
///
/// # Errors
/// A problem whose parts don't fit each other; errors of the simulator. All ranks learn of it.
pub fn median_absolute_deviations<S: Simulator>(
    world: &World,
    problem: &Arc<Problem<S>>,
    simulations: u64,
    means: Means,
) -> Result<(Vec<f64>, Account)> {
    world.agree(problem.check())?;
    let tasks = simulations.div_ceil(u64::from(problem.batch));
    let plan = Plan { seed: problem.seed, phase: PILOT, first: 0, tasks, cycle: None, means };
    let pilot = Arc::new(Pilot { problem: Arc::clone(problem), simulations });
    let mut columns = Columns(vec![Vec::new(); problem.observed.len()]);
    let account = farm::run(world, &plan, &pilot, &mut columns)?;
    let deviations =
        world.on_root(|| Ok(columns.0.iter_mut().map(|column| median_absolute_deviation(column)).collect()))?;
    Ok((deviations, account))
}

fn median_absolute_deviation(values: &mut [f64]) -> f64 {
    let center = median(values);
    values.iter_mut().for_each(|value| *value = (*value - center).abs());
    median(values)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => 0.5 * (values[n / 2 - 1] + values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_by_hand() {
        assert_eq!(median_absolute_deviation(&mut [1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), 1.0);
        assert_eq!(median_absolute_deviation(&mut [1.0, 2.0, 3.0, 10.0]), 1.0);
        assert_eq!(median_absolute_deviation(&mut [5.0, 5.0]), 0.0);
        assert!(median_absolute_deviation(&mut []).is_nan());
    }
}
