//! What is read and written.

use super::{CITY, Folder, interval};
use ensample::store::{Reader, Value};
use std::fs;

#[test]
fn the_file_holds_what_the_summary_says() {
    let folder = Folder::new(&format!("{CITY}\ninterval.sides = [\"two\", \"lower\"]"));
    let summary = folder.summary("--resamples 5000 --seed 9");
    let file = Reader::open(&folder.path("bootstrap.h5")).unwrap();
    assert_eq!(file.values::<f64>("replicates/ratio").unwrap().len(), 5000);
    assert_eq!(file.axes("replicates/ratio").unwrap(), ["replicate"]);
    assert_eq!(file.values::<f64>("estimates/estimate").unwrap(), [1.5203125]);
    assert_eq!(file.axes("intervals/low").unwrap(), ["statistic", "interval"]);
    let methods = file.values::<String>("intervals/method").unwrap();
    assert_eq!(methods[..4], ["normal", "basic", "percentile", "bca"]);
    let low = file.values::<f64>("intervals/low").unwrap();
    let high = file.values::<f64>("intervals/high").unwrap();
    for (i, method) in methods[..4].iter().enumerate() {
        for ((said, _), written) in interval(&summary, method).iter().zip([low[i], high[i]]) {
            assert!((said - written).abs() <= 1e-15 * written.abs(), "{method}: {said}, {written}"); // read from decimals
        }
    }
    assert_eq!(file.values::<String>("intervals/side").unwrap()[4], "lower");
    assert_eq!(high[4], f64::INFINITY);
    assert_eq!(file.attribute("/", "acceleration").unwrap(), Value::Text("jackknife".into()));
    // The run file in the result makes the same bytes again.
    let Value::Text(run_file) = file.attribute("/", "run_file").unwrap() else { panic!("a text") };
    let again = Folder::new(&run_file);
    again.summary("");
    assert!(fs::read(again.path("bootstrap.h5")).unwrap() == fs::read(folder.path("bootstrap.h5")).unwrap());
}

/// A run that is extended gives the bytes of one long run, wherever it was cut.
#[test]
fn an_extended_run_is_one_long_run() {
    for (scheme, methods) in
        [("ordinary", "\"bca\", \"studentized\""), ("stationary", "\"percentile\""), ("smoothed", "\"basic\"")]
    {
        let length = if scheme == "stationary" { "block_length = 2.5\n" } else { "" };
        let folder = Folder::new(&format!(
            "{CITY}\n[bootstrap]\nbatch = 100\nscheme = \"{scheme}\"\n{length}[interval]\nmethods = [{methods}]"
        ));
        folder.summary("--resamples 1234");
        let long = fs::read(folder.path("bootstrap.h5")).unwrap();
        for first in [1, 100, 777, 1234] {
            folder.summary(&format!("--resamples {first}"));
            folder.run("--resamples 1234 --extend --quiet").expect_success();
            assert!(fs::read(folder.path("bootstrap.h5")).unwrap() == long, "{scheme} from {first}");
        }
    }
}

#[test]
fn only_the_same_run_is_extended() {
    let folder = Folder::new(CITY);
    let refused = |flags: &str, message: &str| {
        let outcome = folder.run(&format!("--extend {flags}"));
        assert_eq!((outcome.code(), outcome.errors().len()), (2, 1), "{outcome}");
        assert!(outcome.errors()[0].contains(message), "{outcome}");
    };
    refused("", "there is no such result to extend");
    folder.summary("--resamples 1000");
    let before = fs::read(folder.path("bootstrap.h5")).unwrap();
    refused("--seed 2", "its seed was another");
    refused("--resamples 999", "has 1000 resamples already");
    refused("--exact", "exact is complete");
    refused("--batch 7", "its bootstrap was another");
    let changed = CITY.replace("138", "139");
    fs::write(folder.path("run.toml"), changed).unwrap();
    refused("", "its data was another");
    assert!(fs::read(folder.path("bootstrap.h5")).unwrap() == before);
}

/// Every phase of a run is in its trace.
#[test]
fn the_trace_has_every_phase() {
    let run = |acceleration: &str, flags: &str| {
        let folder = Folder::new(&format!("{CITY}\ninterval.acceleration = \"{acceleration}\""));
        folder.summary(&format!("--trace trace.h5 {flags}"));
        let trace = Reader::open(&folder.path("trace.h5")).unwrap();
        ["jackknife", "replicates", "enumerate", "quantiles"].map(|phase| trace.variables(phase).is_ok())
    };
    assert_eq!(run("jackknife", ""), [true, true, false, false]);
    assert_eq!(run("infinitesimal", ""), [false, true, false, false]);
    assert_eq!(run("jackknife", "--exact"), [true, false, true, true]);
}

/// The same numbers from inline values, text and another column order.
#[test]
fn data_comes_from_files() {
    let folder = Folder::new(CITY);
    let inline = folder.summary("");
    let columns = "u;x\n138;143\n93;104\n61;69\n179;260\n48;75\n37;63\n29;50\n23;48\n30;111\n2;50\n";
    fs::write(folder.path("city.csv"), columns.replace(';', ",")).unwrap();
    fs::write(folder.path("city.tsv"), columns.replace(';', "\t")).unwrap();
    for file in ["city.csv", "city.tsv"] {
        let statistic = "statistic = [{ name = \"ratio\", columns = [\"x\", \"u\"] }]";
        fs::write(folder.path("run.toml"), format!("data.file = \"{file}\"\n{statistic}")).unwrap();
        assert_eq!(folder.summary("")["statistics"], inline["statistics"]);
    }
}

