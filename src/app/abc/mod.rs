//! `abc`: approximate Bayesian computation from a run file.

mod description;
mod result;
mod summary;

use super::flags::{Flags, set};
use super::source::Source;
use super::start::{Origin, Start};
use super::summary::digest;
use super::{checkpoint, data, trace};
use crate::abc::{self, Means, Problem, Simulator};
use crate::checkpoint::Run;
use crate::error::{Error, Result};
use crate::farm::Account;
use crate::status;
use crate::world::{self, World, guarded};
use description::{Description, Distance};
pub(super) use result::Recording;
use std::process::ExitCode;
use std::sync::Arc;

/// Draws from an ABC posterior by rejection, on any number of ranks
#[derive(clap::Parser, Debug)]
#[command(version = concat!("(ensample ", env!("CARGO_PKG_VERSION"), ")"), after_help = "In the summary, sd has divisor n - 1, and quantiles are interpolated linearly.")]
pub(super) struct AbcFlags {
    #[command(flatten)]
    pub common: Flags,
    /// How many draws to accept
    #[arg(long)]
    draws: Option<u64>,
    /// End after so many simulations, with what has been accepted by then (exit status 3)
    #[arg(long)]
    max_simulations: Option<u64>,
    /// Simulations in a task: another number gives other draws, partly from the same simulations
    #[arg(long)]
    batch: Option<u32>,
    /// Print the run file of the default problem
    #[arg(long)]
    pub print_run_file: bool,
}

impl AbcFlags {
    /// Those that hold for every application of an ensemble, as arguments.
    ///
    /// # Errors
    /// When others are given.
    pub fn shared(&self) -> Result<Vec<String>> {
        let AbcFlags { common, draws, max_simulations, batch, .. } = self;
        let others = [
            ("--draws", draws.is_some()),
            ("--max-simulations", max_simulations.is_some()),
            ("--batch", batch.is_some()),
            ("--seed", common.seed.is_some()),
            ("--out", common.out.is_some()),
            ("--trace", common.trace.is_some()),
        ];
        if let Some((flag, _)) = others.into_iter().find(|(_, given)| *given) {
            return Err(Error::input(
                flag,
                "is not for all applications of an ensemble: say it in the run file's tables",
            ));
        }
        let flag = |name: &str, value: Option<String>| value.map(|value| format!("--{name}={value}"));
        let schedule = common.schedule.map(|schedule| format!("{schedule:?}").to_lowercase());
        let flags = [
            flag("force", common.force.map(|value| value.to_string())),
            flag("quiet", common.quiet.map(|value| value.to_string())),
            flag("json", common.json.map(|value| value.to_string())),
            flag("threads", common.threads.map(|value| value.to_string())),
            flag("schedule", schedule),
            flag("checkpoint-every", common.checkpoint_every.map(|value| value.to_string())),
            flag("stall-timeout", common.stall_timeout.map(|value| value.to_string())),
            common.resume.then(|| "--resume".to_owned()),
        ];
        Ok(flags.into_iter().flatten().collect())
    }
}

/// The whole `abc` application, with all its flags, for the models that `model` makes.
///
/// `default` is the run file of the problem that is solved when the user names none. `model` is called on every rank
/// with the run file's model name and the observed data (empty if the run file has no `[data]`).
///
/// ```no_run
/// use ensample::abc::models::Normal;
///
/// fn main() -> std::process::ExitCode {
///     ensample::app::abc::main(include_str!("../../../mpi-apps/abc.toml"), |_name, data| Normal::new(data))
/// }
/// ```
pub fn main<S: Simulator>(default: &str, model: impl FnOnce(&str, Vec<f64>) -> Result<S>) -> ExitCode {
    world::launch(|world| main_on(world, &Origin::CommandLine, default, model))
}

/// The application on the ranks of a world.
pub(super) fn main_on<S: Simulator>(
    world: &World,
    origin: &Origin,
    default: &str,
    model: impl FnOnce(&str, Vec<f64>) -> Result<S>,
) -> Result<u8> {
    let Some(mut job) = begin(world, origin, default)? else { return Ok(status::DONE) };
    // Only root writes the data into the result.
    let data = if world.is_root() { job.data.clone() } else { std::mem::take(&mut job.data) };
    let problem = world.agree(problem(&job, data, model))?;
    run(world, problem, &job)
}

/// Whether a run can begin: its run file, its data and its model.
///
/// # Errors
/// Those with which it would end otherwise.
pub(super) fn check<S: Simulator>(
    origin: &Origin,
    default: &str,
    model: impl FnOnce(&str, Vec<f64>) -> Result<S>,
) -> Result<()> {
    let Some(job) = asked(origin, default)?.job()? else { return Ok(()) };
    problem(&job, job.data.clone(), model).map(|_| ())
}

/// The problem that a run describes, with the model for these data.
pub(super) fn problem<S: Simulator>(
    job: &Job,
    data: Vec<f64>,
    model: impl FnOnce(&str, Vec<f64>) -> Result<S>,
) -> Result<Problem<S>> {
    let Job { source, parsed, .. } = job;
    let made = guarded(|| {
        let simulator = model(&parsed.model.name, data).map_err(|error| match error {
            error @ Error::Other { .. } => source.error(&["model"], error.to_string()),
            error => error,
        })?;
        parsed.problem(simulator, source)
    });
    made.and_then(|problem| problem)
}

