//! The result file of `bootstrap`.

use super::super::summary::{digest, ranks};
use super::Job;
use super::analysis::{Outcome, Results};
use super::summary::{self, Summary};
use crate::bootstrap::{Problem, Replicates, TestResult, Without};
use crate::error::Result;
use crate::farm::Account;
use crate::store::{Axis, Coordinates, ResultFile};

/// The result file until the results are there.
pub(super) struct Recording {
    file: ResultFile,
}

impl Recording {
    /// Begins the file: what is known before the first resample.
    pub fn create(problem: &Problem, job: &Job) -> Result<Self> {
        let mut file = ResultFile::create(&job.settings.out, job.settings.force || job.extend)?;
        file.attribute("/", "application", "bootstrap")?;
        file.attribute("/", "inference_library", "ensample")?;
        file.attribute("/", "inference_library_version", env!("CARGO_PKG_VERSION"))?;
        file.attribute("/", "seed", job.parsed.seed)?;
        file.attribute("/", "run_file", job.description.as_str())?;
        if let Some(length) = problem.scheme.block_length() {
            file.attribute("/", "block_length", length)?;
        }
        file.attribute("/", "data_sha256", data_digest(problem))?;
        let row = file.axis("row", Coordinates::Index(problem.table.rows()));
        for column in problem.table.columns() {
            let path = format!("observed_data/{}", column.name);
            match &column.labels {
                None => {
                    let variable = file.variable::<f64>(&path, &[row])?;
                    file.write(variable, &column.values)?;
                }
                Some(labels) => {
                    let cells: Vec<String> =
                        column.values.iter().map(|value| labels[*value as usize].clone()).collect();
                    let variable = file.variable::<String>(&path, &[row])?;
                    file.write(variable, &cells)?;
                }
            }
        }
        Ok(Recording { file })
    }

    /// Completes the file, and summarises the run.
    pub fn finish(
        mut self,
        problem: &Problem,
        job: &Job,
        replicates: &Replicates,
        results: &Results,
        phases: &[(&'static str, Account)],
    ) -> Result<Summary> {
        let file = &mut self.file;
        let names = problem.outputs();
        let resamples = results.multisets.unwrap_or(replicates.len() as u64);
        file.attribute("/", "exact", i64::from(results.multisets.is_some()))?;
        file.attribute("/", if results.multisets.is_some() { "multisets" } else { "resamples" }, resamples)?;
        file.attribute("/", "partial", i64::from(results.imprecise.is_some()))?;
        file.attribute("/", "quantile", job.parsed.interval.quantile.name())?;
        file.attribute("/", "acceleration", results.acceleration.map_or("none", |by| by.name()))?;
        if results.multisets.is_none() {
            write_replicates(file, &names, replicates)?;
        }
        write_outcomes(file, &names, &results.outcomes)?;
        if !replicates.without.is_empty() {
            write_without(file, &names, replicates)?;
        }
        if let Some(test) = &results.test {
            write_test(file, test)?;
        }
        self.file.finish()?;
        // The phases that are the work itself; there is at least one.
        let seconds = phases
            .iter()
            .filter(|(name, _)| !["jackknife", "test"].contains(name))
            .map(|(_, account)| account.seconds)
            .sum();
        let ranks =
            phases.iter().rfind(|(name, _)| *name != "test").map(|(_, account)| ranks(account)).unwrap_or_default();
        Ok(Summary {
            application: "bootstrap",
            version: env!("CARGO_PKG_VERSION"),
            out: job.settings.out.clone(),
            rows: problem.table.rows(),
            block_length: problem.scheme.block_length(),
            exact: results.multisets.is_some(),
            partial: results.imprecise.is_some(),
            largest_mc_error: results.imprecise,
            resamples,
            acceleration: results.acceleration.map(|by| by.name()),
            quantile: job.parsed.interval.quantile.name(),
            seconds,
            resamples_per_second: resamples as f64 / seconds,
            statistics: names
                .into_iter()
                .zip(&results.outcomes)
                .map(|(name, outcome)| (name, summary::of(outcome)))
                .collect(),
            test: results.test,
            ranks,
        })
    }
}

/// The digest of all columns, one after the other.
pub(super) fn data_digest(problem: &Problem) -> String {
    let all: Vec<f64> = problem.table.columns().iter().flat_map(|column| &column.values).copied().collect();
    digest(&all)
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
