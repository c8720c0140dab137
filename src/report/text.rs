//! A report on the terminal.

use super::{Report, Row, Table};
use std::fmt::Write as _;

/// Facts, tables, warnings.
pub fn of(report: &Report) -> String {
    let mut text = format!("{}: {}\n", report.path.display(), report.kind);
    for (name, value) in &report.facts {
        let _ = writeln!(text, "{name}: {value}");
    }
    for table in report.tables.iter().filter(|table| !table.rows.is_empty()) {
        let _ = write!(text, "\n{}", of_table(table));
    }
    if !report.warnings.is_empty() {
        text.push('\n');
    }
    for warning in &report.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

fn of_table(table: &Table) -> String {
    let width = |column: usize| {
        let of = |row: &Row| {
            if column == 0 { &row.name } else { row.cells.get(column - 1).unwrap_or(&row.name) }.chars().count()
        };
        table.rows.iter().map(of).chain([table.heads[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.heads.len()).map(width).collect();
    let mut text = String::new();
    if !table.caption.is_empty() {
        let _ = writeln!(text, "{}", table.caption);
    }
    let mut line = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:width$}"),
            _ => format!("{cell:>width$}"),
        });
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(table.heads.iter().map(String::as_str).collect());
    for row in &table.rows {
        line([row.name.as_str()].into_iter().chain(row.cells.iter().map(String::as_str)).collect());
    }
    if !table.note.is_empty() {
        let _ = writeln!(text, "{}", table.note);
    }
    text
}
