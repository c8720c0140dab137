//! Many numbers in a task's result as their bytes, which are copied as a whole: `#[serde(with = "floats")]` on a
//! `Vec<f64>`. Otherwise they are looked at one by one.

use serde::de::Error;
use serde::{Deserializer, Serializer};

/// Eight bytes for each number, the lowest first.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    if cfg!(target_endian = "little") {
        return serde_bytes::serialize(bytemuck::cast_slice::<f64, u8>(values), serializer);
    }
    let bytes: Vec<[u8; 8]> = values.iter().map(|value| value.to_le_bytes()).collect();
    serde_bytes::serialize(bytes.as_flattened(), serializer)
}

/// The numbers again.
///
/// # Errors
/// Those of the deserializer, and when the bytes are not those of whole numbers.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let bytes: &[u8] = serde_bytes::deserialize(deserializer)?;
    match bytes.as_chunks() {
        (values, []) => Ok(values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()),
        _ => Err(D::Error::custom("numbers have eight bytes each")),
    }
}
