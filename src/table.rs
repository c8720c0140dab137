//! Data as rows of numbers in named columns.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// Rows of numbers in named columns.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
}

/// A named column.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// One number for each row. Of a column of labels: which label the row has, from 0.
    pub values: Vec<f64>,
    /// For a column of labels, such as groups: the labels that there are, sorted.
    pub labels: Option<Vec<String>>,
    #[serde(skip)]
    order: OnceLock<Vec<u32>>,
}

impl Column {
    /// A column of numbers.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Self {
        Column { name: name.into(), values, ..Column::default() }
    }

    /// A column of numbers, or with labels, of the labels' numbers.
    pub(crate) fn with_labels(name: String, values: Vec<f64>, labels: Option<Vec<String>>) -> Self {
        Column { name, values, labels, order: OnceLock::new() }
    }

    /// A column of labels.
    pub(crate) fn of_labels(name: impl Into<String>, cells: &[String]) -> Self {
        let mut seen: Vec<String> = cells.to_vec();
        seen.sort_unstable();
        seen.dedup();
        let number = |cell| seen.binary_search(cell).unwrap_or_default() as f64; // every cell is among them
        let values = cells.iter().map(number).collect();
        Column { name: name.into(), values, labels: Some(seen), order: OnceLock::new() }
    }

    /// Makes a column of numbers one of labels: the numbers are places in `seen`, and become those of the sorted labels.
    pub(crate) fn sort_labels(&mut self, seen: &[String]) {
        let mut labels = seen.to_vec();
        labels.sort_unstable();
        let place = |label| labels.binary_search(label).unwrap_or_default() as f64; // all are among them
        let places: Vec<f64> = seen.iter().map(place).collect();
        self.values.iter_mut().for_each(|value| *value = places[*value as usize]);
        self.labels = Some(labels);
    }

    /// The label of each row, where they are labels.
    pub(crate) fn cells(&self) -> Option<Vec<String>> {
        let labels = self.labels.as_ref()?;
        Some(self.values.iter().map(|value| labels[*value as usize].clone()).collect())
    }

    /// The rows in ascending order of their values, equal ones in the order of the rows; found once.
    pub fn order(&self) -> &[u32] {
        self.order.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.values.len() as u32).collect();
            order.sort_by(|a, b| self.values[*a as usize].total_cmp(&self.values[*b as usize]));
            order
        })
    }
}

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    /// When there is no column, no row, more than 2^32 − 1 rows, when columns differ in length, or a name is there
    /// twice.
    pub fn new(columns: Vec<Column>) -> Result<Self> {
        let Some(rows) = columns.first().map(|column| column.values.len()) else {
            return Err(Error::other("the data has no column"));
        };
        if rows == 0 {
            return Err(Error::other("the data has no row"));
        }
        if u32::try_from(rows).is_err() {
            return Err(Error::other(format!("the data has {rows} rows; {} are possible", u32::MAX)));
        }
        if let Some(other) = columns.iter().find(|column| column.values.len() != rows) {
            let (first, name, length) = (&columns[0].name, &other.name, other.values.len());
            return Err(Error::other(format!("the columns {first} and {name} differ in length: {rows} and {length}")));
        }
        for (i, column) in columns.iter().enumerate() {
            if columns[..i].iter().any(|other| other.name == column.name) {
                return Err(Error::other(format!("the column {} is there twice", column.name)));
            }
        }
        Ok(Table { columns, rows })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The number of the column of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Makes this table the one of these rows of another, in their order.
    pub fn take_rows(&mut self, of: &Table, rows: &[u32]) {
        self.like(of, rows.len());
        for (mine, theirs) in self.columns.iter_mut().zip(&of.columns) {
            mine.values.extend(rows.iter().map(|row| theirs.values[*row as usize]));
        }
    }

    /// Makes this table one of `rows` rows with the columns of another, whose values are then to be pushed.
    pub(crate) fn like(&mut self, other: &Table, rows: usize) {
        if self.columns.len() != other.columns.len() {
            self.columns = other.columns.iter().map(|column| Column { values: Vec::new(), ..column.clone() }).collect();
        }
        for column in &mut self.columns {
            column.values.clear();
            column.order.take();
        }
        self.rows = rows;
    }

    /// The values of a column, to be changed.
    pub(crate) fn values_mut(&mut self, column: usize) -> &mut Vec<f64> {
        &mut self.columns[column].values
    }
}
