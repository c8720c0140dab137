//! What reads input, for tests and fuzz targets (see `fuzz/`): not a part of the library's interface.

use super::data::{self, Missing, Wanted};
use super::gibbs::shipped;
use super::source::Source;
use super::start::Origin;
use super::{abc, bootstrap, gibbs};
use crate::abc::models::Normal;
use crate::error::{Error, Result};
use crate::table::Column;
use std::path::Path;

/// Everything that an application checks before it draws, for a run file of this text in a folder.
///
/// # Errors
/// Those with which a run would end.
pub fn run_file(application: &str, folder: &Path, text: &str) -> Result<()> {
    check(application, Source::of_text(&folder.join("run.toml"), text.to_owned()))
}

/// The same for the application's table in the run file of an ensemble.
///
/// # Errors
/// Those of that.
pub fn ensemble(application: &str, folder: &Path, text: &str) -> Result<()> {
    check(application, Source::of_text(&folder.join("run.toml"), text.to_owned()).within(application))
}

fn check(application: &str, source: Source) -> Result<()> {
    let origin = Origin::Table { source, shared: &[] };
    match application {
        "abc" => abc::check(&origin, "", |model, data| match model {
            "normal" => Normal::new(data),
            _ => Err(Error::other("no such model")),
        }),
        "bootstrap" => bootstrap::check(&origin, "", &|_, _| Ok(None)),
        _ => gibbs::check(&origin, &[("", "")], &shipped),
    }
}

/// The columns of a data file (all, where none are named), read in blocks of `limit` rows; and how many rows were left
/// out. `labels` are the columns of labels; `missing` is a run file's word for what to do about missing cells.
///
/// # Errors
/// As a run would tell them.
pub fn data_file(
    path: &Path,
    columns: Option<&[&str]>,
    labels: &[&str],
    missing: &str,
    limit: usize,
) -> Result<(Vec<Column>, u64)> {
    let missing = match missing {
        "drop" => Missing::Drop,
        "keep" => Missing::Keep,
        _ => Missing::Error,
    };
    let wanted = Wanted { dataset: None, columns: columns.map(<[&str]>::to_vec), labels: labels.to_vec(), missing };
    let mut all: Vec<Column> = Vec::new();
    let read = data::read(path, &wanted, limit, &mut |block| {
        match all.is_empty() {
            true => all = block,
            false => all.iter_mut().zip(block).for_each(|(all, part)| all.values.extend(part.values)),
        }
        Ok(())
    })?;
    data::sort_labels(&mut all, &read.labels);
    Ok((all, read.dropped))
}
