#![allow(clippy::single_range_in_vec_init)] // a block of a variable with one axis

use super::*;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("abc.h5");
    (folder, path)
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A file with all there is, whose `draws` accepted draws come in blocks of `block`.
fn write(path: &Path, draws: usize, block: usize, expected: usize) {
    let mut file = ResultFile::create(path, true).unwrap();
    let chain = file.axis("chain", Coordinates::Index(1));
    let draw = file.axis("draw", Coordinates::Growing { expected });
    let summary = file.axis("summary", Coordinates::Labels(vec!["mean".into(), "s.d. σ".into()]));
    let level = file.axis("level", Coordinates::Values(vec![0.05, 0.95]));
    let mu = file.variable::<f64>("posterior/mu", &[chain, draw]).unwrap();
    let difference = file.variable::<f64>("sample_stats/difference", &[chain, draw, summary]).unwrap();
    let task = file.variable::<i64>("sample_stats/task", &[chain, draw]).unwrap();
    let kept = file.variable::<bool>("sample_stats/kept", &[chain, draw]).unwrap();
    for number in 0..12 {
        file.attribute("/", &format!("setting {number}"), number as f64 / 7.0).unwrap();
        file.attribute("posterior/mu", &format!("setting {number}"), number as i64).unwrap();
    }
    for start in (0..draws).step_by(block) {
        let block = start..draws.min(start + block);
        let values: Vec<f64> = block.clone().map(|draw| draw as f64 / 3.0).collect();
        file.append(mu, &values).unwrap();
        let pairs: Vec<f64> = block.clone().flat_map(|draw| [draw as f64, -(draw as f64)]).collect();
        file.append(difference, &pairs).unwrap();
        file.append(task, &block.clone().map(|draw| draw as i64 / 100).collect::<Vec<_>>()).unwrap();
        file.append(kept, &block.map(|draw| draw % 2 == 0).collect::<Vec<_>>()).unwrap();
    }
    let quantile = file.variable::<u64>("quantiles/mu", &[level]).unwrap();
    file.write(quantile, &[3, u64::MAX]).unwrap();
    let versions = file.variable::<String>("version", &[]).unwrap();
    file.write(versions, &["0.1.0".to_owned()]).unwrap();
    file.finish().unwrap();
}

#[test]
fn what_is_written_is_read_back() {
    let (folder, path) = folder();
    write(&path, 20_000, 777, 1000);
    assert_eq!(names(&folder), ["abc.h5"]);
    let file = Reader::open(&path).unwrap();
    assert_eq!(file.variables("posterior").unwrap(), ["chain", "draw", "mu"]);
    assert_eq!(file.variables("sample_stats").unwrap(), ["chain", "draw", "summary", "difference", "task", "kept"]);
    assert_eq!(file.axes("sample_stats/difference").unwrap(), ["chain", "draw", "summary"]);
    assert_eq!(file.axes("sample_stats/summary").unwrap(), ["summary"]);
    assert_eq!(file.axes("version").unwrap(), [] as [&str; 0]);
    assert_eq!(file.shape("sample_stats/difference").unwrap(), [1, 20_000, 2]);
    assert_eq!(file.values::<i64>("posterior/draw").unwrap(), (0..20_000).collect::<Vec<_>>());
    assert_eq!(file.values::<i64>("sample_stats/chain").unwrap(), [0]);
    let mu: Vec<f64> = (0..20_000).map(|draw| draw as f64 / 3.0).collect();
    assert_eq!(file.values::<f64>("posterior/mu").unwrap(), mu);
    let block = file.block::<f64>("sample_stats/difference", &[0..1, 12_345..12_347, 0..2]).unwrap();
    assert_eq!(block, [12_345.0, -12_345.0, 12_346.0, -12_346.0]);
    assert_eq!(file.block::<bool>("sample_stats/kept", &[0..1, 6..9]).unwrap(), [true, false, true]);
    assert_eq!(file.block::<bool>("sample_stats/kept", &[0..1, 6..6]).unwrap(), [] as [bool; 0]);
    assert_eq!(file.values::<String>("sample_stats/summary").unwrap(), ["mean", "s.d. σ"]);
    assert_eq!(file.values::<f64>("quantiles/level").unwrap(), [0.05, 0.95]);
    assert_eq!(file.values::<u64>("quantiles/mu").unwrap(), [3, u64::MAX]);
    assert_eq!(file.values::<f64>("sample_stats/task").unwrap()[19_999], 199.0);
    assert_eq!(file.values::<String>("version").unwrap(), ["0.1.0"]);
    assert_eq!(file.attribute("/", "setting 7").unwrap(), Value::Float(1.0));
    assert_eq!(file.attribute("posterior/mu", "setting 11").unwrap(), Value::Integer(11));
    assert_eq!(file.attribute("sample_stats/kept", "dtype").unwrap(), Value::Text("bool".into()));
    assert_eq!(file.attributes("/").unwrap()[11..], ["setting 10", "setting 11"], "in the order of writing");
}

