//! The result file of `abc`, and what is said of it at the end.

use super::super::progress::{Progress, count};
use super::super::summary::{Parameter, digest, phases, ranks};
use super::Job;
use super::summary::Summary;
use crate::abc::{Acceptance, Draw, Problem, Recorder, Simulator, Tally};
use crate::error::Result;
use crate::farm::Account;
use crate::store::{Coordinates, ResultFile, Variable};

/// Accepted draws are written so many at a time.
const BLOCK: usize = 4096;

/// The result file while draws come in.
pub(in crate::app) struct Recording {
    file: ResultFile,
    parameters: Vec<(String, Buffered<f64>)>,
    difference: Buffered<f64>,
    /// The distances, and the weights that make them.
    distance: Option<(Buffered<f64>, Variable<f64>)>,
    task: Buffered<i64>,
    simulation: Buffered<i64>,
    wanted: u64,
    /// Whether the number of simulations is given, and not that of accepted draws.
    fixed_simulations: bool,
    progress: Progress,
}

/// A variable over draws, and values that are not yet written.
struct Buffered<T> {
    variable: Variable<T>,
    values: Vec<T>,
}

impl<T: crate::store::Element> Buffered<T> {
    fn new(variable: Variable<T>) -> Self {
        Buffered { variable, values: Vec::new() }
    }

    fn write(&mut self, file: &mut ResultFile) -> Result<()> {
        file.append(self.variable, &self.values)?;
        self.values.clear();
        Ok(())
    }
}

impl Recording {
    /// Begins the result file: all that is known before the first draw.
    pub fn create<S: Simulator>(problem: &Problem<S>, job: &Job) -> Result<Self> {
        let mut file = ResultFile::create(&job.settings.out, job.settings.force)?;
        // What is expected sets the layout: it must follow from the run description.
        let expected = usize::try_from(problem.draws).unwrap_or(usize::MAX).min(1 << 20);
        let chain = file.axis("chain", Coordinates::Index(1));
        let draw = file.axis("draw", Coordinates::Growing { expected });
        let names = problem.simulator.summaries().into_iter().map(str::to_owned).collect();
        let summary = file.axis("summary", Coordinates::Labels(names));
        let axes = [chain, draw];
        let mut parameters = Vec::new();
        for (name, prior) in problem.simulator.parameters().iter().zip(problem.prior.components()) {
            let path = format!("posterior/{name}");
            parameters.push(((*name).to_owned(), Buffered::new(file.variable(&path, &axes)?)));
            file.attribute(&path, "prior", prior.to_string())?;
        }
        let difference = Buffered::new(file.variable("sample_stats/difference", &[chain, draw, summary])?);
        file.attribute("sample_stats/difference", "description", "simulated minus observed summary")?;
        let distance = match problem.acceptance.metric() {
            None => None,
            Some(_) => {
                let distance = file.variable("sample_stats/distance", &axes)?;
                let weight = file.variable("sample_stats/weight", &[summary])?;
                file.attribute("sample_stats/weight", "description", "factor of a difference in the distance")?;
                Some((Buffered::new(distance), weight))
            }
        };
        let task = Buffered::new(file.variable("sample_stats/task", &axes)?);
        file.attribute("sample_stats/task", "description", "number of the task that simulated the draw")?;
        let simulation = Buffered::new(file.variable("sample_stats/simulation", &axes)?);
        file.attribute("sample_stats/simulation", "description", "number of the simulation within its task")?;
        observed(&mut file, problem, &job.data, summary)?;
        describe(&mut file, job)?;
        let progress = Progress::start("abc", &job.settings);
        let wanted = problem.draws;
        let fixed_simulations = matches!(problem.acceptance, Acceptance::Best { .. });
        Ok(Recording { file, parameters, difference, distance, task, simulation, wanted, fixed_simulations, progress })
    }

    /// Leaves it to others to show how far the run is.
    pub fn without_progress(mut self) -> Self {
        self.progress = Progress::none();
        self
    }

    /// Writes the weights of the metric, which a pilot may have found only now.
    pub fn weights(&mut self, acceptance: &Acceptance) -> Result<()> {
        match (&self.distance, acceptance.metric()) {
            (Some((_, weight)), Some(metric)) => self.file.write(*weight, &metric.weights),
            _ => Ok(()),
        }
    }

