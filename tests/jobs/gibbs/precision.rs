//! Chains are lengthened until they are good enough, and no more memory is needed for long ones.

use super::Folder;
use crate::launch::on_ranks;
use ensample::store::Reader;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn chains_are_lengthened_until_they_are_good_enough() {
    let folder = Folder::new();
    let flags = "--model schools --draws 1000 --until rhat=1.01,ess_bulk=4000,ess_tail=6000";
    let said = folder.summary(flags);
    let draws = said["draws"].as_u64().unwrap();
    assert!([1500, 2250, 3375, 5062, 7593].contains(&draws) && said["partial"] == false, "{said}");
    for quantity in said["quantities"].as_object().unwrap().values() {
        let number = |name: &str| quantity[name].as_f64().unwrap();
        assert!(number("r_hat") <= 1.01 && number("ess_bulk") >= 4000.0 && number("ess_tail") >= 6000.0, "{said}");
    }
    // One look earlier it was not.
    let before = (draws * 2).div_ceil(3);
    let partial = folder.run(&format!("--force --json {flags} --max-draws {before}"));
    assert_eq!(partial.code(), 3, "{partial}");
    let said: serde_json::Value = serde_json::from_str(&partial.stdout).unwrap();
    assert!(said["partial"] == true && said["draws"] == before, "{said}");
    let held = said["held_back_by"].as_str().unwrap();
    assert!(held.contains("ess_") && held.contains("below"), "{held}");
    let text = folder.run(&format!("--force {flags} --max-draws {before}")).stdout;
    assert!(text.contains("PARTIAL: ess_"), "{text}");
}

/// Chains that never meet are not called good.
#[test]
fn chains_apart_are_found_out() {
    let run_file =
        "model.name = 'bivariate'\nwarmup = 0\ndraws = 10\nchains = 2\nstart = { x = 1.0, y = [0.0, 1e150] }";
    let folder = Folder::with(run_file);
    let outcome = folder.run("run.toml --json --until rhat=1.1 --max-draws 12");
    assert!(matches!(outcome.code(), 0 | 3), "{outcome}");
    let said: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(said["partial"] == true, outcome.code() == 3);
}

/// 1e8 numbers (800 MB) pass through root, which never holds more than what is under way.
#[test]
#[ignore = "takes long without optimisation, and needs mpirun: scripts/test"]
fn memory_is_flat() {
    let folder = Folder::new();
    let peak = |draws: &str| -> f64 {
        let program = env!("CARGO_BIN_EXE_gibbs");
        let args =
            ["--model", "bivariate", "--chains", "4", "--quiet", "--force", "--trace", "trace.h5", "--draws", draws];
        on_ranks(2, program).folder(folder.0.path()).args(args).timeout(300).run().expect_success();
        let peaks: Vec<f64> =
            Reader::open(&folder.path("trace.h5")).unwrap().values("chains/peak_memory_bytes").unwrap();
        peaks[0]
    };
    let few = peak("10000");
    // x, y and lp of 4 chains: 12 numbers for each draw.
    let many = peak("8400000");
    assert!(fs::metadata(folder.path("gibbs.h5")).unwrap().len() > 800_000_000);
    assert!(many < few + 150e6, "{few} and {many} bytes");
    fs::remove_file(folder.path("gibbs.h5")).unwrap();
}

/// Nor does a look at the chains, or the summary at the end: 12 million numbers (96 MB) take no more than 3 million.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn memory_of_summaries_is_flat() {
    let folder = Folder::new();
    let peak = |flags: &str| {
        let flags = format!("--model bivariate --chains 4 --quiet --force {flags}");
        let job = folder.program().args(flags.split_whitespace()).start();
        let mut peak = 0;
        while let Some(now) = peak_memory(job.launcher()) {
            peak = now;
            sleep(Duration::from_millis(5));
        }
        job.finish().expect_success();
        peak
    };
    let few = peak("--draws 250000");
    let many = peak("--draws 1000000 --max-draws 1000000 --until rhat=1.1,ess_bulk=1000000");
    assert!(many < few + 60_000, "{few} and {many} kB");
}

/// The most memory that a process has had up to now, in kB, if it runs.
fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
