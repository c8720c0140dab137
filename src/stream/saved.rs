//! A stream in the middle of its numbers, as it is written to a checkpoint.

use super::Stream;
use super::lanes::Lanes;
use super::reader::Reader;
use serde::{Deserialize, Serialize};

/// The generators, and what is left of each block.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    lanes: Lanes,
    words: Vec<u64>,
    halves: Vec<u32>,
    exponentials: Vec<f64>,
}

impl From<Stream> for Saved {
    fn from(stream: Stream) -> Self {
        let Stream { lanes, words, halves, exponentials } = stream;
        Saved {
            lanes,
            words: words.rest().to_vec(),
            halves: halves.rest().to_vec(),
            exponentials: exponentials.rest().to_vec(),
        }
    }
}

impl TryFrom<Saved> for Stream {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        let Saved { lanes, words, halves, exponentials } = saved;
        let too_long = "more is left of a block of random numbers than it has";
        Ok(Stream {
            lanes,
            words: Reader::with_rest(&words).ok_or(too_long)?,
            halves: Reader::with_rest(&halves).ok_or(too_long)?,
            exponentials: Reader::with_rest(&exponentials).ok_or(too_long)?,
        })
    }
}