#[test]
fn the_bytes_do_not_depend_on_the_blocks() {
    let (_folder, path) = folder();
    let bytes = |block| {
        write(&path, 20_000, block, 30_000);
        fs::read(&path).unwrap()
    };
    let once = bytes(20_000);
    assert!(once == bytes(20_000), "two files of the same calls differ");
    assert!(once == bytes(777));
    assert!(once == bytes(8192));
    write(&path, 20_000, 777, 1000);
    assert!(once != fs::read(&path).unwrap(), "the expected length is part of the description");
}

#[test]
fn the_bytes_do_not_depend_on_the_order_of_blocks() {
    let (_folder, path) = folder();
    let bytes = |order: &[usize], growing: bool, look: bool| {
        let mut file = ResultFile::create(&path, true).unwrap();
        let chain = file.axis("chain", Coordinates::Index(2));
        let coordinates = if growing { Coordinates::Growing { expected: 64 } } else { Coordinates::Index(2000) };
        let draw = file.axis("draw", coordinates);
        let theta = file.axis("theta_dim_0", Coordinates::Index(3));
        let x = file.variable::<f64>("posterior/theta", &[chain, draw, theta]).unwrap();
        let y = file.variable::<f64>("posterior/y", &[draw]).unwrap();
        for &part in order {
            let draws = part * 500..(part + 1) * 500;
            for chain in [part % 2, 1 - part % 2] {
                let values: Vec<f64> = (0..1500).map(|at| (part * 10_000 + chain * 3000 + at) as f64).collect();
                file.write_block(x, &[chain..chain + 1, draws.clone(), 0..3], &values).unwrap();
            }
            file.write_block(y, &[draws], &[0.5; 500]).unwrap();
        }
        if look {
            let read = file.read_back().unwrap().block::<f64>("posterior/theta", &[1..2, 499..501, 0..1]).unwrap();
            assert_eq!(read, [3000.0 + 1497.0, 13_000.0]);
        }
        file.finish().unwrap();
        fs::read(&path).unwrap()
    };
    for growing in [false, true] {
        let sorted = bytes(&[0, 1, 2, 3], growing, false);
        assert!(sorted == bytes(&[2, 0, 3, 1], growing, false));
        assert!(sorted == bytes(&[0, 1, 2, 3], growing, true), "reading changes nothing");
    }
}

#[test]
fn appending_takes_all_chains_at_once() {
    let (_folder, path) = folder();
    let mut file = ResultFile::create(&path, false).unwrap();
    let chain = file.axis("chain", Coordinates::Index(2));
    let draw = file.axis("draw", Coordinates::Growing { expected: 10 });
    let x = file.variable::<i64>("posterior/x", &[chain, draw]).unwrap();
    file.append(x, &[1, 2, 3, 11, 12, 13]).unwrap();
    file.append(x, &[4, 14]).unwrap();
    assert!(file.append(x, &[5]).is_err(), "half a draw");
    file.finish().unwrap();
    assert_eq!(Reader::open(&path).unwrap().values::<i64>("posterior/x").unwrap(), [1, 2, 3, 4, 11, 12, 13, 14]);
}

