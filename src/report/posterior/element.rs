//! The draws of a scalar quantity, read block by block.

use super::variable::Variable;
use crate::diagnostics::Blocks;
use crate::error::{Error, Result};
use crate::store::Reader;
use std::cell::RefCell;

/// An element of a variable of a file.
pub struct Element<'a> {
    reader: &'a Reader,
    variable: &'a Variable,
    index: Vec<usize>,
    /// The number of the first of some short chains, and their draws.
    held: RefCell<(usize, Vec<f64>)>,
}

/// So many draws of short chains are read together.
const HELD: usize = 1 << 16;

impl<'a> Element<'a> {
    /// This element.
    pub fn new(reader: &'a Reader, variable: &'a Variable, element: usize) -> Self {
        Element { reader, variable, index: variable.index(element), held: RefCell::default() }
    }
}

impl Blocks for Element<'_> {
    type Error = Error;

    fn chains(&self) -> usize {
        self.variable.chains
    }

    fn draws(&self) -> usize {
        self.variable.draws
    }

    fn read(&self, chain: usize, start: usize, out: &mut [f64]) -> Result<()> {
        let (draws, together) = (self.draws(), HELD / self.draws().max(1));
        if together < 2 {
            let read = self.variable.element(self.reader, &self.index, chain..chain + 1, start..start + out.len())?;
            out.copy_from_slice(&read);
            return Ok(());
        }
        let (first, held) = &mut *self.held.borrow_mut();
        if held.is_empty() || *first != chain / together * together {
            *first = chain / together * together;
            let chains = *first..self.chains().min(*first + together);
            *held = self.variable.element(self.reader, &self.index, chains, 0..draws)?;
        }
        let start = (chain - *first) * draws + start;
        out.copy_from_slice(&held[start..start + out.len()]);
        Ok(())
    }
}
