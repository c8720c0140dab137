//! `gibbs`: Markov chains from a run file.

mod description;
mod given;
mod precision;
mod result;
mod shipped;
mod summary;

pub use given::Given;
pub use shipped::shipped;

use super::data::{self, Wanted};
use super::flags::{Flags, Settings, set};
use super::source::Source;
use super::start::{Origin, Start, begin};
use super::{checkpoint, trace};
use crate::checkpoint::Run;
use crate::error::{Error, Result};
use crate::mcmc::{self, Order, Plan, Sampler};
use crate::status;
use crate::stream::Streams;
use crate::table::{Column, Table};
use crate::world::{self, World, guarded, say};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use description::{Description, Until, Values};
use result::{Recording, data_sha256};
use std::process::ExitCode;
use std::sync::Arc;

/// Markov chains of a model, on any number of ranks
#[derive(clap::Parser, Debug)]
#[command(version = concat!("(ensample ", env!("CARGO_PKG_VERSION"), ")"), after_help = "With --until, chains are first looked at after --draws steps, and then whenever they are half as long again.")]
struct GibbsFlags {
    #[command(flatten)]
    common: Flags,
    /// Without a run file: which of the shipped problems is solved
    #[arg(long)]
    model: Option<String>,
    /// How many chains
    #[arg(long)]
    chains: Option<u64>,
    /// Steps of each chain before the draws that count
    #[arg(long)]
    warmup: Option<u64>,
    /// Steps of each chain after the warm-up
    #[arg(long)]
    draws: Option<u64>,
    /// Of these, record every so-manieth
    #[arg(long)]
    thin: Option<u64>,
    /// Record the warm-up, too
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    save_warmup: Option<bool>,
    /// Lengthen the chains until every quantity is as good as that: rhat=1.01,ess_bulk=1000,ess_tail=1000
    #[arg(long, value_name = "LIMITS")]
    until: Option<Until>,
    /// But no longer than these steps
    #[arg(long)]
    max_draws: Option<u64>,
    /// The order in which blocks of the state are updated
    #[arg(long, value_parser = orders())]
    order: Option<Order>,
    /// Print the run file of the problem
    #[arg(long)]
    print_run_file: bool,
}

/// The whole `gibbs` application, with all its flags, for the models that `make` makes.
///
/// `problems` are run files by the names of their models: the first is solved when the user names none, the others by
/// `--model`. `make` is called on every rank with what the run file gives.
///
/// ```no_run
/// use ensample::Result;
/// use ensample::mcmc::{Kernel, Variable};
/// use ensample::stream::Stream;
/// use std::sync::Arc;
///
/// struct Pair;
///
/// impl Kernel for Pair {
///     type State = [f64; 2];
///
///     fn variables(&self) -> Vec<Variable> {
///         vec![Variable::scalar("x"), Variable::scalar("y")]
///     }
///     fn init(&self, stream: &mut Stream) -> Result<[f64; 2]> {
///         Ok([10.0 * stream.normal(), 10.0 * stream.normal()])
///     }
///     fn step(&self, [x, y]: &mut [f64; 2], stream: &mut Stream) -> Result<()> {
///         *x = 0.8 * *y + 0.6 * stream.normal();
///         *y = 0.8 * *x + 0.6 * stream.normal();
///         Ok(())
///     }
///     fn draw(&self, state: &[f64; 2], out: &mut [f64]) {
///         out.copy_from_slice(state);
///     }
/// }
///
/// fn main() -> std::process::ExitCode {
///     ensample::app::gibbs::main(&[("pair", "model.name = 'pair'")], |_given| Ok(Arc::new(Pair)))
/// }
/// ```
pub fn main(problems: &[(&str, &str)], make: impl Fn(&Given<'_>) -> Result<Arc<dyn Sampler>>) -> ExitCode {
    world::launch(|world| main_on(world, &Origin::CommandLine, problems, &make))
}

/// A run; its data are columns.
type Job = super::start::Job<Description, Vec<Column>>;

/// Compiled here, not once more in each user's crate.
pub(super) fn main_on(world: &World, origin: &Origin, problems: &[(&str, &str)], make: Make<'_>) -> Result<u8> {
    let Some(job) = begin(world, || start(origin, problems))? else { return Ok(status::DONE) };
    let (sampler, starts) = world.agree(sampler(&job, make))?;
    let parsed = &job.parsed;
    let plan = Plan {
        chains: parsed.chains,
        warmup: parsed.warmup,
        thin: parsed.thin,
        save_warmup: parsed.save_warmup,
        checks: parsed.checks(),
        starts,
        seed: parsed.seed,
    };
    run(world, &sampler, &plan, &job)
}

/// For each chain the values at which it begins, or none.
type Starts = Vec<Vec<f64>>;

type Make<'a> = &'a dyn Fn(&Given<'_>) -> Result<Arc<dyn Sampler>>;

/// Whether a run can begin: its run file, its data and its model.
///
/// # Errors
/// Those with which it would end otherwise.
pub(super) fn check(origin: &Origin, problems: &[(&str, &str)], make: Make<'_>) -> Result<()> {
    let Some(job) = start(origin, problems)?.job()? else { return Ok(()) };
    sampler(&job, make).map(|_| ())
}

/// The model that a run describes, and where its chains begin.
fn sampler(job: &Job, make: Make<'_>) -> Result<(Arc<dyn Sampler>, Starts)> {
    let Job { source, parsed, data, .. } = job;
    let made = guarded(|| {
        let given = Given::new(parsed, data, source);
        let sampler = make(&given).map_err(|error| match error {
            error @ Error::Other { .. } => source.error(&["model"], error.to_string()),
            error => error,
        })?;
        given.check_use()?;
        let starts = parsed.starts(&sampler.variables(), source)?;
        check_starts(&sampler, &starts, source)?;
        Ok((sampler, starts))
    });
    made.and_then(|made| made)
}

/// Tries where chains shall begin.
fn check_starts(sampler: &Arc<dyn Sampler>, starts: &[Vec<f64>], source: &Source) -> Result<()> {
    let stream = Streams::new(0, 0).stream(0);
    // Where chains begin at the same place, it is tried once.
    let same = |a: &Vec<f64>, b: &Vec<f64>| a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits()));
    for values in starts.chunk_by(same).map(|same| &same[0]) {
        Arc::clone(sampler).begin(stream.clone(), Some(values)).map_err(|error| {
            let variables = sampler.variables();
            let is_given = |variable: &&mcmc::Variable| source.says(&["start", &variable.name]);
            let missing: Vec<&str> =
                variables.iter().filter(|variable| !is_given(variable)).map(|variable| &*variable.name).collect();
            let note = if missing.is_empty() { String::new() } else { format!(" (not given: {})", missing.join(", ")) };
            source.error(&["start"], format!("{error}{note}"))
        })?;
    }
    Ok(())
}

