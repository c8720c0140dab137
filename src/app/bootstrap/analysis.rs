//! From replicates to estimates, errors and intervals.

use super::super::flags::Settings;
use super::super::progress::{Progress, count};
use super::Job;
use crate::bootstrap::interval::{self, Basis, Distribution, Endpoint, Interpolation, Method, Monte, Side};
use crate::bootstrap::{self, Acceleration, Exact, LeaveOneOut, Problem, Replicates, TestResult, Watch};
use crate::error::{Error, Result};
use crate::farm::{Account, Means};
use crate::world::World;
use std::sync::Arc;

/// What is known before the first replicate, and how intervals are made.
pub(super) struct Analysis {
    wanted: Vec<(Method, f64, Side)>,
    bases: Vec<Basis>,
    acceleration: Option<Acceleration>,
    interpolation: Interpolation,
    until: Option<f64>,
    first_check: u64,
    most: u64,
    exact: Option<Exact>,
    left_out: Option<LeaveOneOut>,
}

/// What is said of one output.
pub(super) struct Outcome {
    pub basis: Basis,
    pub bias: f64,
    pub standard_error: f64,
    /// The Monte Carlo standard errors of the two.
    pub bias_mc_error: f64,
    pub standard_error_mc_error: f64,
    /// Φ⁻¹ of the share of replicates below the estimate.
    pub z0: f64,
    /// Resamples for which the statistic does not exist.
    pub undefined: u64,
    pub intervals: Vec<Interval>,
}

pub(super) struct Interval {
    pub method: Method,
    pub level: f64,
    pub side: Side,
    pub low: Endpoint,
    pub high: Endpoint,
}

/// All that is said.
pub(super) struct Results {
    pub outcomes: Vec<Outcome>,
    pub acceleration: Option<Acceleration>,
    /// Of an exact run: how many multisets there are.
    pub multisets: Option<u64>,
    /// The largest Monte Carlo error of an endpoint, when it is larger than was asked for.
    pub imprecise: Option<f64>,
    pub test: Option<TestResult>,
    /// What the data without each row says, if that was asked for.
    pub left_out: Option<LeaveOneOut>,
}

impl Outcome {
    /// The largest Monte Carlo error of an endpoint: infinite where replicates are too few to tell. An endpoint that doesn't
    /// exist has none, and no resamples would give it one; but without two replicates none exists yet.
    fn largest_error(&self) -> f64 {
        let error = |end: &Endpoint| match (end.value.is_nan(), end.monte_carlo_error.is_nan()) {
            (true, _) => 0.0,
            (false, true) => f64::INFINITY,
            (false, false) => end.monte_carlo_error,
        };
        if self.standard_error.is_nan() {
            return f64::INFINITY;
        }
        self.intervals.iter().flat_map(|interval| [&interval.low, &interval.high]).map(error).fold(0.0, f64::max)
    }
}

