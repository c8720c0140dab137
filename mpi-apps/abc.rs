//! `abc`: draws from an ABC posterior. See `abc --help` and `abc --print-run-file`.

use ensample::Error;
use ensample::abc::models::Normal;
use std::process::ExitCode;

fn main() -> ExitCode {
    ensample::app::abc::main(include_str!("abc.toml"), |model, data| match model {
        "normal" => Normal::new(data),
        _ => Err(Error::other(format!("there is no model '{model}'; there is: normal"))),
    })
}
