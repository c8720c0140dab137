//! What is written where, and what is never replaced.

use super::chains::{MIXED, folder};
use super::pages::check_elements;
use std::fs;

#[test]
fn figures_become_files() {
    let folder = folder(MIXED);
    let text = folder.report("gibbs.h5 --svg figures").expect_success().stdout;
    let names: Vec<String> = fs::read_dir(folder.path("figures"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(text.contains(&format!("written: {} figures in figures", names.len())), "{text}");
    for name in ["trace-mu.svg", "density-tau.svg", "rank-theta_school_A.svg", "pairs.svg", "convergence.svg"] {
        assert!(names.iter().any(|file| file == name), "{name} is missing: {names:?}");
    }
    for name in names {
        let svg = folder.text(&format!("figures/{name}"));
        assert!(svg.starts_with("<svg xmlns=") && svg.contains("fill=\"#ffffff\"") && !svg.contains("var("), "{name}");
        check_elements(&svg);
    }
}

#[test]
fn nothing_is_replaced_without_force() {
    let folder = folder(MIXED);
    let all = "gibbs.h5 --quiet --html page.html --svg figures";
    folder.report(all).expect_success();
    let before = folder.text("page.html");
    let again = folder.report("gibbs.h5 --quiet --html page.html");
    assert_eq!((again.code(), again.errors()), (2, vec!["report: error: page.html: exists; --force replaces it"]));
    let again = folder.report("gibbs.h5 --quiet --svg figures");
    assert_eq!(again.code(), 2);
    assert!(again.errors()[0].contains("exists; --force replaces it"), "{again}");
    fs::write(folder.path("page.html"), "<!DOCTYPE html> old").unwrap();
    folder.report(&format!("{all} --force")).expect_success();
    assert!(folder.text("page.html") == before, "the same page each time");
}

#[test]
fn force_replaces_reports_only() {
    let folder = folder(MIXED);
    fs::write(folder.path("thesis.html"), "<html>mine</html>").unwrap();
    for target in ["gibbs.h5", "thesis.html"] {
        let before = fs::read(folder.path(target)).unwrap();
        let outcome = folder.report(&format!("gibbs.h5 --quiet --force --html {target}"));
        assert_eq!(outcome.code(), 2, "{outcome}");
        assert!(outcome.errors()[0].contains("--force replaces earlier reports only"), "{outcome}");
        assert!(fs::read(folder.path(target)).unwrap() == before);
    }
}

#[test]
fn json_is_all_that_is_printed() {
    let folder = folder(MIXED);
    let json = folder.json("gibbs.h5 --html page.html");
    assert_eq!(json["file"], "gibbs.h5");
    assert!(json["made"]["seed"] == "5" && folder.path("page.html").exists());
    assert_eq!(folder.report("gibbs.h5 --quiet").expect_success().stdout, "");
}
