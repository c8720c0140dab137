//! Starts programs, alone or on several ranks, and sees to it that they end.
//!
//! `ENSAMPLE_MPIRUN` names the launcher of the MPI that this build is linked with; without it, that is `mpirun`.

use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;

/// What lets jobs run as root, with more ranks than cores and without a network. Each is for the MPI that knows it
/// (Open MPI 4, Open MPI 5, MPICH); the others ignore it.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("OMPI_ALLOW_RUN_AS_ROOT", "1"),
    ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
    ("OMPI_MCA_rmaps_base_oversubscribe", "1"),
    ("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe"),
    ("OMPI_MCA_oob_tcp_if_include", "127.0.0.0/8"),
    ("HYDRA_IFACE", "lo"),
];

/// The variable by which the processes of a job are found, wherever their launcher has put them.
const MARK: &str = "ENSAMPLE_TEST_JOB";

/// Between two looks at a job.
const LOOK: Duration = Duration::from_millis(10);

/// Held for writing while a file is written, for reading while a program is started.
static WRITING: RwLock<()> = RwLock::new(());

/// Writes a result file. It is locked as long as it is open, and a program that starts meanwhile would inherit the lock:
/// every program of these tests is started here.
pub fn while_nothing_starts(write: impl FnOnce()) {
    let _nothing_starts = WRITING.write().unwrap_or_else(PoisonError::into_inner);
    write();
}

/// A program to be started.
pub struct Program {
    command: Command,
    mark: String,
    timeout: Duration,
    /// Is there as long as the program runs.
    _scratch: Option<TempDir>,
}

/// A program on so many ranks.
pub fn on_ranks(ranks: usize, program: impl AsRef<OsStr>) -> Program {
    on_ranks_of(&std::env::var("ENSAMPLE_MPIRUN").unwrap_or("mpirun".into()), ranks, program)
}

/// A program on so many ranks, by a certain launcher: its name and, after spaces, arguments.
pub fn on_ranks_of(launcher: &str, ranks: usize, program: impl AsRef<OsStr>) -> Program {
    let mut words = launcher.split_whitespace();
    alone(words.next().expect("the launcher has a name")).args(words).args(["-n", &ranks.to_string()]).args([program])
}

/// A program without a launcher.
pub fn alone(program: impl AsRef<OsStr>) -> Program {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mark = format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut command = Command::new(program);
    command.env(MARK, &mark).env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    command.envs(ENVIRONMENT.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()));
    Program { command, mark, timeout: Duration::from_secs(60), _scratch: None }
}

/// A script of `tests/readers`, by the interpreter that `ENSAMPLE_PYTHON` names, which has `tests/requirements.txt`.
pub fn python(script: &str) -> Program {
    let python = std::env::var_os("ENSAMPLE_PYTHON").expect("ENSAMPLE_PYTHON names the Python interpreter to use");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers").join(script);
    alone(python).args(["-W", "error::UserWarning"]).args([script]).timeout(300)
}

/// A program without a launcher that starts sooner: under Open MPI without a daemon. All such processes then have the
/// same job number and so the same folder of Open MPI's, which the first to end removes under the others' feet: each
/// gets a place of its own.
pub fn alone_at_once(program: impl AsRef<OsStr>) -> Program {
    let scratch = tempfile::tempdir().unwrap();
    let program = alone(program).env("OMPI_MCA_ess_singleton_isolated", "1");
    let program = program.env("OMPI_MCA_orte_tmpdir_base", scratch.path());
    Program { _scratch: Some(scratch), ..program }
}

impl Program {
    pub fn args(mut self, args: impl IntoIterator<Item: AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The working folder.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// After so many seconds the job is killed, and the test fails.
    pub fn timeout(mut self, seconds: u64) -> Self {
        self.timeout = Duration::from_secs(seconds);
        self
    }

    /// Starts it, and waits until it has ended.
    pub fn run(self) -> Outcome {
        self.start().finish()
    }

    pub fn start(mut self) -> Job {
        // Files, not pipes: nobody has to read while the job runs, and what is left of a job can't keep them open.
        let [stdout, stderr] = [(); 2].map(|()| tempfile::tempfile().unwrap());
        self.command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
        let child = start(&mut self.command);
        Job { program: self, child, stdout, stderr, start: Instant::now() }
    }
}

/// Starts a program while no file is written.
fn start(command: &mut Command) -> Child {
    let _nobody_writes = WRITING.read().unwrap_or_else(PoisonError::into_inner);
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// A program that runs.
pub struct Job {
    program: Program,
    child: Child,
    stdout: File,
    stderr: File,
    start: Instant,
}

impl Job {
    /// Waits until standard error holds `text` so many times.
    pub fn wait_for(&mut self, text: &str, times: usize) {
        while printed(&mut self.stderr).matches(text).count() < times {
            self.look();
        }
    }

    /// The process of a rank, if it runs.
    pub fn rank(&self, rank: usize) -> Option<u32> {
        let rank = rank.to_string();
        let is_rank = |pid: &u32| {
            ["OMPI_COMM_WORLD_RANK", "PMI_RANK"].iter().any(|name| variable(*pid, name).as_ref() == Some(&rank))
        };
        self.processes().into_iter().find(is_rank)
    }

    /// The shared memory of its ranks, where its name can be told (Open MPI).
    pub fn segments(&self) -> Segments {
        let number = self.processes().into_iter().find_map(|pid| variable(pid, "OMPI_MCA_ess_base_jobid"));
        let part = number.map(|number| format!(".{:x}.", number.parse::<u32>().expect("a job has a number")));
        Segments { part, since: SystemTime::now() - self.start.elapsed() }
    }

    /// The process of the launcher.
    pub fn launcher(&self) -> u32 {
        self.child.id()
    }

    /// Every process of the job.
    pub fn processes(&self) -> Vec<u32> {
        let mark = Some(&self.program.mark);
        let running = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        running.filter(|pid| variable(*pid, MARK).as_ref() == mark).collect()
    }

    /// Waits until no process of the job is left.
    pub fn finish(mut self) -> Outcome {
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None => self.look(),
            }
        };
        while !self.processes().is_empty() {
            self.look();
        }
        let seconds = self.start.elapsed().as_secs_f64();
        Outcome { status, seconds, stdout: printed(&mut self.stdout), stderr: printed(&mut self.stderr) }
    }

