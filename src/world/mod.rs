//! The ranks of a job: starting and ending MPI, and moving values between ranks.
//!
//! A program hands its whole body to [`launch`], which starts MPI, runs the body on every rank, and ends the job in
//! order. When the body fails or panics on any rank, the job ends within seconds with one message and one exit status:
//!
//! - A failure that the ranks know of together (from [`World::on_root`], [`World::agree`] or
//!   [`farm::run`](crate::farm::run)) is printed by root while all ranks finalize MPI and leave.
//! - Any other failure is printed by the rank that has it, which then aborts the job.
//!
//! Only the main thread calls MPI (`MPI_THREAD_FUNNELED`), and it does not wait inside MPI for others: it polls and
//! sleeps, so that more ranks than cores do no harm and a compute thread keeps its core.

mod collective;
#[expect(unsafe_code)] // its argument is in the file
mod exit;
mod guard;
mod launcher;
mod message;
pub(crate) mod signal;
#[expect(unsafe_code)] // its argument is in the file
mod spawn;
#[expect(unsafe_code)] // its argument is in the file
mod transports;
mod wait;

pub use collective::even_shares;
pub use message::{Element, Tag};

pub(crate) use guard::{guarded, guarded_with_backtrace};
pub(crate) use spawn::{Child, Children};
pub(crate) use wait::Wait;

use crate::error::{Error, Result};
use crate::isa;
use mpi::Threading;
use mpi::environment::Universe;
use mpi::point_to_point::{Destination, Source};
use mpi::request::StaticScope;
use mpi::topology::{Color, SimpleCommunicator};
use mpi::traits::Communicator;
use spawn::Parent;
use std::io::Write;
use std::marker::PhantomData;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The rank that writes and prints.
pub const ROOT: usize = 0;

/// How long the other ranks of a failed job are waited for, before this one leaves without them.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a launcher may take to pass a line of standard error on.
const HEARD: Duration = Duration::from_millis(200);

/// What a message holds that only has to come.
static NOTICE: [u8; 1] = [0];

/// All ranks of the job, or a [part](World::part) of them, seen from this one.
pub struct World {
    communicator: SimpleCommunicator,
    /// For a part: all ranks of the world that it is a part of.
    whole: Option<SimpleCommunicator>,
    rank: usize,
    size: usize,
    /// For each rank its number in the whole job.
    numbers: Vec<usize>,
    host: String,
    start: Instant,
    /// Another rank has started this job while it ran.
    is_child: bool,
    /// Only the thread that started MPI calls it, also where MPI's own handles could be moved.
    here: PhantomData<*const ()>,
}

/// Runs `body` on every rank, and gives the exit status that it returned or that its error asks for.
///
/// It is to be called before the process has other threads: it may set an environment variable for Open MPI.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     ensample::world::launch(|world| {
///         let everyone = world.gather_value(&world.rank())?;
///         if let Some(ranks) = everyone {
///             println!("ranks {ranks:?} of {}", world.size());
///         }
///         Ok(0)
///     })
/// }
/// ```
pub fn launch(body: impl FnOnce(&World) -> Result<u8>) -> ExitCode {
    guard::install();
    transports::leave_out_absent();
    signal::outlive_file_limits();
    // Dropping the universe ends MPI.
    let (_universe, world, parent) = match World::start() {
        Ok(started) => started,
        Err(Error::Elsewhere { status }) => {
            // The first process that leaves makes the launcher end all others: let the one that has something to say.
            std::thread::sleep(PATIENCE / 2);
            return ExitCode::from(status);
        }
        Err(error) => {
            report(&error);
            return ExitCode::from(error.status());
        }
    };
    exit::forbid(world.rank, &world.host);
    let run = || {
        world.agree(isa::highest())?;
        body(&world)
    };
    let outcome = guarded(run).and_then(|result| result);
    exit::allow();
    let status = world.end(outcome);
    let Some(parent) = parent else { return ExitCode::from(status) };
    match parent.ended(status) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::from(error.status())
        }
    }
}

impl World {
    fn start() -> Result<(Universe, World, Option<Parent>)> {
        let (universe, threading) = mpi::initialize_with_threading(Threading::Funneled)
            .ok_or_else(|| Error::Launch("MPI was started before ensample".into()))?;
        if threading < Threading::Funneled {
            return Err(Error::Launch("this MPI library can't be used by a program with threads".into()));
        }
        let communicator = universe.world();
        // MPI gives both as non-negative C ints.
        let (rank, size) = (communicator.rank() as usize, communicator.size() as usize);
        let parent = Parent::find(&communicator)?;
        if parent.is_none() {
            launcher::check(size)?;
        }
        let host = mpi::environment::processor_name().unwrap_or_else(|_| "unknown host".into());
        let numbers = (0..size).collect();
        let (start, is_child) = (Instant::now(), parent.is_some());
        let (whole, here) = (None, PhantomData);
        let mut world = World { communicator, whole, rank, size, numbers, host, start, is_child, here };
        world.barrier();
        world.start = Instant::now();
        Ok((universe, world, parent))
    }

    /// The ranks that call this with the same `color`, among themselves: a world of their own, in which their order is
    /// that of this one. Every rank calls it. What is sent in one world is not received in another.
    ///
    /// # Errors
    /// When the ranks can't tell each other who they are.
    pub fn part(&self, color: u16) -> Result<World> {
        self.barrier(); // so that nobody waits inside MPI
        let color = Color::with_value(i32::from(color));
        let communicator = self.communicator.split_by_color(color).expect("every rank has a color");
        let (rank, size) = (communicator.rank() as usize, communicator.size() as usize);
        let (whole, host) = (Some(self.communicator.duplicate()), self.host.clone());
        let mut part = World { communicator, whole, rank, size, numbers: Vec::new(), host, ..*self };
        let numbers = part.gather_value(&self.number(self.rank))?;
        part.numbers = part.broadcast_value(numbers)?;
        Ok(part)
    }

