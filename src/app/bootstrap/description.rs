//! The run file of `bootstrap`.

use super::super::data::Missing;
use super::super::flags::Settings;
use crate::bootstrap::interval::{Interpolation, Method, Side};
use crate::bootstrap::{Acceleration, Alternative, Divisor, Variance};
use crate::distribution::Distribution;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A whole run file. All but `run` affects the result, and is stored in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct Description {
    #[serde(default = "one")]
    pub seed: u64,
    pub data: Data,
    #[serde(default)]
    pub bootstrap: Resampling,
    pub statistic: Vec<Wanted>,
    #[serde(default)]
    pub interval: Intervals,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Difference>,
    #[serde(default, skip_serializing)]
    pub run: Settings,
}

/// A file, or columns of values.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<BTreeMap<String, Vec<f64>>>,
    /// The path of a dataset in an HDF5 file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The columns that are read; those that something names, where nothing says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    pub missing: Missing,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub(super) struct Resampling {
    pub scheme: SchemeName,
    pub resamples: u64,
    /// Resamples in a task; by the number of rows where nothing says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// Add resamples until no endpoint has a larger Monte Carlo error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_mc_error: Option<f64>,
    /// But no more than these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_resamples: Option<u64>,
    /// Enumerate all resamples instead of drawing them.
    pub exact: bool,
    /// Note what the data without each row says.
    pub jackknife: bool,
    /// Note what resamples without a certain row say.
    pub jackknife_after: bool,
    /// Each rank holds only a part of the data.
    pub scattered: bool,
    /// Rows in a shard of scattered data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<usize>,
    /// How many multisets may be enumerated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_multisets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strata: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<String>,
    /// Where nothing says, the automatic one of the first statistic's first column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_length: Option<f64>,
    /// In standard deviations of each column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<BTreeMap<String, Model>>,
}

impl Default for Resampling {
    fn default() -> Self {
        Resampling {
            scheme: SchemeName::default(),
            resamples: TEN_THOUSAND,
            batch: None,
            until_mc_error: None,
            max_resamples: None,
            exact: false,
            jackknife: false,
            jackknife_after: false,
            scattered: false,
            shard: None,
            max_multisets: None,
            strata: None,
            clusters: None,
            block_length: None,
            bandwidth: None,
            models: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SchemeName {
    #[default]
    Ordinary,
    Balanced,
    Stratified,
    Clustered,
    Parametric,
    Bayesian,
    Smoothed,
    MovingBlock,
    CircularBlock,
    Stationary,
}

/// The model of a column in the parametric bootstrap: a name, to be fitted, or a distribution.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "the name of a distribution that is fitted, or a distribution")]
pub(super) enum Model {
    Fitted(String),
    Given(Distribution),
}

/// A statistic.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct Wanted {
    pub name: String,
    pub columns: Vec<String>,
    /// What it is called in the result; by default its name.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub divisor: Option<Divisor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<[String; 2]>,
}

/// A test whether two groups have the same mean.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct Difference {
    pub values: String,
    pub groups: String,
    /// Which two; the only two that there are, if nothing says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<[String; 2]>,
    #[serde(default)]
    pub alternative: Alternative,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub(super) struct Intervals {
    /// Where nothing says: normal, basic, percentile, and BCa if the scheme allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<Method>>,
    pub levels: Vec<f64>,
    pub sides: Vec<Side>,
    /// By the number of rows where nothing says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceleration: Option<Acceleration>,
    pub quantile: Interpolation,
    /// How many resamples of each resample give its standard error; 0: influence values do.
    pub nested: u32,
}

impl Default for Intervals {
    fn default() -> Self {
        Intervals {
            methods: None,
            levels: vec![0.95],
            sides: vec![Side::Two],
            acceleration: None,
            quantile: Interpolation::default(),
            nested: 0,
        }
    }
}

fn one() -> u64 {
    1
}

/// How many resamples, where nothing says.
const TEN_THOUSAND: u64 = 10_000;
/// Rows in a shard of scattered data, where nothing says.
pub(super) const SHARD: usize = 1 << 16;
/// They are held in memory, on root.
pub(super) const LARGEST_RESAMPLES: u64 = 1_000_000_000;
/// How many multisets are enumerated where nothing says: some minutes.
const MANY_MULTISETS: u64 = 1_000_000_000;

impl Description {
    /// The columns that something names, and among them those that say where a row belongs.
    pub fn columns(&self) -> (Vec<&str>, Vec<&str>) {
        let Resampling { strata, clusters, models, .. } = &self.bootstrap;
        let mut labels: Vec<&str> = strata.iter().chain(clusters).map(String::as_str).collect();
        labels.extend(self.test.iter().map(|test| test.groups.as_str()));
        let differences = self.statistic.iter().filter(|wanted| wanted.name == "mean_difference");
        labels.extend(differences.filter_map(|wanted| wanted.columns.get(1)).map(String::as_str));
        let mut all: Vec<&str> = self.data.columns.iter().flatten().map(String::as_str).collect();
        all.extend(self.statistic.iter().flat_map(|wanted| &wanted.columns).map(String::as_str));
        all.extend(models.iter().flat_map(BTreeMap::keys).map(String::as_str));
        all.extend(self.test.iter().map(|test| test.values.as_str()));
        all.extend(&labels);
        for names in [&mut all, &mut labels] {
            let mut seen = std::collections::BTreeSet::new();
            names.retain(|name| seen.insert(*name));
        }
        (all, labels)
    }

    /// How many resamples there are at most.
    pub fn most_resamples(&self) -> u64 {
        let Resampling { resamples, until_mc_error, max_resamples, .. } = self.bootstrap;
        match until_mc_error {
            Some(_) => max_resamples.unwrap_or(1000 * resamples).clamp(resamples, LARGEST_RESAMPLES),
            None => resamples,
        }
    }

    pub fn most_multisets(&self) -> u64 {
        self.bootstrap.max_multisets.unwrap_or(MANY_MULTISETS)
    }

    /// Where standard errors within resamples come from, when an interval needs them.
    pub fn variance(&self) -> Option<Variance> {
        let studentized = self.methods().contains(&Method::Studentized);
        studentized.then_some(match self.interval.nested {
            0 => Variance::Influence,
            resamples => Variance::Nested { resamples },
        })
    }

    /// The methods by which intervals are made.
    pub fn methods(&self) -> Vec<Method> {
        let by_rows = matches!(
            self.bootstrap.scheme,
            SchemeName::Ordinary | SchemeName::Balanced | SchemeName::Stratified | SchemeName::Clustered
        );
        self.interval.methods.clone().unwrap_or_else(|| {
            let plain = [Method::Normal, Method::Basic, Method::Percentile];
            plain.into_iter().chain(by_rows.then_some(Method::Bca)).collect()
        })
    }

    /// Every interval that is asked for, by these methods.
    pub fn intervals(&self, methods: &[Method]) -> Vec<(Method, f64, Side)> {
        let Intervals { levels, sides, .. } = &self.interval;
        let pairs = levels.iter().flat_map(|level| sides.iter().map(move |side| (*level, *side)));
        pairs.flat_map(|(level, side)| methods.iter().map(move |method| (*method, level, side))).collect()
    }
}