#[test]
fn summaries_are_written_after_reading_back() {
    let (_folder, path) = folder();
    let mut file = ResultFile::create(&path, false).unwrap();
    let draw = file.axis("draw", Coordinates::Growing { expected: 10 });
    let x = file.variable::<f64>("posterior/x", &[draw]).unwrap();
    file.append(x, &[1.0, 2.0, 6.0]).unwrap();
    let reader = file.read_back().unwrap();
    assert_eq!(reader.shape("posterior/draw").unwrap(), [3]);
    let mean = reader.values::<f64>("posterior/x").unwrap().iter().sum::<f64>() / 3.0;
    assert!(file.append(x, &[7.0]).is_err(), "the axis has its length");
    let centred = file.variable::<f64>("centred/x", &[draw]).unwrap();
    file.write(centred, &[1.0 - mean, 2.0 - mean, 6.0 - mean]).unwrap();
    file.attribute("posterior/x", "mean", mean).unwrap();
    file.finish().unwrap();
    let file = Reader::open(&path).unwrap();
    assert_eq!(file.values::<i64>("centred/draw").unwrap(), [0, 1, 2]);
    assert_eq!(file.attribute("posterior/x", "mean").unwrap(), Value::Float(3.0));
}

#[test]
fn nothing_accepted_is_a_result_too() {
    let (_folder, path) = folder();
    write(&path, 0, 1, 1000);
    let file = Reader::open(&path).unwrap();
    assert_eq!(file.shape("sample_stats/difference").unwrap(), [1, 0, 2]);
    assert_eq!(file.values::<i64>("posterior/draw").unwrap(), [] as [i64; 0]);
}

#[test]
fn a_long_text_is_an_attribute() {
    let (_folder, path) = folder();
    let text = "μ = 1\n".repeat(50_000);
    let mut file = ResultFile::create(&path, false).unwrap();
    file.attribute("/", "run", text.as_str()).unwrap();
    file.attribute("/", "empty", "").unwrap();
    assert!(file.attribute("/", "run", 1_i64).is_err(), "there is one already");
    assert!(file.attribute("/", "nul", "a\0b").is_err());
    file.finish().unwrap();
    let file = Reader::open(&path).unwrap();
    assert_eq!(file.attribute("/", "run").unwrap(), Value::Text(text));
    assert_eq!(file.attribute("/", "empty").unwrap(), Value::Text(String::new()));
}

#[test]
fn a_file_not_finished_leaves_nothing() {
    let (folder, path) = folder();
    let mut file = ResultFile::create(&path, false).unwrap();
    let draw = file.axis("draw", Coordinates::Growing { expected: 10 });
    let x = file.variable::<f64>("x", &[draw]).unwrap();
    file.append(x, &[1.0; 100]).unwrap();
    assert_eq!(names(&folder), [".abc.h5.partial"]);
    drop(file);
    assert_eq!(names(&folder), [] as [&str; 0]);
}

#[test]
fn a_variable_not_full_is_an_error() {
    let (folder, path) = folder();
    let mut file = ResultFile::create(&path, false).unwrap();
    let draw = file.axis("draw", Coordinates::Growing { expected: 10 });
    let x = file.variable::<f64>("x", &[draw]).unwrap();
    file.variable::<f64>("y", &[draw]).unwrap();
    file.append(x, &[1.0; 100]).unwrap();
    let error = file.finish().unwrap_err().to_string();
    assert!(error.ends_with("abc.h5: can't write the file: y: 0 values written for its shape [100]"), "{error}");
    assert_eq!(names(&folder), [] as [&str; 0]);
}