    fn look(&mut self) {
        let Job { program: Program { command, timeout, .. }, stdout, stderr, .. } = self;
        if self.start.elapsed() > *timeout {
            let (stdout, stderr) = (printed(stdout), printed(stderr));
            panic!("not over after {timeout:?}: {command:?}\n--- stdout:\n{stdout}\n--- stderr:\n{stderr}");
        }
        sleep(LOOK);
    }
}

/// Shared memory, by what all its names contain.
pub struct Segments {
    part: Option<String>,
    /// When the job was started.
    since: SystemTime,
}

impl Segments {
    /// Whether their names can be told.
    pub fn is_told(&self) -> bool {
        self.part.is_some()
    }

    /// What is there of it.
    pub fn left(&self) -> Vec<String> {
        let Some(part) = &self.part else { return Vec::new() };
        // Numbers come again: what is older is of another job.
        let is_new =
            |entry: &fs::DirEntry| entry.metadata().and_then(|file| file.modified()).is_ok_and(|t| t >= self.since);
        let entries = fs::read_dir("/dev/shm").into_iter().flatten().map(|entry| entry.unwrap()).filter(is_new);
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("vader_segment") && name.contains(part)).collect()
    }
}

/// A test that fails leaves no processes.
impl Drop for Job {
    fn drop(&mut self) {
        self.processes().into_iter().for_each(kill);
        let _ = self.child.wait();
    }
}

/// Waits until `is` holds, but not for ever.
#[track_caller]
pub fn wait_until(what: &str, is: impl Fn() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what} does not come");
        sleep(LOOK);
    }
}

/// Ends a process as nothing else does: `kill -9`. That it has just ended by itself is fine.
pub fn kill(pid: u32) {
    signal(pid, Signal::KILL);
}

/// Sends a process a signal. That it has just ended is fine.
pub fn signal(pid: u32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(pid as i32).expect("a process has a number"), signal);
}

/// An environment variable of a process, as it was when that began; `None` for one that has ended.
fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let of = |entry: &[u8]| String::from_utf8_lossy(entry).strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    environment.split(|byte| *byte == 0).find_map(of)
}

/// The whole text of a file to which others append: where they write must not change.
fn printed(file: &mut File) -> String {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0; file.metadata().unwrap().len() as usize];
    let length = file.read_at(&mut bytes, 0).unwrap();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

/// What a program has left.
#[derive(Debug)]
pub struct Outcome {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    /// Until no process of it was left.
    pub seconds: f64,
}

impl Outcome {
    /// The exit status; 128 and more for a signal, as a shell says it.
    pub fn code(&self) -> i32 {
        self.status.code().or_else(|| Some(128 + self.status.signal()?)).expect("it has ended")
    }

    /// Fails unless all went well.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert!(self.status.success(), "{self}");
        self
    }

    /// The errors that this project's programs have printed: from `abc: error: ` to the end of the line.
    pub fn errors(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.contains(": error: ")).collect()
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Outcome { status, stdout, stderr, seconds } = self;
        write!(f, "{status} after {seconds:.2} s\n--- stdout:\n{stdout}\n--- stderr:\n{stderr}")
    }
}

/// Builds the crate in `tests/<crate_name>` as this test was built, and gives the folder of its programs.
///
/// As a member of the same workspace it uses what has been compiled for this test.
pub fn build(crate_name: &'static str) -> PathBuf {
    static BUILT: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    // <target>/<profile>/deps/<test>
    let this = std::env::current_exe().unwrap();
    let programs = this.ancestors().nth(2).expect("the folder of the profile");
    let mut built = BUILT.lock().expect("no build has failed");
    if !built.contains(&crate_name) {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(crate_name).join("Cargo.toml");
        let target = programs.parent().expect("the target folder");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--locked", "--offline", "--target-dir"]).arg(target);
        cargo.arg("--manifest-path").arg(manifest);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let mut cargo_runs = start(&mut cargo);
        assert!(cargo_runs.wait().unwrap().success(), "{cargo:?}");
        built.push(crate_name);
    }
    programs.to_owned()
}
