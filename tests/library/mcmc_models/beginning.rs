//! Where chains begin, and input that is refused.

use super::chains::{Plan, row, rows, width};
use super::{pumps, schools};
use ensample::mcmc::models::{
    Bivariate, Disaster, DisasterPriors, Pumps, PumpsPriors, Regression, RegressionPriors, Schools, SchoolsPriors,
};
use ensample::mcmc::{Conditionals, Gibbs, Order, Sampler};
use ensample::stream::Streams;
use std::sync::Arc;

fn disaster() -> Disaster {
    Disaster::new(vec![1.0, 2.0, 4.0], vec![3.0, f64::NAN, 0.0], DisasterPriors::default()).unwrap()
}

fn regression() -> Regression {
    let x = vec![("x".to_owned(), vec![1.0, 2.0, 4.0])];
    Regression::new(vec![1.0, 3.0, 2.0], x, RegressionPriors::default()).unwrap()
}

fn few_pumps() -> Pumps {
    pumps::model(&[0.0, 3.0], &[1.0, 2.0], PumpsPriors::default())
}

fn few_schools() -> Schools {
    schools::model(&[28.0, 8.0], &[15.0, 10.0], SchoolsPriors::default())
}

const NAN: f64 = f64::NAN;

/// A chain that is told where to begin is there, within rounding, and at finite values where it is told none; and it
/// does not begin at wrong values.
#[track_caller]
fn check_starts(model: impl Conditionals, starts: &[&[f64]], wrong: &[(&[f64], &str)]) {
    let sampler: Arc<dyn Sampler> = Arc::new(Gibbs::new(model, Order::Fixed));
    let streams = Streams::new(1, 0);
    let begin = |at| Arc::clone(&sampler).begin(streams.stream(0), Some(at));
    for start in starts {
        let found = row(&sampler, &*begin(start).unwrap());
        let is_there = |(found, start): (&f64, &f64)| start.is_nan() || (found - start).abs() <= 1e-14;
        assert!(found.iter().zip(*start).all(is_there), "{found:?}");
        assert!(found[..=start.len()].iter().all(|value| value.is_finite()), "{found:?}"); // and lp
    }
    for (values, message) in wrong {
        assert_eq!(begin(values).err().map(|error| error.to_string()).as_deref(), Some(*message));
    }
}

#[test]
fn bivariate_begins_where_it_is_told() {
    let wrong: [(&[f64], _); 4] = [
        (&[0.5], "there are 1 values to begin at: the model has 2"),
        (&[0.5, NAN], "to begin at given values, y is needed"),
        (&[f64::INFINITY, 0.0], "a chain can't begin at x = inf"),
        (&[0.0, 1.0], "x must be positive"),
    ];
    check_starts(Bivariate, &[&[0.5, -2.0]], &wrong);
}

#[test]
fn disaster_begins_where_it_is_told() {
    let wrong: [(&[f64], _); 5] = [
        (&[2.0, 0.5, 7.0], "there are 3 values to begin at: the model has 4"),
        (&[3.0, 0.5, 7.0, 4.0], "switchpoint must be one of the times"),
        (&[2.0, NAN, 7.0, 4.0], "to begin at given values, early is needed"),
        (&[2.0, 0.5, -7.0, 4.0], "early and late must be positive"),
        (&[2.0, 0.5, 7.0, 0.4], "imputed counts must be whole numbers from 0 on"),
    ];
    check_starts(disaster(), &[&[2.0, 0.5, 7.0, 4.0], &[4.0, 0.5, 7.0, NAN]], &wrong);
}

#[test]
fn pumps_begin_where_they_are_told() {
    let wrong: [(&[f64], _); 3] = [
        (&[0.5, 2.0, 0.0, 3.0], "alpha, beta and all rates must be positive"),
        (&[0.5, 2.0, 1.0, NAN], "to begin at given values, rate is needed"),
        (&[0.5, NAN, 1.0, 3.0], "to begin at given values, beta is needed"),
    ];
    check_starts(few_pumps(), &[&[0.5, 2.0, 1e-9, 3.0], &[0.5, 2.0, NAN, NAN]], &wrong);
}

#[test]
fn schools_begin_where_they_are_told() {
    let wrong: [(&[f64], _); 2] = [
        (&[0.0, -1.0, 0.0, 0.0], "tau must not be negative"),
        (&[0.0, NAN, 0.0, 0.0], "to begin at given values, tau is needed"),
    ];
    check_starts(few_schools(), &[&[-3.0, 0.0, -3.0, -3.0], &[1.0, 2.0, NAN, NAN]], &wrong);
}

