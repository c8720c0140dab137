//! Reports of what `abc` and `bootstrap` have written.

use super::{Folder, alone_at_once, figures, warnings, write_file};
use ensample::store::{Coordinates, Reader, ResultFile};
use std::path::Path;

#[test]
fn abc_is_reported_with_its_simulations() {
    let folder = Folder::with_results();
    let json = folder.json("abc.h5");
    let reader = Reader::open(&folder.path("abc.h5")).unwrap();
    assert_eq!(json["simulations"].to_string(), reader.attribute("/", "simulations").unwrap().to_string());
    let mu = reader.values::<f64>("posterior/mu").unwrap();
    let mean = mu.iter().sum::<f64>() / mu.len() as f64;
    assert!((json["quantities"]["mu"]["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    assert!(json["quantities"]["mu"]["ess_bulk"].as_f64().unwrap() > 250.0, "the draws are independent");
    assert_eq!(warnings(&json), [""; 0]);
    let text = folder.report("abc.h5").expect_success().stdout;
    assert!(text.contains("500 independent draws") && text.contains("were accepted"), "{text}");

    let page = folder.page("abc.h5");
    assert_eq!(figures(&page), ["density-mu", "density-sigma", "pairs", "nearness-mean", "nearness-sd"]);
    assert_eq!(page.matches(">prior</text>").count(), 2);
    assert_eq!(page.matches(">tolerance</text>").count(), 2);
}

#[test]
fn an_abc_result_with_distances_shows_them() {
    let folder = Folder::new();
    let run_file = include_str!("../../../mpi-apps/abc.toml");
    let (before, rest) = run_file.split_once("[tolerance]").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let run_file = format!("{before}[distance]\ntolerance = 0.1\npilot = 1000\n\n{after}");
    std::fs::write(folder.path("run.toml"), run_file).unwrap();
    folder.run(env!("CARGO_BIN_EXE_abc"), "run.toml --quiet --draws 200");
    let page = folder.page("abc.h5");
    let expected = ["density-mu", "density-sigma", "pairs", "nearness-distance", "nearness-mean", "nearness-sd"];
    assert_eq!(figures(&page), expected);
    assert_eq!(page.matches(">tolerance</text>").count(), 1);
}

#[test]
fn a_result_that_is_partial_says_so() {
    let folder = Folder::new();
    let program = alone_at_once(env!("CARGO_BIN_EXE_abc")).folder(folder.0.path());
    assert_eq!(program.args(["--quiet", "--max-simulations", "100000"]).run().code(), 3);
    let json = folder.json("abc.h5");
    assert!(json["partial"] == 1 && warnings(&json)[0].starts_with("PARTIAL"), "{json}");
}

#[test]
fn gibbs_is_reported_with_all_its_variables() {
    let folder = Folder::with_results();
    let json = folder.json("gibbs.h5");
    let reader = Reader::open(&folder.path("gibbs.h5")).unwrap();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let said = |name: &str| json["quantities"][name]["mean"].as_f64().unwrap();
    let early = reader.values::<f64>("posterior/early").unwrap();
    assert!((said("early") - mean(&early)).abs() < 1e-12);
    let imputed = reader.block::<f64>("posterior/imputed", &[0..4, 0..500, 1..2]).unwrap();
    assert!((said("imputed[1934]") - mean(&imputed)).abs() < 1e-12);
    assert_eq!((&json["made"]["seed"], &json["made"]["thinning"]), (&"1".into(), &"1".into()));
    assert!(json["run_file"].as_str().unwrap().contains("name = \"disaster\""));
    let page = folder.page("gibbs.h5");
    for name in ["trace-switchpoint", "density-imputed_1890", "rank-late", "autocorrelation-lp", "pairs"] {
        assert!(figures(&page).contains(&name), "{name}");
    }
}

#[test]
fn the_bootstrap_is_reported_with_its_intervals() {
    let folder = Folder::with_results();
    let json = folder.json("bootstrap.h5");
    let reader = Reader::open(&folder.path("bootstrap.h5")).unwrap();
    let ratio = &json["statistics"]["ratio"];
    assert!((ratio["estimate"].as_f64().unwrap() - 1.520_312_5).abs() < 1e-9);
    let low = reader.values::<f64>("intervals/low").unwrap();
    let methods = reader.values::<String>("intervals/method").unwrap();
    let intervals = ratio["intervals"].as_array().unwrap();
    assert_eq!(intervals.len(), methods.len());
    for (interval, (method, low)) in intervals.iter().zip(methods.iter().zip(&low)) {
        assert_eq!(interval["method"].as_str().unwrap(), method);
        assert!((interval["low"].as_f64().unwrap() - low).abs() < 1e-12, "{method}: {interval}, {low}");
    }
    let text = folder.report("bootstrap.h5").expect_success().stdout;
    assert!(text.contains("5,000 resamples") && text.contains("ratio, bca 95 %"), "{text}");

    let page = folder.page("bootstrap.h5");
    assert_eq!(figures(&page), ["replicates-ratio", "quantiles-ratio"]);
    for label in ["normal 95 %", "basic 95 %", "percentile 95 %", "bca 95 %", "estimate", "mean of the replicates"] {
        assert!(page.contains(&format!(">{label}</text>")), "{label}");
    }
}

#[test]
fn an_enumerated_bootstrap_has_intervals_only() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("run.toml"),
        "data.values.x = [1.0, 2.0, 4.0, 8.0]\nbootstrap.exact = true\nstatistic = [{ name = \"mean\", columns = [\"x\"] }]\n\
         interval.sides = [\"two\", \"lower\"]\ninterval.methods = [\"percentile\"]\n",
    )
    .unwrap();
    folder.run(env!("CARGO_BIN_EXE_bootstrap"), "run.toml --quiet");
    let json = folder.json("bootstrap.h5");
    assert_eq!(json["exact"], true);
    assert_eq!(json["statistics"]["mean"]["intervals"].as_array().unwrap().len(), 2);
    let page = folder.page("bootstrap.h5");
    assert_eq!(figures(&page), ["replicates-mean"]);
    assert!(page.contains(">percentile 95 % lower</text>"));
}

#[test]
fn traces_of_real_runs_are_reported() {
    let folder = Folder::with_results();
    for (file, phase) in
        [("abc.trace.h5", "sample"), ("gibbs.trace.h5", "chains"), ("bootstrap.trace.h5", "replicates")]
    {
        let json = folder.json(file);
        assert_eq!((&json["kind"], &json["ranks"]), (&"trace".into(), &1.into()));
        let busy = json["phases"][phase]["ranks"][0]["busy_share"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&busy), "{busy}");
        assert_eq!(figures(&folder.page(file))[0], "timeline");
    }
}

