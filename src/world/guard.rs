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
    /// Whether the way to a panic is wanted even if `RUST_BACKTRACE` does not ask for it.
    static WITH_BACKTRACE: Cell<bool> = const { Cell::new(false) };
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
            let message = info.payload_as_str().unwrap_or("(no message)").to_owned();
            let backtrace = if WITH_BACKTRACE.get() { Backtrace::force_capture() } else { Backtrace::capture() };
            let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
            CAUGHT.set(Some(Error::Panic { location, message, backtrace }));
        }));
    });
}

/// What `body` returns, or its panic as [`Error::Panic`].
///
/// Whatever `body` was changing when it panicked may be half changed: most callers end the job.
pub(crate) fn guarded<T>(body: impl FnOnce() -> T) -> Result<T> {
    DEPTH.set(DEPTH.get() + 1);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    DEPTH.set(DEPTH.get() - 1);
    result.map_err(|_| {
        // Without the hook (in a unit test, say) the panic has already been printed.
        CAUGHT.take().unwrap_or_else(|| Error::other("panicked"))
    })
}

/// Like [`guarded`], for panics that don't end the job: with the way to the panic.
pub(crate) fn guarded_with_backtrace<T>(body: impl FnOnce() -> T) -> Result<T> {
    WITH_BACKTRACE.set(true);
    let result = guarded(body);
    WITH_BACKTRACE.set(false);
    result
}
