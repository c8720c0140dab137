//! Draws in ascending order, of which only a few are in memory.

use super::blocks::Blocks;
use super::histogram::{Cell, Histogram};
use super::interval;
use super::order::{Ascending, number};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The draws of a histogram in ascending order: exact in cells that are known.
pub(super) struct Ordered<'a> {
    histogram: &'a Histogram,
    known: BTreeMap<usize, Vec<f64>>,
    /// The cells of places that were asked for.
    asked: RefCell<BTreeSet<usize>>,
}

impl<'a> Ordered<'a> {
    /// What `figure` finds in the draws of the histogram, of which it may ask for a few: always the same, whatever
    /// they are. It is called twice: to learn which they are, and when they have been read.
    pub fn figure<D: Blocks, T>(
        histogram: &'a Histogram,
        draws: &D,
        figure: impl Fn(&Self) -> T,
    ) -> Result<T, D::Error> {
        let mut ordered = Ordered { histogram, known: BTreeMap::new(), asked: RefCell::default() };
        figure(&ordered);
        let cells = histogram.cells();
        let wanted = ordered.asked.take().into_iter().filter(|cell| !cells[*cell].is_single());
        ordered.known = wanted.map(|cell| (cell, Vec::with_capacity(cells[cell].count))).collect();
        if !ordered.known.is_empty() {
            let mut is_known = vec![false; cells.len()];
            ordered.known.keys().for_each(|cell| is_known[*cell] = true);
            draws.each(|_, block| {
                for (cell, x) in block.iter().map(|x| (histogram.of_number(*x), *x)).filter(|(cell, _)| is_known[*cell])
                {
                    ordered.known.entry(cell).or_default().push(x);
                }
            })?;
            ordered.known.values_mut().for_each(|draws| draws.sort_unstable_by(f64::total_cmp));
        }
        Ok(figure(&ordered))
    }

    /// The [highest density interval](super::highest_density_interval()), if `candidates` are those of this level.
    pub fn highest_density(&self, level: f64, candidates: &[usize]) -> [f64; 2] {
        if !(level > 0.0 && level < 1.0) {
            return [f64::NAN; 2];
        }
        let beyond = interval::beyond(self.count(), level);
        let cells = candidates.iter().map(|cell| &self.histogram.cells()[*cell]);
        let places = cells.flat_map(|cell| {
            // Of those that begin at the same number the first is shortest.
            let count = if cell.is_single() { 1 } else { cell.count };
            cell.below..(cell.below + count).min(self.count() - beyond)
        });
        interval::shortest(self, beyond, places)
    }
}

impl Ascending for Ordered<'_> {
    fn count(&self) -> usize {
        self.histogram.count()
    }

    fn at(&self, place: usize) -> f64 {
        let (number_of, cells) = (self.histogram.at(place), self.histogram.cells());
        let cell = &cells[number_of];
        match self.known.get(&number_of).and_then(|draws| draws.get(place - cell.below)) {
            Some(draw) => *draw,
            None => {
                self.asked.borrow_mut().insert(number_of);
                number(cell.low)
            }
        }
    }
}

/// The cells where the shortest interval of this level may begin, in ascending order.
///
/// An interval that begins in a cell is no shorter than from the end of the cell to the beginning of that where the
/// first such interval ends; and that first interval is no longer than from the beginning of the one to the end of the
/// other. All cells whose bound is not above the least such length are candidates, but for those with the largest
/// bounds where more than `most` draws would have to be held. The shortest of what is left is then longer by no more
/// than the widths of two cells.
pub(super) fn candidates(histogram: &Histogram, level: f64, most: usize) -> Vec<usize> {
    let (cells, count) = (histogram.cells(), histogram.count());
    let beyond = interval::beyond(count, level);
    let held = |cell: &Cell| if cell.is_single() { 0 } else { cell.count };
    let mut last = 0;
    let bounds = cells.iter().enumerate().take_while(|(_, cell)| cell.below + beyond < count).map(|(start, cell)| {
        while cells[last].below + cells[last].count <= cell.below + beyond {
            last += 1;
        }
        let ([low, high], [end_low, end_high]) = (cell.ends(), cells[last].ends());
        // Infinite ends may leave a bound that is NaN: it excludes nothing.
        (start, (end_low - high).max(0.0), end_high - low, 2 * held(cell) + held(&cells[last]))
    });
    let mut bounds: Vec<(usize, f64, f64, usize)> = bounds.collect();
    let least = bounds.iter().map(|(_, _, length, _)| *length).fold(f64::INFINITY, f64::min);
    bounds.retain(|(_, bound, ..)| *bound <= least);
    bounds.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut all = 0;
    let within = |(_, _, _, draws): &(usize, f64, f64, usize)| {
        all += draws;
        all == *draws || all <= most
    };
    let mut starts: Vec<usize> = bounds.into_iter().take_while(within).map(|(start, ..)| start).collect();
    starts.sort_unstable();
    starts
}

#[cfg(test)]
mod tests {
    use super::super::chains::Chains;
    use super::*;
    use crate::stream::Streams;

    /// The shortest interval is found in few cells; where even these may not be held, one that is hardly longer.
    #[test]
    fn intervals_are_shortest() {
        let mut stream = Streams::new(1999, 0).stream(0);
        let draws: Vec<f64> = (0..50_000).map(|_| stream.uniform()).collect();
        let Ok(histogram) = Histogram::of(&Chains::one(&draws), 50);
        let interval = |most: usize| {
            let starts = candidates(&histogram, 0.9, most);
            let Ok(found) =
                Ordered::figure(&histogram, &Chains::one(&draws), |ordered| ordered.highest_density(0.9, &starts));
            (starts.len(), found)
        };
        let exact = interval::highest_density_interval(&draws, 0.9);
        let (cells, found) = interval(usize::MAX);
        assert!(found == exact && cells < 300, "{found:?} in {cells} cells, and {exact:?}");
        let (cells, [low, high]) = interval(1);
        let longer = (high - low) - (exact[1] - exact[0]);
        assert!(cells == 1 && (0.0..2.0 * 50.0 / 50_000.0 * 1.5).contains(&longer), "{longer}");
    }
}
