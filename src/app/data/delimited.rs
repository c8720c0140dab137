//! Columns of a text file.

use super::{Data, Missing, Wanted};
use crate::bootstrap::Column;
use crate::error::{Error, Result};
use csv::StringRecord;
use std::fs::File;
use std::path::Path;

/// Reads columns between which `delimiter` stands; the first line may be a header, otherwise columns are called by
/// their number, from 0.
pub(super) fn read(path: &Path, delimiter: u8, wanted: &Wanted<'_>) -> Result<Data> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| Error::input(name.as_str(), format!("can't read the data: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter)
        .from_reader(file);
    let mut record = StringRecord::new();
    let mut table: Option<Reading> = None;
    while reader.read_record(&mut record).map_err(|error| Error::input(name.as_str(), said(&error)))? {
        // The reader stands behind the record, at the start of the next line.
        let line = record.position().map_or(0, csv::Position::line);
        let line = line + blank_lines(&record, reader.position().line(), line);
        let place = || format!("{name}:{line}");
        match &mut table {
            Some(table) => table.add(&record, place)?,
            None => table = Some(Reading::begin(&name, &without_mark(&record), wanted, place)?),
        }
    }
    let empty = || Error::input(name.as_str(), "the column is empty: there is no number in it");
    table.filter(|table| table.rows > 0).map(Reading::end).ok_or_else(empty)
}

/// A record's line is where the search for it began: before the blank lines that were skipped.
fn blank_lines(record: &StringRecord, after: u64, line: u64) -> u64 {
    let own: u64 = 1 + record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
    (after - line).saturating_sub(own)
}

/// A byte order mark is no part of the first cell.
fn without_mark(record: &StringRecord) -> StringRecord {
    record.iter().map(|cell| cell.trim_start_matches('\u{feff}').trim_matches(['"', ' '])).collect()
}

fn said(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos: Some(position), .. } => {
            format!("can't read the data: line {} is not UTF-8", position.line())
        }
        _ => format!("can't read the data: {error}"),
    }
}

/// The columns while lines come in.
struct Reading<'a> {
    wanted: &'a Wanted<'a>,
    /// How many cells each line has.
    width: usize,
    columns: Vec<Filled>,
    rows: u64,
    dropped: u64,
}

struct Filled {
    place: usize,
    name: String,
    values: Vec<f64>,
    /// The cells of a column of labels.
    labels: Option<Vec<String>>,
}

impl<'a> Reading<'a> {
    fn begin(file: &str, first: &StringRecord, wanted: &'a Wanted<'a>, place: impl Fn() -> String) -> Result<Self> {
        let header = first.iter().any(is_name);
        let names: Vec<String> = match header {
            true => first.iter().map(str::to_owned).collect(),
            false => (0..first.len()).map(|number| number.to_string()).collect(),
        };
        let filled = |place: usize| {
            let name = names[place].clone();
            let labels = wanted.labels.contains(&name.as_str()).then(Vec::new);
            Filled { place, name, values: Vec::new(), labels }
        };
        let columns = wanted.find(file, &names)?.into_iter().map(filled).collect();
        let mut reading = Reading { wanted, width: first.len(), columns, rows: 0, dropped: 0 };
        if !header {
            reading.add(first, place)?;
        }
        Ok(reading)
    }

    fn add(&mut self, record: &StringRecord, place: impl Fn() -> String) -> Result<()> {
        let error = |message: String| Error::input(place(), message);
        let wrong = |message: String| Err(error(message));
        if let Some(cell) = record.iter().find(|cell| cell.contains('\n')) {
            let start = cell.lines().next().unwrap_or_default();
            return wrong(format!("the cell that begins with '{start}' goes on over lines: is a quote not closed?"));
        }
        if record.len() != self.width && self.width > 1 {
            return wrong(format!("has {} cells, but the first line has {}", record.len(), self.width));
        }
        if record.len() != self.width {
            return wrong(format!("has {} columns, but the data is one column", record.len()));
        }
        let cell = |column: &Filled| &record[column.place];
        if let Some(column) = self.columns.iter().find(|column| is_missing(cell(column))) {
            if self.wanted.missing == Missing::Drop {
                self.dropped += 1;
                return Ok(());
            }
            let (cell, named) = (cell(column), self.named(column));
            return wrong(format!("{named}'{cell}' is not a number{}", self.wanted.advice()));
        }
        let numbers: Vec<f64> = self
            .columns
            .iter()
            .map(|column| match (&column.labels, cell(column).parse::<f64>()) {
                (Some(_), _) => Ok(0.0),
                (None, Ok(value)) if value.is_finite() => Ok(value),
                (None, Ok(_)) => Err(error(format!("{}'{}' is not a finite number", self.named(column), cell(column)))),
                (None, Err(_)) if cell(column).contains('\t') => {
                    let what = format!("{}'{}' is not a number", self.named(column), cell(column).replace('\t', "\\t"));
                    Err(error(format!("{what}: a file with tabs between its cells is called .tsv")))
                }
                (None, Err(_)) => Err(error(format!("{}'{}' is not a number", self.named(column), cell(column)))),
            })
            .collect::<Result<_>>()?;
        for (column, number) in self.columns.iter_mut().zip(numbers) {
            match &mut column.labels {
                Some(labels) => labels.push(record[column.place].to_owned()),
                None => column.values.push(number),
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Which column is meant, where there are several.
    fn named(&self, column: &Filled) -> String {
        if self.width > 1 { format!("column {}: ", column.name) } else { String::new() }
    }

    fn end(self) -> Data {
        let column = |filled: Filled| match filled.labels {
            Some(labels) => Column::of_labels(filled.name, &labels),
            None => Column::new(filled.name, filled.values),
        };
        Data { columns: self.columns.into_iter().map(column).collect(), dropped: self.dropped }
    }
}

/// Whether a cell says that there is no value.
fn is_missing(cell: &str) -> bool {
    const MISSING: [&str; 6] = ["", "na", "n/a", "nan", "null", "none"];
    MISSING.contains(&cell.to_ascii_lowercase().as_str())
}

/// Whether a cell is the name of a column, rather than a missing or mistyped value.
fn is_name(cell: &str) -> bool {
    let cell = cell.trim_start_matches('\u{feff}');
    let is_number = cell.parse::<f64>().is_ok(); // infinity
    cell.starts_with(|first: char| first.is_alphabetic() || first == '_') && !is_missing(cell) && !is_number
}
