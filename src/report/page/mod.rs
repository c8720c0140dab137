//! A report as one HTML page that needs nothing else: no network, no script, no font.

use super::figure::{Figure, escaped, variables};
use super::{Report, Section, Table};
use std::fmt::Write as _;

/// The page.
pub fn of(report: &Report) -> String {
    let name = report.path.file_name().unwrap_or_default().to_string_lossy();
    let (light, dark) = (variables(false), variables(true));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n:root{{{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{}</style>\n</head>\n<body>\n<main>\n",
        escaped(&format!("{name}: {}", report.kind)),
        include_str!("style.css")
    );
    let _ =
        write!(page, "<header><h1>{}</h1>\n<p class=\"kind\">{}</p></header>\n", escaped(&name), escaped(&report.kind));
    facts(&mut page, &report.facts);
    warnings(&mut page, &report.warnings);
    report.tables.iter().filter(|table| !table.rows.is_empty()).for_each(|table| write_table(&mut page, table));
    report
        .sections
        .iter()
        .filter(|section| !section.figures.is_empty())
        .for_each(|section| write_section(&mut page, section));
    made(&mut page, report);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn facts(page: &mut String, facts: &[(String, String)]) {
    if facts.is_empty() {
        return;
    }
    page.push_str("<dl>");
    for (name, value) in facts {
        let _ = write!(page, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value));
    }
    page.push_str("</dl>\n");
}

fn warnings(page: &mut String, warnings: &[String]) {
    if warnings.is_empty() {
        return;
    }
    page.push_str("<section class=\"warnings\" aria-label=\"warnings\"><h2>Warnings</h2><ul>");
    for warning in warnings {
        let _ = write!(page, "<li>{}</li>", escaped(warning));
    }
    page.push_str("</ul></section>\n");
}

fn write_table(page: &mut String, table: &Table) {
    page.push_str("<figure class=\"table\">");
    if !table.caption.is_empty() {
        let _ = write!(page, "<h2>{}</h2>", escaped(&table.caption));
    }
    page.push_str("<div class=\"scroll\"><table><thead><tr>");
    for head in &table.heads {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(head));
    }
    page.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        let name = escaped(&row.name);
        let name = match &row.section {
            Some(section) => format!("<a href=\"#{}\">{name}</a>", escaped(section)),
            None => name,
        };
        let _ = write!(page, "<tr><th scope=\"row\">{name}</th>");
        for (number, cell) in row.cells.iter().enumerate() {
            let class = if row.flagged.contains(&number) { " class=\"flagged\"" } else { "" };
            let _ = write!(page, "<td{class}>{}</td>", escaped(cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>");
    if !table.note.is_empty() {
        let _ = write!(page, "<p class=\"note\">{}</p>", escaped(&table.note));
    }
    page.push_str("</figure>\n");
}

fn write_section(page: &mut String, section: &Section) {
    let _ = write!(page, "<section id=\"{}\"><h2>{}</h2>", escaped(&section.id), escaped(&section.heading));
    if !section.note.is_empty() {
        let _ = write!(page, "<p class=\"note\">{}</p>", escaped(&section.note));
    }
    page.push_str("<div class=\"figures\">\n");
    section.figures.iter().for_each(|figure| write_figure(page, figure));
    page.push_str("</div></section>\n");
}

fn write_figure(page: &mut String, figure: &Figure) {
    let class = if figure.wide { " class=\"wide\"" } else { "" };
    let _ = write!(page, "<figure id=\"{}\"{class}>{}", escaped(&figure.name), figure.svg.inline(&figure.title));
    if !figure.caption.is_empty() {
        let _ = write!(page, "<figcaption>{}</figcaption>", escaped(&figure.caption));
    }
    page.push_str("</figure>\n");
}

fn made(page: &mut String, report: &Report) {
    if report.made.is_empty() && report.run_file.is_none() {
        return;
    }
    page.push_str("<section class=\"made\" id=\"made\"><h2>How this file was made</h2>");
    facts(page, &report.made);
    if let Some(run_file) = &report.run_file {
        let _ = write!(page, "<h3>Run file</h3><pre>{}</pre>", escaped(run_file.trim_end()));
    }
    page.push_str("</section>\n");
}
