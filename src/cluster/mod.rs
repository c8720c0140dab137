//! Ranks that do different things.
//!
//! A [`farm`](crate::farm) spreads one kind of work over all ranks. Here ranks play [`Role`]s: a program names them, and
//! whoever starts it says which ranks play which, by a rule for all ranks or each part of a launch for its own
//! ([`Choice`]). [`cast`] brings together what all ranks were told. Then
//!
//! - the ranks of a role can be a [`World`](crate::world::World) of their own ([`World::part`](crate::world::World::part)),
//!   for whatever runs on a world; or
//! - [`act`] gives each rank a body that talks to the others: by [`Channel`]s and [`Queue`]s.
//!
//! ```text
//!   body (a thread)  -- letters -->  courier (main thread)  <-- MPI -->  courier of another rank
//!        ^                                |
//!        +---- what it waits for ---- services: a queue's home, a mailbox, ...
//! ```
//!
//! The courier always answers, whatever the body is busy with. What it answers is decided by services, each of which is
//! a state machine that knows nothing of MPI.

mod actor;
mod channel;
mod client;
mod courier;
mod engine;
mod letter;
mod namespace;
mod office;
mod order;
mod process;
mod queue;
mod remote;
mod roles;

pub use actor::{Actor, act};
pub use channel::Channel;
pub use client::{AsyncReply, Balanced, Calls, Client, Fate, History, Load, Pool, Record, RequestKind, Select, View};
pub use engine::{Engine, Here};
pub use namespace::Namespace;
pub use process::Process;
pub use queue::{Got, Queue, QueueEnd, QueueError, QueueSpec};
pub use remote::{CallError, RemoteError};
pub use roles::{Cast, Choice, Number, Role, cast};
