//! Waiting without keeping a core busy.

use std::time::Duration;

/// How often the core is only offered to others before the first sleep.
const YIELDS: u32 = 20;
const SHORTEST: Duration = Duration::from_micros(20);

/// Pauses that begin short, while an answer may be near, and grow.
pub(crate) struct Wait {
    yields: u32,
    next: Duration,
    longest: Duration,
}

impl Wait {
    /// Pauses of at most `longest`.
    pub(crate) fn new(longest: Duration) -> Self {
        Wait { yields: 0, next: SHORTEST, longest }
    }

    /// The next pause.
    pub(crate) fn pause(&mut self) {
        if self.yields < YIELDS {
            self.yields += 1;
            std::thread::yield_now();
        } else {
            std::thread::sleep(self.lengthen());
        }
    }

    /// How long the next pause may be: for those who can be woken earlier. Each is about an eighth of the time that has
    /// been waited up to then, so that what comes is kept waiting for little more than it took to come.
    pub(crate) fn lengthen(&mut self) -> Duration {
        let now = self.next;
        self.next = (now + now / 8).min(self.longest);
        now
    }

    /// Something happened: begin again with short pauses.
    pub(crate) fn reset(&mut self) {
        *self = Wait::new(self.longest);
    }
}
