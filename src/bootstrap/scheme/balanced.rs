//! The balanced bootstrap without its table: a permutation of n · R places that is computed where it is needed.
//!
//! The textbook writes R copies of the rows one after the other, shuffles all, and cuts the result into R resamples.
//! Here the shuffle is a keyed bijection of {0, ..., nR − 1}: a Feistel network over numbers a · left + right (Black
//! and Rogaway 2002, "Ciphers with arbitrary finite domains"), applied again while it leads outside. So any resample
//! can be made on any rank, and nothing of size nR is held.

use crate::error::{Error, Result};
use crate::stream::Streams;
use rand::Rng;

/// Luby and Rackoff (1988) need four rounds for a permutation that can't be told from a random one; small halves more.
const ROUNDS: usize = 10;

/// A pseudorandom permutation of the rows of all resamples.
#[derive(Clone, Debug)]
pub(in crate::bootstrap) struct Permutation {
    rows: u64,
    places: u64,
    /// The halves are below these: left · right ≥ places.
    left: u64,
    right: u64,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// The keys come from a stream of a phase.
    ///
    /// # Errors
    /// When rows times resamples are more than 2^62.
    pub fn new(rows: u64, resamples: u64, (seed, phase): (u64, u16), stream: u64) -> Result<Self> {
        let places = rows.checked_mul(resamples).filter(|places| *places <= 1 << 62);
        let places = places.ok_or_else(|| Error::other("a balanced scheme has at most 2^62 rows in all resamples"))?;
        let left = (places as f64).sqrt().ceil() as u64;
        let mut stream = Streams::new(seed, phase).stream(stream);
        let keys = std::array::from_fn(|_| stream.next_u64());
        Ok(Permutation { rows, places, left, right: places.div_ceil(left), keys })
    }

    /// The rows of a resample.
    pub fn resample(&self, number: u64) -> impl Iterator<Item = u32> {
        let first = number * self.rows;
        // Below the number of rows, which is a u32.
        (first..first + self.rows).map(|place| (self.permuted(place) % self.rows) as u32)
    }

    /// Where a place's row goes.
    pub fn permuted(&self, mut place: u64) -> u64 {
        loop {
            place = self.network(place);
            if place < self.places {
                return place;
            }
        }
    }

    /// Moves one half by a function of the other, in turn: a bijection of the numbers below left · right.
    fn network(&self, place: u64) -> u64 {
        let (mut a, mut b) = (place % self.left, place / self.left);
        for (round, key) in self.keys.iter().enumerate() {
            if round % 2 == 0 {
                a = (a + mix(b ^ key) % self.left) % self.left;
            } else {
                b = (b + mix(a ^ key) % self.right) % self.right;
            }
        }
        b * self.left + a
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}
