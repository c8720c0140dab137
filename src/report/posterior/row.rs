//! What is said of a scalar quantity.

use super::super::number::{self, Unit};
use super::super::{Interval, Options, Row, json_number};
use crate::diagnostics::{Blocks, ChainSummary};

/// R-hat above this says that chains have not mixed (Vehtari et al. 2021).
pub const HIGHEST_RHAT: f64 = 1.01;
/// An effective sample size below this for each chain is too small to trust the diagnostics (Vehtari et al. 2021).
pub const LEAST_ESS_PER_CHAIN: f64 = 100.0;

/// The summary of a quantity.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What it is called.
    pub name: String,
    /// What its draws say.
    pub of: ChainSummary,
    /// The interval that was asked for.
    pub interval: [f64; 2],
    /// How far each chain's mean is from the median of those means, in standard deviations of all draws.
    pub deviations: Vec<f64>,
}

impl Summary {
    /// Of these draws, which say this.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn of<D: Blocks>(name: &str, of: ChainSummary, draws: &D, options: &Options) -> Result<Self, D::Error> {
        let interval = match options.interval {
            Interval::HighestDensity => of.hdi,
            Interval::EqualTailed => of.eti,
        };
        Ok(Summary { name: name.to_owned(), of, interval, deviations: deviations(draws, of.sd)? })
    }

    /// The smaller of both effective sample sizes; NaN if there is none.
    pub fn least_ess(&self) -> f64 {
        self.of.ess_bulk.min(self.of.ess_tail)
    }

    /// Whether R-hat says that the chains have not mixed.
    pub fn has_high_rhat(&self) -> bool {
        self.of.rhat > HIGHEST_RHAT
    }

    /// Whether an effective sample size is too small, for so many chains.
    pub fn has_low_ess(&self, chains: usize) -> bool {
        self.least_ess() < LEAST_ESS_PER_CHAIN * chains as f64
    }

    /// The row of the table; the columns are those of [`heads`].
    pub fn row(&self, chains: usize) -> Row {
        let ChainSummary { mean, sd, mcse_mean, ess_bulk, ess_tail, rhat, .. } = self.of;
        let unit = Unit::of(sd, mean);
        let whole = |x: f64| if x.is_finite() { number::count(x.round() as u64) } else { number::ABSENT.into() };
        let mut cells: Vec<String> = [mean, sd, self.interval[0], self.interval[1]].map(|x| unit.format(x)).into();
        cells.extend([number::significant(mcse_mean, 2), whole(ess_bulk), whole(ess_tail), number::fixed(rhat, 3)]);
        if self.of.constant {
            cells[4..].fill(number::ABSENT.into());
        }
        let least = LEAST_ESS_PER_CHAIN * chains as f64;
        let flags = [(5, ess_bulk < least), (6, ess_tail < least), (7, self.has_high_rhat())];
        let flagged = flags.into_iter().filter(|(_, flag)| *flag && !self.of.constant).map(|(cell, _)| cell).collect();
        Row { name: self.name.clone(), section: None, cells, flagged }
    }

    /// The same for programs.
    pub fn json(&self, options: &Options) -> serde_json::Value {
        let interval = interval_name(options);
        let mut object = serde_json::Map::new();
        let of = &self.of;
        for (name, value) in [("mean", of.mean), ("sd", of.sd)] {
            object.insert(name.into(), json_number(value));
        }
        object.insert(interval.into(), self.interval.map(json_number).to_vec().into());
        for (name, value) in [
            ("mcse_mean", of.mcse_mean),
            ("mcse_sd", of.mcse_sd),
            ("ess_bulk", of.ess_bulk),
            ("ess_tail", of.ess_tail),
            ("r_hat", of.rhat),
        ] {
            object.insert(name.into(), json_number(value));
        }
        object.insert("nan".into(), of.nan.into());
        object.insert("infinite".into(), of.infinite.into());
        object.insert("constant".into(), of.constant.into());
        object.into()
    }
}

/// `hdi` or `eti`.
pub fn interval_name(options: &Options) -> &'static str {
    match options.interval {
        Interval::HighestDensity => "hdi",
        Interval::EqualTailed => "eti",
    }
}

/// The heads of the table's columns.
pub fn heads(options: &Options) -> Vec<String> {
    let name = interval_name(options);
    let percent = |p: f64| number::fixed(p, 9).trim_end_matches('0').trim_end_matches('.').to_owned();
    let ends = match options.interval {
        Interval::HighestDensity => {
            let level = percent(100.0 * options.level);
            [format!("{name} {level}% low"), "high".to_owned()]
        }
        Interval::EqualTailed => {
            [50.0 - 50.0 * options.level, 50.0 + 50.0 * options.level].map(|p| format!("{name} {}%", percent(p)))
        }
    };
    let [low, high] = ends;
    ["", "mean", "sd", &low, &high, "mcse_mean", "ess_bulk", "ess_tail", "r_hat"].map(str::to_owned).into()
}

fn deviations<D: Blocks>(draws: &D, sd: f64) -> Result<Vec<f64>, D::Error> {
    let mut sums = vec![(0.0, 0.0); draws.chains()];
    draws.each(|chain, block| {
        let finite = block.iter().filter(|x| x.is_finite());
        sums[chain] = finite.fold(sums[chain], |(sum, count), x| (sum + x, count + 1.0));
    })?;
    let means: Vec<f64> = sums.iter().map(|(sum, count)| sum / count).collect();
    let mut sorted = means.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    Ok(means.iter().map(|mean| (mean - median).abs() / sd).collect())
}
