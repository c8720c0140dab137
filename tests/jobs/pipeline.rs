//! `pipeline`: roles that do different things write what one application writes.

use crate::launch::{Outcome, Program, alone_at_once, on_ranks, signal, wait_until};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

const PIPELINE: &str = env!("CARGO_BIN_EXE_pipeline");

fn pipeline(folder: &Path, ranks: usize, arguments: &[&str]) -> Program {
    on_ranks(ranks, PIPELINE).folder(folder).args(arguments)
}

/// The bytes that an application writes alone.
fn alone_writes(folder: &Path, application: &str, arguments: &[&str]) -> Vec<u8> {
    let program = match application {
        "abc" => env!("CARGO_BIN_EXE_abc"),
        "bootstrap" => env!("CARGO_BIN_EXE_bootstrap"),
        _ => env!("CARGO_BIN_EXE_gibbs"),
    };
    alone_at_once(program).folder(folder).args(["--quiet", "--out", "alone.h5", "--force"]).args(arguments).run();
    fs::read(folder.join("alone.h5")).unwrap()
}

/// What an application has written; it is gone then, so that the next run can't pass for it.
fn taken(folder: &Path, name: &str) -> Vec<u8> {
    let path = folder.join(format!("{name}.h5"));
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    bytes
}

/// Refused with this one message, and no result is left.
#[track_caller]
fn refused(folder: &Path, outcome: &Outcome, message: &str) {
    let errors = outcome.errors();
    assert_eq!((outcome.code(), errors.len()), (2, 1), "{outcome}");
    assert!(errors[0].contains(message), "{message}: {outcome}");
    assert!(!fs::read_dir(folder).unwrap().any(|entry| entry.unwrap().path().extension().is_some_and(|it| it == "h5")));
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn stages_write_what_abc_writes() {
    let folder = tempfile::tempdir().unwrap();
    let problem = ["--draws", "100", "--batch", "200", "--seed", "5"];
    let expected = alone_writes(folder.path(), "abc", &problem);
    for (ranks, rule) in [
        (4, "client=1,writer=1,consumer=1,producer=*"),
        (5, "producer=2,consumer=1,writer=1,client=1"),
        (8, "client=1,consumer=3,writer=1,producer=*"),
    ] {
        let outcome =
            pipeline(folder.path(), ranks, &problem).args(["--force", "--roles", rule]).run().expect_success();
        assert!(outcome.stdout.contains("100 of "), "{outcome}");
        assert!(taken(folder.path(), "pipeline") == expected, "{rule} on {ranks} ranks");
    }
    let parts = pipeline(folder.path(), 1, &problem).args(["--force", "--quiet", "--role", "writer"]);
    let part = |program: Program, ranks: &str, role: &str| program.args([":", "-n", ranks, PIPELINE, "--role", role]);
    part(part(part(parts, "1", "client"), "2", "consumer"), "1", "producer").run().expect_success();
    assert!(taken(folder.path(), "pipeline") == expected, "a launch of parts");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn stages_that_run_out_of_simulations() {
    let folder = tempfile::tempdir().unwrap();
    let problem = ["--draws", "300", "--max-simulations", "54321"];
    let expected = alone_writes(folder.path(), "abc", &problem);
    let outcome = pipeline(folder.path(), 5, &problem).run();
    assert_eq!(outcome.code(), 3, "{outcome}");
    assert!(fs::read(folder.path().join("pipeline.h5")).unwrap() == expected);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn stages_that_can_not_be() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |ranks: usize, arguments: &[&str], message: &str| {
        refused(folder.path(), &pipeline(folder.path(), ranks, arguments).run(), message);
    };
    refuse(3, &[], "at least one rank must be producer, 0 of 3 are");
    refuse(4, &["--threads", "2"], "--threads: must be 1");
    refuse(4, &["--roles", "client=4"], "exactly one rank must be client, 4 of 4 are");
    refuse(4, &["--roles", "client=1", "--role", "client"], "cannot be used with");
    refuse(4, &["--draws", "0"], "--draws: must be at least 1");
    refuse(4, &["--trace", "trace.h5"], "--trace: is for abc");
    refuse(4, &["--stall-timeout", "9"], "--stall-timeout: is for abc");
    let text = String::from_utf8(fs::read("mpi-apps/abc.toml").unwrap()).unwrap();
    let (before, rest) = text.split_once("[tolerance]").unwrap();
    let after = rest.split_once("\n\n").unwrap().1;
    for (distance, message) in [
        ("tolerance = 0.1", "distance.scale: must be \"none\""),
        ("scale = \"none\"\nbest_of = { simulations = 100000 }", "give a tolerance"),
    ] {
        fs::write(folder.path().join("run.toml"), format!("{before}[distance]\n{distance}\n{after}")).unwrap();
        refuse(4, &["run.toml"], message);
    }
}

/// They are ended at random instants, by a signal that asks or by one that doesn't, and go on with other numbers of
/// ranks, or as abc.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn stages_that_are_ended_go_on() {
    let problem = ["--draws", "2000", "--batch", "500"];
    let scratch = tempfile::tempdir().unwrap();
    let expected = alone_writes(scratch.path(), "abc", &problem);
    let goes_on = ["--quiet", "--resume", "--checkpoint-every", "0.02"];
    let kept = |folder: &Path| folder.join("pipeline.h5.checkpoint");
    for (round, asks) in [Some(Signal::TERM), None, Some(Signal::USR1), None].into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for (ranks, rank) in [(4, round), (6, (round + 1) % 4), (5, (round + 2) % 4)] {
            let start = SystemTime::now();
            let job = pipeline(folder, ranks, &problem).args(goes_on).start();
            // It heeds signals by then, or it is done.
            let is_new = |file: fs::Metadata| file.modified().unwrap() > start;
            wait_until("a new checkpoint", || {
                folder.join("pipeline.h5").exists() || fs::metadata(kept(folder)).is_ok_and(is_new)
            });
            sleep(Duration::from_millis(50));
            let Some(victim) = job.rank(rank) else { break };
            let start = Instant::now();
            signal(victim, asks.unwrap_or(Signal::KILL));
            let outcome = job.finish();
            assert!(start.elapsed() < Duration::from_secs(5), "{ranks} {rank}: {outcome}");
            if asks.is_some() && !folder.join("pipeline.h5").exists() {
                assert_eq!(outcome.code(), 75, "{ranks} {rank}: {outcome}");
                assert_eq!(outcome.stderr.matches("--resume goes on").count(), 1, "{ranks} {rank}: {outcome}");
                assert!(kept(folder).exists());
            }
        }
        if round == 0 {
            let abc = alone_at_once(env!("CARGO_BIN_EXE_abc")).folder(folder);
            abc.args(problem).args(goes_on).args(["--out", "pipeline.h5"]).run().expect_success();
        } else {
            pipeline(folder, 4, &problem).args(goes_on).run().expect_success();
        }
        assert!(taken(folder, "pipeline") == expected, "round {round}");
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "round {round}");
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn stages_that_have_nothing_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let problem = ["--draws", "20", "--resume"];
    pipeline(folder.path(), 4, &problem).run().expect_success();
    let outcome = pipeline(folder.path(), 5, &problem).run().expect_success();
    assert_eq!(outcome.stderr.matches("pipeline.h5 is finished: there is nothing to do").count(), 1, "{outcome}");
}