#[test]
fn an_existing_file_is_replaced_only_on_demand() {
    let (folder, path) = folder();
    fs::write(&path, "a table").unwrap();
    let other = ResultFile::check(&path, true).unwrap_err().to_string();
    assert!(other.ends_with("exists and is no result of ensample; --force replaces results only"), "{other}");
    // HDF5 data of somebody's is none either.
    hdf5::File::create(&path).unwrap().close().unwrap();
    assert_eq!(ResultFile::check(&path, true).unwrap_err().to_string(), other);
    fs::remove_file(&path).unwrap();
    write(&path, 5, 5, 5);
    let precious = fs::read(&path).unwrap();
    let refused = ResultFile::create(&path, false).unwrap_err().to_string();
    assert!(refused.ends_with("abc.h5: exists; --force replaces it"), "{refused}");
    assert_eq!(ResultFile::check(&path, false).unwrap_err().to_string(), refused);
    ResultFile::check(&path, true).unwrap();
    drop(ResultFile::create(&path, true).unwrap());
    assert_eq!(fs::read(&path).unwrap(), precious, "until the new one is complete");
    write(&path, 10, 10, 10);
    assert_eq!(names(&folder), ["abc.h5"]);
    Reader::open(&path).unwrap();
}

#[test]
fn a_file_that_appears_meanwhile_is_not_replaced() {
    let (folder, path) = folder();
    let file = ResultFile::create(&path, false).unwrap();
    fs::write(&path, "precious").unwrap();
    let error = file.finish().unwrap_err().to_string();
    assert!(error.contains("has appeared during the run; this run's is") && error.ends_with("abc.h5.1"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    Reader::open(&folder.path().join("abc.h5.1")).unwrap();
    assert_eq!(names(&folder), ["abc.h5", "abc.h5.1"]);
}

#[test]
fn a_place_that_can_not_be_written_is_refused() {
    let (folder, path) = folder();
    let refusal = |path: &Path| ResultFile::check(path, true).unwrap_err().to_string();
    let refused = refusal(&folder.path().join("no/abc.h5"));
    assert!(refused.contains("there is no folder") && refused.ends_with("no"), "{refused}");
    assert!(refusal(folder.path()).ends_with("is a folder; name a file in it"));
    assert!(refusal(Path::new("no/")).ends_with("is a folder; name a file in it"));
    fs::write(&path, "").unwrap();
    let refused = refusal(&path.join("abc.h5"));
    assert!(refused.ends_with("abc.h5 is not a folder"), "{refused}");
    ResultFile::check(Path::new("abc.h5"), false).unwrap();
    assert_eq!(names(&folder), ["abc.h5"]);
}

#[test]
fn what_a_killed_run_left_is_replaced_and_a_living_run_is_not_disturbed() {
    let (folder, path) = folder();
    fs::write(folder.path().join(".abc.h5.partial"), "half a file").unwrap();
    let file = ResultFile::create(&path, false).unwrap();
    let error = ResultFile::create(&path, false).unwrap_err().to_string();
    assert!(error.ends_with("another run is writing it at this moment"), "{error}");
    file.finish().unwrap();
    assert_eq!(names(&folder), ["abc.h5"]);
}

#[test]
fn errors_name_file_and_variable() {
    let (folder, path) = folder();
    let missing = Reader::open(&path).unwrap_err().to_string();
    assert!(missing.contains("abc.h5: can't read the file: No such file"), "{missing}");
    fs::write(&path, "theta,y\n1,2\n").unwrap();
    let text = Reader::open(&path).unwrap_err().to_string();
    assert!(text.ends_with("abc.h5: can't read the file: it is not an HDF5 file"), "{text}");
    assert!(Reader::open(folder.path()).is_err());
    fs::remove_file(&path).unwrap();
    write(&path, 10, 10, 10);
    let file = Reader::open(&path).unwrap();
    for (error, end) in [
        (file.shape("posterior/nu").unwrap_err(), "posterior/nu: there is no such variable"),
        (file.values::<f64>("posterior").unwrap_err(), "posterior: there is no such variable"),
        (file.attribute("prior", "seed").unwrap_err(), "prior: there is no such group or variable"),
        (
            file.block::<f64>("posterior/mu", &[0..1, 8..11]).unwrap_err(),
            "posterior/mu: no block [0..1, 8..11] in its shape [1, 10]",
        ),
    ] {
        let error = error.to_string();
        assert!(error.ends_with(&format!("abc.h5: can't read the file: {end}")), "{error}");
    }
    assert!(file.variables("prior").unwrap_err().to_string().contains("abc.h5: can't read the file: prior: "));
    assert!(file.values::<String>("posterior/mu").unwrap_err().to_string().contains("posterior/mu: "));
    assert!(file.attribute("/", "seed").unwrap_err().to_string().contains("/: seed: "));
}

#[test]
fn writing_off_the_axes_is_an_error() {
    let (_folder, path) = folder();
    let mut file = ResultFile::create(&path, false).unwrap();
    let (a, b) = (file.axis("a", Coordinates::Index(3)), file.axis("a", Coordinates::Index(4)));
    let x = file.variable::<f64>("x", &[a]).unwrap();
    assert!(file.variable::<f64>("x", &[a]).is_err(), "declared twice");
    assert!(file.variable::<f64>("y", &[b]).is_err(), "another axis of the same name in the same group");
    let error = file.write_block(x, &[2..4], &[1.0, 2.0]).unwrap_err().to_string();
    assert!(error.ends_with("x: 2 values for the block [2..4] don't fit its axes"), "{error}");
    assert!(file.write_block(x, &[0..2], &[1.0]).is_err());
    assert!(file.write(x, &[1.0, 2.0]).is_err());
    assert!(file.write_block(x, &[0..1, 0..1], &[1.0]).is_err());
    assert!(file.append(x, &[1.0]).unwrap_err().to_string().ends_with("x: it has no axis that grows"));
    let grow = ["c", "d"].map(|name| file.axis(name, Coordinates::Growing { expected: 10 }));
    let error = file.variable::<f64>("z", &grow).unwrap_err().to_string();
    assert!(error.ends_with("z: more than one of its axes grows"), "{error}");
}

#[test]
fn a_reader_looks_around() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.h5");
    let mut file = ResultFile::create(&path, false).unwrap();
    let draw = file.axis("draw", Coordinates::Index(2));
    let school = file.axis("school", Coordinates::Labels(vec!["A".into(), "B".into()]));
    let mu = file.variable("posterior/mu", &[draw, school]).unwrap();
    file.write(mu, &[1.0, 2.0, 3.0, 4.0]).unwrap();
    let flag = file.variable("sample_stats/flag", &[draw]).unwrap();
    file.write(flag, &[true, false]).unwrap();
    let count = file.variable("sample_stats/count", &[draw]).unwrap();
    file.write(count, &[5_u64, 6]).unwrap();
    file.finish().unwrap();

    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.groups("/").unwrap(), ["posterior", "sample_stats"]);
    assert!(reader.has_group("posterior") && !reader.has_group("prior") && !reader.has_group("posterior/mu"));
    assert!(reader.has_variable("posterior/mu") && !reader.has_variable("posterior"));
    let kinds = ["posterior/mu", "sample_stats/flag", "sample_stats/count", "posterior/school"];
    let kinds = kinds.map(|variable| reader.kind(variable).unwrap());
    assert_eq!(kinds, [Kind::Float, Kind::Boolean, Kind::Integer, Kind::Text]);
    let scale = |name: &str| Some(format!("posterior/{name}"));
    assert_eq!(reader.scales("posterior/mu").unwrap(), [scale("draw"), scale("school")]);
    assert_eq!(reader.scales("posterior/draw").unwrap(), [scale("draw")]);
    assert_eq!(reader.labels("posterior/school").unwrap(), ["A", "B"]);
    assert_eq!(reader.labels("posterior/draw").unwrap(), ["0", "1"]);
    let numbers = |variable: &str| reader.numbers(variable, std::slice::from_ref(&(0..2))).unwrap();
    assert_eq!((numbers("sample_stats/flag"), numbers("sample_stats/count")), (vec![1.0, 0.0], vec![5.0, 6.0]));
    assert!(reader.kind("posterior/nu").unwrap_err().to_string().contains("there is no such variable"));
}
