//! How every application begins: root reads what is asked for, and all ranks learn of it.

use super::flags::Settings;
use super::source::Source;
use super::summary::print;
use crate::error::{Error, Result};
use crate::world::World;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What root has read.
pub(super) enum Start<D, T> {
    /// Only print this.
    Print(String),
    /// Run what is described, with these data.
    Run { source: Source, description: D, settings: Settings, data: T },
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
    let told = world.on_root(|| match read()? {
        Start::Print(text) => {
            print(&text)?;
            Ok(None)
        }
        Start::Run { source, description, settings, data } => {
            let text = toml::to_string(&description);
            let description = text.map_err(|error| Error::input("run file", error.to_string()))?;
            Ok(Some((source, description, settings, data)))
        }
    })?;
    let Some((source, description, settings, data)) = told else { return Ok(None) };
    let parsed = Source::of_run(description.clone()).parse()?;
    Ok(Some(Job { source, description, parsed, settings, data }))
}
