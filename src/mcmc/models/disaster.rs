//! A series of counts whose rate changes once.

use super::check;
use crate::distribution::{Gamma, Poisson};
use crate::error::{Error, Result};
use crate::mcmc::{Conditionals, Stage, Variable};
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// Counts of coal-mining disasters (Carlin, Gelfand and Smith 1992; the data of Jarrett 1979), or any such series.
///
/// The count of each time is Poisson, with the mean `early` up to the time `switchpoint` and `late` after it. A priori
/// the switchpoint is equally likely to be any of the times, and both means are exponential ([`DisasterPriors`]). A
/// count that is missing is imputed.
///
/// All conditional distributions are known: that of the switchpoint is computed over all times; those of the means are
/// Gamma(1 + sum of counts, prior rate + number of times); a missing count is Poisson.
#[derive(Clone, Debug)]
pub struct Disaster {
    times: Vec<f64>,
    counts: Vec<f64>,
    /// The places of missing counts.
    missing: Vec<usize>,
    priors: DisasterPriors,
}

/// The hyperparameters of [`Disaster`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct DisasterPriors {
    /// The rate of both means' exponential priors: 1.
    pub rate: f64,
}

impl Default for DisasterPriors {
    fn default() -> Self {
        DisasterPriors { rate: 1.0 }
    }
}

/// What a chain of [`Disaster`] carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DisasterState {
    /// The last time of the early regime, by its place.
    switchpoint: usize,
    early: f64,
    late: f64,
    /// All counts, the missing ones imputed.
    counts: Vec<f64>,
}

impl Disaster {
    /// The model of these counts (NaN where one is missing) at these times, in ascending order.
    ///
    /// # Errors
    /// Fewer than two counts, other numbers of times than of counts, times that are not finite or don't ascend, counts
    /// that are no whole numbers from 0 on, a rate that is not positive.
    pub fn new(times: Vec<f64>, counts: Vec<f64>, priors: DisasterPriors) -> Result<Self> {
        check::lengths([(times.len(), "times"), (counts.len(), "counts")])?;
        let labels: Vec<String> = times.iter().map(f64::to_string).collect();
        check::each("time", &labels, &times, "finite", f64::is_finite)?;
        if let Some(pair) = times.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(Error::other(format!("times must ascend, but {} is followed by {}", pair[0], pair[1])));
        }
        let may_be = |count: f64| count.is_nan() || check::is_count(count);
        check::each("count", &labels, &counts, "a whole number from 0 on", may_be)?;
        check::positive([("rate", priors.rate)])?;
        let missing = (0..counts.len()).filter(|place| counts[*place].is_nan()).collect();
        Ok(Disaster { times, counts, missing, priors })
    }

    fn impute(&self, state: &mut DisasterState, stream: &mut Stream) -> Result<()> {
        for place in &self.missing {
            let mean = if *place <= state.switchpoint { state.early } else { state.late };
            state.counts[*place] = Poisson::new(mean).map_err(Error::other)?.sample(stream);
        }
        Ok(())
    }

    /// Draws the switchpoint from all times: up to a constant, the logarithm of the probability of place k is
    /// (sum of the first k + 1 counts) · ln(early / late) − (k + 1) (early − late).
    fn switch(&self, state: &mut DisasterState, stream: &mut Stream) {
        let ratio = libm::log(state.early / state.late);
        let difference = state.early - state.late;
        let mut sum = 0.0;
        let mut weights: Vec<f64> = state
            .counts
            .iter()
            .enumerate()
            .map(|(place, count)| {
                sum += count;
                sum * ratio - (place + 1) as f64 * difference
            })
            .collect();
        let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut total = 0.0;
        for weight in &mut weights {
            total += libm::exp(*weight - largest);
            *weight = total;
        }
        let chosen = total * stream.uniform();
        state.switchpoint = weights.partition_point(|cumulative| *cumulative < chosen).min(weights.len() - 1);
    }

    /// Draws the mean of a regime, given its counts.
    fn mean(&self, counts: &[f64], stream: &mut Stream) -> Result<f64> {
        let sum: f64 = counts.iter().sum();
        Ok(Gamma::new(1.0 + sum, self.priors.rate + counts.len() as f64).map_err(Error::other)?.sample(stream))
    }
}