#[test]
fn regression_begins_where_it_is_told() {
    let wrong: [(&[f64], _); 3] = [
        (&[3.0, -0.5, 0.0], "sigma must be positive"),
        (&[3.0, -0.5, NAN], "to begin at given values, sigma is needed"),
        (&[3.0, NAN, 1.0], "to begin at given values, beta is needed"),
    ];
    check_starts(regression(), &[&[3.0, -0.5, 2.0], &[NAN, NAN, 2.0]], &wrong);
}

/// The width of the interval that holds the middle nine tenths of some values: finite ones.
fn spread(mut values: Vec<f64>) -> f64 {
    assert!(values.iter().all(|x| x.is_finite()), "{values:?}");
    values.sort_by(f64::total_cmp);
    values[values.len() * 19 / 20] - values[values.len() / 20]
}

/// At each of these places, 200 beginnings are further apart than 500 draws of a chain: by half at least.
fn check_spread(name: &str, model: impl Conditionals, places: &[usize]) {
    let sampler: Arc<dyn Sampler> = Arc::new(Gibbs::new(model, Order::Fixed));
    let streams = Streams::new(1, 0);
    let begin = |number| Arc::clone(&sampler).begin(streams.stream(number), None).unwrap();
    let starts: Vec<Vec<f64>> = (0..200).map(|number| row(&sampler, &*begin(number))).collect();
    let draws = rows(&sampler, &mut *begin(0), &Plan { chains: 1, warmup: 200, thin: 2, draws: 500 });
    for place in places {
        let starts = spread(starts.iter().map(|row| row[*place]).collect());
        let draws = spread(draws.chunks_exact(width(&sampler)).map(|row| row[*place]).collect());
        assert!(starts > 1.5 * draws, "{name}, place {place}: {starts} {draws}");
    }
}

/// To see whether chains forget their beginnings, these must differ by more than draws do.
#[test]
fn chains_begin_far_apart() {
    check_spread("bivariate", Bivariate, &[0, 1]);
    let counts = (0..30).map(|year| if year < 15 { 3.0 } else { 1.0 }).collect();
    let disaster = Disaster::new((0..30).map(f64::from).collect(), counts, DisasterPriors::default()).unwrap();
    check_spread("disaster", disaster, &[0, 1, 2]);
    let pumps = pumps::model(&[5.0, 1.0, 5.0, 14.0], &[9.0, 1.6, 6.3, 12.6], PumpsPriors::default());
    check_spread("pumps", pumps, &[0, 1]);
    check_spread("schools", few_schools(), &[0, 1]);
    let x = vec![("x".to_owned(), (0..12).map(f64::from).collect())];
    let y = (0..12).map(|x| f64::from(x + x * x % 5)).collect();
    check_spread("regression", Regression::new(y, x, RegressionPriors::default()).unwrap(), &[0, 1, 2]);
}

