//! `gibbs`: Markov chains. See `gibbs --help` and `gibbs --print-run-file`.

use ensample::app::gibbs::{self, shipped};
use std::process::ExitCode;

const PROBLEMS: [(&str, &str); 5] = [
    ("disaster", include_str!("gibbs/disaster.toml")),
    ("bivariate", include_str!("gibbs/bivariate.toml")),
    ("pumps", include_str!("gibbs/pumps.toml")),
    ("schools", include_str!("gibbs/schools.toml")),
    ("regression", include_str!("gibbs/regression.toml")),
];

fn main() -> ExitCode {
    gibbs::main(&PROBLEMS, shipped)
}
