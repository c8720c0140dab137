//! A Markov chain of one's own: a pair of normal variables with correlation 0.8, by their conditional distributions.

use ensample::Result;
use ensample::mcmc::{Kernel, Variable};
use ensample::stream::Stream;
use std::process::ExitCode;
use std::sync::Arc;

struct Pair;

impl Kernel for Pair {
    type State = [f64; 2];

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("x"), Variable::scalar("y")]
    }

    fn init(&self, stream: &mut Stream) -> Result<[f64; 2]> {
        Ok([10.0 * stream.normal(), 10.0 * stream.normal()])
    }

    fn step(&self, [x, y]: &mut [f64; 2], stream: &mut Stream) -> Result<()> {
        *x = 0.8 * *y + 0.6 * stream.normal();
        *y = 0.8 * *x + 0.6 * stream.normal();
        Ok(())
    }

    fn draw(&self, state: &[f64; 2], out: &mut [f64]) {
        out.copy_from_slice(state);
    }
}

fn main() -> ExitCode {
    ensample::app::gibbs::main(&[("pair", "model.name = 'pair'")], |_given| Ok(Arc::new(Pair)))
}
