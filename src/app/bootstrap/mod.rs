//! `bootstrap`: confidence intervals by resampling, from a run file.

mod analysis;
mod check;
mod description;
mod extend;
mod problem;
mod result;
mod scattered;
mod summary;

use super::data::{self, Missing, Wanted};
use super::flags::{Flags, set};
use super::source::Source;
use super::start::{Origin, Start, begin};
use super::{checkpoint, trace};
use crate::bootstrap::{self, Column, Problem, Replicates, Statistic, Table, Test};
use crate::error::Result;
use crate::farm::Account;
use crate::status;
use crate::world::{self, World, guarded, say};
use analysis::Analysis;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use description::Description;
use problem::Own;
use result::{Drawn, Recording, Subject};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::sync::Arc;
use summary::Summary;

/// Confidence intervals by the bootstrap, on any number of ranks
#[derive(clap::Parser, Debug)]
#[command(version = concat!("(ensample ", env!("CARGO_PKG_VERSION"), ")"), after_help = "With --until-mc-error, --resamples is where it is first looked at, and doubled after each look.")]
struct BootstrapFlags {
    #[command(flatten)]
    common: Flags,
    /// How many resamples to draw
    #[arg(long, visible_alias = "draws")]
    resamples: Option<u64>,
    /// Add resamples until no endpoint has a larger Monte Carlo standard error
    #[arg(long, value_name = "X")]
    until_mc_error: Option<f64>,
    /// But no more than these
    #[arg(long)]
    max_resamples: Option<u64>,
    /// Go on from the finished result with more resamples: the same file as by one long run
    #[arg(long)]
    extend: bool,
    /// Enumerate all resamples instead of drawing them
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    exact: Option<bool>,
    /// How many multisets may be enumerated
    #[arg(long)]
    max_multisets: Option<u64>,
    /// Deal the data out: no rank holds all of it
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    scattered: Option<bool>,
    /// What to do about rows with a missing cell
    #[arg(long, value_parser = ways_with_missing())]
    missing: Option<Missing>,
    /// Resamples in a task: another number gives other replicates
    #[arg(long)]
    batch: Option<u32>,
    /// Print the run file of the default problem
    #[arg(long)]
    print_run_file: bool,
}

/// The whole `bootstrap` application, with all its flags.
///
/// `default` is the run file of the problem that is solved when the user names none. `own` makes statistics of the
/// user's own: it is called on every rank with the name of each statistic of the run file and the names of its columns,
/// and returns `None` for those that ensample ships.
///
/// ```no_run
/// use ensample::bootstrap::{Sample, Statistic};
/// use std::sync::Arc;
///
/// struct Range;
///
/// impl Statistic for Range {
///     fn evaluate(&self, sample: &Sample<'_>, out: &mut [f64]) -> ensample::Result<()> {
///         let x = sample.column(0);
///         out[0] = x.iter().copied().fold(f64::MIN, f64::max) - x.iter().copied().fold(f64::MAX, f64::min);
///         Ok(())
///     }
/// }
///
/// const RUN_FILE: &str = r#"
///     data.values.y = [3.1, 4.5, 1.2, 9.9, 5.0]
///     statistic = [{ name = "range", columns = ["y"] }]
///     interval.methods = ["percentile"]
/// "#;
///
/// fn main() -> std::process::ExitCode {
///     ensample::app::bootstrap::main(RUN_FILE, |name, _columns| match name {
///         "range" => Ok(Some(Arc::new(Range) as Arc<dyn Statistic>)),
///         _ => Ok(None),
///     })
/// }
/// ```
pub fn main(default: &str, own: impl Fn(&str, &[&str]) -> Result<Option<Arc<dyn Statistic>>>) -> ExitCode {
    world::launch(|world| main_on(world, &Origin::CommandLine, default, &own))
}

/// A run.
type Job = super::start::Job<Description, Given>;

/// What else a run has.
#[derive(Serialize, Deserialize)]
struct Given {
    /// Whether to go on from the result that is there.
    extend: bool,
    /// The data, unless they are scattered.
    columns: Vec<Column>,
}

