//! What the library promises, tested in this process: no launcher and no application is started.

mod diagnostics;
mod distributions;
mod mcmc_models;
mod statistical_tests;
#[allow(dead_code)] // the other tests use the rest
#[path = "../common/statistics.rs"]
mod statistics;
mod store_disk;
mod streams;
