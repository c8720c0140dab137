//! What is written.

use super::Folder;
use ensample::store::Value;

#[test]
fn the_file_holds_all_draws_with_their_names() {
    let folder = Folder::new();
    folder.summary("--chains 3 --draws 500 --thin 5 --warmup 200 --save-warmup");
    let file = folder.result();
    assert_eq!(file.axes("posterior/imputed").unwrap(), ["chain", "draw", "time"]);
    assert_eq!(file.shape("posterior/imputed").unwrap(), [3, 100, 2]);
    assert_eq!(file.values::<String>("posterior/time").unwrap(), ["1890", "1934"]);
    assert_eq!(file.shape("warmup_posterior/early").unwrap(), [3, 40]);
    for statistics in ["sample_stats/lp", "warmup_sample_stats/lp"] {
        assert!(file.values::<f64>(statistics).unwrap().iter().all(|lp| lp.is_finite()));
    }
    let switchpoints: Vec<f64> = file.values("posterior/switchpoint").unwrap();
    assert!(switchpoints.iter().all(|year| (1851.0..=1961.0).contains(year) && year.fract() == 0.0));
    assert_eq!(file.values::<f64>("observed_data/disasters").unwrap().iter().filter(|x| x.is_nan()).count(), 2);
    assert_eq!(file.attribute("/", "application").unwrap(), Value::Text("gibbs".into()));
    assert_eq!(file.attribute("/", "partial").unwrap(), Value::Integer(0));
    // The run file in the result makes the same bytes again.
    let Value::Text(run_file) = file.attribute("/", "run_file").unwrap() else { panic!("a text") };
    let again = Folder::with(&run_file);
    again.summary("run.toml");
    assert!(again.bytes() == folder.bytes());
}

/// A chain is what it is, whatever runs beside it, and however its draws are thinned and its warm-up kept.
#[test]
fn a_chain_depends_on_its_number_alone() {
    let draws = |flags: &str, chain: usize| -> Vec<f64> {
        let folder = Folder::new();
        folder.summary(&format!("--model schools --warmup 100 {flags}"));
        let file = folder.result();
        let length = file.shape("posterior/tau").unwrap()[1];
        file.block("posterior/tau", &[chain..chain + 1, 0..length]).unwrap()
    };
    let third = draws("--chains 3 --draws 60", 2);
    assert_eq!(third, draws("--chains 9 --draws 60 --threads 3", 2));
    assert_eq!(third, draws("--chains 4 --draws 60 --save-warmup", 2));
    assert_eq!(third[..30], draws("--chains 3 --draws 30", 2));
    let thinned: Vec<f64> = third.iter().skip(3).step_by(4).copied().collect();
    assert_eq!(thinned, draws("--chains 3 --draws 60 --thin 4", 2));
    assert_ne!(third, draws("--chains 3 --draws 60 --seed 2", 2));
    assert_ne!(third, draws("--chains 3 --draws 60", 1));
}

/// Chains begin where they are told to: with no warm-up the first draw is one step away.
#[test]
fn chains_begin_at_given_values() {
    let text = "model.name = 'bivariate'\nchains = 3\nwarmup = 0\ndraws = 1\n\
                start = { x = 1e6, y = [0.0, 5.0, 10.0] }";
    let folder = Folder::with(text);
    folder.summary("run.toml");
    // x is drawn given y: Gamma(3, y^2 + 4) has the mean 3 / (y^2 + 4), and y given that x.
    let x: Vec<f64> = folder.result().values("posterior/x").unwrap();
    let far = Folder::with(&text.replace("10.0]", "1e5]"));
    far.summary("run.toml");
    let far: Vec<f64> = far.result().values("posterior/x").unwrap();
    assert_eq!(x[..2], far[..2]);
    assert!(far[2] < 1e-8 && x[2] > 1e-4, "{x:?} {far:?}");
}

/// Every shipped problem runs, with either order; its report names every quantity.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn every_shipped_problem() {
    for (model, quantity) in [
        ("disaster", "imputed[1890]"),
        ("bivariate", "x"),
        ("pumps", "rate[9]"),
        ("schools", "theta[St. Paul's]"),
        ("regression", "beta[speed]"),
    ] {
        let folder = Folder::new();
        let fixed = folder.summary(&format!("--model {model} --draws 400"));
        assert_eq!((&fixed["model"], &fixed["chains"], &fixed["draws"]), (&model.into(), &4.into(), &400.into()));
        assert!(fixed["quantities"][quantity]["mean"].is_f64(), "{fixed}");
        let bytes = folder.bytes();
        folder.summary(&format!("--model {model} --draws 400 --order random"));
        assert!(folder.bytes() != bytes);
        let printed = folder.run(&format!("--model {model} --print-run-file")).expect_success().stdout;
        let again = Folder::with(&printed);
        again.summary("run.toml --draws 400");
        assert!(again.bytes() == bytes, "{model}");
    }
}

/// Data from a file: columns by name, a column of labels, missing counts.
#[test]
fn data_come_from_files() {
    let counts = Folder::with("model.name = 'disaster'\ndata.file = 'd.csv'\ndraws = 200");
    std::fs::write(counts.path("d.csv"), "year,disasters\n1990,3\n1991,\n1992,4\n1993,0\n1994,NA\n1995,1\n").unwrap();
    counts.summary("run.toml");
    assert_eq!(counts.result().values::<String>("posterior/time").unwrap(), ["1991", "1994"]);
    let schools = "model.name = 'schools'\ndata = { file = 's.tsv', labels = ['school'] }\ndraws = 200";
    let schools = Folder::with(schools);
    std::fs::write(schools.path("s.tsv"), "school\teffect\terror\nC\t3\t1\nA\t5\t2\nB\t1\t3\n").unwrap();
    schools.summary("run.toml");
    assert_eq!(schools.result().values::<String>("posterior/school").unwrap(), ["C", "A", "B"]);
    let columns = "model.name = 'regression'\ndata = { file = 'r.csv', columns = ['y', 'b'], missing = 'drop' }";
    let regression = Folder::with(columns);
    std::fs::write(regression.path("r.csv"), "a,b,y\n1,2,4.1\n9,,3\n2,4,8.2\n5,6,11.9\n1,8,16.1\n3,9,17.5\n").unwrap();
    let outcome = regression.run("run.toml --quiet").expect_success();
    assert!(outcome.stderr.contains("r.csv: 1 rows have a missing cell"), "{outcome}");
    assert_eq!(regression.result().values::<String>("posterior/coefficient").unwrap(), ["intercept", "b"]);
}