/// Compiled here, not once more in each user's crate.
pub(super) fn main_on(world: &World, origin: &Origin, default: &str, own: Own) -> Result<u8> {
    let Some(mut job) = begin(world, || start(origin, default))? else { return Ok(status::DONE) };
    let columns = std::mem::take(&mut job.data.columns);
    if job.parsed.bootstrap.scattered {
        return scattered::run(world, &job, own);
    }
    let (problem, test) = world.agree(problem(&job, columns, own))?;
    run(world, &problem, test.as_ref(), &job)
}

/// The problem that a run describes, and its test, if there is one.
fn problem(job: &Job, columns: Vec<Column>, own: Own) -> Result<(Arc<Problem>, Option<Test>)> {
    let Job { source, parsed, .. } = job;
    let made = guarded(|| {
        let table = Table::new(columns).map_err(|error| source.error(&["data"], error.to_string()))?;
        let problem = parsed.problem(Arc::new(table), own, source)?;
        let test = parsed.test(&problem, source)?;
        Ok((Arc::new(problem), test))
    });
    made.and_then(|made| made)
}

/// Whether a run can begin: its run file, its data and its statistics. Data that are scattered are looked at when it
/// does.
///
/// # Errors
/// Those with which it would end otherwise.
pub(super) fn check(origin: &Origin, default: &str, own: Own) -> Result<()> {
    let Some(mut job) = start(origin, default)?.job()? else { return Ok(()) };
    let columns = std::mem::take(&mut job.data.columns);
    if job.parsed.bootstrap.scattered { Ok(()) } else { problem(&job, columns, own).map(|_| ()) }
}

/// Reads flags, run file and data, and checks what can be checked without statistics.
fn start(origin: &Origin, default: &str) -> Result<Start<Description, Given>> {
    let flags = match origin.flags::<BootstrapFlags>()? {
        Ok(flags) => flags,
        Err(text) => return Ok(Start::Print(text)),
    };
    if flags.print_run_file {
        return Ok(Start::Print(default.to_owned()));
    }
    let BootstrapFlags {
        mut common,
        resamples,
        until_mc_error,
        max_resamples,
        extend,
        exact,
        max_multisets,
        scattered,
        missing,
        batch,
        ..
    } = flags;
    let mut source = origin.source(common.run_file.take(), default)?;
    let mut description: Description = source.parse()?;
    set(&mut source, "seed", &mut description.seed, common.seed);
    set(&mut source, "data.missing", &mut description.data.missing, missing);
    let bootstrap = &mut description.bootstrap;
    set(&mut source, "bootstrap.resamples", &mut bootstrap.resamples, resamples);
    set(&mut source, "bootstrap.until_mc_error", &mut bootstrap.until_mc_error, until_mc_error.map(Some));
    set(&mut source, "bootstrap.max_resamples", &mut bootstrap.max_resamples, max_resamples.map(Some));
    set(&mut source, "bootstrap.exact", &mut bootstrap.exact, exact);
    set(&mut source, "bootstrap.max_multisets", &mut bootstrap.max_multisets, max_multisets.map(Some));
    set(&mut source, "bootstrap.scattered", &mut bootstrap.scattered, scattered);
    set(&mut source, "bootstrap.batch", &mut bootstrap.batch, batch.map(Some));
    let mut settings = std::mem::take(&mut description.run);
    settings.apply(common, &mut source, "bootstrap.h5");
    description.check(extend, &source)?;
    settings.check(&source, extend || settings.resume)?;
    if let Some(file) = &description.data.file {
        settings.check_data(&source.resolve(file), &source)?;
    }
    let columns = if description.bootstrap.scattered { Vec::new() } else { columns(&description, &source)? };
    Start::Run { source, description, settings, data: Given { extend, columns } }.without_roles(origin)
}

/// The ways to treat missing cells, as in a run file.
fn ways_with_missing() -> impl TypedValueParser<Value = Missing> {
    PossibleValuesParser::new(["error", "drop"]).map(|name| if name == "drop" { Missing::Drop } else { Missing::Error })
}

/// The columns that the description speaks of.
fn columns(description: &Description, source: &Source) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    let labels = read(description, source, usize::MAX, &mut |block| {
        columns = block;
        Ok(())
    })?;
    data::sort_labels(&mut columns, &labels);
    data::check_names(&columns, "row").map_err(|message| source.error(&["data"], message))?;
    Ok(columns)
}

