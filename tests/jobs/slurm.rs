//! The sbatch files, on a real Slurm: `SLURM_CONF` names the configuration of `scripts/slurm-cluster`.

use crate::launch::{alone, alone_at_once, build};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ABC: &str = env!("CARGO_BIN_EXE_abc");

/// Nodes that no test takes away.
const SAFE: &str = "--exclude=node3";

/// A folder from which jobs are submitted, as from the top of the project, with these programs for the applications.
struct Top {
    folder: TempDir,
    /// What loading modules does, of which there are none here.
    module: &'static str,
}

impl Top {
    fn new() -> Self {
        Self::with(Path::new(ABC).parent().expect("the programs are in a folder"))
    }

    fn with(programs: &Path) -> Self {
        // Each node has a /tmp of its own.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        fs::create_dir(folder.path().join("target")).unwrap();
        symlink(programs, folder.path().join("target/release")).unwrap();
        symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("slurm"), folder.path().join("slurm")).unwrap();
        Top { folder, module: ":" }
    }

    /// What only the user of a cluster knows, then this.
    fn submit(&self, launcher: &str, arguments: &[&str]) -> Job<'_> {
        let sbatch = alone("bash").folder(self.folder.path());
        let script = r#"exec sbatch --parsable --partition=debug "$@""#;
        let script = format!("module() {{ {}; }}; export -f module; {script}", self.module);
        let sbatch = sbatch.args(["-c", &script, "sbatch"]).args(arguments).env("ENSAMPLE_LAUNCHER", launcher);
        // Of jobs that mpirun starts, each would bind its ranks to the same cores.
        let outcome = sbatch.env("OMPI_MCA_hwloc_base_binding_policy", "none").run().expect_success();
        Job { top: self, id: outcome.stdout.trim().to_owned() }
    }

    /// The bytes of a result, which is gone then.
    fn take(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join(name);
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}\n{}", self.logs()));
        fs::remove_file(path).unwrap();
        bytes
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    /// What a job has printed.
    fn log(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What all jobs have printed.
    fn logs(&self) -> String {
        let files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let logs = files.filter(|path| path.extension().is_some_and(|it| it == "log"));
        logs.map(|path| format!("--- {}:\n{}", path.display(), fs::read_to_string(&path).unwrap())).collect()
    }
}

struct Job<'a> {
    top: &'a Top,
    id: String,
}

impl Job<'_> {
    /// What squeue says of it; nothing when it is not in the queue any more.
    fn says(&self, format: &str) -> String {
        let outcome = alone("squeue").args(["--noheader", "--jobs", &self.id, "--format", format]).run();
        outcome.stdout.trim().to_owned()
    }

    /// Waits until `is` holds.
    #[track_caller]
    fn wait(&self, what: &str, seconds: u64, is: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is(self) {
            let late = start.elapsed() > Duration::from_secs(seconds);
            assert!(!late, "job {}: not {what} after {seconds} s\n{}", self.id, self.top.logs());
            sleep(Duration::from_millis(200));
        }
    }

    #[track_caller]
    fn wait_until_over(&self, seconds: u64) {
        self.wait("over", seconds, |job| job.says("%T").is_empty());
    }

    /// Waits for a checkpoint of its first run, and a moment more.
    #[track_caller]
    fn wait_until_it_has_found_something(&self) {
        self.wait_until_there_is_something_of(&self.id);
    }

    #[track_caller]
    fn wait_until_there_is_something_of(&self, run: &str) {
        let results = format!("abc-{run}.h5.checkpoint.results");
        let found = |job: &Job| fs::metadata(job.top.folder.path().join(&results)).is_ok_and(|file| file.len() > 0);
        self.wait("running", 120, found);
    }

    #[track_caller]
    fn is_done(&self, application: &str, expected: &[u8]) {
        let name = format!("{application}-{}.h5", self.id);
        assert!(self.top.take(&name) == expected, "other bytes in {name}\n{}", self.top.logs());
        assert!(!self.top.has(&format!("{name}.checkpoint")) && !self.top.has(&format!("{name}.checkpoint.results")));
    }

    fn scancel(&self, arguments: &[&str]) {
        alone("scancel").args(arguments).run().expect_success();
    }
}

