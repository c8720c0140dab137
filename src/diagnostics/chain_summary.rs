//! All that a table of results says of a quantity, from one sort of its draws.

use super::blocks::read;
use super::chains::Chains;
use super::geyer::effective_size;
use super::rank::Sorted;
use super::rhat::Moments;
use super::{ess, interval, mcse, rhat, sums};

/// What a table of results says of one quantity: what was found, how precisely, and whether to believe it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChainSummary {
    /// The mean of all draws.
    pub mean: f64,
    /// Their standard deviation, with divisor n − 1.
    pub sd: f64,
    /// The [equal-tailed interval](super::equal_tailed_interval()).
    pub eti: [f64; 2],
    /// The [highest density interval](super::highest_density_interval()).
    pub hdi: [f64; 2],
    /// The Monte Carlo standard error of the mean ([`Mcse::Mean`](super::Mcse::Mean)).
    pub mcse_mean: f64,
    /// The Monte Carlo standard error of the standard deviation ([`Mcse::Sd`](super::Mcse::Sd)).
    pub mcse_sd: f64,
    /// The effective sample size of the bulk ([`Ess::Bulk`](super::Ess::Bulk)).
    pub ess_bulk: f64,
    /// The effective sample size of the 5% and 95% quantiles, the smaller one ([`Ess::TAIL`](super::Ess::TAIL)).
    pub ess_tail: f64,
    /// R-hat: rank-normalised, split and folded ([`Rhat::Rank`](super::Rhat::Rank)).
    pub rhat: f64,
}

impl ChainSummary {
    /// Of these draws, with intervals of this level. Each figure is the same, to the bit, as from its own function, and
    /// is NaN where that is. The draws are sorted once for all of them.
    pub fn of(chains: Chains<'_>, level: f64) -> Self {
        let values = chains.values();
        let mean = sums::mean(values);
        let sd = sums::variance(values).sqrt();
        let mut summary = ChainSummary { mean, sd, ..NOTHING };
        if values.iter().any(|x| x.is_nan()) {
            return summary;
        }
        let sorted = Sorted::new(values);
        summary.eti = interval::equal_tailed(&sorted, level);
        summary.hdi = interval::highest_density(&sorted, level);
        if chains.are_enough(1) {
            summary.diagnose(chains, sorted);
        }
        summary
    }

    /// The figures that say how good the draws are.
    fn diagnose(&mut self, chains: Chains<'_>, sorted: Sorted) {
        self.ess_tail = ess::of_tail(chains, &sorted, TAIL);
        let of_mean = ess::by_halves(chains);
        self.mcse_mean = mcse::of_mean(chains, of_mean);
        self.mcse_sd = mcse::of_sd(chains, of_mean);

        let (sorted, scratch) = (sorted.split(chains.draws()), &mut Vec::new());
        let scores = chains.halves(sorted.normal_scores(scratch));
        self.ess_bulk = read(effective_size(&scores, usize::MAX));
        if chains.chains() > 1 {
            let bulk = read(Moments::of(&scores)).rhat();
            let folded = read(Moments::of(&chains.halves(sorted.folded_normal_scores(scratch)))).rhat();
            self.rhat = rhat::larger(bulk, folded);
        }
    }
}

const TAIL: [f64; 2] = [0.05, 0.95];

const NOTHING: ChainSummary = ChainSummary {
    mean: f64::NAN,
    sd: f64::NAN,
    eti: [f64::NAN; 2],
    hdi: [f64::NAN; 2],
    mcse_mean: f64::NAN,
    mcse_sd: f64::NAN,
    ess_bulk: f64::NAN,
    ess_tail: f64::NAN,
    rhat: f64::NAN,
};
