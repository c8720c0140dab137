//! The result file of `gibbs`.

use super::super::data;
use super::super::progress::{Progress, count};
use super::super::summary::{Digest, phases, ranks};
use super::Job;
use super::precision::Shortfall;
use super::summary::{self, Summary};
use crate::error::Result;
use crate::farm::Account;
use crate::mcmc::{Recorder, Sampler, Segment, Variable};
use crate::store::{self, Axis, Coordinates, ResultFile};
use std::collections::BTreeMap;
use std::ops::Range;

/// The result file while draws come in.
pub(super) struct Recording {
    file: ResultFile,
    variables: Vec<Variable>,
    statistics: Vec<String>,
    posterior: Stored,
    warm_up: Option<Stored>,
    chains: u64,
    /// Recorded draws of each chain: those that all have.
    draws: u64,
    most: u64,
    until: Option<super::description::Until>,
    /// What the last look found.
    shortfall: Option<Shortfall>,
    progress: Progress,
}

/// Where draws are written: the variables of a group, and the statistics.
struct Stored {
    variables: Vec<Place>,
    statistics: Vec<store::Variable<f64>>,
}

/// A variable in the file.
enum Place {
    Real(store::Variable<f64>),
    Integer(store::Variable<i64>),
}

impl Recording {
    /// Begins the result file: all that is known before the first draw.
    pub fn create(sampler: &dyn Sampler, job: &Job) -> Result<Self> {
        let parsed = &job.parsed;
        let mut file = ResultFile::create(&job.settings.out, job.settings.force)?;
        let (variables, statistics) = (sampler.variables(), sampler.statistics());
        let chain = file.axis("chain", Coordinates::Index(parsed.chains as usize));
        let recorded = (parsed.draws / parsed.thin) as usize;
        let draw = match parsed.until {
            // How many there will be, is known.
            None => file.axis("draw", Coordinates::Index(recorded)),
            Some(_) => file.axis("draw", Coordinates::Growing { expected: recorded }),
        };
        let others = axes(&mut file, &variables);
        let posterior = Stored::create(&mut file, "", &variables, &statistics, [chain, draw], &others)?;
        let warm_up = match parsed.save_warmup {
            false => None,
            true => {
                let draw = file.axis("draw", Coordinates::Index((parsed.warmup / parsed.thin) as usize));
                Some(Stored::create(&mut file, "warmup_", &variables, &statistics, [chain, draw], &others)?)
            }
        };
        data::write_observed(&mut file, &job.data, "observation")?;
        describe(&mut file, job)?;
        let (until, most) = (parsed.until, parsed.most_draws() / parsed.thin);
        let progress = Progress::start("gibbs", &job.settings);
        let (chains, draws, shortfall) = (parsed.chains, 0, None);
        Ok(Recording {
            file,
            variables,
            statistics,
            posterior,
            warm_up,
            chains,
            draws,
            most,
            until,
            shortfall,
            progress,
        })
    }

    /// What holds the chains back, as far as they are recorded.
    fn look(&mut self) -> Result<()> {
        let Some(until) = self.until else { return Ok(()) };
        self.shortfall = until.shortfall(self.file.written(), self.draws as usize)?;
        Ok(())
    }

    /// Completes the file, and summarises the run.
    pub fn finish(mut self, accounts: &[(&str, &Account); 1], job: &Job) -> Result<Summary> {
        let [(_, account)] = accounts;
        if self.draws == self.most {
            self.look()?;
        }
        self.progress.finish();
        let partial = self.shortfall.is_some();
        self.file.attribute("/", "partial", i64::from(partial))?;
        self.file.finish()?;
        let steps = (job.parsed.warmup + self.draws * job.parsed.thin) * self.chains;
        Ok(Summary {
            application: "gibbs",
            version: env!("CARGO_PKG_VERSION"),
            model: job.parsed.model.name.clone(),
            out: job.settings.out.clone(),
            partial,
            held_back_by: self.shortfall.as_ref().map(summary::said),
            chains: self.chains,
            draws: self.draws,
            steps,
            seconds: account.seconds,
            steps_per_second: account.rate(steps),
            ranks: ranks(account),
            phases: phases(accounts),
            report: summary::report(&job.settings.out)?,
        })
    }
}

impl Recorder for Option<Recording> {
    fn record(&mut self, segment: Segment) -> Result<()> {
        let Some(recording) = self else { return Ok(()) }; // only root has one
        let Recording { file, variables, statistics, posterior, warm_up, .. } = recording;
        match warm_up {
            Some(warm_up) if segment.warm_up => warm_up.write(file, variables, statistics.len(), &segment),
            _ => {
                if segment.chain + 1 == recording.chains {
                    recording.draws = segment.draws.end;
                }
                posterior.write(file, variables, statistics.len(), &segment)
            }
        }
    }

