//! Replicates of statistics that are functions of sums: the terms of rows are added as these are drawn.

use super::scheme::{BLOCK, Space};
use super::summed::{Summed, pivots};
use super::{Problem, Scheme};
use crate::error::Result;
use crate::stream::Stream;

/// What each row adds to the sums that all statistics are functions of.
pub(super) struct RowSums {
    pivots: Vec<Vec<f64>>,
    /// For each sum its rows, followed by what no row is in.
    terms: Vec<Vec<f64>>,
}

/// The values from the first row of a block on: as many as there are numbers of 16 bits, so that none of these need be
/// checked. (Pages of memory beyond a block that nobody looks at cost nothing.)
type Window = [f64; 1 << 16];

/// Up to so many resamples of a large table are made side by side.
const SIDE_BY_SIDE: usize = 16;

impl RowSums {
    /// `None` for a problem that asks for more than sums over rows.
    pub fn of(problem: &Problem) -> Option<Self> {
        let is_plain = problem.scheme == Scheme::Ordinary && problem.variance.is_none() && !problem.jackknife_after;
        if !is_plain || problem.estimators.iter().any(|estimator| estimator.statistic.of_sums().is_none()) {
            return None;
        }
        let pivots = pivots(&problem.estimators, &problem.table);
        let rows = Summed::new(&problem.estimators, &pivots).rows(&problem.table);
        let with_room = |rows: &[f64]| {
            let mut term = vec![0.0; rows.len().next_multiple_of(BLOCK) + size_of::<Window>() / size_of::<f64>()];
            term[..rows.len()].copy_from_slice(rows);
            term
        };
        let terms = rows.chunks_exact(problem.table.rows()).map(with_room).collect();
        Some(RowSums { pivots, terms })
    }

    /// Makes replicates into `out`.
    pub fn replicate(&self, problem: &Problem, stream: &mut Stream, space: &mut Space, out: &mut [f64]) -> Result<()> {
        let summed = Summed::new(&problem.estimators, &self.pivots);
        let (n, width, terms) = (problem.table.rows(), problem.width(), self.terms.len());
        let mut sums = Vec::new();
        let mut rest = out;
        while !rest.is_empty() {
            sums.clear();
            if n <= BLOCK {
                let resamples = space.draws.several(n, stream);
                sums.resize(terms * resamples.len() / n, 0.0);
                for (number, term) in self.terms.iter().enumerate() {
                    let sums = sums.iter_mut().skip(number).step_by(terms);
                    sums.zip(resamples.chunks_exact(n))
                        .for_each(|(sum, places)| *sum = sum_at(window(term, 0), places));
                }
            } else {
                let resamples = (rest.len() / width).min(SIDE_BY_SIDE);
                sums.resize(terms * resamples, 0.0);
                space.draws.each_of(resamples, n, stream, |resample, block, places| {
                    let sums = sums[resample * terms..].iter_mut().zip(&self.terms);
                    sums.for_each(|(sum, term)| *sum += sum_at(window(term, block), places));
                });
            }
            let (here, later) = rest.split_at_mut(rest.len().min(width * sums.len() / terms));
            for (out, sums) in here.chunks_exact_mut(width).zip(sums.chunks_exact(terms)) {
                summed.evaluate(n as f64, n as f64, sums, out)?;
            }
            rest = later;
        }
        Ok(())
    }
}

/// What a term has from a block on.
fn window(term: &[f64], block: usize) -> &Window {
    term[block * BLOCK..].first_chunk().unwrap_or_else(|| unreachable!("there is room behind every block"))
}

/// The sum of the values at these places.
#[inline]
fn sum_at(values: &Window, places: &[u16]) -> f64 {
    // Four partial sums: an addition need not wait for the one before. (Eight values at once by a gather instruction
    // take half as long again.)
    let value = |place: u16| values[usize::from(place)];
    let (fours, rest) = places.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for four in fours {
        for (sum, place) in sums.iter_mut().zip(four) {
            *sum += value(*place);
        }
    }
    for (sum, place) in sums.iter_mut().zip(rest) {
        *sum += value(*place);
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}
