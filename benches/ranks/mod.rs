//! A bench that launches itself on several ranks.

use std::process::{Command, ExitCode};

/// By which a bench knows that it is one of the ranks.
const AS_RANK: &str = "ENSAMPLE_BENCH_RANK";

/// Runs `rank` if this process is a rank; otherwise prints `head` and launches this program under `mpirun` (or what
/// `ENSAMPLE_MPIRUN` names): once for each number on the command line, or else in `numbers`, with `more` ranks more.
pub fn launch(rank: impl FnOnce() -> ExitCode, head: &str, numbers: &[usize], more: usize) -> ExitCode {
    if std::env::var_os(AS_RANK).is_some() {
        return rank();
    }
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let launcher = std::env::var("ENSAMPLE_MPIRUN").unwrap_or_else(|_| "mpirun".into());
    println!("{head}");
    for number in if asked.is_empty() { numbers } else { &asked } {
        let ranks = number + more;
        let program = std::env::current_exe().expect("a running program has a path");
        let status = Command::new(&launcher)
            .args(if launcher.contains("mpich") { &[][..] } else { &["--oversubscribe"] })
            .args(["-n", &ranks.to_string()])
            .arg(program)
            .env(AS_RANK, "1")
            .status();
        match status {
            Ok(status) if status.success() => (),
            other => {
                eprintln!("{launcher} -n {ranks}: {other:?}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
