//! What a variable is made of, and what an attribute can be.

use hdf5::types::{StringError, VarLenUnicode};
use std::borrow::Cow;
use std::fmt;

/// A type that a variable can be made of: `f64`, `i64`, `u64`, `bool` or `String`.
///
/// Strings are stored as variable-length UTF-8. A `bool` is an `int8` of 0 or 1, in a variable with the attribute
/// `dtype = "bool"` by which xarray recognizes it.
pub trait Element: sealed::Stored {}

pub(super) mod sealed {
    use super::*;

    /// How a type lies in a file.
    pub trait Stored: Sized {
        /// The type in the file.
        type Form: hdf5::H5Type + Clone;
        /// The variable's `dtype` attribute, where the type in the file does not say it all.
        const DTYPE: Option<&str> = None;
        fn store(values: &[Self]) -> Result<Cow<'_, [Self::Form]>, StringError>;
        fn restore(stored: Vec<Self::Form>) -> Vec<Self>;
    }
}
use sealed::Stored;

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Element for $number {}
        impl Stored for $number {
            type Form = Self;
            fn store(values: &[Self]) -> Result<Cow<'_, [Self]>, StringError> {
                Ok(Cow::Borrowed(values))
            }
            fn restore(stored: Vec<Self>) -> Vec<Self> {
                stored
            }
        }
    )*};
}
number!(f64, i64, u64);

impl Element for bool {}
impl Stored for bool {
    type Form = i8;
    const DTYPE: Option<&str> = Some("bool");
    fn store(values: &[Self]) -> Result<Cow<'_, [i8]>, StringError> {
        Ok(values.iter().map(|&value| i8::from(value)).collect())
    }
    fn restore(stored: Vec<i8>) -> Vec<Self> {
        stored.into_iter().map(|value| value != 0).collect()
    }
}

impl Element for String {}
impl Stored for String {
    type Form = VarLenUnicode;
    fn store(values: &[Self]) -> Result<Cow<'_, [VarLenUnicode]>, StringError> {
        values.iter().map(|value| value.parse()).collect()
    }
    fn restore(stored: Vec<VarLenUnicode>) -> Vec<Self> {
        stored.iter().map(|value| value.to_string()).collect()
    }
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text of any length.
    Text(String),
    /// A signed integer.
    Integer(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A floating-point number.
    Float(f64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => text.fmt(f),
            Value::Integer(number) => number.fmt(f),
            Value::Unsigned(number) => number.fmt(f),
            Value::Float(number) => number.fmt(f),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Value::Unsigned(number)
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::Float(number)
    }
}
