//! What `abc` says at the end.

use super::super::flags::Settings;
use super::super::progress::{count, duration};
use super::super::summary::{Idle, Parameter, Rank, by_name, idle, show, table};
use crate::error::Result;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Serialize)]
pub(in crate::app) struct Summary {
    pub application: &'static str,
    pub version: &'static str,
    pub model: String,
    pub out: PathBuf,
    pub partial: bool,
    pub wanted: u64,
    pub accepted: u64,
    pub simulations: u64,
    pub acceptance_rate: f64,
    pub nonfinite: u64,
    pub seconds: f64,
    pub simulations_per_second: f64,
    #[serde(serialize_with = "by_name")]
    pub parameters: Vec<Parameter>,
    pub ranks: Vec<Rank>,
    pub phases: Vec<Idle>,
}

impl Summary {
    pub fn show(&self, settings: &Settings) -> Result<()> {
        show(settings, self, || self.text())
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!(
                "{}: {} of {} simulations accepted ({:.4} %) in {}, {} simulations/s",
                self.model,
                self.accepted,
                self.simulations,
                100.0 * self.acceptance_rate,
                if self.seconds < 60.0 { format!("{:.2} s", self.seconds) } else { duration(self.seconds) },
                count(self.simulations_per_second),
            ),
            String::new(),
            table(&self.parameters),
            String::new(),
        ];
        if self.nonfinite > 0 {
            lines.push(format!("{} simulations had a summary that is NaN or infinite", self.nonfinite));
        }
        if self.partial {
            lines.push(format!("PARTIAL: {} draws were wanted, but the allowed simulations are used up", self.wanted));
        }
        lines.push(idle(&self.phases));
        lines.push(format!("written: {}", self.out.display()));
        lines.join("\n")
    }
}
