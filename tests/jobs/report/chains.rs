//! Files of Markov chains as samplers of this project write them, and what is said of them.

use super::{Folder, warnings, write_file};
use ensample::diagnostics::{
    Chains, Ess, Mcse, Rhat, equal_tailed_interval, ess, highest_density_interval, mcse, rhat,
};
use ensample::store::{Coordinates, Reader, ResultFile};
use ensample::stream::{Stream, Streams};
use std::path::Path;

/// The schools whose effects are drawn.
pub const SCHOOLS: [&str; 3] = ["school A", "school B & sons", "school <C>"];

/// How the chains of a file are.
#[derive(Clone, Copy)]
pub struct Shape {
    pub chains: usize,
    pub draws: usize,
    /// How much of a draw the next one keeps.
    pub memory: f64,
    /// How far the first chain is from the others, in standard deviations.
    pub apart: f64,
}

/// Four chains that have mixed.
pub const MIXED: Shape = Shape { chains: 4, draws: 1000, memory: 0.3, apart: 0.0 };

/// Draws of a quantity, chain by chain: autoregressive with mean 0 and variance 1.
fn draws(shape: Shape, stream: &mut Stream) -> Vec<f64> {
    let Shape { chains, draws, memory, apart } = shape;
    let mut values = Vec::with_capacity(chains * draws);
    for chain in 0..chains {
        let mut x = stream.normal();
        for _ in 0..draws {
            x = memory * x + (1.0 - memory * memory).sqrt() * stream.normal();
            values.push(if chain == 0 { x + apart } else { x });
        }
    }
    values
}

/// Writes chains of `mu`, `tau` (positive), `theta` for each school and `lp` to `path`.
pub fn write(path: &Path, shape: Shape) {
    write_file(path, |file| write_contents(file, shape));
}

fn write_contents(file: &mut ResultFile, shape: Shape) {
    let mut stream = Streams::new(5, 0).stream(0);
    for (name, value) in
        [("application", "gibbs"), ("inference_library", "ensample"), ("run_file", "seed = 5\n# a < b\n")]
    {
        file.attribute("/", name, value).unwrap();
    }
    file.attribute("/", "inference_library_version", "0.1.0").unwrap();
    file.attribute("/", "seed", 5_u64).unwrap();
    file.attribute("/", "data_sha256", "abcdef").unwrap();
    let chain = file.axis("chain", Coordinates::Index(shape.chains));
    let draw = file.axis("draw", Coordinates::Index(shape.draws));
    let school = file.axis("school", Coordinates::Labels(SCHOOLS.map(str::to_owned).into()));
    let mu = file.variable("posterior/mu", &[chain, draw]).unwrap();
    file.write(mu, &draws(shape, &mut stream)).unwrap();
    let tau = file.variable("posterior/tau", &[chain, draw]).unwrap();
    file.write(tau, &draws(shape, &mut stream).into_iter().map(libm::exp).collect::<Vec<_>>()).unwrap();
    let theta = file.variable("posterior/theta", &[chain, draw, school]).unwrap();
    let elements = SCHOOLS.map(|_| draws(shape, &mut stream));
    let all = shape.chains * shape.draws;
    let mixed: Vec<f64> =
        (0..all).flat_map(|at| elements.iter().enumerate().map(move |(j, of)| of[at] + j as f64)).collect();
    file.write(theta, &mixed).unwrap();
    let lp = file.variable("sample_stats/lp", &[chain, draw]).unwrap();
    file.write(lp, &draws(shape, &mut stream)).unwrap();
    let rate = file.variable("sample_stats/acceptance_rate", &[chain, draw]).unwrap();
    file.write(rate, &vec![0.25; all]).unwrap();
    let y = file.variable("observed_data/y", &[school]).unwrap();
    file.write(y, &[28.0, 8.0, -3.0]).unwrap();
}

/// A folder with such a file, `gibbs.h5`.
pub fn folder(shape: Shape) -> Folder {
    let folder = Folder::new();
    write(&folder.path("gibbs.h5"), shape);
    folder
}

