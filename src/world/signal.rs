//! What asks a job to end in order: SIGTERM, SIGINT and SIGUSR1, on any rank, and the end of the time that Slurm gives it.

use super::{exit, report};
use crate::error::{Error, Result};
use crate::status;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const ASKING: [i32; 3] = [SIGTERM, SIGINT, SIGUSR1];

/// How long a job may take to notice a signal. What it is doing then is lost; its checkpoint is not.
const PATIENCE: Duration = Duration::from_millis(2500);

/// So much later comes the turn of the next rank: a launcher needs a while to end a job.
const TURN: Duration = Duration::from_millis(500);

/// How long it may take to save what it has found, when it has noticed.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// Signals that are nearer to each other than this are one.
const ONE_SIGNAL: Duration = Duration::from_millis(300);

/// A job ends by itself so long before its time limit: a twentieth of the time that it has, but within these bounds.
const MARGIN: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

static HEEDED: AtomicBool = AtomicBool::new(false);
static ASKED: AtomicBool = AtomicBool::new(false);
static HEARD: AtomicBool = AtomicBool::new(false);

/// Whether a signal has asked this rank to end the job, or another rank says so, or it is time to.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// The job is to end.
pub(crate) fn ask() {
    ASKED.store(true, Ordering::Relaxed);
}

/// That a file may not become so large (`ulimit -f`) is an error for who writes it, and not the end of the process.
pub(super) fn outlive_file_limits() {
    // Without it, that signal ends the process as it would have.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// From now on these signals end the job in order, and not at once; but a second one does. `number` is this rank's in the
/// whole job.
pub(super) fn heed(number: usize) -> Result<()> {
    if HEEDED.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    let limit = std::env::var("SLURM_JOB_END_TIME").ok().and_then(|end| end.parse::<u64>().ok());
    let end = limit.and_then(|end| UNIX_EPOCH.checked_add(Duration::from_secs(end)));
    // One that has passed is none: of another job, maybe.
    if let Some(left) = end.and_then(|end| end.duration_since(SystemTime::now()).ok()) {
        std::thread::spawn(move || {
            std::thread::sleep(left.saturating_sub((left / 20).clamp(MARGIN.0, MARGIN.1)));
            if HEEDED.load(Ordering::SeqCst) {
                ask();
                give_up(number);
            }
        });
    }
    let mut signals = Signals::new(ASKING).map_err(Error::other)?;
    std::thread::spawn(move || {
        let mut first: Option<Instant> = None;
        for signal in signals.forever() {
            if !HEEDED.load(Ordering::SeqCst) {
                // Nothing could be left to do if that fails.
                let _ = emulate_default_handler(signal);
            }
            match first {
                None => {
                    first = Some(Instant::now());
                    ask();
                    std::thread::spawn(move || give_up(number));
                }
                // From a launcher that has lost a rank, too. One key makes two signals under some.
                Some(first) if signal != SIGUSR1 && first.elapsed() > ONE_SIGNAL => exit::leave(status::INTERRUPTED),
                Some(_) => (),
            }
        }
    });
    Ok(())
}

/// The signals have their usual effects again: there is nothing to bring to an end in order.
pub(crate) fn disregard() {
    HEEDED.store(false, Ordering::SeqCst);
}

/// Somebody sees to it that the job ends, and it may take a while.
pub(crate) fn heard() {
    HEARD.store(true, Ordering::SeqCst);
}

/// Leaves, if nobody has listened: root may be in the middle of a long computation. The first rank to do so speaks, and
/// its launcher ends the others.
fn give_up(number: usize) {
    std::thread::sleep(PATIENCE + TURN * number.min(4) as u32);
    if HEARD.load(Ordering::SeqCst) {
        std::thread::sleep(LONG_PATIENCE);
    }
    report(&Error::Interrupted);
    exit::leave(status::INTERRUPTED);
}
