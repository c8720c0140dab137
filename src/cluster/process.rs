//! Ranks that are started while the job runs.

use super::actor::Actor;
use super::office::Awaited;
use crate::error::{Error, Result};
use crate::world::{Child, Children, World};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Ranks that this one has [started](Actor::spawn), as Python's `multiprocessing.Process`: a job of their own.
///
/// The job of the rank that started them waits at its end until they have ended.
pub struct Process {
    state: Arc<Awaited<State>>,
}

enum State {
    Starting,
    Failed(Option<Error>),
    Started(Vec<Child>),
}

impl Actor {
    /// Starts a program on so many more ranks, and returns when they have started. The program is one that calls
    /// [`launch`](crate::world::launch); it may be this one (`std::env::current_exe`).
    ///
    /// A failure that all these ranks know of, or of a single rank, is their exit status, for this rank to see; any
    /// other, such as a signal, ends this job too.
    ///
    /// # Errors
    /// When the program can't be run, or the launcher can't start more processes (`MPI_Comm_spawn`). Open MPI's wants a
    /// free slot for each, or `--oversubscribe`. As built for Debian 12, it starts more ranks once in a job, but of later
    /// calls it loses some: the job then ends after 20 s, with a message.
    pub fn spawn(&self, program: impl AsRef<Path>, arguments: &[&str], ranks: usize) -> Result<Process> {
        let state = Arc::new(Awaited::new(State::Starting));
        self.office().ask(Errand {
            program: program.as_ref().into(),
            arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
            ranks,
            state: Arc::clone(&state),
        });
        let failed = state.wait(|state| match state {
            State::Starting => None,
            State::Failed(error) => Some(error.take()),
            State::Started(_) => Some(None),
        });
        failed.map_or(Ok(Process { state }), Err)
    }
}

impl Process {
    /// The process id of each rank, on its host.
    pub fn ids(&self) -> Vec<u32> {
        self.look(|child| child.id)
    }

    /// Whether any rank has not ended.
    pub fn is_alive(&self) -> bool {
        self.exit_status().is_none()
    }

    /// The exit status of each rank, if all have ended.
    pub fn exit_status(&self) -> Option<Vec<u8>> {
        self.state.look(|state| statuses(state))
    }

    /// Waits until all ranks have ended; returns the exit status of each.
    pub fn join(&self) -> Vec<u8> {
        self.state.wait(|state| statuses(state))
    }

    /// Like [`join`](Self::join), but waits no longer than `patience`.
    pub fn join_within(&self, patience: Duration) -> Option<Vec<u8>> {
        self.state.wait_until(patience, |state| statuses(state))
    }

    fn look<T>(&self, look: impl Fn(&Child) -> T) -> Vec<T> {
        self.state.look(|state| match state {
            State::Started(children) => children.iter().map(look).collect(),
            _ => unreachable!("a process has started"),
        })
    }
}

fn statuses(state: &State) -> Option<Vec<u8>> {
    match state {
        State::Started(children) => children.iter().map(|child| child.status).collect(),
        _ => None,
    }
}

/// What the courier is to start.
pub(super) struct Errand {
    program: PathBuf,
    arguments: Vec<String>,
    ranks: usize,
    state: Arc<Awaited<State>>,
}

/// Ranks that the courier has started and listens to.
pub(super) struct Family {
    children: Children,
    state: Arc<Awaited<State>>,
}

impl Errand {
    /// Starts what is asked for.
    pub fn run(self, world: &World) -> Option<Family> {
        match world.spawn(&self.program, &self.arguments, self.ranks) {
            Ok(children) => Some(Family { children, state: self.state }),
            Err(error) => {
                self.state.with(|state| *state = State::Failed(Some(error)));
                None
            }
        }
    }
}

impl Family {
    /// Takes in what its ranks say; tells whether they have anything to say any more.
    pub fn listen(&mut self) -> Result<bool> {
        if !self.children.listen()? {
            return Ok(true);
        }
        let Some(children) = self.children.all() else { return Ok(true) };
        Ok(self.state.with(|state| {
            *state = State::Started(children);
            statuses(state).is_none()
        }))
    }
}
