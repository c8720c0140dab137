//! The result file of `bootstrap`.

use super::super::data;
use super::super::summary::{self as said, digest, ranks};
use super::Job;
use super::analysis::{Outcome, Results};
use super::summary::{self, Summary};
use crate::bootstrap::scattered::Little;
use crate::bootstrap::{LeaveOneOut, Problem, Replicates, Table, TestResult, Without};
use crate::checkpoint::Run;
use crate::error::Result;
use crate::farm::Account;
use crate::store::{Axis, Coordinates, ResultFile};

/// The result file until the results are there.
pub(super) struct Recording {
    file: ResultFile,
}

/// What is resampled, as the result file describes it.
pub(super) struct Subject<'a> {
    /// All outputs of all statistics.
    pub names: Vec<String>,
    pub rows: u64,
    /// The data, where it is in one place.
    pub table: Option<&'a Table>,
    pub data_sha256: String,
    pub block_length: Option<f64>,
}

impl<'a> Subject<'a> {
    pub fn whole(problem: &'a Problem) -> Self {
        let table = &problem.table;
        let all: Vec<f64> = table.columns().iter().flat_map(|column| &column.values).copied().collect();
        Subject {
            names: problem.outputs(),
            rows: table.rows() as u64,
            table: Some(table),
            data_sha256: digest(&all),
            block_length: problem.scheme.block_length(),
        }
    }
}

impl Subject<'_> {
    /// The run that analyses it.
    pub fn run(&self, job: &Job) -> Run {
        let (description, data) = (job.description.clone(), self.data_sha256.clone());
        Run { application: "bootstrap".into(), description, data }
    }
}

