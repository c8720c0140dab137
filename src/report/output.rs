//! Writing pages and drawings: whole or not at all, and never over something else.

use super::{Figure, Report};
use crate::error::{Error, Result};
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How a page begins.
const PAGE: &str = "<!DOCTYPE html>";
/// How a drawing begins.
const DRAWING: &str = "<svg";

/// Checks that the page could be written to `path`.
///
/// # Errors
/// If there is a file already and not `replace`, or something that is no page, or no folder to write it to.
pub fn check_page(path: &Path, replace: bool) -> Result<()> {
    check(path, PAGE, replace)
}

/// Checks that a figure could be written to `path`.
///
/// # Errors
/// If there is a file already and not `replace`, or something that is no drawing, or no folder to write it to.
pub fn check_figure(path: &Path, replace: bool) -> Result<()> {
    check(path, DRAWING, replace)
}

/// Checks that drawings could be written to the folder at `path`, which is made if there is none.
///
/// # Errors
/// If there is a file of that name, or no folder to make it in.
pub fn check_folder(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => refuse(path, "is a file, not a folder"),
        Err(_) => check_parent(path),
    }
}

/// Writes the page.
///
/// # Errors
/// If it can't be written; nothing is left then.
pub fn write_page(report: &Report, path: &Path, replace: bool) -> Result<()> {
    check_page(path, replace)?;
    write(path, &report.html(), replace)
}

/// Writes a figure to the file at `path`.
///
/// # Errors
/// If there is a file already and not `replace`, or something that is no drawing. If it can't be written.
pub fn write_figure(figure: &Figure, path: &Path, replace: bool) -> Result<()> {
    check_figure(path, replace)?;
    write(path, &figure.svg.standalone(&figure.title), replace)
}

/// Writes each figure to a file in the folder at `path`, and gives their names.
///
/// # Errors
/// If one of the files exists and not `replace`; no file is written then. If one can't be written.
pub fn write_figures(report: &Report, folder: &Path, replace: bool) -> Result<Vec<PathBuf>> {
    check_folder(folder)?;
    let figures: Vec<_> =
        report.figures().map(|figure| (folder.join(format!("{}.svg", figure.name)), figure)).collect();
    figures.iter().try_for_each(|(path, _)| if folder.exists() { check(path, DRAWING, replace) } else { Ok(()) })?;
    fs::create_dir_all(folder).map_err(|error| Error::file(folder, "make the folder", error))?;
    for (path, figure) in &figures {
        write(path, &figure.svg.standalone(&figure.title), replace)?;
    }
    Ok(figures.into_iter().map(|(path, _)| path).collect())
}

fn refuse<T>(path: &Path, message: &str) -> Result<T> {
    Err(Error::input(path.display().to_string(), message))
}

fn check(path: &Path, begins: &str, replace: bool) -> Result<()> {
    if path.file_name().is_none() || path.is_dir() {
        return refuse(path, "is a folder, not a file");
    }
    if path.symlink_metadata().is_ok() {
        if !replace {
            return refuse(path, "exists; --force replaces it");
        }
        if !begins_with(path, begins) {
            return refuse(path, "exists and is not what would replace it; --force replaces earlier reports only");
        }
    }
    check_parent(path)
}

fn check_parent(path: &Path) -> Result<()> {
    let folder = folder(path);
    match folder.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => refuse(path, &format!("{} is not a folder", folder.display())),
        Err(_) => refuse(path, &format!("there is no folder {}", folder.display())),
    }
}

/// Whether a file that exists is empty or begins so: an earlier page or drawing.
fn begins_with(path: &Path, text: &str) -> bool {
    let mut start = Vec::new();
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file()); // to open a pipe would be to wait
    let read =
        is_file && fs::File::open(path).is_ok_and(|file| file.take(text.len() as u64).read_to_end(&mut start).is_ok());
    read && (start.is_empty() || start == text.as_bytes())
}

/// Under another name first, so that a file is whole or absent.
fn write(path: &Path, text: &str, replace: bool) -> Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    let temporary = path.with_file_name(name);
    let written = fs::write(&temporary, text).and_then(|()| rename(&temporary, path, replace));
    written.map_err(|error| {
        let _ = fs::remove_file(&temporary); // there may be none
        Error::file(path, "write it", error)
    })
}

fn rename(from: &Path, to: &Path, replace: bool) -> std::io::Result<()> {
    if !replace {
        match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {} // some file systems can't; it has been checked
            renamed => return Ok(renamed?),
        }
    }
    fs::rename(from, to)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
