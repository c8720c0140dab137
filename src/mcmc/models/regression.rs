//! The normal linear model.

use super::check;
use super::cholesky::{Cholesky, dot};
use crate::distribution::Gamma;
use crate::error::{Error, Result};
use crate::mcmc::{Conditionals, Stage, Variable};
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// Linear regression with normal errors and semi-conjugate priors (Gelman et al., Bayesian Data Analysis, 3rd edition,
/// section 14.8; Lindley and Smith 1972).
///
/// response_i ~ N(beta_0 + beta_1 x_i1 + ... + beta_k x_ik, sigma²), beta_j ~ N(0, `coefficient_sd`²) independently,
/// sigma² ~ inverse gamma(`variance_shape`, `variance_scale`); see [`RegressionPriors`].
///
/// There are two blocks, and both conditional distributions are known: all coefficients given sigma², normal with the
/// precision matrix Q = X'X / sigma² + I / `coefficient_sd`² and the mean Q⁻¹ X'y / sigma²; and sigma² given the
/// coefficients, inverse gamma(`variance_shape` + n / 2, `variance_scale` + sum of squared residuals / 2).
///
/// Response and regressors are centred: with c = beta_0 + sum of beta_j mean(x_j) − mean(y), the likelihood is a
/// product of one of c and one of the slopes, of which nothing is lost where a regressor has a large mean and a small
/// spread (years, say). The priors are not changed by that: beta_0² / `coefficient_sd`² is a quadratic form of c and
/// the slopes.
#[derive(Clone, Debug)]
pub struct Regression {
    /// The coefficients' names.
    names: Vec<String>,
    priors: RegressionPriors,
    /// How many observations there are.
    size: f64,
    /// Of the response.
    mean: f64,
    /// Of the regressors.
    means: Vec<f64>,
    /// The lower triangle of the sums of products of centred regressors.
    products: Vec<Vec<f64>>,
    /// Their sums of products with the centred response.
    with_response: Vec<f64>,
    fit: Fit,
}

/// Least squares.
#[derive(Clone, Debug)]
struct Fit {
    factor: Cholesky,
    slopes: Vec<f64>,
    /// The sum of squared residuals.
    residual: f64,
}

/// The hyperparameters of [`Regression`]. The defaults are weak where coefficients are small compared with 1000 and the
/// errors' variance is large compared with 0.01; in other units, say so.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegressionPriors {
    /// The standard deviation of all coefficients' normal priors, the intercept's (where regressors are 0) among them:
    /// 1000.
    pub coefficient_sd: f64,
    /// The shape of sigma²'s inverse gamma prior, which counts like twice as many observations: 0.01.
    pub variance_shape: f64,
    /// Its scale, which counts like twice that sum of squared residuals: 0.01.
    pub variance_scale: f64,
}

impl Default for RegressionPriors {
    fn default() -> Self {
        RegressionPriors { coefficient_sd: 1000.0, variance_shape: 0.01, variance_scale: 0.01 }
    }
}

/// What a chain of [`Regression`] carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegressionState {
    /// c and the slopes.
    centred: Vec<f64>,
    /// sigma².
    variance: f64,
}

/// Below this share of a regressor's sum of squares it counts as a combination of the others.
const SINGULAR: f64 = 1e-12;

impl Regression {
    /// The model of a response by regressors, with their names; there may be none.
    ///
    /// # Errors
    /// Not more observations than coefficients, columns of other lengths, a value that is not finite, a name that is
    /// empty or there twice or `intercept`, a regressor that is constant or a combination of those before it,
    /// hyperparameters that are not positive.
    pub fn new(response: Vec<f64>, regressors: Vec<(String, Vec<f64>)>, priors: RegressionPriors) -> Result<Self> {
        let names: Vec<String> =
            std::iter::once("intercept".to_owned()).chain(regressors.iter().map(|(name, _)| name.clone())).collect();
        check::names(&names)?;
        check_columns(&response, &regressors)?;
        let RegressionPriors { coefficient_sd, variance_shape, variance_scale } = priors;
        check::positive([
            ("coefficient_sd", coefficient_sd),
            ("variance_shape", variance_shape),
            ("variance_scale", variance_scale),
        ])?;
        let (mean, y) = centre(&response);
        let (means, x): (Vec<f64>, Vec<Vec<f64>>) = regressors.iter().map(|(_, column)| centre(column)).unzip();
        let row = |i: usize| x[..=i].iter().map(|other| dot(&x[i], other)).collect();
        let products: Vec<Vec<f64>> = (0..x.len()).map(row).collect();
        let with_response: Vec<f64> = x.iter().map(|column| dot(column, &y)).collect();
        let fit = Fit::new(&products, &with_response, &x, &y).map_err(|number| {
            let name = &names[number + 1];
            Error::other(format!("the regressor '{name}' is a linear combination of those before it: leave one out"))
        })?;
        let size = response.len() as f64;
        Ok(Regression { names, priors, size, mean, means, products, with_response, fit })
    }

