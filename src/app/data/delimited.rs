//! Columns of a text file.

use super::blocks::{Blocks, Cell, Emit, Read};
use super::{Missing, Wanted};
use crate::error::{Error, Result};
use csv::StringRecord;
use std::fs::File;
use std::path::Path;

/// Reads columns between which `delimiter` stands; the first line may be a header, otherwise columns are called by
/// their number, from 0.
pub(super) fn read(path: &Path, delimiter: u8, wanted: &Wanted<'_>, limit: usize, emit: Emit<'_>) -> Result<Read> {
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
    let (mut emit, mut table): (_, Option<Reading>) = (Some(emit), None);
    while reader.read_record(&mut record).map_err(|error| Error::input(name.as_str(), said(&error)))? {
        // The reader stands behind the record, at the start of the next line.
        let line = record.position().map_or(0, csv::Position::line);
        let line = line + blank_lines(&record, reader.position().line(), line);
        let place = || format!("{name}:{line}");
        match (&mut table, emit.take()) {
            (Some(table), _) => table.add(&record, place)?,
            (None, Some(emit)) => {
                table = Some(Reading::begin(&name, &without_mark(&record), wanted, place, limit, emit)?);
            }
            (None, None) => unreachable!("the first record takes it"),
        }
    }
    let read = table.map_or(Ok(Read::default()), |table| table.blocks.end())?;
    match read.rows {
        0 => Err(Error::input(name, "the column is empty: there is no number in it")),
        _ => Ok(read),
    }
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

/// A cell that goes on over lines is a mistake: what it says is one.
fn on_one_line(record: &StringRecord) -> std::result::Result<(), String> {
    let Some(cell) = record.iter().find(|cell| cell.contains(['\n', '\r'])) else { return Ok(()) };
    let start = cell.lines().next().unwrap_or_default();
    Err(format!("the cell that begins with '{start}' goes on over lines: is a quote not closed?"))
}

/// The columns while lines come in.
struct Reading<'a> {
    wanted: &'a Wanted<'a>,
    /// How many cells each line has.
    width: usize,
    columns: Vec<Place>,
    blocks: Blocks<'a>,
}

/// Where a column is in each line.
struct Place {
    cell: usize,
    name: String,
    is_label: bool,
}

impl<'a> Reading<'a> {
    fn begin(
        file: &str,
        first: &StringRecord,
        wanted: &'a Wanted<'a>,
        place: impl Fn() -> String,
        limit: usize,
        emit: Emit<'a>,
    ) -> Result<Self> {
        on_one_line(first).map_err(|message| Error::input(place(), message))?;
        let header = first.iter().any(is_name);
        let names: Vec<String> = match header {
            true => first.iter().map(str::to_owned).collect(),
            false => (0..first.len()).map(|number| number.to_string()).collect(),
        };
        let of = |cell: usize| {
            let name = names[cell].clone();
            let is_label = wanted.labels.contains(&name.as_str());
            Place { cell, name, is_label }
        };
        let columns: Vec<Place> = wanted.find(file, &names)?.into_iter().map(of).collect();
        let blocks = Blocks::new(limit, columns.iter().map(|column| (column.name.clone(), column.is_label)), emit);
        let mut reading = Reading { wanted, width: first.len(), columns, blocks };
        if !header {
            reading.add(first, place)?;
        }
        Ok(reading)
    }

    fn add(&mut self, record: &StringRecord, place: impl Fn() -> String) -> Result<()> {
        let wrong = |message: String| Err(Error::input(place(), message));
        if let Err(message) = on_one_line(record) {
            return wrong(message);
        }
        if record.len() != self.width && self.width > 1 {
            return wrong(format!("has {} cells, but the first line has {}", record.len(), self.width));
        }
        if record.len() != self.width {
            return wrong(format!("has {} columns, but the data is one column", record.len()));
        }
        let keep = self.wanted.missing == Missing::Keep;
        let missing = |column: &&Place| is_missing(&record[column.cell]);
        if let Some(column) = self.columns.iter().find(missing).filter(|_| !keep) {
            if self.wanted.missing == Missing::Drop {
                self.blocks.drop_row();
                return Ok(());
            }
            let (cell, named) = (&record[column.cell], self.named(column));
            return wrong(format!("{named}'{cell}' is not a number{}", self.wanted.advice()));
        }
        for (number, column) in self.columns.iter().enumerate() {
            let cell = &record[column.cell];
            let value = match (column.is_label, cell.parse::<f64>()) {
                (true, _) => Cell::Label(cell),
                (false, _) if keep && is_missing(cell) => Cell::Number(f64::NAN),
                (false, Ok(value)) if value.is_finite() => Cell::Number(value),
                (false, Ok(_)) => return wrong(format!("{}'{cell}' is not a finite number", self.named(column))),
                (false, Err(_)) if cell.contains('\t') => {
                    let what = format!("{}'{}' is not a number", self.named(column), cell.replace('\t', "\\t"));
                    return wrong(format!("{what}: a file with tabs between its cells is called .tsv"));
                }
                (false, Err(_)) => return wrong(format!("{}'{cell}' is not a number", self.named(column))),
            };
            self.blocks.add(number, value);
        }
        self.blocks.end_row()
    }

    /// Which column is meant, where there are several.
    fn named(&self, column: &Place) -> String {
        if self.width > 1 { format!("column {}: ", column.name) } else { String::new() }
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
