//! Results on disk: one HDF5 file that h5py, xarray, ArviZ, R and MATLAB open unchanged.
//!
//! A [`ResultFile`] holds *variables*, arrays in groups, each over named *axes*:
//!
//! ```
//! use ensample::store::{Coordinates, Reader, ResultFile};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("abc.h5");
//! let mut file = ResultFile::create(&path, false)?;
//! let chain = file.axis("chain", Coordinates::Index(1));
//! let draw = file.axis("draw", Coordinates::Growing { expected: 1000 });
//! let mu = file.variable::<f64>("posterior/mu", &[chain, draw])?;
//! file.attribute("/", "seed", 42_u64)?;
//! file.append(mu, &[0.1, 0.2])?; // accepted by the first task
//! file.append(mu, &[0.3])?; // and by the second
//! file.finish()?; // only now is there an abc.h5
//!
//! let result = Reader::open(&path)?;
//! assert_eq!(result.shape("posterior/mu")?, [1, 3]);
//! assert_eq!(result.block::<f64>("posterior/mu", &[0..1, 1..3])?, [0.2, 0.3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **Complete or absent.** The file grows under a temporary name (`.abc.h5.partial`). [`ResultFile::finish`] checks
//!   that every variable is full, brings the bytes to the disk and only then gives the file its name.
//! - **The same bytes.** They follow from what is declared and from the values: not from the time, nor from how the
//!   values were cut into blocks, because the place of every value in the file is laid out before it is written.
//! - **Flat memory.** A block goes to the file as it comes, and is read back ([`Reader`]) in blocks.
//!   HDF5 keeps up to 1 MiB of each variable over a growing axis.
//! - **Every tool.** The layout is that of netCDF-4: each axis is a coordinate variable in each group that uses it, a
//!   *dimension scale* attached to all variables over that axis, in that group.
//!
//! This is the only room that knows of HDF5.

mod axis;
mod element;
mod flush;
mod foreign;
mod partial;
mod read;
mod result;
#[expect(unsafe_code)] // its argument is in the file
mod scales;
#[cfg(test)]
mod tests;

pub use axis::{Axis, Coordinates};
pub use element::{Element, Value};
pub use foreign::Kind;
pub use read::Reader;
pub use result::{ResultFile, Variable};

use crate::Error;
use std::fmt::Display;
use std::path::Path;

/// The error of a failure to do `action` with what is called `name` inside the file at `path`.
fn failure(path: &Path, action: &'static str, name: &str, cause: impl Display) -> Error {
    let cause = cause.to_string();
    // HDF5 buries what the system said ("No space left on device") among addresses and sizes.
    let said = cause.split_once("error message = '").and_then(|(_, rest)| rest.split_once('\''));
    let cause = said.map_or(cause.as_str(), |(said, _)| said);
    Error::file(path, action, format!("{name}: {cause}"))
}
