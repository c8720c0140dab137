//! What asks a job to end in order: SIGTERM, SIGINT and SIGUSR1, on any rank, and the end of the time that Slurm gives it.

use super::{exit, report};
use crate::error::{Error, Result};
use crate::status;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};
use signal_hook::iterator::Signals;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a job may take to come to its end after a signal. What it is doing then is lost; its checkpoint is not.
const PATIENCE: Duration = Duration::from_secs(4);

/// A job ends by itself so long before its time limit: a twentieth of the time that it has, but within these bounds.
const MARGIN: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

static ASKED: AtomicBool = AtomicBool::new(false);

/// When the job has to end by itself.
static DEADLINE: OnceLock<Instant> = OnceLock::new();

/// Whether a signal has asked this rank to end the job, or it is time to.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed) || DEADLINE.get().is_some_and(|deadline| Instant::now() >= *deadline)
}

/// Another rank has been asked.
pub(crate) fn ask() {
    ASKED.store(true, Ordering::Relaxed);
}

/// That a file may not become so large (`ulimit -f`) is an error for who writes it, and not the end of the process.
pub(super) fn outlive_file_limits() {
    // Without it, that signal ends the process as it would have.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// From now on these signals end the job in order, and not at once; but a second SIGINT does.
pub(super) fn heed(is_root: bool) -> Result<()> {
    let limit = std::env::var("SLURM_JOB_END_TIME").ok().and_then(|end| end.parse::<u64>().ok());
    if let Some(left) = limit.map(|end| UNIX_EPOCH + Duration::from_secs(end)) {
        let left = left.duration_since(SystemTime::now()).unwrap_or_default();
        let margin = (left / 20).clamp(MARGIN.0, MARGIN.1);
        DEADLINE.get_or_init(|| Instant::now() + left.saturating_sub(margin));
    }
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGUSR1]).map_err(Error::other)?;
    std::thread::spawn(move || {
        let mut first = true;
        for signal in signals.forever() {
            ASKED.store(true, Ordering::Relaxed);
            if std::mem::take(&mut first) {
                std::thread::spawn(move || give_up(is_root));
            } else if signal == SIGINT {
                exit::leave(status::INTERRUPTED);
            }
        }
    });
    Ok(())
}

/// Leaves, if nobody has listened: in the middle of a long computation on this rank alone, say.
fn give_up(is_root: bool) {
    std::thread::sleep(PATIENCE);
    if is_root {
        report(&Error::Interrupted);
    }
    exit::leave(status::INTERRUPTED);
}
