//! Reading what other programs have written: what there is, which type it has, what its places are called.

use super::read::{Reader, selection};
use crate::error::Result;
use hdf5::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenArray, VarLenAscii, VarLenUnicode};
use hdf5::{Attribute, Dataset, H5Type, ObjectReference1, ReferencedObject};
use std::ops::Range;

/// What the values of a variable are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Floating-point numbers.
    Float,
    /// Integers.
    Integer,
    /// Truth values.
    Boolean,
    /// Strings.
    Text,
    /// Something else: complex numbers, records.
    Other,
}

/// The longest fixed-length label that is read in full.
const LABEL: usize = 512;

impl Reader {
    /// The names of the groups within a group, in the order in which they were made (by name where the file doesn't
    /// record it).
    ///
    /// # Errors
    /// If there is no such group.
    pub fn groups(&self, group: &str) -> Result<Vec<String>> {
        self.members(group, |opened, name| opened.group(name).is_ok())
    }

    /// Whether there is a group of this path.
    pub fn has_group(&self, group: &str) -> bool {
        self.file.group(group).is_ok()
    }

    /// Whether there is a variable of this path.
    pub fn has_variable(&self, variable: &str) -> bool {
        self.file.dataset(variable).is_ok()
    }

    /// What the values of a variable are.
    ///
    /// # Errors
    /// If there is no such variable.
    pub fn kind(&self, variable: &str) -> Result<Kind> {
        let dataset = self.dataset(variable)?;
        // xarray's way to say it of an int8.
        let says_bool = dataset.attr("dtype").is_ok_and(|dtype| text(&dtype).is_ok_and(|dtype| dtype == "bool"));
        use TypeDescriptor as T;
        Ok(match dataset.dtype().and_then(|dtype| dtype.to_descriptor()) {
            Ok(T::Integer(_) | T::Unsigned(_) | T::Enum(_)) if says_bool => Kind::Boolean,
            Ok(T::Boolean) => Kind::Boolean,
            Ok(T::Integer(_) | T::Unsigned(_)) => Kind::Integer,
            Ok(T::Float(_)) => Kind::Float,
            Ok(T::FixedAscii(_) | T::FixedUnicode(_) | T::VarLenAscii | T::VarLenUnicode) => Kind::Text,
            _ => Kind::Other,
        })
    }

    /// The coordinate variable of each of a variable's axes, by its path; `None` for an axis without one, as in files
    /// of other programs than those that write netCDF-4.
    ///
    /// # Errors
    /// If there is no such variable.
    pub fn scales(&self, variable: &str) -> Result<Vec<Option<String>>> {
        let dataset = self.dataset(variable)?;
        if dataset.attr("CLASS").is_ok() && dataset.ndim() == 1 {
            return Ok(vec![Some(variable.to_owned())]);
        }
        let Ok(list) = dataset.attr("DIMENSION_LIST").and_then(|list| list.read_raw::<VarLenArray<ObjectReference1>>())
        else {
            return Ok(vec![None; dataset.ndim()]);
        };
        let path = |scales: &VarLenArray<ObjectReference1>| match self.file.dereference(scales.first()?) {
            Ok(ReferencedObject::Dataset(scale)) => Some(scale.name().trim_start_matches('/').to_owned()),
            _ => None,
        };
        Ok(list.iter().map(path).collect())
    }

    /// The values of a variable in a block as numbers, one range per axis, the last axis running fastest: truth values
    /// become 0 and 1.
    ///
    /// # Errors
    /// As [`block`](Self::block).
    pub fn numbers(&self, variable: &str, block: &[Range<usize>]) -> Result<Vec<f64>> {
        let dataset = self.dataset(variable)?;
        if !matches!(dataset.dtype().and_then(|dtype| dtype.to_descriptor()), Ok(TypeDescriptor::Boolean)) {
            return self.block(variable, block);
        }
        let truths = dataset.as_reader().read_slice::<bool, _, ndarray::IxDyn>(selection(block));
        let truths = truths.map_err(|error| self.failed(variable, error))?;
        Ok(truths.into_iter().map(|truth| f64::from(u8::from(truth))).collect())
    }

    /// The values of a variable as labels: strings, of variable or fixed length, or numbers as text.
    ///
    /// # Errors
    /// If there is no such variable, or its values are neither strings nor numbers.
    pub fn labels(&self, variable: &str) -> Result<Vec<String>> {
        let dataset = self.dataset(variable)?;
        labels(&dataset).map_err(|error| self.failed(variable, error))
    }
}

fn labels(dataset: &Dataset) -> hdf5::Result<Vec<String>> {
    use TypeDescriptor as T;
    fn of<T: H5Type + ToString>(dataset: &Dataset) -> hdf5::Result<Vec<String>> {
        Ok(dataset.read_raw::<T>()?.iter().map(T::to_string).collect())
    }
    match dataset.dtype()?.to_descriptor()? {
        T::VarLenUnicode => of::<VarLenUnicode>(dataset),
        T::VarLenAscii => of::<VarLenAscii>(dataset),
        T::FixedAscii(_) => of::<FixedAscii<LABEL>>(dataset),
        T::FixedUnicode(_) => of::<FixedUnicode<LABEL>>(dataset),
        T::Boolean => of::<bool>(dataset),
        T::Integer(_) => of::<i64>(dataset),
        T::Unsigned(_) => of::<u64>(dataset),
        T::Float(_) => of::<f64>(dataset),
        other => Err(format!("{other} can't be a label").into()),
    }
}

/// The text of an attribute: a string of variable or fixed length.
pub(super) fn text(attribute: &Attribute) -> hdf5::Result<String> {
    use TypeDescriptor as T;
    fn fixed<T: H5Type + ToString>(attribute: &Attribute) -> hdf5::Result<String> {
        super::read::one::<T>(attribute).map(|text| text.to_string())
    }
    match attribute.dtype()?.to_descriptor()? {
        T::VarLenUnicode => fixed::<VarLenUnicode>(attribute),
        T::VarLenAscii => fixed::<VarLenAscii>(attribute),
        T::FixedAscii(..=256) => fixed::<FixedAscii<256>>(attribute),
        T::FixedAscii(_) => fixed::<FixedAscii<65536>>(attribute),
        T::FixedUnicode(..=256) => fixed::<FixedUnicode<256>>(attribute),
        T::FixedUnicode(_) => fixed::<FixedUnicode<65536>>(attribute),
        other => Err(format!("it is not a string, but {other}").into()),
    }
}