/// The bytes that a program writes alone.
fn alone_writes(program: &Path, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let program = alone_at_once(program).folder(folder.path()).args(arguments);
    program.args(["--quiet", "--out", "alone.h5"]).run().expect_success();
    fs::read(folder.path().join("alone.h5")).unwrap()
}

fn application(name: &str) -> &Path {
    Path::new(match name {
        "abc" => ABC,
        "bootstrap" => env!("CARGO_BIN_EXE_bootstrap"),
        _ => env!("CARGO_BIN_EXE_gibbs"),
    })
}

/// Under srun (the empty name) and under mpirun, on several nodes.
fn launchers() -> [String; 2] {
    [String::new(), std::env::var("ENSAMPLE_MPIRUN").unwrap_or("mpirun".into())]
}

#[test]
#[ignore = "needs Slurm: scripts/test"]
fn every_sbatch_file_completes() {
    let top = Top::new();
    let problem = ["--draws", "300", "--batch", "1000"];
    let default = alone_at_once(ABC).args(["--print-run-file"]).run().expect_success().stdout;
    fs::write(top.folder.path().join(r#"what's "in" \it, 100%t.toml"#), default).unwrap();
    for launcher in launchers() {
        let submit = |size: &[&str], file: &str, arguments: &[&str]| {
            top.submit(&launcher, &[size, &[&format!("slurm/{file}.sbatch")], arguments].concat())
        };
        let several = ["abc", "bootstrap", "gibbs"].map(|name| {
            let size = ["--ntasks=3", "--nodes=2", SAFE];
            (name, submit(&size, name, if name == "abc" { &problem } else { &[] }))
        });
        // The least number of ranks; and words that a shell or srun would take to pieces.
        let words = [r#"what's "in" \it, 100%t.toml"#, "--draws=300", "--batch", "1000"];
        let pipeline = submit(&["--ntasks=11", "--nodes=3", SAFE], "pipeline", &words);
        let too_few = submit(&["--ntasks=10", "--nodes=1", SAFE], "pipeline", &problem);
        let array = submit(&["--ntasks=2", "--array=7-8", SAFE], "array", &[&["abc"], &problem[..]].concat());
        for (name, job) in several {
            job.wait_until_over(120);
            job.is_done(name, &alone_writes(application(name), if name == "abc" { &problem } else { &[] }));
        }
        pipeline.wait_until_over(120);
        pipeline.is_done("pipeline", &alone_writes(application("abc"), &problem));
        too_few.wait_until_over(120);
        let log = top.log(&format!("pipeline-{}.log", too_few.id));
        assert!(log.contains("10 tasks are too few: with 8 consumers, pipeline needs 11 or more"), "{log}");
        array.wait_until_over(120);
        for seed in ["7", "8"] {
            let expected = alone_writes(application("abc"), &[&problem[..], &["--seed", seed]].concat());
            assert!(top.take(&format!("abc-{}-{seed}.h5", array.id)) == expected, "{}", top.logs());
        }
    }
}

/// Runs that take a while, but no computing: so many seconds on four ranks.
fn sleepers(seconds: u64) -> (Top, Vec<String>) {
    let run = alone(build("rank-programs").join("sleeper")).args(["--print-run-file"]).run().expect_success().stdout;
    // Half of all are accepted, in 10 ms each.
    let draws = (seconds * 4 * 100 / 2).to_string();
    (sleeper(&run), ["run.toml", "--checkpoint-every", "0.5", "--draws", &draws].map(str::to_owned).to_vec())
}

/// Where the sleeper is called abc, with this run file.
fn sleeper(run: &str) -> Top {
    let top = Top::new();
    let target = top.folder.path().join("target");
    fs::remove_file(target.join("release")).unwrap();
    fs::create_dir(target.join("release")).unwrap();
    symlink(build("rank-programs").join("sleeper"), target.join("release/abc")).unwrap();
    fs::write(top.folder.path().join("run.toml"), run).unwrap();
    top
}

fn sleeper_writes(arguments: &[String]) -> Vec<u8> {
    // The same run, on so many threads that it does not take long.
    let folder = tempfile::tempdir().unwrap();
    let program = alone_at_once(build("rank-programs").join("sleeper")).folder(folder.path());
    let arguments = arguments.iter().filter(|it| *it != "run.toml");
    program.args(arguments).args(["--threads", "256", "--quiet", "--out", "out.h5"]).run().expect_success();
    fs::read(folder.path().join("out.h5")).unwrap()
}

fn submit<'a>(top: &'a Top, launcher: &str, more: &[&str], arguments: &[String]) -> Job<'a> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let size = ["--ntasks=4", "--nodes=2"];
    let more = if more.is_empty() { &[SAFE] } else { more };
    top.submit(launcher, &[&size[..], more, &["slurm/abc.sbatch"], &arguments].concat())
}

/// A time limit that is shorter than the work: with a signal or without, it goes back into the queue until it is done.
#[test]
#[ignore = "needs Slurm: scripts/test"]
fn a_job_goes_on_after_its_time_limit() {
    let (top, arguments) = sleepers(65);
    // The shortest limit is a minute. Slurm looks for what is near its end twice a minute. Nobody heeds URG.
    let [srun, mpirun] = launchers();
    let jobs = [(srun, "--signal=B:URG@20"), (mpirun, "--signal=B:USR1@20")]
        .map(|(launcher, signal)| submit(&top, &launcher, &["--time=00:01:00", signal, SAFE], &arguments));
    let expected = sleeper_writes(&arguments);
    for job in jobs {
        job.wait_until_over(240);
        let log = top.log(&format!("abc-{}.log", job.id));
        assert!(log.contains("interrupted: back into the queue"), "{log}");
        assert!(log.contains("goes on from abc-"), "{log}");
        job.is_done("abc", &expected);
    }
}

/// Jobs of an array are signalled, in the middle of their work, and go on by themselves, while Slurm is too busy to
/// answer each at once; one that is cancelled stays so.
#[test]
#[ignore = "needs Slurm: scripts/test"]
fn jobs_of_an_array_go_on() {
    let (top, arguments) = sleepers(6);
    let bin = top.folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for command in ["squeue", "scontrol"] {
        let fails_once = "#!/bin/bash\nif mkdir \"$0.$SLURM_JOB_ID\"; then exit 1; fi 2>/dev/null\n";
        let then = format!("PATH=${{PATH#*:}}\nexec {command} \"$@\"\n");
        fs::write(bin.join(command), format!("{fails_once}{then}")).unwrap();
        fs::set_permissions(bin.join(command), Permissions::from_mode(0o755)).unwrap();
    }
    // The submitted job finds these first.
    let top = Top { module: "PATH=$PWD/bin:$PATH", ..top };
    for launcher in launchers() {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let size = ["--ntasks=4", "--nodes=2", "--array=1-3", SAFE, "slurm/array.sbatch", "abc"];
        let array = top.submit(&launcher, &[&size[..], &words].concat());
        for seed in 1..=3 {
            array.wait_until_there_is_something_of(&format!("{}-{seed}", array.id));
        }
        let one = |seed: u32| format!("{}_{seed}", array.id);
        array.scancel(&[&one(1)]);
        // The last has the number of the whole array.
        array.scancel(&["--batch", "--signal=USR1", &one(2)]);
        array.scancel(&["--batch", "--signal=USR1", &one(3)]);
        array.wait_until_over(90);
        let log = |seed: u32| top.log(&format!("array-{}-{seed}.log", array.id));
        for seed in 2..=3 {
            assert!(log(seed).contains("interrupted: back into the queue"), "{}", top.logs());
            assert!(log(seed).contains("goes on from abc-"), "{}", top.logs());
            let expected = sleeper_writes(&[&arguments[..], &["--seed".into(), seed.to_string()]].concat());
            assert!(top.take(&format!("abc-{}-{seed}.h5", array.id)) == expected, "{}", top.logs());
        }
        assert!(!log(1).contains("back into the queue") && !log(1).contains("goes on from abc-"), "{}", top.logs());
        assert!(!top.has(&format!("abc-{}-1.h5", array.id)), "{}", top.logs());
    }
}

/// A run that finds nothing in the time it has, or no time at all, does not come back for ever.
#[test]
#[ignore = "needs Slurm: scripts/test"]
fn a_job_that_finds_nothing_stays_out_of_the_queue() {
    let run = alone(build("rank-programs").join("sleeper")).args(["--print-run-file"]).run().expect_success().stdout;
    let stalls = run.replace("10.0", "600000.0");
    assert!(stalls != run, "{run}");
    let (top, signalled) = (sleeper(&stalls), Top { module: "kill -USR1 $$", ..sleeper(&stalls) });
    let arguments = ["run.toml", "--stall-timeout", "2", "--checkpoint-every", "0.5"].map(str::to_owned);
    let stalled = launchers().map(|launcher| submit(&top, &launcher, &[], &arguments));
    // It is signalled before it has started anything.
    let early = submit(&signalled, "", &[], &arguments);
    for job in stalled.iter().chain([&early]) {
        job.wait_until_over(90);
        let log = job.top.log(&format!("abc-{}.log", job.id));
        assert!(log.ends_with("the run has found nothing since the last time: it stays out of the queue\n"), "{log}");
        assert!(log.matches("back into the queue").count() <= 1, "{log}");
    }
}

/// A step that is killed is started once more, from where it was; a job that is cancelled stays so.
#[test]
#[ignore = "needs Slurm: scripts/test"]
fn a_killed_step_goes_on_and_a_cancelled_job_does_not() {
    let (top, arguments) = sleepers(6);
    let killed = submit(&top, "", &[], &arguments);
    let signalled = submit(&top, "", &[], &arguments);
    let cancelled = launchers().map(|launcher| submit(&top, &launcher, &[], &arguments));
    let expected = sleeper_writes(&arguments);
    killed.wait_until_it_has_found_something();
    killed.scancel(&["--signal=KILL", &format!("{}.0", killed.id)]);
    signalled.wait_until_it_has_found_something();
    // As before the job's end, but to the ranks.
    signalled.scancel(&["--signal=TERM", &format!("{}.0", signalled.id)]);
    for job in &cancelled {
        job.wait_until_it_has_found_something();
        job.scancel(&[&job.id]);
    }
    for job in [killed, signalled] {
        job.wait_until_over(120);
        job.is_done("abc", &expected);
    }
    assert!(top.logs().contains("killed (status 137): once more"), "{}", top.logs());
    for job in cancelled {
        job.wait_until_over(120);
        assert!(!top.has(&format!("abc-{}.h5", job.id)), "{}", top.logs());
    }
}

/// Slurm starts a job anew when one of its nodes is lost.
#[test]
#[ignore = "needs Slurm: scripts/test"]
fn a_job_goes_on_after_it_has_lost_a_node() {
    let (top, arguments) = sleepers(6);
    let job = submit(&top, "", &["--nodelist=node3"], &arguments);
    let expected = sleeper_writes(&arguments);
    job.wait_until_it_has_found_something();
    let node = |state: &str| {
        let state = format!("state={state}");
        alone("scontrol").args(["update", "nodename=node3", &state, "reason=test"]).run()
    };
    node("down").expect_success();
    job.wait("back in the queue", 120, |job| job.says("%T") == "PENDING");
    // It may have come back by itself.
    node("resume");
    job.wait_until_over(120);
    job.is_done("abc", &expected);
    assert!(top.logs().contains("goes on from abc-"), "{}", top.logs());
}
