//! Text files of data: read whole and in blocks, with and without labels, and handed to the applications.

#![no_main]

use ensample_fuzz::{Folder, agrees, in_applications};
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static FOLDER: LazyCell<Folder> = LazyCell::new(Folder::new);
}

fuzz_target!(|bytes: &[u8]| {
    FOLDER.with(|folder| {
        let text = String::from_utf8_lossy(bytes);
        // One of all ways for each input: to open a file takes the most time here.
        let missing = ["error", "drop", "keep"][bytes.len() % 3];
        let (name, delimiter) = if text.contains('\t') { ("data.tsv", '\t') } else { ("data.csv", ',') };
        let path = folder.write(name, bytes);
        let header = text.trim_start_matches('\u{feff}').lines().find(|line| !line.is_empty()).unwrap_or_default();
        let names: Vec<&str> = header.split(delimiter).map(|cell| cell.trim().trim_matches('"').trim()).collect();
        let second: Vec<&str> = names.iter().skip(1).step_by(2).copied().collect();
        agrees(&path, None, &[], missing);
        agrees(&path, None, &names, missing);
        agrees(&path, Some(&names), &second, missing);
        in_applications(folder, name, &names);
    });
});
