//! Random streams, addressed by `(seed, phase, task)`.
//!
//! Task 17 of a phase draws the same numbers on whatever rank and thread it runs, because its stream belongs to its
//! number. A stream is eight xoshiro256++ generators side by side; each starts at its own place on the one cycle of
//! that generator, whose length is 2^256 − 1:
//!
//! ```text
//! place = seed · 2^192 + phase · 2^176 + task · 2^112 + lane · 2^109
//!         64 bits        16 bits         64 bits        3 bits
//! ```
//!
//! **Distinct addresses never overlap**: the four numbers fill disjoint bits of the place, so two lanes are at least
//! 2^109 words apart, and a stream can give 2^112 words (at a word per nanosecond, 10^17 years) before it meets
//! another. (The one exception: the cycle being 2^256 − 1 long, the last word of the last lane of the last address is
//! the first word of the first.) Streams of different seeds do not overlap either.
//!
//! The place is reached by jumps (`jump.rs`): one for each bit that is set in the task's number, or only one from the
//! task before ([`Streams::walk`]).
//!
//! Every value is defined by additions, multiplications and bit operations of IEEE 754 and 64-bit integers: the
//! numbers do not depend on the instruction set, the vector width, the mathematical library or the optimisation level.
//!
//! ```
//! use ensample::stream::Streams;
//! use rand::Rng;
//!
//! let streams = Streams::new(7, 0);
//! let mut seventeen = streams.stream(17);
//! let mut normal = [0.0; 1000];
//! seventeen.fill_normal(&mut normal);
//! assert_eq!(streams.stream(17).normal(), normal[0]);
//! let word = seventeen.next_u64(); // every distribution of `rand` and `rand_distr` works on a stream
//! ```

mod isa;
mod jump;
mod kernels;
mod lanes;
mod reader;
mod saved;
#[expect(clippy::module_inception)] // the room's main type, in a file of its own name
mod stream;
mod ziggurat;

pub use stream::Stream;

use crate::isa::LANES;
use jump::{Jump, State};
use lanes::Lanes;

/// The generator's state at place 0: the first 256 bits of the fraction of π.
const ORIGIN: State = [0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89];

/// The streams of one phase of a run: one for each task.
#[derive(Clone)]
pub struct Streams {
    first: [State; LANES],
}

impl Streams {
    /// The streams of `phase` in the run with this `seed`.
    pub fn new(seed: u64, phase: u16) -> Self {
        let mut state = Jump::SEED.times(seed).then(Jump::PHASE.times(u64::from(phase))).apply(&ORIGIN);
        let first = std::array::from_fn(|_| {
            let next = Jump::LANE.apply(&state);
            std::mem::replace(&mut state, next)
        });
        Streams { first }
    }

    /// The stream of `task`, from its beginning.
    pub fn stream(&self, task: u64) -> Stream {
        self.walk().stream(task)
    }

    /// The same streams for who wants those of many tasks: the nearer a task is above the one before, the sooner its
    /// stream is there.
    pub fn walk(&self) -> Walk {
        Walk { streams: self.clone(), task: 0, states: self.first }
    }
}

/// A place among [`Streams`].
#[derive(Clone)]
pub struct Walk {
    streams: Streams,
    /// Where this is.
    task: u64,
    states: [State; LANES],
}

impl Walk {
    /// The stream of `task`, from its beginning.
    pub fn stream(&mut self, task: u64) -> Stream {
        let from_here = task.checked_sub(self.task).filter(|ahead| ahead.count_ones() < task.count_ones());
        self.states = match from_here {
            Some(ahead) => jump::by_tasks(self.states, ahead),
            None => jump::by_tasks(self.streams.first, task),
        };
        self.task = task;
        Stream::new(Lanes::new(&self.states))
    }
}

#[cfg(test)]
mod tests;
