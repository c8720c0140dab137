//! Panics as values.

use crate::error::{Error, Result};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// How many guards this thread is inside of.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static CAUGHT: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// Replaces the message that a panic prints by an error value, for panics inside [`guarded`].
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                return default(info);
            }
            let location = info.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
            let mut message = info.payload_as_str().unwrap_or("(no message)").to_owned();
            let backtrace = Backtrace::capture();
            if backtrace.status() == BacktraceStatus::Captured {
                message = format!("{message}\n{backtrace}");
            }
            CAUGHT.set(Some(Error::Panic { location, message }));
        }));
    });
}

/// What `body` returns, or its panic as [`Error::Panic`].
///
/// Whatever `body` was changing when it panicked must not be used afterwards; every caller ends the job.
pub(crate) fn guarded<T>(body: impl FnOnce() -> T) -> Result<T> {
    DEPTH.set(DEPTH.get() + 1);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(|_| {
        // Without the hook (in a unit test, say) the panic has already been printed.
        CAUGHT.take().unwrap_or_else(|| Error::other("panicked"))
    })
}
