//! Draws that are read block by block, from wherever they are.

use super::chains::Chains;
use std::convert::Infallible;

/// So many numbers are read at a time.
pub(super) const BLOCK: usize = 1 << 16;

/// The draws of one scalar quantity, as (chain, draw), that can be read in blocks as often as needed: they may be in
/// memory, as [`Chains`] are, or in a file that is larger.
pub trait Blocks {
    /// Why draws can't be read.
    type Error;

    /// How many chains there are, at least 1.
    fn chains(&self) -> usize;

    /// How many draws each has.
    fn draws(&self) -> usize;

    /// Writes the draws of a chain from `start` on to `out`, all of which is within the chain. Most blocks follow the one
    /// before, but any may be asked for: those of two chains, or of both halves of one, are read in turns.
    ///
    /// # Errors
    /// When they can't be read.
    fn read(&self, chain: usize, start: usize, out: &mut [f64]) -> Result<(), Self::Error>;

    /// Hands all draws to `visit`, in order: the number of the chain, and a block of its draws.
    ///
    /// # Errors
    /// When they can't be read.
    fn each(&self, mut visit: impl FnMut(usize, &[f64])) -> Result<(), Self::Error> {
        let mut block = vec![0.0; BLOCK.min(self.draws())];
        for chain in 0..self.chains() {
            for start in (0..self.draws()).step_by(BLOCK) {
                let block = &mut block[..BLOCK.min(self.draws() - start)];
                self.read(chain, start, block)?;
                visit(chain, block);
            }
        }
        Ok(())
    }
}

impl Blocks for Chains<'_> {
    type Error = Infallible;

    fn chains(&self) -> usize {
        Chains::chains(self)
    }

    fn draws(&self) -> usize {
        Chains::draws(self)
    }

    fn read(&self, chain: usize, start: usize, out: &mut [f64]) -> Result<(), Infallible> {
        let start = chain * Chains::draws(self) + start;
        out.copy_from_slice(&self.values()[start..start + out.len()]);
        Ok(())
    }
}

/// What was read from memory, which can't fail.
pub(super) fn read<T>(read: Result<T, Infallible>) -> T {
    let Ok(read) = read;
    read
}

/// Both halves of every chain, each as a chain of its own: those of the first chain, those of the second, and so on. Of
/// an odd number of draws the middle one is in neither.
pub(super) struct Halves<'a, D>(pub &'a D);

impl<D: Blocks> Blocks for Halves<'_, D> {
    type Error = D::Error;

    fn chains(&self) -> usize {
        2 * self.0.chains()
    }

    fn draws(&self) -> usize {
        self.0.draws() / 2
    }

    fn read(&self, chain: usize, start: usize, out: &mut [f64]) -> Result<(), D::Error> {
        let second = self.0.draws() - self.draws();
        self.0.read(chain / 2, chain % 2 * second + start, out)
    }
}

/// All chains as one, the second after the first.
pub(super) struct Joined<'a, D>(pub &'a D);

impl<D: Blocks> Blocks for Joined<'_, D> {
    type Error = D::Error;

    fn chains(&self) -> usize {
        1
    }

    fn draws(&self) -> usize {
        self.0.chains() * self.0.draws()
    }

    fn read(&self, _: usize, mut start: usize, mut out: &mut [f64]) -> Result<(), D::Error> {
        let draws = self.0.draws();
        while !out.is_empty() {
            let (chain, at) = (start / draws, start % draws);
            let (next, rest) = out.split_at_mut(out.len().min(draws - at));
            self.0.read(chain, at, next)?;
            (start, out) = (start + next.len(), rest);
        }
        Ok(())
    }
}

/// A function of each draw.
pub(super) struct Mapped<'a, D, F> {
    pub of: &'a D,
    pub map: F,
}

impl<D: Blocks, F: Fn(f64) -> f64> Blocks for Mapped<'_, D, F> {
    type Error = D::Error;

    fn chains(&self) -> usize {
        self.of.chains()
    }

    fn draws(&self) -> usize {
        self.of.draws()
    }

    fn read(&self, chain: usize, start: usize, out: &mut [f64]) -> Result<(), D::Error> {
        self.of.read(chain, start, out)?;
        out.iter_mut().for_each(|x| *x = (self.map)(*x));
        Ok(())
    }
}

/// The means of so many draws that follow each other. What is left at a chain's end is in none.
pub(super) struct Batches<'a, D> {
    pub of: &'a D,
    pub size: usize,
}

impl<D: Blocks> Blocks for Batches<'_, D> {
    type Error = D::Error;

    fn chains(&self) -> usize {
        self.of.chains()
    }

    fn draws(&self) -> usize {
        self.of.draws() / self.size
    }

    fn read(&self, chain: usize, start: usize, out: &mut [f64]) -> Result<(), D::Error> {
        let at_once = (BLOCK / self.size).max(1);
        let mut draws = vec![0.0; at_once * self.size];
        for (number, out) in out.chunks_mut(at_once).enumerate() {
            let draws = &mut draws[..out.len() * self.size];
            self.of.read(chain, (start + number * at_once) * self.size, draws)?;
            out.iter_mut().zip(draws.chunks(self.size)).for_each(|(out, batch)| *out = super::sums::mean(batch));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<D: Blocks<Error = Infallible>>(draws: &D) -> Vec<Vec<f64>> {
        let mut all = vec![Vec::new(); draws.chains()];
        read(draws.each(|chain, block| all[chain].extend(block)));
        all
    }

    #[test]
    fn halves_leave_out_the_middle() {
        let even = Chains::new(&[1.0, 2.0, 3.0, 4.0], 1).unwrap();
        assert_eq!(all(&Halves(&even)), [[1.0, 2.0], [3.0, 4.0]]);
        let odd = Chains::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2).unwrap();
        assert_eq!(all(&Halves(&odd)), [[1.0], [3.0], [4.0], [6.0]]);
    }

    #[test]
    fn other_views() {
        let chains = Chains::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2).unwrap();
        assert_eq!(all(&Joined(&chains)), [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
        assert_eq!(all(&Mapped { of: &chains, map: |x| x * x }), [[1.0, 4.0, 9.0], [16.0, 25.0, 36.0]]);
        assert_eq!(all(&Batches { of: &chains, size: 2 }), [[1.5], [4.5]]);
        let long: Vec<f64> = (0..3 * BLOCK as u32 + 7).map(f64::from).collect();
        let long = Chains::one(&long);
        assert_eq!(all(&long), [long.values()]);
        let expected: Vec<f64> = (0..BLOCK as u32 + 2).map(|batch| 3.0 * f64::from(batch) + 1.0).collect();
        assert_eq!(all(&Batches { of: &long, size: 3 }), [expected]);
    }
}
