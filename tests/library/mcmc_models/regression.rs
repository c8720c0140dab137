//! Linear regression: given sigma² the coefficients are normal, and a quadrature over sigma² remains.

use super::chains::{Draws, Plan};
use super::comparison::{Comparison, Expectation};
use super::quadrature::{Exact, edges};
use super::replaced::Replaced;
use super::{FEW, MANY, SEEDS};
use ensample::distribution::Gamma;
use ensample::mcmc::Order;
use ensample::mcmc::models::{Regression, RegressionPriors};
use ensample::stream::Stream;

/// A response, its regressors, and priors.
pub struct Problem {
    pub y: Vec<f64>,
    pub x: Vec<Vec<f64>>,
    pub priors: RegressionPriors,
}

/// A regressor far from 0, and one that is correlated with it.
pub fn years() -> Problem {
    let x = [1990.0, 1991.0, 1993.0, 1994.0, 1996.0, 1999.0, 2000.0, 2003.0, 2004.0, 2008.0].to_vec();
    let z = vec![2.0, 1.5, 3.5, 3.0, 6.0, 7.0, 5.5, 9.0, 8.5, 12.0];
    let y = vec![11.9, 10.2, 12.1, 14.0, 13.9, 15.0, 16.8, 16.1, 18.9, 20.3];
    Problem { y, x: vec![x, z], priors: RegressionPriors::default() }
}

/// Priors that say much, few observations, and a strong correlation of slope and intercept.
pub fn informative() -> Problem {
    let y = vec![3.1, 5.2, 4.4, 7.9, 6.1];
    let x = vec![vec![4.0, 6.0, 5.0, 8.0, 9.0]];
    Problem { y, x, priors: RegressionPriors { coefficient_sd: 0.7, variance_shape: 3.0, variance_scale: 1.5 } }
}

/// An intercept alone: a normal sample.
pub fn sample() -> Problem {
    let priors = RegressionPriors { coefficient_sd: 10.0, variance_shape: 1.0, variance_scale: 1.0 };
    Problem { y: vec![0.3, -1.2, 0.9, 2.2, -0.4, 1.5, 0.0], x: vec![], priors }
}

impl Problem {
    pub fn model(&self) -> Regression {
        let regressors = self.x.iter().enumerate().map(|(i, x)| (format!("x{}", i + 1), x.clone())).collect();
        Regression::new(self.y.clone(), regressors, self.priors).unwrap()
    }

    fn size(&self) -> f64 {
        self.y.len() as f64
    }

    pub fn coefficients(&self) -> usize {
        self.x.len() + 1
    }

    /// The value of regressor `j` in a row; regressor 0 is the intercept's.
    fn x(&self, row: usize, j: usize) -> f64 {
        if j == 0 { 1.0 } else { self.x[j - 1][row] }
    }

    fn sum(&self, of: impl Fn(usize) -> f64) -> f64 {
        (0..self.y.len()).map(of).sum()
    }

