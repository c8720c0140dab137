//! The bootstrap.

mod table;

pub use table::{Column, Table};
