//! Mistakes: one message with its place, exit status 2, and nothing written.

use super::Folder;
use std::fs;

const MEAN: &str = "statistic = [{ name = \"mean\", columns = [\"x\"] }]";

#[track_caller]
fn refused(run_file: &str, flags: &str, place: &str, message: &str) {
    let folder = Folder::new(run_file);
    let outcome = folder.run(flags);
    assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{run_file}: {outcome}");
    let error = outcome.errors()[0].strip_prefix("bootstrap: error: ").unwrap();
    assert!(error.starts_with(place) && error.contains(message), "{run_file}: {error}");
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1, "{outcome}");
}

/// The data of four rows, then a statistic.
fn with(statistic: &str) -> String {
    format!("data.values.x = [1, 2, 4, 8]\ndata.values.c = [3, 3, 3, 3]\nstatistic = [{{ {statistic} }}]")
}

#[test]
fn of_statistics() {
    let at = "run.toml:3: statistic[0]";
    for (statistic, place, message) in [
        ("name = \"mean\", columns = [\"z\"]", ".columns", "the data has no column 'z'; it has c, x"),
        ("name = \"mean\", columns = [\"c\"]", ".columns", "its column is constant"),
        ("name = \"median\", columns = [\"c\"]", ".columns", "its column is constant"),
        ("name = \"mean\", columns = [\"x\", \"c\"]", ".columns", "are 2, but mean takes 1"),
        ("name = \"ratio\", columns = [\"x\"]", ".columns", "are 1, but ratio takes 2"),
        ("name = \"mean\", columns = []", ".columns", "are 0, but mean takes 1"),
        ("name = \"quantile\", columns = [\"x\"], p = 1.5", ".p", "must be from 0 to 1, is 1.5"),
        ("name = \"quantile\", columns = [\"x\"]", ".p", "is missing"),
        ("name = \"trimmed_mean\", columns = [\"x\"], p = 0.5", ".p", "must be from 0 to below 0.5"),
        ("name = \"mean\", columns = [\"x\"], p = 0.5", ".p", "has no use for mean"),
        ("name = \"mode\", columns = [\"x\"]", ".name", "there is no statistic 'mode'; there are mean, median"),
        ("name = \"mean\", columns = [\"x\"], as = \"a/b\"", ".as", "can't be the name of a variable"),
        ("name = \"mean_difference\", columns = [\"x\", \"c\"]", ".groups", "has 1 groups, name two"),
    ] {
        refused(&with(statistic), "", &format!("{at}{place}"), message);
    }
    refused(
        &with("name = \"pearson\", columns = [\"x\", \"c\"]"),
        "",
        "run.toml:3: statistic",
        "is a column constant?",
    );
    refused("data.values.x = [1, 2]\nstatistic = []", "", "run.toml:2: statistic", "is empty");
    refused("data.values.x = [1, 2]", "", "run.toml:1", "missing field `statistic`");
    let twice = "data.values.x = [1, 2]\nstatistic = [{ name = \"mean\", columns = [\"x\"] }, { name = \"mean\", columns = [\"x\"] }]";
    refused(twice, "", "run.toml:2: statistic", "mean is there twice");
}

#[test]
fn of_data() {
    let with = |data: &str| format!("{data}\n{MEAN}");
    refused(&with("data.values.x = [1]"), "", "run.toml:1: data", "has one row");
    refused(&with("data.values.x = [1, 2, nan]"), "", "run.toml:1: data.values.x[2]", "NaN is not a finite number");
    refused(&with("data.values.x = []"), "", "run.toml:1: data", "no row");
    refused(&with("data.values.x = [1, 2]\ndata.values.y = [1]"), "", "run.toml:1: data", "differ in length");
    refused(&with("data.file = \"none.csv\""), "", "run.toml:1: data.file", "can't read none.csv");
    refused(&with("data.file = \"x.csv\"\ndata.values.x = [1]"), "", "run.toml:2: data.values", "combined with a file");
    refused(MEAN, "", "run.toml:1", "missing field `data`");
    refused(&with("data = {}"), "", "run.toml:1: data", "is missing");
}

#[test]
fn of_files() {
    let folder = Folder::new(&format!("data.file = \"t.csv\"\n{MEAN}"));
    let refused = |text: &str, message: &str| {
        fs::write(folder.path("t.csv"), text).unwrap();
        let outcome = folder.run("");
        assert_eq!(
            (outcome.code(), outcome.errors()),
            (2, vec![&format!("bootstrap: error: {message}")[..]]),
            "{text}"
        );
        assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 2);
    };
    refused(
        "x,y\n1,2\nNA,3\n",
        "t.csv:3: column x: 'NA' is not a number: missing = \"drop\" would leave such rows out",
    );
    refused("x,y\n1,2\n3x,3\n", "t.csv:3: column x: '3x' is not a number");
    refused("y,z\n1,2\n", "t.csv: there is no column 'x'; there are y, z");
    refused("x\n", "t.csv: the column is empty: there is no number in it");
    fs::write(folder.path("t.csv"), "x\n1\n\"\"\n2\n5\n").unwrap();
    let outcome = folder.run("--missing drop --quiet").expect_success();
    assert!(outcome.stderr.contains("t.csv: 1 rows have a missing cell and are left out"), "{outcome}");
}

