//! What the fuzz targets share.

use ensample::Error;
use ensample::app::fuzzing::{data_file, run_file};
use ensample::status;
use ensample::table::Column;
use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::{Path, PathBuf};

/// No input here is larger than some kilobytes, so nothing may ask for so much memory at once.
const LARGEST: usize = 64 << 20;

/// Ends the process when too much is asked for. libFuzzer's own limit works under a sanitizer only.
struct Capped;

#[global_allocator]
static CAPPED: Capped = Capped;

fn check(size: usize) {
    if size > LARGEST {
        eprintln!("{size} bytes were asked for at once");
        std::process::abort();
    }
}

// SAFETY: all is handed to the system's allocator, as it came.
unsafe impl GlobalAlloc for Capped {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        check(size);
        unsafe { System.realloc(old, layout, size) }
    }
    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        unsafe { System.dealloc(old, layout) }
    }
}

/// A folder that is removed at the end of the process, unless that is a crash.
pub struct Folder(tempfile::TempDir);

impl Folder {
    #[expect(clippy::new_without_default)] // it makes a folder
    pub fn new() -> Self {
        Folder(tempfile::Builder::new().prefix("ensample-fuzz-").tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// A mistake in the input, and nothing else.
pub fn is_told(error: &Error) {
    let said = error.to_string();
    assert_eq!(error.status(), status::INPUT, "{said}");
    assert!(said.contains(": "), "{said}");
}

/// The file says the same whether it is read in one block or in several, and columns that belong together.
pub fn agrees(path: &Path, columns: Option<&[&str]>, labels: &[&str], missing: &str) {
    let [whole, parts] = [usize::MAX, 2].map(|limit| data_file(path, columns, labels, missing, limit));
    match (whole, parts) {
        (Ok((whole, dropped)), Ok((parts, also_dropped))) => {
            assert_eq!((whole.len(), dropped), (parts.len(), also_dropped));
            for (whole, part) in whole.iter().zip(&parts) {
                let bits = |column: &Column| column.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!((&whole.name, bits(whole), &whole.labels), (&part.name, bits(part), &part.labels));
                assert_eq!(whole.values.len(), parts[0].values.len());
                assert!(!whole.values.is_empty());
                let possible = |value: &f64| value.is_finite() || value.is_nan() && missing == "keep";
                assert!(whole.values.iter().all(possible), "{:?}", whole.values);
                if let Some(labels) = &whole.labels {
                    assert!(labels.is_sorted());
                    assert!(whole.values.iter().all(|value| (0.0..labels.len() as f64).contains(value)));
                }
            }
        }
        (Err(whole), Err(parts)) => {
            is_told(&whole);
            assert_eq!(whole.to_string(), parts.to_string());
        }
        (whole, parts) => panic!("{:?} and {:?}", whole.map(|_| ()), parts.map(|_| ())),
    }
}

/// Run files that take the data of this name, of which these are columns.
pub fn in_applications(folder: &Folder, name: &str, columns: &[&str]) {
    let text = |name: &&str| toml::Value::String((*name).to_owned()).to_string();
    let columns: Vec<String> = columns.iter().map(text).collect();
    let (first, last) = (&columns[0], &columns[columns.len() - 1]);
    let of_abc = "model.name = 'normal'\ntolerance = { mean = 1.0, sd = 1.0 }\n\
        prior = { mu = { normal = { mean = 0.0, sd = 1.0 } }, sigma = { uniform = { low = 0.0, high = 1.0 } } }";
    let of_bootstrap = format!(
        "statistic = [{{ name = 'mean', columns = [{first}] }}, {{ name = 'spearman', columns = [{first}, {last}] }}, \
         {{ name = 'mean_difference', columns = [{first}, {last}] }}]"
    );
    let of_gibbs = "model.name = 'regression'\nstart = { sigma = 1.0 }";
    for (application, run) in [("abc", of_abc), ("bootstrap", &of_bootstrap), ("gibbs", of_gibbs)] {
        let run = format!("data.file = '{name}'\n{run}");
        if let Err(error) = run_file(application, folder.path(), &run) {
            is_told(&error);
        }
    }
}
