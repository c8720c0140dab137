//! Detecting that another MPI's launcher started this process.
//!
//! A binary linked to one MPI library and started by the other's `mpirun` finds itself alone, as many times as there
//! are processes. The launcher's environment tells.

use crate::error::{Error, Result};

/// What a launcher tells each process it starts: how many there are, and which one this is.
struct Launcher {
    name: &'static str,
    size: &'static str,
    rank: &'static str,
}

/// In the order of who is nearest to the process: Slurm's step may have started another's daemon.
const LAUNCHERS: [Launcher; 3] = [
    Launcher { name: "Open MPI's mpirun", size: "OMPI_COMM_WORLD_SIZE", rank: "OMPI_COMM_WORLD_RANK" },
    Launcher { name: "MPICH's mpirun (or another that speaks PMI)", size: "PMI_SIZE", rank: "PMI_RANK" },
    Launcher { name: "Slurm's srun", size: "SLURM_STEP_NUM_TASKS", rank: "SLURM_PROCID" },
];

/// Refuses a process that is alone although its launcher started several.
///
/// All of them find the same, and only the first says so.
pub(super) fn check(size: usize) -> Result<()> {
    refuse(size, |name| std::env::var(name).ok()?.parse().ok())
}

fn refuse(size: usize, variable: impl Fn(&str) -> Option<usize>) -> Result<()> {
    let Some((launcher, started)) = LAUNCHERS.iter().find_map(|l| Some((l, variable(l.size)?))) else {
        return Ok(());
    };
    if size > 1 || started <= 1 {
        return Ok(());
    }
    if variable(launcher.rank).is_some_and(|rank| rank != 0) {
        return Err(Error::Elsewhere { status: 2 });
    }
    let library = library();
    Err(Error::Launch(format!(
        "{} started {started} processes, but each of them is alone: this binary is linked to {library}. \
         Start it with that library's own mpirun (under Slurm: srun --mpi=pmix for Open MPI, srun --mpi=pmi2 for MPICH), \
         or build it again with the MPI that you start it with (MPICC=... cargo build --release)",
        launcher.name
    )))
}

/// The MPI library's name and version, without what it says of its making.
pub(super) fn library() -> String {
    let text = mpi::environment::library_version().unwrap_or_default();
    let first = text.split(['\n', '\0', ',']).next().unwrap_or_default().replace([':', '\t'], " ");
    // "MPICH Version 4.0.2" over several columns, "Open MPI v4.1.4".
    first.split_whitespace().filter(|word| *word != "Version").collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(size: usize, variables: &[(&str, usize)]) -> Result<()> {
        refuse(size, |name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| *value))
    }

    #[test]
    fn one_process_or_all_in_one_world_is_right() {
        assert!(outcome(1, &[]).is_ok());
        assert!(outcome(1, &[("OMPI_COMM_WORLD_SIZE", 1)]).is_ok());
        assert!(outcome(8, &[("PMI_SIZE", 8), ("PMI_RANK", 3)]).is_ok());
        // mpirun -n 1 inside a Slurm step of two daemons.
        assert!(outcome(1, &[("OMPI_COMM_WORLD_SIZE", 1), ("SLURM_STEP_NUM_TASKS", 2)]).is_ok());
    }

    #[test]
    fn several_alone_are_refused_by_the_first() {
        for (size, rank) in LAUNCHERS.map(|l| (l.size, l.rank)) {
            assert!(matches!(outcome(1, &[(size, 8), (rank, 0)]), Err(Error::Launch(_))));
            assert!(matches!(outcome(1, &[(size, 8), (rank, 5)]), Err(Error::Elsewhere { status: 2 })));
        }
    }
}
