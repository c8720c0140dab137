//! Python's tools open the result, and SciPy and arch find the same intervals.

use super::{AIRCONDIT, CITY, Folder, LAW};
use crate::launch::python;
use std::fs;

#[test]
#[ignore = "needs Python: scripts/test"]
fn python_finds_what_json_says_and_so_do_scipy_and_arch() {
    let folder = tempfile::tempdir().unwrap();
    for (name, run_file) in [("city", CITY), ("aircondit", AIRCONDIT), ("law", LAW)] {
        let methods = "[\"normal\", \"basic\", \"percentile\", \"bca\", \"studentized\"]";
        let run = Folder::new(&format!("{run_file}\ninterval.methods = {methods}"));
        let summary = run.summary("--resamples 20000");
        fs::copy(run.path("bootstrap.h5"), folder.path().join(format!("{name}.h5"))).unwrap();
        fs::write(folder.path().join(format!("{name}.json")), summary.to_string()).unwrap();
    }
    python("read_bootstrap.py").args([folder.path()]).run().expect_success();
}
