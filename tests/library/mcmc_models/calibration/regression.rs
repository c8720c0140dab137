//! Eight observations of two regressors, one of them far from 0.

use super::{Calibration, Simulated};
use crate::mcmc_models::regression::{Mistake, Problem, by_hand};
use crate::mcmc_models::replaced::Replaced;
use ensample::distribution::Gamma;
use ensample::mcmc::Conditionals;
use ensample::mcmc::models::RegressionPriors;
use ensample::stream::Stream;

const X: [[f64; 8]; 2] =
    [[21.0, 22.0, 23.0, 25.0, 26.0, 27.0, 28.0, 30.0], [0.1, 0.9, -0.3, 1.2, -1.4, 0.4, 0.2, -0.8]];
const PRIORS: RegressionPriors = RegressionPriors { coefficient_sd: 2.0, variance_shape: 3.0, variance_scale: 4.0 };

fn simulate<M: Conditionals>(model: impl Fn(Problem) -> M) -> impl Fn(&mut Stream) -> Simulated<M> {
    move |stream| {
        let beta = [(); 3].map(|()| PRIORS.coefficient_sd * stream.normal());
        let precision = Gamma::new(PRIORS.variance_shape, PRIORS.variance_scale).unwrap().sample(stream);
        let sigma = precision.powf(-0.5);
        let mean = |row: usize| beta[0] + beta[1] * X[0][row] + beta[2] * X[1][row];
        let y = (0..8).map(|row| mean(row) + sigma * stream.normal()).collect();
        let problem = Problem { y, x: X.map(|x| x.to_vec()).to_vec(), priors: PRIORS };
        Simulated { values: [&beta[..], &[sigma]].concat(), model: model(problem) }
    }
}

fn wrong(mistake: Mistake) -> Calibration {
    let model = move |problem: Problem| Replaced { model: problem.model(), by: by_hand(problem, mistake) };
    Calibration::of_few(5, simulate(model))
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn ranks_are_uniform() {
    Calibration::new(5, simulate(|problem| problem.model())).assert_right("regression");
    wrong(Mistake::WholeSquares).assert_wrong("whole squares", &["sigma"]);
    wrong(Mistake::DegreesOfFreedom).assert_wrong("degrees of freedom", &["sigma"]);
    // Least squares estimates are as far from the truth as their distribution says: lp alone, which knows the prior,
    // finds out that it is left out.
    wrong(Mistake::FlatPrior).assert_wrong("flat prior", &["lp"]);
}
