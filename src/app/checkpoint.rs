//! Where a run keeps what it has found, and whether there is anything left to do.

use super::flags::Settings;
use crate::checkpoint::{self, Checkpoint, Keeper, Run};
use crate::error::{Error, Result};
use crate::farm::Means;
use crate::status;
use crate::store::{Reader, Value};
use crate::world::{World, say, signal};
use std::time::Duration;

/// How a run begins.
pub(super) enum Begun {
    /// With everything to do, or with what an earlier one has left; this keeps what is found.
    Runs(Keeper),
    /// It has been done before, with this exit status.
    IsDone(u8),
}

/// Opens the checkpoint of a run, and has root `prepare` it. Every rank calls it. Returns how tasks are to be run, or the
/// exit status of a run that is done already. `run` is asked on root only.
///
/// # Errors
/// Those of [`open`] and of `prepare`.
pub(super) fn begin(
    world: &World,
    settings: &Settings,
    run: impl FnOnce() -> Run,
    prepare: impl FnOnce() -> Result<()>,
) -> Result<std::result::Result<Means, u8>> {
    let mut means = settings.means();
    leave_signals(settings);
    let done = world.on_root(|| match open(settings, run())? {
        Begun::IsDone(status) => Ok(Some(status)),
        Begun::Runs(keeper) => {
            means.keeper = keeper;
            prepare().map(|()| None)
        }
    })?;
    Ok(done.map_or(Ok(means), Err))
}

/// Opens the checkpoint of a run on the rank that writes the result.
///
/// # Errors
/// When there is a checkpoint and nobody says what is to become of it; when it is of another run, or damaged; when it
/// can't be read or written.
pub(super) fn open(settings: &Settings, run: Run) -> Result<Begun> {
    let out = &settings.out;
    let path = checkpoint::path(out);
    if settings.resume
        && let Some(status) = finished(settings, &run)?
    {
        checkpoint::clear(out)?;
        tell(settings, &format!("{} is finished: there is nothing to do", out.display()));
        return Ok(Begun::IsDone(status));
    }
    let every = match settings.checkpoint_every {
        0.0 => Duration::MAX / 2, // never again
        seconds => Duration::from_secs_f64(seconds),
    };
    if settings.resume {
        if let Some(checkpoint) = Checkpoint::resume(out, run.clone(), every)? {
            tell(settings, &format!("goes on from {}", path.display()));
            return Ok(Begun::Runs(Keeper::new(checkpoint)));
        }
        tell(settings, &format!("there is no {}: begins at the beginning", path.display()));
    } else if path.exists() && !settings.force {
        let message = "exists: --resume goes on from it, --force begins anew";
        return Err(Error::input(path.display().to_string(), message));
    } else if settings.checkpoint_every == 0.0 {
        // What there was of another run would not belong to this one's result.
        Checkpoint::create(out, run, every)?.remove()?;
        return Ok(Begun::Runs(Keeper::default()));
    }
    Checkpoint::create(out, run, every).map(|checkpoint| Begun::Runs(Keeper::new(checkpoint)))
}

/// Signals have been heeded since the start. Where no checkpoint is kept, there is nothing to bring to an end in order.
pub(super) fn leave_signals(settings: &Settings) {
    if !settings.resume && settings.checkpoint_every == 0.0 {
        signal::disregard();
    }
}

fn tell(settings: &Settings, line: &str) {
    if !settings.quiet {
        say(line);
    }
}

/// The exit status of the run, if its result is there. A result of another run is none.
fn finished(settings: &Settings, run: &Run) -> Result<Option<u8>> {
    if !settings.out.exists() {
        return Ok(None);
    }
    let reader = match Reader::open(&settings.out) {
        Err(_) if settings.force => return Ok(None), // it will be replaced
        reader => reader?,
    };
    let says = |name: &str, text: &str| matches!(reader.attribute("/", name), Ok(Value::Text(said)) if said == text);
    let is_this = says("application", &run.application)
        && says("run_file", &run.description)
        && says("data_sha256", &run.data)
        && says("inference_library_version", env!("CARGO_PKG_VERSION"));
    let partial = matches!(reader.attribute("/", "partial"), Ok(Value::Integer(partial)) if partial != 0);
    Ok(is_this.then_some(if partial { status::PARTIAL } else { status::DONE }))
}
