//! Files that ArviZ writes are summarised as ArviZ summarises them. `ENSAMPLE_PYTHON` names the interpreter.

use std::process::Command;

#[test]
#[ignore = "needs Python: scripts/test"]
fn arviz_files_are_summarised_as_by_arviz() {
    let python = std::env::var_os("ENSAMPLE_PYTHON").expect("ENSAMPLE_PYTHON names the Python interpreter to use");
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/compare_report.py");
    let mut compare = Command::new(python);
    compare.arg(script).arg(env!("CARGO_BIN_EXE_report")).arg(folder.path());
    assert!(compare.status().unwrap().success());
}
