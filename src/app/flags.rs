//! The flags that every application has, and the run file's `[run]` table that they override.

use super::source::Source;
use crate::checkpoint::{self, Keeper};
use crate::error::{Error, Result};
use crate::farm::{Means, Schedule};
use crate::store::ResultFile;
use crate::world::say;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Flags of every application.
#[derive(clap::Args, Debug)]
pub(super) struct Flags {
    /// Run file (TOML); without one, the default problem is solved
    pub run_file: Option<PathBuf>,
    /// Seed of all random numbers
    #[arg(long)]
    pub seed: Option<u64>,
    /// Result file (HDF5)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the result file (and the trace) if it exists
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub force: Option<bool>,
    /// Which rank gets which tasks; results do not depend on it
    #[arg(long, value_parser = schedules())]
    pub schedule: Option<Schedule>,
    /// Compute threads on each rank; results do not depend on it
    #[arg(long)]
    pub threads: Option<usize>,
    /// No progress and no summary
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub quiet: Option<bool>,
    /// Print the summary as one JSON object, and nothing else, on standard output
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub json: Option<bool>,
    /// Write times, hosts and the task log to this file (HDF5)
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Go on from the checkpoint, if there is one; do nothing if the result is there
    #[arg(long)]
    pub resume: bool,
    /// Seconds between two checkpoints (OUT.checkpoint); 0 for none
    #[arg(long, value_name = "SECONDS")]
    pub checkpoint_every: Option<f64>,
    /// End the job, with a checkpoint, when a rank that has tasks makes no progress for so long
    #[arg(long, value_name = "SECONDS")]
    pub stall_timeout: Option<f64>,
}

/// The `[run]` table: how to run, which affects no result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub(super) struct Settings {
    pub out: PathBuf,
    pub force: bool,
    pub schedule: Schedule,
    pub threads: usize,
    pub quiet: bool,
    pub json: bool,
    pub trace: Option<PathBuf>,
    /// Seconds between two checkpoints; 0 for none.
    pub checkpoint_every: f64,
    /// Seconds after which a rank without progress ends the job; never if `None`.
    pub stall_timeout: Option<f64>,
    /// Go on from the checkpoint.
    #[serde(skip)]
    pub resume: bool,
    /// Which ranks play which role, in applications that have roles.
    pub roles: Option<String>,
    /// Show progress as lines even on a terminal, because others use it too.
    #[serde(skip)]
    pub lines: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            out: PathBuf::new(),
            force: false,
            schedule: Schedule::default(),
            threads: 1,
            quiet: false,
            json: false,
            trace: None,
            checkpoint_every: 60.0,
            stall_timeout: None,
            resume: false,
            roles: None,
            lines: false,
        }
    }
}

/// Sets `value` if the flag was given, and remembers that.
pub(super) fn set<T>(source: &mut Source, key: &str, value: &mut T, flag: Option<T>) {
    if let Some(given) = flag {
        *value = given;
        // The last part of the key is the flag's name.
        let name = key.rsplit('.').next().unwrap_or(key).replace('_', "-");
        source.overridden(key, &format!("--{name}"));
    }
}

impl Settings {
    /// Overrides these settings by the flags; `out` is the result file where nothing names one.
    pub fn apply(&mut self, flags: Flags, source: &mut Source, out: &str) {
        // Files that the run file names lie beside it, those of flags in the working folder.
        if self.out.as_os_str().is_empty() {
            self.out = out.into();
        } else {
            self.out = source.resolve(&self.out);
        }
        self.trace = self.trace.take().map(|path| source.resolve(&path));
        set(source, "run.out", &mut self.out, flags.out);
        set(source, "run.schedule", &mut self.schedule, flags.schedule);
        set(source, "run.threads", &mut self.threads, flags.threads);
        set(source, "run.trace", &mut self.trace, flags.trace.map(Some));
        set(source, "run.force", &mut self.force, flags.force);
        set(source, "run.quiet", &mut self.quiet, flags.quiet);
        set(source, "run.json", &mut self.json, flags.json);
        set(source, "run.checkpoint_every", &mut self.checkpoint_every, flags.checkpoint_every);
        set(source, "run.stall_timeout", &mut self.stall_timeout, flags.stall_timeout.map(Some));
        self.resume = flags.resume;
    }

