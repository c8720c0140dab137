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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Coordinates, ResultFile};

    /// Whatever the order of the axes, and whether chains are short or long: the draws that are read all at once.
    #[test]
    fn blocks_are_those_of_all_draws() {
        let folder = tempfile::tempdir().unwrap();
        for (chains, draws) in [(3, 5), (20_000, 7), (2, HELD + 10)] {
            let path = folder.path().join("draws.h5");
            let mut file = ResultFile::create(&path, true).unwrap();
            let chain = file.axis("chain", Coordinates::Index(chains));
            let draw = file.axis("draw", Coordinates::Index(draws));
            let theta = file.axis("theta", Coordinates::Index(2));
            let orders = [vec![chain, draw, theta], vec![draw, theta, chain], vec![draw, chain], vec![theta, draw]];
            for (number, axes) in orders.iter().enumerate() {
                let variable = file.variable::<f64>(&format!("posterior/x{number}"), axes).unwrap();
                let length = |axis| {
                    if axis == chain {
                        chains
                    } else if axis == draw {
                        draws
                    } else {
                        2
                    }
                };
                let size: usize = axes.iter().map(|axis| length(*axis)).product();
                file.write(variable, &(0..size).map(|value| value as f64).collect::<Vec<_>>()).unwrap();
            }
            file.finish().unwrap();
            let reader = Reader::open(&path).unwrap();
            for number in 0..orders.len() {
                let variable = Variable::of(&reader, "posterior", &format!("x{number}")).unwrap().unwrap();
                for element in 0..variable.elements() {
                    let mut read = Vec::new();
                    Element::new(&reader, &variable, element).each(|_, block| read.extend_from_slice(block)).unwrap();
                    let expected = variable.read(&reader, &[element]).unwrap().remove(0);
                    assert!(read == expected.values, "element {element} of x{number}, {chains} chains of {draws}");
                }
            }
        }
    }
}
