//! Kernels of known distributions.

use super::*;
use crate::Result;
use crate::stream::{Stream, Streams};
use std::sync::Arc;

/// The draws of a kernel's only variable after a warm-up, every tenth step.
fn draws(kernel: impl Kernel, count: usize) -> Vec<f64> {
    let mut chain = Arc::new(kernel).begin(Streams::new(4, 0).stream(0), None).unwrap();
    chain.warm_up(2000).unwrap();
    let mut out = [f64::NAN];
    let draw = |_| {
        chain.step(10).unwrap();
        chain.record(&mut out, &mut []);
        out[0]
    };
    (0..count).map(draw).collect()
}

/// An exponential variable by one of the steps within Gibbs.
#[derive(Clone, Copy)]
enum Exponential {
    Walk,
    Slice,
    /// Accepts proposals below 0.
    Broken,
}

impl Conditionals for Exponential {
    type State = (f64, RandomWalk, Slice);

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("x")]
    }

    fn init(&self, stream: &mut Stream) -> Result<Self::State> {
        Ok((20.0 * stream.uniform(), RandomWalk::new(100.0), Slice::new(0.01)))
    }

    fn blocks(&self) -> usize {
        1
    }

    fn update(&self, _: usize, (x, walk, slice): &mut Self::State, stage: Stage, stream: &mut Stream) -> Result<()> {
        let ln_density = |x: f64| if x > 0.0 { -x } else { f64::NEG_INFINITY };
        match self {
            Exponential::Walk => walk.step(x, ln_density, stage, stream),
            Exponential::Slice => slice.step(x, ln_density, stage, stream),
            Exponential::Broken => walk.step(x, |x| -x.abs(), stage, stream),
        }
        Ok(())
    }

    fn draw(&self, (x, ..): &Self::State, out: &mut [f64]) {
        out[0] = *x;
    }
}

/// The share of draws below each of the nine deciles is a tenth, two tenths, ...: 20,000 draws, dependent enough to count
/// for a quarter, have a standard error of 0.7 % there; five of them are allowed.
fn is_exponential(draws: &[f64]) -> bool {
    (1..10).map(|tenth| f64::from(tenth) / 10.0).all(|p| {
        let decile = -libm::log(1.0 - p);
        let share = draws.iter().filter(|x| **x < decile).count() as f64 / draws.len() as f64;
        (share - p).abs() < 0.035
    })
}

#[test]
fn steps_within_gibbs_keep_the_distribution() {
    assert!(is_exponential(&draws(Gibbs::new(Exponential::Walk, Order::Fixed), 20_000)));
    assert!(is_exponential(&draws(Gibbs::new(Exponential::Slice, Order::Fixed), 20_000)));
    assert!(!is_exponential(&draws(Gibbs::new(Exponential::Broken, Order::Fixed), 20_000)));
}

/// Steps are tuned in the warm-up, from far too long or short ones, and not afterwards.
#[test]
fn steps_are_tuned_in_the_warm_up_only() {
    let mut stream = Streams::new(5, 0).stream(0);
    let ln_density = |x: f64| -0.5 * x * x;
    for scale in [1e-3, 1e3] {
        let (mut x, mut walk, mut slice) = (0.0, RandomWalk::new(scale), Slice::new(scale));
        for _ in 0..3000 {
            walk.step(&mut x, ln_density, Stage::WarmUp, &mut stream);
            slice.step(&mut x, ln_density, Stage::WarmUp, &mut stream);
        }
        // 2.4 standard deviations are best.
        assert!((1.5..3.5).contains(&walk.scale()), "{}", walk.scale());
        assert!((1.0..6.0).contains(&slice.width()), "{}", slice.width());
        let tuned = (walk.scale(), slice.width());
        for _ in 0..100 {
            walk.step(&mut x, ln_density, Stage::Sampling, &mut stream);
            slice.step(&mut x, ln_density, Stage::Sampling, &mut stream);
        }
        assert_eq!((walk.scale(), slice.width()), tuned);
    }
}

