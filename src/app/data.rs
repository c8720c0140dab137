//! Reading a column of numbers.

use crate::error::{Error, Result};

/// The numbers of a CSV file with one column; its first line may be a header.
///
/// # Errors
/// Names the file and the line of a cell that is missing, not a number or not finite, and of a second column.
pub(super) fn column(file: &str, text: &str) -> Result<Vec<f64>> {
    // A record's position is where the search for it began: before the blank lines that it skips.
    let line_of = |record: &csv::StringRecord| {
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let blank = text[start..].len() - text[start..].trim_start().len();
        1 + text[..start + blank].matches('\n').count()
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut values = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| Error::input(file, format!("can't read the data: {error}")))?;
        let wrong = |message: String| Err(Error::input(format!("{file}:{}", line_of(&record)), message));
        if record.len() != 1 {
            return wrong(format!("has {} columns, but the data is one column", record.len()));
        }
        let cell = &record[0];
        match cell.parse::<f64>() {
            Ok(value) if value.is_finite() => values.push(value),
            Ok(_) => return wrong(format!("'{cell}' is not a finite number")),
            Err(_) if index == 0 && is_name(cell) => (), // the header
            Err(_) => return wrong(format!("'{cell}' is not a number")),
        }
    }
    if values.is_empty() {
        return Err(Error::input(file, "the column is empty: there is no number in it"));
    }
    Ok(values)
}

/// Whether a cell is the name of a column, rather than a missing or mistyped value.
fn is_name(cell: &str) -> bool {
    const MISSING: [&str; 5] = ["na", "n/a", "nan", "null", "none"];
    cell.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && !MISSING.contains(&cell.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<f64>, String> {
        column("y.csv", text).map_err(|error| error.to_string())
    }

    #[test]
    fn header_spaces_and_line_ends_are_optional() {
        for text in
            ["y\n1\n-2.5\n3e2", "1\n-2.5\n3e2\n", " y \r\n 1\r\n\r\n-2.5 \r\n3e2\r\n", "\"y\"\n\"1\"\n-2.5\n300"]
        {
            assert_eq!(read(text), Ok(vec![1.0, -2.5, 300.0]), "{text:?}");
        }
    }

    #[test]
    fn mistakes_have_a_line() {
        let message = |text: &str| read(text).unwrap_err();
        assert_eq!(message("y\n1\nabc\n"), "y.csv:3: 'abc' is not a number");
        assert_eq!(message("y\n1\n\n\nNaN\n"), "y.csv:5: 'NaN' is not a finite number");
        assert_eq!(message("y\ninf\n"), "y.csv:2: 'inf' is not a finite number");
        assert_eq!(message("y\n1\n\"\"\n"), "y.csv:3: '' is not a number");
        assert_eq!(message("1,2\n"), "y.csv:1: has 2 columns, but the data is one column");
        assert_eq!(message("y\n"), "y.csv: the column is empty: there is no number in it");
        assert_eq!(message(""), "y.csv: the column is empty: there is no number in it");
        // A first line that is no header.
        for cell in ["NA", "1.5O", "-", "4.1;5", "null"] {
            assert_eq!(message(&format!("{cell}\n1\n")), format!("y.csv:1: '{cell}' is not a number"));
        }
    }
}
