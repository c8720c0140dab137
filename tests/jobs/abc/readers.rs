//! The tools that people use open what `abc` has written, and find in it what `--json` says.
//!
//! They run in Python (xarray, ArviZ, h5py, netCDF4, h5netcdf), whose interpreter `ENSAMPLE_PYTHON` names:
//! `ENSAMPLE_PYTHON=python3 cargo test --test jobs abc::readers -- --ignored`.

use crate::abc::run::Run;
use crate::launch::python;
use ensample::store::{Reader, Value};
use std::fs;

/// The default problem, by another rule: a distance in which each summary counts alike.
const DISTANCE: &str = "
[distance]
tolerance = 0.1
pilot = 2500
weights = { sd = 0.5 }
";

/// The run file that `abc --print-run-file` prints, with another acceptance rule.
fn with_distance() -> String {
    let printed = include_str!("../../../mpi-apps/abc.toml");
    let (before, rest) = printed.split_once("[tolerance]").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    format!("{before}{DISTANCE}\n{after}")
}

#[test]
#[ignore = "needs Python: scripts/test"]
fn python_finds_what_json_says() {
    let folder = tempfile::tempdir().unwrap();
    let trace = ["--trace", "abc.trace.h5"];
    let distance = with_distance();
    for (name, run) in [
        ("default", Run::complete(None, &[&trace[..], &["--draws", "2000", "--seed", "77"]].concat())),
        ("partial", Run::partial(None, &[&trace[..], &["--max-simulations", "123456"]].concat())),
        ("distance", Run::complete(Some(&distance), &[&trace[..], &["--draws", "1200"]].concat())),
    ] {
        fs::copy(run.file(), folder.path().join(format!("{name}.h5"))).unwrap();
        fs::copy(run.folder().join("abc.trace.h5"), folder.path().join(format!("{name}.trace.h5"))).unwrap();
        fs::write(folder.path().join(format!("{name}.json")), &run.output.stdout).unwrap();
    }
    python("read_abc.py").args([folder.path()]).run().expect_success();
}

/// The run file that a result holds makes that result again, to the last byte.
#[test]
fn a_result_can_be_made_again() {
    let distance = with_distance();
    for (run_file, flags) in [
        (None, &["--draws", "40", "--batch", "77", "--seed", "9223372036854775807"][..]),
        (Some(&*distance), &["--draws", "20"]),
        (None, &["--max-simulations", "12345"]),
    ] {
        let first = Run::of(run_file, flags);
        let Value::Text(kept) = Reader::open(&first.file()).unwrap().attribute("/", "run_file").unwrap() else {
            panic!("the run file is a text");
        };
        let again = Run::of(Some(&kept), &[]);
        assert_eq!(again.output.status, first.output.status);
        assert!(fs::read(first.file()).unwrap() == fs::read(again.file()).unwrap(), "the files differ");
    }
}
