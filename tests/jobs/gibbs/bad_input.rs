//! Mistakes: one message with its place, exit status 2, and nothing written.

use super::Folder;
use std::fs;

#[track_caller]
fn refused(run_file: &str, flags: &str, message: &str) {
    let folder = Folder::with(run_file);
    let outcome = folder.run(&format!("run.toml {flags}"));
    assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{run_file} {flags}: {outcome}");
    let error = outcome.errors()[0].strip_prefix("gibbs: error: ").unwrap();
    assert!(
        error.starts_with(message) || message.starts_with("...") && error.contains(&message[3..]),
        "{run_file}: {error}"
    );
    assert!(outcome.stdout.is_empty() && fs::read_dir(folder.0.path()).unwrap().count() == 1, "{outcome}");
}

#[test]
fn of_numbers() {
    let bivariate = "model.name = 'bivariate'\n";
    for (key, value, message) in [
        ("chains", "0", "must be at least 1, is 0"),
        ("chains", "-3", "invalid value: integer `-3`"),
        ("draws", "0", "must be at least 1, is 0"),
        ("draws", "-1", "invalid value: integer `-1`"),
        ("draws", "9000000000000000000", "4 chains can have at most"),
        ("chains", "1000000000", "at most 109951162 can have draws = 10000"),
        ("thin", "0", "must be at least 1, is 0"),
        ("thin", "10001", "must be at most the number of draws, 10000, is 10001"),
        ("warmup", "1.5", "invalid type: floating point `1.5`"),
        ("seed", "9223372036854775808", "must be at most 9223372036854775807"),
        ("max_draws", "5", "has no use without until"),
        ("until", "{ rhat = 1.0 }", "rhat must be above 1, is 1"),
        ("until", "{}", "needs one of rhat, ess_bulk, ess_tail"),
        ("until", "{ ess_bulk = -5 }", "ess_bulk must be positive"),
        ("until", "{ ess = 5 }", "unknown field `ess`"),
        ("warmpu", "5", "unknown field `warmpu`"),
        ("start", "{ x = 1.0, y = 1e151 }", "start: must be x from 1e-150 to 1e150, and y of at most 1e150"),
        ("start", "{ x = 1e-200, y = 0.0 }", "start: must be x from 1e-150 to 1e150, and y of at most 1e150"),
    ] {
        refused(&format!("{bivariate}{key} = {value}"), "", &format!("...{message}"));
    }
    refused(bivariate, "--chains 0", "--chains: must be at least 1, is 0");
    refused(bivariate, "--thin 20000", "--thin: must be at most the number of draws, 10000, is 20000");
    refused(bivariate, "--until rhat=0.9", "--until: rhat must be above 1");
    refused(bivariate, "--until rhat=x", "...'x' is not a number");
    refused(bivariate, "--until rhat=1.01 --chains 1", "--until: rhat needs at least two chains");
    refused(bivariate, "--until ess_bulk=5 --max-draws 10", "--max-draws: must be at least the number of draws");
    refused(bivariate, "--chains x", "...invalid value 'x' for '--chains");
    refused(bivariate, "--model pumps", "--model: can't be combined with a run file");
}

#[test]
fn of_models_and_data() {
    refused("model.name = 'nothing'", "", "run.toml:1: model: there is no model 'nothing'; there are disaster");
    refused("", "", "run.toml:1: missing field `model`");
    refused(
        "model.name = 'disaster'",
        "",
        "run.toml:1: model: the model disaster needs a column 'year'; the data has none",
    );
    let disaster = |data: &str| format!("model.name = 'disaster'\n[data.values]\nyear = [1, 2, 3]\ndisasters = {data}");
    refused(&disaster("[1, -2, 3]"), "", "...-2");
    refused(&disaster("[1, 2.5, 3]"), "", "...2.5");
    refused(&disaster("[1, 2]"), "", "...differ in length");
    refused(&disaster("[1, 2, inf]"), "", "run.toml:4: data.values.disasters[2]: inf is not a finite number");
    refused(&disaster("[1, 2, 'x']"), "", "...a list of numbers, or of names");
    let prior = |prior: &str| format!("{}\n[prior]\n{prior}", disaster("[1, 2, 3]"));
    refused(&prior("rate = -1"), "", "...rate");
    refused(&prior("rat = 1"), "", "...unknown field `rat`");
    refused(&prior("rate = 'x'"), "", "run.toml:6: prior.rate: invalid type");
    let unused = |more: &str| format!("model.name = 'bivariate'\n{more}");
    refused(&unused("prior.rate = 1"), "", "run.toml:2: prior: is of no use: the model bivariate has no priors to set");
    refused(&unused("data.values.x = [1, 2]"), "", "run.toml:2: data: is of no use: the model bivariate takes no data");
    let start = |start: &str| format!("model.name = 'bivariate'\n[start]\n{start}");
    refused(&start("z = 1"), "", "run.toml:3: start.z: the model has no variable 'z'; it has x, y");
    refused(&start("x = [1, 2]"), "", "run.toml:3: start.x: has 2 values for 4 chains");
    refused(&start("x = 'a'"), "", "...a number, a list of numbers");
    let folder = Folder::with("model.name = 'disaster'\ndata.file = 'd.csv'");
    let said = |text: &str| {
        fs::write(folder.path("d.csv"), text).unwrap();
        let outcome = folder.run("run.toml");
        assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{outcome}");
        outcome.errors()[0].strip_prefix("gibbs: error: ").unwrap().to_owned()
    };
    assert_eq!(said("year,disasters\n1,2\n2,many\n"), "d.csv:3: column disasters: 'many' is not a number");
    assert!(said("year,accidents\n1,2\n2,3\n").contains("needs a column 'disasters'; the data has year, accidents"));
    assert!(said("").contains("the column is empty"));
    fs::remove_file(folder.path("d.csv")).unwrap();
    let outcome = folder.run("run.toml");
    assert!(outcome.code() == 2 && outcome.stderr.contains("run.toml:2: data.file: can't read d.csv"), "{outcome}");
    let outcome = Folder::new().run("--model nothing");
    assert!(
        outcome.code() == 2 && outcome.stderr.contains("there is no model 'nothing'; there are disaster, "),
        "{outcome}"
    );
}
