//! `abc` with models in which something goes wrong. The run file's `model.name` says what, `FAULTY_RANK` on which rank
//! (all, without it), and `OTHERS` what the simulations of the other ranks do.
//!
//! Every rank says `simulating` on standard error when its first simulation begins.

use ensample::abc::Simulator;
use ensample::stream::Stream;
use ensample::{Error, Result};
use std::process::ExitCode;
use std::sync::Once;
use std::thread::sleep;
use std::time::Duration;

fn main() -> ExitCode {
    ensample::app::abc::main(include_str!("../../faulty.toml"), |name, _| Faulty::new(name))
}

/// A uniform parameter, summarised by itself.
struct Faulty {
    fault: String,
}

impl Faulty {
    fn new(name: &str) -> Result<Self> {
        let fault = if is_faulty_rank() { name.to_owned() } else { std::env::var("OTHERS").unwrap_or_default() };
        match &fault[..] {
            "error when constructed" => Err(Error::other("no model can be made of this")),
            "panic when constructed" => panic!("constructed in a panic"),
            _ => Ok(Faulty { fault }),
        }
    }
}

impl Simulator for Faulty {
    fn parameters(&self) -> Vec<&str> {
        vec!["theta"]
    }

    fn summaries(&self) -> Vec<&str> {
        vec!["s"]
    }

    fn observed(&self, summary: &mut [f64]) -> Result<()> {
        summary[0] = match &self.fault[..] {
            "error in observed" => return Err(Error::other("can't summarise this")),
            "panic in observed" => panic!("observed a panic"),
            "nan in observed" => f64::NAN,
            _ => 0.5,
        };
        Ok(())
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
        static FIRST: Once = Once::new();
        FIRST.call_once(|| eprintln!("simulating"));
        summary[0] = theta[0];
        match &self.fault[..] {
            "panic" => panic!("the model's own panic"),
            "panic later" => pause(1000, || panic!("the model's own panic")),
            "error" => return Err(Error::other("the model's own error")),
            "error later" => return pause(1000, || Err(Error::other("the model's own error"))),
            "exit" => pause(500, || std::process::exit(7)),
            "exit as if done" => pause(500, || std::process::exit(0)),
            "crash" => pause(500, || std::process::abort()),
            "a minute" => sleep(Duration::from_secs(60)),
            "busy for ever" => loop {
                std::hint::black_box(stream.uniform());
            },
            "nan" if stream.uniform() < 0.25 => summary[0] = f64::NAN,
            "infinite" if stream.uniform() < 0.25 => summary[0] = f64::INFINITY,
            "always nan" => summary[0] = f64::NAN,
            "slow for large theta" => sleep(Duration::from_micros((2000.0 * theta[0]) as u64)),
            _ => (),
        }
        Ok(())
    }
}

fn pause<T>(milliseconds: u64, then: impl FnOnce() -> T) -> T {
    sleep(Duration::from_millis(milliseconds));
    then()
}

/// Models do not know their rank; this one asks the launcher's environment.
fn is_faulty_rank() -> bool {
    let rank = ["OMPI_COMM_WORLD_RANK", "PMI_RANK"].iter().find_map(|name| std::env::var(name).ok());
    std::env::var("FAULTY_RANK").map_or(true, |faulty| rank.is_some_and(|rank| rank == faulty))
}
