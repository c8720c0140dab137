//! Reading data: columns of numbers or labels from text, NumPy and HDF5 files.

mod binary;
mod blocks;
mod delimited;
mod npy;

pub(super) use blocks::Read;

use crate::error::{Error, Result};
use crate::store::{Coordinates, ResultFile};
use crate::table::Column;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What to do with missing cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Missing {
    /// They are a mistake.
    #[default]
    Error,
    /// Rows with one are left out.
    Drop,
    /// They are NaN.
    Keep,
}

/// Which data to read.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted<'a> {
    /// The path of a dataset within an HDF5 file.
    pub dataset: Option<&'a str>,
    /// The names of the columns; all where nothing is said.
    pub columns: Option<Vec<&'a str>>,
    /// Of those, the columns of labels, such as groups.
    pub labels: Vec<&'a str>,
    pub missing: Missing,
}

impl Wanted<'_> {
    /// What to do about missing cells, where something can be done: in a run file that names columns.
    fn advice(&self) -> &'static str {
        if self.columns.is_some() { ": missing = \"drop\" would leave such rows out" } else { "" }
    }

    /// The numbers of the wanted columns among those that there are.
    fn find(&self, file: &str, names: &[String]) -> Result<Vec<usize>> {
        let Some(columns) = &self.columns else { return Ok((0..names.len()).collect()) };
        let find = |wanted: &&str| {
            let mut found = names.iter().enumerate().filter(|(_, name)| name == wanted);
            match (found.next(), found.next()) {
                (Some((number, _)), None) => Ok(number),
                (Some(_), Some(_)) => Err(Error::input(file, format!("the column '{wanted}' is there twice"))),
                (None, _) => {
                    let message = format!("there is no column '{wanted}'; there are {}", listed(names));
                    Err(Error::input(file, message))
                }
            }
        };
        columns.iter().map(find).collect()
    }
}

/// Reads what is wanted of the file at `path`, and hands it to `emit` in blocks of `limit` rows, so that it need never be
/// in memory as a whole. The numbers in columns of labels are those of the order in which [`Read`] lists the labels.
///
/// The name's end says what the file is: a NumPy file (`.npy`), an HDF5 file (`.h5`, `.hdf5`, `.nc`), text with tabs
/// (`.tsv`, `.tab`) or else with commas.
///
/// # Errors
/// Names the file, and line (or row) and column of what is wrong; and those of `emit`.
pub(super) fn read(
    path: &Path,
    wanted: &Wanted<'_>,
    limit: usize,
    emit: &mut dyn FnMut(Vec<Column>) -> Result<()>,
) -> Result<Read> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let is_hdf5 = ["h5", "hdf5", "nc"].contains(&ending.as_str());
    if wanted.dataset.is_some() && !is_hdf5 {
        return Err(Error::input(path.display().to_string(), "has no datasets: it is not an HDF5 file (.h5)"));
    }
    match ending.as_str() {
        "npy" => npy::read(path, wanted, limit, emit),
        _ if is_hdf5 => binary::read(path, wanted, limit, emit),
        "tsv" | "tab" => delimited::read(path, b'\t', wanted, limit, emit),
        _ => delimited::read(path, b',', wanted, limit, emit),
    }
}

/// All that is wanted of the file at `path`, and how many rows were left out because a cell of theirs is missing.
///
/// # Errors
/// As [`read`].
pub(super) fn read_whole(path: &Path, wanted: &Wanted<'_>) -> Result<(Vec<Column>, u64)> {
    let mut columns = Vec::new();
    let read = read(path, wanted, usize::MAX, &mut |block| {
        columns = block;
        Ok(())
    })?;
    sort_labels(&mut columns, &read.labels);
    Ok((columns, read.dropped))
}

/// Sorts the labels of columns of labels, whose numbers are those of the order in which labels were `seen`.
pub(super) fn sort_labels(columns: &mut [Column], seen: &[Option<Vec<String>>]) {
    for (column, seen) in columns.iter_mut().zip(seen) {
        seen.iter().for_each(|seen| column.sort_labels(seen));
    }
}

/// Checks that [`write_observed`] can write columns of these names.
///
/// # Errors
/// Says which name is none for a variable of a file.
pub(super) fn check_names(columns: &[Column], axis: &str) -> std::result::Result<(), String> {
    let has_wrong = |c: char| c == '/' || c.is_control();
    let is_wrong = |name: &str| name.is_empty() || name.contains(has_wrong) || name == "." || name == axis;
    match columns.iter().find(|column| is_wrong(&column.name)) {
        Some(column) => {
            // A quote that is not closed makes a long name, of many lines.
            let name: String = column.name.escape_debug().take(60).collect();
            Err(format!("the column '{name}' can't be a variable of the result: call it otherwise"))
        }
        None => Ok(()),
    }
}

/// Writes columns to the group `observed_data` of a result, over an axis of this name.
pub(super) fn write_observed(file: &mut ResultFile, columns: &[Column], axis: &str) -> Result<()> {
    let Some(first) = columns.first() else { return Ok(()) };
    let axis = file.axis(axis, Coordinates::Index(first.values.len()));
    for column in columns {
        let path = format!("observed_data/{}", column.name);
        match column.cells() {
            None => {
                let variable = file.variable::<f64>(&path, &[axis])?;
                file.write(variable, &column.values)?;
            }
            Some(cells) => {
                let variable = file.variable::<String>(&path, &[axis])?;
                file.write(variable, &cells)?;
            }
        }
    }
    Ok(())
}

/// The numbers of a file that holds one column.
///
/// # Errors
/// As [`read`]; and when there are several columns.
pub(super) fn column(path: &Path) -> Result<Vec<f64>> {
    let (mut columns, _) = read_whole(path, &Wanted::default())?;
    match (columns.pop(), columns.len()) {
        (Some(column), 0) => Ok(column.values),
        (_, others) => {
            let message = format!("has {} columns, but the data is one column", others + 1);
            Err(Error::input(format!("{}:1", path.display()), message))
        }
    }
}

/// At most so many names are listed.
const LISTED: usize = 20;

fn listed(names: &[String]) -> String {
    let rest = names.len().saturating_sub(LISTED);
    let list = names[..names.len() - rest].join(", ");
    if rest > 0 { format!("{list} and {rest} more") } else { list }
}

#[cfg(test)]
mod tests;
