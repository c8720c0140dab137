//! Where settings come from, so that a mistake can be named by its place.

use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// A run file's text, and the flags that override some of its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Source {
    /// The file, as the user named it; `None` for the default problem's.
    path: Option<PathBuf>,
    text: String,
    /// Keys that a flag has set, each with the flag.
    flags: Vec<(String, String)>,
}

impl Source {
    /// The file at `path`, or the default problem's run file.
    pub fn read(path: Option<PathBuf>, default: &str) -> Result<Self> {
        let text = match &path {
            None => default.to_owned(),
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                Error::input(path.display().to_string(), format!("can't read this run file: {error}"))
            })?,
        };
        Ok(Source { path, text, flags: Vec::new() })
    }

    /// The text's value.
    ///
    /// # Errors
    /// Names file, line and key of what is not TOML, unknown, missing or of the wrong type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        let at = |span: Option<std::ops::Range<usize>>, key: String, message: &str| {
            Error::input(self.place(span.map(|span| span.start), &key), message.trim())
        };
        let reader =
            toml::Deserializer::parse(&self.text).map_err(|error| at(error.span(), String::new(), error.message()))?;
        serde_path_to_error::deserialize(reader).map_err(|error| {
            let key = error.path().to_string();
            at(error.inner().span(), if key == "." { String::new() } else { key }, error.inner().message())
        })
    }

    /// Remembers that `flag` has set `key`.
    pub fn overridden(&mut self, key: &str, flag: &str) {
        self.flags.push((key.to_owned(), flag.to_owned()));
    }

    /// A mistake in the value of `key` (`["prior", "sigma", "uniform", "low"]`).
    pub fn error(&self, key: &[&str], message: impl Into<String>) -> Error {
        let name = key.join(".");
        match self.flag(&name) {
            Some(flag) => Error::input(flag, message),
            None => Error::input(self.place(self.find(key).0, &name), message),
        }
    }

    /// Whether it is the run file that has set `key`.
    pub fn says(&self, key: &[&str]) -> bool {
        self.flag(&key.join(".")).is_none() && self.find(key).1 == key.len()
    }

    fn flag(&self, key: &str) -> Option<&String> {
        self.flags.iter().find(|(overridden, _)| overridden == key).map(|(_, flag)| flag)
    }

    /// A path of the run file: relative ones count from the folder of that file.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        match self.path.as_deref().and_then(Path::parent) {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        }
    }

    /// `run.toml:7: prior.sigma`
    fn place(&self, offset: Option<usize>, key: &str) -> String {
        let file = self.path.as_ref().map_or("the default run file".into(), |path| path.display().to_string());
        let line = offset.map(|offset| 1 + self.text[..offset].matches('\n').count());
        let line = line.map_or(String::new(), |line| format!(":{line}"));
        if key.is_empty() { format!("{file}{line}") } else { format!("{file}{line}: {key}") }
    }

    /// Where in the text `key` is, or the innermost table of it that there is; and how many parts of the key there are.
    fn find(&self, key: &[&str]) -> (Option<usize>, usize) {
        let Ok(document) = DeTable::parse(&self.text) else { return (None, 0) };
        let mut table = Some(document.get_ref());
        let mut found = (None, 0);
        for name in key {
            let Some((name, value)) = table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == name))
            else {
                break;
            };
            found = (Some(name.span().start), found.1 + 1);
            table = match value.get_ref() {
                DeValue::Table(table) => Some(table),
                _ => None,
            };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn source(text: &str) -> Source {
        Source { path: Some("folder/run.toml".into()), text: text.into(), flags: Vec::new() }
    }

    #[test]
    fn mistakes_have_file_line_and_key() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code)]
        struct File {
            seed: u64,
            prior: BTreeMap<String, BTreeMap<String, f64>>,
        }
        let message = |text: &str| source(text).parse::<File>().unwrap_err().to_string();
        assert!(message("seed = 1\nsead = 2").starts_with("folder/run.toml:2: sead: unknown field `sead`"));
        assert!(
            message("seed = 1\n\n[prior.mu]\nsd = \"x\"\n").starts_with("folder/run.toml:4: prior.mu.sd: invalid type")
        );
        assert!(message("seed = 1\n]").starts_with("folder/run.toml:2: "));
        assert!(message("seed = 1").contains("missing field `prior`"));
        let text = "seed = 1\n[prior]\nmu = { normal = { sd = -1 } }";
        let error = source(text).error(&["prior", "mu", "normal", "sd"], "must be positive");
        assert_eq!(error.to_string(), "folder/run.toml:3: prior.mu.normal.sd: must be positive");
        let error = source(text).error(&["tolerance"], "is missing");
        assert_eq!(error.to_string(), "folder/run.toml: tolerance: is missing");
    }

    #[test]
    fn an_overridden_key_is_named_by_its_flag() {
        let mut source = source("draws = 0");
        source.overridden("draws", "--draws");
        assert_eq!(source.error(&["draws"], "must be at least 1").to_string(), "--draws: must be at least 1");
    }

    #[test]
    fn paths_count_from_the_run_file() {
        assert_eq!(source("").resolve(Path::new("y.csv")), Path::new("folder/y.csv"));
        assert_eq!(source("").resolve(Path::new("/data/y.csv")), Path::new("/data/y.csv"));
    }
}