/// Notes the order in which blocks are updated.
struct Orders;

impl Conditionals for Orders {
    type State = Vec<usize>;

    fn variables(&self) -> Vec<Variable> {
        vec![Variable::scalar("order")]
    }

    fn init(&self, _: &mut Stream) -> Result<Vec<usize>> {
        Ok(Vec::new())
    }

    fn blocks(&self) -> usize {
        3
    }

    fn update(&self, block: usize, state: &mut Vec<usize>, _: Stage, _: &mut Stream) -> Result<()> {
        state.push(block);
        Ok(())
    }

    fn draw(&self, state: &Vec<usize>, out: &mut [f64]) {
        let last = &state[state.len() - 3..];
        out[0] = (100 * last[0] + 10 * last[1] + last[2]) as f64;
    }
}

/// All six orders are equally likely: chi-square with 5 degrees of freedom is below 20.5 with probability 0.999.
#[test]
fn blocks_come_in_the_order_asked_for() {
    assert!(draws(Gibbs::new(Orders, Order::Fixed), 50).iter().all(|order| *order == 12.0));
    let random = draws(Gibbs::new(Orders, Order::Random), 6000);
    let counts = [12.0, 21.0, 102.0, 120.0, 201.0, 210.0]
        .map(|wanted| random.iter().filter(|order| **order == wanted).count() as f64);
    assert_eq!(counts.iter().sum::<f64>(), 6000.0);
    let chi_square: f64 = counts.iter().map(|count| (count - 1000.0) * (count - 1000.0) / 1000.0).sum();
    assert!(chi_square < 20.5, "{counts:?}");
}

/// Chains side by side, in calls of several lengths, against each chain alone: the same draws to the last bit.
#[test]
fn chains_do_not_depend_on_their_neighbours() {
    let kernel = Gibbs::new(models::Bivariate, Order::Fixed);
    let begin = |number: u64| {
        let mut stream = Streams::new(7, 0).stream(number);
        (kernel.init(&mut stream).unwrap(), stream)
    };
    let advance =
        |chains: &mut [(models::BivariateState, Stream)], steps: u64, thin: u64| -> Vec<(Vec<f64>, Vec<f64>)> {
            let draws = (steps / thin) as usize;
            let mut made = vec![(vec![f64::NAN; 2 * draws], vec![f64::NAN; draws]); chains.len()];
            let mut rows = Vec::new();
            for ((state, stream), (values, statistics)) in chains.iter_mut().zip(&mut made) {
                rows.push(Advance { state, stream, values, statistics });
            }
            Kernel::advance(&kernel, &mut rows, Stage::Sampling, steps, thin).unwrap();
            made
        };
    let mut chains: Vec<_> = (0..11).map(begin).collect();
    let mut together = vec![(Vec::new(), Vec::new()); 11];
    for (steps, thin) in [(3, 3), (60, 3), (63, 3), (300, 3)] {
        for (all, made) in together.iter_mut().zip(advance(&mut chains, steps, thin)) {
            all.0.extend(made.0);
            all.1.extend(made.1);
        }
    }
    for (number, together) in together.iter().enumerate() {
        let alone = advance(&mut [begin(number as u64)], 426, 3).remove(0);
        assert!(alone.0.iter().chain(&alone.1).all(|x| x.is_finite()));
        assert_eq!(alone, *together, "chain {number}");
    }
    // One step after the other comes to the same, but for the last digits.
    let (mut state, mut stream) = begin(0);
    let mut draw = [0.0; 2];
    for row in together[0].0.chunks_exact(2) {
        (0..3).for_each(|_| kernel.step(&mut state, &mut stream).unwrap());
        kernel.draw(&state, &mut draw);
        assert!(draw.iter().zip(row).all(|(a, b)| (a - b).abs() < 1e-9 * b.abs()), "{draw:?} {row:?}");
        draw.copy_from_slice(row);
    }
}
