//! Streams give the distributions that they promise, and neighbouring streams have nothing in common. Beside each test
//! stands a broken generator that it must catch.

use crate::statistics::{ALPHA, chi_square_test, correlation_test, ks_test};
use ensample::stream::{Stream, Streams};
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Gamma, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::distribution::ContinuousCDF;

const COUNT: usize = 100_000;

fn stream() -> Stream {
    Streams::new(2, 1).stream(3)
}

/// What a `fill_` method fills.
fn filled(fill: impl Fn(&mut Stream, &mut [f64])) -> Vec<f64> {
    let mut out = vec![0.0; COUNT];
    fill(&mut stream(), &mut out);
    out
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

#[test]
fn uniform() {
    let values = filled(Stream::fill_uniform);
    assert!(ks_test(&values, |x| x.clamp(0.0, 1.0)) > ALPHA);
    let squeezed: Vec<f64> = values.iter().map(|x| 0.02 + 0.96 * x).collect();
    assert!(ks_test(&squeezed, |x| x.clamp(0.0, 1.0)) < ALPHA);
}

#[test]
fn normal() {
    let values = filled(Stream::fill_normal);
    assert!(ks_test(&values, normal_cdf) > ALPHA);
    let mut source = stream();
    let triangular: Vec<f64> = (0..COUNT).map(|_| (source.uniform() + source.uniform() - 1.0) * 6f64.sqrt()).collect();
    assert!(ks_test(&triangular, normal_cdf) < ALPHA, "a sum of two uniform values");
}

/// Sixteen million values: enough to tell whether that is there and in its place which the ziggurat's rectangles leave
/// over, a value in 683.
#[test]
fn normal_in_detail() {
    const CELLS: i32 = 87;
    /// The left end of a cell: they are of 0.1, but for the outermost.
    fn left(cell: i32) -> f64 {
        match cell {
            0 => f64::NEG_INFINITY,
            CELLS => f64::INFINITY,
            _ => 0.1 * f64::from(cell) - 4.35,
        }
    }
    let p_value = |keep: fn(usize, f64) -> bool| {
        let (mut source, mut values) = (stream(), vec![0.0; 1 << 12]);
        let mut observed = vec![0; CELLS as usize];
        for _ in 0..1 << 12 {
            source.fill_normal(&mut values);
            for (place, x) in values.iter().enumerate() {
                let cell = ((x + 4.35) * 10.0).clamp(0.0, f64::from(CELLS - 1));
                observed[cell as usize] += u64::from(keep(place, *x));
            }
        }
        let total = observed.iter().sum::<u64>() as f64;
        let probability = |cell| normal_cdf(left(cell + 1)) - normal_cdf(left(cell));
        let expected: Vec<f64> = (0..CELLS).map(|cell| total * probability(cell)).collect();
        chi_square_test(&observed, &expected)
    };
    assert!(p_value(|_, _| true) > ALPHA);
    assert!(p_value(|place, x| x.abs() > 0.05 || place % 64 != 0) < ALPHA, "some of the cap are missing");
    assert!(p_value(|_, x| x.abs() < 4.35) < ALPHA, "no tail");
}

#[test]
fn exponential() {
    let cdf = |x: f64| -libm::expm1(-x.max(0.0));
    let values = filled(Stream::fill_exponential);
    assert!(ks_test(&values, cdf) > ALPHA);
    let discrete: Vec<f64> = values.iter().map(|x| (x * 16.0).floor() / 16.0).collect();
    assert!(ks_test(&discrete, cdf) < ALPHA, "four bits after the point");
}

/// The p-value of integers below `n`, in as many equal cells as divide it.
fn p_of_indices(n: u64, cells: u64, mut index: impl FnMut() -> u64) -> f64 {
    assert_eq!(n % cells, 0);
    let mut observed = vec![0; cells as usize + 1];
    for _ in 0..COUNT {
        observed[(index() / (n / cells)) as usize] += 1;
    }
    let mut expected = vec![COUNT as f64 / cells as f64; cells as usize];
    expected.push(0.0); // where an index that is too large would go
    chi_square_test(&observed, &expected)
}

#[test]
fn index() {
    let mut source = stream();
    for (n, cells) in [(2, 2), (6, 6), (1000, 1000), (3 << 30, 12), (1 << 32, 64), (3 << 40, 48), (3 << 62, 96)] {
        assert!(p_of_indices(n, cells, || source.index(n)) > ALPHA, "below {n}");
    }
    let mut block = [0; 1000];
    for (n, cells) in [(50, 50), (3 << 30, 12)] {
        let mut bulk = Vec::new();
        let fill = || {
            if bulk.is_empty() {
                source.fill_index(n, &mut block);
                bulk.extend(block);
            }
            u64::from(bulk.pop().unwrap())
        };
        assert!(p_of_indices(u64::from(n), cells, fill) > ALPHA, "filled below {n}");
    }
    assert!(p_of_indices(6, 6, || source.index(7)) < ALPHA, "n included");
    assert!(p_of_indices(3 << 30, 12, || u64::from(source.next_u32()) % (3 << 30)) < ALPHA, "remainders");
    assert!(p_of_indices(3 << 62, 96, || source.next_u64() % (3 << 62)) < ALPHA, "remainders");
}

/// The p-values of no correlation between each generator's first words and the same words of the next generator, and
/// of all these words being uniform.
fn neighbours<G: Rng>(generators: impl Iterator<Item = G>) -> [f64; 2] {
    const WORDS: usize = 8;
    let scale = 1.0 / (u64::MAX as f64); // 2^-64
    let values: Vec<f64> =
        generators.flat_map(|mut generator| [(); WORDS].map(|()| generator.next_u64() as f64 * scale)).collect();
    let correlation = correlation_test(&values[..values.len() - WORDS], &values[WORDS..]);
    [correlation, ks_test(&values, |x| x.clamp(0.0, 1.0))]
}

#[track_caller]
fn assert_independent<G: Rng>(generators: impl Iterator<Item = G>) {
    let p = neighbours(generators);
    assert!(p.iter().all(|p| *p > ALPHA), "{p:?}");
}

/// Streams as one might make them without jumps: the number of the stream added to the words of the state.
fn added(words: [u64; 4]) -> impl Iterator<Item = Xoshiro256PlusPlus> {
    (0..1000).map(move |number| {
        let state = words.map(|word: u64| word.wrapping_add(number));
        Xoshiro256PlusPlus::from_seed(std::array::from_fn(|i| state[i / 8].to_le_bytes()[i % 8]))
    })
}

#[test]
fn neighbouring_tasks() {
    for (seed, phase, first) in [(0, 0, 0), (7, 3, 1 << 40), (u64::MAX, u16::MAX, u64::MAX - 1000)] {
        let streams = Streams::new(seed, phase);
        assert_independent((first..first + 1000).map(|task| streams.stream(task)));
    }
    let state = [0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89];
    assert!(neighbours(added(state)).iter().all(|p| *p < ALPHA));
}

#[test]
fn neighbouring_phases_and_seeds() {
    assert_independent((0..64).map(|phase| Streams::new(1, phase).stream(0)));
    assert_independent((0..64).map(|seed| Streams::new(seed, 0).stream(0)));
    // A seed that only some of the words notice.
    let halved = (0..64).map(|seed| Streams::new(seed / 2, 0).stream(0));
    assert!(neighbours(halved)[0] < ALPHA, "every second seed repeats the one before");
}

/// Word i of a stream is of lane i mod 8.
fn p_of_lanes(uniform: &[f64]) -> Vec<f64> {
    let lane = |l: usize| uniform.iter().skip(l).step_by(8).copied().collect::<Vec<_>>();
    let lanes: Vec<Vec<f64>> = (0..8).map(lane).collect();
    let later = |l: usize| correlation_test(&lanes[l][1..], &lanes[l][..lanes[l].len() - 1]);
    (0..8).flat_map(|l| [correlation_test(&lanes[l], &lanes[(l + 1) % 8]), later(l)]).collect()
}

#[test]
fn neighbouring_lanes() {
    let values = filled(Stream::fill_uniform);
    assert!(p_of_lanes(&values).iter().all(|p| *p > ALPHA));
    let mut duplicated = values.clone();
    duplicated.chunks_exact_mut(8).for_each(|words| words[3] = words[2]);
    assert!(p_of_lanes(&duplicated).iter().any(|p| *p < ALPHA), "a lane twice");
    let mut late = values;
    (8..COUNT).rev().step_by(16).for_each(|i| late[i] = late[i - 8]);
    assert!(p_of_lanes(&late).iter().any(|p| *p < ALPHA), "a lane that stands still at every second step");
}

#[test]
fn rand_distr_works_on_a_stream() {
    let mut source = stream();
    let normal: Vec<f64> = (0..COUNT).map(|_| StandardNormal.sample(&mut source)).collect();
    assert!(ks_test(&normal, normal_cdf) > ALPHA);
    let gamma = Gamma::new(2.5, 2.0).unwrap();
    let gamma: Vec<f64> = (0..COUNT).map(|_| gamma.sample(&mut source)).collect();
    let expected = statrs::distribution::Gamma::new(2.5, 0.5).unwrap();
    assert!(ks_test(&gamma, |x| expected.cdf(x)) > ALPHA);
}
