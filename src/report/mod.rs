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
mod histograms;
mod made;
mod number;
mod output;
mod page;
mod posterior;
mod text;
mod timeline;

pub use figure::Figure;
pub use histograms::histograms;
pub(crate) use posterior::so_far;

use crate::error::{Error, Result};
use crate::store::Reader;
use figure::file_name;
use std::collections::BTreeSet;
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

impl Default for Options {
    /// Intervals of highest density that hold 94 %, as ArviZ has them; no figures.
    fn default() -> Self {
        Options { interval: Interval::HighestDensity, level: 0.94, figures: false, show: Vec::new() }
    }
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
    /// The heading; rows of the first table with this name lead here.
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
    /// ```no_run
    /// use ensample::report::{Interval, Options, Report};
    ///
    /// let options = Options { interval: Interval::HighestDensity, level: 0.94, figures: true, show: Vec::new() };
    /// let report = Report::read("gibbs.h5".as_ref(), &options)?;
    /// println!("{}", report.text());
    /// std::fs::write("gibbs.html", report.html())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Input`] if there is no such file or nothing in it that a report can be made of, [`Error::File`] if it
    /// can't be read.
    pub fn read(path: &Path, options: &Options) -> Result<Report> {
        let shown = path.display().to_string();
        let reader = Reader::open(path).map_err(|error| match error {
            Error::File { source, .. } => Error::input(&shown, format!("can't be read: {source}")),
            error => error,
        })?;
        let mut report = Report::of_kind(&reader, options)?;
        report.path = path.to_owned();
        report.name_parts();
        (report.made, report.run_file) = made::of(&reader);
        let made = report.made.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
        let made: serde_json::Map<String, serde_json::Value> = made.collect();
        if let Some(object) = report.json.as_object_mut() {
            object.insert("file".into(), shown.into());
            object.insert("warnings".into(), report.warnings.clone().into());
            object.insert("made".into(), made.into());
            object.insert("run_file".into(), report.run_file.clone().into());
        }
        Ok(report)
    }

    /// The report of whichever kind the file is.
    fn of_kind(reader: &Reader, options: &Options) -> Result<Report> {
        if reader.has_group("posterior") {
            return posterior::report(reader, options);
        }
        if reader.has_group("estimates") && reader.has_group("intervals") {
            return bootstrap::report(reader, options);
        }
        if timeline::is_trace(reader)? {
            return timeline::report(reader, options);
        }
        let message = "holds nothing to report: there is neither a group 'posterior', nor are there the groups of a \
                       bootstrap ('estimates', 'intervals') or of a trace file";
        Err(Error::input(reader.path().display().to_string(), message))
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

    /// Gives each section and figure a name of its own, and leads from rows of the first table to their sections.
    fn name_parts(&mut self) {
        let mut taken = BTreeSet::new();
        let mut unique = |name: String| {
            let names = std::iter::once(name.clone()).chain((2..).map(|number| format!("{name}-{number}")));
            names.into_iter().find(|name| taken.insert(name.to_lowercase())).unwrap_or(name)
        };
        for section in &mut self.sections {
            section.id = unique(format!("of-{}", file_name(&section.heading)));
            section.figures.iter_mut().for_each(|figure| figure.name = unique(std::mem::take(&mut figure.name)));
        }
        for row in self.tables.iter_mut().take(1).flat_map(|table| &mut table.rows) {
            let section = self.sections.iter().find(|section| section.heading == row.name);
            row.section = section.filter(|section| !section.figures.is_empty()).map(|section| section.id.clone());
        }
    }

    fn fact(&mut self, name: &str, value: impl Into<String>) {
        self.facts.push((name.to_owned(), value.into()));
    }
}

pub use output::{check_figure, check_folder, check_page, write_figure, write_figures, write_page};

impl Section {
    fn new(heading: impl Into<String>, note: impl Into<String>, figures: Vec<Figure>) -> Self {
        Section { id: String::new(), heading: heading.into(), note: note.into(), figures }
    }
}

/// A number as JSON; one that does not exist is `null`.
fn json_number(x: f64) -> serde_json::Value {
    if x.is_finite() { x.into() } else { serde_json::Value::Null }
}
