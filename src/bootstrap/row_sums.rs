//! Replicates of statistics that are functions of sums: the terms of rows are added as these are drawn.

use super::scheme::{BLOCK, FEW, Fours, Space};
use super::summed::Summed;
use super::{Estimator, Problem, Scheme};
use crate::error::Result;
use crate::isa::{Floats, LANES, Words, for_each_level};
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
    /// `None` for a problem that asks for more than sums over rows, or whose statistics would lose digits with them.
    pub fn of(problem: &Problem) -> Option<Self> {
        let Problem { estimators, table, .. } = problem;
        let is_plain = problem.scheme == Scheme::Ordinary && problem.variance.is_none() && !problem.jackknife_after;
        let keeps_digits =
            |estimator: &Estimator| estimator.statistic.of_sums().is_some_and(|of_sums| of_sums.keeps_digits());
        if !is_plain || !estimators.iter().all(keeps_digits) {
            return None;
        }
        // A resample may be far from the mean of all rows, as when one of these is: its own sums know nothing of that.
        let pivots = estimators.iter().map(|estimator| vec![0.0; estimator.columns.len()]).collect::<Vec<_>>();
        let room = table.rows().next_multiple_of(BLOCK) + size_of::<Window>() / size_of::<f64>();
        let terms = Summed::new(estimators, &pivots).rows(table, room);
        (!terms.is_empty()).then_some(RowSums { pivots, terms })
    }

    /// Makes so many replicates, one after the other.
    pub fn replicate(
        &self,
        problem: &Problem,
        count: usize,
        stream: &mut Stream,
        space: &mut Space,
    ) -> Result<Vec<f64>> {
        let summed = Summed::new(&problem.estimators, &self.pivots);
        let (n, width) = (problem.table.rows(), problem.width());
        let mut sums = Vec::new();
        let mut out = Vec::with_capacity(count * width);
        while out.len() < count * width {
            let missing = count - out.len() / width;
            if n <= FEW {
                self.of_few_rows(n, missing, stream, space, &mut sums);
            } else if n <= BLOCK {
                self.of_a_block(n, stream, space, &mut sums);
            } else {
                self.of_blocks(n, missing, stream, space, &mut sums);
            }
            let (before, here) = (out.len(), missing.min(sums.len() / self.terms.len()));
            // Not all at once: memory that another thread has used is waited for while the next ones are drawn.
            out.resize(before + here * width, 0.0);
            summed.evaluate(n as f64, n as f64, &sums, &mut out[before..])?;
        }
        Ok(out)
    }

    /// The sums over the next resamples of few rows, one resample after the other: `most` or fewer, and the rest of eight.
    fn of_few_rows(&self, n: usize, most: usize, stream: &mut Stream, space: &mut Space, sums: &mut Vec<f64>) {
        let eights = space.draws.eights(n, most, stream);
        let (terms, count) = (self.terms.len(), eights.len() / n.div_ceil(4) * LANES);
        sums.resize(terms * count, 0.0);
        if let [term] = &self.terms[..] {
            return sums_of_eights(beginning(term), n, eights, sums.as_chunks_mut().0);
        }
        let mut sums_of_one = vec![0.0; count];
        for (number, term) in self.terms.iter().enumerate() {
            sums_of_eights(beginning(term), n, eights, sums_of_one.as_chunks_mut().0);
            let sums = sums.iter_mut().skip(number).step_by(terms);
            sums.zip(&sums_of_one).for_each(|(sum, found)| *sum = *found);
        }
    }

    /// The same where rows are one block: any number of resamples.
    fn of_a_block(&self, n: usize, stream: &mut Stream, space: &mut Space, sums: &mut Vec<f64>) {
        let resamples = space.draws.several(n, stream);
        let terms = self.terms.len();
        sums.resize(terms * resamples.len() / n, 0.0);
        for (number, term) in self.terms.iter().enumerate() {
            let sums = sums.iter_mut().skip(number).step_by(terms);
            sums.zip(resamples.chunks_exact(n)).for_each(|(sum, places)| *sum = sum_at(window(term, 0), places));
        }
    }

    /// The same where rows are several blocks: `most` or fewer.
    fn of_blocks(&self, n: usize, most: usize, stream: &mut Stream, space: &mut Space, sums: &mut Vec<f64>) {
        let (terms, resamples) = (self.terms.len(), most.min(SIDE_BY_SIDE));
        sums.clear();
        sums.resize(terms * resamples, 0.0);
        space.draws.each_of(resamples, n, stream, |resample, block, places| {
            let sums = sums[resample * terms..].iter_mut().zip(&self.terms);
            sums.for_each(|(sum, term)| *sum += sum_at(window(term, block), places));
        });
    }
}

for_each_level! {
    /// The sums over resamples, eight by eight, of few rows.
    fn sums_of_eights(rows: &[f64; FEW], n: usize, draws: &[Fours], out: &mut [[f64; LANES]]) = eights
}

