//! What `bootstrap` says at the end.

use super::super::flags::Settings;
use super::super::progress::{count, duration};
use super::super::summary::{Idle, Rank, idle, show, significant};
use super::analysis::{Interval, Outcome};
use crate::bootstrap::TestResult;
use crate::error::Result;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub application: &'static str,
    pub version: &'static str,
    pub out: PathBuf,
    pub rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_length: Option<f64>,
    pub exact: bool,
    pub partial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_mc_error: Option<f64>,
    pub resamples: u64,
    pub acceleration: Option<&'static str>,
    pub quantile: &'static str,
    pub seconds: f64,
    pub resamples_per_second: f64,
    #[serde(serialize_with = "by_name")]
    pub statistics: Vec<(String, Said)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<TestResult>,
    pub ranks: Vec<Rank>,
    pub phases: Vec<Idle>,
}

/// What is said of one output. Numbers that don't exist are absent; an infinite end is absent, too.
#[derive(Debug, Serialize)]
pub(super) struct Said {
    estimate: f64,
    bias: Option<f64>,
    bias_mc_error: Option<f64>,
    standard_error: Option<f64>,
    standard_error_mc_error: Option<f64>,
    z0: Option<f64>,
    acceleration: Option<f64>,
    undefined: u64,
    intervals: Vec<SaidInterval>,
}

#[derive(Debug, Serialize)]
struct SaidInterval {
    method: &'static str,
    level: f64,
    side: &'static str,
    low: Option<f64>,
    high: Option<f64>,
    low_mc_error: Option<f64>,
    high_mc_error: Option<f64>,
}

pub(super) fn of(outcome: &Outcome) -> Said {
    let exists = |x: f64| x.is_finite().then_some(x);
    let interval = |interval: &Interval| SaidInterval {
        method: interval.method.name(),
        level: interval.level,
        side: interval.side.name(),
        low: exists(interval.low.value),
        high: exists(interval.high.value),
        low_mc_error: exists(interval.low.monte_carlo_error),
        high_mc_error: exists(interval.high.monte_carlo_error),
    };
    Said {
        estimate: outcome.basis.estimate,
        bias: exists(outcome.bias),
        bias_mc_error: exists(outcome.bias_mc_error),
        standard_error: exists(outcome.standard_error),
        standard_error_mc_error: exists(outcome.standard_error_mc_error),
        z0: exists(outcome.z0),
        acceleration: exists(outcome.basis.acceleration),
        undefined: outcome.undefined,
        intervals: outcome.intervals.iter().map(interval).collect(),
    }
}

fn by_name<S: Serializer>(statistics: &[(String, Said)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(statistics.iter().map(|(name, said)| (name, said)))
}

impl Summary {
    pub fn show(&self, settings: &Settings) -> Result<()> {
        show(settings, self, || self.text())
    }

    fn text(&self) -> String {
        let seconds = if self.seconds < 60.0 { format!("{:.2} s", self.seconds) } else { duration(self.seconds) };
        let mut text = match self.exact {
            true => format!("all {} resamples of {} rows in {seconds}", self.resamples, self.rows),
            false => {
                let rate = count(self.resamples_per_second);
                format!("{} resamples of {} rows in {seconds}, {rate} resamples/s", self.resamples, self.rows)
            }
        };
        for (name, said) in &self.statistics {
            let _ = write!(text, "\n\n{name}");
            said.write(&mut text);
        }
        if let Some(test) = &self.test {
            let [difference, t, p, error] = [test.difference, test.t, test.p_value, test.mc_error].map(significant);
            let _ = write!(text, "\n\ntest: difference of means {difference}, t {t}, p-value {p} (mc error {error})");
        }
        if let Some(length) = self.block_length {
            let _ = write!(text, "\n\nblock length {length:.4}");
        }
        if let Some(by) = self.acceleration {
            let _ = write!(text, "\n\nacceleration: {by}; quantiles: {}", self.quantile);
        }
        if let Some(error) = self.largest_mc_error {
            let _ = write!(
                text,
                "\nPARTIAL: a Monte Carlo error is still {}, and no more resamples are allowed",
                significant(error)
            );
        }
        let _ = write!(text, "\n{}\nwritten: {}", idle(&self.phases), self.out.display());
        text
    }
}

impl Said {
    fn write(&self, text: &mut String) {
        let number = |x: Option<f64>| x.map_or("-".into(), significant);
        let _ = write!(
            text,
            "\n  estimate {}, bias {}, standard error {}",
            significant(self.estimate),
            number(self.bias),
            number(self.standard_error)
        );
        if self.undefined > 0 {
            let _ = write!(text, "\n  {} resamples for which it does not exist are left out", self.undefined);
        }
        if !self.intervals.is_empty() {
            let _ = write!(text, "\n  {:24}{:>12}{:>12}{:>12}{:>12}", "", "low", "high", "mc error", "mc error");
        }
        for interval in &self.intervals {
            let side = if interval.side == "two" { "" } else { interval.side };
            let head = format!("{} {} % {side}", interval.method, (interval.level * 1e6).round() / 1e4);
            let end = |value: Option<f64>, open: bool, infinite: &str| match (value, open) {
                (None, true) => infinite.to_owned(),
                (value, _) => number(value),
            };
            let _ = write!(
                text,
                "\n  {head:24}{:>12}{:>12}{:>12}{:>12}",
                end(interval.low, side == "upper", "-inf"),
                end(interval.high, side == "lower", "inf"),
                number(interval.low_mc_error),
                number(interval.high_mc_error),
            );
        }
    }
}
