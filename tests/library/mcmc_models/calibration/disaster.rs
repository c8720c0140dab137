//! Thirty years, two of them without a count.

use super::{Calibration, Simulated};
use ensample::distribution::Poisson;
use ensample::mcmc::models::{Disaster, DisasterPriors};
use ensample::stream::Stream;

const YEARS: usize = 30;
const MISSING: [usize; 2] = [9, 20];

/// With a prior of rate 0.4; the model is told another, and that the regimes change so many years later.
fn simulate(rate: f64, shift: usize) -> impl Fn(&mut Stream) -> Simulated<Disaster> {
    move |stream| {
        let switchpoint = stream.index(YEARS as u64) as usize;
        let means = [stream.exponential() / 0.4, stream.exponential() / 0.4];
        let count = |year| Poisson::new(means[usize::from(year > switchpoint + shift)]).unwrap().sample(stream);
        let mut counts: Vec<f64> = (0..YEARS).map(count).collect();
        let mut values = vec![switchpoint as f64, means[0], means[1]];
        for year in MISSING {
            values.push(counts[year]);
            counts[year] = f64::NAN;
        }
        let times = (0..YEARS).map(|year| year as f64).collect();
        Simulated { values, model: Disaster::new(times, counts, DisasterPriors { rate }).unwrap() }
    }
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn ranks_are_uniform() {
    Calibration::new(15, simulate(0.4, 0)).assert_right("disaster");
    Calibration::of_few(15, simulate(0.4, 1)).assert_wrong("off by one", &["switchpoint"]);
    Calibration::of_few(15, simulate(2.5, 0)).assert_wrong("scale for rate in the prior", &["early", "late"]);
}
