//! The run file of `abc`, and the problem that it describes.

use super::super::flags::Settings;
use super::super::source::Source;
use crate::abc::{Acceptance, Metric, Prior, Problem, Simulator};
use crate::distribution::{Distribution, Specification};
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A whole run file. All but `run` affects the result, and is stored in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::app) struct Description {
    #[serde(default = "one")]
    pub seed: u64,
    /// 10,000 where neither this nor a quantile says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_simulations: Option<u64>,
    #[serde(default = "thousand")]
    pub batch: u32,
    #[serde(default)]
    pub data: Data,
    pub model: Model,
    pub prior: BTreeMap<String, Specification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<Distance>,
    #[serde(default, skip_serializing)]
    pub run: Settings,
}

/// The observed data: a file or the values themselves; none for models that bring their own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::app) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<f64>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::app) struct Model {
    pub name: String,
}

/// Acceptance by one distance.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::app) struct Distance {
    /// p of the p-norm; `inf` for the largest difference.
    #[serde(default = "two")]
    pub norm: f64,
    #[serde(default)]
    pub scale: Scale,
    /// How many simulations from the prior find the scale; 10,000 where nothing says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pilot: Option<u64>,
    /// 1 for summaries without one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_of: Option<BestOf>,
}

/// What each difference is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum Scale {
    /// 1.
    None,
    /// The summary's median absolute deviation under the prior.
    #[default]
    Mad,
}

/// Keep the nearest of a fixed number of simulations: `draws` of them, or the share `quantile`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::app) struct BestOf {
    pub simulations: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantile: Option<f64>,
}

fn one() -> u64 {
    1
}

fn two() -> f64 {
    2.0
}

fn thousand() -> u32 {
    1000
}

/// How many draws, and simulations of a pilot, where nothing says.
const TEN_THOUSAND: u64 = 10_000;

/// So many simulations give a scale to three digits.
const LARGEST_PILOT: u64 = 10_000_000;

/// TOML has signed integers only.
const LARGEST: u64 = i64::MAX as u64;

impl Description {
    /// The problem for `simulator`, with a metric that is not yet scaled.
    ///
    /// # Errors
    /// Whatever in the description is not right or doesn't fit the simulator, with its place in `source`.
    pub fn problem<S: Simulator>(&self, simulator: S, source: &Source) -> Result<Problem<S>> {
        let prior = self.prior(&simulator.parameters(), source)?;
        let (acceptance, draws) = self.acceptance(&simulator.summaries(), source)?;
        let mut observed = vec![0.0; simulator.summaries().len()];
        simulator.observed(&mut observed).map_err(|error| source.error(&["data"], error.to_string()))?;
        if let Some((name, value)) = simulator.summaries().iter().zip(&observed).find(|(_, value)| !value.is_finite()) {
            return Err(source.error(&["data"], format!("the summary '{name}' of the data is {value}")));
        }
        let Description { max_simulations, batch, seed, .. } = *self;
        let simulator = Arc::new(simulator);
        let problem = Problem { simulator, prior, observed, acceptance, draws, max_simulations, batch, seed };
        problem.check().map_err(|error| source.error(&["model"], error.to_string()))?;
        Ok(problem)
    }

    /// Whether simulations from the prior have to find the scale of the summaries first.
    pub fn has_pilot(&self) -> bool {
        self.distance.as_ref().is_some_and(|distance| distance.pilot().is_some())
    }

    /// # Errors
    /// A number in the description that can't be.
    pub fn check_counts(&self, source: &Source) -> Result<()> {
        let best_of = self.distance.as_ref().and_then(|distance| distance.best_of.as_ref());
        let counts = [
            (&["draws"][..], self.draws),
            (&["max_simulations"], self.max_simulations),
            (&["batch"], Some(self.batch.into())),
            (&["distance", "pilot"], self.distance.as_ref().and_then(|distance| distance.pilot)),
            (&["distance", "best_of", "simulations"], best_of.map(|best_of| best_of.simulations)),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, count)| *count == Some(0)) {
            return Err(source.error(key, "must be at least 1, is 0"));
        }
        // They are held in memory, on root.
        if self.distance.as_ref().and_then(|distance| distance.pilot) > Some(LARGEST_PILOT) {
            return Err(source.error(&["distance", "pilot"], format!("must be at most {LARGEST_PILOT}")));
        }
        let seed = (&["seed"][..], Some(self.seed));
        if let Some((key, _)) = counts.iter().chain([&seed]).find(|(_, count)| *count > Some(LARGEST)) {
            return Err(source.error(key, format!("must be at most {LARGEST}")));
        }
        Ok(())
    }

    fn prior(&self, parameters: &[&str], source: &Source) -> Result<Prior> {
        let known = |name: &String| parameters.contains(&name.as_str());
        if let Some(name) = self.prior.keys().find(|name| !known(name)) {
            let message = format!("the model has no such parameter; it has {}", listed(parameters));
            return Err(source.error(&["prior", name], message));
        }
        let component = |name: &&str| {
            let specification =
                self.prior.get(*name).ok_or_else(|| source.error(&["prior"], format!("{name} has no prior")))?;
            Distribution::try_from(*specification).map_err(|invalid| {
                source.error(&["prior", name, specification.name(), invalid.parameter], invalid.message)
            })
        };
        Ok(Prior::new(parameters.iter().map(component).collect::<Result<_>>()?))
    }

    /// The acceptance rule, and how many draws it is to give.
    fn acceptance(&self, summaries: &[&str], source: &Source) -> Result<(Acceptance, u64)> {
        match (&self.tolerance, &self.distance) {
            (Some(tolerance), None) => Ok((each(tolerance, summaries, source)?, self.draws.unwrap_or(TEN_THOUSAND))),
            (None, Some(distance)) if distance.best_of.is_some() && self.max_simulations.is_some() => {
                Err(source.error(&["max_simulations"], "has no use here: best_of says how many simulations there are"))
            }
            (None, Some(distance)) => distance.acceptance(self.draws, summaries, source),
            (None, None) => {
                Err(source.error(&["tolerance"], "is missing: say which draws are accepted by it, or by a distance"))
            }
            (Some(_), Some(_)) => {
                Err(source.error(&["distance"], "can't be combined with tolerance: only one of them can decide"))
            }
        }
    }
}

