//! `bootstrap`, run as its users run it. One process is a world of one rank: no launcher is needed.

mod bad_input;
mod exact;
mod files;
mod monte_carlo;
mod readers;
mod scattered;

use crate::launch::{Outcome, alone_at_once};
use serde_json::Value as Json;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// City populations (Davison and Hinkley 1997, example 1.2), hours between failures of air conditioning (example 1.1),
/// and law school scores (Efron and Tibshirani 1993, table 3.1).
const CITY: &str = r#"
data.values.u = [138, 93, 61, 179, 48, 37, 29, 23, 30, 2]
data.values.x = [143, 104, 69, 260, 75, 63, 50, 48, 111, 50]
statistic = [{ name = "ratio", columns = ["x", "u"] }]
"#;
const AIRCONDIT: &str = r#"
data.values.hours = [3, 5, 7, 18, 43, 85, 91, 98, 100, 130, 230, 487]
statistic = [{ name = "mean", columns = ["hours"] }]
"#;
const LAW: &str = r#"
data.values.LSAT = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
data.values.GPA = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]
statistic = [{ name = "pearson", columns = ["LSAT", "GPA"] }]
"#;

/// A folder with a run file.
struct Folder(TempDir);

impl Folder {
    fn new(run_file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("run.toml"), run_file).unwrap();
        Folder(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `bootstrap` here; the flags are separated by spaces.
    fn run(&self, flags: &str) -> Outcome {
        let program = alone_at_once(env!("CARGO_BIN_EXE_bootstrap")).folder(self.0.path()).timeout(300);
        program.args(["run.toml"]).args(flags.split_whitespace()).run()
    }

    /// Runs it to its end, and gives the summary.
    fn summary(&self, flags: &str) -> Json {
        let outcome = self.run(&format!("--force --json {flags}")).expect_success();
        serde_json::from_str(&outcome.stdout).unwrap()
    }
}

/// The ends of the interval of this method, of the only statistic, and their Monte Carlo errors.
fn interval(summary: &Json, method: &str) -> [(f64, f64); 2] {
    let statistic = summary["statistics"].as_object().unwrap().values().next().unwrap();
    let intervals = statistic["intervals"].as_array().unwrap();
    let interval = intervals.iter().find(|interval| interval["method"] == method).unwrap();
    ["low", "high"]
        .map(|end| (interval[end].as_f64().unwrap(), interval[format!("{end}_mc_error")].as_f64().unwrap_or(f64::NAN)))
}

/// A number that is said of the only statistic.
fn number(summary: &Json, name: &str) -> f64 {
    let statistic = summary["statistics"].as_object().unwrap().values().next().unwrap();
    statistic[name].as_f64().unwrap()
}
