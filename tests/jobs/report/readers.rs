//! Files that ArviZ writes are summarised as ArviZ summarises them.

use crate::launch::python;
use std::path::Path;

#[test]
#[ignore = "needs Python: scripts/test"]
fn arviz_files_are_summarised_as_by_arviz() {
    let folder = tempfile::tempdir().unwrap();
    let report = Path::new(env!("CARGO_BIN_EXE_report"));
    python("compare_report.py").args([report, folder.path()]).run().expect_success();
}
