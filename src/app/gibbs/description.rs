//! The run file of `gibbs`.

use super::super::data::Missing;
use super::super::flags::Settings;
use super::super::source::Source;
use crate::error::Result;
use crate::mcmc::{Order, Variable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A whole run file. All but `run` affects the result, and is stored in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct Description {
    #[serde(default = "one")]
    pub seed: u64,
    #[serde(default = "four")]
    pub chains: u64,
    /// Steps before the draws that count.
    #[serde(default = "thousand")]
    pub warmup: u64,
    /// Steps of each chain after the warm-up.
    #[serde(default = "ten_thousand")]
    pub draws: u64,
    /// Of these, every so-manieth is recorded.
    #[serde(default = "one")]
    pub thin: u64,
    #[serde(default)]
    pub save_warmup: bool,
    /// Lengthen the chains until they are as good as that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// But no longer than these steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_draws: Option<u64>,
    pub model: Model,
    #[serde(default)]
    pub data: Data,
    /// Numbers of the model's priors, by the names that it gives them.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub prior: toml::Table,
    /// For each variable, where chains begin.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub start: BTreeMap<String, Start>,
    #[serde(default, skip_serializing)]
    pub run: Settings,
}

/// What every quantity shall have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub(super) struct Until {
    /// At most this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rhat: Option<f64>,
    /// At least this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ess_bulk: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ess_tail: Option<f64>,
}

impl std::str::FromStr for Until {
    type Err = String;

    /// `rhat=1.01,ess_bulk=1000,ess_tail=1000`, any of them.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let mut until = Until::default();
        for part in text.split(',') {
            let (name, number) = part.split_once('=').ok_or_else(|| format!("'{part}' is not name=number"))?;
            let number = number.trim().parse().map_err(|_| format!("'{number}' is not a number"))?;
            match name.trim() {
                "rhat" => until.rhat = Some(number),
                "ess_bulk" => until.ess_bulk = Some(number),
                "ess_tail" => until.ess_tail = Some(number),
                name => return Err(format!("there is no '{name}'; there are rhat, ess_bulk, ess_tail")),
            }
        }
        Ok(until)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct Model {
    pub name: String,
    #[serde(default)]
    pub order: Order,
}

/// A file, or columns of values; none for models that bring their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, Values>,
    /// The path of a dataset in an HDF5 file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The columns that are read, in this order; all where nothing says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Of these, the columns of names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    pub missing: Missing,
}

impl Default for Data {
    fn default() -> Self {
        let (file, values, dataset, columns, labels) = Default::default();
        Data { file, values, dataset, columns, labels, missing: Missing::Keep }
    }
}

/// A column in a run file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "a list of numbers, or of names")]
pub(super) enum Values {
    Numbers(Vec<f64>),
    Labels(Vec<String>),
}

/// Where chains begin: a number for all of them; for each chain a number, or of an array its values; or, of an array,
/// its values for all chains.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, a list of numbers, or a list of such lists")]
pub(super) enum Start {
    All(f64),
    List(Vec<f64>),
    Lists(Vec<Vec<f64>>),
}

impl Start {
    /// The values of a variable for one of the chains.
    fn values(&self, variable: &Variable, chain: usize, chains: usize) -> std::result::Result<Vec<f64>, String> {
        let length = variable.len();
        let fits = |values: &[f64]| match values.len() == length {
            true => Ok(values.to_vec()),
            false => Err(format!("has {} values, but {} has {length}", values.len(), variable.name)),
        };
        match self {
            Start::All(value) => Ok(vec![*value; length]),
            Start::List(values) if !variable.axes.is_empty() => fits(values),
            Start::List(values) if values.len() == chains => Ok(vec![values[chain]]),
            Start::List(values) => Err(format!("has {} values for {chains} chains", values.len())),
            Start::Lists(lists) if lists.len() == chains => fits(&lists[chain]),
            Start::Lists(lists) => Err(format!("has {} lists for {chains} chains", lists.len())),
        }
    }
}

fn one() -> u64 {
    1
}

fn four() -> u64 {
    4
}

fn thousand() -> u64 {
    1000
}

fn ten_thousand() -> u64 {
    10_000
}

/// In all chains together.
const LARGEST_DRAWS: u64 = 1 << 40;
/// Values at which chains begin, of all chains together: every rank holds them in memory.
const LARGEST_STARTS: usize = 1 << 21;

