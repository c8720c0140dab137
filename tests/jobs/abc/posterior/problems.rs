//! The problems: data, priors and rules.

use super::exact::{Prior, Problem, Rule};

/// The problem that `abc` solves when nothing is asked: the data are those of its own run file, the rest is written
/// out here.
pub fn default_problem() -> Problem {
    let run_file: toml::Table = toml::from_str(include_str!("../../../../mpi-apps/abc.toml")).unwrap();
    let values = run_file["data"]["values"].as_array().unwrap();
    Problem {
        data: values.iter().map(|value| value.as_float().unwrap()).collect(),
        mu: Prior::normal(0.0, 10.0),
        sigma: Prior::uniform(0.0, 20.0),
        rule: Rule::Each { mean: 0.2, sd: 0.8 },
    }
}

/// Six observations, all of them integers; heavy tails, and parameters that depend on each other.
pub fn few_observations() -> Problem {
    Problem {
        data: vec![2.0, 3.0, 3.0, 4.0, 5.0, 7.0],
        mu: Prior::student_t(3.0, 1.0, 2.0),
        sigma: Prior::gamma(2.0, 0.8),
        rule: Rule::Each { mean: 0.5, sd: 0.3 },
    }
}

/// Six observations again, and seventeen times as many acceptances: 19 % of all simulations.
pub fn wide_tolerances() -> Problem {
    Problem { rule: Rule::Each { mean: 2.0, sd: 1.2 }, ..few_observations() }
}

/// A prior of mu that is as narrow as the data and contradicts them.
pub fn informative_prior() -> Problem {
    Problem {
        data: vec![0.3, -1.2, 0.9, 2.2, -0.4, 1.5, 0.0, -2.1, 0.7, 1.1, -0.6, 3.4],
        mu: Prior::normal(-0.5, 0.5),
        sigma: Prior::half_normal(1.5),
        rule: Rule::Each { mean: 0.25, sd: 0.4 },
    }
}

/// The acceptance region is an ellipse in mean and standard deviation.
pub fn euclidean_distance() -> Problem {
    Problem {
        data: vec![12.0, 15.5, 9.0, 14.5, 11.0, 19.0, 16.0, 13.0],
        mu: Prior::uniform(10.0, 25.0),
        sigma: Prior::lognormal(1.0, 0.5),
        rule: Rule::Distance { p: 2.0, weights: (1.0, 2.5), tolerance: 1.5 },
    }
}

/// It is a rhombus.
pub fn absolute_distance() -> Problem {
    Problem { rule: Rule::Distance { p: 1.0, weights: (0.8, 1.0), tolerance: 2.0 }, ..euclidean_distance() }
}

/// All problems but the default one.
pub fn others() -> [(&'static str, Problem); 4] {
    [
        ("few observations", few_observations()),
        ("informative prior", informative_prior()),
        ("Euclidean distance", euclidean_distance()),
        ("absolute distance", absolute_distance()),
    ]
}
