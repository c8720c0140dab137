//! Five schools.

use super::{Calibration, Simulated};
use crate::mcmc_models::replaced::Replaced;
use crate::mcmc_models::schools::{Mistake, by_hand, model};
use ensample::distribution::Cauchy;
use ensample::mcmc::Conditionals;
use ensample::mcmc::models::{Schools, SchoolsPriors};
use ensample::stream::Stream;

const ERRORS: [f64; 5] = [0.3, 0.6, 1.0, 1.5, 2.5];
const PRIORS: SchoolsPriors = SchoolsPriors { mu_sd: 2.0, tau_scale: 1.0 };

fn prior(stream: &mut Stream) -> Vec<f64> {
    let mu = PRIORS.mu_sd * stream.normal();
    let tau = Cauchy::new(0.0, PRIORS.tau_scale).unwrap().sample(stream).abs();
    let theta = ERRORS.map(|_| mu + tau * stream.normal());
    [&[mu, tau][..], &theta].concat()
}

fn simulate<M: Conditionals>(model: impl Fn(Vec<f64>) -> M) -> impl Fn(&mut Stream) -> Simulated<M> {
    move |stream| {
        let values = prior(stream);
        let effects = values[2..].iter().zip(ERRORS).map(|(theta, error)| theta + error * stream.normal()).collect();
        Simulated { values, model: model(effects) }
    }
}

fn right(effects: Vec<f64>) -> Schools {
    model(&effects, &ERRORS, PRIORS)
}

fn wrong(mistake: Mistake) -> Calibration {
    let model = move |effects: Vec<f64>| {
        let by = by_hand(effects.clone(), ERRORS.to_vec(), PRIORS, mistake);
        Replaced { model: right(effects), by }
    };
    Calibration::of_few(10, simulate(model))
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn ranks_are_uniform() {
    Calibration::new(10, simulate(right)).assert_right("schools");
    wrong(Mistake::VarianceForSd).assert_wrong("variance for sd", &["theta[A]"]);
    wrong(Mistake::PriorOfSquare).assert_wrong("prior of the square", &["tau"]);
}

/// Draws from the prior have the ranks of a right sampler, except that of lp.
#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn a_sampler_that_ignores_the_data_is_rejected() {
    let by = |block: usize, row: &mut [f64], stream: &mut Stream| {
        if block == 0 {
            row.copy_from_slice(&prior(stream));
        }
        true
    };
    let calibration = Calibration::of_few(1, simulate(move |effects| Replaced { model: right(effects), by }));
    assert_eq!(calibration.rejections(), ["lp"]);
}
