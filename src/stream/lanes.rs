//! xoshiro256++ (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators"), eight generators side by
//! side.

use super::jump::State;
use crate::isa::{Floats, LANES, Words};
use serde::{Deserialize, Serialize};

/// The states of eight generators, word by word, so that a step of all eight is a few vector instructions.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Lanes {
    state: [[u64; LANES]; 4],
}

impl Lanes {
    /// Eight generators from their states.
    pub(super) fn new(states: &[State; LANES]) -> Self {
        Lanes { state: std::array::from_fn(|word| std::array::from_fn(|lane| states[lane][word])) }
    }
}

/// The generators in registers.
pub(super) struct Generators<F: Floats>([F::Words; 4]);

impl<F: Floats> Generators<F> {
    #[inline(always)]
    pub(super) fn load(lanes: &Lanes) -> Self {
        let [a, b, c, d] = &lanes.state;
        Generators([F::Words::load(a), F::Words::load(b), F::Words::load(c), F::Words::load(d)])
    }

    #[inline(always)]
    pub(super) fn store(self, lanes: &mut Lanes) {
        for (words, state) in self.0.into_iter().zip(&mut lanes.state) {
            words.store(state);
        }
    }

    /// The next word of each.
    #[inline(always)]
    pub(super) fn next(&mut self) -> F::Words {
        let [a, b, c, d] = self.0;
        let words = (a + d).rotate_left(23) + a;
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ b.shl(17), d.rotate_left(45)];
        words
    }
}