#[inline(always)]
fn eights<F: Floats>(rows: &[f64; FEW], n: usize, draws: &[Fours], out: &mut [[f64; LANES]]) {
    for (draws, out) in draws.chunks_exact(n.div_ceil(4)).zip(out) {
        // Four partial sums: an addition need not wait for the one before.
        let mut sums = [F::splat(0.0); 4];
        let (whole, last) = draws.split_at(n / 4);
        for fours in whole {
            let places = F::Words::of_quarters(fours);
            sums[0] = sums[0] + F::look_up(rows, places);
            sums[1] = sums[1] + F::look_up(rows, places.shr(16));
            sums[2] = sums[2] + F::look_up(rows, places.shr(32));
            sums[3] = sums[3] + F::look_up(rows, places.shr(48));
        }
        for fours in last {
            let mut places = F::Words::of_quarters(fours);
            for sum in &mut sums[..n % 4] {
                *sum = *sum + F::look_up(rows, places);
                places = places.shr(16);
            }
        }
        ((sums[0] + sums[2]) + (sums[1] + sums[3])).store(out);
    }
}

/// The first rows of a term.
fn beginning(term: &[f64]) -> &[f64; FEW] {
    term.first_chunk().unwrap_or_else(|| unreachable!("there is room behind the rows"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::statistic::Sample;
    use crate::bootstrap::{Column, Mean, Pearson, Ratio, Statistic, Sum, Table};
    use crate::stream::Streams;
    use std::sync::Arc;

    /// So many resamples: of a table of many blocks, as many as are made side by side.
    const RESAMPLES: usize = SIDE_BY_SIDE;

    fn problem(n: usize) -> Problem {
        // One value is so large that its like would take all digits from the others.
        let value = |row: usize, by: usize| if row == 1 { 1e15 } else { ((row * by) % 1009) as f64 + 1.0 };
        let column = |name: &str, by: usize| Column::new(name, (0..n).map(|row| value(row, by)).collect());
        let estimator = |name: &str, statistic: Arc<dyn Statistic>, columns: &[usize]| Estimator {
            name: name.into(),
            statistic,
            columns: columns.to_vec(),
        };
        Problem {
            table: Arc::new(Table::new(vec![column("x", 7919), column("y", 104_729)]).unwrap()),
            estimators: vec![
                estimator("ratio", Arc::new(Ratio), &[0, 1]),
                estimator("sum", Arc::new(Sum), &[1]),
                estimator("mean", Arc::new(Mean), &[0]),
            ],
            scheme: Scheme::Ordinary,
            resamples: RESAMPLES as u64,
            batch: RESAMPLES as u32,
            seed: 1,
            variance: None,
            jackknife_after: false,
        }
    }

    /// How often each row is drawn for each resample.
    fn counts(n: usize, stream: &mut Stream) -> Vec<Vec<f64>> {
        let (mut draws, mut counts) = (Space::default().draws, vec![vec![0.0; n]; RESAMPLES]);
        let mut add = |resample: usize, block: usize, places: &[u16]| {
            places.iter().for_each(|place| counts[resample][block * BLOCK + usize::from(*place)] += 1.0);
        };
        if n > BLOCK {
            draws.each_of(RESAMPLES, n, stream, add);
        } else {
            (0..RESAMPLES).for_each(|resample| draws.each(n, stream, |block, places| add(resample, block, places)));
        }
        counts
    }

    #[test]
    fn what_would_lose_digits_is_not_made_of_sums() {
        let mut problem = problem(10);
        assert!(RowSums::of(&problem).is_some());
        problem.estimators[1] = Estimator { name: "r".into(), statistic: Arc::new(Pearson), columns: vec![0, 1] };
        assert!(RowSums::of(&problem).is_none());
    }

    /// Of tables that fit into registers, of one block, and of more, for one sum and for several: each resample's
    /// statistics are those of the rows that are drawn for it, and not of those for its neighbour.
    #[test]
    fn sums_are_those_of_the_resamples() {
        let sizes = [1, 2, 3, 4, 5, 25, 31, 32, 33, 100, 2048, 2049, 5000];
        for (n, all) in sizes.into_iter().flat_map(|n| [(n, false), (n, true)]) {
            let mut problem = problem(n);
            if !all {
                problem.estimators.drain(..2);
            }
            let stream = || Streams::new(31, 0).stream(n as u64);
            let sums = RowSums::of(&problem).unwrap();
            let found = sums.replicate(&problem, RESAMPLES, &mut stream(), &mut Space::default()).unwrap();
            let evaluate = |counts: &Vec<f64>| {
                let mut out = vec![0.0; problem.width()];
                let all = Sample::new(&problem.table, &[]).counted(counts, n);
                let each = |estimator: &Estimator, out: &mut [f64]| {
                    estimator.statistic.evaluate(&all.of(&estimator.columns), out)
                };
                problem.each(&mut out, each).unwrap();
                out
            };
            let mut expected: Vec<f64> = counts(n, &mut stream()).iter().flat_map(evaluate).collect();
            let near = |a: &f64, b: &f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0) || a.is_nan() && b.is_nan();
            let are_near = |expected: &[f64]| found.iter().zip(expected).all(|(a, b)| near(a, b));
            assert!(are_near(&expected), "{n}: {found:?} {expected:?}");
            expected.rotate_left(problem.width());
            assert!(n == 1 || !are_near(&expected), "{n}");
        }
    }
}
