//! Axes: what the dimensions of a variable stand for.

use super::element::sealed::Stored;
use super::scales;
use hdf5::plist::dataset_create::AllocTime;
use hdf5::{Dataset, Extent, Group, H5Type};
use std::ffi::CString;

/// Between how few and how many places a growing axis gets at a time: 2 to 64 KiB of each scalar `f64` variable.
const STEP: std::ops::RangeInclusive<usize> = 256..=8192;
/// The most bytes of a chunk, the unit in which HDF5 reads and writes variables over a growing axis: half its cache.
const LARGEST_CHUNK: usize = 512 * 1024;
/// How many coordinates of a growing axis are written at a time.
const BLOCK: usize = 64 * 1024;

/// An axis of a [`ResultFile`](super::ResultFile), made by [`ResultFile::axis`](super::ResultFile::axis) and to be used
/// with that file only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis(pub(super) usize);

/// How many places an axis has, and what they are called.
#[derive(Clone, Debug, PartialEq)]
pub enum Coordinates {
    /// 0, 1, ..., n-1.
    Index(usize),
    /// A label each: the names of summaries or parameters.
    Labels(Vec<String>),
    /// A number each: times, levels.
    Values(Vec<f64>),
    /// 0, 1, ..., n-1 where n becomes known by writing: accepted draws.
    Growing {
        /// About how many there will be. Only the layout depends on it, so that a short file stays small; it has to
        /// come from the description of the run, or else two runs of it differ in their bytes.
        expected: usize,
    },
}

/// An axis while its file is being written.
#[derive(Debug)]
pub(super) struct AxisState {
    pub name: String,
    pub coordinates: Coordinates,
    /// How many places it has; of a growing axis: so far.
    pub length: usize,
    /// For how many places there is room in the file. It differs from `length` only while the axis grows.
    pub room: usize,
    /// Whether writing can still make it longer.
    pub open: bool,
    /// Its coordinate variables, each with the path of its group.
    pub scales: Vec<(String, Dataset)>,
}

impl AxisState {
    pub fn new(name: &str, coordinates: Coordinates) -> Self {
        let (length, open) = match &coordinates {
            Coordinates::Index(length) => (*length, false),
            Coordinates::Labels(labels) => (labels.len(), false),
            Coordinates::Values(values) => (values.len(), false),
            Coordinates::Growing { .. } => (0, true),
        };
        AxisState { name: name.to_owned(), coordinates, length, room: length, open, scales: Vec::new() }
    }

    /// By how many places the room grows at a time; `None` for an axis of fixed length.
    pub fn step(&self) -> Option<usize> {
        let Coordinates::Growing { expected } = self.coordinates else { return None };
        let expected = expected.max(*STEP.start());
        Some(expected.div_ceil(expected.div_ceil(*STEP.end()))) // a whole number of steps makes the expected length
    }

    /// The coordinate variable in `group`, made at its first use there.
    pub fn scale(&mut self, path: &str, group: &Group) -> hdf5::Result<Dataset> {
        if let Some((_, scale)) = self.scales.iter().find(|(place, _)| place == path) {
            return Ok(scale.clone());
        }
        let scale = match &self.coordinates {
            Coordinates::Labels(labels) => self.fill(group, labels)?,
            Coordinates::Values(values) => self.fill(group, values)?,
            Coordinates::Index(length) => self.fill(group, &(0..*length as i64).collect::<Vec<_>>())?,
            Coordinates::Growing { .. } => create::<i64>(group, &self.name, &[self])?,
        };
        let name = CString::new(self.name.as_str()).map_err(|error| error.to_string())?;
        scales::make(&scale, &name)?;
        if self.step().is_some() && !self.open {
            count(&scale, self.length)?;
        }
        self.scales.push((path.to_owned(), scale.clone()));
        Ok(scale)
    }

    fn fill<T: Stored>(&self, group: &Group, values: &[T]) -> hdf5::Result<Dataset> {
        let scale = create::<T::Form>(group, &self.name, &[self])?;
        scale.write(&*T::store(values).map_err(|error| error.to_string())?)?;
        Ok(scale)
    }

    /// Ends the growth: every coordinate variable gets its length and its numbers.
    pub fn close(&mut self) -> hdf5::Result<()> {
        (self.room, self.open) = (self.length, false);
        self.scales.iter().try_for_each(|(_, scale)| count(scale, self.length))
    }
}

/// Writes 0, 1, ..., length-1.
fn count(scale: &Dataset, length: usize) -> hdf5::Result<()> {
    scale.resize(length)?;
    for start in (0..length).step_by(BLOCK) {
        let end = length.min(start + BLOCK);
        scale.write_slice(&(start as i64..end as i64).collect::<Vec<_>>(), start..end)?;
    }
    Ok(())
}

/// Makes a variable over `axes`.
///
/// Space is taken when a variable is made or made longer, not when it is written, so that the place of every value is
/// independent of the order in which values come.
pub(super) fn create<T: H5Type>(group: &Group, name: &str, axes: &[&AxisState]) -> hdf5::Result<Dataset> {
    let extents: Vec<Extent> = axes
        .iter()
        .map(|axis| if axis.step().is_some() { Extent::resizable(axis.room) } else { Extent::fixed(axis.room) })
        .collect();
    let dataset = group.new_dataset::<T>().shape(extents).alloc_time(Some(AllocTime::Early)).obj_track_times(false);
    match chunk(axes, size_of::<T>()) {
        Some(chunk) => dataset.chunk(chunk).create(name),
        None => dataset.no_chunk().create(name),
    }
}

/// The shape of the chunks of a variable over a growing axis: a stretch of that axis with all that comes after it.
fn chunk(axes: &[&AxisState], size: usize) -> Option<Vec<usize>> {
    let (growing, mut step) = axes.iter().enumerate().find_map(|(at, axis)| Some((at, axis.step()?)))?;
    let mut shape: Vec<usize> = axes.iter().map(|axis| axis.length.max(1)).collect();
    shape[..growing].fill(1);
    let place: usize = shape[growing + 1..].iter().product::<usize>() * size;
    while step > 1 && step * place > LARGEST_CHUNK {
        step = step.div_ceil(2);
    }
    shape[growing] = step;
    Some(shape)
}
