//! Starting more ranks while a job runs, and what these and the one that started them tell each other.
//!
//! The new ranks are a job of their own, with a world of their own. Each tells the rank that started them its process
//! id when it begins, and its exit status when it ends: for the launcher it always ends well, because launchers end the
//! whole job when any process doesn't.
//!
//! The `unsafe` of this file: two calls of MPI from the thread that started it, as rsmpi's own `spawn` doesn't tell
//! when it fails. The arguments are strings that live longer than the call, one null pointer behind them, and room for
//! as many error codes as there are to be ranks. What MPI then gives is a communicator of two groups, as `from_raw` asks.

use super::message::{LONGEST_WAIT, Tag};
use super::wait::Wait;
use super::{World, exit, report};
use crate::error::{Error, Result};
use crate::status;
use mpi::ffi;
use mpi::point_to_point::{Destination, Source};
use mpi::raw::FromRaw;
use mpi::request::scope;
use mpi::topology::InterCommunicator;
use mpi::traits::{Communicator, MatchedReceiveVec};
use serde::{Deserialize, Serialize};
use std::ffi::{CStr, CString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How long it may take until started ranks have started MPI.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a started rank tells.
#[derive(Serialize, Deserialize)]
enum Word {
    Begun { id: u32 },
    Ended { status: u8 },
}

/// A started rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Child {
    /// Its process id on its host.
    pub id: u32,
    /// Its exit status, when it has ended.
    pub status: Option<u8>,
}

/// Ranks that this one has started. To drop them waits until they have ended.
pub(crate) struct Children {
    between: InterCommunicator,
    children: Vec<Option<Child>>,
}

/// The rank that has started this one.
pub(super) struct Parent {
    between: InterCommunicator,
}

impl World {
    /// Starts a program of this library on so many ranks; returns when they have started MPI.
    ///
    /// # Errors
    /// A program that can't be run, and a launcher that starts no more processes.
    pub(crate) fn spawn(&self, program: &Path, arguments: &[String], ranks: usize) -> Result<Children> {
        let absolute = program.canonicalize().map_err(|error| Error::file(program, "start the program", error))?;
        let text = |bytes: &[u8]| CString::new(bytes).map_err(Error::other);
        let program = text(absolute.as_os_str().as_bytes())?;
        let arguments: Vec<CString> = arguments.iter().map(|it| text(it.as_bytes())).collect::<Result<_>>()?;
        let count = c_int::try_from(ranks).ok().filter(|count| *count > 0);
        let count = count.ok_or_else(|| Error::other(format!("{ranks} ranks can't be started")))?;
        World::check_slots(ranks)?;
        let between = self
            .within_time(|| spawn(&program, &arguments, count))
            .map_err(|error| Error::Launch(format!("this job can't start more ranks ({}: {error})", self.library())))?;
        Ok(Children { between, children: vec![None; ranks] })
    }

    /// Ends the job when `call` does not return in time: whoever waits inside MPI can't be told anything.
    fn within_time<T>(&self, call: impl FnOnce() -> T) -> T {
        let (done, watched) = mpsc::channel::<()>();
        let (rank, host, library) = (self.rank, self.host.clone(), self.library());
        std::thread::spawn(move || {
            if watched.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let message = format!(
                    "the ranks that it started have not begun within {} s. {library} is known to lose the second or a \
                     later call of MPI_Comm_spawn now and then, where it is built with PMIx 4 (as in Debian 12)",
                    PATIENCE.as_secs()
                );
                report(&Error::Rank { rank, host, message, status: status::FAILED });
                exit::leave(status::FAILED);
            }
        });
        let result = call();
        drop(done);
        result
    }

    /// Open MPI 4's launcher never ends when it was asked for more processes than it has slots for.
    fn check_slots(ranks: usize) -> Result<()> {
        let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !["", "0", "false"].contains(&&*value));
        let number = |name: &str| -> Option<usize> { std::env::var(name).ok()?.parse().ok() };
        let told = (number("OMPI_COMM_WORLD_SIZE"), number("OMPI_UNIVERSE_SIZE"));
        let (Some(started), Some(slots)) = told else { return Ok(()) };
        if started + ranks <= slots || is_set("OMPI_MCA_rmaps_base_oversubscribe") {
            return Ok(());
        }
        Err(Error::Launch(format!(
            "this job can't start {ranks} more ranks: its {started} have all but {} of the launcher's {slots} slots \
             (mpirun --oversubscribe gives more)",
            slots.saturating_sub(started)
        )))
    }
}

fn spawn(program: &CStr, arguments: &[CString], count: c_int) -> std::result::Result<InterCommunicator, String> {
    let mut pointers: Vec<*mut c_char> = arguments.iter().map(|it| it.as_ptr().cast_mut()).collect();
    pointers.push(null_mut());
    let mut codes = vec![0; count as usize]; // it is positive
    // SAFETY: see above.
    unsafe {
        let own = ffi::RSMPI_COMM_SELF;
        ffi::MPI_Comm_set_errhandler(own, ffi::RSMPI_ERRORS_RETURN);
        let mut between = ffi::RSMPI_COMM_NULL;
        let info = ffi::RSMPI_INFO_NULL;
        let (codes, pointers) = (codes.as_mut_ptr(), pointers.as_mut_ptr());
        let code = ffi::MPI_Comm_spawn(program.as_ptr(), pointers, count, info, 0, own, &mut between, codes);
        match code == ffi::MPI_SUCCESS as c_int && between != ffi::RSMPI_COMM_NULL {
            true => Ok(InterCommunicator::from_raw(between)),
            false => Err(format!("MPI_Comm_spawn fails with code {code}")),
        }
    }
}

impl Children {
    /// Takes in what has come from them; tells whether there was anything.
    pub fn listen(&mut self) -> Result<bool> {
        let mut any = false;
        let tag = Tag::Family as i32;
        while let Some((message, status)) = self.between.any_process().immediate_matched_probe_with_tag(tag) {
            any = true;
            let child = &mut self.children[status.source_rank() as usize];
            let (bytes, _) = (message, status).matched_receive_vec::<u8>();
            match (postcard::from_bytes(&bytes)?, child) {
                (Word::Begun { id }, child) => *child = Some(Child { id, status: None }),
                (Word::Ended { status }, Some(child)) => child.status = Some(status),
                (Word::Ended { .. }, None) => return Err(Error::other("a started rank has ended before it began")),
            }
        }
        Ok(any)
    }

    /// All of them, when all have begun.
    pub fn all(&self) -> Option<Vec<Child>> {
        self.children.iter().copied().collect()
    }
}

impl Parent {
    /// The parent of a process that was started by another one.
    pub fn find(world: &impl Communicator) -> Result<Option<Self>> {
        let Some(between) = world.parent() else { return Ok(None) };
        let parent = Parent { between };
        parent.tell(&Word::Begun { id: std::process::id() })?;
        Ok(Some(parent))
    }

    /// The last word.
    pub fn ended(&self, status: u8) -> Result<()> {
        self.tell(&Word::Ended { status })
    }

    fn tell(&self, word: &Word) -> Result<()> {
        let bytes = postcard::to_stdvec(word)?;
        let parent = self.between.process_at_rank(0);
        scope(|scope| {
            let mut request = parent.immediate_send_with_tag(scope, &bytes[..], Tag::Family as i32);
            let mut wait = Wait::new(LONGEST_WAIT);
            while let Err(pending) = request.test() {
                request = pending;
                wait.pause();
            }
        });
        Ok(())
    }
}