    /// `replaces` when the run goes on from the result that is there, and replaces it.
    ///
    /// # Errors
    /// What can't be run so.
    pub fn check(&self, source: &Source, replaces: bool) -> Result<()> {
        if !(1..=1024).contains(&self.threads) {
            return Err(source.error(&["run", "threads"], format!("must be from 1 to 1024, is {}", self.threads)));
        }
        if !(0.0..=1e9).contains(&self.checkpoint_every) {
            let message = format!("must be from 0 to 1e9 seconds, is {}", self.checkpoint_every);
            return Err(source.error(&["run", "checkpoint_every"], message));
        }
        if let Some(seconds) = self.stall_timeout.filter(|seconds| !(1e-3..=1e9).contains(seconds)) {
            return Err(
                source.error(&["run", "stall_timeout"], format!("must be from 0.001 to 1e9 seconds, is {seconds}"))
            );
        }
        let out = ("out", Some(&self.out), self.force || replaces);
        for (key, path, force) in [out, ("trace", self.trace.as_ref(), self.replaces_trace())] {
            let Some(path) = path else { continue };
            if path.to_str().is_none() {
                return Err(source.error(&["run", key], "is not UTF-8"));
            }
            ResultFile::check(path, force).map_err(|error| match source.says(&["run", key]) {
                true => source.error(&["run", key], error.to_string()),
                false => error,
            })?;
        }
        let mine = [self.out.clone()].into_iter().chain(checkpoint::files(&self.out));
        if self.trace.as_ref().is_some_and(|trace| mine.into_iter().any(|file| same_file(trace, &file))) {
            return Err(source.error(&["run", "trace"], "must be another file than the result and its checkpoint"));
        }
        Ok(())
    }
}

impl Settings {
    /// # Errors
    /// When a result would replace the data at `path`.
    pub fn check_data(&self, path: &Path, source: &Source) -> Result<()> {
        let out = [self.out.clone()].into_iter().chain(checkpoint::files(&self.out)).map(|file| ("out", file));
        for (key, output) in out.chain(self.trace.clone().map(|trace| ("trace", trace))) {
            if same_file(&output, path) {
                return Err(
                    source.error(&["run", key], format!("must be another file than the data, {}", path.display()))
                );
            }
        }
        Ok(())
    }

    /// Whether the trace may replace one that is there: a run that goes on may have written it just before it ended.
    pub fn replaces_trace(&self) -> bool {
        self.force || self.resume
    }

    /// How tasks are to be run.
    pub fn means(&self) -> Means {
        let Settings { schedule, threads, ref trace, .. } = *self;
        let patience = self.stall_timeout.map(Duration::from_secs_f64);
        Means { schedule, threads, trace: trace.is_some(), keeper: Keeper::default(), patience }
    }

    /// Says so when the compute threads of a rank have to share cores: launchers bind a rank to few, often to one.
    pub fn warn_of_few_cores(&self) {
        let cores = std::thread::available_parallelism().map_or(self.threads, usize::from);
        if cores < self.threads && !self.quiet {
            say(&format!(
                "warning: this rank may use {cores} of the machine's cores for its {} threads. Give it more \
                 (Open MPI: mpirun --bind-to none; Slurm: --cpus-per-task) or use more ranks instead",
                self.threads
            ));
        }
    }
}

/// Whether both paths lead to one file, which need not exist.
fn same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    real(a) == real(b)
}

/// The names of schedules, as in a run file.
fn schedules() -> impl TypedValueParser<Value = Schedule> {
    PossibleValuesParser::new(["dynamic", "static"])
        .map(|name| if name == "static" { Schedule::Static } else { Schedule::Dynamic })
}

/// Reads the command line: the flags, or the text that `--help` or `--version` ask for.
pub(super) fn parse<F: clap::Parser>() -> Result<std::result::Result<F, String>> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    parse_from(&arguments)
}

/// Like [`parse`], from these arguments.
pub(super) fn parse_from<F: clap::Parser>(
    arguments: &[impl Into<OsString> + Clone],
) -> Result<std::result::Result<F, String>> {
    // The program is the user's own as often as one of ours.
    let program = std::env::args_os().next().map(PathBuf::from);
    let name = program.as_deref().and_then(Path::file_stem).and_then(|name| name.to_str()).unwrap_or("ensample");
    let command = F::command().name(name.to_owned()).bin_name(name).allow_negative_numbers(true);
    let arguments = std::iter::once(name.into()).chain(arguments.iter().cloned().map(Into::into));
    match command.try_get_matches_from(arguments).and_then(|matches| F::from_arg_matches(&matches)) {
        Ok(flags) => Ok(Ok(flags)),
        Err(error) if !error.use_stderr() => Ok(Err(error.to_string())),
        Err(error) => {
            let text = error.to_string();
            let message = text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned();
            Err(Error::input("command line", message))
        }
    }
}
