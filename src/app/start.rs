//! How every application begins: root reads what is asked for, and all ranks learn of it.

use super::flags::{self, Settings};
use super::source::Source;
use super::summary::print;
use crate::error::{Error, Result};
use crate::world::World;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where an application finds what is asked of it.
pub(super) enum Origin<'a> {
    /// The command line.
    CommandLine,
    /// A table of a run file for several applications that run side by side, and flags that hold for all of them.
    Table { source: Source, shared: &'a [String] },
}

impl Origin<'_> {
    /// The flags, or the text that these ask for.
    pub fn flags<F: clap::Parser>(&self) -> Result<std::result::Result<F, String>> {
        match self {
            Origin::CommandLine => flags::parse(),
            Origin::Table { shared, .. } => flags::parse_from(shared),
        }
    }

    /// The run file: that of the flags, or else the default problem's.
    pub fn source(&self, run_file: Option<PathBuf>, default: &str) -> Result<Source> {
        match self {
            Origin::CommandLine => Source::read(run_file, default),
            Origin::Table { source, .. } => Ok(source.clone()),
        }
    }
}

/// Reads each rank's own flags. If root's ask for a text only (`--help`, `--version`), that is printed, and there is
/// nothing left to do.
///
/// # Errors
/// On all ranks, when the flags of any can't be understood.
pub fn read_flags<F: clap::Parser>(world: &World) -> Result<Option<F>> {
    let flags = world.agree(flags::parse::<F>())?;
    let goes_on = world.on_root(|| match &flags {
        Ok(_) => Ok(true),
        Err(text) => print(text).map(|()| false),
    })?;
    Ok(flags.ok().filter(|_| goes_on))
}

/// What root has read.
pub(super) enum Start<D, T> {
    /// Only print this.
    Print(String),
    /// Run what is described, with these data.
    Run { source: Source, description: D, settings: Settings, data: T },
}

impl<D, T> Start<D, T> {
    /// For an application without roles: refuses them, and leaves the terminal to others, if there are any.
    ///
    /// # Errors
    /// When the run file has roles.
    pub fn without_roles(mut self, origin: &Origin) -> Result<Self> {
        if let Start::Run { source, settings, .. } = &mut self {
            if settings.roles.is_some() {
                return Err(source.error(&["run", "roles"], "is for pipeline only: all ranks do the same here"));
            }
            settings.lines = matches!(origin, Origin::Table { .. });
        }
        Ok(self)
    }
}

/// A run, as every rank knows it.
pub(super) struct Job<D, T> {
    pub source: Source,
    /// The run description as TOML, as it will stand in the result.
    pub description: String,
    pub parsed: D,
    pub settings: Settings,
    pub data: T,
}

/// Has root read what is asked for. Nothing is left to do when that was only to be printed.
///
/// # Errors
/// Those of `read`, on all ranks.
pub(super) fn begin<D, T>(world: &World, read: impl FnOnce() -> Result<Start<D, T>>) -> Result<Option<Job<D, T>>>
where
    D: Serialize + DeserializeOwned,
    T: Serialize + DeserializeOwned,
{
    // From here on: to read large data takes a while, too.
    world.heed_signals()?;
    let told = world.on_root(|| read()?.describe())?;
    told.map(Told::understand).transpose()
}

/// What root tells the others of a run.
#[derive(Serialize, Deserialize)]
struct Told<T> {
    source: Source,
    description: String,
    settings: Settings,
    /// Of the settings, what no run file has.
    resume: bool,
    data: T,
}

impl<D: Serialize + DeserializeOwned, T> Start<D, T> {
    /// Prints, or says what is to be run.
    fn describe(self) -> Result<Option<Told<T>>> {
        match self {
            Start::Print(text) => print(&text).map(|()| None),
            Start::Run { source, description, settings, data } => {
                let text = toml::to_string(&description);
                let description = text.map_err(|error| Error::input("run file", error.to_string()))?;
                let resume = settings.resume;
                Ok(Some(Told { source, description, settings, resume, data }))
            }
        }
    }

    /// The run, for who is alone with it.
    ///
    /// # Errors
    /// When its description can't be written, and read again.
    pub fn job(self) -> Result<Option<Job<D, T>>> {
        self.describe()?.map(Told::understand).transpose()
    }
}

impl<T> Told<T> {
    fn understand<D: DeserializeOwned>(self) -> Result<Job<D, T>> {
        let Told { source, description, mut settings, resume, data } = self;
        settings.resume = resume;
        let parsed = Source::of_run(description.clone()).parse()?;
        Ok(Job { source, description, parsed, settings, data })
    }
}
