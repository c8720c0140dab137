//! The SIR model of Kermack and McKendrick (1927), one event at a time (Gillespie 1977).

use ensample::abc::Simulator;
use ensample::stream::Stream;
use ensample::{Error, Result};

const POPULATION: f64 = 763.0;

/// Susceptible people meet infectious ones and fall ill; after a while they recover.
pub struct Sir {
    /// How many people were in bed on each day.
    in_bed: Vec<f64>,
}

impl Sir {
    pub fn new(in_bed: Vec<f64>) -> Result<Self> {
        match in_bed.first() {
            Some(1.0..POPULATION) => Ok(Sir { in_bed }),
            Some(first) => Err(Error::other(format!("an epidemic begins with 1 to 762 in bed, not {first}"))),
            None => Err(Error::other("[data] must say how many were in bed on each day")),
        }
    }
}

impl Simulator for Sir {
    fn parameters(&self) -> Vec<&str> {
        vec!["contact_rate", "infectious_days"]
    }

    fn summaries(&self) -> Vec<&str> {
        vec!["peak", "peak_day", "total"]
    }

    fn observed(&self, summary: &mut [f64]) -> Result<()> {
        summarise(&self.in_bed, summary);
        Ok(())
    }

    fn simulate(&self, theta: &[f64], stream: &mut Stream, summary: &mut [f64]) -> Result<()> {
        let (contact_rate, infectious_days) = (theta[0], theta[1]);
        let mut infectious = self.in_bed[0];
        let mut susceptible = POPULATION - infectious;
        let mut in_bed = vec![0.0; self.in_bed.len()];
        let (mut day, mut time) = (0, 0.0);
        while day < in_bed.len() && infectious > 0.0 {
            let infection = contact_rate * susceptible * infectious / POPULATION;
            let recovery = infectious / infectious_days;
            time += stream.exponential() / (infection + recovery);
            while day < in_bed.len() && (day as f64) < time {
                in_bed[day] = infectious;
                day += 1;
            }
            if stream.uniform() * (infection + recovery) < infection {
                susceptible -= 1.0;
                infectious += 1.0;
            } else {
                infectious -= 1.0;
            }
        }
        summarise(&in_bed, summary);
        Ok(())
    }
}

/// How many were in bed on the worst day, which day that was, and the sum over all days.
fn summarise(in_bed: &[f64], summary: &mut [f64]) {
    let (mut peak, mut peak_day) = (0.0, 0);
    for (day, count) in in_bed.iter().enumerate() {
        if *count > peak {
            (peak, peak_day) = (*count, day);
        }
    }
    summary[0] = peak;
    summary[1] = peak_day as f64;
    summary[2] = in_bed.iter().sum();
}