#[test]
fn every_element_is_summarised_by_its_own_draws() {
    let folder = folder(MIXED);
    let json = folder.json("gibbs.h5 --level 0.9");
    let names = ["mu", "tau", "theta[school A]", "theta[school B & sons]", "theta[school <C>]", "lp"];
    let quantities = json["quantities"].as_object().unwrap();
    assert_eq!(quantities.len(), names.len());
    assert!(names.iter().all(|name| quantities.contains_key(*name)), "{quantities:?}");
    assert_eq!((&json["chains"], &json["draws"]), (&4.into(), &1000.into()));

    let reader = Reader::open(&folder.path("gibbs.h5")).unwrap();
    let theta = reader.block::<f64>("posterior/theta", &[0..4, 0..1000, 1..2]).unwrap();
    let chains = Chains::new(&theta, 4).unwrap();
    let mean = theta.iter().sum::<f64>() / 4000.0;
    let sd = (theta.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 3999.0).sqrt();
    let [low, high] = highest_density_interval(&theta, 0.9);
    let said = &quantities["theta[school B & sons]"];
    for (name, expected) in [
        ("mean", mean),
        ("sd", sd),
        ("mcse_mean", mcse(chains, Mcse::Mean)),
        ("ess_bulk", ess(chains, Ess::Bulk)),
        ("ess_tail", ess(chains, Ess::TAIL)),
        ("r_hat", rhat(chains, Rhat::Rank)),
    ] {
        let said = said[name].as_f64().unwrap();
        assert!((said - expected).abs() < 1e-9 * expected.abs(), "{name}: {said} instead of {expected}");
    }
    // What is read from JSON may differ in the last digit.
    let assert_near = |said: &serde_json::Value, expected: [f64; 2]| {
        let said: Vec<f64> = said.as_array().unwrap().iter().map(|end| end.as_f64().unwrap()).collect();
        assert_eq!(said.len(), 2);
        let near = said.iter().zip(expected).all(|(said, expected)| (said - expected).abs() < 1e-14 * expected.abs());
        assert!(near, "{said:?} instead of {expected:?}");
    };
    assert_near(&said["hdi"], [low, high]);
    let equal = folder.json("gibbs.h5 --level 0.9 --interval eti");
    let [low, high] = equal_tailed_interval(&theta, 0.9);
    assert_near(&equal["quantities"]["theta[school B & sons]"]["eti"], [low, high]);
}

#[test]
fn the_table_has_a_row_for_each_element() {
    let text = folder(MIXED).report("gibbs.h5").expect_success().stdout;
    let head = text.lines().find(|line| line.contains("r_hat")).unwrap();
    assert!(head.contains("hdi 94% low") && head.contains("mcse_mean") && head.contains("ess_tail"), "{text}");
    for name in ["mu ", "tau ", "theta[school A] ", "theta[school <C>] ", "lp ", "acceptance_rate "] {
        assert_eq!(text.lines().filter(|line| line.starts_with(name)).count(), 1, "{name}: {text}");
    }
    assert!(!text.contains("warning:"), "{text}");
}

#[test]
fn chains_that_have_not_mixed_are_told_of() {
    assert_eq!(warnings(&folder(MIXED).json("gibbs.h5")), [""; 0]);

    let apart = folder(Shape { apart: 1.0, ..MIXED }).json("gibbs.h5");
    let said = warnings(&apart);
    assert!(
        said.iter().any(|warning| warning.starts_with("r_hat is above 1.01") && warning.contains("mu (1.")),
        "{said:?}"
    );

    let slow = folder(Shape { memory: 0.99, ..MIXED }).json("gibbs.h5");
    let said = warnings(&slow);
    assert!(said.iter().any(|warning| warning.contains("effective sample size is below 400")), "{said:?}");
    let ess = slow["quantities"]["mu"]["ess_bulk"].as_f64().unwrap();
    assert!(ess < 100.0, "{ess}"); // 4000 (1 - 0.99) / (1 + 0.99) is 20

    let alone = folder(Shape { chains: 1, ..MIXED }).json("gibbs.h5");
    assert!(warnings(&alone)[0].contains("one chain"), "{alone}");
    assert!(alone["quantities"]["mu"]["r_hat"].is_null());
    assert!(warnings(&folder(Shape { chains: 2, ..MIXED }).json("gibbs.h5"))[0].contains("few chains (2)"));
    assert!(warnings(&folder(Shape { draws: 3, ..MIXED }).json("gibbs.h5"))[0].contains("3 draws in each chain"));
}

