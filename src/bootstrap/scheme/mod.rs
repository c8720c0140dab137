//! How resamples are drawn.

mod balanced;
mod blocks;
mod ordinary;
mod parametric;

pub(super) use balanced::Permutation;
pub(super) use ordinary::{BLOCK, Draws, FEW, Fours};
pub use parametric::fit;

use super::Table;
use crate::distribution::Distribution;
use crate::error::{Error, Result};
use crate::stream::Stream;

/// The phase whose streams give keys to balanced schemes.
const KEYS: u16 = 3;

/// How resamples are drawn. Columns are given by their number in the table; rows always stay together.
#[derive(Clone, Debug, PartialEq)]
pub enum Scheme {
    /// Rows with replacement, as many as there are (Efron 1979).
    Ordinary,
    /// As ordinary, but over all resamples together every row is drawn equally often (Davison, Hinkley and Schechtman
    /// 1986).
    Balanced,
    /// Within each stratum its own rows, as many as it has; also for several independent samples.
    Stratified {
        /// The column that says in which stratum a row is.
        strata: usize,
    },
    /// Whole clusters with replacement, as many as there are.
    Clustered {
        /// The column that says in which cluster a row is.
        clusters: usize,
    },
    /// New rows from a distribution for each column.
    Parametric {
        /// One distribution for each column of the table; columns without one keep their values.
        models: Vec<Option<Distribution>>,
    },
    /// All rows, with weights from a flat Dirichlet distribution (Rubin 1981).
    Bayesian,
    /// As ordinary, and every value moved by normal noise.
    Smoothed {
        /// The noise's standard deviation, for each column of the table.
        bandwidths: Vec<f64>,
    },
    /// Blocks of consecutive rows, beginning anywhere where a whole block is (Künsch 1989).
    MovingBlock {
        /// Rows in a block.
        length: usize,
    },
    /// Blocks of consecutive rows of the series joined to a circle (Politis and Romano 1992).
    CircularBlock {
        /// Rows in a block.
        length: usize,
    },
    /// Blocks of geometrically distributed length, on the circle (Politis and Romano 1994).
    Stationary {
        /// The mean number of rows in a block.
        length: f64,
    },
}

impl Scheme {
    /// The (mean) number of rows in a block, for schemes of blocks.
    pub fn block_length(&self) -> Option<f64> {
        match self {
            Scheme::MovingBlock { length } | Scheme::CircularBlock { length } => Some(*length as f64),
            Scheme::Stationary { length } => Some(*length),
            _ => None,
        }
    }
}

/// A scheme made ready for a table.
pub(super) struct Resampler {
    scheme: Scheme,
    /// The rows of each stratum or cluster.
    groups: Vec<Vec<u32>>,
    permutation: Option<Permutation>,
}

/// What a resample is drawn into, kept from one to the next.
#[derive(Default)]
pub(super) struct Space {
    pub rows: Vec<u32>,
    pub weights: Vec<f64>,
    pub table: Table,
    pub draws: Draws,
    noise: Vec<f64>,
    pool: Pool,
}

impl Space {
    /// To be called before the first resample of a task.
    pub fn begin(&mut self) {
        self.draws.begin();
        self.pool.used = self.pool.indices.len();
    }
}

/// Row numbers for several small resamples at once: long fills are faster than short ones.
#[derive(Default)]
struct Pool {
    indices: Vec<u32>,
    used: usize,
}

/// About so many row numbers are drawn at once.
const POOL: usize = 4096;

impl Pool {
    fn take(&mut self, n: usize, stream: &mut Stream, rows: &mut Vec<u32>) {
        rows.clear();
        if self.used + n > self.indices.len() {
            self.indices.resize(n * POOL.div_ceil(n), 0);
            stream.fill_index(n as u32, &mut self.indices); // a table has fewer than 2^32 rows
            self.used = 0;
        }
        rows.extend_from_slice(&self.indices[self.used..self.used + n]);
        self.used += n;
    }
}

/// Which part of the [`Space`] holds the resample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    /// Rows of the original table.
    Rows,
    /// How often each row of the original table was drawn, as weights.
    Counts,
    /// Weights of the original rows, that need not be whole numbers.
    Weights,
    /// A table of its own.
    Table,
}

