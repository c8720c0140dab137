//! Reading a file: one that is finished, or the one that is being written.

use super::element::{Element, Value};
use super::{failure, foreign};
use crate::{Error, Result};
use hdf5::types::{self, TypeDescriptor};
use hdf5::{
    Attribute, Dataset, File, Group, Hyperslab, IndexType, IterationOrder, Location, MinorErrorCode, Selection,
};
use hdf5::{ObjectReference1, ReferencedObject};
use std::ops::Range;
use std::path::{Path, PathBuf};

const READ: &str = "read the file";

/// An HDF5 file to read from: any, not only those of this library.
///
/// Groups and variables are named by their path: `posterior`, `posterior/mu`; `/` is the file itself. Every error
/// names the file and the path.
#[derive(Debug)]
pub struct Reader {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Reader {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// If there is none, or it is not an HDF5 file.
    pub fn open(path: &Path) -> Result<Self> {
        std::fs::File::open(path).map_err(|error| Error::file(path, READ, error))?; // says it better than HDF5
        let file = File::open(path).map_err(|error| match error.contains_minor(MinorErrorCode::NotHdf5) {
            true => Error::file(path, READ, "it is not an HDF5 file"),
            false => Error::file(path, READ, error),
        })?;
        Ok(Reader { path: path.to_owned(), file })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the variables of a group, its coordinate variables among them, in the order in which they were
    /// made (by name where the file doesn't record it).
    ///
    /// # Errors
    /// If there is no such group.
    pub fn variables(&self, group: &str) -> Result<Vec<String>> {
        self.members(group, |opened, name| opened.dataset(name).is_ok())
    }

    /// The names of what is in a group and is of some kind.
    pub(super) fn members(&self, group: &str, is_wanted: impl Fn(&Group, &str) -> bool) -> Result<Vec<String>> {
        let members = || {
            let opened = self.file.group(group)?;
            let mut names = opened
                .member_names_by(IndexType::CreationOrder, IterationOrder::Increasing)
                .or_else(|_| opened.member_names())?;
            names.retain(|name| is_wanted(&opened, name));
            Ok(names)
        };
        members().map_err(|error: hdf5::Error| self.failed(group, error))
    }

    /// The length of a variable along each of its axes.
    ///
    /// # Errors
    /// If there is no such variable.
    pub fn shape(&self, variable: &str) -> Result<Vec<usize>> {
        Ok(self.dataset(variable)?.shape())
    }

    /// The names of a variable's axes. Their coordinate variables are in the same group.
    ///
    /// # Errors
    /// If there is no such variable, or one of its dimensions has no scale, as in files of other programs.
    pub fn axes(&self, variable: &str) -> Result<Vec<String>> {
        let dataset = self.dataset(variable)?;
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        if dataset.ndim() == 0 || dataset.attr("CLASS").is_ok() {
            return Ok(vec![name(variable); dataset.ndim()]); // a coordinate variable is over itself
        }
        let scales = || {
            let dimensions = dataset.attr("DIMENSION_LIST")?.read_raw::<types::VarLenArray<ObjectReference1>>()?;
            let scale = |scales: &types::VarLenArray<ObjectReference1>| match scales.first() {
                Some(scale) => match self.file.dereference(scale)? {
                    ReferencedObject::Dataset(scale) => Ok(name(&scale.name())),
                    _ => Err("a scale of it is not a dataset".into()),
                },
                None => Err("a dimension of it has no scale".into()),
            };
            dimensions.iter().map(scale).collect::<hdf5::Result<_>>()
        };
        scales().map_err(|error| self.failed(variable, error))
    }

    /// All values of a variable, the last axis running fastest.
    ///
    /// # Errors
    /// If there is no such variable, or its values can't be taken for a `T`: numbers are converted to the wanted
    /// type, strings have to be of variable length.
    pub fn values<T: Element>(&self, variable: &str) -> Result<Vec<T>> {
        let stored = self.dataset(variable)?.read_raw();
        stored.map(T::restore).map_err(|error| self.failed(variable, error))
    }

    /// The values of a variable in a block, one range per axis, the last axis running fastest.
    ///
    /// # Errors
    /// As [`values`](Self::values), or if the block is not within the variable.
    pub fn block<T: Element>(&self, variable: &str, block: &[Range<usize>]) -> Result<Vec<T>> {
        let dataset = self.dataset(variable)?;
        let shape = dataset.shape();
        if block.len() != shape.len() || block.iter().zip(&shape).any(|(range, &length)| range.end > length) {
            return Err(self.failed(variable, format!("no block {block:?} in its shape {shape:?}")));
        }
        if block.iter().any(|range| range.is_empty()) {
            return Ok(Vec::new());
        }
        let stored = dataset.as_reader().read_slice::<T::Form, _, ndarray::IxDyn>(selection(block));
        stored.map(|array| T::restore(array.into_raw_vec_and_offset().0)).map_err(|error| self.failed(variable, error))
    }

    /// The names of the attributes of the file, a group or a variable.
    ///
    /// # Errors
    /// If there is nothing at `place`.
    pub fn attributes(&self, place: &str) -> Result<Vec<String>> {
        let location = self.location(place)?;
        location
            .attr_names_by(IndexType::CreationOrder, IterationOrder::Increasing)
            .or_else(|_| location.attr_names())
            .map_err(|error| self.failed(place, error))
    }

    /// The value of an attribute of the file, a group or a variable.
    ///
    /// # Errors
    /// If there is no such attribute, or it is neither a number nor a string.
    pub fn attribute(&self, place: &str, name: &str) -> Result<Value> {
        let attribute = self.location(place)?.attr(name);
        attribute
            .and_then(|attribute| value(&attribute))
            .map_err(|error| self.failed(&format!("{place}: {name}"), error))
    }

    pub(super) fn dataset(&self, variable: &str) -> Result<Dataset> {
        self.file.dataset(variable).map_err(|_| self.failed(variable, "there is no such variable"))
    }

    /// What is at `place`: the file, a group or a variable.
    pub(super) fn location(&self, place: &str) -> Result<Location> {
        let group = self.file.group(place).map(|group| Location::clone(&group));
        let found = group.or_else(|_| self.file.dataset(place).map(|variable| Location::clone(&variable)));
        found.map_err(|_| self.failed(place, "there is no such group or variable"))
    }

    pub(super) fn failed(&self, name: &str, cause: impl std::fmt::Display) -> Error {
        failure(&self.path, READ, name, cause)
    }
}

/// HDF5's name for a block.
pub(super) fn selection(block: &[Range<usize>]) -> Selection {
    Hyperslab::from(block.iter().map(|range| range.clone().into()).collect::<Vec<_>>()).into()
}

fn value(attribute: &Attribute) -> hdf5::Result<Value> {
    use TypeDescriptor::{FixedAscii, FixedUnicode, Float, Integer, Unsigned, VarLenAscii, VarLenUnicode};
    Ok(match attribute.dtype()?.to_descriptor()? {
        VarLenUnicode | VarLenAscii | FixedAscii(_) | FixedUnicode(_) => Value::Text(foreign::text(attribute)?),
        Integer(_) => Value::Integer(one(attribute)?),
        Unsigned(_) => Value::Unsigned(one(attribute)?),
        Float(_) => Value::Float(one(attribute)?),
        other => return Err(format!("it is neither a number nor a string, but {other}").into()),
    })
}

/// The one value of an attribute; netCDF writes a number as an array of length one.
pub(super) fn one<T: hdf5::H5Type>(attribute: &Attribute) -> hdf5::Result<T> {
    let mut values = attribute.read_raw()?;
    match (values.pop(), values.is_empty()) {
        (Some(value), true) => Ok(value),
        _ => Err(format!("it has {} values, not one", attribute.size()).into()),
    }
}
