//! The text of a run file, as `abc`, `bootstrap` and `gibbs` take it (each also in its table of an ensemble), with all
//! that they check before they draw.

#![no_main]

use ensample::app::fuzzing::{ensemble, run_file};
use ensample_fuzz::{Folder, is_told};
use libfuzzer_sys::fuzz_target;
use std::cell::LazyCell;

thread_local! {
    /// Where the run file lies, with data files that it may name.
    static FOLDER: LazyCell<Folder> = LazyCell::new(|| {
        let folder = Folder::new();
        folder.write("y.csv", b"y\n1.5\n2.5\n-3e2\n4\n5\n6\n7.25\n8\n9\n");
        folder.write("t.csv", b"x,y,g\n1.5,2,a\n2.5,1,b\n-3,4,a\n4,5,b\n5,7,\"a, b\"\n6,6,a\n7.25,9,b\n8,8,a\n");
        folder
    });
}

fuzz_target!(|text: &str| {
    // What an input could do by such a path is its user's wish, not a mistake.
    if ["/dev", "/proc", "/sys", ".."].iter().any(|path| text.contains(path)) {
        return;
    }
    FOLDER.with(|folder| {
        for application in ["abc", "bootstrap", "gibbs"] {
            let told = |came_to: ensample::Result<()>| came_to.unwrap_or_else(|error| is_told(&error));
            told(run_file(application, folder.path(), text));
            if text.contains(application) {
                told(ensemble(application, folder.path(), text));
            }
        }
    });
});