    fn write(&mut self) -> Result<()> {
        let Recording { file, parameters, difference, distance, task, simulation, .. } = self;
        parameters.iter_mut().try_for_each(|(_, values)| values.write(file))?;
        difference.write(file)?;
        distance.iter_mut().try_for_each(|(values, _)| values.write(file))?;
        task.write(file)?;
        simulation.write(file)
    }

    /// Completes the file, and summarises the run, of whose phases the last one is the sampling.
    pub fn finish(mut self, tally: &Tally, accounts: &[(&str, &Account)], job: &Job) -> Result<Summary> {
        let account = accounts[accounts.len() - 1].1;
        self.write()?;
        self.progress.finish();
        let partial = tally.accepted < self.wanted;
        self.file.attribute("/", "partial", i64::from(partial))?;
        self.file.attribute("/", "accepted", tally.accepted)?;
        self.file.attribute("/", "simulations", tally.simulations)?;
        self.file.attribute("/", "nonfinite", tally.nonfinite)?;
        self.file.attribute("/", "acceptance_rate", tally.acceptance_rate())?;
        let reader = self.file.read_back()?;
        let parameters = self.parameters.iter().map(|(name, _)| Parameter::of(reader, name)).collect::<Result<_>>()?;
        self.file.finish()?;
        Ok(Summary {
            application: "abc",
            version: env!("CARGO_PKG_VERSION"),
            model: job.parsed.model.name.clone(),
            out: job.settings.out.clone(),
            partial,
            wanted: self.wanted,
            accepted: tally.accepted,
            simulations: tally.simulations,
            acceptance_rate: tally.acceptance_rate(),
            nonfinite: tally.nonfinite,
            seconds: account.seconds,
            simulations_per_second: account.rate(tally.simulations),
            parameters,
            ranks: ranks(account),
            phases: phases(accounts),
        })
    }
}

fn observed<S: Simulator>(
    file: &mut ResultFile,
    problem: &Problem<S>,
    data: &[f64],
    summary: crate::store::Axis,
) -> Result<()> {
    let observation = file.axis("observation", Coordinates::Index(data.len()));
    let y = file.variable("observed_data/y", &[observation])?;
    file.write(y, data)?;
    let summaries = file.variable("observed_data/observed_summary", &[summary])?;
    file.write(summaries, &problem.observed)
}

/// What made the file.
fn describe(file: &mut ResultFile, job: &Job) -> Result<()> {
    file.attribute("/", "application", "abc")?;
    file.attribute("/", "inference_library", "ensample")?;
    file.attribute("/", "inference_library_version", env!("CARGO_PKG_VERSION"))?;
    file.attribute("/", "model", job.parsed.model.name.as_str())?;
    file.attribute("/", "seed", job.parsed.seed)?;
    file.attribute("/", "run_file", job.description.as_str())?;
    file.attribute("/", "data_sha256", digest(&job.data))
}

impl Recorder for Option<Recording> {
    fn record(&mut self, draw: &Draw<'_>) -> Result<()> {
        let Some(recording) = self else { return Ok(()) };
        for ((_, values), theta) in recording.parameters.iter_mut().zip(draw.theta) {
            values.values.push(*theta);
        }
        recording.difference.values.extend(draw.difference);
        if let (Some((values, _)), Some(distance)) = (&mut recording.distance, draw.distance) {
            values.values.push(distance);
        }
        // Tasks are below 2^63: as many simulations as a run file can ask for.
        recording.task.values.push(draw.task as i64);
        recording.simulation.values.push(i64::from(draw.simulation));
        if recording.task.values.len() == BLOCK { recording.write() } else { Ok(()) }
    }

    fn progress(&mut self, so_far: &Tally, done: u64, all: u64) {
        let Some(recording) = self else { return };
        let wanted = recording.wanted;
        recording.progress.update(done, all, |seconds| {
            let rate = format!("{} simulations/s", count(so_far.simulations as f64 / seconds));
            match recording.fixed_simulations {
                true => format!("{done} of {all} simulated · {rate}"),
                false => format!("{done} of {wanted} accepted · rate {:.3e} · {rate}", so_far.acceptance_rate()),
            }
        });
    }
}
