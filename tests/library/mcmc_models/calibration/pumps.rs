//! Six pumps.

use super::{Calibration, Simulated};
use crate::mcmc_models::pumps::{Mistake, by_hand, model};
use crate::mcmc_models::replaced::Replaced;
use ensample::distribution::{Gamma, Poisson};
use ensample::mcmc::Conditionals;
use ensample::mcmc::models::{Pumps, PumpsPriors};
use ensample::stream::Stream;

const TIMES: [f64; 6] = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// (That of the default, 0.1, makes rates of 1e10 and more.)
const PRIORS: PumpsPriors = PumpsPriors { alpha_rate: 0.7, beta_shape: 2.0, beta_rate: 1.5 };

fn simulate<M: Conditionals>(model: impl Fn(Vec<f64>) -> M) -> impl Fn(&mut Stream) -> Simulated<M> {
    move |stream| {
        let alpha = stream.exponential() / PRIORS.alpha_rate;
        let beta = Gamma::new(PRIORS.beta_shape, PRIORS.beta_rate).unwrap().sample(stream);
        let rates = TIMES.map(|_| Gamma::new(alpha, beta).unwrap().sample(stream));
        let failures: Vec<f64> = rates.iter().zip(TIMES).map(|(rate, time)| poisson(rate * time, stream)).collect();
        Simulated { values: [&[alpha, beta][..], &rates].concat(), model: model(failures) }
    }
}

/// A mean can be too small for the library.
fn poisson(mean: f64, stream: &mut Stream) -> f64 {
    if mean < 1e-300 { 0.0 } else { Poisson::new(mean).unwrap().sample(stream) }
}

fn right(failures: Vec<f64>) -> Pumps {
    model(&failures, &TIMES, PRIORS)
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn ranks_are_uniform() {
    Calibration::new(15, simulate(right)).assert_right("pumps");
    let scale = PumpsPriors { beta_rate: 1.0 / PRIORS.beta_rate, ..PRIORS };
    let scale = simulate(move |failures| model(&failures, &TIMES, scale));
    Calibration::of_few(15, scale).assert_wrong("scale for rate in the prior", &["beta"]);
    let no_jacobian = simulate(|failures: Vec<f64>| {
        let by = by_hand(failures.clone(), TIMES.to_vec(), PRIORS, Mistake::NoJacobian);
        Replaced { model: right(failures), by }
    });
    Calibration::of_few(15, no_jacobian).assert_wrong("no Jacobian", &["alpha"]);
}
