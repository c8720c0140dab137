//! What is measured: each kernel of the library, and beside the main ones the straightforward way to do the same.
//! `kernels.rs` measures their time, `instructions.rs` their instructions.

pub mod ours;
pub mod straightforward;