/// A run; its data are the observed ones.
pub(super) type Job = super::start::Job<Description, Vec<f64>>;

/// Compiled here, not once more in each user's crate.
fn begin(world: &World, origin: &Origin, default: &str) -> Result<Option<Job>> {
    super::start::begin(world, || asked(origin, default))
}

/// What flags and run file ask for.
fn asked(origin: &Origin, default: &str) -> Result<Start<Description, Vec<f64>>> {
    let flags = match origin.flags::<AbcFlags>()? {
        Ok(flags) => flags,
        Err(text) => return Ok(Start::Print(text)),
    };
    if flags.print_run_file {
        return Ok(Start::Print(default.to_owned()));
    }
    let source = origin.source(flags.common.run_file.clone(), default)?;
    start(flags, source, "abc.h5")?.without_roles(origin)
}

/// Reads run file and data, and checks what can be checked without a model. The result is `out` where nothing says.
pub(super) fn start(flags: AbcFlags, mut source: Source, out: &str) -> Result<Start<Description, Vec<f64>>> {
    let AbcFlags { common, draws, max_simulations, batch, .. } = flags;
    let mut description: Description = source.parse()?;
    set(&mut source, "seed", &mut description.seed, common.seed);
    set(&mut source, "draws", &mut description.draws, draws.map(Some));
    set(&mut source, "max_simulations", &mut description.max_simulations, max_simulations.map(Some));
    set(&mut source, "batch", &mut description.batch, batch);
    let mut settings = std::mem::take(&mut description.run);
    settings.apply(common, &mut source, out);
    description.check_counts(&source)?;
    settings.check(&source, settings.resume)?;
    if let Some(file) = &description.data.file {
        settings.check_data(&source.resolve(file), &source)?;
    }
    let data = observed(&description, &source)?;
    Ok(Start::Run { source, description, settings, data })
}

fn observed(description: &Description, source: &Source) -> Result<Vec<f64>> {
    match (&description.data.file, &description.data.values) {
        (Some(_), Some(_)) => Err(source.error(&["data", "values"], "can't be combined with a file")),
        (Some(file), None) => {
            let path = source.resolve(file);
            let unreadable = |error| source.error(&["data", "file"], format!("can't read {}: {error}", path.display()));
            std::fs::File::open(&path).map_err(unreadable)?; // told by its key in the run file
            data::column(&path)
        }
        (None, Some(values)) if values.is_empty() => Err(source.error(&["data", "values"], "are empty")),
        (None, Some(values)) => match values.iter().position(|value| !value.is_finite()) {
            Some(i) => {
                let message = format!("{} is not a finite number", values[i]);
                Err(source.error(&["data", "values", &i.to_string()], message))
            }
            None => Ok(values.clone()),
        },
        (None, None) => Ok(Vec::new()),
    }
}

/// Which run it is.
pub(super) fn this_run(job: &Job) -> Run {
    Run { application: "abc".into(), description: job.description.clone(), data: digest(&job.data) }
}

/// A run, as every rank knows it.
fn run<S: Simulator>(world: &World, problem: Problem<S>, job: &Job) -> Result<u8> {
    let settings = &job.settings;
    let mut recording = None;
    let begun = checkpoint::begin(
        world,
        settings,
        || this_run(job),
        || {
            settings.warn_of_few_cores();
            recording = Some(Recording::create(&problem, job)?);
            Ok(())
        },
    )?;
    let means = match begun {
        Ok(means) => means,
        Err(status) => return Ok(status),
    };
    let (problem, pilot) = scaled(world, problem, job, &means)?;
    world.on_root(|| recording.iter_mut().try_for_each(|recording| recording.weights(&problem.acceptance)))?;
    let (tally, account) = abc::sample(world, &problem, means.clone(), &mut recording)?;
    world.on_root(|| {
        let Some(recording) = recording.take() else { unreachable!("root has a recording") };
        let phases = pilot.iter().map(|pilot| ("pilot", pilot)).chain([("sample", &account)]).collect::<Vec<_>>();
        let summary = recording.finish(&tally, &phases, job)?;
        means.keeper.remove()?;
        if let Some(path) = &settings.trace {
            trace::write(world, path, settings.replaces_trace(), &phases)?;
        }
        summary.show(settings)?;
        Ok(if summary.partial { status::PARTIAL } else { status::DONE })
    })
}

/// The problem with a metric in which every summary has the scale that the description asks for, and the account of
/// the pilot that found it.
fn scaled<S: Simulator>(
    world: &World,
    problem: Problem<S>,
    job: &Job,
    means: &Means,
) -> Result<(Arc<Problem<S>>, Option<Account>)> {
    let Some(pilot) = job.parsed.distance.as_ref().and_then(Distance::pilot) else {
        return Ok((Arc::new(problem), None));
    };
    let problem = Arc::new(problem);
    let (deviations, account) = abc::median_absolute_deviations(world, &problem, pilot, means.clone())?;
    let acceptance = problem.acceptance.clone().scaled(&deviations).map_err(|summary| {
        let message = format!(
            "the median absolute deviation of {} under the prior is {}: \
             scale = \"none\" and weights of your own would do without it",
            problem.simulator.summaries()[summary],
            deviations[summary]
        );
        job.source.error(&["distance", "scale"], message)
    });
    let problem = problem.with_acceptance(world.agree(acceptance)?);
    Ok((Arc::new(problem), Some(account)))
}
