//! Sums over all of the data.

use super::TOTALS;
use super::shards::Shards;
use crate::bootstrap::statistic::sum;
use crate::bootstrap::summed::{Summed, pivots};
use crate::bootstrap::{Estimator, Means};
use crate::error::Result;
use crate::farm::{self, Account, Fold, Plan, Work};
use crate::stream::Stream;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What the whole data gives: the basis of everything else. Every rank has it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// The pivot of each column of each estimator: its mean in the first shard.
    pub(super) pivots: Vec<Vec<f64>>,
    /// The sums of all terms.
    pub(super) terms: Vec<f64>,
    /// The statistics of the data, of those estimators that are functions of sums.
    pub estimates: Vec<f64>,
}

/// The sums of all terms over all data. Every rank calls it, and every rank gets them.
///
/// # Errors
/// Those of a statistic. All ranks learn of it.
pub fn totals(
    world: &World,
    shards: &Arc<Shards>,
    estimators: &Arc<Vec<Estimator>>,
    means: Means,
) -> Result<(Totals, Account)> {
    // The first shard is root's.
    let pivots = world.on_root(|| Ok(pivots(estimators, shards.shard(0)?)))?;
    let summed = Summed::new(estimators, &pivots);
    let (terms, outputs) = (summed.terms(), summed.outputs());
    let work = Adding { shards: Arc::clone(shards), estimators: Arc::clone(estimators), pivots: pivots.clone() };
    let (tasks, cycle) = (shards.count(), Some(shards.count()));
    let plan = Plan { seed: 0, phase: TOTALS, first: 0, tasks, cycle, means };
    let mut fold = Added(vec![0.0; terms]);
    let account = farm::run(world, &plan, &Arc::new(work), &mut fold)?;
    let totals = world.on_root(|| {
        let mut estimates = vec![f64::NAN; outputs];
        let rows = shards.rows() as f64;
        Summed::new(estimators, &pivots).evaluate(rows, rows, &fold.0, &mut estimates)?;
        Ok(Totals { pivots, terms: fold.0, estimates })
    })?;
    Ok((totals, account))
}

/// Adds the rows of a shard.
struct Adding {
    shards: Arc<Shards>,
    estimators: Arc<Vec<Estimator>>,
    pivots: Vec<Vec<f64>>,
}

impl Work for Adding {
    type Output = Vec<f64>;

    fn run(&self, shard: u64, _: &mut Stream) -> Result<Vec<f64>> {
        let table = self.shards.shard(shard)?;
        let rows = Summed::new(&self.estimators, &self.pivots).rows(table, table.rows());
        Ok(rows.iter().map(|term| sum(term.len(), |row| term[row])).collect())
    }
}

/// Sums, added in the order of the shards.
pub(super) struct Added(pub Vec<f64>);

impl Fold<Vec<f64>> for Added {
    fn fold(&mut self, _: u64, sums: Vec<f64>) -> Result<ControlFlow<()>> {
        self.0.iter_mut().zip(sums).for_each(|(all, sum)| *all += sum);
        Ok(ControlFlow::Continue(()))
    }
}
