//! Rows with replacement, for whoever doesn't ask in which order they were drawn.
//!
//! Rows of a large table lie far apart in memory, and each draw would wait for its own. So it is first drawn how many
//! draws fall into each block of rows (they are multinomial), and then, block after block, into which rows: while a
//! block's turn lasts, it is in the fastest cache.
//!
//! Tables of few rows fit into registers; theirs are drawn for eight resamples side by side.

use crate::isa::{LANES, QUARTERS, TABLE};
use crate::stream::Stream;

/// Rows in a block: 16 kB of one column.
pub(in crate::bootstrap) const BLOCK: usize = 2048;

/// Up to so many rows are few.
pub(in crate::bootstrap) const FEW: usize = TABLE;

/// Four draws of each of eight resamples: of the first, of the second, ...
pub(in crate::bootstrap) type Fours = [u16; QUARTERS];

/// For small tables, the rows of about so many draws are drawn at once: long fills are faster than short ones.
const POOL: usize = 4096;

/// What draws are drawn into, kept from one resample to the next.
#[derive(Default)]
pub(in crate::bootstrap) struct Draws {
    /// For each resample how many draws fall into each block.
    counts: Vec<Vec<u64>>,
    indices: Vec<u16>,
    /// How many of the indices belong to earlier resamples, where a table is one block.
    used: usize,
}

impl Draws {
    /// Forgets what is left for later resamples.
    pub fn begin(&mut self) {
        self.used = self.indices.len();
    }

    /// Several resamples of a table that is one block, one after the other: places in it.
    pub fn several(&mut self, rows: usize, stream: &mut Stream) -> &[u16] {
        self.indices.resize(rows * POOL.div_ceil(rows), 0);
        stream.fill_small_index(rows as u16, &mut self.indices);
        self.used = 0;
        &self.indices
    }

    /// Several resamples of few rows, no more than `most` and the rest of eight: eight after the other, for each eight so
    /// many draws that each has its rows. What a resample has beyond them, at the end of its last four, does not count.
    pub fn eights(&mut self, rows: usize, most: usize, stream: &mut Stream) -> &[Fours] {
        let eights = POOL.div_ceil(rows * LANES).min(most.div_ceil(LANES));
        self.indices.resize(rows.div_ceil(4) * QUARTERS * eights, 0);
        stream.fill_small_index(rows as u16, &mut self.indices);
        self.used = 0;
        self.indices.as_chunks().0
    }

    /// Draws one resample of so many rows, and hands it to `take` block by block: the number of the block, and places
    /// in it.
    pub fn each(&mut self, rows: usize, stream: &mut Stream, mut take: impl FnMut(usize, &[u16])) {
        if rows > BLOCK {
            return self.each_of(1, rows, stream, |_, block, places| take(block, places));
        }
        if rows <= FEW {
            return take(0, &self.one_of_eight(rows, stream)[..rows]);
        }
        if self.used + rows > self.indices.len() {
            self.several(rows, stream);
        }
        self.used += rows;
        take(0, &self.indices[self.used - rows..self.used]);
    }

    /// The next of the [`eights`](Self::eights).
    fn one_of_eight(&mut self, rows: usize, stream: &mut Stream) -> [u16; FEW] {
        let fours = rows.div_ceil(4);
        if self.used == self.indices.len() {
            self.eights(rows, usize::MAX, stream);
        }
        let resample = self.used / (4 * fours);
        self.used += 4 * fours;
        let mut draws = [0; FEW];
        let eight = &self.indices.as_chunks::<QUARTERS>().0[resample / LANES * fours..];
        for (draws, four) in draws.as_chunks_mut::<4>().0.iter_mut().zip(&eight[..fours]) {
            *draws = four.as_chunks().0[resample % LANES];
        }
        draws
    }

    /// Draws several resamples of a table of more than one block, and hands all that they have of a block to `take`
    /// before the next one: a block comes from the memory once. That is the number of the resample, that of the block,
    /// and places in it.
    pub fn each_of(
        &mut self,
        resamples: usize,
        rows: usize,
        stream: &mut Stream,
        mut take: impl FnMut(usize, usize, &[u16]),
    ) {
        let Draws { counts, indices, used } = self;
        counts.resize(resamples.max(counts.len()), Vec::new());
        let counts = &mut counts[..resamples];
        counts.iter_mut().for_each(|counts| count(rows, stream, indices, counts));
        for block in 0..rows.div_ceil(BLOCK) {
            let size = BLOCK.min(rows - block * BLOCK);
            for (resample, counts) in counts.iter().enumerate() {
                indices.resize(counts[block] as usize, 0); // no more than there are rows
                stream.fill_small_index(size as u16, indices);
                take(resample, block, indices);
            }
        }
        indices.clear();
        *used = 0;
    }
}

/// Draws how many of `rows` draws from `rows` rows fall into each block.
///
/// The number of blocks is rounded up to a power of two, and draws are halved again and again: into which half each
/// falls is a toss of a fair coin. What falls where there are no rows is drawn anew.
fn count(rows: usize, stream: &mut Stream, indices: &mut Vec<u16>, counts: &mut Vec<u64>) {
    let blocks = rows.div_ceil(BLOCK);
    counts.clear();
    counts.resize(blocks.next_power_of_two(), 0);
    let mut missing = rows as u64;
    while missing > 0 {
        let before = counts[blocks - 1];
        halve(missing, counts, stream);
        missing = counts[blocks..].iter().sum();
        counts[blocks..].fill(0);
        let last = rows - (blocks - 1) * BLOCK;
        if last < BLOCK {
            indices.resize((counts[blocks - 1] - before) as usize, 0);
            stream.fill_small_index(BLOCK as u16, indices);
            let beyond = indices.iter().filter(|index| usize::from(**index) >= last).count() as u64;
            counts[blocks - 1] -= beyond;
            missing += beyond;
        }
    }
    counts.truncate(blocks);
}

/// Adds `draws` draws to a power of two of blocks.
fn halve(draws: u64, counts: &mut [u64], stream: &mut Stream) {
    match counts {
        _ if draws == 0 => (),
        [count] => *count += draws,
        _ => {
            let heads = stream.heads(draws);
            let (left, right) = counts.split_at_mut(counts.len() / 2);
            halve(heads, left, stream);
            halve(draws - heads, right, stream);
        }
    }
}
