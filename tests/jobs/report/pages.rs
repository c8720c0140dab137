//! What a page is: one file that needs nothing else, with every figure, and no larger than can be looked at.

use super::chains::{MIXED, SCHOOLS, Shape, folder};
use super::{Folder, figures, write_file};
use ensample::store::{Coordinates, ResultFile};
use ensample::stream::Streams;

#[test]
fn a_page_of_chains_has_all_figures() {
    let folder = folder(MIXED);
    let page = folder.page("gibbs.h5");
    let figures = figures(&page);
    assert_eq!(figures[..2], ["convergence", "intervals-theta"]);
    for of in ["mu", "tau", "theta_school_A", "theta_school_B___sons", "theta_school__C", "lp"] {
        for kind in ["trace", "density", "rank", "autocorrelation", "running-mean"] {
            assert!(figures.contains(&&*format!("{kind}-{of}")), "{kind}-{of} is missing: {figures:?}");
        }
    }
    assert_eq!(figures.last(), Some(&"pairs"));
    for made in ["gibbs", "0.1.0", ">5<", "abcdef", "# a &lt; b"] {
        assert!(page.contains(made), "{made}");
    }
    // Rows lead to sections.
    for link in page.split("<a href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(page.contains(&format!("<section id=\"{link}\">")), "{link}");
    }
}

#[test]
fn a_page_needs_nothing_else_and_is_well_formed() {
    let results = Folder::with_results();
    let chains = folder(MIXED);
    let files = ["abc.h5", "gibbs.h5", "bootstrap.h5", "abc.trace.h5"];
    for page in files.map(|file| results.page(file)).into_iter().chain([chains.page("gibbs.h5")]) {
        assert!(page.starts_with("<!DOCTYPE html>"));
        for outside in ["http:", "https:", "<script", "<link", "<img", "@import", "url(", " src="] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(!page.contains("<C>"), "a label must not become an element");
        for svg in page.split("<svg ").skip(1) {
            check_elements(&format!("<svg {}</svg>", svg.split("</svg>").next().unwrap()));
        }
        let identifiers: Vec<&str> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let different: std::collections::BTreeSet<_> = identifiers.iter().collect();
        assert_eq!(identifiers.len(), different.len(), "{identifiers:?}");
        // Colours are those of the style sheet, which has two sets.
        assert!(page.contains("prefers-color-scheme:dark") && !page.contains("stroke=\"#"), "a colour is not themed");
    }
}

/// Fails unless every element that begins also ends.
pub fn check_elements(xml: &str) {
    let mut open = Vec::new();
    for tag in xml.split('<').skip(1).map(|rest| rest.split_once('>').expect("a tag ends").0) {
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) => assert_eq!(open.pop(), Some(name)),
            (None, false) => open.push(tag.split_whitespace().next().unwrap()),
            (None, true) => {}
        }
        assert!(tag.matches('"').count() % 2 == 0, "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn figures_say_what_they_show() {
    let page = folder(MIXED).page("gibbs.h5");
    for label in
        ["draw", "density", "rank of mu among all draws", "lag (draws)", "draws so far", "effective sample size"]
    {
        assert!(page.contains(&format!(">{label}</text>")), "{label}");
    }
    let school = SCHOOLS[2].replace('<', "&lt;").replace('>', "&gt;");
    assert!(page.contains(&format!(">theta[{school}]</text>")));
}

/// Of 200 parameters the page draws some, those among them that have not mixed, and says so.
#[test]
fn many_parameters_make_no_large_page() {
    let folder = Folder::new();
    write_file(&folder.path("many.h5"), write_many);
    check_many(&folder);
}

fn write_many(file: &mut ResultFile) {
    let chain = file.axis("chain", Coordinates::Index(4));
    let draw = file.axis("draw", Coordinates::Index(500));
    let place = file.axis("place", Coordinates::Index(200));
    let beta = file.variable("posterior/beta", &[chain, draw, place]).unwrap();
    let mut stream = Streams::new(9, 0).stream(0);
    let mut values: Vec<f64> = (0..4 * 500 * 200).map(|_| stream.normal()).collect();
    // Chain 2 of beta[171] is elsewhere.
    (1000..1500).for_each(|draw| values[draw * 200 + 171] += 2.0);
    file.write(beta, &values).unwrap();
}

fn check_many(folder: &Folder) {
    let page = folder.page("many.h5");
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    assert_eq!(page.matches("<th scope=\"row\">").count(), 200);
    let drawn = figures(&page).iter().filter(|name| name.starts_with("trace-")).count();
    assert_eq!(drawn, 12);
    assert!(page.contains("id=\"trace-beta_171\"") && page.contains("Of 200 quantities, 12 are drawn"));
    assert!(page.contains("194 further quantities are left out"));

    folder.report("many.h5 --show beta[7] --show beta[9] --html chosen.html --quiet").expect_success();
    let chosen = folder.text("chosen.html");
    let traces: Vec<&str> = figures(&chosen).into_iter().filter(|name| name.starts_with("trace-")).collect();
    assert_eq!(traces, ["trace-beta_7", "trace-beta_9"]);
}

/// Of 40 chains those are drawn that are elsewhere.
#[test]
fn many_chains_do_not_hide_the_one_that_is_elsewhere() {
    let folder = folder(Shape { chains: 40, draws: 200, apart: 2.0, ..MIXED });
    let page = folder.page("gibbs.h5");
    assert!(page.contains("Of 40 chains, the 8 whose means are farthest"));
    let trace = page.split("id=\"trace-mu\"").nth(1).unwrap().split("</svg>").next().unwrap();
    assert!(trace.contains(">chain</text>") && trace.contains(">0</text>"));
}

/// A single far draw among a million is seen.
#[test]
fn long_chains_keep_their_extremes() {
    let folder = Folder::new();
    let draws = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
    let mut stream = Streams::new(9, 0).stream(0);
    let mut values: Vec<f64> = (0..draws).map(|_| stream.uniform()).collect();
    values[draws / 3] = 50.0;
    write_file(&folder.path("long.h5"), |file| {
        let chain = file.axis("chain", Coordinates::Index(1));
        let draw = file.axis("draw", Coordinates::Index(draws));
        let x = file.variable("posterior/x", &[chain, draw]).unwrap();
        file.write(x, &values).unwrap();
    });
    folder.report("long.h5 --svg figures --quiet").expect_success();
    let trace = folder.text("figures/trace-x.svg");
    assert!(trace.len() < 60_000, "{} bytes", trace.len());
    // The highest point of the thin line is the far draw: near the top of the panel, which is at 10 pixels.
    let line =
        trace.split("stroke-opacity=\"0.6\"").nth(1).unwrap().split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(highest(line) < 200.0, "{}", highest(line));
}

/// The smallest y of a path `M..l..`.
fn highest(path: &str) -> f64 {
    let mut highest = f64::INFINITY;
    for piece in path.split('M').skip(1) {
        let spaced = piece.replace('l', " ").replace('-', " -");
        let numbers: Vec<f64> = spaced.split_whitespace().map(|number| number.parse().unwrap()).collect();
        let mut y = 0.0;
        for step in numbers.chunks(2) {
            y += step[1];
            highest = highest.min(y);
        }
    }
    highest
}