/// A tolerance for each summary.
fn each(tolerance: &BTreeMap<String, f64>, summaries: &[&str], source: &Source) -> Result<Acceptance> {
    check_names(tolerance, &["tolerance"], summaries, source)?;
    let one = |name: &&str| match tolerance.get(*name) {
        Some(value) if *value > 0.0 => Ok(*value),
        Some(value) => Err(source.error(&["tolerance", name], format!("must be positive, is {value}"))),
        None => Err(source.error(&["tolerance"], format!("{name} has none; {name} = inf leaves it free"))),
    };
    Ok(Acceptance::Each { tolerances: summaries.iter().map(one).collect::<Result<_>>()? })
}

impl Distance {
    /// How many simulations from the prior find the scale of the summaries; `None` when nothing is to be found.
    pub fn pilot(&self) -> Option<u64> {
        (self.scale == Scale::Mad).then(|| self.pilot.unwrap_or(TEN_THOUSAND))
    }

    fn acceptance(&self, draws: Option<u64>, summaries: &[&str], source: &Source) -> Result<(Acceptance, u64)> {
        let wrong = |key: &str, message: String| Err(source.error(&["distance", key], message));
        if self.scale == Scale::None && self.pilot.is_some() {
            return wrong("pilot", "has no use without a scale".into());
        }
        if self.norm.is_nan() || self.norm < 1.0 {
            return wrong("norm", format!("must be at least 1, is {}", self.norm));
        }
        let metric = Metric { norm: self.norm, weights: self.weights(summaries, source)? };
        match (self.tolerance, &self.best_of) {
            (Some(tolerance), None) if tolerance > 0.0 => {
                Ok((Acceptance::Within { metric, tolerance }, draws.unwrap_or(TEN_THOUSAND)))
            }
            (Some(tolerance), None) => wrong("tolerance", format!("must be positive, is {tolerance}")),
            (None, Some(best_of)) => {
                let draws = best_of.draws(draws, source)?;
                Ok((Acceptance::Best { metric, simulations: best_of.simulations }, draws))
            }
            (None, None) => wrong("tolerance", "is missing: give one, or best_of = { simulations = ... }".into()),
            (Some(_), Some(_)) => wrong("best_of", "can't be combined with a tolerance".into()),
        }
    }

    fn weights(&self, summaries: &[&str], source: &Source) -> Result<Vec<f64>> {
        check_names(&self.weights, &["distance", "weights"], summaries, source)?;
        let weights: Vec<f64> = summaries.iter().map(|name| self.weights.get(*name).copied().unwrap_or(1.0)).collect();
        let wrong = |weight: &f64| !(weight.is_finite() && *weight >= 0.0);
        if let Some((name, weight)) = summaries.iter().zip(&weights).find(|(_, weight)| wrong(weight)) {
            let message = format!("must be 0 or positive, is {weight}");
            return Err(source.error(&["distance", "weights", name], message));
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err(source.error(&["distance", "weights"], "are all 0: nothing would decide"));
        }
        Ok(weights)
    }
}

impl BestOf {
    /// How many draws are kept.
    fn draws(&self, draws: Option<u64>, source: &Source) -> Result<u64> {
        let key = ["distance", "best_of", "quantile"];
        match (self.quantile, draws) {
            (Some(q), _) if q.is_nan() || q <= 0.0 || q > 1.0 => {
                Err(source.error(&key, format!("must be above 0 and at most 1, is {q}")))
            }
            (Some(_), Some(_)) => Err(source.error(&["draws"], "can't be combined with a quantile of best_of")),
            // 0.07 of 100 are 7, although the product is a little above that.
            (Some(q), None) => Ok(((self.simulations as f64 * q * (1.0 - 1e-12)).ceil() as u64).min(self.simulations)),
            (None, draws) => match draws.unwrap_or(TEN_THOUSAND) {
                draws if draws <= self.simulations => Ok(draws),
                draws => Err(source.error(&key[..2], format!("can't keep {draws} draws of {}", self.simulations))),
            },
        }
    }
}

fn check_names(given: &BTreeMap<String, f64>, key: &[&str], summaries: &[&str], source: &Source) -> Result<()> {
    match given.keys().find(|name| !summaries.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let key: Vec<&str> = key.iter().copied().chain([name.as_str()]).collect();
            Err(source.error(&key, format!("the model has no such summary; it has {}", listed(summaries))))
        }
    }
}

fn listed(names: &[&str]) -> String {
    names.join(", ")
}
