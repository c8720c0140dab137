//! Where settings come from, so that a mistake can be named by its place.

use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A run file's text or a table of it, and the flags that override some of its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Source {
    /// The file, as the user named it; `None` for the default problem's.
    path: Option<PathBuf>,
    text: String,
    /// The table of the text that is meant; all of it if `None`.
    table: Option<String>,
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
        Ok(Source { path, text, table: None, flags: Vec::new() })
    }

    /// A table of this one, as if it were a run file of its own.
    pub fn within(&self, table: &str) -> Self {
        Source { table: Some(table.to_owned()), ..self.clone() }
    }

    /// The description of a run, as root has made it of run file and flags.
    pub fn of_run(description: String) -> Self {
        Source { path: Some("run description".into()), text: description, table: None, flags: Vec::new() }
    }

    /// A run file's text that stands in the file at `path`.
    pub fn of_text(path: &Path, text: String) -> Self {
        Source { path: Some(path.to_owned()), text, table: None, flags: Vec::new() }
    }

    /// The text's value.
    ///
    /// # Errors
    /// Names file, line and key of what is not TOML, unknown, missing or of the wrong type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        let at = |span: Option<std::ops::Range<usize>>, key: String, message: &str| {
            Error::input(self.place(span.map(|span| span.start), &key), plain(message))
        };
        let mut document = DeTable::parse(&self.text).map_err(|error| {
            let key = error.span().filter(|_| error.message() == "duplicate key");
            at(error.span(), key.map_or(String::new(), |span| self.text[span].to_owned()), error.message())
        })?;
        let value = match &self.table {
            None => Spanned::new(document.span(), DeValue::Table(document.into_inner())),
            Some(table) => {
                let missing = || at(None, String::new(), "is missing");
                document.get_mut().remove(&table[..]).ok_or_else(missing)?
            }
        };
        serde_path_to_error::deserialize(ValueDeserializer::from(value)).map_err(|error| {
            let key = error.path().to_string();
            at(error.inner().span(), if key == "." { String::new() } else { key }, error.inner().message())
        })
    }

    /// Remembers that `flag` has set `key`.
    pub fn overridden(&mut self, key: &str, flag: &str) {
        self.flags.push((key.to_owned(), flag.to_owned()));
    }

    /// A mistake in the value of `key` (`["prior", "sigma", "uniform", "low"]`, `["data", "values", "3"]`).
    pub fn error(&self, key: &[&str], message: impl Into<String>) -> Error {
        let name = key.iter().fold(String::new(), |name, part| match part.parse::<usize>() {
            Ok(index) => format!("{name}[{index}]"),
            Err(_) if name.is_empty() => (*part).to_owned(),
            Err(_) => format!("{name}.{part}"),
        });
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
        let key = self.table.iter().map(String::as_str).chain(Some(key).filter(|key| !key.is_empty()));
        let key = key.collect::<Vec<_>>().join(".");
        if key.is_empty() { format!("{file}{line}") } else { format!("{file}{line}: {key}") }
    }

    /// Where in the text `key` is, or the innermost table of it that there is; and how many parts of the key there are.
    fn find(&self, key: &[&str]) -> (Option<usize>, usize) {
        let Ok(document) = DeTable::parse(&self.text) else { return (None, 0) };
        let mut found = (None, 0);
        let table = match &self.table {
            None => Some(document.get_ref()),
            Some(table) => entry(document.get_ref(), table).and_then(|(_, value)| value.as_table()),
        };
        let Some(((first, rest), table)) = key.split_first().zip(table) else { return found };
        let mut next = entry(table, first);
        for part in rest {
            let Some((at, value)) = next else { break };
            found = (Some(at), found.1 + 1);
            next = match value {
                DeValue::Table(table) => entry(table, part),
                DeValue::Array(values) => part.parse().ok().and_then(|index: usize| {
                    let value = values.get(index)?;
                    Some((value.span().start, value.get_ref()))
                }),
                _ => None,
            };
        }
        next.map_or(found, |(at, _)| (Some(at), found.1 + 1))
    }
}

/// A key's value in a table, and where the key stands.
fn entry<'a>(table: &'a DeTable<'a>, key: &str) -> Option<(usize, &'a DeValue<'a>)> {
    let (name, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    Some((name.span().start, value.get_ref()))
}

/// A parser's message in the words of those who write run files.
pub(super) fn plain(message: &str) -> String {
    const WORDS: [(&str, &str); 13] = [
        (" as i128", ""),
        ("expected u64", "expected a whole number, 0 or more"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected i64", "expected a whole number"),
        ("expected f64", "expected a number"),
        ("expected a sequence", "expected a list"),
        ("unit variant", "a name alone"),
        ("struct variant", "a table"),
        ("unknown variant", "there is no"),
        ("`, expected one of `", "`; there are `"),
        ("`, expected `", "`; there is `"),
        ("wanted exactly 1 element, more than 1 element", "has more than one key, and has to name one thing"),
        ("wanted exactly 1 element, found 0 elements", "has no key, and has to name one thing"),
    ];
    WORDS.iter().fold(message.trim().to_owned(), |message, (from, to)| message.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn source(text: &str) -> Source {
        Source { path: Some("folder/run.toml".into()), text: text.into(), table: None, flags: Vec::new() }
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
