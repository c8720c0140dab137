//! A pair with gamma and normal conditionals.

use super::check;
use crate::error::{Error, Result};
use crate::isa::math::minus_two_ln;
use crate::isa::{Floats, LANES, for_each_level};
use crate::mcmc::{Advance, Conditionals, Stage, Variable};
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// The density f(x, y) ∝ x² exp(−x y² − y² + 2 y − 4 x) for x > 0, by its conditionals
/// x | y ~ Gamma(shape 3, rate y² + 4) and y | x ~ N(1 / (1 + x), 1 / (2 (1 + x))).
///
/// A gamma variable of shape 3 and rate 1 and a standard normal one are all that a sweep needs: they are drawn for many
/// sweeps at once. What is left of a sweep are two divisions and a square root, which wait for each other; so eight
/// chains share the vector registers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bivariate;

/// For so many sweeps random variables are drawn at once,
const AHEAD: usize = 256;

/// and so many are then made at once, in the fastest cache.
const SWEEPS: usize = 64;

/// Chains begin between these: from further away squares, rates and densities might leave what a float can hold.
const LEAST: f64 = 1e-150;
const MOST: f64 = 1e150;

/// What a chain of [`Bivariate`] carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BivariateState {
    x: f64,
    y: f64,
    gammas: Ahead,
    normals: Ahead,
}

/// Random variables of the next sweeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ahead {
    values: Vec<f64>,
    used: usize,
}

impl Ahead {
    fn new() -> Self {
        Ahead { values: vec![0.0; AHEAD], used: AHEAD }
    }

    fn left(&self) -> usize {
        // A checkpoint's digest vouches for what is read from it.
        self.values.len() - self.used
    }

    /// Draws new ones when there are none left.
    fn refill(&mut self, draw: impl FnOnce(&mut [f64])) {
        if self.left() == 0 {
            draw(&mut self.values);
            self.used = 0;
        }
    }

    /// The next one, of those that are left.
    fn next(&mut self) -> f64 {
        self.used += 1;
        self.values[self.used - 1]
    }
}

impl BivariateState {
    fn at(x: f64, y: f64) -> Self {
        BivariateState { x, y, gammas: Ahead::new(), normals: Ahead::new() }
    }

    fn refill(&mut self, stream: &mut Stream) {
        self.gammas.refill(|values| stream.fill_gamma_3(values));
        self.normals.refill(|values| stream.fill_normal(values));
    }
}

/// Eight pairs.
type Pairs = [[f64; LANES]; 2];

for_each_level! {
    /// Sweeps of eight chains, from their random variables to where they are after each.
    fn sweeps(state: &mut Pairs, variables: &[Pairs], out: &mut [Pairs]) = sweeps_of
}

#[inline(always)]
fn sweeps_of<F: Floats>(state: &mut Pairs, variables: &[Pairs], out: &mut [Pairs]) {
    let (mut x, mut y) = (F::load(&state[0]), F::load(&state[1]));
    for ([gamma, normal], [out_x, out_y]) in variables.iter().zip(out) {
        let (gamma, rate) = (F::load(gamma), rate_of(y));
        x = gamma / rate;
        // 1 / (1 + x), without waiting for x.
        y = normal_conditional(F::load(normal), rate / (rate + gamma));
        x.store(out_x);
        y.store(out_y);
    }
    x.store(&mut state[0]);
    y.store(&mut state[1]);
}

/// The rate of x given y.
#[inline(always)]
fn rate_of<F: Floats>(y: F) -> F {
    y.mul_add(y, F::splat(4.0))
}

/// y given x, from a standard normal variable and 1 / (1 + x).
#[inline(always)]
fn normal_conditional<F: Floats>(normal: F, mean: F) -> F {
    normal.mul_add((F::splat(0.5) * mean).sqrt(), mean)
}

for_each_level! {
    /// The logarithms of the densities of pairs, up to a constant.
    fn ln_densities(pairs: &[Pairs], out: &mut [[f64; LANES]]) = ln_densities_of
}

#[inline(always)]
fn ln_densities_of<F: Floats>(pairs: &[Pairs], out: &mut [[f64; LANES]]) {
    for ([x, y], out) in pairs.iter().zip(out) {
        let (x, y) = (F::load(x), F::load(y));
        let rest = (x + F::splat(1.0)) * y * y - F::splat(2.0) * y + F::splat(4.0) * x;
        (F::splat(0.0) - minus_two_ln(x) - rest).store(out);
    }
}

