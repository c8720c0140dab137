//! `report`: tables, pages and figures from a result file. See `report --help`.

fn main() -> std::process::ExitCode {
    ensample::app::report::main()
}
