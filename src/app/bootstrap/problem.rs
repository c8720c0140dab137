//! The problem that a run file describes.

use super::super::source::Source;
use super::description::{Description, Difference, Model, Resampling, SchemeName, Wanted};
use crate::bootstrap::interval::Method;
use crate::bootstrap::{
    Column, Estimator, LeastSquares, Mean, MeanDifference, Pearson, Problem, Quantile, Ratio, Scheme, Spearman, Spread,
    Statistic, Sum, Table, Test, TrimmedMean, block_length, fit, rule_of_thumb,
};
use crate::error::{Error, Result};
use std::sync::Arc;

/// Statistics of the user's own, by name.
pub(super) type Own<'a> = &'a dyn Fn(&str, &[&str]) -> Result<Option<Arc<dyn Statistic>>>;

/// The shipped statistics.
const SHIPPED: &str = "mean, median, quantile, variance, sd, trimmed_mean, sum, ratio, mean_difference, pearson, \
                       spearman, least_squares";

/// Every task sends a number for each row.
const LARGEST_JACKKNIFE: usize = 10_000;

/// A task shall take about as long as drawing so many rows;
const ROWS_IN_TASK: usize = 1 << 17;

/// but shall make several resamples, for which large data comes from the memory only once.
const LEAST_IN_TASK: usize = 4;

impl Description {
    /// The statistics, for data of these columns; those of groups have all groups among their values.
    ///
    /// # Errors
    /// What is not right or doesn't fit the columns, with its place in `source`.
    pub fn estimators(&self, columns: &[Column], own: Own, source: &Source) -> Result<Vec<Estimator>> {
        let estimator = |(i, wanted): (usize, &Wanted)| {
            wanted.estimator(columns, own, &|key, message| source.error(&["statistic", &i.to_string(), key], message))
        };
        self.statistic.iter().enumerate().map(estimator).collect()
    }

    /// # Errors
    /// Whatever in the description is not right or doesn't fit the data, with its place in `source`.
    pub fn problem(&self, table: Arc<Table>, own: Own, source: &Source) -> Result<Problem> {
        let estimators = self.estimators(table.columns(), own, source)?;
        let series = estimators.first().and_then(|estimator| estimator.columns.first()).copied().unwrap_or(0);
        let scheme = self.bootstrap.scheme(&table, series, source)?;
        let batch = self.bootstrap.batch.unwrap_or((ROWS_IN_TASK / table.rows()).clamp(LEAST_IN_TASK, 4096) as u32);
        let (resamples, seed, variance) = (self.most_resamples(), self.seed, self.variance());
        let jackknife_after = self.bootstrap.jackknife_after;
        let problem = Problem { table, estimators, scheme, resamples, batch, seed, variance, jackknife_after };
        if jackknife_after && problem.table.rows() > LARGEST_JACKKNIFE {
            let message = format!("is for at most {LARGEST_JACKKNIFE} rows");
            return Err(source.error(&["bootstrap", "jackknife_after"], message));
        }
        problem.check().map_err(|error| source.error(&["statistic"], error.to_string()))?;
        self.check_estimates(&problem, source)?;
        Ok(problem)
    }

    /// What the data itself must allow.
    fn check_estimates(&self, problem: &Problem, source: &Source) -> Result<()> {
        if problem.table.rows() < 2 {
            return Err(source.error(&["data"], "has one row: nothing varies when it is drawn again"));
        }
        let constant = |column: &usize| {
            let values = &problem.table.columns()[*column].values;
            values.iter().all(|value| *value == values[0])
        };
        for (i, estimator) in problem.estimators.iter().enumerate() {
            if estimator.columns.iter().all(constant) {
                let message = format!("{} has no variance: its column is constant", estimator.name);
                return Err(source.error(&["statistic", &i.to_string(), "columns"], message));
            }
        }
        let (estimates, outputs) = (problem.estimates()?, problem.outputs());
        if let Some(output) = estimates.iter().position(|estimate| !estimate.is_finite()) {
            let message = format!("{} of the data is {}: is a column constant?", outputs[output], estimates[output]);
            return Err(source.error(&["statistic"], message));
        }
        let errors = problem.standard_errors()?;
        if let Some(output) =
            errors.iter().zip(&estimates).position(|(error, estimate)| *error <= 1e-14 * estimate.abs())
        {
            let message = format!("{} has no variance: it is the same in every resample", outputs[output]);
            return Err(source.error(&["statistic"], message));
        }
        let analytic = self.methods().contains(&Method::Studentized) && self.interval.nested == 0;
        if let (true, Some(output)) = (analytic, errors.iter().position(|error| error.is_nan())) {
            let message = format!(
                "studentized needs a standard error, and {} has no formula for it: nested = 50 finds it by resampling",
                outputs[output]
            );
            return Err(source.error(&["interval", "methods"], message));
        }
        Ok(())
    }
}

