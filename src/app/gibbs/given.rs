//! What a model is made of.

use super::super::source::{Source, plain};
use super::description::Description;
use crate::error::{Error, Result};
use crate::mcmc::Order;
use crate::table::Column;
use serde::de::DeserializeOwned;
use std::cell::Cell;

/// What the run file gives to make a model of.
pub struct Given<'a> {
    description: &'a Description,
    columns: &'a [Column],
    source: &'a Source,
    /// Whether the model has asked for them.
    uses_prior: Cell<bool>,
    uses_data: Cell<bool>,
}

impl<'a> Given<'a> {
    pub(super) fn new(description: &'a Description, columns: &'a [Column], source: &'a Source) -> Self {
        Given { description, columns, source, uses_prior: Cell::new(false), uses_data: Cell::new(false) }
    }

    /// # Errors
    /// When the run file gives what the model has never asked for.
    pub(super) fn check_use(&self) -> Result<()> {
        let unused = |key: &str, what: &str| {
            Err(self.source.error(&[key], format!("is of no use: the model {} {what}", self.model())))
        };
        if !self.uses_prior.get() && !self.description.prior.is_empty() {
            return unused("prior", "has no priors to set");
        }
        if !self.uses_data.get() && !self.columns.is_empty() {
            return unused("data", "takes no data");
        }
        Ok(())
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.description.model.name
    }

    /// The order in which blocks are to be updated.
    pub fn order(&self) -> Order {
        self.description.model.order
    }

    /// The names of the columns of the data.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.uses_data.set(true);
        self.columns.iter().map(|column| &*column.name)
    }

    /// A column of numbers; a cell that is missing is NaN.
    ///
    /// # Errors
    /// When the data has no such column.
    pub fn column(&self, name: &str) -> Result<&[f64]> {
        Ok(&self.find(name)?.values)
    }

    /// A column of labels, or of numbers as text.
    ///
    /// # Errors
    /// When the data has no such column.
    pub fn labels(&self, name: &str) -> Result<Vec<String>> {
        let column = self.find(name)?;
        Ok(column.cells().unwrap_or_else(|| column.values.iter().map(f64::to_string).collect()))
    }

    /// Whether there is such a column.
    pub fn has(&self, name: &str) -> bool {
        self.columns().any(|column| column == name)
    }

    /// The numbers of the model's priors: the run file's `[prior]`, as a value of your own type.
    ///
    /// # Errors
    /// A key that the type doesn't have, or a value that isn't of its type.
    pub fn prior<T: DeserializeOwned>(&self) -> Result<T> {
        self.uses_prior.set(true);
        serde_path_to_error::deserialize(self.description.prior.clone()).map_err(|error| {
            let path = error.path().to_string();
            let key: Vec<&str> = ["prior"].into_iter().chain(path.split('.').filter(|part| !part.is_empty())).collect();
            self.source.error(&key, plain(error.inner().message()))
        })
    }

    fn find(&self, name: &str) -> Result<&Column> {
        self.uses_data.set(true);
        let found = self.columns.iter().find(|column| column.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.columns().collect();
            let there = if names.is_empty() { "none".into() } else { names.join(", ") };
            Error::other(format!("the model {} needs a column '{name}'; the data has {there}", self.model()))
        })
    }
}
