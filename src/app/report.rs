//! `report`: tables, pages and figures from a result file. It starts no MPI.

use super::flags;
use super::summary::print;
use crate::error::{Error, Result};
use crate::report::{self, Interval, Options, Report};
use crate::{status, world};
use std::path::PathBuf;
use std::process::ExitCode;

/// Says what a result file holds: a table with warnings, a page, figures
#[derive(clap::Parser, Debug)]
#[command(
    version = concat!("(ensample ", env!("CARGO_PKG_VERSION"), ")"),
    after_help = "Reads results of abc, bootstrap and samplers of Markov chains, trace files, and any HDF5 or netCDF-4 \
                  file with a group 'posterior' of variables over (chain, draw, ...), as ArviZ writes them."
)]
struct ReportFlags {
    /// The result or trace file (HDF5)
    file: PathBuf,
    /// Write one HTML page with tables and figures, which needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the figures to this folder, one SVG file each
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
    /// Print one JSON object, and nothing else, on standard output
    #[arg(long)]
    json: bool,
    /// The interval in the table of a posterior: of highest density, or with equal tails
    #[arg(long, value_name = "KIND", default_value = "hdi", value_parser = ["hdi", "eti"])]
    interval: String,
    /// The probability of that interval
    #[arg(long, default_value_t = 0.94)]
    level: f64,
    /// Draw these variables or elements instead of those that the report chooses (can be repeated)
    #[arg(long, value_name = "NAME")]
    show: Vec<String>,
    /// Replace the page and the figures if they exist
    #[arg(long)]
    force: bool,
    /// Print nothing
    #[arg(long)]
    quiet: bool,
}

/// The whole `report` application, with all its flags.
pub fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::from(status::DONE),
        Err(error) => {
            world::report(&error);
            ExitCode::from(error.status())
        }
    }
}

fn run() -> Result<()> {
    let flags = match flags::parse::<ReportFlags>()? {
        Ok(flags) => flags,
        Err(text) => return print(&text),
    };
    let options = options(&flags)?;
    if let Some(page) = &flags.html {
        report::check_page(page, flags.force)?;
    }
    if let Some(folder) = &flags.svg {
        report::check_folder(folder)?;
    }
    let report = Report::read(&flags.file, &options)?;
    let figures = flags.svg.as_ref().map(|folder| report::write_figures(&report, folder, flags.force)).transpose()?;
    if let Some(page) = &flags.html {
        report::write_page(&report, page, flags.force)?;
    }
    if flags.json {
        return print(&serde_json::to_string(&report.json).map_err(Error::other)?);
    }
    if flags.quiet {
        return Ok(());
    }
    let mut text = report.text();
    if let Some(page) = &flags.html {
        text += &format!("\nwritten: {}", page.display());
    }
    if let (Some(folder), Some(figures)) = (&flags.svg, figures) {
        text += &format!("\nwritten: {} figures in {}", figures.len(), folder.display());
    }
    print(&text)
}

fn options(flags: &ReportFlags) -> Result<Options> {
    if !(flags.level > 0.0 && flags.level < 1.0) {
        return Err(Error::input("--level", format!("must be between 0 and 1, is {}", flags.level)));
    }
    Ok(Options {
        interval: if flags.interval == "eti" { Interval::EqualTailed } else { Interval::HighestDensity },
        level: flags.level,
        figures: flags.html.is_some() || flags.svg.is_some(),
        show: flags.show.clone(),
    })
}
