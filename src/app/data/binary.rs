//! Columns of an HDF5 file, and what files of numbers have in common.

use super::{Data, Missing, Wanted, listed};
use crate::bootstrap::Column;
use crate::error::{Error, Result};
use crate::store::Reader;
use std::path::Path;

/// A column as it is in the file.
pub(super) struct Raw {
    pub name: String,
    pub values: Values,
}

pub(super) enum Values {
    Numbers(Vec<f64>),
    Labels(Vec<String>),
}

/// The columns of a dataset (of one dimension, or of two the columns), or without a dataset's name the datasets of one
/// dimension.
pub(super) fn read(path: &Path, wanted: &Wanted<'_>) -> Result<Vec<Raw>> {
    let reader = Reader::open(path)?;
    let name = path.display().to_string();
    if let Some(dataset) = wanted.dataset {
        return columns(&reader, &name, dataset, wanted);
    }
    let paths: Vec<String> = match &wanted.columns {
        Some(columns) => columns.iter().map(|column| (*column).to_owned()).collect(),
        None => {
            let is_data =
                |name: &String| reader.attributes(name).is_ok_and(|names| !names.contains(&"CLASS".to_owned()));
            reader.variables("/")?.into_iter().filter(is_data).collect() // not the coordinates of axes
        }
    };
    match &paths[..] {
        [one] if wanted.columns.is_none() => columns(&reader, &name, one, wanted),
        _ if wanted.columns.is_none() => {
            Err(Error::input(name, format!("say which dataset is the data: there are {}", listed(&paths))))
        }
        paths => paths.iter().map(|path| whole(&reader, &name, path, wanted)).collect(),
    }
}

fn columns(reader: &Reader, file: &str, dataset: &str, wanted: &Wanted<'_>) -> Result<Vec<Raw>> {
    match reader.shape(dataset)?[..] {
        [_] => Ok(vec![whole(reader, file, dataset, wanted)?]),
        [rows, width] => {
            let names: Vec<String> = (0..width).map(|number| number.to_string()).collect();
            let column = |number: usize| {
                let values = reader.block(dataset, &[0..rows, number..number + 1])?;
                Ok(Raw { name: names[number].clone(), values: Values::Numbers(values) })
            };
            wanted.find(&format!("{file}: {dataset}"), &names)?.into_iter().map(column).collect()
        }
        ref shape => {
            let message = format!("{dataset} has {} dimensions; one or two are possible", shape.len());
            Err(Error::input(file, message))
        }
    }
}

/// A dataset of one dimension.
fn whole(reader: &Reader, file: &str, dataset: &str, wanted: &Wanted<'_>) -> Result<Raw> {
    if reader.shape(dataset)?.len() != 1 {
        return Err(Error::input(file, format!("{dataset} has not one dimension: name it as the dataset")));
    }
    let values = match wanted.labels.contains(&dataset) {
        true => match reader.values::<String>(dataset) {
            Ok(labels) => Values::Labels(labels),
            Err(_) => Values::Numbers(reader.values(dataset)?),
        },
        false => Values::Numbers(reader.values(dataset)?),
    };
    Ok(Raw { name: dataset.to_owned(), values })
}

/// The columns without rows that have a missing value, which in such files is NaN.
pub(super) fn keep(path: &Path, columns: Vec<Raw>, wanted: &Wanted<'_>) -> Result<Data> {
    let wrong = |message: String| Err(Error::input(path.display().to_string(), message));
    let length = |raw: &Raw| match &raw.values {
        Values::Numbers(values) => values.len(),
        Values::Labels(labels) => labels.len(),
    };
    let rows = columns.first().map_or(0, length);
    if let Some(other) = columns.iter().find(|raw| length(raw) != rows) {
        let message = format!("{} has {rows} rows and {} has {}", columns[0].name, other.name, length(other));
        return wrong(message);
    }
    let mut kept = vec![true; rows];
    for raw in &columns {
        let Values::Numbers(values) = &raw.values else { continue };
        for (row, value) in values.iter().enumerate() {
            match (value.is_nan(), value.is_finite(), wanted.missing) {
                (_, true, _) => (),
                (true, _, Missing::Drop) => kept[row] = false,
                (true, _, Missing::Error) => {
                    let advice = wanted.advice();
                    return wrong(format!("row {row}: column {}: is not a number{advice}", raw.name));
                }
                _ => return wrong(format!("row {row}: column {}: {value} is not a finite number", raw.name)),
            }
        }
    }
    let dropped = kept.iter().filter(|kept| !**kept).count();
    if rows == dropped {
        return wrong("the column is empty: there is no number in it".into());
    }
    let column = |raw: Raw| {
        let mut keep = kept.iter().copied();
        match raw.values {
            Values::Numbers(mut values) => {
                values.retain(|_| keep.next().unwrap_or(true)); // as many as rows
                Column::new(raw.name, values)
            }
            Values::Labels(mut labels) => {
                labels.retain(|_| keep.next().unwrap_or(true));
                Column::of_labels(raw.name, &labels)
            }
        }
    };
    Ok(Data { columns: columns.into_iter().map(column).collect(), dropped: dropped as u64 })
}
