//! `abc::sample` with simulators whose every simulation is known in advance: the draws and the tally are exactly those
//! that a plain loop over the numbers of the simulations gives.
//!
//! It has no test harness because MPI starts and ends once in a process. `cargo test` runs it alone; under `mpirun` the
//! same holds on all ranks together.

use ensample::Result;
use ensample::abc::{Acceptance, Draw, Means, Metric, Prior, Problem, Recorder, Simulator, Tally, sample};
use ensample::distribution::{Distribution, Uniform};
use ensample::farm::Schedule;
use ensample::stream::{Stream, Streams};
use ensample::world::World;
use std::process::ExitCode;
use std::sync::Arc;

/// One parameter from 0 to 1, whose tenths are the summary: `[0.0, 1.0, ..., 9.0]`. Some of them are not finite.
struct Tenths([f64; 10]);

impl Simulator for Tenths {
    fn parameters(&self) -> Vec<&str> {
        vec!["theta"]
    }

    fn summaries(&self) -> Vec<&str> {
        vec!["tenth"]
    }

    fn observed(&self, summary: &mut [f64]) -> Result<()> {
        summary[0] = 5.0;
        Ok(())
    }

    fn simulate(&self, theta: &[f64], _: &mut Stream, summary: &mut [f64]) -> Result<()> {
        summary[0] = self.0[(theta[0] * 10.0) as usize];
        Ok(())
    }
}

const ALL: [f64; 10] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
const SOME: [f64; 10] = [f64::NAN, 1.0, f64::INFINITY, 3.0, 4.0, 5.0, f64::NEG_INFINITY, 7.0, -f64::NAN, 9.0];
const NONE: [f64; 10] = [f64::NAN; 10];

/// What is known of a draw: task, simulation, parameter, difference, distance.
type Kept = (u64, u32, f64, f64, Option<f64>);

#[derive(Default)]
struct List(Vec<Kept>);

impl Recorder for List {
    fn record(&mut self, draw: &Draw<'_>) -> Result<()> {
        self.0.push((draw.task, draw.simulation, draw.theta[0], draw.difference[0], draw.distance));
        Ok(())
    }
}

fn problem(summaries: [f64; 10], acceptance: Acceptance, draws: u64, max_simulations: Option<u64>) -> Problem<Tenths> {
    Problem {
        simulator: Arc::new(Tenths(summaries)),
        prior: Prior::new(vec![Distribution::Uniform(Uniform::new(0.0, 1.0).unwrap())]),
        observed: vec![5.0],
        acceptance,
        draws,
        max_simulations,
        batch: 7,
        seed: 3,
    }
}

/// Every simulation of the problem in the order of the numbers, without end.
fn simulations(problem: &Problem<Tenths>) -> impl Iterator<Item = Kept> {
    let streams = Streams::new(problem.seed, 0);
    (0..).flat_map(move |task| {
        let mut stream = streams.stream(task);
        let simulate = |simulation| {
            let (mut theta, mut summary) = ([0.0], [0.0]);
            problem.prior.sample(&mut stream, &mut theta);
            problem.simulator.simulate(&theta, &mut stream, &mut summary).unwrap();
            let difference = summary[0] - 5.0;
            (task, simulation, theta[0], difference, problem.acceptance.metric().map(|_| difference.abs()))
        };
        (0..problem.batch).map(simulate).collect::<Vec<_>>()
    })
}

/// What has to come out: the draws and the tally.
fn expected(problem: &Problem<Tenths>) -> (Vec<Kept>, Tally) {
    let wanted = problem.draws as usize;
    let (mut kept, mut tally) = (Vec::new(), Tally::default());
    let (limit, tolerance) = match &problem.acceptance {
        Acceptance::Each { tolerances } => (problem.max_simulations, tolerances[0]),
        Acceptance::Within { tolerance, .. } => (problem.max_simulations, *tolerance),
        Acceptance::Best { simulations, .. } => (Some(*simulations), f64::INFINITY),
    };
    let best = matches!(problem.acceptance, Acceptance::Best { .. });
    for simulation in simulations(problem).take(limit.map_or(usize::MAX, |limit| limit as usize)) {
        tally.simulations += 1;
        tally.nonfinite += u64::from(!simulation.3.is_finite());
        if simulation.3.is_finite() && simulation.3.abs() < tolerance {
            kept.push(simulation);
        }
        if kept.len() == wanted && !best {
            break;
        }
    }
    kept.sort_by(|x, y| x.4.partial_cmp(&y.4).unwrap()); // stable: equal distances stay in order
    kept.truncate(wanted);
    kept.sort_by_key(|(task, simulation, ..)| (*task, *simulation));
    tally.accepted = kept.len() as u64;
    (kept, tally)
}

