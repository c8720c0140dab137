//! Signals that ask a job to end in order: SIGTERM, SIGINT and SIGUSR1, on any rank.

use super::{exit, report};
use crate::error::{Error, Result};
use crate::status;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a job may take to come to its end after a signal. What it is doing then is lost; its checkpoint is not.
const PATIENCE: Duration = Duration::from_secs(4);

static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether a signal has asked this rank to end the job.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// From now on these signals end the job in order, and not at once; but a second SIGINT does.
pub(super) fn heed(is_root: bool) -> Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGUSR1]).map_err(Error::other)?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if !ASKED.swap(true, Ordering::Relaxed) {
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