/// Reads flags, run file and data, and checks what can be checked without a model.
fn start(origin: &Origin, problems: &[(&str, &str)]) -> Result<Start<Description, Vec<Column>>> {
    let flags = match origin.flags::<GibbsFlags>()? {
        Ok(flags) => flags,
        Err(text) => return Ok(Start::Print(text)),
    };
    let GibbsFlags { mut common, model, chains, warmup, draws, thin, save_warmup, until, max_draws, order, .. } = flags;
    let default = problem(problems, model.as_deref(), common.run_file.is_some())?;
    if flags.print_run_file {
        return Ok(Start::Print(default.to_owned()));
    }
    let mut source = origin.source(common.run_file.take(), default)?;
    let mut description: Description = source.parse()?;
    set(&mut source, "seed", &mut description.seed, common.seed);
    set(&mut source, "chains", &mut description.chains, chains);
    set(&mut source, "warmup", &mut description.warmup, warmup);
    set(&mut source, "draws", &mut description.draws, draws);
    set(&mut source, "thin", &mut description.thin, thin);
    set(&mut source, "save_warmup", &mut description.save_warmup, save_warmup);
    set(&mut source, "until", &mut description.until, until.map(Some));
    set(&mut source, "max_draws", &mut description.max_draws, max_draws.map(Some));
    set(&mut source, "model.order", &mut description.model.order, order);
    let mut settings = std::mem::take(&mut description.run);
    settings.apply(common, &mut source, "gibbs.h5");
    description.check(&source)?;
    settings.check(&source, settings.resume)?;
    if let Some(file) = &description.data.file {
        settings.check_data(&source.resolve(file), &source)?;
    }
    let data = columns(&description, &source)?;
    Start::Run { source, description, settings, data }.without_roles(origin)
}

/// The run file of the problem that is to be solved where the user brings none.
fn problem<'a>(problems: &[(&str, &'a str)], model: Option<&str>, has_run_file: bool) -> Result<&'a str> {
    match (model, problems.first()) {
        (Some(_), _) if has_run_file => {
            Err(Error::input("--model", "can't be combined with a run file, which names its model"))
        }
        (Some(name), _) => {
            let names: Vec<&str> = problems.iter().map(|(name, _)| *name).collect();
            let found = problems.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
            found.ok_or_else(|| {
                Error::input("--model", format!("there is no model '{name}'; there are {}", names.join(", ")))
            })
        }
        (None, Some((_, text))) => Ok(text),
        (None, None) => Err(Error::input("command line", "name a run file")),
    }
}