impl Wanted {
    fn estimator(&self, all: &[Column], own: Own, wrong: &dyn Fn(&str, String) -> Error) -> Result<Estimator> {
        let find = |name: &String| {
            all.iter().position(|column| column.name == *name).ok_or_else(|| {
                let names: Vec<&str> = all.iter().map(|column| column.name.as_str()).collect();
                wrong("columns", format!("the data has no column '{name}'; it has {}", names.join(", ")))
            })
        };
        let columns: Vec<usize> = self.columns.iter().map(find).collect::<Result<_>>()?;
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let statistic = match own(&self.name, &names)? {
            Some(statistic) => statistic,
            None => self.shipped(all, &columns, wrong)?,
        };
        let name = self.called.clone().unwrap_or_else(|| self.name.clone());
        if name.is_empty() || name.contains(['/', '\0']) || name == "." || name == "replicate" {
            return Err(wrong("as", format!("'{name}' can't be the name of a variable in a file")));
        }
        Ok(Estimator { name, statistic, columns })
    }

    fn shipped(
        &self,
        all: &[Column],
        columns: &[usize],
        wrong: &dyn Fn(&str, String) -> Error,
    ) -> Result<Arc<dyn Statistic>> {
        let count = match self.name.as_str() {
            "ratio" | "mean_difference" | "pearson" | "spearman" => 2..=2,
            "least_squares" => 2..=64,
            _ => 1..=1,
        };
        let p = || self.p.ok_or_else(|| wrong("p", "is missing".into()));
        let at_p = |error: Error| wrong("p", error.to_string());
        let spread = |root| Arc::new(Spread { root, divisor: self.divisor.unwrap_or_default() });
        let statistic: Arc<dyn Statistic> = match self.name.as_str() {
            "mean" => Arc::new(Mean),
            "sum" => Arc::new(Sum),
            "ratio" => Arc::new(Ratio),
            "median" => Arc::new(Quantile::new(0.5)?),
            "quantile" => Arc::new(Quantile::new(p()?).map_err(at_p)?),
            "trimmed_mean" => Arc::new(TrimmedMean::new(p()?).map_err(at_p)?),
            "variance" => spread(false),
            "sd" => spread(true),
            "pearson" => Arc::new(Pearson),
            "spearman" => Arc::new(Spearman),
            "least_squares" => Arc::new(LeastSquares::new(&self.columns[1.min(self.columns.len())..])),
            "mean_difference" if columns.len() == 2 => {
                let column = &all[columns[1]];
                Arc::new(MeanDifference::new(pair(column, &self.groups, &|message| wrong("groups", message))?)?)
            }
            "mean_difference" => Arc::new(Mean), // refused below
            name => return Err(wrong("name", format!("there is no statistic '{name}'; there are {SHIPPED}"))),
        };
        if !count.contains(&columns.len()) {
            let (least, given) = (count.start(), columns.len());
            return Err(wrong("columns", format!("are {given}, but {} takes {least}", self.name)));
        }
        let uses = [
            ("p", self.p.is_some(), ["quantile", "trimmed_mean"]),
            ("divisor", self.divisor.is_some(), ["variance", "sd"]),
            ("groups", self.groups.is_some(), ["mean_difference"; 2]),
        ];
        match uses.iter().find(|(_, given, names)| *given && !names.contains(&self.name.as_str())) {
            Some((key, ..)) => Err(wrong(key, format!("has no use for {}", self.name))),
            None => Ok(statistic),
        }
    }
}

/// Two groups, as values of their column: those named, or the only two that there are.
fn pair(column: &Column, named: &Option<[String; 2]>, wrong: &dyn Fn(String) -> Error) -> Result<[f64; 2]> {
    let mut values = column.values.clone();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let label = |value: &f64| match &column.labels {
        Some(labels) => labels[*value as usize].clone(),
        None => value.to_string(),
    };
    let find = |wanted: &String| {
        let found = values.iter().find(|value| label(value) == *wanted).copied();
        found.ok_or_else(|| wrong(format!("the column {} has no '{wanted}'", column.name)))
    };
    match (named, values.len()) {
        (Some([a, b]), _) if a == b => Err(wrong(format!("'{a}' is there twice"))),
        (Some([a, b]), _) => Ok([find(a)?, find(b)?]),
        (None, 2) => Ok([values[0], values[1]]),
        (None, found) => Err(wrong(format!("is missing: the column {} has {found} groups, name two", column.name))),
    }
}

impl Description {
    /// The test that is asked for.
    ///
    /// # Errors
    /// Columns or groups that the data doesn't have.
    pub fn test(&self, problem: &Problem, source: &Source) -> Result<Option<Test>> {
        let Some(Difference { values, groups, pair: named, alternative }) = &self.test else { return Ok(None) };
        let wrong = |key: &str, message: String| source.error(&["test", key], message);
        let find = |key: &str, name: &String| {
            problem.table.find(name).ok_or_else(|| wrong(key, format!("the data has no column '{name}'")))
        };
        let (values, groups) = (find("values", values)?, find("groups", groups)?);
        let pair = pair(&problem.table.columns()[groups], named, &|message| wrong("pair", message))?;
        let Problem { resamples, batch, seed, .. } = *problem;
        let resamples = resamples.min(self.bootstrap.resamples);
        Ok(Some(Test { values, groups, pair, alternative: *alternative, resamples, batch, seed }))
    }
}