/// Reads the data in blocks of `limit` rows. Returns for each column of labels, those that its numbers stand for.
fn read(
    description: &Description,
    source: &Source,
    limit: usize,
    emit: &mut dyn FnMut(Vec<Column>) -> Result<()>,
) -> Result<Vec<Option<Vec<String>>>> {
    match (&description.data.file, &description.data.values) {
        (Some(_), Some(_)) => Err(source.error(&["data", "values"], "can't be combined with a file")),
        (None, None) => Err(source.error(&["data"], "is missing: file = \"...\", or values.name = [...]")),
        (None, Some(values)) => {
            for (name, values) in values {
                if let Some(i) = values.iter().position(|value| !value.is_finite()) {
                    let message = format!("{} is not a finite number", values[i]);
                    return Err(source.error(&["data", "values", name, &i.to_string()], message));
                }
            }
            let whole = values.iter().map(|(name, values)| Column::new(name, values.clone())).collect();
            let table = Table::new(whole).map_err(|error| source.error(&["data"], error.to_string()))?;
            for start in (0..table.rows()).step_by(limit.min(table.rows())) {
                let end = table.rows().min(start.saturating_add(limit));
                let part = |column: &Column| Column::new(&*column.name, column.values[start..end].to_vec());
                emit(table.columns().iter().map(part).collect())?;
            }
            Ok(vec![None; table.columns().len()])
        }
        (Some(file), None) => {
            let path = source.resolve(file);
            let unreadable = |error| source.error(&["data", "file"], format!("can't read {}: {error}", path.display()));
            std::fs::File::open(&path).map_err(unreadable)?; // told by its key in the run file
            let (columns, labels) = description.columns();
            let data = &description.data;
            let wanted =
                Wanted { dataset: data.dataset.as_deref(), columns: Some(columns), labels, missing: data.missing };
            let read = data::read(&path, &wanted, limit, emit)?;
            if read.dropped > 0 {
                say(&format!("{}: {} rows have a missing cell and are left out", path.display(), read.dropped));
            }
            Ok(read.labels)
        }
    }
}

fn run(world: &World, problem: &Arc<Problem>, test: Option<&Test>, job: &Job) -> Result<u8> {
    let settings = &job.settings;
    let subject = Subject::whole(problem);
    let (mut recording, mut known) = (None, Replicates::default());
    let begun = checkpoint::begin(
        world,
        settings,
        || subject.run(job),
        || {
            settings.warn_of_few_cores();
            if job.data.extend {
                known = extend::known(&subject, job)?;
            }
            recording = Some(Recording::create(&subject, job)?);
            Ok(())
        },
    )?;
    let means = match begun {
        Ok(means) => means,
        Err(status) => return Ok(status),
    };
    let mut phases = Vec::new();
    let mut analysis = Analysis::begin(world, problem, job, &means, &mut phases)?;
    let replicates = if job.parsed.bootstrap.exact {
        analysis.enumerate(world, problem, job, &means, &mut phases)?;
        Replicates::default()
    } else {
        let mut watch = analysis.watch(settings);
        let (replicates, account) = bootstrap::replicate(world, problem, means.clone(), known, &mut watch)?;
        phases.push(("replicates", account));
        replicates
    };
    let mut tested = None;
    if let Some(test) = test {
        let found = test.run(world, &problem.table, means.clone());
        let (result, account) =
            found.map_err(|error| analysis::at(error, |message| job.source.error(&["test"], message)))?;
        phases.push(("test", account));
        tested = Some(result);
    }
    world.on_root(|| {
        let Some(recording) = recording.take() else { unreachable!("root has a recording") };
        let results = analysis.results(&replicates, tested);
        let drawn = Drawn { replicates: (&replicates, problem.outputs()), little: None };
        let summary = recording.finish(&subject, job, &drawn, &results, &phases)?;
        means.keeper.remove()?;
        end(world, job, &summary, &phases)
    })
}

/// Writes the trace, and says how it went.
fn end(world: &World, job: &Job, summary: &Summary, phases: &[(&'static str, Account)]) -> Result<u8> {
    if let Some(path) = &job.settings.trace {
        let phases: Vec<(&str, &Account)> = phases.iter().map(|(name, account)| (*name, account)).collect();
        trace::write(world, path, job.settings.replaces_trace(), &phases)?;
    }
    summary.show(&job.settings)?;
    Ok(if summary.partial { status::PARTIAL } else { status::DONE })
}
