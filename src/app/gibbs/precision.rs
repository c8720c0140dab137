//! Whether chains are good enough.

use super::description::Until;
use crate::diagnostics::{Chains, Ess, Rhat, ess, rhat};
use crate::error::Result;
use crate::mcmc::Variable;
use crate::store::Reader;

/// Of fewer draws no figure exists.
const FEWEST: usize = 4;

/// What is farthest from what was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shortfall {
    /// The quantity, `theta[Choate]`.
    pub quantity: String,
    /// The figure, `ess_tail`.
    pub figure: &'static str,
    pub found: f64,
    pub wanted: f64,
}

impl Until {
    /// What holds chains back that have so many draws in the group `posterior` of a file, if anything does: of all figures
    /// that are not reached the one that is relatively farthest from it. One variable at a time is in memory.
    ///
    /// A quantity that never changes has no R-hat, and no more draws would give it one: it holds nothing back.
    pub fn shortfall(
        &self,
        reader: &Reader,
        variables: &[Variable],
        chains: usize,
        draws: usize,
    ) -> Result<Option<Shortfall>> {
        let mut worst: Option<(f64, Shortfall)> = None;
        for variable in variables {
            let lengths = variable.axes.iter().map(|axis| 0..axis.labels.len());
            let block: Vec<_> = [0..chains, 0..draws].into_iter().chain(lengths).collect();
            let values: Vec<f64> = reader.block(&format!("posterior/{}", variable.name), &block)?;
            for element in 0..variable.len() {
                let of_element: Vec<f64> = values.iter().skip(element).step_by(variable.len()).copied().collect();
                let missing = self.of(&of_element, chains)?.into_iter().map(|(how_far, figure, found, wanted)| {
                    (how_far, Shortfall { quantity: variable.label(element), figure, found, wanted })
                });
                worst = worst.into_iter().chain(missing).max_by(|a, b| a.0.total_cmp(&b.0));
            }
        }
        Ok(worst.map(|(_, shortfall)| shortfall))
    }

    /// The figures of a quantity that are not reached: how far they are from it, name, what is found, what is wanted.
    fn of(&self, values: &[f64], chains: usize) -> Result<Vec<(f64, &'static str, f64, f64)>> {
        let chains = Chains::new(values, chains)?;
        let mut missing = Vec::new();
        if chains.draws() >= FEWEST && values.iter().all(|value| *value == values[0]) {
            return Ok(missing);
        }
        // A figure that does not exist is infinitely far away.
        let far = |how_far: f64| if how_far.is_nan() { f64::INFINITY } else { how_far };
        if let Some(wanted) = self.rhat {
            let found = rhat(chains, Rhat::Rank);
            if found.is_nan() || found > wanted {
                missing.push((far((found - 1.0) / (wanted - 1.0)), "rhat", found, wanted));
            }
        }
        for (name, wanted, kind) in [("ess_bulk", self.ess_bulk, Ess::Bulk), ("ess_tail", self.ess_tail, Ess::TAIL)] {
            let Some(wanted) = wanted else { continue };
            let found = ess(chains, kind);
            if found.is_nan() || found < wanted {
                missing.push((far(wanted / found), name, found, wanted));
            }
        }
        Ok(missing)
    }
}
