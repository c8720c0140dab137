//! Columns of an HDF5 file, and what files of numbers have in common.

use super::blocks::{Blocks, Cell, Emit, Read};
use super::{Missing, Wanted, listed};
use crate::error::{Error, Result};
use crate::store::Reader;
use std::ops::Range;
use std::path::Path;

/// Columns that are read a stretch of rows at a time.
pub(super) struct Source<'a> {
    pub rows: usize,
    /// Names, each with whether the column is one of labels.
    pub columns: Vec<(String, bool)>,
    /// The values of every column in these rows.
    pub stretch: Box<dyn FnMut(Range<usize>) -> Result<Vec<Values>> + 'a>,
}

pub(super) enum Values {
    Numbers(Vec<f64>),
    Labels(Vec<String>),
}

/// At most so many rows are read at a time.
const STRETCH: usize = 1 << 20;

/// Reads the columns of a dataset (of one dimension, or of two the columns), or without a dataset's name the datasets
/// of one dimension.
pub(super) fn read(path: &Path, wanted: &Wanted<'_>, limit: usize, emit: Emit<'_>) -> Result<Read> {
    let reader = Reader::open(path)?;
    let name = path.display().to_string();
    if let Some(dataset) = wanted.dataset {
        return keep(&name, columns(&reader, &name, dataset, wanted)?, wanted, limit, emit);
    }
    let paths: Vec<String> = match &wanted.columns {
        Some(columns) => columns.iter().map(|column| (*column).to_owned()).collect(),
        None => {
            let is_data =
                |name: &String| reader.attributes(name).is_ok_and(|names| !names.contains(&"CLASS".to_owned()));
            reader.variables("/")?.into_iter().filter(is_data).collect() // not the coordinates of axes
        }
    };
    let source = match &paths[..] {
        [one] if wanted.columns.is_none() => columns(&reader, &name, one, wanted)?,
        _ if wanted.columns.is_none() => {
            let message = format!("say which dataset is the data: there are {}", listed(&paths));
            return Err(Error::input(name, message));
        }
        paths => whole(&reader, &name, paths, wanted)?,
    };
    keep(&name, source, wanted, limit, emit)
}

fn columns<'a>(reader: &'a Reader, file: &str, dataset: &str, wanted: &Wanted<'_>) -> Result<Source<'a>> {
    match shape(reader, file, dataset)?[..] {
        [_] => whole(reader, file, &[dataset.to_owned()], wanted),
        [rows, width] => {
            let names: Vec<String> = (0..width).map(|number| number.to_string()).collect();
            let chosen = wanted.find(&format!("{file}: {dataset}"), &names)?;
            let columns = chosen.iter().map(|number| (names[*number].clone(), false)).collect();
            let dataset = dataset.to_owned();
            let stretch = move |rows: Range<usize>| {
                let column = |number: &usize| reader.block(&dataset, &[rows.clone(), *number..number + 1]);
                chosen.iter().map(|number| column(number).map(Values::Numbers)).collect()
            };
            Ok(Source { rows, columns, stretch: Box::new(stretch) })
        }
        ref shape => {
            let message = format!("{dataset} has {} dimensions; one or two are possible", shape.len());
            Err(Error::input(file, message))
        }
    }
}

fn shape(reader: &Reader, file: &str, dataset: &str) -> Result<Vec<usize>> {
    reader.shape(dataset).map_err(|_| Error::input(file, format!("{dataset}: there is no such variable")))
}

/// Datasets of one dimension.
fn whole<'a>(reader: &'a Reader, file: &str, datasets: &[String], wanted: &Wanted<'_>) -> Result<Source<'a>> {
    let mut columns = Vec::new();
    let mut rows = None;
    for dataset in datasets {
        let [length] = shape(reader, file, dataset)?[..] else {
            return Err(Error::input(file, format!("{dataset} has not one dimension: name it as the dataset")));
        };
        let (first, known) = *rows.get_or_insert((dataset, length));
        if known != length {
            let message = format!("{first} has {known} rows and {dataset} has {length}");
            return Err(Error::input(file, message));
        }
        let is_label = wanted.labels.contains(&dataset.as_str())
            && reader.block::<String>(dataset, std::slice::from_ref(&(0..length.min(1)))).is_ok();
        columns.push((dataset.clone(), is_label));
    }
    let of = columns.clone();
    let stretch = move |rows: Range<usize>| {
        let column = |(dataset, is_label): &(String, bool)| match is_label {
            true => reader.block(dataset, std::slice::from_ref(&rows)).map(Values::Labels),
            false => reader.block(dataset, std::slice::from_ref(&rows)).map(Values::Numbers),
        };
        of.iter().map(column).collect()
    };
    Ok(Source { rows: rows.map_or(0, |(_, length)| length), columns, stretch: Box::new(stretch) })
}

/// Hands on the rows without a missing value, which in such files is NaN.
pub(super) fn keep(
    file: &str,
    mut source: Source<'_>,
    wanted: &Wanted<'_>,
    limit: usize,
    emit: Emit<'_>,
) -> Result<Read> {
    let mut blocks = Blocks::new(limit, source.columns.iter().cloned(), emit);
    let mut next = 0;
    while next < source.rows {
        let rows = next..source.rows.min(next.saturating_add(blocks.room().min(STRETCH)));
        next = rows.end;
        let columns = (source.stretch)(rows.clone())?;
        let mut kept = vec![true; rows.len()];
        // The first row with a mistake is told, however many rows are read at a time.
        let mut wrong: Option<(usize, Error)> = None;
        for (values, (name, _)) in columns.iter().zip(&source.columns) {
            let Values::Numbers(values) = values else { continue };
            for ((value, kept), row) in values.iter().zip(&mut kept).zip(rows.clone()) {
                let what = match (value.is_nan(), value.is_finite(), wanted.missing) {
                    (_, true, _) | (true, _, Missing::Keep) => continue,
                    (true, _, Missing::Drop) => {
                        *kept = false;
                        continue;
                    }
                    (true, _, Missing::Error) => format!("is not a number{}", wanted.advice()),
                    _ => format!("{value} is not a finite number"),
                };
                if wrong.as_ref().is_none_or(|(first, _)| row < *first) {
                    wrong = Some((row, Error::input(file, format!("row {row}: column {name}: {what}"))));
                }
                break;
            }
        }
        if let Some((_, error)) = wrong {
            return Err(error);
        }
        for (row, kept) in kept.into_iter().enumerate() {
            if !kept {
                blocks.drop_row();
                continue;
            }
            for (column, values) in columns.iter().enumerate() {
                blocks.add(
                    column,
                    match values {
                        Values::Numbers(values) => Cell::Number(values[row]),
                        Values::Labels(labels) => Cell::Label(&labels[row]),
                    },
                );
            }
            blocks.end_row()?;
        }
    }
    let read = blocks.end()?;
    match read.rows {
        0 => Err(Error::input(file, "the column is empty: there is no number in it")),
        _ => Ok(read),
    }
}