impl Analysis {
    /// Finds what intervals need besides replicates.
    pub fn begin(
        world: &World,
        problem: &Arc<Problem>,
        job: &Job,
        means: &Means,
        phases: &mut Vec<(&'static str, Account)>,
    ) -> Result<Self> {
        let parsed = &job.parsed;
        let outputs = problem.outputs().len();
        let mut accelerations = vec![f64::NAN; outputs];
        let (mut by, mut left_out) = (None, None);
        let in_methods = |message| job.source.error(&["interval", "methods"], message);
        if parsed.bootstrap.jackknife {
            let in_jackknife = |_| {
                job.source
                    .error(&["bootstrap", "jackknife"], "needs rows that are drawn singly, or by strata or clusters")
            };
            let found = bootstrap::leave_one_out(world, problem, means.clone(), Acceleration::Jackknife);
            let (found, account) = found.map_err(|error| at(error, in_jackknife))?;
            phases.push(("jackknife", account));
            left_out = Some(found);
        }
        if parsed.methods().contains(&Method::Bca) {
            let chosen = parsed.interval.acceleration.unwrap_or(Acceleration::for_rows(problem.table.rows()));
            by = Some(chosen);
            accelerations = match (&left_out, chosen) {
                (Some(known), Acceleration::Jackknife) => known.accelerations(),
                _ => {
                    let found = bootstrap::acceleration(world, problem, means.clone(), chosen);
                    let (found, account) = found.map_err(|error| at(error, in_methods))?;
                    // Influence values take no tasks.
                    if chosen != Acceleration::Infinitesimal {
                        phases.push(("jackknife", account));
                    }
                    found
                }
            };
        }
        let (estimates, errors) =
            world.agree(problem.estimates().and_then(|estimates| Ok((estimates, problem.standard_errors()?))))?;
        let mut bases: Vec<Basis> = estimates
            .iter()
            .zip(errors)
            .map(|(estimate, standard_error)| Basis { estimate: *estimate, standard_error, acceleration: f64::NAN })
            .collect();
        bases.iter_mut().zip(accelerations).for_each(|(basis, acceleration)| basis.acceleration = acceleration);
        Ok(Analysis { left_out, ..Analysis::of(job, parsed.methods(), bases, by) })
    }

    /// The intervals by these methods, on these bases; where BCa is among them, with how its accelerations were found.
    pub fn of(job: &Job, methods: Vec<Method>, bases: Vec<Basis>, acceleration: Option<Acceleration>) -> Self {
        let parsed = &job.parsed;
        let (first_check, most) = (parsed.bootstrap.resamples, parsed.most_resamples());
        let until = parsed.bootstrap.until_mc_error;
        let (interpolation, wanted) = (parsed.interval.quantile, parsed.intervals(&methods));
        Analysis { wanted, bases, acceleration, interpolation, until, first_check, most, exact: None, left_out: None }
    }

    /// Finds the exact distributions.
    pub fn enumerate(
        &mut self,
        world: &World,
        problem: &Arc<Problem>,
        job: &Job,
        means: &Means,
        phases: &mut Vec<(&'static str, Account)>,
    ) -> Result<()> {
        let limit = job.parsed.most_multisets();
        let in_exact = |message: String| job.source.error(&["bootstrap", "exact"], message);
        let (mut exact, account) =
            bootstrap::enumerate(world, problem, means.clone(), limit).map_err(|error| at(error, in_exact))?;
        phases.push(("enumerate", account));
        let probabilities = if world.is_root() { self.probabilities(&exact) } else { Vec::new() };
        let account = exact.quantiles(world, problem, means.clone(), &probabilities)?;
        phases.push(("quantiles", account));
        self.exact = Some(exact);
        Ok(())
    }

    /// The probabilities whose quantiles are needed, of each output and then of each studentized one.
    fn probabilities(&self, exact: &Exact) -> Vec<Vec<f64>> {
        let outputs = self.bases.len();
        let mut needed = vec![Vec::new(); exact.numbers()];
        for (output, basis) in self.bases.iter().enumerate() {
            for (method, level, side) in &self.wanted {
                let (low, high) = side.probabilities(*level);
                let values = exact.distribution(output);
                let number = if *method == Method::Studentized { outputs + output } else { output };
                let ends = [low, high].into_iter().flatten();
                needed[number].extend(ends.filter_map(|p| interval::probability(*method, p, basis, values)));
            }
        }
        needed
    }

    /// What decides whether replicates are enough.
    pub fn watch(&self, settings: &Settings) -> Checks<'_> {
        Checks { analysis: self, next: self.first_check, progress: Progress::start("bootstrap", settings) }
    }

    /// What the replicates (or the exact distributions) say.
    pub fn results(self, replicates: &Replicates, test: Option<TestResult>) -> Results {
        let outcomes = match &self.exact {
            Some(exact) => self.exactly(exact),
            None => self.outcomes(replicates),
        };
        self.of_outcomes(outcomes, test)
    }

    /// All that is said, with these outcomes.
    pub fn of_outcomes(self, outcomes: Vec<Outcome>, test: Option<TestResult>) -> Results {
        let multisets = self.exact.as_ref().map(|exact| exact.multisets);
        let largest = outcomes.iter().map(Outcome::largest_error).fold(0.0, f64::max);
        let imprecise = self.until.filter(|until| largest > *until).map(|_| largest);
        Results { outcomes, acceleration: self.acceleration, multisets, imprecise, test, left_out: self.left_out }
    }

    fn exactly(&self, exact: &Exact) -> Vec<Outcome> {
        let outputs = self.bases.len();
        let one = |(output, basis): (usize, &Basis)| {
            let studentized =
                (exact.numbers() > outputs).then(|| exact.distribution(outputs + output) as &dyn Distribution);
            self.outcome(basis, exact.distribution(output), studentized, exact.undefined[output])
        };
        self.bases.iter().enumerate().map(one).collect()
    }

    pub fn outcomes(&self, replicates: &Replicates) -> Vec<Outcome> {
        let outputs = self.bases.len();
        let one = |(output, basis): (usize, &Basis)| {
            let values: Vec<f64> = replicates.column(output).filter(|value| value.is_finite()).collect();
            let undefined = (replicates.len() - values.len()) as u64;
            let values = Monte::new(values, basis.estimate, self.interpolation);
            let studentized = (replicates.width > outputs).then(|| {
                let pairs = replicates.column(output).zip(replicates.column(outputs + output));
                let t = pairs.map(|(value, error)| bootstrap::studentize(value, basis.estimate, error));
                Monte::new(t.filter(|t| t.is_finite()).collect(), 0.0, self.interpolation)
            });
            self.outcome(basis, &values, studentized.as_ref().map(|monte| monte as &dyn Distribution), undefined)
        };
        self.bases.iter().enumerate().map(one).collect()
    }

    /// How quantiles are taken.
    pub fn interpolation(&self) -> Interpolation {
        self.interpolation
    }

    /// What is said of an output with this distribution.
    pub fn outcome(
        &self,
        basis: &Basis,
        values: &dyn Distribution,
        studentized: Option<&dyn Distribution>,
        undefined: u64,
    ) -> Outcome {
        let [mean, m2, _, m4] = values.moments();
        // An exact distribution is whole; a sample's variance has divisor R − 1.
        let free = 1.0 - values.monte_carlo();
        let basis = match basis.standard_error.is_nan() {
            // A nested studentized interval of a statistic without influence values: the bootstrap's own.
            true => Basis { standard_error: (m2 / free).sqrt(), ..*basis },
            false => *basis,
        };
        let end = |method, p: Option<f64>, infinity: f64| match p {
            Some(p) => interval::endpoint(method, p, &basis, values, studentized),
            None => Endpoint { value: infinity, monte_carlo_error: 0.0 },
        };
        let interval = |(method, level, side): &(Method, f64, Side)| {
            let (low, high) = side.probabilities(*level);
            let (low, high) = (end(*method, low, f64::NEG_INFINITY), end(*method, high, f64::INFINITY));
            Interval { method: *method, level: *level, side: *side, low, high }
        };
        Outcome {
            basis,
            bias: mean - basis.estimate,
            standard_error: (m2 / free).sqrt(),
            bias_mc_error: (m2 / free * values.monte_carlo()).sqrt(),
            standard_error_mc_error: ((m4 - m2 * m2).max(0.0) / (4.0 * m2) * values.monte_carlo()).sqrt(),
            z0: crate::distribution::normal_quantile(values.below()),
            undefined,
            intervals: self.wanted.iter().map(interval).collect(),
        }
    }
}

/// An error that has no place of its own, at its place in the run file.
pub(super) fn at(error: Error, place: impl Fn(String) -> Error) -> Error {
    match error {
        Error::Shared(error) => at(*error, place).shared(),
        error @ Error::Other { .. } => place(error.to_string()),
        error => error,
    }
}

/// Looks at the Monte Carlo errors at doubling counts.
pub(super) struct Checks<'a> {
    analysis: &'a Analysis,
    next: u64,
    progress: Progress,
}

impl Watch for Checks<'_> {
    fn next_check(&self) -> Option<u64> {
        self.analysis.until.map(|_| self.next)
    }

    fn enough(&mut self, replicates: &Replicates) -> Result<bool> {
        let Some(until) = self.analysis.until else { return Ok(false) };
        self.next *= 2;
        Ok(self.analysis.outcomes(replicates).iter().all(|outcome| outcome.largest_error() <= until))
    }

    fn progress(&mut self, done: u64) {
        let all = self.analysis.most;
        self.progress.update(done, all, |seconds| {
            format!("{done} of {all} resamples · {} resamples/s", count(done as f64 / seconds))
        });
    }
}