    /// X'X / variance + I / coefficient_sd².
    fn precision(&self, variance: f64) -> Vec<Vec<f64>> {
        let entry = |i: usize, j: usize| {
            let prior = if i == j { self.priors.coefficient_sd.powi(-2) } else { 0.0 };
            prior + self.sum(|row| self.x(row, i) * self.x(row, j)) / variance
        };
        let n = self.coefficients();
        (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
    }

    /// X'y / variance.
    fn right(&self, variance: f64) -> Vec<f64> {
        (0..self.coefficients()).map(|j| self.sum(|row| self.x(row, j) * self.y[row]) / variance).collect()
    }

    /// Mean and covariance matrix of the coefficients given the variance, and the logarithm of the density of the
    /// variance, up to a constant.
    fn given(&self, variance: f64) -> (Vec<f64>, Vec<Vec<f64>>, f64) {
        let (covariance, ln_determinant) = inverse(self.precision(variance));
        let right = self.right(variance);
        let mean: Vec<f64> = covariance.iter().map(|row| dot(row, &right)).collect();
        let RegressionPriors { coefficient_sd, variance_shape, variance_scale } = self.priors;
        // The sum of squares in the exponent at the mean; as a difference it would lose digits.
        let fitted = |row: usize| (0..self.coefficients()).map(|j| mean[j] * self.x(row, j)).sum::<f64>();
        let squares =
            self.sum(|row| (self.y[row] - fitted(row)).powi(2)) / variance + dot(&mean, &mean) / coefficient_sd.powi(2);
        let prior = -(variance_shape + 1.0) * variance.ln() - variance_scale / variance;
        let ln = prior - 0.5 * (self.size() * variance.ln() + ln_determinant + squares);
        (mean, covariance, ln)
    }

    /// Of the logarithm of the variance, up to e^24.
    fn exact(&self, panels: usize) -> Exact {
        let of = |ln: f64| ln + self.given(ln.exp()).2;
        Exact::of_one(of, edges(panels, |u| -8.0 + 32.0 * u * u))
    }

    fn expectations(&self) -> Vec<Expectation> {
        let exact = self.exact(80);
        let n = self.coefficients();
        let sigma = |ln: f64, _: f64| (0.5 * ln).exp();
        let mean_sigma = exact.mean(sigma);
        let mut all = Expectation::moments("sigma", n, mean_sigma, exact.covariance(sigma, sigma));
        for p in [0.05, 0.25, 0.5, 0.75, 0.95] {
            let (ln, p) = exact.near_quantile(0, p);
            all.push(Expectation::below("sigma", n, ((0.5 * ln).exp(), p)));
        }
        let given = |ln: f64| self.given(ln.exp());
        let mean = |j: usize| exact.mean(|ln, _| given(ln).0[j]);
        for i in 0..n {
            for j in 0..=i {
                let within = exact.mean(|ln, _| given(ln).1[i][j]);
                let between = exact.covariance(|ln, _| given(ln).0[i], |ln, _| given(ln).0[j]);
                let name = format!("covariance of {i} and {j}");
                all.push(Expectation::covariance(&name, (i, mean(i)), (j, mean(j)), within + between));
            }
            let at = mean(i);
            all.push(Expectation::new(format!("mean of {i}"), at, move |row| row[i]));
            let below = exact.mean(|ln, _| {
                let (means, covariances, _) = given(ln);
                0.5 * libm::erfc((means[i] - at) / (2.0 * covariances[i][i]).sqrt())
            });
            all.push(Expectation::below(&i.to_string(), i, (at, below)));
            let covariance = exact.covariance(sigma, |ln, _| given(ln).0[i]);
            let name = format!("covariance of {i} and sigma");
            all.push(Expectation::covariance(&name, (i, at), (n, mean_sigma), covariance));
        }
        all
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The inverse of a positive definite matrix by elimination, and the logarithm of its determinant.
fn inverse(mut a: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, f64) {
    let n = a.len();
    let mut ln_determinant = 0.0;
    for (i, row) in a.iter_mut().enumerate() {
        row.extend((0..n).map(|j| if i == j { 1.0 } else { 0.0 }));
    }
    for i in 0..n {
        let pivot = a[i][i];
        ln_determinant += pivot.ln();
        a[i].iter_mut().for_each(|x| *x /= pivot);
        for other in (0..n).filter(|other| *other != i) {
            let (factor, row) = (a[other][i], a[i].clone());
            a[other].iter_mut().zip(row).for_each(|(x, y)| *x -= factor * y);
        }
    }
    (a.into_iter().map(|row| row[n..].to_vec()).collect(), ln_determinant)
}

/// Where the intercept is alone, the posterior can be written down: its density integrates to the same moments over mu
/// and sigma² together. And more panels change nothing.
#[test]
fn the_quadrature_is_right() {
    let problem = sample();
    let exact = problem.exact(80);
    let RegressionPriors { coefficient_sd, variance_shape, variance_scale } = problem.priors;
    let ln_density = |mu: f64, ln: f64| {
        let squares: f64 = problem.y.iter().map(|y| (y - mu).powi(2)).sum();
        let shape = variance_shape + 0.5 * problem.size();
        -0.5 * (mu / coefficient_sd).powi(2) - shape * ln - (variance_scale + 0.5 * squares) * (-ln).exp()
    };
    let joint =
        Exact::new(ln_density, [edges(120, |u| 0.5 + (14.0 * (u - 0.5)).sinh()), edges(80, |u| -8.0 + 32.0 * u * u)]);
    let mean = |ln: f64, _: f64| problem.given(ln.exp()).0[0];
    let near = |value: f64, known: f64| assert!((value / known - 1.0).abs() < 1e-7, "{value} {known}");
    near(exact.mean(mean), joint.mean(|mu, _| mu));
    let variance = exact.mean(|ln, _| problem.given(ln.exp()).1[0][0]) + exact.covariance(mean, mean);
    near(variance, joint.covariance(|mu, _| mu, |mu, _| mu));
    near(exact.mean(|ln, _| (0.5 * ln).exp()), joint.mean(|_, ln| (0.5 * ln).exp()));
    for problem in [years(), informative(), sample()] {
        let sigma = |panels| problem.exact(panels).mean(|ln, _| (0.5 * ln).exp());
        near(sigma(80), sigma(110));
    }
}

fn compare(plan: &Plan, order: Order, seeds: &[u64]) {
    for problem in [years(), informative(), sample()] {
        let expectations = problem.expectations();
        let draws = Draws::new(problem.model(), order, seeds, plan);
        Comparison::new(&draws, &expectations).assert_right("regression");
    }
}

#[test]
fn few_draws() {
    super::few(compare);
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn many_draws() {
    super::many(compare);
}

#[test]
fn lp_is_that_of_the_model() {
    let problem = informative();
    let RegressionPriors { coefficient_sd, variance_shape, variance_scale } = problem.priors;
    let ln_density = |beta: &[f64], sigma: f64| {
        let squares = problem.sum(|row| (problem.y[row] - beta[0] - beta[1] * problem.x(row, 1)).powi(2));
        let of_variance = -(variance_shape + 1.0) * 2.0 * sigma.ln() - variance_scale / sigma.powi(2) + sigma.ln();
        of_variance
            - 0.5 * dot(beta, beta) / coefficient_sd.powi(2)
            - problem.size() * sigma.ln()
            - 0.5 * squares / sigma.powi(2)
    };
    let draws = Draws::new(problem.model(), Order::Fixed, &SEEDS[..1], &FEW);
    let off = |row: &[f64]| row[3] - ln_density(&row[..2], row[2]);
    let first = off(draws.rows().next().unwrap());
    assert!(draws.rows().all(|row| (off(row) - first).abs() < 1e-9));
}

/// A regressor that is moved by 2^30 has the same slope: of its digits, which are a third of those of a float then, and
/// of its mixing nothing is lost. (The prior of the intercept, of standard deviation 1e14, does not matter.)
#[test]
fn a_large_mean_costs_nothing() {
    let priors = RegressionPriors { coefficient_sd: 1e14, ..Default::default() };
    let slopes = |shift: f64| {
        let mut problem = Problem { priors, ..years() };
        problem.x[0].iter_mut().for_each(|x| *x = *x - 1999.0 + shift);
        let draws = Draws::new(problem.model(), Order::Fixed, &SEEDS[..1], &FEW);
        draws.rows().map(|row| row[1]).collect::<Vec<_>>()
    };
    let (near, far) = (slopes(0.0), slopes(1_073_741_824.0));
    let largest = near.iter().zip(&far).map(|(near, far)| (near - far).abs()).fold(0.0, f64::max);
    assert!(largest < 1e-9, "{largest}");
}

/// What can be wrong in a hand-made sampler.
#[derive(Clone, Copy, PartialEq)]
pub enum Mistake {
    None,
    /// The sum of squared residuals, not half of it, in sigma²'s distribution.
    WholeSquares,
    /// n − k for n in it, as one is used to from unbiased estimates.
    DegreesOfFreedom,
    /// The priors of coefficients are left out.
    FlatPrior,
}

/// Both blocks, on columns as they are: sigma² from its inverse gamma distribution; the coefficients by the solution of
/// the normal equations of data and prior means with noise, which has the right mean and, as the noise of the right
/// side has the covariance matrix that is to be inverted, the right covariance matrix.
pub fn by_hand(problem: Problem, mistake: Mistake) -> impl Fn(usize, &mut [f64], &mut Stream) -> bool {
    move |block, row, stream| {
        let k = problem.coefficients();
        let variance = row[k].powi(2);
        if block == 0 {
            let is_flat = mistake == Mistake::FlatPrior;
            let mut precision = problem.precision(variance);
            let mut right = problem.right(variance);
            let noise: Vec<f64> = problem.y.iter().map(|_| stream.normal() / variance.sqrt()).collect();
            for j in 0..k {
                let of_prior = problem.priors.coefficient_sd.recip();
                right[j] += problem.sum(|i| noise[i] * problem.x(i, j));
                match is_flat {
                    true => precision[j][j] -= of_prior.powi(2),
                    false => right[j] += of_prior * stream.normal(),
                }
            }
            let (covariance, _) = inverse(precision);
            row.iter_mut().zip(covariance).for_each(|(beta, line)| *beta = dot(&line, &right));
            return true;
        }
        let fitted = |i: usize| (0..k).map(|j| row[j] * problem.x(i, j)).sum::<f64>();
        let squares = problem.sum(|i| (problem.y[i] - fitted(i)).powi(2));
        let half = if mistake == Mistake::WholeSquares { 1.0 } else { 0.5 };
        let lost = if mistake == Mistake::DegreesOfFreedom { k as f64 } else { 0.0 };
        let RegressionPriors { variance_shape, variance_scale, .. } = problem.priors;
        let shape = variance_shape + 0.5 * (problem.size() - lost);
        row[k] = Gamma::new(shape, variance_scale + half * squares).unwrap().sample(stream).powf(-0.5);
        true
    }
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn mistakes_are_rejected() {
    let expectations = informative().expectations();
    let compare = |mistake| {
        let replaced = Replaced { model: informative().model(), by: by_hand(informative(), mistake) };
        Comparison::new(&Draws::new(replaced, Order::Fixed, &SEEDS[..1], &MANY), &expectations)
    };
    compare(Mistake::None).assert_right("by hand");
    compare(Mistake::WholeSquares).assert_wrong("whole squares", &["mean of sigma"]);
    compare(Mistake::DegreesOfFreedom).assert_wrong("degrees of freedom", &["mean of sigma"]);
    compare(Mistake::FlatPrior).assert_wrong("flat prior", &["mean of 0", "mean of 1", "mean of sigma"]);
}
