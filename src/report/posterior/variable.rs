//! A variable of draws, and its elements: the scalar quantities that are summarised.

use crate::error::Result;
use crate::store::{Kind, Reader};
use std::ops::Range;

/// So many numbers are read at a time.
const BLOCK: usize = 1 << 20;

/// A variable over draws, and perhaps chains and other axes, in any order.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its path in the file.
    path: String,
    /// Its name.
    pub name: String,
    /// How many chains it has.
    pub chains: usize,
    /// How many draws each has.
    pub draws: usize,
    /// Its place among the axes, and how many there are.
    chain: Option<usize>,
    draw: usize,
    shape: Vec<usize>,
    /// The labels along each axis that is neither; for the axes chain and draw, none.
    labels: Vec<Vec<String>>,
}

/// The draws of a scalar quantity, chain by chain.
#[derive(Clone, Debug)]
pub struct Draws {
    /// All draws of the first chain, then those of the second, and so on.
    pub values: Vec<f64>,
    /// How many chains there are.
    pub chains: usize,
}

impl Draws {
    /// How many draws a chain has.
    pub fn length(&self) -> usize {
        self.values.len() / self.chains.max(1)
    }

    /// The draws of a chain.
    pub fn chain(&self, chain: usize) -> &[f64] {
        &self.values[chain * self.length()..(chain + 1) * self.length()]
    }

    /// The chains, one after another.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        (0..self.chains).map(|chain| self.chain(chain))
    }
}

impl Variable {
    /// The variable `name` of a group; `None` if it is a coordinate, has no axis of draws, or is not made of numbers.
    ///
    /// Axes are known by their names, `chain` and `draw`; without names they are the first two (of a variable with one
    /// axis, that of the draws).
    ///
    /// # Errors
    /// If it can't be read.
    pub fn of(reader: &Reader, group: &str, name: &str) -> Result<Option<Self>> {
        let path = format!("{group}/{name}");
        let (shape, scales) = (reader.shape(&path)?, reader.scales(&path)?);
        let is_coordinate = scales.iter().any(|scale| scale.as_deref() == Some(path.trim_start_matches('/')));
        if shape.is_empty() || is_coordinate || matches!(reader.kind(&path)?, Kind::Text | Kind::Other) {
            return Ok(None);
        }
        let named = |wanted: &str| scales.iter().flatten().position(|scale| last(scale) == wanted);
        let (chain, draw) = match scales.iter().all(Option::is_none) {
            true if shape.len() == 1 => (None, Some(0)),
            true => (Some(0), Some(1)),
            false => (named("chain"), named("draw")),
        };
        let Some(draw) = draw else { return Ok(None) };
        let labels = |(axis, length): (usize, &usize)| match Some(axis) == chain || axis == draw {
            true => Vec::new(),
            false => labels(reader, scales[axis].as_deref(), *length),
        };
        let labels = shape.iter().enumerate().map(labels).collect();
        let (chains, draws) = (chain.map_or(1, |chain| shape[chain]), shape[draw]);
        Ok(Some(Variable { path, name: name.to_owned(), chains, draws, chain, draw, shape, labels }))
    }

    /// Whether an axis is neither that of the chains nor that of the draws.
    fn is_other(&self, axis: usize) -> bool {
        Some(axis) != self.chain && axis != self.draw
    }

    /// How many scalar quantities it holds.
    pub fn elements(&self) -> usize {
        self.shape.iter().enumerate().filter(|(axis, _)| self.is_other(*axis)).map(|(_, length)| length).product()
    }

    /// Where along each axis an element is; 0 for the axes of chains and draws.
    pub fn index(&self, mut element: usize) -> Vec<usize> {
        let mut index = vec![0; self.shape.len()];
        for axis in (0..self.shape.len()).rev().filter(|axis| self.is_other(*axis)) {
            (index[axis], element) = (element % self.shape[axis], element / self.shape[axis]);
        }
        index
    }

    /// What an element is called: `mu`, `theta[2]`, `theta[school A]`, `beta[3, north]`.
    pub fn label(&self, element: usize) -> String {
        let index = self.index(element);
        let parts: Vec<&str> = (0..self.shape.len())
            .filter(|axis| self.is_other(*axis))
            .map(|axis| self.labels[axis][index[axis]].as_str())
            .collect();
        if parts.is_empty() { self.name.clone() } else { format!("{}[{}]", self.name, parts.join(", ")) }
    }

