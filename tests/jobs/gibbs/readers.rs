//! Python's tools open the result.

use super::Folder;
use crate::launch::python;
use std::fs;

#[test]
#[ignore = "needs Python: scripts/test"]
fn arviz_finds_what_json_says() {
    for (model, flags) in [("disaster", "--save-warmup --thin 2"), ("schools", "--until ess_bulk=5000")] {
        let folder = Folder::new();
        let summary = folder.summary(&format!("--model {model} --draws 2000 {flags}"));
        fs::write(folder.path("summary.json"), summary.to_string()).unwrap();
        python("read_gibbs.py").args([folder.0.path()]).args([model]).run().expect_success();
    }
}
