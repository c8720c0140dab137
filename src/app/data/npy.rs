//! Columns of a NumPy file (format of `numpy.lib.format`, versions 1 to 3).

use super::Wanted;
use super::binary::{self, Source, Values};
use super::blocks;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

const MAGIC: &[u8] = b"\x93NUMPY";

/// What the header says.
#[derive(Debug, PartialEq)]
struct Header {
    /// `<f8`: byte order, kind and size.
    order: char,
    kind: char,
    size: usize,
    fortran: bool,
    shape: Vec<usize>,
}

/// Reads the array's columns: of one dimension a single one, of two those of the second.
pub(super) fn read(path: &Path, wanted: &Wanted<'_>, limit: usize, emit: blocks::Emit<'_>) -> Result<blocks::Read> {
    let name = path.display().to_string();
    let wrong = |message: String| Error::input(name.as_str(), message);
    let mut file = File::open(path).map_err(|error| wrong(format!("can't read the data: {error}")))?;
    let length = file.metadata().map_or(0, |data| data.len());
    let mut start = [0; 8];
    let begin = file.read_exact(&mut start);
    if begin.is_err() || !start.starts_with(MAGIC) {
        return Err(wrong("is not a NumPy file".into()));
    }
    let mut size = vec![0; if start[6] == 1 { 2 } else { 4 }];
    let cut = |_| wrong("is cut off".into());
    file.read_exact(&mut size).map_err(cut)?;
    let size = size.iter().rev().fold(0u64, |size, byte| size << 8 | u64::from(*byte));
    if size > length {
        return Err(wrong("is cut off".into()));
    }
    let mut text = vec![0; size as usize];
    file.read_exact(&mut text).map_err(cut)?;
    let header = parse(&String::from_utf8_lossy(&text)).map_err(wrong)?;
    let (rows, columns) = match header.shape[..] {
        [rows] => (rows, 1),
        [rows, columns] => (rows, columns),
        _ => return Err(wrong(format!("is an array of {} dimensions; one or two are possible", header.shape.len()))),
    };
    // Before anything is made room for: the header may say what it likes.
    let start = (start.len() + if start[6] == 1 { 2 } else { 4 }) as u64 + size;
    let bytes = rows.checked_mul(columns).and_then(|cells| cells.checked_mul(header.size));
    if bytes.is_none_or(|bytes| start.saturating_add(bytes as u64) > length) {
        return Err(wrong("is cut off".into()));
    }
    // Of an array without cells the other dimension may be of any size, and the file is still long enough.
    if rows == 0 || columns == 0 {
        return Err(wrong("is an array without cells: there is no number in it".into()));
    }
    let names: Vec<String> = (0..columns).map(|number| number.to_string()).collect();
    let chosen = wanted.find(&name, &names)?;
    let source = Source {
        rows,
        columns: chosen.iter().map(|number| (names[*number].clone(), false)).collect(),
        stretch: Box::new(move |stretch| {
            let array = Array { header: &header, start, rows, columns };
            let values = array.columns(&mut file, &chosen, stretch);
            values.map_err(|error| Error::input(path.display().to_string(), format!("can't read the data: {error}")))
        }),
    };
    binary::keep(&name, source, wanted, limit, emit)
}

/// Where the cells are in the file.
struct Array<'a> {
    header: &'a Header,
    start: u64,
    rows: usize,
    columns: usize,
}

impl Array<'_> {
    /// The numbers of the chosen columns in a stretch of rows.
    fn columns(&self, file: &mut File, chosen: &[usize], stretch: Range<usize>) -> std::io::Result<Vec<Values>> {
        let Array { header, rows, columns, .. } = *self;
        let mut read = |first: usize, count: usize| -> std::io::Result<Vec<u8>> {
            file.seek(SeekFrom::Start(self.start + (first * header.size) as u64))?;
            let mut cells = vec![0; count * header.size];
            file.read_exact(&mut cells)?;
            Ok(cells)
        };
        let numbers = |cells: &[u8], first: usize, step: usize| {
            let cells = cells.chunks_exact(header.size).skip(first).step_by(step);
            Values::Numbers(cells.map(|cell| number(cell, header)).collect())
        };
        if header.fortran {
            let column = |column: &usize| Ok(numbers(&read(column * rows + stretch.start, stretch.len())?, 0, 1));
            return chosen.iter().map(column).collect();
        }
        let cells = read(stretch.start * columns, stretch.len() * columns)?;
        Ok(chosen.iter().map(|column| numbers(&cells, *column, columns)).collect())
    }
}

/// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }`
fn parse(text: &str) -> Result<Header, String> {
    let value = |key: &str| {
        let rest = text.split_once(&format!("'{key}':")).map(|(_, rest)| rest.trim_start());
        rest.ok_or_else(|| format!("has no {key} in its header"))
    };
    let descr = value("descr")?;
    let unknown = || {
        format!("has cells of a kind that is no number: {}", descr.split_once(", '").map_or(descr, |(kind, _)| kind))
    };
    let kind: Vec<char> =
        descr.strip_prefix('\'').and_then(|rest| rest.split('\'').next()).ok_or_else(unknown)?.chars().collect();
    let [order, kind, size] = kind[..] else { return Err(unknown()) };
    let size = size.to_digit(10).unwrap_or_default() as usize;
    let known = match kind {
        'f' => [4, 8].contains(&size),
        'i' | 'u' => [1, 2, 4, 8].contains(&size),
        'b' => size == 1,
        _ => false,
    };
    if !known || !['<', '>', '|', '='].contains(&order) {
        return Err(unknown());
    }
    let shape = value("shape")?;
    let shape = shape.strip_prefix('(').and_then(|rest| rest.split(')').next()).ok_or("has no shape in its header")?;
    let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty());
    let shape = lengths
        .map(|length| length.parse().map_err(|_| format!("has a length of '{length}'")))
        .collect::<Result<_, _>>()?;
    Ok(Header { order, kind, size, fortran: value("fortran_order")?.starts_with("True"), shape })
}

/// The number in a cell.
fn number(cell: &[u8], header: &Header) -> f64 {
    let mut bytes = [0; 8];
    bytes[..cell.len()].copy_from_slice(cell);
    if header.order == '>' || header.order == '=' && cfg!(target_endian = "big") {
        bytes[..cell.len()].reverse();
    }
    let word = u64::from_le_bytes(bytes);
    match (header.kind, header.size) {
        ('f', 8) => f64::from_bits(word),
        ('f', _) => f64::from(f32::from_bits(word as u32)),
        ('i', size) => ((word << (64 - 8 * size)) as i64 >> (64 - 8 * size)) as f64,
        _ => word as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let header = parse("{'descr': '>i4', 'fortran_order': True, 'shape': (3, 2), }").unwrap();
        assert_eq!(header, Header { order: '>', kind: 'i', size: 4, fortran: true, shape: vec![3, 2] });
        assert_eq!(number(&[0xff, 0xff, 0xff, 0xfe], &header), -2.0);
        assert_eq!(parse("{'descr': '<f8', 'fortran_order': False, 'shape': (7,), }").unwrap().shape, [7]);
        assert!(
            parse("{'descr': '|O', 'fortran_order': False, 'shape': (7,), }").unwrap_err().contains("no number: '|O'")
        );
        assert!(parse("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (7,), }").is_err());
        assert!(parse("{}").is_err() && parse("").is_err());
    }
}
