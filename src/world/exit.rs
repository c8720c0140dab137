//! A process that leaves in the middle of a job, because a model called `exit`, must not look like one that is done:
//! some launchers would leave the others waiting for it, or call the job a success.
//!
//! This file holds all `unsafe` of the room: two functions of the C library, declared as POSIX declares them. `atexit`
//! keeps a pointer to a function that is there for as long as the program; that function calls nothing but what may be
//! called at that time (an atomic load, a write to standard error), and `_exit`, which does not return.

use super::say;
use crate::status;
use std::ffi::c_int;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

unsafe extern "C" {
    fn atexit(function: extern "C" fn()) -> c_int;
    fn _exit(status: c_int) -> !;
}

static RUNNING: AtomicBool = AtomicBool::new(false);

/// From now on, to leave is a failure.
pub(super) fn forbid() {
    static ONCE: Once = Once::new();
    RUNNING.store(true, Ordering::SeqCst);
    // SAFETY: see above. Should there be no room for one more function, only this check is missing.
    ONCE.call_once(|| _ = unsafe { atexit(refuse) });
}

/// The job has come to its end.
pub(super) fn allow() {
    RUNNING.store(false, Ordering::SeqCst);
}

extern "C" fn refuse() {
    if RUNNING.load(Ordering::SeqCst) {
        say("error: a rank has left in the middle of the job: its model called exit");
        // SAFETY: see above.
        unsafe { _exit(c_int::from(status::FAILED)) }
    }
}
