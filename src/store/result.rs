//! Writing a result file.

use super::axis::{self, Axis, AxisState, Coordinates};
use super::element::{Element, Value};
use super::partial::{self, Partial};
use super::read::{Reader, selection};
use super::{failure, scales};
use crate::{Error, Result};
use hdf5::file::LibraryVersion;
use hdf5::plist::file_create::{AttrCreationOrder, LinkCreationOrder};
use hdf5::types::VarLenUnicode;
use hdf5::{Dataset, File, Group, H5Type, Location};
use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;

const WRITE: &str = "write the file";

/// A variable of a [`ResultFile`], made by [`ResultFile::variable`] and to be used with that file only.
#[derive(Debug)]
pub struct Variable<T> {
    index: usize,
    of: PhantomData<T>,
}

impl<T> Clone for Variable<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Variable<T> {}

#[derive(Debug)]
struct VariableState {
    path: String,
    dataset: Dataset,
    axes: Vec<usize>,
    /// How many values have been written.
    written: usize,
}

/// An HDF5 file that is being written; see the [module](super).
///
/// Dropped before [`finish`](Self::finish), it leaves no file. When a method fails, that is the thing to do with it.
#[derive(Debug)]
pub struct ResultFile {
    axes: Vec<AxisState>,
    variables: Vec<VariableState>,
    contents: Reader,
    partial: Partial, // the last to be dropped, when HDF5 has let go of the file
}

impl ResultFile {
    /// Checks that [`create`](Self::create) could make a file at `path`, and leaves no trace.
    ///
    /// # Errors
    /// If there is a file already and not `replace`, or no folder to write it to.
    pub fn check(path: &Path, replace: bool) -> Result<()> {
        partial::check(path, replace)
    }

    /// Begins the file that [`finish`](Self::finish) will put at `path`.
    ///
    /// # Errors
    /// As [`check`](Self::check); also if another run is writing the same file at this moment.
    pub fn create(path: &Path, replace: bool) -> Result<Self> {
        let partial = Partial::new(path, replace)?;
        let file = File::with_options()
            .with_fapl(|access| access.libver_bounds(LibraryVersion::V18, LibraryVersion::V18)) // one format, read by all
            .with_fcpl(|create| {
                create
                    .obj_track_times(false)
                    .link_creation_order(LinkCreationOrder::Indexed) // netCDF-4 appends to such files only
                    .attr_creation_order(AttrCreationOrder::Indexed)
            })
            .create_excl(&partial.temporary)
            .and_then(|file| set(&file, partial::CREATOR.0, &partial::CREATOR.1.into()).map(|()| file))
            .map_err(|error| failure(path, "create the file", &partial.temporary.display().to_string(), error))?;
        Ok(ResultFile {
            axes: Vec::new(),
            variables: Vec::new(),
            contents: Reader { path: path.to_owned(), file },
            partial,
        })
    }

    /// Declares an axis. Each group that uses it gets a coordinate variable of this name.
    pub fn axis(&mut self, name: &str, coordinates: Coordinates) -> Axis {
        self.axes.push(AxisState::new(name, coordinates));
        Axis(self.axes.len() - 1)
    }

    /// Declares a variable by its path, `posterior/mu`, over `axes`, at most one of them growing.
    ///
    /// Its groups are made as needed.
    ///
    /// # Errors
    /// If there is something of that name already, or the file can't be written.
    pub fn variable<T: Element>(&mut self, path: &str, axes: &[Axis]) -> Result<Variable<T>> {
        let axes: Vec<usize> = axes.iter().map(|axis| axis.0).collect();
        let dataset = self.declare::<T>(path, &axes).map_err(|error| self.failed(path, error))?;
        self.variables.push(VariableState { path: path.to_owned(), dataset, axes, written: 0 });
        Ok(Variable { index: self.variables.len() - 1, of: PhantomData })
    }