    /// What has come of work on a [part](Self::part) of this world. A failure that all ranks of the part know of, and no
    /// others, is one that the job has to be ended for: its root gets it as such, and the rest wait for the end.
    ///
    /// # Errors
    /// That failure.
    pub fn from_part<T>(&self, result: Result<T>) -> Result<T> {
        match result {
            Err(Error::Shared(error)) => Err(*error),
            Err(Error::Elsewhere { status }) => {
                std::thread::sleep(2 * PATIENCE);
                Err(Error::Elsewhere { status })
            }
            result => result,
        }
    }

    /// This rank's number, from 0.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// How many ranks there are.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The number in the whole job of a rank of this part of it: how messages to users name it.
    pub fn number(&self, rank: usize) -> usize {
        self.numbers[rank]
    }

    /// Whether this is the rank that writes and prints.
    pub fn is_root(&self) -> bool {
        self.rank == ROOT
    }

    /// The name of this rank's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The instant at which the ranks started together: the zero of all times in a trace.
    pub fn start_time(&self) -> Instant {
        self.start
    }

    /// From now on SIGTERM, SIGINT and SIGUSR1 on any rank end the job in order: [`farm::run`](crate::farm::run) saves
    /// its checkpoint and fails with [`Error::Interrupted`]. A second signal ends this rank at once.
    ///
    /// # Errors
    /// When the system doesn't let this process handle signals.
    pub fn heed_signals(&self) -> Result<()> {
        signal::heed(self.number(self.rank))
    }

    /// Whether a signal on this rank, or the end of its time, has asked the job to end; or another part of the world
    /// that this one is a part of says that it has been asked.
    pub(crate) fn is_asked_to_end(&self) -> bool {
        let told = |whole: &SimpleCommunicator| {
            // It stays there, for the next time.
            whole.any_process().immediate_probe_with_tag(Tag::Asked as i32).is_some()
        };
        signal::asked() || self.whole.as_ref().is_some_and(told)
    }

    /// Has the other parts of the world that this one is a part of know that the job is asked to end.
    pub(crate) fn ask_others_to_end(&self) {
        if let Some(whole) = &self.whole {
            (0..whole.size()).for_each(|rank| notify(whole, rank, Tag::Asked));
        }
    }

    /// The MPI library's name and version.
    pub fn library(&self) -> String {
        launcher::library()
    }

    /// Ends this rank's part of the job, in the company of the others; returns the exit status.
    fn end(&self, outcome: Result<u8>) -> u8 {
        let error = match outcome {
            Ok(status) => {
                self.barrier();
                return status;
            }
            Err(error) => error,
        };
        let status = error.status();
        match error {
            Error::Elsewhere { .. } => (),
            Error::Shared(error) => report(&self.named(*error)),
            error => {
                if !self.speaks() {
                    // Who does ends this rank, too.
                    std::thread::sleep(PATIENCE);
                    self.communicator.abort(i32::from(status));
                }
                report(&self.named(error));
                if self.is_child && self.size == 1 {
                    return status; // its parent learns of it, and may go on
                }
                // A launcher that ends a job at once may not print what it was given a moment before.
                std::thread::sleep(HEARD);
                self.communicator.abort(i32::from(status));
            }
        }
        if !self.barrier_within(PATIENCE) {
            // A rank does not come: only the launcher can end it.
            self.communicator.abort(i32::from(status));
        }
        status
    }

    /// Whether it is for this rank to say why the job fails: when many ranks fail alike, for the lowest. Each tells those
    /// above it, and waits a moment for those below.
    fn speaks(&self) -> bool {
        for other in self.rank + 1..self.size {
            notify(&self.communicator, other as i32, Tag::Failing);
        }
        let deadline = Instant::now() + if self.rank > 0 { 2 * HEARD } else { Duration::ZERO };
        let mut wait = Wait::new(HEARD / 20);
        while Instant::now() < deadline {
            if self.communicator.any_process().immediate_probe_with_tag(Tag::Failing as i32).is_some() {
                return false;
            }
            wait.pause();
        }
        true
    }

    /// The error with this rank's name, where a place is not all that it has to say.
    fn named(&self, error: Error) -> Error {
        match error {
            Error::Message(_) | Error::Panic { .. } | Error::Other { .. } => {
                let (status, message) = (error.status(), error.to_string());
                Error::Rank { rank: self.rank, host: self.host.clone(), message, status }
            }
            error => error,
        }
    }
}

/// Sends a message that is nothing but its tag, to a rank that may never receive it.
fn notify(communicator: &SimpleCommunicator, rank: i32, tag: Tag) {
    let rank = communicator.process_at_rank(rank);
    let request = rank.immediate_send_with_tag(StaticScope, &NOTICE[..], tag as i32);
    std::mem::forget(request); // the job ends before anybody asks what has become of it
}

/// Prints an error, once per job: `abc: error: run.toml:3: draws: must be at least 1`.
pub(crate) fn report(error: &Error) {
    let program = std::env::args_os().next().map(std::path::PathBuf::from);
    let name = program.as_ref().and_then(|path| path.file_name()).unwrap_or("ensample".as_ref());
    match error {
        Error::Interrupted => say(&format!("{}: {error}", name.display())),
        error => say(&format!("{}: error: {error}", name.display())),
    }
}

/// Prints a line on standard error, whole: what other ranks print at the same moment doesn't come in between.
pub(crate) fn say(line: &str) {
    // If standard error is gone, there is nobody to tell.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
