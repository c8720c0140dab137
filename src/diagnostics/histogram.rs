//! A histogram of draws, as fine as ranks and quantiles need it.

use super::blocks::Blocks;
use super::order::{key, number};

/// How many draws lie where: cells in ascending order, each of a single number or of so few draws as was asked for.
///
/// Cells are of [keys](key), integers that are ordered as numbers are and nearly in proportion to their logarithms. All
/// keys are first cut into up to [`ROOT`] cells of one width. In each pass over the draws, the cells that hold too many are
/// cut again, from the smallest of their draws to the largest, into about as many as leaves few draws in each. Two or
/// three passes are usual; ties cost nothing, as a cell whose smallest and largest draw are equal is done.
pub(super) struct Histogram {
    tree: Tree,
    cells: Vec<Cell>,
}

/// No more cells are counted in the first pass: of draws around 0 most of them are empty.
const ROOT: u64 = 1 << 16;

/// Draws that are neighbours.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    /// How many draws there are in all cells before.
    pub below: usize,
    /// How many there are in this one.
    pub count: usize,
    /// The keys of its smallest and its largest draw.
    pub low: u64,
    pub high: u64,
}

impl Cell {
    const EMPTY: Cell = Cell { below: 0, count: 0, low: u64::MAX, high: 0 };

    /// Whether its draws are all equal.
    pub fn is_single(&self) -> bool {
        self.low == self.high
    }

    /// Its smallest and its largest draw.
    pub fn ends(&self) -> [f64; 2] {
        [self.low, self.high].map(number)
    }

    fn add(&mut self, key: u64) {
        self.count += 1;
        self.low = self.low.min(key);
        self.high = self.high.max(key);
    }
}

/// Where the cell of a key is.
#[derive(Default)]
pub(super) struct Tree {
    groups: Vec<Group>,
    /// Of each place, the number of the group that it is cut into; after all cuts, that of the cell beyond
    /// [`Tree::CELL`].
    next: Vec<u32>,
}

/// Keys that are cut into places of the width 2^`shift`.
#[derive(Clone, Copy)]
struct Group {
    low: u64,
    high: u64,
    shift: u32,
    first: usize,
}

impl Tree {
    const CELL: u32 = 1 << 31;

    /// Cuts the keys from `low` to `high` into at most so many places (two or more), and at least half as many if there
    /// are as many keys.
    fn cut(&mut self, [low, high]: [u64; 2], most: u64) {
        let shift = u64::BITS - ((high - low) / most).leading_zeros();
        self.groups.push(Group { low, high, shift, first: self.next.len() });
        self.next.resize(self.next.len() + ((high - low) >> shift) as usize + 1, 0);
    }

    /// The last group that holds the key, and its place there. (That of another key is one of those next to it: a file
    /// that changes while it is read is no reason to panic.)
    fn place(&self, key: u64) -> (usize, usize) {
        let mut group = 0;
        loop {
            let Group { low, high, shift, first } = self.groups[group];
            let place = first + ((key.clamp(low, high) - low) >> shift) as usize;
            match self.next[place] as usize {
                next @ 1.. if (next as u32) < Tree::CELL => group = next,
                _ => return (group, place),
            }
        }
    }

    /// The cell of a key.
    pub fn cell(&self, key: u64) -> usize {
        (self.next[self.place(key).1] & !Tree::CELL) as usize
    }
}

impl Histogram {
    /// That of draws of which none is NaN and there is at least one, with cells of at most so many.
    pub fn of<D: Blocks>(draws: &D, most: usize) -> Result<Self, D::Error> {
        let mut all = Cell::EMPTY;
        draws.each(|_, block| block.iter().for_each(|x| all.add(key_of(*x))))?;
        let cells = |cell: &Cell| 2 * cell.count.div_ceil(most) as u64;
        let (mut tree, mut counted, mut old) = (Tree::default(), Vec::new(), 0);
        tree.cut([all.low, all.high], cells(&all).min(ROOT));
        while old < tree.groups.len() {
            counted.resize(tree.next.len(), Cell::EMPTY);
            draws.each(|_, block| {
                for key in block.iter().map(|x| key_of(*x)) {
                    let (group, place) = tree.place(key);
                    if group >= old {
                        let Group { low, high, .. } = tree.groups[group];
                        counted[place].add(key.clamp(low, high));
                    }
                }
            })?;
            let places = tree.groups[old].first..tree.next.len();
            old = tree.groups.len();
            for place in places {
                let cell: Cell = counted[place];
                if cell.count > most && !cell.is_single() {
                    tree.next[place] = tree.groups.len() as u32;
                    tree.cut([cell.low, cell.high], cells(&cell));
                }
            }
        }
        let mut cells = Vec::new();
        number_cells(&mut tree, &counted, 0, &mut cells);
        Ok(Histogram { tree, cells })
    }

    /// The cells that hold draws, in ascending order.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// How many draws there are.
    pub fn count(&self) -> usize {
        self.cells.last().map_or(0, |cell| cell.below + cell.count)
    }

    /// The number of the cell that holds the draw at this place in ascending order.
    pub fn at(&self, place: usize) -> usize {
        self.cells.partition_point(|cell| cell.below + cell.count <= place).min(self.cells.len() - 1)
    }

    /// The number of the cell of a number.
    pub fn of_number(&self, x: f64) -> usize {
        self.tree.cell(key_of(x))
    }

    /// What says which number each cell has, and the cells.
    pub fn into_parts(self) -> (Tree, Vec<Cell>) {
        (self.tree, self.cells)
    }
}

/// The key of a number; that of both zeros is the same.
pub(super) fn key_of(x: f64) -> u64 {
    key(x + 0.0)
}

/// Numbers the cells of a group and of those that it is cut into, in ascending order.
fn number_cells(tree: &mut Tree, counted: &[Cell], group: usize, cells: &mut Vec<Cell>) {
    let Group { low, high, shift, first } = tree.groups[group];
    for place in first..=first + ((high - low) >> shift) as usize {
        match tree.next[place] {
            0 => {
                if counted[place].count > 0 {
                    let below = cells.last().map_or(0, |cell: &Cell| cell.below + cell.count);
                    cells.push(Cell { below, ..counted[place] });
                }
                tree.next[place] = Tree::CELL | cells.len().saturating_sub(1) as u32;
            }
            next => number_cells(tree, counted, next as usize, cells),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chains::Chains;
    use super::super::order::sorted;
    use super::super::tests::any_draws;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Cells are those of the sorted draws, hold few or a single number, and each draw is found in its own.
        #[test]
        fn cells_hold_what_they_say(mut draws in any_draws(), most in 1usize..9) {
            draws.retain(|x| !x.is_nan());
            prop_assume!(!draws.is_empty());
            let Ok(histogram) = Histogram::of(&Chains::one(&draws), most);
            let sorted = sorted(&draws);
            let mut below = 0;
            for (number, cell) in histogram.cells().iter().enumerate() {
                let held = &sorted[below..below + cell.count];
                prop_assert!(cell.below == below && cell.count > 0 && (cell.count <= most || cell.is_single()));
                prop_assert_eq!(cell.ends(), [held[0], held[cell.count - 1]]);
                prop_assert!(held.iter().all(|x| histogram.of_number(*x) == number));
                prop_assert!((below..below + cell.count).all(|place| histogram.at(place) == number));
                below += cell.count;
            }
            prop_assert_eq!((below, histogram.count()), (draws.len(), draws.len()));
        }
    }
}
