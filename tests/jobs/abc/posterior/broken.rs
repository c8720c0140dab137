//! Samplers that are wrong, made from the library's parts, and a right one beside them made in the same way.

use super::comparison::Draws;
use super::exact::{Problem, Rule};
use ensample::abc::models::Normal;
use ensample::abc::{Prior, Simulator};
use ensample::distribution::Distribution;
use ensample::stream::{Stream, Streams};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// What is asked for, as the library has it.
struct Sampler {
    prior: Prior,
    normal: Normal,
    observed: (f64, f64),
    /// Every simulated standard deviation is multiplied with this.
    factor: f64,
    rule: Rule,
}

impl Sampler {
    fn new(problem: &Problem, factor: f64) -> Sampler {
        let prior = |toml: &str| toml::from_str::<Distribution>(toml).unwrap();
        let prior = Prior::new(vec![prior(&problem.mu.toml), prior(&problem.sigma.toml)]);
        let normal = Normal::new(problem.data.clone()).unwrap();
        Sampler { prior, normal, observed: problem.observed(), factor, rule: problem.rule }
    }

    /// One simulation: the parameters, and whether they are accepted.
    fn simulate(&self, stream: &mut Stream) -> ((f64, f64), bool) {
        let (mut theta, mut summary) = ([0.0; 2], [0.0; 2]);
        self.prior.sample(stream, &mut theta);
        self.normal.simulate(&theta, stream, &mut summary).unwrap();
        let (mean, sd) = (summary[0] - self.observed.0, self.factor * summary[1] - self.observed.1);
        let Rule::Each { mean: of_mean, sd: of_sd } = self.rule else { panic!("only one rule is needed here") };
        ((theta[0], theta[1]), mean.abs() < of_mean && sd.abs() < of_sd)
    }
}

/// Rejection until `draws` are accepted. Each simulated standard deviation is multiplied with `factor`, and
/// simulations in tasks of 100 use the stream of `address(task)`: 1 and task are right.
pub fn reject(problem: &Problem, seed: u64, draws: usize, factor: f64, address: impl Fn(u64) -> u64) -> Draws {
    let sampler = Sampler::new(problem, factor);
    let streams = Streams::new(seed, 0);
    let mut found = Draws::default();
    for task in 0.. {
        let mut stream = streams.stream(address(task));
        for _ in 0..100 {
            let (theta, accepted) = sampler.simulate(&mut stream);
            found.simulations += 1;
            if accepted {
                found.push(theta);
            }
            if found.mu.len() == draws {
                return found;
            }
        }
    }
    found
}

/// The first `draws` acceptances of many workers, on a clock of their own: those that arrive first, and those with the
/// lowest numbers. Each worker simulates one draw after the other, always the next that nobody has begun; a simulation
/// takes sigma² seconds.
pub fn race(problem: &Problem, seed: u64, draws: usize, workers: u64) -> (Draws, Draws) {
    let sampler = Sampler::new(problem, 1.0);
    let streams = Streams::new(seed, 0);
    // All simulations by number, as far as they have been needed.
    let mut known: Vec<((f64, f64), bool)> = Vec::new();
    let mut simulate = |number: u64| {
        while known.len() as u64 <= number {
            let mut stream = streams.stream(known.len() as u64 / 100);
            known.extend((0..100).map(|_| sampler.simulate(&mut stream)));
        }
        known[number as usize]
    };
    let end = |begin: f64, number: u64, sigma: f64| {
        // The bits of positive numbers are ordered as the numbers are.
        Reverse(((begin + sigma * sigma).to_bits(), number))
    };

    let mut running: BinaryHeap<_> = (0..workers).map(|number| end(0.0, number, simulate(number).0.1)).collect();
    let mut next = workers;
    let mut done: BTreeMap<u64, ((f64, f64), bool)> = BTreeMap::new();
    let (mut first, mut lowest) = (Draws::default(), Draws::default());
    loop {
        let Reverse((time, number)) = running.pop().unwrap();
        running.push(end(f64::from_bits(time), next, simulate(next).0.1));
        next += 1;
        let (theta, accepted) = simulate(number);
        done.insert(number, (theta, accepted));
        if first.mu.len() < draws {
            first.simulations += 1;
            if accepted {
                first.push(theta);
            }
        }
        while let Some((theta, accepted)) = done.remove(&lowest.simulations) {
            lowest.simulations += 1;
            if accepted {
                lowest.push(theta);
            }
            if lowest.mu.len() == draws {
                return (first, lowest);
            }
        }
    }
}
