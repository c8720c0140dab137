//! `pipeline`: ranks that do different things.
//!
//! - The stages of one ABC problem: producers simulate, consumers summarise and judge, a writer streams the result, the
//!   client deals out tasks and shows progress.
//!
//! ```text
//!            tasks               simulated             judged
//!   client ---------> producers -----------> consumers --------> writer -> pipeline.h5
//!      ^                                                            |
//!      +------------------------- news -----------------------------+
//! ```
//!
//! The result has the bytes that `abc` writes for the same run file.
//!
//! - Or an ensemble: `abc`, `bootstrap` and `gibbs` side by side, each on ranks of its own, from one run file with a
//!   table for each. Each writes what it writes alone.

mod ensemble;
mod stages;

pub use ensemble::Models;

use super::abc::{self, AbcFlags, Job};
use super::checkpoint::{self, Begun};
use super::flags;
use super::roles::RoleFlags;
use super::source::Source;
use super::start::{Start, begin};
use crate::abc::Staged;
use crate::checkpoint::Keeper;
use crate::cluster::{Cast, Choice, Number, Role, act, cast};
use crate::error::{Error, Result};
use crate::status;
use crate::world::{self, World};
use std::process::ExitCode;
use std::sync::Arc;

const ROLES: [Role; 4] = [
    Role { name: "client", number: Number::One },
    Role { name: "writer", number: Number::One },
    Role { name: "consumer", number: Number::Some },
    Role { name: "producer", number: Number::Some },
];

/// Where neither flag nor run file says.
const RULE: &str = "client=1,writer=1,consumer=1,producer=*";

/// One ABC problem in stages, each on ranks of its own; the result has the bytes that abc writes
#[derive(clap::Parser, Debug)]
#[command(version = concat!("(ensample ", env!("CARGO_PKG_VERSION"), ")"), after_help = "Ranks are client, writer, consumer or producer. Without --role and --roles: client=1,writer=1,consumer=1,producer=*.")]
struct PipelineFlags {
    #[command(flatten)]
    abc: AbcFlags,
    #[command(flatten)]
    roles: RoleFlags,
    /// Run abc, bootstrap and gibbs side by side, each on the ranks of the role of its name; the run file has a table
    /// for each that is to run, with what its own run file would hold
    #[arg(long)]
    ensemble: bool,
}

/// The flags, or the text that these ask for.
type Asked = std::result::Result<PipelineFlags, String>;

/// The whole `pipeline` application, with all its flags, for the models that `model` makes.
///
/// `default` is the run file of the problem that is solved when the user names none: it is one of `abc`. `ensemble` is
/// that of the default ensemble.
pub fn main<S: Staged>(
    default: &str,
    ensemble: &str,
    models: Models<'_, impl Fn(&str, Vec<f64>) -> Result<S>>,
) -> ExitCode {
    world::launch(|world| {
        // Each part of a launch has flags of its own, of which the role counts; for the rest, root's do.
        let flags = world.agree(flags::parse::<PipelineFlags>())?;
        if flags.as_ref().is_ok_and(|flags| flags.ensemble) {
            return ensemble::run(world, flags, ensemble, models);
        }
        let Some((job, choice)) = start(world, flags, default)? else { return Ok(status::DONE) };
        let cast = cast(world, &ROLES, RULE, &choice)?;
        let made = abc::problem(&job, job.data.clone(), models.abc).and_then(|problem| {
            let checked = problem.check_stages();
            checked.map_err(|error| job.source.error(&["distance"], error.to_string()))?;
            match job.parsed.has_pilot() {
                true => Err(job.source.error(&["distance", "scale"], "must be \"none\": stages have no pilot")),
                false => Ok(problem),
            }
        });
        let problem = Arc::new(world.agree(made)?);
        let keeper = match open(world, &cast, &job)? {
            Begun::IsDone(status) => return Ok(status),
            Begun::Runs(keeper) => keeper,
        };
        let status = act(world, &cast, move |actor| stages::play(&actor, &problem, &job, keeper))?;
        // The writer knows.
        let all = world.gather_value(&status)?;
        world.broadcast_value(all.and_then(|all| all.into_iter().max()))
    })
}

/// Compiled here, not once more in each user's crate.
fn start(world: &World, flags: Asked, default: &str) -> Result<Option<(Job, Choice)>> {
    let roles = flags.as_ref().ok().map(|flags| flags.roles.clone());
    let job = begin(world, || {
        let abc = match flags {
            Ok(flags) => flags.abc,
            Err(text) => return Ok(Start::Print(text)),
        };
        if abc.print_run_file {
            return Ok(Start::Print(default.to_owned()));
        }
        let source = Source::read(abc.common.run_file.clone(), default)?;
        let start = abc::start(abc, source, "pipeline.h5")?;
        if let Start::Run { source, settings, .. } = &start {
            let refuse = |key: &str, message: &str| Err(source.error(&["run", key], message));
            if settings.threads != 1 {
                return refuse("threads", "must be 1: more ranks take the place of threads here");
            }
            if settings.trace.is_some() {
                return refuse("trace", "is for abc: stages have no log of tasks");
            }
            if settings.stall_timeout.is_some() {
                return refuse("stall_timeout", "is for abc: stages do not know which rank has which task");
            }
        }
        Ok(start)
    })?;
    let Some(job) = job else { return Ok(None) };
    let rule = job.settings.roles.clone();
    let choice = roles.map_or(Choice::Nothing, |roles| roles.choice(rule));
    Ok(Some((job, choice)))
}

/// Opens the checkpoint, which the writer keeps.
fn open(world: &World, cast: &Cast, job: &Job) -> Result<Begun> {
    checkpoint::leave_signals(&job.settings);
    let writes = one(&cast.ranks("writer"))? == world.rank();
    let opened =
        if writes { checkpoint::open(&job.settings, abc::this_run(job)) } else { Ok(Begun::Runs(Keeper::default())) };
    let opened = world.agree(opened)?;
    // The writer knows whether there is anything to do.
    let done = if let Begun::IsDone(status) = &opened { Some(*status) } else { None };
    let all = world.gather_value(&done)?;
    let done = world.broadcast_value(all.map(|all| all.into_iter().flatten().next()))?;
    Ok(done.map_or(opened, Begun::IsDone))
}

/// The rank of a role that only one plays.
fn one(ranks: &[usize]) -> Result<usize> {
    match ranks {
        [rank] => Ok(*rank),
        _ => Err(Error::other(format!("{} ranks play a role of one", ranks.len()))),
    }
}
