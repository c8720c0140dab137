//! What programs promise, alone and on several ranks: each test starts some ([`launch`]) and looks at what they leave.
//!
//! What needs a launcher, Python, a browser or an optimised build is ignored by plain `cargo test`; `scripts/test` says
//! by which variables it is told of them.

mod abc;
mod bootstrap;
mod cluster;
mod disk;
mod failures;
mod farm;
mod gibbs;
mod launch;
mod pipeline;
mod report;
mod same_bytes;
mod slurm;
mod soak;
#[allow(dead_code)] // the other tests use the rest
#[path = "../common/statistics.rs"]
mod statistics;
mod store_readers;
mod survive;
mod tour;
mod user_model;
mod world;