/// What has been drawn.
pub(super) struct Drawn<'a> {
    /// The replicates, and the names of their outputs.
    pub replicates: (&'a Replicates, Vec<String>),
    /// Those by the bag of little bootstraps.
    pub little: Option<(&'a Little, Vec<String>)>,
}

impl Recording {
    /// Begins the file: what is known before the first resample.
    pub fn create(subject: &Subject<'_>, job: &Job) -> Result<Self> {
        let mut file = ResultFile::create(&job.settings.out, job.settings.force || job.data.extend)?;
        file.attribute("/", "application", "bootstrap")?;
        file.attribute("/", "inference_library", "ensample")?;
        file.attribute("/", "inference_library_version", env!("CARGO_PKG_VERSION"))?;
        file.attribute("/", "seed", job.parsed.seed)?;
        file.attribute("/", "run_file", job.description.as_str())?;
        if let Some(length) = subject.block_length {
            file.attribute("/", "block_length", length)?;
        }
        file.attribute("/", "data_sha256", subject.data_sha256.as_str())?;
        if let Some(table) = subject.table {
            data::write_observed(&mut file, table.columns(), "row")?;
        }
        Ok(Recording { file })
    }

    /// Completes the file, and summarises the run.
    pub fn finish(
        mut self,
        subject: &Subject<'_>,
        job: &Job,
        drawn: &Drawn<'_>,
        results: &Results,
        phases: &[(&'static str, Account)],
    ) -> Result<Summary> {
        let file = &mut self.file;
        let names = &subject.names;
        let (replicates, of) = &drawn.replicates;
        let little = drawn.little.as_ref().map_or(0, |(little, _)| little.len());
        let resamples = results.multisets.unwrap_or((replicates.len() + little) as u64);
        file.attribute("/", "exact", i64::from(results.multisets.is_some()))?;
        file.attribute("/", if results.multisets.is_some() { "multisets" } else { "resamples" }, resamples)?;
        file.attribute("/", "partial", i64::from(results.imprecise.is_some()))?;
        file.attribute("/", "quantile", job.parsed.interval.quantile.name())?;
        file.attribute("/", "acceleration", results.acceleration.map_or("none", |by| by.name()))?;
        if !replicates.is_empty() {
            write_replicates(file, of, replicates)?;
        }
        if let Some((little, of)) = &drawn.little {
            write_little(file, of, little)?;
        }
        write_outcomes(file, names, &results.outcomes)?;
        if !replicates.without.is_empty() {
            write_without(file, names, replicates)?;
        }
        if let Some(left_out) = &results.left_out {
            write_jackknife(file, names, left_out, &results.outcomes)?;
        }
        if let Some(test) = &results.test {
            write_test(file, test)?;
        }
        self.file.finish()?;
        // The phases that are the work itself; there is at least one.
        let mut work = Account::default();
        for (_, account) in phases.iter().filter(|(name, _)| !["jackknife", "test", "totals"].contains(name)) {
            work.add((*account).clone());
        }
        let ranks =
            phases.iter().rfind(|(name, _)| *name != "test").map(|(_, account)| ranks(account)).unwrap_or_default();
        let named: Vec<(&str, &Account)> = phases.iter().map(|(name, account)| (*name, account)).collect();
        Ok(Summary {
            application: "bootstrap",
            version: env!("CARGO_PKG_VERSION"),
            out: job.settings.out.clone(),
            rows: subject.rows,
            block_length: subject.block_length,
            exact: results.multisets.is_some(),
            partial: results.imprecise.is_some(),
            largest_mc_error: results.imprecise,
            resamples,
            acceleration: results.acceleration.map(|by| by.name()),
            quantile: job.parsed.interval.quantile.name(),
            seconds: work.seconds,
            resamples_per_second: work.rate(resamples),
            statistics: names
                .iter()
                .cloned()
                .zip(&results.outcomes)
                .map(|(name, outcome)| (name, summary::of(outcome)))
                .collect(),
            test: results.test,
            ranks,
            phases: said::phases(&named),
        })
    }
}

/// A variable for each output, and for its standard errors within resamples where there are some.
fn write_replicates(file: &mut ResultFile, names: &[String], replicates: &Replicates) -> Result<()> {
    let replicate = file.axis("replicate", Coordinates::Index(replicates.len()));
    for number in 0..replicates.width {
        let path = match number < names.len() {
            true => format!("replicates/{}", names[number]),
            false => format!("replicates/{}_standard_error", names[number - names.len()]),
        };
        let variable = file.variable::<f64>(&path, &[replicate])?;
        file.write(variable, &replicates.column(number).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// For each subset of every partition its estimates and replicates.
fn write_little(file: &mut ResultFile, names: &[String], little: &Little) -> Result<()> {
    let subsets = little.estimates.len();
    let subset = file.axis("subset", Coordinates::Index(subsets));
    let resample = file.axis("resample", Coordinates::Index(little.len() / subsets.max(1)));
    for (number, name) in names.iter().enumerate() {
        let variable = file.variable::<f64>(&format!("little_bootstraps/{name}"), &[subset, resample])?;
        let values = (0..subsets).flat_map(|subset| little.column(subset, number));
        file.write(variable, &values.collect::<Vec<_>>())?;
        let variable = file.variable::<f64>(&format!("little_bootstraps/{name}_estimate"), &[subset])?;
        file.write(variable, &little.estimates.iter().map(|estimates| estimates[number]).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The jackknife influence values of the rows (or clusters), and what they say of bias and standard error.
fn write_jackknife(
    file: &mut ResultFile,
    names: &[String],
    left_out: &LeaveOneOut,
    outcomes: &[Outcome],
) -> Result<()> {
    let influences: Vec<Vec<f64>> = (0..names.len()).map(|output| left_out.influence(output)).collect();
    let unit = file.axis("unit", Coordinates::Index(influences.first().map_or(0, Vec::len)));
    let statistic = file.axis("statistic", Coordinates::Labels(names.to_vec()));
    for (name, influence) in names.iter().zip(&influences) {
        let variable = file.variable::<f64>(&format!("jackknife/{name}_influence"), &[unit])?;
        file.write(variable, influence)?;
    }
    let bias = file.variable::<f64>("jackknife/bias", &[statistic])?;
    let of = |(output, outcome): (usize, &Outcome)| left_out.bias(output, outcome.basis.estimate);
    file.write(bias, &outcomes.iter().enumerate().map(of).collect::<Vec<_>>())?;
    let error = file.variable::<f64>("jackknife/standard_error", &[statistic])?;
    file.write(error, &(0..names.len()).map(|output| left_out.standard_error(output)).collect::<Vec<_>>())
}

/// For each row, what the resamples without it say.
fn write_without(file: &mut ResultFile, names: &[String], replicates: &Replicates) -> Result<()> {
    let row = file.axis("row", Coordinates::Index(replicates.without.len() / names.len()));
    for (output, name) in names.iter().enumerate() {
        let mut of = |what: &str, number: fn(&Without) -> f64| {
            let variable = file.variable::<f64>(&format!("jackknife_after/{name}_{what}"), &[row])?;
            let values = replicates.without.iter().skip(output).step_by(names.len()).map(number);
            file.write(variable, &values.collect::<Vec<_>>())
        };
        of("resamples", |without| without.count)?;
        of("bias", Without::bias)?;
        of("standard_error", Without::standard_error)?;
    }
    Ok(())
}

fn write_test(file: &mut ResultFile, test: &TestResult) -> Result<()> {
    let numbers = [
        ("difference", test.difference),
        ("t", test.t),
        ("p_value", test.p_value),
        ("p_value_mc_error", test.mc_error),
    ];
    for (name, value) in numbers {
        let variable = file.variable::<f64>(&format!("test/{name}"), &[])?;
        file.write(variable, &[value])?;
    }
    let undefined = file.variable::<u64>("test/undefined", &[])?;
    file.write(undefined, &[test.undefined])
}

fn write_outcomes(file: &mut ResultFile, names: &[String], outcomes: &[Outcome]) -> Result<()> {
    let statistic = file.axis("statistic", Coordinates::Labels(names.to_vec()));
    let mut numbers = |path: &str, axes: &[Axis], values: Vec<f64>| {
        let variable = file.variable::<f64>(path, axes)?;
        file.write(variable, &values)
    };
    let of = |number: fn(&Outcome) -> f64| outcomes.iter().map(number).collect::<Vec<f64>>();
    numbers("estimates/estimate", &[statistic], of(|outcome| outcome.basis.estimate))?;
    numbers("estimates/bias", &[statistic], of(|outcome| outcome.bias))?;
    numbers("estimates/bias_mc_error", &[statistic], of(|outcome| outcome.bias_mc_error))?;
    numbers("estimates/standard_error", &[statistic], of(|outcome| outcome.standard_error))?;
    numbers("estimates/standard_error_mc_error", &[statistic], of(|outcome| outcome.standard_error_mc_error))?;
    numbers("estimates/z0", &[statistic], of(|outcome| outcome.z0))?;
    numbers("estimates/acceleration", &[statistic], of(|outcome| outcome.basis.acceleration))?;
    let undefined = file.variable::<u64>("estimates/undefined", &[statistic])?;
    file.write(undefined, &outcomes.iter().map(|outcome| outcome.undefined).collect::<Vec<_>>())?;

    let intervals = outcomes.first().map_or(&[][..], |outcome| &outcome.intervals);
    let interval = file.axis("interval", Coordinates::Index(intervals.len()));
    let method = file.variable::<String>("intervals/method", &[interval])?;
    file.write(method, &intervals.iter().map(|interval| interval.method.name().to_owned()).collect::<Vec<_>>())?;
    let level = file.variable::<f64>("intervals/level", &[interval])?;
    file.write(level, &intervals.iter().map(|interval| interval.level).collect::<Vec<_>>())?;
    let side = file.variable::<String>("intervals/side", &[interval])?;
    file.write(side, &intervals.iter().map(|interval| interval.side.name().to_owned()).collect::<Vec<_>>())?;
    let mut ends = |name: &str, end: fn(&super::analysis::Interval) -> f64| {
        let variable = file.variable::<f64>(&format!("intervals/{name}"), &[statistic, interval])?;
        let values = outcomes.iter().flat_map(|outcome| &outcome.intervals).map(end).collect::<Vec<_>>();
        file.write(variable, &values)
    };
    ends("low", |interval| interval.low.value)?;
    ends("high", |interval| interval.high.value)?;
    ends("low_mc_error", |interval| interval.low.monte_carlo_error)?;
    ends("high_mc_error", |interval| interval.high.monte_carlo_error)
}