/// Of the ten thousand resamples a third is without a certain row; leaving the outlier out lessens the error.
#[test]
fn the_jackknife_after_the_bootstrap_finds_the_outlier() {
    let folder = Folder::new(
        "data.values.x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100]\nbootstrap.jackknife_after = true\n\
         statistic = [{ name = \"mean\", columns = [\"x\"] }]",
    );
    folder.summary("");
    let file = Reader::open(&folder.path("bootstrap.h5")).unwrap();
    let counts = file.values::<f64>("jackknife_after/mean_resamples").unwrap();
    let expected = 10_000.0 * 0.348_678_440_1; // 0.9^10
    // Binomial: 5 standard errors for each of ten rows.
    assert!(counts.iter().all(|count| (count - expected).abs() < 5.0 * (expected * 0.65).sqrt()), "{counts:?}");
    let errors = file.values::<f64>("jackknife_after/mean_standard_error").unwrap();
    assert!(errors[9] < 1.0 && errors[..9].iter().all(|error| *error > 8.0), "{errors:?}");
    // What the nine other rows say of themselves: sd / sqrt(10).
    assert!((errors[9] / (60.0f64 / 9.0 / 10.0).sqrt() - 1.0).abs() < 0.1, "{errors:?}");
}

/// Efron and Tibshirani's (1993) mice: t = 1.06, and about one resample in seven is as extreme.
#[test]
fn a_test_of_two_means() {
    let folder = Folder::new(
        "data.values.y = [94, 197, 16, 38, 99, 141, 23, 52, 104, 146, 10, 51, 30, 40, 27, 46]\n\
         data.values.group = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n\
         bootstrap = { scheme = \"stratified\", strata = \"group\" }\n\
         statistic = [{ name = \"mean_difference\", columns = [\"y\", \"group\"], groups = [\"1\", \"0\"] }]\n\
         test = { values = \"y\", groups = \"group\", pair = [\"1\", \"0\"], alternative = \"greater\" }",
    );
    let test = folder.summary("--resamples 50000")["test"].clone();
    let number = |name: &str| test[name].as_f64().unwrap();
    assert!((number("difference") - 30.634_920_634_920_63).abs() < 1e-12, "{test}");
    assert!((number("t") - 1.058_7).abs() < 1e-4, "{test}");
    assert!((0.12..0.17).contains(&number("p_value")), "{test}");
    assert!((number("mc_error") - 0.001_57).abs() < 1e-4, "{test}");
}

/// Of a mean the influence values are the deviations, there is no bias, and the standard error is s / √n. With strata
/// each is on its own. Of the city ratio, bias and standard error are known (Davison and Hinkley 1997, example 2.17).
#[test]
fn jackknife_influence_values() {
    let run_file = "data.values.x = [1, 2, 3, 4, 10, 20]\ndata.values.g = [0, 0, 0, 0, 1, 1]\n\
                    statistic = [{ name = \"mean\", columns = [\"x\"] }]\n";
    let read = |run_file: &str, name: &str| {
        let folder = Folder::new(run_file);
        folder.summary("--resamples 100");
        let file = Reader::open(&folder.path("bootstrap.h5")).unwrap();
        let one = |variable: &str| file.values::<f64>(variable).unwrap()[0];
        let influence = file.values::<f64>(&format!("jackknife/{name}_influence")).unwrap();
        (influence, one("jackknife/bias"), one("jackknife/standard_error"))
    };
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let (influence, bias, error) = read(&format!("{run_file}bootstrap.jackknife = true"), "mean");
    let mean = 40.0 / 6.0;
    for (influence, x) in influence.iter().zip([1.0, 2.0, 3.0, 4.0, 10.0, 20.0]) {
        assert!(near(*influence, x - mean), "{influence}");
    }
    let squares: f64 = [1.0f64, 2.0, 3.0, 4.0, 10.0, 20.0].iter().map(|x| (x - mean) * (x - mean)).sum();
    assert!(near(bias, 0.0) && near(error, (squares / 30.0).sqrt()), "{bias} {error}");
    let strata = "bootstrap = { jackknife = true, scheme = \"stratified\", strata = \"g\" }";
    let (influence, ..) = read(&format!("{run_file}{strata}"), "mean");
    assert!(near(influence[..4].iter().sum(), 0.0) && near(influence[4], -influence[5]), "{influence:?}");
    let (_, bias, error) = read(&format!("{CITY}bootstrap.jackknife = true"), "ratio");
    // By hand from the ten ratios of sums without a city.
    let u = [138.0, 93.0, 61.0, 179.0, 48.0, 37.0, 29.0, 23.0, 30.0, 2.0f64];
    let x = [143.0, 104.0, 69.0, 260.0, 75.0, 63.0, 50.0, 48.0, 111.0, 50.0f64];
    let (su, sx): (f64, f64) = (u.iter().sum(), x.iter().sum());
    let without: Vec<f64> = u.iter().zip(&x).map(|(u, x)| (sx - x) / (su - u)).collect();
    let mean = without.iter().sum::<f64>() / 10.0;
    let squares: f64 = without.iter().map(|t| (t - mean) * (t - mean)).sum();
    assert!(near(bias, 9.0 * (mean - sx / su)) && near(error, (0.9 * squares).sqrt()), "{bias} {error}");
}
