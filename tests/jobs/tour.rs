//! What the tour prints and leaves. What is computed is the same on any number of ranks.

use crate::launch::{Outcome, Program, on_ranks};
use ensample::store::Reader;
use std::fs;
use std::path::Path;

fn tour(folder: &Path, ranks: usize) -> Program {
    on_ranks(ranks, env!("CARGO_BIN_EXE_tour")).folder(folder)
}

/// The lines under a heading.
fn under<'a>(outcome: &'a Outcome, heading: &str) -> Vec<&'a str> {
    let text =
        outcome.stdout.split(&format!("\n== {heading}\n")).nth(1).unwrap_or_else(|| panic!("{heading}: {outcome}"));
    text.lines().take_while(|line| !line.is_empty()).collect()
}

/// A line with every number that depends on who computes, or when, taken out.
fn words(line: &str) -> String {
    let words = line.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join(" ")
}

fn number_after(line: &str, words: &str) -> f64 {
    let rest = line.split(words).nth(1).unwrap_or_else(|| panic!("no '{words}' in '{line}'"));
    let number: String = rest.trim_start().chars().take_while(|c| c.is_ascii_digit() || ".-".contains(*c)).collect();
    number.trim_end_matches('.').parse().unwrap_or_else(|_| panic!("no number after '{words}' in '{line}'"))
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn everything_that_it_shows() {
    for ranks in [2, 3, 5, 8] {
        let folder = tempfile::tempdir().unwrap();
        let mut outcome = tour(folder.path(), ranks).args(["--trace", "trace.h5"]).run().expect_success();
        let engines = ranks - 1;
        // Where the launcher puts what another process prints is not up to the tour.
        let (hello, lines): (Vec<&str>, Vec<&str>) =
            outcome.stdout.lines().partition(|line| line.starts_with("hello from process "));
        let (hello, text) = (hello.join(""), lines.join("\n") + "\n");
        outcome.stdout = text;

        let processes = under(&outcome, "Ranks and their processes");
        assert_eq!(processes.len(), ranks);
        assert!(
            processes[0].starts_with("rank 0 is client: process ") && processes[1].starts_with("rank 1 is engine: ")
        );
        let process = under(&outcome, "A process and its exit status");
        if !process[0].starts_with("not here: this job can't start more ranks (MPICH ") {
            assert!(process.contains(&"it ended with exit status 7"), "{outcome}");
            let id = number_after(process.iter().find(|line| line.starts_with("started")).unwrap(), "process");
            assert_eq!(hello, format!("hello from process {id}"), "{outcome}");
        }
        let queue = under(&outcome, "A producer, a queue, a consumer");
        assert_eq!(queue, ["rank 1 took 1 to 5 from the queue, and sends their squares: [1.0, 4.0, 9.0, 16.0, 25.0]"]);

        let pool = under(&outcome, "A pool: the bootstrap of 25 Poisson counts");
        assert_eq!(pool[0], "counts: 3  4  3  4  5  8  4  1  4  5  3  6  4  3  2  8  2  3  5  1  3  4  5  6  5");
        assert_eq!(pool[1], "mean 4.04, 95 % interval of 1000 resamples: 3.40 to 4.72");
        assert_eq!(pool[3], "the same means both times: true");

        let views = under(&outcome, "Engines and views of them");
        let all: Vec<usize> = (0..engines).collect();
        assert_eq!(views[0], format!("engines: {all:?}, on ranks {:?}", (1..ranks).collect::<Vec<_>>()));
        assert_eq!(views[2], format!("view(..): {all:?}"));
        let every_other: Vec<usize> = all.iter().copied().step_by(2).collect();
        assert_eq!(views[3], format!("view((0..).step_by(2)): {every_other:?}"));
        assert_eq!(under(&outcome, "One engine, and all").len(), 3 + engines);

        let error = under(&outcome, "An error on an engine");
        assert!(
            error[0].starts_with("engine 0: there is nothing of the name 'y' here; there is nothing (at "),
            "{outcome}"
        );
        assert_eq!(
            error[2..],
            ["draw 0: mu 4.8312, sigma 1.5229", "draw 1: mu 4.5232, sigma 3.4661", "draw 2: mu 3.9551, sigma 3.1848"]
        );
        let mut tolerances = vec!["0.25"; engines];
        tolerances[0] = "0.5";
        assert_eq!(
            under(&outcome, "Push and pull"),
            [format!("tolerance on each engine: [{}]", tolerances.join(", "))]
        );

        let scatter = under(&outcome, "Scatter and gather");
        let sums = scatter[1].strip_prefix("sums of the parts: ").unwrap();
        assert_eq!(sums.split_whitespace().count(), engines);
        assert_eq!(scatter[2..], ["total: 249.58457237", "gathered, the same as before: true"]);
        let splits = under(&outcome, "A map over five splits");
        assert_eq!(splits, ["sums of squares: 234.3076  377.2231  300.2665  278.0760  270.3063", "total: 1460.179394"]);

        let who = under(&outcome, "Ten tasks, and who ran them");
        assert_eq!(who.len(), 10);
        assert!(who[0].ends_with(": mu 4.881  5.142  4.819  5.042  5.352"), "{outcome}");
        assert!(who[9].ends_with(": mu 5.642  5.080  5.269  5.111  5.072"), "{outcome}");
        assert!(who.iter().all(|line| number_after(line, "engine") < engines as f64));
        let later = under(&outcome, "A map that is waited for later");
        assert_eq!(later[0].matches(',').count(), 4, "five task ids: {outcome}");
        assert_eq!(*later.last().unwrap(), "100 draws, mean of mu 4.983305");
        assert_eq!(
            under(&outcome, "A parallel map: 4 times 25 draws"),
            [
                "task 0: mean of mu 4.897939",
                "task 1: mean of mu 5.150932",
                "task 2: mean of mu 4.821409",
                "task 3: mean of mu 5.053941",
                "all: 4.981055",
            ]
        );

        let drawn = under(&outcome, "What each engine has drawn");
        let (drawn, written) = drawn.split_at(drawn.len() - 1);
        assert_eq!(drawn.iter().map(|line| number_after(line, ":")).sum::<f64>(), 2000.0);
        assert_eq!(written, ["written: tour/draws.svg"]);
        assert!(fs::read_to_string(folder.path().join("tour/draws.svg")).unwrap().contains("engine 0"));
        let timing = under(&outcome, "The time of ten draws on each engine");
        assert_eq!(timing.iter().map(|line| words(line)).collect::<Vec<_>>(), vec!["engine ms"; engines]);

        let gibbs = under(&outcome, "A Gibbs sampler on one engine, and on all");
        for line in &gibbs[..2] {
            assert_eq!(number_after(line, ":"), 100_000.0);
            // Five standard errors: of 100,000 thinned draws with these standard deviations, nearly independent.
            assert!((number_after(line, "mean of x") - 0.651_059).abs() < 5.0 * 0.3921 / 316.0, "{line}");
            assert!((number_after(line, "of y") - 0.635_971).abs() < 5.0 * 0.5794 / 316.0, "{line}");
        }
        let disasters = under(&outcome, "Chains of the disaster model");
        assert_eq!(
            disasters[..3],
            [
                "switchpoint: mean 1889.816, sd 2.449, R-hat 1.0001",
                "early: mean 3.088, sd 0.286, R-hat 1.0001",
                "late: mean 0.934, sd 0.117, R-hat 1.0000",
            ]
        );
        assert!(fs::read_to_string(folder.path().join("tour/disasters.html")).unwrap().contains("switchpoint"));
        let early: Vec<f64> =
            Reader::open(&folder.path().join("tour/disasters.h5")).unwrap().values("posterior/early").unwrap();
        assert_eq!(early.len(), 20_000);

        record_of_requests(folder.path(), &outcome, engines);
        // What is there is not replaced, and that is said before anything is computed.
        let again = tour(folder.path(), ranks).run();
        assert_eq!((again.code(), &again.stdout[..]), (2, ""), "{again}");
        assert!(again.errors()[0].contains("tour/draws.svg: exists; --force replaces it"), "{again}");
    }
}

/// The trace has every request, and `report` reads it.
fn record_of_requests(folder: &Path, outcome: &Outcome, engines: usize) {
    let said = under(outcome, "The record of all requests")[0];
    let requests: u64 = said.split_once(" requests").unwrap().0.parse().unwrap();
    let reader = Reader::open(&folder.join("trace.h5")).unwrap();
    let ids: Vec<u64> = reader.values("requests/task").unwrap();
    assert!(ids.into_iter().eq(0..requests), "{outcome}");
    let fates = reader.labels("requests/fate").unwrap();
    assert_eq!(fates.iter().filter(|fate| *fate != "done").collect::<Vec<_>>(), ["failed"]);
    let times = |name: &str| reader.values::<f64>(&format!("requests/{name}")).unwrap();
    let (submitted, completed) = (times("submitted"), times("completed"));
    assert!(submitted.iter().zip(&completed).all(|(submitted, completed)| submitted <= completed));
    assert!(submitted.is_sorted());
    let (busy, seconds) = (times("busy_seconds"), times("task_seconds"));
    assert_eq!(busy.len(), engines + 1);
    assert!((busy.iter().sum::<f64>() - seconds.iter().sum::<f64>()).abs() < 1e-9);
    let sent: Vec<u64> = reader.values("requests/sent_bytes").unwrap();
    assert!(sent.iter().any(|bytes| *bytes >= 400), "the data that were pushed");

    let report = crate::launch::alone(env!("CARGO_BIN_EXE_report")).folder(folder);
    let report = report.args(["trace.h5", "--html", "trace.html"]).run().expect_success();
    assert!(report.stdout.contains("call, failed"), "{report}");
    assert_eq!(report.stdout.matches("\n0   ").count(), 0, "the client is no engine: {report}");
    assert!(fs::read_to_string(folder.join("trace.html")).unwrap().contains("timeline"));
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let said = |ranks: usize, arguments: &[&str]| {
        let outcome = tour(folder.path(), ranks).args(arguments).run();
        let expected = if arguments.contains(&"--out") { 74 } else { 2 };
        assert_eq!((outcome.code(), outcome.errors().len()), (expected, 1), "{outcome}");
        outcome.errors()[0].to_owned()
    };
    assert!(said(1, &[]).contains("at least one rank must be engine, 0 of 1 are"));
    assert!(said(3, &["--roles", "client=3"]).contains("exactly one rank must be client, 3 of 3 are"));
    assert!(said(3, &["--seed", "x"]).contains("--seed"));
    assert!(said(3, &["--out", "/dev/null/tour"]).contains("/dev/null/tour"));
}

/// The client may be another rank than root.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn the_client_may_be_any_rank() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--roles", "engine=*,client=1", "--trace", "trace.h5"];
    let outcome = tour(folder.path(), 3).args(arguments).run().expect_success();
    assert!(outcome.stdout.contains("engines: [0, 1], on ranks [0, 1]"), "{outcome}");
    assert!(outcome.stdout.contains("all: 4.981055"), "{outcome}");
    assert!(folder.path().join("trace.h5").exists());
}
