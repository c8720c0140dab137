//! What `gibbs` says at the end.

use super::super::flags::Settings;
use super::super::progress::{count, duration};
use super::super::summary::{Idle, Rank, idle, show, significant};
use super::precision::Shortfall;
use crate::error::Result;
use crate::report::{Interval, Options, Report};
use serde::{Serialize, Serializer};
use std::path::{Path, PathBuf};

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub application: &'static str,
    pub version: &'static str,
    pub model: String,
    pub out: PathBuf,
    pub partial: bool,
    /// What was not reached of that which `until` asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_back_by: Option<String>,
    pub chains: u64,
    /// Recorded draws of each chain.
    pub draws: u64,
    /// Steps of all chains, the warm-up included.
    pub steps: u64,
    pub seconds: f64,
    pub steps_per_second: f64,
    pub ranks: Vec<Rank>,
    pub phases: Vec<Idle>,
    /// The quantities, as `report` has them.
    #[serde(serialize_with = "quantities", rename = "quantities")]
    pub report: Report,
}

fn quantities<S: Serializer>(report: &Report, serializer: S) -> Result<S::Ok, S::Error> {
    report.json["quantities"].serialize(serializer)
}

/// What `report` says of the result.
pub(super) fn report(path: &Path) -> Result<Report> {
    let options = Options { interval: Interval::HighestDensity, level: 0.94, figures: false, show: Vec::new() };
    Report::read(path, &options)
}

pub(super) fn said(shortfall: &Shortfall) -> String {
    let Shortfall { quantity, figure, found, wanted } = shortfall;
    if found.is_nan() {
        return format!("{figure} of {quantity} does not exist for so few draws");
    }
    let digits = |x: f64| if *figure == "rhat" { format!("{x:.4}") } else { significant(x) };
    let relation = if *figure == "rhat" { "above" } else { "below" };
    format!("{figure} of {quantity} is {}, {relation} {}", digits(*found), digits(*wanted))
}

impl Summary {
    pub fn show(&self, settings: &Settings) -> Result<()> {
        show(settings, self, || self.text())
    }

    fn text(&self) -> String {
        let seconds = if self.seconds < 60.0 { format!("{:.2} s", self.seconds) } else { duration(self.seconds) };
        let mut text = format!(
            "{}: {} steps of {} chains in {seconds}, {} steps/s\n\n{}\n\n{}",
            self.model,
            self.steps,
            self.chains,
            count(self.steps_per_second),
            self.report.text().trim_end(),
            idle(&self.phases)
        );
        if let Some(held) = &self.held_back_by {
            text += &format!("\nPARTIAL: {held}, and no more draws are allowed");
        }
        text + &format!("\nwritten: {}", self.out.display())
    }
}
