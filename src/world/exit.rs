//! A process that leaves in the middle of a job, because a model called `exit`, must not look like one that is done:
//! some launchers would leave the others waiting for it, or call the job a success.
//!
//! The `unsafe` of this file: two functions of the C library, declared as POSIX declares them. `atexit`
//! keeps a pointer to a function that is there for as long as the program; that function loads an atomic, prints a line,
//! neither of which needs anything that has been taken down by then, and calls `_exit`, which does not return.

use super::report;
use crate::error::Error;
use crate::status;
use std::ffi::c_int;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

unsafe extern "C" {
    fn atexit(function: extern "C" fn()) -> c_int;
    fn _exit(status: c_int) -> !;
}

static RUNNING: AtomicBool = AtomicBool::new(false);

/// Who would have left: a rank and its host.
static RANK: OnceLock<(usize, String)> = OnceLock::new();

/// From now on, to leave is a failure of this rank.
pub(super) fn forbid(rank: usize, host: &str) {
    RUNNING.store(true, Ordering::SeqCst);
    RANK.get_or_init(|| {
        // SAFETY: see above. Should there be no room for one more function, only this check is missing.
        let _ = unsafe { atexit(refuse) };
        (rank, host.to_owned())
    });
}

/// The job has come to its end.
pub(super) fn allow() {
    RUNNING.store(false, Ordering::SeqCst);
}

/// Leaves at once, wherever the other threads are.
pub(super) fn leave(status: u8) -> ! {
    // SAFETY: see above.
    unsafe { _exit(c_int::from(status)) }
}

extern "C" fn refuse() {
    if let (true, Some((rank, host))) = (RUNNING.load(Ordering::SeqCst), RANK.get()) {
        let message = "left in the middle of the job: something in it called exit".into();
        report(&Error::Rank { rank: *rank, host: host.clone(), message, status: status::FAILED });
        leave(status::FAILED);
    }
}