/// What a sampler can leave behind: draws that are no numbers, that never change, or that are whole numbers.
#[test]
fn strange_draws() {
    let folder = Folder::new();
    write_file(&folder.path("strange.h5"), write_strange);
    check_strange(&folder);
}

fn write_strange(file: &mut ResultFile) {
    let chain = file.axis("chain", Coordinates::Index(4));
    let draw = file.axis("draw", Coordinates::Index(100));
    let mut stream = Streams::new(8, 0).stream(0);
    let mut write = |name: &str, value: &mut dyn FnMut(usize) -> f64| {
        let variable = file.variable::<f64>(&format!("posterior/{name}"), &[chain, draw]).unwrap();
        file.write(variable, &(0..400).map(value).collect::<Vec<_>>()).unwrap();
    };
    write("missing", &mut |at| if at == 7 { f64::NAN } else { stream.normal() });
    write("all_missing", &mut |_| f64::NAN);
    write("infinite", &mut |at| if at % 100 == 3 { f64::INFINITY } else { stream.normal() });
    write("constant", &mut |_| 3.5);
    write("zero", &mut |_| 0.0);
    write("huge", &mut |_| 1e300 * stream.normal());
    write("tiny", &mut |_| 1e-300 * stream.normal());
    write("far", &mut |at| if at == 0 { 1e9 } else { stream.normal() });
    let count = file.variable::<i64>("posterior/count", &[chain, draw]).unwrap();
    file.write(count, &(0..400).map(|_| stream.index(5) as i64).collect::<Vec<_>>()).unwrap();
    let truth = file.variable::<bool>("posterior/truth", &[chain, draw]).unwrap();
    file.write(truth, &(0..400).map(|_| stream.uniform() < 0.25).collect::<Vec<_>>()).unwrap();
    let text = file.variable::<String>("posterior/text", &[chain, draw]).unwrap();
    file.write(text, &vec!["a".to_owned(); 400]).unwrap();
}

fn check_strange(folder: &Folder) {
    let json = folder.json("strange.h5");
    let said = warnings(&json);
    let of = |start: &str| {
        said.iter().find(|warning| warning.starts_with(start)).copied().unwrap_or_else(|| panic!("{start}: {said:?}"))
    };
    assert!(
        of("draws are NaN").contains("missing (1 draw)") && of("draws are NaN").contains("all_missing (400 draws)")
    );
    assert!(of("draws are infinite").contains("infinite (4 draws)"));
    assert!(of("all draws are equal").contains("constant (3.5000)") && of("all draws are equal").contains("zero"));
    assert!(of("left out").contains("text"));
    let quantities = &json["quantities"];
    assert!(quantities["missing"]["mean"].is_null() && quantities.get("text").is_none());
    let share = quantities["truth"]["mean"].as_f64().unwrap();
    assert!((share - 0.25).abs() < 0.1, "{share}");

    let page = folder.page("strange.h5");
    let figures = super::figures(&page);
    for name in ["trace-missing", "density-count", "density-truth", "trace-far", "density-huge", "density-tiny"] {
        assert!(figures.contains(&name), "{name} is missing: {figures:?}");
    }
    assert!(!figures.contains(&"trace-constant") && !figures.contains(&"trace-all_missing"));
    assert!(!page.contains("NaN\"") && !page.contains("inf\""), "a coordinate is no number");
}