    fn declare<T: Element>(&mut self, path: &str, axes: &[usize]) -> hdf5::Result<Dataset> {
        let (group, name) = path.rsplit_once('/').unwrap_or(("", path));
        let opened = self.group(group)?;
        let scales: Vec<Dataset> =
            axes.iter().map(|&axis| self.axes[axis].scale(group, &opened)).collect::<hdf5::Result<_>>()?;
        let over: Vec<&AxisState> = axes.iter().map(|&axis| &self.axes[axis]).collect();
        if over.iter().filter(|axis| axis.open).count() > 1 {
            return Err("more than one of its axes grows".into());
        }
        let dataset = axis::create::<T::Form>(&opened, name, &over)?;
        for (dimension, scale) in scales.iter().enumerate() {
            scales::attach(&dataset, scale, dimension)?;
        }
        if let Some(dtype) = T::DTYPE {
            set(&dataset, "dtype", &dtype.into())?;
        }
        Ok(dataset)
    }

    /// The group at `path`, made with all that lead to it.
    fn group(&self, path: &str) -> hdf5::Result<Group> {
        let mut group = self.contents.file.group("/")?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            group = match group.link_exists(name) {
                true => group.group(name)?,
                false => group
                    .create_group_builder()
                    .with_gcpl(|create| {
                        create
                            .obj_track_times(false)
                            .link_creation_order(LinkCreationOrder::Indexed)
                            .attr_creation_order(AttrCreationOrder::Indexed)
                    })
                    .create(name)?,
            };
        }
        Ok(group)
    }

    /// Gives an attribute to the file (`/`), a group (`posterior`) or a variable (`posterior/mu`).
    ///
    /// # Errors
    /// If there is nothing at `place`, if it has such an attribute already, or if the file can't be written.
    pub fn attribute(&mut self, place: &str, name: &str, value: impl Into<Value>) -> Result<()> {
        let location = self.contents.location(place)?;
        set(&location, name, &value.into()).map_err(|error| self.failed(&format!("{place}: {name}"), error))
    }

    /// Writes all values of a variable, the last axis running fastest.
    ///
    /// # Errors
    /// As [`write_block`](Self::write_block).
    pub fn write<T: Element>(&mut self, variable: Variable<T>, values: &[T]) -> Result<()> {
        let axes = &self.variables[variable.index].axes;
        let whole: Vec<Range<usize>> = axes.iter().map(|&axis| 0..self.axes[axis].length).collect();
        self.write_block(variable, &whole, values)
    }

    /// Writes the values of a block, one range per axis, the last axis running fastest.
    ///
    /// Blocks can come in any order; each value is to be written once. An axis that grows becomes as long as needed.
    ///
    /// # Errors
    /// If the block is not within the axes, has another number of values, or can't be written.
    pub fn write_block<T: Element>(
        &mut self,
        variable: Variable<T>,
        block: &[Range<usize>],
        values: &[T],
    ) -> Result<()> {
        let VariableState { path, axes, .. } = &self.variables[variable.index];
        let within =
            |(range, &axis): (&Range<usize>, &usize)| self.axes[axis].open || range.end <= self.axes[axis].length;
        let size: usize = block.iter().map(|range| range.len()).product();
        if block.len() != axes.len() || !block.iter().zip(axes).all(within) || size != values.len() {
            let given = values.len();
            return Err(self.failed(path, format!("{given} values for the block {block:?} don't fit its axes")));
        }
        if values.is_empty() {
            return Ok(());
        }
        for (&axis, range) in axes.clone().iter().zip(block) {
            self.extend(axis, range.end)?;
        }
        let state = &mut self.variables[variable.index];
        state.written += values.len();
        put(&state.dataset, block, values).map_err(|error| failure(&self.contents.path, WRITE, &state.path, error))?;
        let flushed = self.partial.wrote(size_of_val(values));
        flushed.map_err(|error| Error::file(&self.contents.path, WRITE, error))
    }

    /// Writes the next values along the growing axis: those of all places of the other axes, the last axis running
    /// fastest. Of a variable over (chain, draw, summary) that is the block (all chains, next draws, all summaries).
    ///
    /// # Errors
    /// If the variable has no growing axis or it can't grow any more, if the number of values is not that of a whole
    /// number of places along it, or if the file can't be written.
    pub fn append<T: Element>(&mut self, variable: Variable<T>, values: &[T]) -> Result<()> {
        let VariableState { path, axes, written, .. } = &self.variables[variable.index];
        let Some(growing) = axes.iter().position(|&axis| self.axes[axis].open) else {
            return Err(self.failed(path, "it has no axis that grows"));
        };
        let mut block: Vec<Range<usize>> = axes.iter().map(|&axis| 0..self.axes[axis].length).collect();
        block[growing] = 0..1;
        let place = block.iter().map(|range| range.len()).product::<usize>().max(1);
        block[growing] = written / place..(written + values.len()) / place;
        self.write_block(variable, &block, values)
    }

    /// Makes room for `length` places along a growing axis.
    ///
    /// All variables over it are lengthened together, in the order of their declaration, and by a fixed step: where
    /// they lie in the file does not depend on which is written first, nor on how many values come at a time.
    fn extend(&mut self, axis: usize, length: usize) -> Result<()> {
        self.axes[axis].length = self.axes[axis].length.max(length);
        while self.axes[axis].room < length {
            self.axes[axis].room += self.axes[axis].step().unwrap_or(1); // only a growing axis gets here
            self.resize(axis)?;
        }
        Ok(())
    }

    /// Gives every variable over `axis` the length for which there is room.
    fn resize(&self, axis: usize) -> Result<()> {
        for variable in self.variables.iter().filter(|variable| variable.axes.contains(&axis)) {
            let shape: Vec<usize> = variable.axes.iter().map(|&axis| self.axes[axis].room).collect();
            variable.dataset.resize(shape).map_err(|error| self.failed(&variable.path, error))?;
        }
        Ok(())
    }

    /// Lends the file for reading what has been written; along an axis that grows there may be room behind that, whose
    /// values are arbitrary.
    pub fn written(&self) -> &Reader {
        &self.contents
    }

    /// Ends the growth of all axes, and lends the file for reading what has been written.
    ///
    /// Afterwards variables can still be declared and written: summaries of the draws.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn read_back(&mut self) -> Result<&Reader> {
        for axis in 0..self.axes.len() {
            if self.axes[axis].open {
                let closed = self.axes[axis].close();
                closed.map_err(|error| self.failed(&self.axes[axis].name, error))?;
                self.resize(axis)?;
            }
        }
        Ok(&self.contents)
    }

    /// Completes the file, brings it to the disk and gives it its name. Until then there is none of that name.
    ///
    /// # Errors
    /// If a variable is not full, or if the file can't be written. No file is left then, except if another one has
    /// appeared at the path during the run: that is never replaced without `replace`, and the error tells the
    /// temporary name of this one.
    pub fn finish(mut self) -> Result<()> {
        self.read_back()?;
        for variable in &self.variables {
            let (shape, written) = (variable.dataset.shape(), variable.written);
            if written != shape.iter().product::<usize>() {
                return Err(self.failed(&variable.path, format!("{written} values written for its shape {shape:?}")));
            }
        }
        let failed = |error| failure(&self.partial.path, WRITE, "closing it", error);
        self.contents.file.flush().map_err(failed)?; // nearly all that can fail does so here, with the file intact
        self.axes.clear();
        self.variables.clear();
        self.contents.file.close().map_err(failed)?;
        self.partial.publish()
    }

    fn failed(&self, name: &str, cause: impl Display) -> Error {
        failure(&self.contents.path, WRITE, name, cause)
    }
}

fn put<T: Element>(dataset: &Dataset, block: &[Range<usize>], values: &[T]) -> hdf5::Result<()> {
    let stored = T::store(values).map_err(|error| error.to_string())?;
    let shape: Vec<usize> = block.iter().map(|range| range.len()).collect();
    dataset.write_slice(ndarray::ArrayViewD::from_shape(shape, &stored)?, selection(block))
}

fn set(location: &Location, name: &str, value: &Value) -> hdf5::Result<()> {
    fn scalar<T: H5Type>(location: &Location, name: &str, value: &T) -> hdf5::Result<()> {
        location.new_attr::<T>().create(name)?.write_scalar(value)
    }
    match value {
        Value::Text(text) => {
            let text: VarLenUnicode = text.parse().map_err(|error| format!("{error}"))?;
            scalar(location, name, &text)
        }
        Value::Integer(number) => scalar(location, name, number),
        Value::Unsigned(number) => scalar(location, name, number),
        Value::Float(number) => scalar(location, name, number),
    }
}
