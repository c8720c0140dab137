//! Going on from a finished run with more resamples.

use super::super::source::Source;
use super::Job;
use super::description::Description;
use super::result::Subject;
use crate::bootstrap::Replicates;
use crate::error::{Error, Result};
use crate::store::{Reader, Value};
use std::path::Path;

/// The replicates of the finished run whose result is at the path to which this run will write.
///
/// # Errors
/// When there is none, or it is of another problem: the first difference is named.
pub(super) fn known(subject: &Subject<'_>, job: &Job) -> Result<Replicates> {
    let path = &job.settings.out;
    let wrong = |message: String| Error::input("--extend", format!("{}: {message}", path.display()));
    if !path.exists() {
        return Err(wrong("there is no such result to extend".into()));
    }
    let reader = Reader::open(path)?;
    let text = |name: &str| match reader.attribute("/", name) {
        Ok(Value::Text(text)) => Ok(text),
        _ => Err(wrong("is not a result of bootstrap".into())),
    };
    let version = text("inference_library_version")?;
    if text("application")? != "bootstrap" || version != env!("CARGO_PKG_VERSION") {
        return Err(wrong(format!("is not a result of bootstrap of this version, {}", env!("CARGO_PKG_VERSION"))));
    }
    let earlier: Description = Source::of_text(path, text("run_file")?).parse()?;
    if let Some(difference) = difference(&earlier, &job.parsed)? {
        return Err(wrong(format!("its {difference} was another: only the number of resamples may differ")));
    }
    if text("data_sha256")? != subject.data_sha256 {
        return Err(wrong("its data was another".into()));
    }
    read(&subject.names, &job.parsed, &reader, path)
}

/// The first part of the description, of those that replicates depend on, in which the two differ.
fn difference(earlier: &Description, now: &Description) -> Result<Option<&'static str>> {
    let text = |description: &Description, part: &str| -> Result<String> {
        let mut description = description.clone();
        // How many there are is what may differ.
        let bootstrap = &mut description.bootstrap;
        (bootstrap.resamples, bootstrap.until_mc_error, bootstrap.max_resamples) = (0, None, None);
        let whole = toml::Table::try_from(&description).map_err(Error::other)?;
        Ok(whole.get(part).map(ToString::to_string).unwrap_or_default())
    };
    for part in ["seed", "bootstrap", "statistic"] {
        if text(earlier, part)? != text(now, part)? {
            return Ok(Some(part));
        }
    }
    Ok((earlier.variance() != now.variance()).then_some("standard error within resamples"))
}

fn read(names: &[String], parsed: &Description, reader: &Reader, path: &Path) -> Result<Replicates> {
    let errors = names.iter().map(|name| format!("replicates/{name}_standard_error"));
    let variables = names.iter().map(|name| format!("replicates/{name}")).chain(errors);
    let width = if parsed.variance().is_some() { 2 * names.len() } else { names.len() };
    let columns: Vec<Vec<f64>> = variables.take(width).map(|name| reader.values(&name)).collect::<Result<_>>()?;
    let length = columns.first().map_or(0, Vec::len);
    if length as u64 > parsed.most_resamples() {
        let message = format!("{}: has {length} resamples already", path.display());
        return Err(Error::input("--extend", message));
    }
    let values = (0..length).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    Ok(Replicates { values, width, ..Replicates::default() })
}
