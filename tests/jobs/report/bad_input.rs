//! One message that says what is wrong, and the exit status.

use super::chains::{MIXED, folder};
use super::write_file;
use ensample::store::Coordinates;
use std::fs;

#[test]
fn what_can_not_be_reported() {
    let folder = folder(MIXED);
    fs::write(folder.path("text.h5"), "not HDF5").unwrap();
    fs::write(folder.path("empty.h5"), "").unwrap();
    fs::create_dir(folder.path("folder")).unwrap();
    write_file(&folder.path("other.h5"), |file| {
        let row = file.axis("row", Coordinates::Index(2));
        let x = file.variable("data/x", &[row]).unwrap();
        file.write(x, &[1.0, 2.0]).unwrap();
    });
    write_file(&folder.path("no-draws.h5"), |file| {
        let chain = file.axis("chain", Coordinates::Index(1));
        let draw = file.axis("draw", Coordinates::Index(0));
        file.variable::<f64>("posterior/x", &[chain, draw]).unwrap();
    });

    for (arguments, said) in [
        ("absent.h5", "absent.h5: can't be read: No such file"),
        ("text.h5", "text.h5: can't be read: it is not an HDF5 file"),
        ("empty.h5", "empty.h5: can't be read: it is not an HDF5 file"),
        ("folder", "folder: can't be read: "),
        ("other.h5", "other.h5: holds nothing to report"),
        ("no-draws.h5", "its group 'posterior' has no draws"),
        ("", "command line: "),
        ("gibbs.h5 --hmtl page.html", "command line: unexpected argument '--hmtl'"),
        ("gibbs.h5 --interval bayes", "command line: invalid value 'bayes'"),
        ("gibbs.h5 --level 1", "--level: must be between 0 and 1, is 1"),
        ("gibbs.h5 --level nan", "--level: must be between 0 and 1, is NaN"),
        ("gibbs.h5 --html absent/page.html", "absent/page.html: there is no folder absent"),
        ("gibbs.h5 --html folder", "folder: is a folder, not a file"),
        ("gibbs.h5 --svg text.h5", "text.h5: is a file, not a folder"),
        ("gibbs.h5 --svg absent/figures", "absent/figures: there is no folder absent"),
        ("gibbs.h5 --html page.html --show nu", "--show: there is no 'nu'; there are: mu, tau, theta[school A]"),
    ] {
        let outcome = folder.report(arguments);
        assert_eq!(outcome.code(), 2, "{arguments}: {outcome}");
        assert_eq!(outcome.errors().len(), 1, "{arguments}: {outcome}");
        assert!(outcome.errors()[0].starts_with("report: error: ") && outcome.errors()[0].contains(said), "{outcome}");
        assert!(!folder.path("page.html").exists() && outcome.stdout.is_empty(), "{arguments}");
    }
}

#[test]
fn what_can_not_be_written() {
    let folder = folder(MIXED);
    // What stands in the way of the file under its temporary name.
    fs::create_dir(folder.path(".page.html.partial")).unwrap();
    let outcome = folder.report("gibbs.h5 --quiet --html page.html");
    assert_eq!(outcome.code(), 74, "{outcome}");
    assert!(outcome.errors()[0].starts_with("report: error: page.html: can't write it"), "{outcome}");
    let full = ["-c", "exec \"$0\" gibbs.h5 > /dev/full", env!("CARGO_BIN_EXE_report")];
    let outcome = super::alone("sh").args(full).folder(folder.0.path()).run();
    assert_eq!(outcome.code(), 74, "{outcome}");
}

/// A file that ends too early is an error, not a crash.
#[test]
fn a_truncated_file_is_refused() {
    let folder = folder(MIXED);
    let whole = fs::read(folder.path("gibbs.h5")).unwrap();
    for share in [1, 3, 7] {
        fs::write(folder.path("part.h5"), &whole[..whole.len() * share / 8]).unwrap();
        let outcome = folder.report("part.h5");
        assert!([2, 74].contains(&outcome.code()), "{outcome}");
        assert_eq!(outcome.errors().len(), 1, "{outcome}");
    }
}