impl Description {
    /// # Errors
    /// A number in the description that can't be.
    pub fn check(&self, source: &Source) -> Result<()> {
        let wrong = |key: &[&str], message: String| Err(source.error(key, message));
        let Description { chains, draws, thin, until, max_draws, warmup, .. } = *self;
        if self.seed > i64::MAX as u64 {
            return wrong(&["seed"], format!("must be at most {}", i64::MAX));
        }
        for (key, count) in [("chains", chains), ("draws", draws), ("thin", thin)] {
            if count == 0 {
                return wrong(&[key], "must be at least 1, is 0".into());
            }
        }
        for (key, count) in [("draws", draws), ("warmup", warmup), ("max_draws", max_draws.unwrap_or(0))] {
            if count.checked_mul(chains).is_none_or(|all| all > LARGEST_DRAWS) {
                // The larger of the two is the one to look at.
                return match chains > count {
                    true => {
                        wrong(&["chains"], format!("at most {} can have {key} = {count}", LARGEST_DRAWS / count.max(1)))
                    }
                    false => wrong(&[key], format!("{chains} chains can have at most {}", LARGEST_DRAWS / chains)),
                };
            }
        }
        if thin > draws {
            return wrong(&["thin"], format!("must be at most the number of draws, {draws}, is {thin}"));
        }
        match (until, max_draws) {
            (None, Some(_)) => return wrong(&["max_draws"], "has no use without until".into()),
            (Some(_), Some(most)) if most < draws => {
                return wrong(&["max_draws"], format!("must be at least the number of draws, {draws}, is {most}"));
            }
            _ => (),
        }
        until.map_or(Ok(()), |until| until.check(chains, source))
    }

    /// At how many recorded draws of each chain to look whether they are enough: after `draws`, and then whenever there
    /// are half as many again, up to the most.
    pub fn checks(&self) -> Vec<u64> {
        let Description { draws, thin, until, .. } = *self;
        let most = self.most_draws() / thin;
        let mut checks = vec![draws / thin];
        while until.is_some() && checks[checks.len() - 1] < most {
            let last = checks[checks.len() - 1];
            checks.push((last + (last / 2).max(1)).min(most));
        }
        checks
    }

    /// Steps of each chain after the warm-up, at most.
    pub fn most_draws(&self) -> u64 {
        let Description { draws, until, max_draws, .. } = *self;
        until.map_or(draws, |_| max_draws.unwrap_or(100 * draws))
    }

    /// For each chain, where it begins: the values of all variables, or none.
    ///
    /// # Errors
    /// Names that the model doesn't have, or has and are missing; numbers of values that don't fit.
    pub fn starts(&self, variables: &[Variable], source: &Source) -> Result<Vec<Vec<f64>>> {
        if self.start.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(name) = self.start.keys().find(|name| variables.iter().all(|variable| variable.name != **name)) {
            let names: Vec<&str> = variables.iter().map(|variable| &*variable.name).collect();
            let message = format!("the model has no variable '{name}'; it has {}", names.join(", "));
            return Err(source.error(&["start", name], message));
        }
        let chains = self.chains as usize;
        let values: usize = variables.iter().map(Variable::len).sum();
        if chains.saturating_mul(values) > LARGEST_STARTS {
            let message =
                format!("{chains} chains of {values} values are too many: {LARGEST_STARTS} can be given in all");
            return Err(source.error(&["start"], message));
        }
        let of = |chain: usize| -> Result<Vec<f64>> {
            let mut values = Vec::new();
            for variable in variables {
                match self.start.get(&variable.name) {
                    Some(start) => values.extend(
                        start
                            .values(variable, chain, chains)
                            .map_err(|message| source.error(&["start", &variable.name], message))?,
                    ),
                    // What a model can do without, such as imputed values, need not be given.
                    None => values.extend(vec![f64::NAN; variable.len()]),
                }
            }
            Ok(values)
        };
        (0..chains).map(of).collect()
    }
}

impl Until {
    fn check(&self, chains: u64, source: &Source) -> Result<()> {
        let wrong = |key: &str, message: String| {
            // As a flag it has no parts.
            let place: &[&str] = if source.says(&["until", key]) { &["until", key] } else { &["until"] };
            Err(source.error(place, message))
        };
        match *self {
            Until { rhat: None, ess_bulk: None, ess_tail: None } => {
                Err(source.error(&["until"], "needs one of rhat, ess_bulk, ess_tail"))
            }
            Until { rhat: Some(rhat), .. } if rhat.is_nan() || rhat <= 1.0 => {
                wrong("rhat", format!("rhat must be above 1, is {rhat}"))
            }
            Until { rhat: Some(_), .. } if chains < 2 => wrong("rhat", "rhat needs at least two chains".into()),
            _ => {
                let sizes = [("ess_bulk", self.ess_bulk), ("ess_tail", self.ess_tail)];
                match sizes
                    .iter()
                    .find(|(_, size)| size.is_some_and(|size| size.is_nan() || size <= 0.0 || size.is_infinite()))
                {
                    Some((name, _)) => wrong(name, format!("{name} must be positive")),
                    None => Ok(()),
                }
            }
        }
    }
}
