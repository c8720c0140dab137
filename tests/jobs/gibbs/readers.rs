//! Python's tools open the result. `ENSAMPLE_PYTHON` names the interpreter.

use super::Folder;
use std::fs;
use std::process::Command;

#[test]
#[ignore = "needs Python: scripts/test"]
fn arviz_finds_what_json_says() {
    let python = std::env::var_os("ENSAMPLE_PYTHON").expect("ENSAMPLE_PYTHON names the Python interpreter to use");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/read_gibbs.py");
    for (model, flags) in [("disaster", "--save-warmup --thin 2"), ("schools", "--until ess_bulk=5000")] {
        let folder = Folder::new();
        let summary = folder.summary(&format!("--model {model} --draws 2000 {flags}"));
        fs::write(folder.path("summary.json"), summary.to_string()).unwrap();
        assert!(Command::new(&python).arg(script).arg(folder.0.path()).arg(model).status().unwrap().success());
    }
}
