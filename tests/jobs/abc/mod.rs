//! `abc`, run as its users run it. One process is a world of one rank: no launcher is needed.

mod bad_input;
mod flags;
mod posterior;
mod properties;
mod readers;
mod run;