/// The names of orders, as in a run file.
fn orders() -> impl TypedValueParser<Value = Order> {
    PossibleValuesParser::new(["fixed", "random"])
        .map(|name| if name == "random" { Order::Random } else { Order::Fixed })
}

/// The data, if there is any.
fn columns(description: &Description, source: &Source) -> Result<Vec<Column>> {
    let data = &description.data;
    let columns = match &data.file {
        Some(_) if !data.values.is_empty() => {
            return Err(source.error(&["data", "values"], "can't be combined with a file"));
        }
        Some(file) => {
            let path = source.resolve(file);
            let unreadable = |error| source.error(&["data", "file"], format!("can't read {}: {error}", path.display()));
            std::fs::File::open(&path).map_err(unreadable)?; // told by its key in the run file
            let wanted = Wanted {
                dataset: data.dataset.as_deref(),
                columns: data.columns.as_ref().map(|columns| columns.iter().map(String::as_str).collect()),
                labels: data.labels.iter().map(String::as_str).collect(),
                missing: data.missing,
            };
            let (columns, dropped) = data::read_whole(&path, &wanted)?;
            if dropped > 0 {
                say(&format!("{}: {dropped} rows have a missing cell and are left out", path.display()));
            }
            columns
        }
        None => {
            let all = inline(description, source)?;
            match &data.columns {
                None => all,
                Some(names) => names.iter().map(|name| named(&all, name, source)).collect::<Result<_>>()?,
            }
        }
    };
    data::check_names(&columns, "observation").map_err(|message| source.error(&["data"], message))?;
    if !columns.is_empty() {
        Table::new(columns.clone()).map_err(|error| source.error(&["data"], error.to_string()))?;
    }
    Ok(columns)
}

/// The columns whose values stand in the run file.
fn inline(description: &Description, source: &Source) -> Result<Vec<Column>> {
    let column = |(name, values): (&String, &Values)| match values {
        Values::Labels(cells) => Ok(Column::of_labels(name, cells)),
        Values::Numbers(values) => match values.iter().position(|value| value.is_infinite()) {
            None => Ok(Column::new(name, values.clone())),
            Some(i) => {
                let message = format!("{} is not a finite number", values[i]);
                Err(source.error(&["data", "values", name, &i.to_string()], message))
            }
        },
    };
    description.data.values.iter().map(column).collect()
}

fn named(columns: &[Column], name: &str, source: &Source) -> Result<Column> {
    let found = columns.iter().find(|column| column.name == name).cloned();
    found.ok_or_else(|| source.error(&["data", "columns"], format!("there are no values of '{name}'")))
}

fn run(world: &World, sampler: &Arc<dyn Sampler>, plan: &Plan, job: &Job) -> Result<u8> {
    let settings = &job.settings;
    let mut recording = None;
    let this = || Run { application: "gibbs".into(), description: job.description.clone(), data: data_sha256(job) };
    let begun = checkpoint::begin(world, settings, this, || {
        settings.warn_of_few_cores();
        warn_of_idle_ranks(world, plan, settings);
        recording = Some(Recording::create(&**sampler, job)?);
        Ok(())
    })?;
    let means = match begun {
        Ok(means) => means,
        Err(status) => return Ok(status),
    };
    let account = mcmc::sample(world, sampler, plan, means.clone(), &mut recording)?;
    world.on_root(|| {
        let Some(recording) = recording.take() else { unreachable!("root has a recording") };
        let phases = [("chains", &account)];
        let summary = recording.finish(&phases, job)?;
        means.keeper.remove()?;
        if let Some(path) = &settings.trace {
            trace::write(world, path, settings.replaces_trace(), &phases)?;
        }
        summary.show(settings)?;
        Ok(if summary.partial { status::PARTIAL } else { status::DONE })
    })
}

/// Says how many chains would use all ranks and threads, when there are fewer.
fn warn_of_idle_ranks(world: &World, plan: &Plan, settings: &Settings) {
    let (ranks, threads) = (world.size() as u64, settings.threads as u64);
    if plan.chains < ranks && !settings.quiet {
        let idle = ranks - plan.chains;
        say(&format!(
            "warning: {idle} of {ranks} ranks have no chain and stay idle; --chains {ranks} would use them all"
        ));
    } else if plan.chains < ranks * threads && !settings.quiet {
        let all = ranks * threads;
        say(&format!(
            "warning: {ranks} ranks with {threads} threads are more than chains; --chains {all} would use them all"
        ));
    }
}
