//! Showing how far a run is: a bar on a terminal, otherwise a line from time to time.

use super::flags::Settings;
use super::terminal::Terminal;
use crate::world::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Between two looks at a bar.
const BAR_EVERY: Duration = Duration::from_millis(100);
const BAR: &str = "{prefix} {wide_bar:.cyan/blue} {percent}% · {msg}";

/// How far something is.
pub(super) struct Progress {
    shown: Shown,
    name: &'static str,
    start: Instant,
    last: Instant,
    /// What an earlier run had done.
    before: Option<u64>,
}

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines,
}

impl Progress {
    /// Begins to show the progress of `name`, as the settings ask.
    pub fn start(name: &'static str, settings: &Settings) -> Self {
        let shown = match Terminal::find() {
            _ if settings.quiet => Shown::Nothing,
            _ if settings.lines => Shown::Lines,
            None => Shown::Lines,
            Some(terminal) => {
                let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal), 10);
                let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
                Shown::Bar(ProgressBar::with_draw_target(Some(1), target).with_style(style).with_prefix(name))
            }
        };
        Progress { shown, name, start: Instant::now(), last: Instant::now(), before: None }
    }

    /// Shows nothing.
    pub fn none() -> Self {
        Progress { shown: Shown::Nothing, name: "", start: Instant::now(), last: Instant::now(), before: None }
    }

    /// Shows that `done` of `all` are there, and what `note` says (of so many seconds), if it is time for that.
    pub fn update(&mut self, done: u64, all: u64, note: impl FnOnce(f64) -> String) {
        let every = match self.shown {
            Shown::Nothing => return,
            Shown::Bar(_) => BAR_EVERY,
            Shown::Lines => LINE_EVERY,
        };
        let before = *self.before.get_or_insert(done);
        if self.last.elapsed() < every {
            return;
        }
        self.last = Instant::now();
        // As if all had been done at the pace of this run.
        let seconds = match done.saturating_sub(before) {
            0 => f64::INFINITY,
            now => self.start.elapsed().as_secs_f64() * done as f64 / now as f64,
        };
        let left = match seconds.is_finite() {
            false => "time left unknown".into(),
            true => format!("{} left", duration(seconds * all.saturating_sub(done) as f64 / done as f64)),
        };
        let text = format!("{} · {left}", note(seconds));
        match &self.shown {
            Shown::Nothing => (),
            Shown::Bar(bar) => {
                bar.set_length(all);
                bar.set_message(text);
                bar.set_position(done);
            }
            Shown::Lines => say(&format!("{}: {text}", self.name)),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

/// An error's message must not stand behind a half-drawn bar.
impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A time for people: `48 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub(super) fn duration(seconds: f64) -> String {
    // Saturating: far more than anyone waits.
    let s = seconds.round() as u64;
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        3600..86400 => format!("{} h {} min", s / 3600, s / 60 % 60),
        _ => format!("{} d {} h", s / 86400, s / 3600 % 24),
    }
}

/// A count for people: `950`, `12.3 k`, `8.65 M`, `1.2 G`.
pub(super) fn count(number: f64) -> String {
    match number {
        n if n < 1e3 => format!("{n:.0}"),
        n if n < 1e6 => format!("{:.1} k", n / 1e3),
        n if n < 1e9 => format!("{:.2} M", n / 1e6),
        n => format!("{:.2} G", n / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!(
            [0.4, 59.6, 200.0, 7500.0, 273_600.0].map(duration),
            ["0 s", "1 min 0 s", "3 min 20 s", "2 h 5 min", "3 d 4 h"]
        );
        assert_eq!([950.0, 12_300.0, 8.65e6, 1.2e9].map(count), ["950", "12.3 k", "8.65 M", "1.20 G"]);
    }
}
