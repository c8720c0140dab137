//! A pair with gamma and normal conditionals.

use super::check;
use crate::distribution::Gamma;
use crate::error::{Error, Result};
use crate::mcmc::{Conditionals, Stage, Variable};
use crate::stream::Stream;

/// The density f(x, y) ∝ x² exp(−x y² − y² + 2 y − 4 x) for x > 0, by its conditionals
/// x | y ~ Gamma(shape 3, rate y² + 4) and y | x ~ N(1 / (1 + x), 1 / (2 (1 + x))).
#[derive(Clone, Copy, Debug, Default)]
pub struct Bivariate;

impl Conditionals for Bivariate {
    /// x and y.
    type State = [f64; 2];

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("x"), Variable::scalar("y")]
    }

    fn init(&self, stream: &mut Stream) -> Result<[f64; 2]> {
        Ok([3.0 * stream.exponential(), 3.0 * stream.normal()])
    }

    fn init_at(&self, values: &[f64], _: &mut Stream) -> Result<[f64; 2]> {
        check::start(values, 2)?;
        match values[0] > 0.0 {
            true => Ok([values[0], values[1]]),
            false => Err(Error::other("x must be positive")),
        }
    }

    fn blocks(&self) -> usize {
        2
    }

    fn update(&self, block: usize, [x, y]: &mut [f64; 2], _: Stage, stream: &mut Stream) -> Result<()> {
        match block {
            0 => *x = Gamma::new(3.0, *y * *y + 4.0).map_err(Error::other)?.sample(stream),
            _ => *y = 1.0 / (1.0 + *x) + stream.normal() / (2.0 * (1.0 + *x)).sqrt(),
        }
        Ok(())
    }

    fn draw(&self, state: &[f64; 2], out: &mut [f64]) {
        out.copy_from_slice(state);
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp"]
    }

    fn statistics_of(&self, &[x, y]: &[f64; 2], out: &mut [f64]) {
        out[0] = 2.0 * libm::log(x) - x * y * y - y * y + 2.0 * y - 4.0 * x;
    }
}