impl Resampler {
    /// # Errors
    /// A scheme that doesn't fit the table.
    pub fn new(scheme: Scheme, table: &Table, resamples: u64, seed: u64) -> Result<Self> {
        let n = table.rows();
        let groups = match scheme {
            Scheme::Stratified { strata: column } | Scheme::Clustered { clusters: column } => groups(table, column),
            _ => Vec::new(),
        };
        let permutation = match scheme {
            Scheme::Balanced => Some(Permutation::new(n as u64, resamples, (seed, KEYS), 0)?),
            _ => None,
        };
        match scheme.block_length() {
            Some(length) if !(length >= 1.0 && length <= n as f64) => {
                Err(Error::other(format!("must be from 1 to the number of rows, {n}, is {length}")))
            }
            _ => Ok(Resampler { scheme, groups, permutation }),
        }
    }

    /// Draws resample number `replicate` of `table`. An ordinary one is drawn sooner when nobody wants its rows
    /// themselves.
    pub fn draw(
        &self,
        table: &Table,
        replicate: u64,
        wants_rows: bool,
        stream: &mut Stream,
        space: &mut Space,
    ) -> Drawn {
        let n = table.rows();
        let Space { rows, weights, table: own, draws, noise, pool } = space;
        match &self.scheme {
            Scheme::Ordinary if wants_rows => pool.take(n, stream, rows),
            Scheme::Ordinary => {
                weights.clear();
                weights.resize(n, 0.0);
                draws.each(n, stream, |block, indices| {
                    let weights = &mut weights[block * BLOCK..];
                    indices.iter().for_each(|index| weights[usize::from(*index)] += 1.0);
                });
                return Drawn::Counts;
            }
            Scheme::Balanced => {
                rows.clear();
                // Balanced schemes have a permutation.
                rows.extend(self.permutation.iter().flat_map(|permutation| permutation.resample(replicate)));
            }
            Scheme::Stratified { .. } => {
                rows.clear();
                for group in &self.groups {
                    let start = rows.len();
                    rows.resize(start + group.len(), 0);
                    stream.fill_index(group.len() as u32, &mut rows[start..]);
                    rows[start..].iter_mut().for_each(|row| *row = group[*row as usize]);
                }
            }
            Scheme::Clustered { .. } => {
                rows.clear();
                for _ in 0..self.groups.len() {
                    rows.extend(&self.groups[stream.index(self.groups.len() as u64) as usize]);
                }
            }
            Scheme::MovingBlock { length } => blocks::moving(n, *length, stream, rows),
            Scheme::CircularBlock { length } => blocks::circular(n, *length, stream, rows),
            Scheme::Stationary { length } => blocks::stationary(n, *length, stream, rows),
            Scheme::Bayesian => {
                weights.resize(n, 0.0);
                stream.fill_exponential(weights);
                let scale = n as f64 / super::statistic::sum(n, |row| weights[row]);
                weights.iter_mut().for_each(|weight| *weight *= scale);
                return Drawn::Weights;
            }
            Scheme::Parametric { models } => {
                own.like(table, n);
                for (column, model) in models.iter().enumerate() {
                    let values = own.values_mut(column);
                    match model {
                        Some(model) => values.extend((0..n).map(|_| model.sample(stream))),
                        None => values.extend(&table.columns()[column].values),
                    }
                }
                return Drawn::Table;
            }
            Scheme::Smoothed { bandwidths } => {
                pool.take(n, stream, rows);
                own.take_rows(table, rows);
                noise.resize(n, 0.0);
                for (column, bandwidth) in bandwidths.iter().enumerate() {
                    if *bandwidth > 0.0 {
                        stream.fill_normal(noise);
                        let values = own.values_mut(column);
                        values.iter_mut().zip(&*noise).for_each(|(value, noise)| *value += bandwidth * noise);
                    }
                }
                return Drawn::Table;
            }
        }
        Drawn::Rows
    }
}

/// The rows of each group, the groups in ascending order of the column's values.
pub(super) fn groups(table: &Table, column: usize) -> Vec<Vec<u32>> {
    let column = &table.columns()[column];
    let value = |row: &u32| column.values[*row as usize];
    column.order().chunk_by(|a, b| value(a) == value(b)).map(<[u32]>::to_vec).collect()
}

/// Silverman's (1986) rule of thumb: 0.9 min(sd, interquartile range / 1.349) n^(−1/5).
pub fn rule_of_thumb(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let quartile = |p: f64| sorted[((n - 1) as f64 * p) as usize];
    let mean = super::statistic::sum(n, |i| sorted[i]) / n as f64;
    let sd = (super::statistic::sum(n, |i| (sorted[i] - mean) * (sorted[i] - mean)) / (n as f64 - 1.0)).sqrt();
    let range = (quartile(0.75) - quartile(0.25)) / 1.349;
    let spread = if range > 0.0 { sd.min(range) } else { sd };
    0.9 * spread * libm::pow(n as f64, -0.2)
}

#[cfg(test)]
mod tests;