#[test]
fn of_schemes_and_counts() {
    let with = |bootstrap: &str| format!("data.values.x = [1, 2, 4, 8]\n{MEAN}\nbootstrap = {{ {bootstrap} }}");
    let at = |key: &str| format!("run.toml:3: bootstrap.{key}");
    for (bootstrap, key, message) in [
        ("resamples = 0", "resamples", "must be at least 1"),
        ("batch = 0", "batch", "must be at least 1"),
        ("scheme = \"magic\"", "scheme", "there is no `magic`; there are `ordinary`, `balanced`"),
        (
            "scheme = \"moving_block\", block_length = 9",
            "block_length",
            "must be from 1 to the number of rows, 4, is 9",
        ),
        ("scheme = \"moving_block\", block_length = 1.5", "block_length", "must be a whole number"),
        ("scheme = \"stationary\"", "block_length", "can't be found for 4 rows"),
        ("scheme = \"stratified\"", "strata", "is missing"),
        ("scheme = \"clustered\", clusters = \"z\"", "clusters", "has no column 'z'"),
        ("strata = \"x\"", "strata", "has no use in this scheme"),
        ("scheme = \"parametric\"", "models", "is missing"),
        ("scheme = \"parametric\", models = { x = \"gama\" }", "models.x", "there is no 'gama' to fit"),
        ("exact = true, scheme = \"balanced\"", "exact", "only the ordinary scheme"),
        ("until_mc_error = 0.0", "until_mc_error", "must be positive"),
        ("until_mc_error = 0.1, scheme = \"balanced\"", "until_mc_error", "balance is over a given number"),
        ("max_resamples = 5", "max_resamples", "has no use without until_mc_error"),
        ("sheme = \"balanced\"", "sheme", "unknown field"),
    ] {
        refused(&with(bootstrap), "", &at(key), message);
    }
    refused(&with(""), "--resamples 0", "--resamples", "must be at least 1, is 0");
    refused(&with(""), "--until-mc-error -1", "--until-mc-error", "must be positive, is -1");
    refused(&with(""), "--exact --max-multisets 34", "--exact", "4 rows have 35 multisets, and at most 34 are allowed");
    let many = (1..=60).map(|x| x.to_string()).collect::<Vec<_>>().join(", ");
    refused(&format!("data.values.x = [{many}]\n{MEAN}"), "--exact", "--exact", "60 rows have about 4.8e34 multisets");
}

#[test]
fn of_intervals() {
    let with = |interval: &str| {
        format!(
            "data.values.x = [1, 2, 4, 8]\nstatistic = [{{ name = \"median\", columns = [\"x\"] }}]\ninterval = {{ {interval} }}"
        )
    };
    for (interval, key, message) in [
        ("methods = [\"bc\"]", "methods[0]", "there is no `bc`; there are `normal`"),
        ("methods = [\"studentized\"]", "methods", "median has no formula for it: nested = 50 finds it"),
        ("levels = [0.9, 1.5]", "levels[1]", "must be above 0 and below 1, is 1.5"),
        ("nested = 1", "nested", "must be 0 or at least 2"),
        ("acceleration = \"infinitesimal\"", "", "median has no influence values"),
        ("acceleration = { subsample = 1 }", "acceleration", "at least 2 rows"),
    ] {
        refused(&with(interval), "", format!("run.toml:3: interval.{key}").trim_end_matches('.'), message);
    }
    let smoothed =
        format!("data.values.x = [1, 2, 4, 8]\n{MEAN}\nbootstrap.scheme = \"smoothed\"\ninterval.methods = [\"bca\"]");
    refused(&smoothed, "", "run.toml:4: interval.methods", "BCa needs rows that are drawn singly");
    let nested =
        format!("data.values.x = [1, 2, 4, 8]\n{MEAN}\ninterval = {{ methods = [\"studentized\"], nested = 5 }}");
    refused(&nested, "--exact", "run.toml:3: interval.nested", "can't be: exact resamples");
    let test = format!("data.values.x = [1, 2, 4, 8]\n{MEAN}\ntest = {{ values = \"x\", groups = \"x\" }}");
    refused(&test, "", "run.toml:3: test.pair", "has 4 groups, name two");
}
