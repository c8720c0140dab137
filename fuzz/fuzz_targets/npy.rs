//! NumPy files, read whole and in blocks, and handed to the applications.

#![no_main]

use ensample_fuzz::{Folder, agrees, in_applications};
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    static FOLDER: LazyCell<Folder> = LazyCell::new(Folder::new);
}

fuzz_target!(|bytes: &[u8]| {
    FOLDER.with(|folder| {
        let path = folder.write("data.npy", bytes);
        for missing in ["error", "drop", "keep"] {
            agrees(&path, None, &[], missing);
            agrees(&path, Some(&["1", "0"]), &["0"], missing);
        }
        in_applications(folder, "data.npy", &["0", "1"]);
    });
});
