//! The draws of one quantity.

use super::blocks::Blocks;
use crate::error::{Error, Result};

/// The draws of one scalar quantity, as (chain, draw): each chain's draws one after another, all chains of one length.
///
/// ```
/// use ensample::diagnostics::Chains;
///
/// let chains = Chains::new(&[0.1, 0.2, 0.3, 1.1, 1.2, 1.3], 2)?;
/// assert_eq!((chains.chains(), chains.draws()), (2, 3));
/// assert_eq!(chains.iter().nth(1), Some(&[1.1, 1.2, 1.3][..]));
/// # Ok::<(), ensample::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chains<'a> {
    values: &'a [f64],
    chains: usize,
}

impl<'a> Chains<'a> {
    /// These draws, of so many chains. Any number can be a draw, NaN and infinite ones too.
    ///
    /// # Errors
    /// No chain, or draws that can't be shared out equally.
    pub fn new(values: &'a [f64], chains: usize) -> Result<Self> {
        match values.len().checked_rem(chains) {
            Some(0) => Ok(Chains { values, chains }),
            _ => Err(Error::other(format!("{} draws can't be of {chains} chains of one length", values.len()))),
        }
    }

    /// One chain.
    pub(super) fn one(values: &'a [f64]) -> Self {
        Chains { values, chains: 1 }
    }

    /// These numbers, as many for each chain as other draws have.
    pub(super) fn like<D: Blocks>(draws: &D, values: &'a [f64]) -> Self {
        debug_assert_eq!(values.len(), draws.chains() * draws.draws());
        Chains { values, chains: draws.chains() }
    }

    /// All draws, chain by chain.
    pub fn values(&self) -> &'a [f64] {
        self.values
    }

    /// How many chains there are, at least 1.
    pub fn chains(&self) -> usize {
        self.chains
    }

    /// How many draws each has.
    pub fn draws(&self) -> usize {
        self.values.len() / self.chains
    }

    /// The chains, one after another.
    pub fn iter(&self) -> impl Iterator<Item = &'a [f64]> + use<'a> {
        let (values, draws) = (self.values, self.draws());
        (0..self.chains).map(move |chain| &values[chain * draws..(chain + 1) * draws])
    }

    /// Whether there are at least so many chains, four draws of each, and no draw is NaN: what figures need.
    pub(super) fn are_enough(&self, chains: usize) -> bool {
        self.chains >= chains && self.draws() >= 4 && !self.values.iter().any(|x| x.is_nan())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_must_be_of_equal_chains() {
        assert!(Chains::new(&[1.0, 2.0, 3.0], 2).is_err());
        assert!(Chains::new(&[], 0).is_err() && Chains::new(&[1.0], 0).is_err());
        let none = Chains::new(&[], 3).unwrap();
        assert_eq!((none.draws(), none.iter().count()), (0, 3));
    }
}