impl Conditionals for Bivariate {
    type State = BivariateState;

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("x"), Variable::scalar("y")]
    }

    fn init(&self, stream: &mut Stream) -> Result<BivariateState> {
        Ok(BivariateState::at(3.0 * stream.exponential(), 3.0 * stream.normal()))
    }

    fn init_at(&self, values: &[f64], _: &mut Stream) -> Result<BivariateState> {
        check::start(values, 2)?;
        check::given("x", &values[..1])?;
        check::given("y", &values[1..])?;
        let [x, y] = [values[0], values[1]];
        // They are finite.
        if x <= 0.0 {
            return Err(Error::other("x must be positive"));
        }
        if !(LEAST..=MOST).contains(&x) || !(-MOST..=MOST).contains(&y) {
            return Err(Error::other(format!("must be x from {LEAST:e} to {MOST:e}, and y of at most {MOST:e}")));
        }
        Ok(BivariateState::at(x, y))
    }

    fn blocks(&self) -> usize {
        2
    }

    fn update(&self, block: usize, state: &mut BivariateState, _: Stage, stream: &mut Stream) -> Result<()> {
        state.refill(stream);
        match block {
            0 => state.x = state.gammas.next() / (state.y * state.y + 4.0),
            _ => {
                let mean = 1.0 / (1.0 + state.x);
                state.y = mean + state.normals.next() * (0.5 * mean).sqrt();
            }
        }
        Ok(())
    }

    const TOGETHER: usize = LANES;

    fn sweeps(&self, chains: &mut [Advance<'_, BivariateState>], _: Stage, steps: u64, thin: u64) -> Result<()> {
        for chains in chains.chunks_mut(LANES) {
            side_by_side(chains, steps, thin);
        }
        Ok(())
    }

    fn draw(&self, state: &BivariateState, out: &mut [f64]) {
        (out[0], out[1]) = (state.x, state.y);
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp"]
    }

    fn statistics_of(&self, state: &BivariateState, out: &mut [f64]) {
        let mut lanes = [[0.0; LANES]];
        ln_densities(&[[[state.x; LANES], [state.y; LANES]]], &mut lanes);
        out[0] = lanes[0][0];
    }
}

/// Takes steps of up to eight chains, one in each lane; lanes without one repeat the first.
fn side_by_side(chains: &mut [Advance<'_, BivariateState>], steps: u64, thin: u64) {
    const PAIRS: Pairs = [[0.0; LANES]; 2];
    let number = chains.len();
    let chain_of = |lane: usize| if lane < number { lane } else { 0 };
    let mut state = PAIRS;
    for lane in 0..LANES {
        let BivariateState { x, y, .. } = *chains[chain_of(lane)].state;
        (state[0][lane], state[1][lane]) = (x, y);
    }
    let (mut variables, mut pairs, mut lp) = ([PAIRS; SWEEPS], [PAIRS; SWEEPS], [[0.0; LANES]; SWEEPS]);
    let is_recorded = chains.iter().any(|chain| !chain.values.is_empty());
    let mut done = 0;
    while done < steps {
        // As many sweeps as every chain has random variables for.
        let mut count = (steps - done).min(SWEEPS as u64) as usize;
        for Advance { state, stream, .. } in chains.iter_mut() {
            state.refill(stream);
            count = count.min(state.gammas.left()).min(state.normals.left());
        }
        for lane in 0..LANES {
            let BivariateState { gammas, normals, .. } = &*chains[chain_of(lane)].state;
            let (gammas, normals) = (&gammas.values[gammas.used..], &normals.values[normals.used..]);
            for (variables, (gamma, normal)) in variables[..count].iter_mut().zip(gammas.iter().zip(normals)) {
                (variables[0][lane], variables[1][lane]) = (*gamma, *normal);
            }
        }
        let pairs = &mut pairs[..count];
        sweeps(&mut state, &variables[..count], pairs);
        if is_recorded {
            ln_densities(pairs, &mut lp[..count]);
        }
        for (lane, Advance { state, values, statistics, .. }) in chains.iter_mut().enumerate() {
            state.gammas.used += count;
            state.normals.used += count;
            if values.is_empty() {
                continue;
            }
            // The steps after which the chain is recorded, counted from those that are done.
            let first_row = done / thin;
            let first = ((first_row + 1) * thin - done - 1) as usize;
            let rows = values.as_chunks_mut::<2>().0.iter_mut().zip(statistics.iter_mut()).skip(first_row as usize);
            for ((values, statistic), step) in rows.zip((first..count).step_by(thin as usize)) {
                *values = [pairs[step][0][lane], pairs[step][1][lane]];
                *statistic = lp[step][lane];
            }
        }
        done += count as u64;
    }
    for (lane, Advance { state: chain, .. }) in chains.iter_mut().enumerate() {
        (chain.x, chain.y) = (state[0][lane], state[1][lane]);
    }
}