/// Rank, thread, start and seconds of a task.
type Task = (u64, u64, f64, f64);

/// Writes a trace of one phase.
fn write_trace(path: &Path, ranks: usize, tasks: &[Task]) {
    write_file(path, |file| write_phase(file, ranks, tasks));
}

fn write_phase(file: &mut ResultFile, ranks: usize, tasks: &[Task]) {
    file.attribute("/", "mpi_library", "none").unwrap();
    let end = tasks.iter().map(|(.., start, seconds)| start + seconds).fold(0.0, f64::max);
    let rank = file.axis("rank", Coordinates::Index(ranks));
    let arrival = file.axis("arrival", Coordinates::Index(tasks.len()));
    let threads = 1 + tasks.iter().map(|(_, thread, ..)| *thread).max().unwrap();
    let busy: Vec<f64> = (0..ranks as u64)
        .map(|rank| tasks.iter().filter(|task| task.0 == rank).map(|(.., seconds)| seconds).sum())
        .collect();
    let idle: Vec<f64> = busy.iter().map(|busy| threads as f64 * end - busy).collect();
    for (name, values) in [("busy_seconds", busy), ("idle_seconds", idle)] {
        let variable = file.variable(&format!("work/{name}"), &[rank]).unwrap();
        file.write(variable, &values).unwrap();
    }
    let host = file.variable("work/host", &[rank]).unwrap();
    file.write(host, &vec!["node".to_owned(); ranks]).unwrap();
    let count = |rank: u64| tasks.iter().filter(|task| task.0 == rank).count() as u64;
    for (name, axis, values) in [
        ("finished_tasks", rank, (0..ranks as u64).map(count).collect::<Vec<_>>()),
        ("task", arrival, (0..tasks.len() as u64).collect()),
        ("task_rank", arrival, tasks.iter().map(|task| task.0).collect()),
        ("task_thread", arrival, tasks.iter().map(|task| task.1).collect()),
    ] {
        let variable = file.variable(&format!("work/{name}"), &[axis]).unwrap();
        file.write(variable, &values).unwrap();
    }
    for (name, values) in [
        ("task_start", tasks.iter().map(|task| task.2).collect::<Vec<_>>()),
        ("task_seconds", tasks.iter().map(|task| task.3).collect()),
    ] {
        let variable = file.variable(&format!("work/{name}"), &[arrival]).unwrap();
        file.write(variable, &values).unwrap();
    }
    file.attribute("work", "seconds", end).unwrap();
}

/// Of 200 ranks one works on a long task at the end: it is named, and it is among those that are drawn.
#[test]
fn a_straggler_is_found() {
    let folder = Folder::new();
    let mut tasks: Vec<Task> =
        (0..200).flat_map(|rank| (0..4).map(move |task| (rank, 0, f64::from(task), 0.99))).collect();
    tasks.push((123, 0, 4.0, 12.0));
    write_trace(&folder.path("trace.h5"), 200, &tasks);
    let json = folder.json("trace.h5");
    assert_eq!(json["phases"]["work"]["stragglers"], serde_json::json!([123]));
    let said = warnings(&json);
    assert!(
        said.iter().any(|warning| warning.contains("ended well after the middle rank: rank 123 (12.0 s later)")),
        "{said:?}"
    );
    assert!(said.iter().any(|warning| warning.contains("task 800 on rank 123 took 12.0 s")), "{said:?}");
    let page = folder.page("trace.h5");
    assert!(page.contains(">rank 123</text>") && page.contains("136 threads have no row"));
    assert!(page.matches(">rank ").count() <= 64);

    let even: Vec<_> = tasks.into_iter().filter(|task| task.3 < 1.0).collect();
    write_trace(&folder.path("even.h5"), 200, &even);
    assert_eq!(warnings(&folder.json("even.h5")), [""; 0]);
}

#[test]
fn threads_have_rows_of_their_own() {
    let folder = Folder::new();
    let tasks: Vec<_> =
        (0..4).flat_map(|worker| (0..50).map(move |task| (worker / 2, worker % 2, f64::from(task), 0.9))).collect();
    write_trace(&folder.path("trace.h5"), 3, &tasks);
    let page = folder.page("trace.h5");
    for row in ["rank 0, thread 0", "rank 0, thread 1", "rank 1, thread 0", "rank 1, thread 1", "rank 2, thread 0"] {
        assert!(page.contains(&format!(">{row}</text>")), "{row}");
    }
    // Two ranks have been idle for a tenth of the time, the third had no task at all.
    let share = folder.json("trace.h5")["phases"]["work"]["busy_share"].as_f64().unwrap();
    assert!((share - 0.6).abs() < 0.01, "{share}");
}
