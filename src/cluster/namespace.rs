//! Named values in an engine.

use super::order::Value;
use crate::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;
use std::any::{Any, type_name};
use std::collections::BTreeMap;

/// Values by name, each of its own type.
#[derive(Default)]
pub struct Namespace {
    values: BTreeMap<String, Held>,
}

/// A value as it travels, and as it is used, from its first use on.
struct Held {
    type_name: String,
    bytes: ByteBuf,
    value: Option<Box<dyn Any + Send>>,
}

impl Namespace {
    /// The value of this name.
    ///
    /// # Errors
    /// When there is none, or it is of another type.
    pub fn get<T: DeserializeOwned + Send + 'static>(&mut self, name: &str) -> Result<&T> {
        let held = find(&mut self.values, name, type_name::<T>())?;
        if held.value.is_none() {
            held.value = Some(Box::new(postcard::from_bytes::<T>(&held.bytes)?));
        }
        let value = held.value.as_ref().and_then(|value| value.downcast_ref());
        value.ok_or_else(|| Error::other(format!("'{name}' is not a {}", type_name::<T>())))
    }

    /// Gives a value a name; another value of that name is gone.
    ///
    /// # Errors
    /// When it can't be serialized, as a client that pulls it would need.
    pub fn set<T: Serialize + Send + 'static>(&mut self, name: &str, value: T) -> Result<()> {
        let bytes = ByteBuf::from(postcard::to_stdvec(&value)?);
        let held = Held { type_name: type_name::<T>().into(), bytes, value: Some(Box::new(value)) };
        self.values.insert(name.to_owned(), held);
        Ok(())
    }

    /// The names that there are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(|name| &name[..])
    }

    pub(super) fn put(&mut self, name: String, value: Value) {
        let Value { type_name, bytes } = value;
        self.values.insert(name, Held { type_name, bytes, value: None });
    }

    pub(super) fn bytes(&mut self, name: &str, type_name: &str) -> Result<ByteBuf> {
        Ok(find(&mut self.values, name, type_name)?.bytes.clone())
    }
}

fn find<'a>(values: &'a mut BTreeMap<String, Held>, name: &str, type_name: &str) -> Result<&'a mut Held> {
    let names = || values.keys().cloned().collect::<Vec<_>>().join(", ");
    if !values.contains_key(name) {
        let there = if values.is_empty() { "nothing".to_owned() } else { names() };
        return Err(Error::other(format!("there is nothing of the name '{name}' here; there is {there}")));
    }
    match values.get_mut(name) {
        Some(held) if held.type_name == type_name => Ok(held),
        Some(held) => Err(Error::other(format!("'{name}' is a {}, not a {type_name}", held.type_name))),
        None => unreachable!("it was found above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_what_they_are() {
        let mut here = Namespace::default();
        here.set("y", vec![1.0, 2.5]).unwrap();
        assert_eq!(here.get::<Vec<f64>>("y").unwrap(), &[1.0, 2.5]);
        let bytes = here.bytes("y", type_name::<Vec<f64>>()).unwrap();
        here.put("z".into(), Value { type_name: type_name::<Vec<f64>>().into(), bytes });
        assert_eq!(here.get::<Vec<f64>>("z").unwrap(), &[1.0, 2.5]);
        assert_eq!(here.names().collect::<Vec<_>>(), ["y", "z"]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let mut here = Namespace::default();
        let said = here.get::<f64>("y").unwrap_err().to_string();
        assert_eq!(said, "there is nothing of the name 'y' here; there is nothing");
        here.set("x", 1_u32).unwrap();
        let said = here.get::<f64>("y").unwrap_err().to_string();
        assert_eq!(said, "there is nothing of the name 'y' here; there is x");
        assert_eq!(here.get::<f64>("x").unwrap_err().to_string(), "'x' is a u32, not a f64");
        assert!(here.bytes("x", "f64").is_err());
    }
}
