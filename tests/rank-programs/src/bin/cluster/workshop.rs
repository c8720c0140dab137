//! The engine of most cases, and what it can be asked.

use ensample::cluster::{Engine, Here};
use ensample::{Error, Result};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::thread::sleep;
use std::time::Duration;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Call {
    Square(u64),
    Count,
    Sleep(u64),
    Sum(String),
    Keep(String, f64),
    Fail,
    Panic,
    /// Fails so often on this engine.
    FailFirst(u64),
    Log(String),
    Echo(#[serde(with = "serde_bytes")] Vec<u8>),
}

impl From<(u64, u64)> for Call {
    fn from((x, y): (u64, u64)) -> Self {
        Call::Square(x + y)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Number(u64),
    Float(f64),
    Nothing,
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
}

#[derive(Default)]
pub struct Workshop {
    calls: u64,
    failures: u64,
}

impl Engine for Workshop {
    type Call = Call;
    type Reply = Reply;

    fn call(&mut self, call: Call, here: &mut Here) -> Result<Reply> {
        self.calls += 1;
        match call {
            Call::Square(x) => return Ok(Reply::Number(x * x)),
            Call::Count => return Ok(Reply::Number(self.calls)),
            Call::Sleep(milliseconds) => sleep(Duration::from_millis(milliseconds)),
            Call::Sum(name) => return Ok(Reply::Float(here.values.get::<Array1<f64>>(&name)?.sum())),
            Call::Keep(name, value) => here.values.set(&name, value)?,
            Call::Fail => return Err(Error::other("the call's own error")),
            Call::Panic => panic!("the call's own panic"),
            Call::FailFirst(times) => {
                self.failures += 1;
                if self.failures <= times {
                    return Err(Error::other(format!("failure {}", self.failures)));
                }
            }
            Call::Log(line) => here.log(line)?,
            Call::Echo(bytes) => return Ok(Reply::Bytes(bytes)),
        }
        Ok(Reply::Nothing)
    }
}

/// An engine for another client.
pub struct Other;

impl Engine for Other {
    type Call = u64;
    type Reply = u64;

    fn call(&mut self, call: u64, _: &mut Here) -> Result<u64> {
        Ok(call)
    }
}
