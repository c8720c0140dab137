//! Rows on their way from a file into blocks of columns.

use crate::error::Result;
use crate::table::Column;
use std::collections::HashMap;

/// Takes a block of columns; those of labels hold the numbers that labels got in the order of their first appearance.
pub(super) type Emit<'a> = &'a mut dyn FnMut(Vec<Column>) -> Result<()>;

/// Collects rows, and hands them on in blocks of a fixed number (of which the last one may have fewer).
pub(super) struct Blocks<'a> {
    limit: usize,
    columns: Vec<Filling>,
    rows: u64,
    dropped: u64,
    emit: Emit<'a>,
}

struct Filling {
    name: String,
    values: Vec<f64>,
    /// Of a column of labels: their numbers.
    labels: Option<HashMap<String, usize>>,
}

/// What is known when all rows have come.
#[derive(Debug, Default)]
pub(in crate::app) struct Read {
    /// How many rows there are.
    pub rows: u64,
    /// How many were left out because a cell of theirs is missing.
    pub dropped: u64,
    /// For each column of labels, those that there are, in the order of their first appearance.
    pub labels: Vec<Option<Vec<String>>>,
}

/// A cell that is not missing.
pub(super) enum Cell<'a> {
    Number(f64),
    Label(&'a str),
}

impl<'a> Blocks<'a> {
    /// Blocks of at most `limit` rows of columns of these names, each with whether it is one of labels.
    pub fn new(limit: usize, columns: impl Iterator<Item = (String, bool)>, emit: Emit<'a>) -> Self {
        let filling =
            |(name, labels): (String, bool)| Filling { name, values: Vec::new(), labels: labels.then(HashMap::new) };
        Blocks { limit, columns: columns.map(filling).collect(), rows: 0, dropped: 0, emit }
    }

    /// How many rows the present block can take.
    pub fn room(&self) -> usize {
        self.limit - self.columns.first().map_or(0, |column| column.values.len())
    }

    /// A row is left out.
    pub fn drop_row(&mut self) {
        self.dropped += 1;
    }

    /// Adds a cell to a column of the present row.
    pub fn add(&mut self, column: usize, cell: Cell<'_>) {
        let Filling { values, labels, .. } = &mut self.columns[column];
        values.push(match (cell, labels) {
            (Cell::Number(value), _) => value,
            (Cell::Label(label), Some(labels)) => number(labels, label) as f64,
            (Cell::Label(_), None) => f64::NAN, // a column of numbers is given numbers
        });
    }

    /// The present row is complete.
    pub fn end_row(&mut self) -> Result<()> {
        self.rows += 1;
        if self.room() == 0 { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> Result<()> {
        let block = self.columns.iter_mut().map(|column| {
            let labels = column.labels.is_some().then(Vec::new);
            Column::with_labels(column.name.clone(), std::mem::take(&mut column.values), labels)
        });
        let block = block.collect();
        (self.emit)(block)
    }

    /// Hands the last rows on.
    pub fn end(mut self) -> Result<Read> {
        if self.room() < self.limit {
            self.hand_on()?;
        }
        let in_order = |labels: HashMap<String, usize>| {
            let mut labels: Vec<(usize, String)> = labels.into_iter().map(|(label, number)| (number, label)).collect();
            labels.sort_unstable();
            labels.into_iter().map(|(_, label)| label).collect()
        };
        let labels = self.columns.into_iter().map(|column| column.labels.map(in_order)).collect();
        Ok(Read { rows: self.rows, dropped: self.dropped, labels })
    }
}

fn number(labels: &mut HashMap<String, usize>, label: &str) -> usize {
    match labels.get(label) {
        Some(number) => *number,
        None => {
            labels.insert(label.to_owned(), labels.len());
            labels.len() - 1
        }
    }
}
