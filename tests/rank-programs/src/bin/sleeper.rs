//! ABC with a simulator that takes time, but no computing: for schedules and time limits, on more ranks than cores.
//!
//! The observed data are the mean of the time that a simulation takes, in milliseconds, and its variance, in units of
//! the mean's square. Times are log-normal.

use ensample::abc::Simulator;
use ensample::stream::Stream;
use ensample::{Error, Result};
use std::process::ExitCode;
use std::time::Duration;

const RUN: &str = r#"
draws = 100
batch = 1

[model]
name = "sleeper"

[data]
values = [10.0, 1.0]

[prior]
theta = { uniform = { low = -1.0, high = 1.0 } }

[tolerance]
theta = 0.5
"#;

struct Sleeper {
    mean: Duration,
    /// Of the time's logarithm.
    variance: f64,
}

impl Sleeper {
    fn new(data: &[f64]) -> Result<Self> {
        match *data {
            [mean, variance] if mean >= 0.0 && variance >= 0.0 => {
                #[expect(clippy::disallowed_methods)] // another machine may sleep a little longer
                Ok(Sleeper { mean: Duration::from_secs_f64(mean / 1e3), variance: variance.ln_1p() })
            }
            _ => Err(Error::other("the data must be a mean and a variance")),
        }
    }
}

impl Simulator for Sleeper {
    fn parameters(&self) -> Vec<&str> {
        vec!["theta"]
    }

    fn summaries(&self) -> Vec<&str> {
        vec!["theta"]
    }

    fn observed(&self, summary: &mut [f64]) -> Result<()> {
        summary.copy_from_slice(&[0.0]);
        Ok(())
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
        let mut normal = [0.0];
        stream.fill_normal(&mut normal);
        // A log-normal factor with mean 1.
        #[expect(clippy::disallowed_methods)] // another machine may sleep a little longer
        let factor = (self.variance.sqrt() * normal[0] - self.variance / 2.0).exp();
        std::thread::sleep(self.mean.mul_f64(factor));
        summary.copy_from_slice(theta);
        Ok(())
    }
}

fn main() -> ExitCode {
    ensample::app::abc::main(RUN, |_name, data| Sleeper::new(&data))
}
