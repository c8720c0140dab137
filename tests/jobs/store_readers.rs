//! The tools that people use open a result file, and see in it what was written.
//!
//! They run in Python (xarray, ArviZ, h5py, netCDF4, h5netcdf), whose interpreter `ENSAMPLE_PYTHON` names:
//! `ENSAMPLE_PYTHON=python3 cargo test --test jobs store_readers -- --ignored`.

use crate::launch::{python, while_nothing_starts};
use ensample::Result;
use ensample::store::{Coordinates, ResultFile};
use std::path::Path;

const DRAWS: usize = 10_000;

/// The run file kept in the result; longer than the 64 KiB to which HDF5 limits other attributes.
fn run() -> String {
    "mu = 0.5 # µ\n".repeat(6000)
}

/// A small posterior as the abc application writes it. `read_result.py` knows its values.
fn write(path: &Path) -> Result<()> {
    let mut file = ResultFile::create(path, true)?;
    let chain = file.axis("chain", Coordinates::Index(1));
    let draw = file.axis("draw", Coordinates::Growing { expected: DRAWS });
    let summary = file.axis("summary", Coordinates::Labels(vec!["mean".into(), "sd".into()]));
    let time = file.axis("y_dim_0", Coordinates::Values(vec![0.5, 1.0, 2.0, 4.0]));

    let mu = file.variable::<f64>("posterior/mu", &[chain, draw])?;
    let sigma = file.variable::<f64>("posterior/sigma", &[chain, draw])?;
    let difference = file.variable::<f64>("sample_stats/difference", &[chain, draw, summary])?;
    let task = file.variable::<i64>("sample_stats/task", &[chain, draw])?;
    let number = file.variable::<u64>("sample_stats/number", &[chain, draw])?;
    let first = file.variable::<bool>("sample_stats/first", &[chain, draw])?;
    let y = file.variable::<f64>("observed_data/y", &[time])?;

    file.attribute("/", "seed", u64::MAX)?;
    file.attribute("/", "tolerance", 0.1)?;
    file.attribute("/", "simulations", 123_456_i64)?;
    file.attribute("/", "run", run())?;
    for name in ["created_by", "version", "digest", "algorithm", "distance", "model"] {
        file.attribute("/", name, format!("the {name}"))?;
    }
    file.attribute("posterior", "sampling", "ABC rejection")?;
    file.attribute("posterior/mu", "units", "m/s")?;

    file.write(y, &[1.0, f64::NAN, f64::INFINITY, -4.0])?;
    for start in (0..DRAWS).step_by(1000) {
        let draws = || start..start + 1000;
        let wave = |draw: usize| libm::sin(draw as f64 * 12.9898);
        file.append(mu, &draws().map(wave).collect::<Vec<_>>())?;
        file.append(sigma, &draws().map(|draw| libm::exp(wave(draw))).collect::<Vec<_>>())?;
        file.append(difference, &draws().flat_map(|draw| [draw as f64, -0.5]).collect::<Vec<_>>())?;
        file.append(task, &draws().map(|draw| draw as i64 / 64).collect::<Vec<_>>())?;
        file.append(number, &draws().map(|draw| draw as u64 % 64).collect::<Vec<_>>())?;
        file.append(first, &draws().map(|draw| draw % 64 == 0).collect::<Vec<_>>())?;
    }
    file.finish()
}

#[test]
#[ignore = "needs ENSAMPLE_PYTHON, an interpreter with xarray, arviz, h5py, netCDF4 and h5netcdf"]
fn python_reads_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("abc.h5");
    while_nothing_starts(|| write(&path).unwrap());
    python("read_result.py").args([path]).run().expect_success();
}