/// A signal on one rank ends all applications with their checkpoints, and all go on.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn an_ensemble_that_is_ended_goes_on() {
    let (folder, text) = ensemble();
    let folder = folder.path();
    let mut larger = text.clone();
    for (few, many) in [
        ("\ndraws = 2000\n", "\ndraws = 20000\n"),
        ("resamples = 10000", "resamples = 20000000"),
        ("\ndraws = 5000\n", "\ndraws = 300000\n"),
    ] {
        assert!(larger.contains(few), "{few}");
        larger = larger.replace(few, many);
    }
    fs::write(folder.join("large.toml"), &larger).unwrap();
    let run = |ranks: usize| {
        let flags = ["--ensemble", "large.toml", "--quiet", "--resume", "--checkpoint-every", "1000"];
        pipeline(folder, ranks, &flags)
    };
    let job = run(4).start();
    let names = ["abc", "bootstrap", "gibbs"];
    names.iter().for_each(|name| wait_for(&folder.join(format!("{name}.h5.checkpoint.results"))));
    sleep(Duration::from_millis(100));
    signal(job.rank(3).expect("it runs"), Signal::TERM);
    let start = Instant::now();
    let outcome = job.finish();
    assert_eq!(outcome.code(), 75, "{outcome}");
    assert!(start.elapsed() < Duration::from_secs(5), "{outcome}");
    assert_eq!(outcome.stderr.matches("--resume goes on").count(), 1, "{outcome}");
    for name in names {
        assert!(folder.join(format!("{name}.h5.checkpoint")).exists(), "{name}: {outcome}");
    }
    // Those that are done before the others are asked, too: only abc has more to do.
    fs::write(folder.join("long.toml"), text.replace("\ndraws = 2000\n", "\ndraws = 300000\n")).unwrap();
    let flags = ["--ensemble", "long.toml", "--quiet", "--force", "--checkpoint-every", "1000"];
    let job = pipeline(folder, 4, &flags).start();
    ["bootstrap.h5", "gibbs.h5"].iter().for_each(|name| wait_for(&folder.join(name)));
    sleep(Duration::from_millis(100));
    signal(job.rank(1).expect("it runs"), Signal::TERM);
    let outcome = job.finish();
    assert_eq!(outcome.code(), 75, "{outcome}");
    assert_eq!(outcome.stderr.matches("--resume goes on").count(), 1, "{outcome}");
    assert!(folder.join("abc.h5.checkpoint").exists(), "{outcome}");
    fs::remove_file(folder.join("abc.h5.checkpoint")).unwrap();
    names.iter().for_each(|name| drop(fs::remove_file(folder.join(format!("{name}.h5")))));
    run(5).run().expect_success();
    let ended = names.map(|name| taken(folder, name));
    run(3).args(["--force"]).run().expect_success();
    assert!(ended == names.map(|name| taken(folder, name)));
}

