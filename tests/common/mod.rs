//! What several test programs share.
#![allow(dead_code)] // each program uses its own part

pub mod abc;
pub mod launch;
pub mod statistics;
