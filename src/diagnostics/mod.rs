//! What draws say: summaries of a column of numbers that may be larger than memory.

mod summary;

pub use summary::{Column, Summary, summarise};