    /// That of a coefficient's prior: 1 / `coefficient_sd`².
    fn prior_precision(&self) -> f64 {
        1.0 / (self.priors.coefficient_sd * self.priors.coefficient_sd)
    }

    /// beta_0.
    fn intercept(&self, centred: &[f64]) -> f64 {
        self.mean + centred[0] - dot(&self.means, &centred[1..])
    }

    /// The sum of squared residuals: that of least squares, and what the coefficients' distance from it adds.
    fn residual(&self, centred: &[f64]) -> f64 {
        let distance: Vec<f64> = centred[1..].iter().zip(&self.fit.slopes).map(|(slope, best)| slope - best).collect();
        self.fit.residual + self.size * centred[0] * centred[0] + self.fit.factor.quadratic(&distance)
    }

    /// Draws c and the slopes given sigma²: x = Q⁻¹ r + L'⁻¹ z, where Q = L L' is the precision matrix and z standard
    /// normal.
    fn draw_coefficients(&self, variance: f64, stream: &mut Stream) -> Result<Vec<f64>> {
        let prior = self.prior_precision();
        // beta_0 = mean(y) + c − sum of means · slopes, so what multiplies c and the slopes in it is 1 and −means.
        let in_intercept = |i: usize| if i == 0 { 1.0 } else { -self.means[i - 1] };
        let precision = |i: usize, j: usize| {
            let likelihood = match (i, j) {
                (0, 0) => self.size,
                (_, 0) => 0.0,
                _ => self.products[i - 1][j - 1],
            };
            let own = if i == j && i > 0 { prior } else { 0.0 };
            likelihood / variance + own + prior * in_intercept(i) * in_intercept(j)
        };
        let factor = Cholesky::new(self.names.len(), 0.0, precision).map_err(|number| {
            let name = &self.names[number];
            Error::other(format!("the coefficient of '{name}' can't be told from others at sigma² = {variance}"))
        })?;
        let right = |i: usize| {
            let likelihood = if i == 0 { 0.0 } else { self.with_response[i - 1] / variance };
            likelihood - prior * self.mean * in_intercept(i)
        };
        let mut centred: Vec<f64> = (0..self.names.len()).map(right).collect();
        factor.forward(&mut centred);
        centred.iter_mut().for_each(|x| *x += stream.normal());
        factor.backward(&mut centred);
        Ok(centred)
    }

    fn draw_variance(&self, centred: &[f64], stream: &mut Stream) -> Result<f64> {
        let RegressionPriors { variance_shape, variance_scale, .. } = self.priors;
        let precision = Gamma::new(variance_shape + 0.5 * self.size, variance_scale + 0.5 * self.residual(centred));
        Ok(1.0 / precision.map_err(Error::other)?.sample(stream))
    }
}

impl Fit {
    /// The error is the number of the first regressor that is a combination of those before it.
    fn new(products: &[Vec<f64>], with_response: &[f64], x: &[Vec<f64>], y: &[f64]) -> Result<Self, usize> {
        let factor = Cholesky::new(products.len(), SINGULAR, |i, j| products[i][j])?;
        let mut slopes = with_response.to_vec();
        factor.forward(&mut slopes);
        factor.backward(&mut slopes);
        let fitted = |row: usize| x.iter().zip(&slopes).map(|(column, slope)| column[row] * slope).sum::<f64>();
        let residual = y.iter().enumerate().map(|(row, y)| (y - fitted(row)) * (y - fitted(row))).sum();
        Ok(Fit { factor, slopes, residual })
    }
}