#[track_caller]
fn wait_for(path: &Path) {
    wait_until(&path.display().to_string(), || path.exists());
}

/// A folder with the default ensemble's run file, and one for each of its applications.
fn ensemble() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let printed = alone_at_once(PIPELINE).args(["--ensemble", "--print-run-file"]).run().expect_success().stdout;
    fs::write(folder.path().join("all.toml"), &printed).unwrap();
    let mut rest = &printed[..];
    for application in ["gibbs", "bootstrap", "abc"] {
        let (before, own) = rest.split_once(&format!("\n[{application}]\n")).unwrap();
        let own = own.replace(&format!("[{application}."), "[");
        fs::write(folder.path().join(format!("{application}.toml")), own).unwrap();
        rest = before;
    }
    (folder, printed)
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn an_ensemble_writes_what_each_application_writes() {
    let (folder, _) = ensemble();
    let (folder, applications) = (folder.path(), ["abc", "bootstrap", "gibbs"]);
    let expected = applications.map(|name| alone_writes(folder, name, &[&format!("{name}.toml")]));
    let check = |way: &str| {
        for (name, expected) in applications.iter().zip(&expected) {
            assert!(taken(folder, name) == *expected, "{name}, {way}");
        }
    };
    for ranks in [3, 5, 8] {
        let run = pipeline(folder, ranks, &["--ensemble", "all.toml", "--force", "--quiet"]);
        assert_eq!(run.run().expect_success().stdout, "");
        check(&format!("{ranks} ranks"));
    }
    let flags = ["--ensemble", "all.toml", "--force", "--schedule", "static", "--roles", "gibbs=2,abc=*,bootstrap=1"];
    let outcome = pipeline(folder, 5, &flags).run().expect_success();
    assert_eq!(outcome.stdout.matches("written: ").count(), 3, "{outcome}");
    check("another rule");
    let parts = pipeline(folder, 1, &["--ensemble", "all.toml", "--force", "--quiet", "--role", "bootstrap"]);
    let part = |program: Program, ranks: &str, role: &str| {
        program.args([":", "-n", ranks, PIPELINE, "--ensemble", "--role", role])
    };
    part(part(parts, "2", "gibbs"), "1", "abc").run().expect_success();
    check("a launch of parts");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn an_ensemble_of_two() {
    let (folder, text) = ensemble();
    let (without, _) = text.split_once("\n[gibbs]\n").unwrap();
    let without = without.replace(",gibbs=*", "").replace("bootstrap=1", "bootstrap=*");
    fs::write(folder.path().join("two.toml"), without).unwrap();
    let expected = alone_writes(folder.path(), "abc", &["abc.toml"]);
    pipeline(folder.path(), 3, &["--ensemble", "two.toml", "--quiet"]).run().expect_success();
    assert!(fs::read(folder.path().join("abc.h5")).unwrap() == expected);
    assert!(!folder.path().join("gibbs.h5").exists());
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn mistakes_in_an_ensemble_are_named_by_table_and_line() {
    let (folder, text) = ensemble();
    let folder = folder.path();
    let refuse = |ranks: usize, text: &str, flags: &[&str], message: &str| {
        fs::write(folder.join("wrong.toml"), text).unwrap();
        let outcome = pipeline(folder, ranks, &["--ensemble", "wrong.toml", "--quiet", "--force"]).args(flags).run();
        assert!(outcome.code() == 2 && outcome.errors().len() == 1 && outcome.seconds < 6.0, "{outcome}");
        assert!(outcome.errors()[0].contains(message), "{message}: {outcome}");
    };
    let line = |text: &str, of: &str| 1 + text[..text.find(of).unwrap()].matches('\n').count();
    let wrong = text.replace("high = 20.0", "high = -1.0");
    let place = format!("wrong.toml:{}: abc.prior.sigma.uniform", line(&wrong, "sigma = {"));
    refuse(3, &wrong, &[], &place);
    let wrong = text.replace("draws = 5000", "drows = 5000");
    let place = format!("wrong.toml:{}: gibbs.drows: unknown field", line(&wrong, "drows"));
    refuse(3, &wrong, &[], &place);
    refuse(3, "seed = 1", &[], "wrong.toml:1: seed: unknown field `seed`");
    refuse(3, "roles = 'abc=*'", &[], "has none of the tables abc, bootstrap, gibbs");
    refuse(2, &text, &[], "at least one rank must be gibbs, 0 of 2 are");
    refuse(3, &text, &["--roles", "abc=2,gibbs=1"], "at least one rank must be bootstrap, 0 of 3 are");
    refuse(3, &text, &["--seed", "3"], "--seed: is not for all applications of an ensemble");
}
