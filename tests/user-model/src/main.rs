//! A stochastic epidemic (SIR) in a closed population, fitted to the number of people in bed on each day.

mod sir;

use std::process::ExitCode;

fn main() -> ExitCode {
    ensample::app::abc::main(include_str!("../epidemic.toml"), |_name, in_bed| sir::Sir::new(in_bed))
}
