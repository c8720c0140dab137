//! A series of counts whose rate changes once.

use super::check;
use super::series::Series;
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
    /// The places of missing counts.
    missing: Vec<usize>,
    /// For every time the sum of the known counts up to it, and their number.
    known: Vec<(f64, f64)>,
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
    /// The missing counts, imputed.
    imputed: Vec<f64>,
    /// All counts, the imputed ones included.
    series: Series,
}

impl DisasterState {
    /// How many times are in the early regime, and the sums of the counts of both regimes.
    fn regimes(&self) -> (usize, f64, f64) {
        let early = self.series.sum(self.switchpoint);
        (self.switchpoint + 1, early, self.series.total() - early)
    }
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
        let add = |(sum, number): &mut (f64, f64), count: &f64| {
            if !count.is_nan() {
                (*sum, *number) = (*sum + count, *number + 1.0);
            }
            Some((*sum, *number))
        };
        let known = counts.iter().scan((0.0, 0.0), add).collect();
        Ok(Disaster { times, missing, known, priors })
    }

    /// A state with these imputed counts.
    fn state(&self, switchpoint: usize, early: f64, late: f64, imputed: Vec<f64>) -> DisasterState {
        let mut series = Series::new(self.known.iter().map(|(sum, _)| *sum).collect());
        self.missing.iter().zip(&imputed).for_each(|(place, count)| series.set(*place, *count));
        DisasterState { switchpoint, early, late, imputed, series }
    }

    fn impute(&self, state: &mut DisasterState, stream: &mut Stream) -> Result<()> {
        for (which, place) in self.missing.iter().enumerate() {
            let mean = if *place <= state.switchpoint { state.early } else { state.late };
            let count = Poisson::new(mean).map_err(Error::other)?.sample(stream);
            if count != state.imputed[which] {
                state.series.set(*place, count);
                state.imputed[which] = count;
            }
        }
        Ok(())
    }

    /// Draws the mean of a regime, given the number and sum of its counts.
    fn mean(&self, number: usize, sum: f64, stream: &mut Stream) -> Result<f64> {
        Ok(Gamma::new(1.0 + sum, self.priors.rate + number as f64).map_err(Error::other)?.sample(stream))
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
        let mut state = self.state(switchpoint, early, late, vec![0.0; self.missing.len()]);
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
        if !check::is_given("imputed", imputed)? {
            let mut state = self.state(switchpoint, early, late, vec![0.0; self.missing.len()]);
            self.impute(&mut state, stream)?;
            return Ok(state);
        }
        match imputed.iter().all(|count| check::is_count(*count)) {
            true => Ok(self.state(switchpoint, early, late, imputed.to_vec())),
            false => Err(Error::other("imputed counts must be whole numbers from 0 on")),
        }
    }

    fn blocks(&self) -> usize {
        if self.missing.is_empty() { 3 } else { 4 }
    }

    fn update(&self, block: usize, state: &mut DisasterState, _: Stage, stream: &mut Stream) -> Result<()> {
        let (number, early, late) = state.regimes();
        match block {
            0 => {
                let (means, place) = ([state.early, state.late], state.switchpoint);
                state.switchpoint = state.series.switchpoint(means, place, stream.uniform());
            }
            1 => state.early = self.mean(number, early, stream)?,
            2 => state.late = self.mean(self.times.len() - number, late, stream)?,
            _ => self.impute(state, stream)?,
        }
        Ok(())
    }

    fn draw(&self, state: &DisasterState, out: &mut [f64]) {
        (out[0], out[1], out[2]) = (self.times[state.switchpoint], state.early, state.late);
        out[3..].copy_from_slice(&state.imputed);
    }

    fn statistics(&self) -> Vec<&str> {
        vec!["lp"]
    }

    /// Of the switchpoint, the means and the counts that are not missing; without the factorials of these.
    fn statistics_of(&self, state: &DisasterState, out: &mut [f64]) {
        let (early, early_number) = self.known[state.switchpoint];
        let (all, all_number) = self.known[self.known.len() - 1];
        let ln_likelihood = |sum: f64, number: f64, mean: f64| sum * libm::log(mean) - number * mean;
        out[0] = ln_likelihood(early, early_number, state.early)
            + ln_likelihood(all - early, all_number - early_number, state.late)
            - self.priors.rate * (state.early + state.late);
    }
}
