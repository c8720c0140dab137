//! What a result file says: a table, warnings in words, and figures, for the terminal, as JSON, as one page and as
//! single drawings.
//!
//! ```text
//!     posterior      abc      bootstrap      timeline        what a kind of file says: each makes a Report
//!          \          |          /             /
//!           Report: facts, tables, warnings, figures
//!          /          |          \
//!        text       page       figure              the terminal; HTML; SVG
//! ```
//!
//! Any HDF5 or netCDF-4 file with a group `posterior` can be read, those that ArviZ writes from PyMC or Stan included:
//! see [`Report::read`].

mod abc;
mod bootstrap;
mod figure;
mod histogram;
mod made;
mod number;
mod output;
mod page;
mod posterior;
mod text;
mod timeline;

pub use figure::Figure;

use crate::error::{Error, Result};
use crate::store::{Reader, Value};
use std::path::{Path, PathBuf};

/// Which interval stands in the table of a posterior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// The shortest one, with the highest density.
    HighestDensity,
    /// The one with equal tails.
    EqualTailed,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which interval stands in the table of a posterior.
    pub interval: Interval,
    /// The probability that it holds.
    pub level: f64,
    /// Whether figures are drawn.
    pub figures: bool,
    /// Names of the quantities to draw: of variables or their elements; without any, the report chooses.
    pub show: Vec<String>,
}

/// What a file says.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file.
    pub path: PathBuf,
    /// What kind of file it is: `posterior of 4 chains`.
    pub kind: String,
    /// What there is to say of the whole: a name and a value each.
    pub facts: Vec<(String, String)>,
    /// The tables, the summary first.
    pub tables: Vec<Table>,
    /// What one should know before believing the numbers.
    pub warnings: Vec<String>,
    /// The figures under headings.
    pub sections: Vec<Section>,
    /// How the file was made: a name and a value each.
    pub made: Vec<(String, String)>,
    /// The run description that the file holds.
    pub run_file: Option<String>,
    /// All numbers, for programs.
    pub json: serde_json::Value,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// The heads of its columns; the first is that of the names.
    pub heads: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What one has to know to read it.
    pub note: String,
}

impl Table {
    fn drop_last_column(&mut self) {
        self.heads.pop();
        for row in &mut self.rows {
            row.cells.truncate(self.heads.len() - 1);
        }
    }
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What the row is of.
    pub name: String,
    /// The section in which it is drawn, by its identifier.
    pub section: Option<String>,
    /// The numbers as text, one for each column after the first.
    pub cells: Vec<String>,
    /// The cells that a warning is about.
    pub flagged: Vec<usize>,
}

/// Figures under a heading.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name within a page: letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// The heading.
    pub heading: String,
    /// What is said before the figures; may be empty.
    pub note: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

impl Report {
    /// Reads the file at `path`: a result of `abc`, `bootstrap` or a Markov chain sampler, a trace file, or any file
    /// with a group `posterior` of variables over (chain, draw, ...).
    ///
    /// # Errors
    /// [`Error::Input`] if there is no such file or nothing in it that a report can be made of, [`Error::File`] if it
    /// can't be read.
    pub fn read(path: &Path, options: &Options) -> Result<Report> {
        let reader = Reader::open(path).map_err(|error| match error {
            Error::File { path, source, .. } => {
                Error::input(path.display().to_string(), format!("can't be read: {source}"))
            }
            error => error,
        })?;
        let application = match reader.attribute("/", "application") {
            Ok(Value::Text(name)) => name,
            _ => String::new(),
        };
        let mut report = if reader.has_group("posterior") {
            posterior::report(&reader, &application, options)?
        } else if reader.has_group("estimates") && reader.has_group("intervals") {
            bootstrap::report(&reader, options)?
        } else if timeline::is_trace(&reader)? {
            timeline::report(&reader, options)?
        } else {
            let message = "holds nothing to report: there is neither a group 'posterior', nor are there the groups of a \
                           bootstrap ('estimates', 'intervals') or of a trace file";
            return Err(Error::input(path.display().to_string(), message));
        };
        report.path = path.to_owned();
        (report.made, report.run_file) = made::of(&reader);
        if let Some(object) = report.json.as_object_mut() {
            object.insert("file".into(), path.display().to_string().into());
            object.insert("warnings".into(), report.warnings.clone().into());
            object.insert(
                "made".into(),
                report
                    .made
                    .iter()
                    .cloned()
                    .map(|(name, value)| (name, value.into()))
                    .collect::<serde_json::Map<_, _>>()
                    .into(),
            );
        }
        Ok(report)
    }

    /// Facts, tables and warnings for the terminal.
    pub fn text(&self) -> String {
        text::of(self)
    }

    /// The page: one HTML file that needs nothing else.
    pub fn html(&self) -> String {
        page::of(self)
    }

    /// All figures, in their order.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.sections.iter().flat_map(|section| &section.figures)
    }

    fn new(kind: impl Into<String>, json: serde_json::Value) -> Self {
        Report {
            path: PathBuf::new(),
            kind: kind.into(),
            facts: Vec::new(),
            tables: Vec::new(),
            warnings: Vec::new(),
            sections: Vec::new(),
            made: Vec::new(),
            run_file: None,
            json,
        }
    }

    fn fact(&mut self, name: &str, value: impl Into<String>) {
        self.facts.push((name.to_owned(), value.into()));
    }
}

pub use output::{check_folder, check_page, write_figures, write_page};

/// A number as JSON; one that does not exist is `null`.
fn json_number(x: f64) -> serde_json::Value {
    if x.is_finite() { x.into() } else { serde_json::Value::Null }
}
