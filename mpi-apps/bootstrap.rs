//! `bootstrap`: confidence intervals by resampling. See `bootstrap --help` and `bootstrap --print-run-file`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ensample::app::bootstrap::main(include_str!("bootstrap.toml"), |_name, _columns| Ok(None))
}