impl Resampling {
    /// `series` is the column that decides on an automatic block length.
    fn scheme(&self, table: &Table, series: usize, source: &Source) -> Result<Scheme> {
        let wrong = |key: &str, message: String| source.error(&["bootstrap", key], message);
        let column = |key: &str, name: &Option<String>| {
            let name = name.as_ref().ok_or_else(|| wrong(key, "is missing: the scheme needs that column".into()))?;
            table.find(name).ok_or_else(|| wrong(key, format!("the data has no column '{name}'")))
        };
        let rows = table.rows() as f64;
        let length = || match self.block_length {
            Some(length) if length >= 1.0 && length <= rows => Ok(length),
            Some(length) => {
                Err(wrong("block_length", format!("must be from 1 to the number of rows, {rows}, is {length}")))
            }
            None => {
                let found = block_length(&table.columns()[series].values);
                let found = found.map_err(|error| wrong("block_length", error.to_string()))?;
                // A whole number of rows, unless lengths are random.
                Ok(if self.scheme == SchemeName::Stationary { found.stationary } else { found.circular.ceil() })
            }
        };
        let whole = || match length()? {
            length if length.fract() == 0.0 => Ok(length as usize),
            length => Err(wrong("block_length", format!("must be a whole number, is {length}"))),
        };
        let scheme = match self.scheme {
            SchemeName::Ordinary => Scheme::Ordinary,
            SchemeName::Balanced => Scheme::Balanced,
            SchemeName::Bayesian => Scheme::Bayesian,
            SchemeName::Stratified => Scheme::Stratified { strata: column("strata", &self.strata)? },
            SchemeName::Clustered => Scheme::Clustered { clusters: column("clusters", &self.clusters)? },
            SchemeName::MovingBlock => Scheme::MovingBlock { length: whole()? },
            SchemeName::CircularBlock => Scheme::CircularBlock { length: whole()? },
            SchemeName::Stationary => Scheme::Stationary { length: length()? },
            SchemeName::Smoothed if self.bandwidth.is_some_and(|share| !(0.0..=1e6).contains(&share)) => {
                return Err(wrong("bandwidth", "must be from 0 to 1e6".into()));
            }
            SchemeName::Smoothed => Scheme::Smoothed { bandwidths: self.bandwidths(table) },
            SchemeName::Parametric => Scheme::Parametric { models: self.models(table, source)? },
        };
        let uses = [
            ("strata", self.strata.is_some(), self.scheme == SchemeName::Stratified),
            ("clusters", self.clusters.is_some(), self.scheme == SchemeName::Clustered),
            ("bandwidth", self.bandwidth.is_some(), self.scheme == SchemeName::Smoothed),
            ("models", self.models.is_some(), self.scheme == SchemeName::Parametric),
            (
                "block_length",
                self.block_length.is_some(),
                matches!(self.scheme, SchemeName::MovingBlock | SchemeName::CircularBlock | SchemeName::Stationary),
            ),
        ];
        match uses.iter().find(|(_, given, used)| *given && !used) {
            Some((key, ..)) => Err(wrong(key, "has no use in this scheme".into())),
            None => Ok(scheme),
        }
    }

    fn bandwidths(&self, table: &Table) -> Vec<f64> {
        let bandwidth = |column: &Column| match (&column.labels, self.bandwidth) {
            (Some(_), _) => 0.0,
            (None, None) => rule_of_thumb(&column.values),
            (None, Some(share)) => {
                let n = column.values.len() as f64;
                let mean = column.values.iter().sum::<f64>() / n;
                share * (column.values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)).sqrt()
            }
        };
        table.columns().iter().map(bandwidth).collect()
    }

    fn models(&self, table: &Table, source: &Source) -> Result<Vec<Option<crate::distribution::Distribution>>> {
        let models = self.models.as_ref().filter(|models| !models.is_empty());
        let models =
            models.ok_or_else(|| source.error(&["bootstrap", "models"], "is missing: column = distribution"))?;
        let mut found = vec![None; table.columns().len()];
        for (name, model) in models {
            let key = ["bootstrap", "models", name];
            let column = table.find(name).ok_or_else(|| source.error(&key, "the data has no such column"))?;
            found[column] = Some(match model {
                Model::Given(distribution) => *distribution,
                Model::Fitted(name) => {
                    let fitted = fit(name, &table.columns()[column].values);
                    fitted.map_err(|error| source.error(&key, error.to_string()))?
                }
            });
        }
        Ok(found)
    }
}
