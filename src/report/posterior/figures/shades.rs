//! How dense pairs of draws are: cells, the stronger their colour the more pairs are in them.

use super::super::super::figure::{BLUE, Drawn, Panel};

/// Shades of the density.
const SHADES: usize = 6;

/// Counts of pairs in cells over a panel.
struct Cells {
    /// How many across and upwards.
    size: [usize; 2],
    /// Row by row, from below.
    counts: Vec<u32>,
}

/// Draws the density of pairs in so many cells across and upwards. The densest cells have the strongest shade, those with
/// half as many pairs the next one, and so on.
pub fn shades(panel: &Panel, size: [usize; 2], pairs: impl Iterator<Item = (f64, f64)>) -> Drawn {
    let cells = Cells::of(panel, size, pairs);
    let most = cells.counts.iter().copied().max().unwrap_or(0);
    let edge = |(low, high): (f64, f64), number: usize, size: usize| low + (high - low) * number as f64 / size as f64;
    for shade in 0..SHADES {
        let is_in = |count: u32| count > 0 && (most / count).ilog2().min(SHADES as u32 - 1) == shade as u32;
        let bars = cells.runs(is_in).into_iter().map(|(row, from, to)| {
            let across = [from, to].map(|column| edge(panel.x, column, size[0]));
            let upwards = [row, row + 1].map(|row| edge(panel.y, row, size[1]));
            (across.into(), upwards.into())
        });
        panel.bars(bars, BLUE, 1.0 - 0.9 * shade as f64 / (SHADES - 1) as f64)?;
    }
    Ok(())
}

impl Cells {
    fn of(panel: &Panel, size: [usize; 2], pairs: impl Iterator<Item = (f64, f64)>) -> Self {
        let place = |value: f64, (low, high): (f64, f64), size: usize| {
            let place = (value - low) / (high - low) * size as f64;
            (0.0..=size as f64).contains(&place).then_some((place as usize).min(size - 1))
        };
        let mut counts = vec![0; size[0] * size[1]];
        for (x, y) in pairs {
            if let (Some(column), Some(row)) = (place(x, panel.x, size[0]), place(y, panel.y, size[1])) {
                counts[row * size[0] + column] += 1;
            }
        }
        Cells { size, counts }
    }

    /// Neighbouring cells of a row whose counts are wanted, as (row, first column, column after the last).
    fn runs(&self, is_wanted: impl Fn(u32) -> bool) -> Vec<(usize, usize, usize)> {
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for (cell, _) in self.counts.iter().enumerate().filter(|(_, count)| is_wanted(**count)) {
            let (row, column) = (cell / self.size[0], cell % self.size[0]);
            match runs.last_mut() {
                Some((last_row, _, end)) if (*last_row, *end) == (row, column) => *end += 1,
                _ => runs.push((row, column, column + 1)),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_one_bar() {
        let cells = Cells { size: [3, 2], counts: vec![1, 1, 0, 0, 2, 2] };
        assert_eq!(cells.runs(|count| count > 0), [(0, 0, 2), (1, 1, 3)]);
        assert_eq!(cells.runs(|count| count == 2), [(1, 1, 3)]);
        // The end of a row and the beginning of the next are no neighbours.
        let cells = Cells { size: [2, 2], counts: vec![0, 1, 1, 0] };
        assert_eq!(cells.runs(|count| count > 0), [(0, 1, 2), (1, 0, 1)]);
    }
}