/// The mean of a column, and its differences from that.
fn centre(column: &[f64]) -> (f64, Vec<f64>) {
    let size = column.len() as f64;
    let near = column.iter().sum::<f64>() / size;
    let mean = near + column.iter().map(|x| x - near).sum::<f64>() / size;
    (mean, column.iter().map(|x| x - mean).collect())
}

/// That columns are as long as the response, finite, and not constant.
fn check_columns(response: &[f64], regressors: &[(String, Vec<f64>)]) -> Result<()> {
    let wrong = |message: String| Err(Error::other(message));
    let coefficients = regressors.len() + 1;
    if response.len() <= coefficients {
        let observations = response.len();
        return wrong(format!("{observations} observations are too few for {coefficients} coefficients"));
    }
    for (name, column) in regressors {
        if column.len() != response.len() {
            let (found, wanted) = (column.len(), response.len());
            return wrong(format!("the regressor '{name}' has {found} values, the response {wanted}"));
        }
    }
    let columns = std::iter::once(("response", response)).chain(regressors.iter().map(|(n, c)| (n.as_str(), &c[..])));
    for (name, column) in columns {
        // Below this, sums of products are floats.
        if let Some((row, value)) = column.iter().enumerate().find(|(_, value)| !(value.abs() < 1e140)) {
            return wrong(format!("value {} of '{name}' must be a number, below 1e140 in size, is {value}", row + 1));
        }
    }
    match regressors.iter().find(|(_, column)| column.iter().all(|value| *value == column[0])) {
        Some((name, _)) => wrong(format!("the regressor '{name}' is constant, as the intercept is: leave it out")),
        None => Ok(()),
    }
}

impl Conditionals for Regression {
    type State = RegressionState;

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::along("beta", "coefficient", &self.names), Variable::scalar("sigma")]
    }

    /// sigma² some orders of magnitude apart around that of least squares, coefficients as if it were a hundred times
    /// that.
    fn init(&self, stream: &mut Stream) -> Result<RegressionState> {
        let RegressionPriors { variance_shape, variance_scale, .. } = self.priors;
        let estimate = (2.0 * variance_scale + self.fit.residual) / (2.0 * variance_shape + self.size);
        let variance = estimate * libm::exp(2.0 * stream.normal());
        Ok(RegressionState { centred: self.draw_coefficients(100.0 * variance, stream)?, variance })
    }

    fn init_at(&self, values: &[f64], _: &mut Stream) -> Result<RegressionState> {
        check::start(values, self.names.len() + 1)?;
        let (beta, sigma) = (&values[..self.names.len()], values[self.names.len()]);
        if sigma <= 0.0 {
            return Err(Error::other("sigma must be positive"));
        }
        let mut centred = beta.to_vec();
        centred[0] += dot(&self.means, &beta[1..]) - self.mean;
        Ok(RegressionState { centred, variance: sigma * sigma })
    }

    fn blocks(&self) -> usize {
        2
    }

    fn update(&self, block: usize, state: &mut RegressionState, _: Stage, stream: &mut Stream) -> Result<()> {
        match block {
            0 => state.centred = self.draw_coefficients(state.variance, stream)?,
            _ => state.variance = self.draw_variance(&state.centred, stream)?,
        }
        Ok(())
    }

    fn draw(&self, state: &RegressionState, out: &mut [f64]) {
        let coefficients = self.names.len();
        out[..coefficients].copy_from_slice(&state.centred);
        out[0] = self.intercept(&state.centred);
        out[coefficients] = state.variance.sqrt();
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp"]
    }

    /// Of the coefficients and sigma (not sigma²).
    fn statistics_of(&self, state: &RegressionState, out: &mut [f64]) {
        let RegressionPriors { variance_shape, variance_scale, .. } = self.priors;
        let (slopes, intercept) = (&state.centred[1..], self.intercept(&state.centred));
        let squares = intercept * intercept + dot(slopes, slopes);
        let shape = variance_shape + 0.5 * self.size + 0.5; // d sigma² = 2 sigma d sigma
        let scale = variance_scale + 0.5 * self.residual(&state.centred);
        out[0] = -shape * libm::log(state.variance) - scale / state.variance - 0.5 * self.prior_precision() * squares;
    }
}
