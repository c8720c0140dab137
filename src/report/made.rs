//! How a file was made, as far as its attributes say so.

use super::json_number;
use crate::store::{Reader, Value};

/// Attributes of the file or of its posterior that say how it was made, in the order in which they are shown.
const SHOWN: [(&str, &str); 18] = [
    ("application", "application"),
    ("model", "model"),
    ("inference_library", "library"),
    ("inference_library_version", "version"),
    ("ensample_version", "version"),
    ("seed", "seed"),
    ("warmup", "warm-up draws"),
    ("tuning_steps", "warm-up draws"),
    ("thin", "thinning"),
    ("data_sha256", "SHA-256 of the data"),
    ("command", "command"),
    ("mpi_library", "MPI"),
    ("modeling_interface", "modelling interface"),
    ("modeling_interface_version", "modelling interface version"),
    ("created_at", "created at"),
    ("creation_library", "written by"),
    ("arviz_version", "ArviZ version"),
    ("sampling_time", "sampling time in s"),
];

/// Names with values, and the run description.
pub fn of(reader: &Reader) -> (Vec<(String, String)>, Option<String>) {
    let attribute = |name: &str| {
        let places = ["/", "posterior"].into_iter().filter(|place| *place == "/" || reader.has_group(place));
        places.filter_map(|place| reader.attribute(place, name).ok()).next().map(|value| value.to_string())
    };
    let made = SHOWN.iter().filter_map(|(name, shown)| Some(((*shown).to_owned(), attribute(name)?)));
    (made.collect(), attribute("run_file"))
}

/// A number among the file's attributes.
pub fn attribute(reader: &Reader, name: &str) -> Option<f64> {
    attribute_json(reader, name).as_f64()
}

/// A number among the file's attributes as JSON; `null` if there is none.
pub fn attribute_json(reader: &Reader, name: &str) -> serde_json::Value {
    match reader.attribute("/", name) {
        Ok(Value::Float(number)) => json_number(number),
        Ok(Value::Integer(number)) => number.into(),
        Ok(Value::Unsigned(number)) => number.into(),
        Ok(Value::Text(_)) | Err(_) => serde_json::Value::Null,
    }
}
