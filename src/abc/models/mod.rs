//! The models that come with the library.

mod normal;

pub use normal::Normal;
