//! How many independent draws a chain's draws are worth.

use super::chains::{Draws, Plan, values};
use super::replaced::{Replaced, metropolis};
use super::schools::{ERRORS, draw_theta};
use super::{SEEDS, disaster, pumps, regression, schools};
use ensample::diagnostics::{Chains, Ess, ess};
use ensample::mcmc::models::{Bivariate, SchoolsPriors};
use ensample::mcmc::{Conditionals, Order};
use ensample::stream::Stream;

const PLAN: Plan = Plan { chains: 4, warmup: 1000, thin: 1, draws: 10_000 };

/// The smallest effective sample size of any number, in the bulk or in the tails, as a share of the number of draws.
fn worst<M: Conditionals>(model: M) -> f64 {
    let numbers = values(&model.variables());
    let draws = Draws::new(model, Order::Fixed, &SEEDS[..1], &PLAN);
    let share = |number: usize| {
        let column: Vec<f64> = draws.rows().map(|row| row[number]).collect();
        let chains = Chains::new(&column, PLAN.chains as usize).unwrap();
        ess(chains, Ess::Bulk).min(ess(chains, Ess::TAIL)) / column.len() as f64
    };
    (0..numbers).map(share).fold(f64::INFINITY, f64::min)
}

/// Schools as one would draw them first: each of mu, tau and theta given the others, tau by ten steps of its logarithm.
fn centred(effects: [f64; 8], priors: SchoolsPriors) -> impl Fn(usize, &mut [f64], &mut Stream) -> bool {
    move |block, row, stream| {
        if block == 0 {
            let squares: f64 = row[2..].iter().map(|theta| (theta - row[0]).powi(2)).sum();
            let ln_density = |ln: f64| {
                let tau = ln.exp();
                -7.0 * ln - 0.5 * squares / tau.powi(2) - (tau / priors.tau_scale).powi(2).ln_1p()
            };
            row[1] = (0..10).fold(row[1].ln(), |ln, _| metropolis(ln, 1.0, ln_density, stream)).exp();
            return true;
        }
        let precision = 8.0 / row[1].powi(2) + priors.mu_sd.powi(-2);
        row[0] = row[2..].iter().sum::<f64>() / row[1].powi(2) / precision + stream.normal() / precision.sqrt();
        let schools = effects.into_iter().zip(ERRORS.map(|error| error * error));
        draw_theta(schools, row, schools::Mistake::None, stream);
        true
    }
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn models_mix() {
    let check = |name: &str, share: f64, least: f64| assert!(share > least, "{name}: {share}");
    check("bivariate", worst(Bivariate), 0.7);
    check("disaster", worst(disaster::model(&[])), 0.6);
    check("disaster with missing years", worst(disaster::model(&disaster::MISSING)), 0.35);
    for (failures, priors) in pumps::PROBLEMS {
        check("pumps", worst(pumps::model(&failures, &pumps::TIMES, priors)), 0.18);
    }
    for problem in [regression::years(), regression::informative(), regression::sample()] {
        check("regression", worst(problem.model()), 0.4);
    }
    for (effects, priors) in schools::PROBLEMS {
        check("schools", worst(schools::model(&effects, &ERRORS, priors)), 0.35);
    }
    // As the usual sampler shows, that is hard where tau can be near 0: in the first two problems.
    for (effects, priors) in &schools::PROBLEMS[..2] {
        let replaced = Replaced { model: schools::model(effects, &ERRORS, *priors), by: centred(*effects, *priors) };
        let share = worst(replaced);
        assert!(share < 0.05, "centred: {share}");
    }
}
