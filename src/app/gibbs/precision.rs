//! Whether chains are good enough.

use super::description::Until;
use crate::diagnostics::ChainSummary;
use crate::error::Result;
use crate::report::so_far;
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
    /// that are not reached the one that is relatively farthest from it.
    ///
    /// A quantity that never changes has no R-hat, and no more draws would give it one: it holds nothing back.
    pub fn shortfall(&self, reader: &Reader, draws: usize) -> Result<Option<Shortfall>> {
        let mut worst: Option<(f64, Shortfall)> = None;
        for (quantity, summary) in so_far(reader, draws)? {
            if draws >= FEWEST && summary.constant {
                continue;
            }
            let missing = self.missing(&summary).into_iter().map(|(how_far, figure, found, wanted)| {
                (how_far, Shortfall { quantity: quantity.clone(), figure, found, wanted })
            });
            worst = worst.into_iter().chain(missing).max_by(|a, b| a.0.total_cmp(&b.0));
        }
        Ok(worst.map(|(_, shortfall)| shortfall))
    }

    /// The figures of a quantity that are not reached: how far they are from it, name, what is found, what is wanted.
    fn missing(&self, of: &ChainSummary) -> Vec<(f64, &'static str, f64, f64)> {
        let mut missing = Vec::new();
        // A figure that does not exist is infinitely far away.
        let far = |how_far: f64| if how_far.is_nan() { f64::INFINITY } else { how_far };
        if let Some(wanted) = self.rhat {
            let found = of.rhat;
            if found.is_nan() || found > wanted {
                missing.push((far((found - 1.0) / (wanted - 1.0)), "rhat", found, wanted));
            }
        }
        for (name, wanted, found) in
            [("ess_bulk", self.ess_bulk, of.ess_bulk), ("ess_tail", self.ess_tail, of.ess_tail)]
        {
            let Some(wanted) = wanted else { continue };
            if found.is_nan() || found < wanted {
                missing.push((far(wanted / found), name, found, wanted));
            }
        }
        missing
    }
}