impl Conditionals for Disaster {
    type State = DisasterState;

    fn variables(&self) -> Vec<Variable> {
        let whole = self.times.iter().all(|time| time.fract() == 0.0 && time.abs() < 1e15);
        let switchpoint = Variable { integer: whole, ..Variable::scalar("switchpoint") };
        let mut variables = vec![switchpoint, Variable::scalar("early"), Variable::scalar("late")];
        if !self.missing.is_empty() {
            let times = self.missing.iter().map(|place| self.times[*place]);
            variables.push(Variable::along("imputed", "time", times).of_integers());
        }
        variables
    }

    fn init(&self, stream: &mut Stream) -> Result<DisasterState> {
        let switchpoint = stream.index(self.times.len() as u64) as usize;
        let [early, late] = [(); 2].map(|()| 3.0 * stream.exponential() / self.priors.rate);
        let mut state = DisasterState { switchpoint, early, late, counts: self.counts.clone() };
        self.impute(&mut state, stream)?;
        Ok(state)
    }

    /// Imputed counts that are not given (NaN) are drawn.
    fn init_at(&self, values: &[f64], stream: &mut Stream) -> Result<DisasterState> {
        check::start(values, 3 + self.missing.len())?;
        for (place, name) in ["switchpoint", "early", "late"].into_iter().enumerate() {
            check::given(name, &values[place..=place])?;
        }
        let (early, late, imputed) = (values[1], values[2], &values[3..]);
        let Some(switchpoint) = self.times.iter().position(|time| *time == values[0]) else {
            return Err(Error::other("switchpoint must be one of the times"));
        };
        if early <= 0.0 || late <= 0.0 {
            return Err(Error::other("early and late must be positive"));
        }
        let mut state = DisasterState { switchpoint, early, late, counts: self.counts.clone() };
        if !check::is_given("imputed", imputed)? {
            self.impute(&mut state, stream)?;
        } else if imputed.iter().all(|count| check::is_count(*count)) {
            self.missing.iter().zip(imputed).for_each(|(place, count)| state.counts[*place] = *count);
        } else {
            return Err(Error::other("imputed counts must be whole numbers from 0 on"));
        }
        Ok(state)
    }

    fn blocks(&self) -> usize {
        if self.missing.is_empty() { 3 } else { 4 }
    }

    fn update(&self, block: usize, state: &mut DisasterState, _: Stage, stream: &mut Stream) -> Result<()> {
        let (early, late) = state.counts.split_at(state.switchpoint + 1);
        match block {
            0 => self.switch(state, stream),
            1 => state.early = self.mean(early, stream)?,
            2 => state.late = self.mean(late, stream)?,
            _ => self.impute(state, stream)?,
        }
        Ok(())
    }

    fn draw(&self, state: &DisasterState, out: &mut [f64]) {
        (out[0], out[1], out[2]) = (self.times[state.switchpoint], state.early, state.late);
        out[3..].iter_mut().zip(&self.missing).for_each(|(out, place)| *out = state.counts[*place]);
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp"]
    }

    /// Of the switchpoint, the means and the counts that are not missing; without the factorials of these.
    fn statistics_of(&self, state: &DisasterState, out: &mut [f64]) {
        let (early, late) = self.counts.split_at(state.switchpoint + 1);
        let ln_likelihood = |counts: &[f64], mean: f64| {
            let known = counts.iter().filter(|count| !count.is_nan());
            known.clone().sum::<f64>() * libm::log(mean) - known.count() as f64 * mean
        };
        let prior = -self.priors.rate * (state.early + state.late);
        out[0] = prior + ln_likelihood(early, state.early) + ln_likelihood(late, state.late);
    }
}
