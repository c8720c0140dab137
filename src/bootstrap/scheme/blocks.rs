//! Resamples of a series in blocks, which keep what neighbouring rows have to do with each other.

use crate::stream::Stream;

/// Blocks of `length` rows from anywhere where a whole block is; the last block is cut to make `n` rows.
pub(super) fn moving(n: usize, length: usize, stream: &mut Stream, rows: &mut Vec<u32>) {
    fixed(n, length, (n - length + 1) as u64, stream, rows);
}

/// Blocks of `length` rows from anywhere, the first row following the last.
pub(super) fn circular(n: usize, length: usize, stream: &mut Stream, rows: &mut Vec<u32>) {
    fixed(n, length, n as u64, stream, rows);
}

fn fixed(n: usize, length: usize, starts: u64, stream: &mut Stream, rows: &mut Vec<u32>) {
    rows.clear();
    while rows.len() < n {
        let start = stream.index(starts) as usize;
        let length = length.min(n - rows.len());
        // A table has fewer than 2^32 rows.
        rows.extend((start..start + length).map(|row| if row < n { row } else { row - n } as u32));
    }
}

/// After each row comes the next one, or with probability 1 / `length` any.
pub(super) fn stationary(n: usize, length: f64, stream: &mut Stream, rows: &mut Vec<u32>) {
    rows.clear();
    let mut row = stream.index(n as u64) as usize;
    while rows.len() < n {
        rows.push(row as u32); // a table has fewer than 2^32 rows
        row = match stream.uniform() * length < 1.0 {
            true => stream.index(n as u64) as usize,
            false if row + 1 < n => row + 1,
            false => 0,
        };
    }
}
