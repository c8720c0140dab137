//! Result files and the disk: the same bytes from every process, and what happens when the disk is full.
//!
//! The tests start this binary again, with `ENSAMPLE_WRITE_TO`, for a process of its own to write from.

use ensample::Result;
use ensample::store::{Coordinates, Reader, ResultFile};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// About 2 MB: fixed and growing axes, labels, a long attribute, and values still in memory when the file is closed.
fn write(path: &Path) -> Result<()> {
    let mut file = ResultFile::create(path, false)?;
    let chain = file.axis("chain", Coordinates::Index(1));
    let draw = file.axis("draw", Coordinates::Growing { expected: 50_000 });
    let summary = file.axis("summary", Coordinates::Labels(vec!["mean".into(), "sd".into()]));
    let time = file.axis("time", Coordinates::Index(1000));
    let mu = file.variable::<f64>("posterior/mu", &[chain, draw])?;
    let difference = file.variable::<f64>("sample_stats/difference", &[chain, draw, summary])?;
    let y = file.variable::<f64>("observed_data/y", &[time])?;
    file.attribute("/", "run", "seed = 1\n".repeat(20_000))?;
    for block in 0..50 {
        file.append(mu, &[block as f64; 1000])?;
        file.append(difference, &[0.5; 2000])?;
    }
    file.write(y, &[1.0; 1000])?;
    file.finish()
}

/// A process that runs `write`, with files limited to `kib` (1024 bytes each): to its eyes the disk is full then.
fn write_elsewhere(path: &Path, kib: &str) -> Output {
    let limited = r#"trap "" XFSZ; ulimit -f "$1"; exec "$0" --exact --nocapture store_disk::the_process_that_writes"#;
    let this = std::env::current_exe().unwrap();
    Command::new("bash").arg("-c").arg(limited).arg(this).arg(kib).env("ENSAMPLE_WRITE_TO", path).output().unwrap()
}

#[test]
fn the_process_that_writes() {
    if let Some(path) = std::env::var_os("ENSAMPLE_WRITE_TO") {
        let written = write(path.as_ref());
        let text = written.map_or_else(|error| format!("error: {error}"), |()| "done".to_owned());
        println!("\n{text}\nlived on"); // dropping what could not be written has not ended the process
    }
}

#[test]
fn every_process_writes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here.h5"), folder.path().join("there.h5"));
    write(&here).unwrap();
    let output = write_elsewhere(&there, "unlimited");
    assert!(output.status.success(), "{output:?}");
    assert!(fs::read(&here).unwrap() == fs::read(&there).unwrap());
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("abc.h5");
    write(&path).unwrap();
    let enough = fs::metadata(&path).unwrap().len().div_ceil(1024);
    fs::remove_file(&path).unwrap();
    for kib in (0..8).chain((8..enough).step_by(97)).chain(enough - 4..=enough) {
        let output = write_elsewhere(&path, &kib.to_string());
        let (said, shouted) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success() && said.contains("lived on"), "at {kib} KiB: {said}{shouted}");
        assert!(!shouted.contains("HDF5-DIAG") && !shouted.contains("panicked"), "at {kib} KiB: {shouted}");
        assert_eq!(said.contains("\ndone"), kib == enough, "at {kib} KiB: {said}");
        if kib < enough {
            assert!(said.contains("abc.h5: can't ") && said.contains("File too large"), "at {kib} KiB: {said}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "at {kib} KiB: {said}");
        }
    }
    assert_eq!(Reader::open(&path).unwrap().values::<f64>("posterior/mu").unwrap()[49_999], 49.0);
}