/// Runs the problem over all ranks. Every rank takes part; root compares.
fn check(world: &World, name: &str, problem: Problem<Tenths>) -> Result<Tally> {
    let problem = Arc::new(problem);
    let mut last = Tally::default();
    for (schedule, threads) in [(Schedule::Dynamic, 1), (Schedule::Static, 3)] {
        let mut list = List::default();
        (last, _) = sample(world, &problem, Means { schedule, threads, ..Means::default() }, &mut list)?;
        world.on_root(|| {
            let (kept, tally) = expected(&problem);
            assert_eq!((tally, list.0), (last, kept), "{name}");
            println!("{name}, {schedule:?} schedule, {threads} threads: ok");
            Ok(())
        })?;
    }
    Ok(last)
}

fn each(tolerance: f64) -> Acceptance {
    Acceptance::Each { tolerances: vec![tolerance] }
}

fn metric() -> Metric {
    Metric { norm: 2.0, weights: vec![1.0] }
}

fn checks(world: &World) -> Result<()> {
    let within = |tolerance| Acceptance::Within { metric: metric(), tolerance };
    let best = |simulations| Acceptance::Best { metric: metric(), simulations };
    let is = |tally: Tally, accepted, simulations, nonfinite| {
        assert!(!world.is_root() || tally == Tally { accepted, simulations, nonfinite }, "{tally:?}");
    };

    is(check(world, "everything is accepted", problem(ALL, each(f64::INFINITY), 1000, None))?, 1000, 1000, 0);
    // The tolerance itself is too far: a difference of 1 is not below 1.
    let alone = check(world, "the tolerance is not reached", problem(ALL, each(1.0), 200, None))?;
    assert!(!world.is_root() || (1600..2500).contains(&alone.simulations), "{alone:?}");
    check(world, "just more than the tolerance is", problem(ALL, each(1.0f64.next_up()), 200, None))?;

    // Summaries that are not finite: 40 % of all.
    for tolerance in [f64::INFINITY, f64::MAX, 2.5] {
        let some = check(world, "some are not finite", problem(SOME, each(tolerance), 600, None))?;
        let share = some.nonfinite as f64 / some.simulations as f64;
        assert!(!world.is_root() || (0.3..0.5).contains(&share), "{some:?}");
        check(world, "some are not finite, distance", problem(SOME, within(tolerance), 600, None))?;
    }
    is(check(world, "none is finite", problem(NONE, each(f64::INFINITY), 5, Some(1001)))?, 0, 1001, 1001);
    is(check(world, "none is finite, best", problem(NONE, best(1001), 5, None))?, 0, 1001, 1001);

    // The number of simulations is kept to, in the middle of a task and at its end, and needs not be used up.
    for limit in [1, 6, 7, 8, 700, 701] {
        is(check(world, "a limit", problem(ALL, each(f64::INFINITY), 5000, Some(limit)))?, limit, limit, 0);
    }
    is(check(world, "a limit that is just enough", problem(ALL, each(99.0), 701, Some(701)))?, 701, 701, 0);
    is(check(world, "a limit that is not reached", problem(ALL, each(99.0), 701, Some(5000)))?, 701, 701, 0);

    // Of equal distances, of which there are hundreds, those of lowest number are the best.
    for (wanted, simulations) in [(1, 500), (37, 500), (150, 1001), (500, 500)] {
        check(world, "best, ties", problem(ALL, best(simulations), wanted, None))?;
        check(world, "best, ties, some are not finite", problem(SOME, best(simulations), wanted, None))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    ensample::world::launch(|world| checks(world).map(|()| 0))
}
