//! All that a table of results says of a quantity, from one sort of its draws.

use super::blocks::{Blocks, Halves, read};
use super::chains::Chains;
use super::geyer::effective_size;
use super::passes::{self, Limits};
use super::rank::Sorted;
use super::rhat::Moments;
use super::sums::Spread;
use super::{ess, interval, mcse, rhat};

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
    /// How many draws are NaN.
    pub nan: usize,
    /// How many draws are infinite.
    pub infinite: usize,
    /// Whether all draws are equal.
    pub constant: bool,
}

impl ChainSummary {
    /// More draws than these are [read](Self::read) block by block.
    pub const HELD: usize = 1 << 20;

    /// Of these draws, with intervals of this level. Each figure is the same, to the bit, as from its own function, and
    /// is NaN where that is. The draws are sorted once for all of them.
    pub fn of(chains: Chains<'_>, level: f64) -> Self {
        let values = chains.values();
        let spread = read(Spread::of(&chains));
        let summary = read(ChainSummary::counted(&chains));
        let mut summary = ChainSummary { mean: spread.mean, sd: spread.sd(), ..summary };
        if summary.nan > 0 {
            return summary;
        }
        let sorted = Sorted::new(values);
        summary.eti = interval::equal_tailed(&sorted, level);
        summary.hdi = interval::highest_density(&sorted, level);
        if chains.are_enough(1) {
            summary.diagnose(chains, &spread, sorted);
        }
        summary
    }

    /// The same of draws that may be too many for memory: more than [`HELD`](Self::HELD) are read in some twenty passes,
    /// with some 60 MB, and one part in some thousands of the draws.
    ///
    /// All figures but two are then the same, too. `ess_bulk` and `rhat` are of ranks that are off by no more than one
    /// part in 2^16 of the draws, and by much less where the density is smooth; ranks of numbers that more draws have are
    /// exact. R-hat changes by less than 1e-7, and the effective sample size by about as little of it.
    ///
    /// There are two limits that few draws reach. Where more than a million draws may begin the shortest interval, `hdi`
    /// may be wider than that, by what holds one part in 2^15 of the draws. And where autocorrelations still add up at
    /// lag 2^18, effective sample sizes, and errors that follow from them, are from there on of means of short batches.
    ///
    /// # Errors
    /// When they can't be read.
    pub fn read<D: Blocks>(draws: &D, level: f64) -> Result<Self, D::Error> {
        if draws.chains() * draws.draws() > ChainSummary::HELD {
            return passes::summary(draws, level, LIMITS);
        }
        let mut values = Vec::with_capacity(draws.chains() * draws.draws());
        draws.each(|_, block| values.extend(block))?;
        Ok(ChainSummary::of(Chains::like(draws, &values), level))
    }

    /// What can be counted of draws, and no figure yet.
    pub(super) fn counted<D: Blocks>(draws: &D) -> Result<Self, D::Error> {
        let (mut summary, mut first) = (ChainSummary { constant: true, ..NOTHING }, None);
        draws.each(|_, block| {
            let first = *first.get_or_insert(block[0]);
            summary.nan += block.iter().filter(|x| x.is_nan()).count();
            summary.infinite += block.iter().filter(|x| x.is_infinite()).count();
            summary.constant &= block.iter().all(|x| *x == first);
        })?;
        Ok(summary)
    }

    /// The figures that say how good the draws are.
    fn diagnose(&mut self, chains: Chains<'_>, spread: &Spread, sorted: Sorted) {
        self.ess_tail = ess::of_tail(chains, &sorted, TAIL);
        let of_mean = ess::by_halves(chains);
        self.mcse_mean = mcse::of_mean(spread, of_mean);
        self.mcse_sd = read(mcse::of_sd(&chains, spread, of_mean));

        let (halves, sorted, scratch) = (Halves(&chains), sorted.split(chains.draws()), &mut Vec::new());
        let scores = Chains::like(&halves, sorted.normal_scores(scratch));
        self.ess_bulk = read(effective_size(&scores, usize::MAX));
        if chains.chains() > 1 {
            let bulk = read(Moments::of(&scores)).rhat();
            let folded = Chains::like(&halves, sorted.folded_normal_scores(scratch));
            self.rhat = rhat::larger(bulk, read(Moments::of(&folded)).rhat());
        }
    }
}

/// The probabilities of the quantiles whose effective sample size is that of the tails.
pub(super) const TAIL: [f64; 2] = [0.05, 0.95];

/// Less memory than draws take that are held.
const LIMITS: Limits = Limits { parts: 1 << 16, lags: 1 << 18 };

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
    nan: 0,
    infinite: 0,
    constant: false,
};