    /// The draws of elements, read together, as a variable over (draw, element) lies in a file.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn read(&self, reader: &Reader, elements: &[usize]) -> Result<Vec<Draws>> {
        let indices: Vec<Vec<usize>> = elements.iter().map(|element| self.index(*element)).collect();
        let mut block = self.block(&indices, 0..self.chains, 0..1);
        let mut draws =
            vec![Draws { values: vec![0.0; self.chains * self.draws], chains: self.chains }; elements.len()];
        let length = (BLOCK / block.iter().map(|range| range.len()).product::<usize>().max(1)).max(1);
        for start in (0..self.draws).step_by(length) {
            block[self.draw] = start..self.draws.min(start + length);
            let values = reader.numbers(&self.path, &block)?;
            for (index, draws) in indices.iter().zip(&mut draws) {
                self.scatter(&values, &block, index, &mut draws.values[start..], self.draws);
            }
        }
        Ok(draws)
    }

    /// Some draws of some chains of the element with this index, chain by chain.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn element(
        &self,
        reader: &Reader,
        index: &[usize],
        chains: Range<usize>,
        draws: Range<usize>,
    ) -> Result<Vec<f64>> {
        let (number, length) = (chains.len(), draws.len());
        let block = self.block(&[index.to_vec()], chains, draws);
        let values = reader.numbers(&self.path, &block)?;
        if number == 1 || self.chain.is_some_and(|chain| chain < self.draw) {
            return Ok(values);
        }
        let mut draws = vec![0.0; values.len()];
        self.scatter(&values, &block, index, &mut draws, length);
        Ok(draws)
    }

    /// Where draws of elements with these indices are.
    fn block(&self, indices: &[Vec<usize>], chains: Range<usize>, draws: Range<usize>) -> Vec<Range<usize>> {
        let mut block: Vec<Range<usize>> = (0..self.shape.len()).map(|axis| needed(indices, axis)).collect();
        if let Some(chain) = self.chain {
            block[chain] = chains;
        }
        block[self.draw] = draws;
        block
    }

    /// Puts an element's values of a block in their places among its draws, of which a chain has so many.
    fn scatter(&self, values: &[f64], block: &[Range<usize>], index: &[usize], draws: &mut [f64], length: usize) {
        let stride = |axis: usize| block[axis + 1..].iter().map(|range| range.len()).product::<usize>();
        let others = (0..block.len()).filter(|axis| self.is_other(*axis));
        let offset: usize = others.map(|axis| (index[axis] - block[axis].start) * stride(axis)).sum();
        let (chain_stride, draw_stride) = (self.chain.map_or(0, stride), stride(self.draw));
        for chain in 0..self.chain.map_or(1, |chain| block[chain].len()) {
            let (start, place) = (chain * length, offset + chain * chain_stride);
            for (step, draw) in draws[start..start + block[self.draw].len()].iter_mut().enumerate() {
                *draw = values[place + step * draw_stride];
            }
        }
    }
}

/// The range along an axis that holds all indices.
fn needed(indices: &[Vec<usize>], axis: usize) -> Range<usize> {
    let along = indices.iter().map(|index| index[axis]);
    along.clone().min().unwrap_or(0)..along.max().map_or(0, |last| last + 1)
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The labels of an axis: what its coordinate variable says if that says something, or 0, 1, ...
fn labels(reader: &Reader, scale: Option<&str>, length: usize) -> Vec<String> {
    let labels = scale.filter(|scale| has_values(reader, scale)).and_then(|scale| reader.labels(scale).ok());
    let is_usable = |labels: &Vec<String>| {
        let different: std::collections::BTreeSet<&String> = labels.iter().collect();
        labels.len() == length && different.len() == length
    };
    labels.filter(is_usable).unwrap_or_else(|| (0..length).map(|place| place.to_string()).collect())
}

/// Whether a dimension scale is a coordinate variable, not only netCDF's way to say that there is a dimension.
fn has_values(reader: &Reader, scale: &str) -> bool {
    let name = reader.attribute(scale, "NAME").map(|name| name.to_string()).unwrap_or_default();
    !name.starts_with("This is a netCDF dimension but not a netCDF variable")
}
