//! The user's terminal, which may be on the far side of `mpirun`.
//!
//! A launcher reads what its ranks print through a pipe and prints it again. So it is not this process's standard
//! error that has to be a terminal, but the launcher's.

use indicatif::TermLike;
use std::fs::File;
use std::io::{self, IsTerminal, Write};

/// Programs between this process and the one whose standard error the user sees.
const LAUNCHERS: [&str; 8] =
    ["mpirun", "mpiexec", "orterun", "prterun", "prte", "prted", "mpiexec.hydra", "hydra_pmi_proxy"];

/// A terminal on which standard error ends up.
#[derive(Debug)]
pub(super) struct Terminal {
    device: File,
}

impl Terminal {
    /// The terminal that shows this process's standard error, if one does.
    pub fn find() -> Option<Self> {
        let mut process = std::process::id();
        let mut shown = io::stderr().is_terminal().then(|| device(process)).flatten();
        // Open MPI may give its ranks pseudo-terminals of their own: only the launcher's counts.
        while let Some(parent) = parent(process).filter(|parent| is_launcher(*parent)) {
            shown = device(parent);
            process = parent;
        }
        let device = shown?;
        (std::env::var_os("TERM").is_some_and(|term| term != "dumb")).then_some(Terminal { device })
    }
}

/// What the standard error of `process` is, if that is a terminal.
fn device(process: u32) -> Option<File> {
    let file = File::open(format!("/proc/{process}/fd/2")).ok()?;
    file.is_terminal().then_some(file)
}

fn parent(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // pid (name, which may hold anything) state parent ...
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn is_launcher(process: u32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    // The kernel keeps 15 characters of a name.
    LAUNCHERS.iter().any(|launcher| name.trim_end() == &launcher[..launcher.len().min(15)])
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        // Asked each time: a window can be resized.
        // A bare pseudo-terminal says 0.
        rustix::termios::tcgetwinsize(&self.device)
            .ok()
            .map(|size| size.ws_col)
            .filter(|width| *width > 0)
            .unwrap_or(80)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.control(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.control(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.control(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.control(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        // By standard error, not by the device: what else is printed there stays in order.
        io::stderr().write_all(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl Terminal {
    fn control(&self, n: usize, direction: char) -> io::Result<()> {
        if n == 0 { Ok(()) } else { self.write_str(&format!("\x1b[{n}{direction}")) }
    }
}
