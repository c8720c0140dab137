//! What a bootstrap's file says of each statistic.

use super::super::json_number;
use crate::error::Result;
use crate::store::Reader;
use serde_json::json;

/// A statistic: its estimate, and what the resamples say of it.
#[derive(Clone, Debug)]
pub struct Statistic {
    /// Its name.
    pub name: String,
    /// Its value for the data.
    pub estimate: f64,
    /// The mean of the replicates minus the estimate.
    pub bias: f64,
    /// The Monte Carlo error of that.
    pub bias_mc_error: f64,
    /// The standard deviation of the replicates.
    pub standard_error: f64,
    /// The Monte Carlo error of that.
    pub standard_error_mc_error: f64,
    /// The bias correction of BCa intervals.
    pub z0: f64,
    /// Their acceleration.
    pub acceleration: f64,
    /// For how many resamples it does not exist.
    pub undefined: u64,
    /// Its intervals.
    pub intervals: Vec<Bounds>,
    /// How many replicates the file holds: none if all resamples were enumerated.
    pub replicates: usize,
}

/// An interval.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The method that made it.
    pub method: String,
    /// The probability that it is to hold.
    pub level: f64,
    /// `two`, `lower` or `upper`.
    pub side: String,
    /// The low end, perhaps infinite.
    pub low: f64,
    /// The high end, perhaps infinite.
    pub high: f64,
    /// The Monte Carlo error of the low end.
    pub low_mc_error: f64,
    /// The Monte Carlo error of the high end.
    pub high_mc_error: f64,
}

/// All statistics of the file.
///
/// # Errors
/// If they can't be read.
pub fn statistics(reader: &Reader) -> Result<Vec<Statistic>> {
    let names = reader.labels("estimates/statistic")?;
    let of = |name: &str| reader.values::<f64>(&format!("estimates/{name}"));
    let (estimate, bias, bias_mc_error) = (of("estimate")?, of("bias")?, of("bias_mc_error")?);
    let (standard_error, standard_error_mc_error) = (of("standard_error")?, of("standard_error_mc_error")?);
    let (z0, acceleration) = (of("z0")?, of("acceleration")?);
    let undefined = reader.values::<u64>("estimates/undefined")?;
    let (methods, sides) = (reader.labels("intervals/method")?, reader.labels("intervals/side")?);
    let levels = reader.values::<f64>("intervals/level")?;
    let ends = |name: &str| reader.values::<f64>(&format!("intervals/{name}"));
    let (low, high) = (ends("low")?, ends("high")?);
    let (low_mc_error, high_mc_error) = (ends("low_mc_error")?, ends("high_mc_error")?);
    let intervals = |statistic: usize| {
        let bounds = |interval: usize| {
            let at = statistic * methods.len() + interval;
            Bounds {
                method: methods[interval].clone(),
                level: levels[interval],
                side: sides[interval].clone(),
                low: low[at],
                high: high[at],
                low_mc_error: low_mc_error[at],
                high_mc_error: high_mc_error[at],
            }
        };
        (0..methods.len()).map(bounds).collect()
    };
    names
        .into_iter()
        .enumerate()
        .map(|(at, name)| {
            let replicates = format!("replicates/{name}");
            let replicates = if reader.has_variable(&replicates) { reader.shape(&replicates)?[0] } else { 0 };
            Ok(Statistic {
                name,
                estimate: estimate[at],
                bias: bias[at],
                bias_mc_error: bias_mc_error[at],
                standard_error: standard_error[at],
                standard_error_mc_error: standard_error_mc_error[at],
                z0: z0[at],
                acceleration: acceleration[at],
                undefined: undefined[at],
                intervals: intervals(at),
                replicates,
            })
        })
        .collect()
}

impl Statistic {
    /// The same for programs.
    pub fn json(&self) -> serde_json::Value {
        let interval = |bounds: &Bounds| {
            json!({
                "method": bounds.method, "level": bounds.level, "side": bounds.side,
                "low": json_number(bounds.low), "high": json_number(bounds.high),
                "low_mc_error": json_number(bounds.low_mc_error), "high_mc_error": json_number(bounds.high_mc_error),
            })
        };
        json!({
            "estimate": json_number(self.estimate),
            "bias": json_number(self.bias),
            "bias_mc_error": json_number(self.bias_mc_error),
            "standard_error": json_number(self.standard_error),
            "standard_error_mc_error": json_number(self.standard_error_mc_error),
            "z0": json_number(self.z0),
            "acceleration": json_number(self.acceleration),
            "undefined": self.undefined,
            "intervals": self.intervals.iter().map(interval).collect::<Vec<_>>(),
        })
    }
}