    fn enough(&mut self, _: u64) -> Result<bool> {
        let Some(recording) = self else { return Ok(false) };
        recording.look()?;
        Ok(recording.shortfall.is_none())
    }

    fn progress(&mut self, done: u64, all: u64) {
        let Some(recording) = self else { return };
        let (draws, shortfall) = (recording.draws, &recording.shortfall);
        recording.progress.update(done, all, |seconds| {
            let held = shortfall.as_ref().map_or(String::new(), |held| format!(" · {}", summary::said(held)));
            format!("{draws} draws of each chain · {} steps/s{held}", count(done as f64 / seconds))
        });
    }
}

/// The axes of arrays, by name.
fn axes(file: &mut ResultFile, variables: &[Variable]) -> BTreeMap<String, Axis> {
    let mut axes = BTreeMap::new();
    for axis in variables.iter().flat_map(|variable| &variable.axes) {
        axes.entry(axis.name.clone())
            .or_insert_with(|| file.axis(&axis.name, Coordinates::Labels(axis.labels.clone())));
    }
    axes
}

impl Stored {
    /// Declares the groups `posterior` and `sample_stats` with this prefix.
    fn create(
        file: &mut ResultFile,
        prefix: &str,
        variables: &[Variable],
        statistics: &[String],
        draws: [Axis; 2],
        others: &BTreeMap<String, Axis>,
    ) -> Result<Self> {
        let place = |variable: &Variable| {
            let path = format!("{prefix}posterior/{}", variable.name);
            let axes: Vec<Axis> =
                draws.into_iter().chain(variable.axes.iter().map(|axis| others[&axis.name])).collect();
            Ok(match variable.integer {
                true => Place::Integer(file.variable(&path, &axes)?),
                false => Place::Real(file.variable(&path, &axes)?),
            })
        };
        let variables = variables.iter().map(place).collect::<Result<_>>()?;
        let statistic = |name: &String| file.variable(&format!("{prefix}sample_stats/{name}"), &draws);
        let statistics = statistics.iter().map(statistic).collect::<Result<_>>()?;
        Ok(Stored { variables, statistics })
    }

    fn write(&self, file: &mut ResultFile, variables: &[Variable], statistics: usize, segment: &Segment) -> Result<()> {
        let to_usize = |range: &Range<u64>| range.start as usize..range.end as usize;
        let chain = segment.chain as usize..segment.chain as usize + 1;
        let draws = to_usize(&segment.draws);
        let width = variables.iter().map(Variable::len).sum();
        let mut first = 0;
        for (variable, place) in variables.iter().zip(&self.variables) {
            let lengths = variable.axes.iter().map(|axis| 0..axis.labels.len());
            let block: Vec<Range<usize>> = [chain.clone(), draws.clone()].into_iter().chain(lengths).collect();
            let values = columns(&segment.values, width, first..first + variable.len());
            match place {
                Place::Real(stored) => file.write_block(*stored, &block, &values.collect::<Vec<f64>>())?,
                Place::Integer(stored) => {
                    file.write_block(*stored, &block, &values.map(|value| value as i64).collect::<Vec<_>>())?;
                }
            }
            first += variable.len();
        }
        for (number, stored) in self.statistics.iter().enumerate() {
            let values = columns(&segment.statistics, statistics, number..number + 1).collect::<Vec<f64>>();
            file.write_block(*stored, &[chain.clone(), draws.clone()], &values)?;
        }
        Ok(())
    }
}

/// Some columns of rows of `width` numbers.
fn columns(rows: &[f64], width: usize, wanted: Range<usize>) -> impl Iterator<Item = f64> {
    rows.chunks_exact(width.max(1)).flat_map(move |row| row[wanted.clone()].iter().copied())
}

/// What made the file.
fn describe(file: &mut ResultFile, job: &Job) -> Result<()> {
    file.attribute("/", "application", "gibbs")?;
    file.attribute("/", "inference_library", "ensample")?;
    file.attribute("/", "inference_library_version", env!("CARGO_PKG_VERSION"))?;
    file.attribute("/", "seed", job.parsed.seed)?;
    file.attribute("/", "warmup", job.parsed.warmup)?;
    file.attribute("/", "thin", job.parsed.thin)?;
    file.attribute("/", "run_file", job.description.as_str())?;
    file.attribute("/", "data_sha256", data_sha256(job))
}

/// The SHA-256 of the data.
pub(super) fn data_sha256(job: &Job) -> String {
    let mut digest = Digest::default();
    job.data.iter().for_each(|column| digest.add(&column.values));
    digest.finish()
}
