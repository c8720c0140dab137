//! `pipeline`: one ABC problem in stages, or several applications side by side, each on ranks of its own. See
//! `pipeline --help`.

use ensample::Error;
use ensample::abc::models::Normal;
use ensample::app::gibbs::shipped;
use ensample::app::pipeline::{Models, main as pipeline};
use std::process::ExitCode;

fn main() -> ExitCode {
    let models = Models {
        abc: |model: &str, data| match model {
            "normal" => Normal::new(data),
            _ => Err(Error::other(format!("there is no model '{model}'; there is: normal"))),
        },
        bootstrap: &|_name, _columns| Ok(None),
        gibbs: &shipped,
    };
    pipeline(include_str!("abc.toml"), include_str!("pipeline.toml"), models)
}
