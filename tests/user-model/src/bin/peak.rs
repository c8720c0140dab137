//! A statistic of one's own: how far the highest flood of a river is above the mean one.

use ensample::Result;
use ensample::bootstrap::{Sample, Statistic};
use std::process::ExitCode;
use std::sync::Arc;

struct PeakFactor;

impl Statistic for PeakFactor {
    fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> Result<()> {
        let x = sample.column(0);
        out[0] = x.iter().copied().fold(f64::MIN, f64::max) / (x.iter().sum::<f64>() / x.len() as f64);
        Ok(())
    }
}

const RUN_FILE: &str = r#"
    data.values.flood = [3.1, 4.5, 1.2, 9.9, 5.0, 2.2, 6.1, 3.3]
    statistic = [{ name = "peak_factor", columns = ["flood"] }, { name = "median", columns = ["flood"] }]
    interval.methods = ["percentile", "bca"]
"#;

fn main() -> ExitCode {
    ensample::app::bootstrap::main(RUN_FILE, |name, _columns| match name {
        "peak_factor" => Ok(Some(Arc::new(PeakFactor) as Arc<dyn Statistic>)),
        _ => Ok(None),
    })
}