#[track_caller]
fn refused<M>(result: ensample::Result<M>, message: &str) {
    assert_eq!(result.err().map(|error| error.to_string()).as_deref(), Some(message));
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn wrong_disasters_are_refused() {
    let new = |times: &[f64], counts: &[f64]| Disaster::new(times.to_vec(), counts.to_vec(), DisasterPriors::default());
    refused(new(&[1.0], &[2.0]), "there are 1 times, 1 counts: at least two are needed");
    refused(new(&[1.0, 2.0], &[2.0, 1.0, 3.0]), "there are 2 times, 3 counts: there must be as many of each");
    refused(new(&[1.0, 1.0], &[2.0, 1.0]), "times must ascend, but 1 is followed by 1");
    refused(new(&[1.0, f64::NAN], &[2.0, 1.0]), "the time of 'NaN' must be finite, is NaN");
    refused(new(&[1.0, 2.0], &[2.0, -1.0]), "the count of '2' must be a whole number from 0 on, is -1");
    refused(new(&[1.0, 2.0], &[0.5, 1.0]), "the count of '1' must be a whole number from 0 on, is 0.5");
    let rate = |rate| Disaster::new(vec![1.0, 2.0], vec![1.0, 0.0], DisasterPriors { rate });
    refused(rate(0.0), "rate must be positive, is 0");
    refused(rate(f64::INFINITY), "rate must be finite, is inf");
}

#[test]
fn wrong_pumps_are_refused() {
    let new = |n: &[&str], failures: &[f64], times: &[f64]| {
        Pumps::new(names(n), failures.to_vec(), times.to_vec(), PumpsPriors::default())
    };
    let message = "there are 2 names, 1 failure counts, 2 times: at least two are needed";
    refused(new(&["a", "b"], &[1.0], &[1.0, 2.0]), message);
    refused(new(&["a", "a"], &[1.0, 2.0], &[1.0, 2.0]), "the name 'a' is there twice");
    refused(new(&["a", ""], &[1.0, 2.0], &[1.0, 2.0]), "name 2 is empty");
    let message = "the failure count of 'b' must be a whole number from 0 on, is NaN";
    refused(new(&["a", "b"], &[1.0, f64::NAN], &[1.0, 2.0]), message);
    refused(new(&["a", "b"], &[1.0, 2.0], &[0.0, 2.0]), "the time of 'a' must be positive and finite, is 0");
    let priors = PumpsPriors { beta_shape: -1.0, ..Default::default() };
    refused(Pumps::new(names(&["a", "b"]), vec![1.0; 2], vec![1.0; 2], priors), "beta_shape must be positive, is -1");
}

#[test]
fn wrong_schools_are_refused() {
    let new = |effects: &[f64], errors: &[f64], priors| {
        Schools::new(names(&["a", "b"]), effects.to_vec(), errors.to_vec(), priors)
    };
    let priors = SchoolsPriors::default();
    let message = "the effect of 'b' must be finite, is NaN";
    refused(new(&[1.0, f64::NAN], &[1.0, 1.0], priors), message);
    let message = "the standard error of 'a' must be positive and finite, is -1";
    refused(new(&[1.0, 2.0], &[-1.0, 1.0], priors), message);
    let priors = SchoolsPriors { tau_scale: f64::NAN, ..priors };
    refused(new(&[1.0, 2.0], &[1.0, 1.0], priors), "tau_scale must be finite, is NaN");
}

#[test]
fn wrong_regressions_are_refused() {
    let response = [3.0, 1.0, 2.0, 5.0, 4.0];
    let new = |regressors: &[(&str, &[f64])]| {
        let regressors = regressors.iter().map(|(name, x)| ((*name).to_owned(), x.to_vec())).collect();
        Regression::new(response.to_vec(), regressors, RegressionPriors::default())
    };
    let (a, b): (&[f64], &[f64]) = (&[1.0, 2.0, 4.0, 5.0, 7.0], &[0.3, 0.1, -0.4, 0.2, 0.9]);
    let sum: Vec<f64> = a.iter().zip(b).map(|(a, b)| 7.0 + 2.0 * a - 0.1 * b).collect();
    assert!(new(&[("a", a), ("b", b)]).is_ok());
    let message = "the regressor 'c' is a linear combination of those before it: leave one out";
    refused(new(&[("a", a), ("b", b), ("c", &sum)]), message);
    let message = "the regressor 'c' is constant, as the intercept is: leave it out";
    refused(new(&[("a", a), ("c", &[0.1; 5])]), message);
    refused(new(&[("a", a), ("a", b)]), "the name 'a' is there twice");
    refused(new(&[("intercept", a)]), "the name 'intercept' is there twice");
    refused(new(&[("a", &a[..4])]), "the regressor 'a' has 4 values, the response 5");
    let message = "value 2 of 'a' must be a number, below 1e140 in size, is NaN";
    refused(new(&[("a", &[1.0, f64::NAN, 4.0, 5.0, 7.0])]), message);
    let message = "5 observations are too few for 5 coefficients";
    refused(new(&[("a", a), ("b", b), ("c", a), ("d", b)]), message);
    let priors = RegressionPriors { variance_shape: 0.0, ..Default::default() };
    refused(Regression::new(response.to_vec(), vec![], priors), "variance_shape must be positive, is 0");
}

/// Hyperparameters that a run file leaves out have their defaults; others are unknown.
#[test]
fn priors_are_read_from_run_files() {
    let priors: PumpsPriors = toml::from_str("beta_rate = 2").unwrap();
    assert_eq!(priors, PumpsPriors { alpha_rate: 1.0, beta_shape: 0.1, beta_rate: 2.0 });
    assert_eq!(toml::from_str::<SchoolsPriors>("").unwrap(), SchoolsPriors { mu_sd: 5.0, tau_scale: 5.0 });
    assert_eq!(toml::from_str::<DisasterPriors>("rate = 0.5").unwrap(), DisasterPriors { rate: 0.5 });
    let error = toml::from_str::<RegressionPriors>("sd = 10.0").unwrap_err();
    assert!(error.message().contains("unknown field `sd`, expected one of `coefficient_sd`"), "{error}");
}
