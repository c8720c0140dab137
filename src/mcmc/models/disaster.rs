//! A series of counts whose rate changes once.

use crate::distribution::{Gamma, Poisson};
use crate::error::{Error, Result};
use crate::mcmc::{Conditionals, Stage, Variable};
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// Counts of coal-mining disasters (Carlin, Gelfand and Smith 1992; the data of Jarrett 1979), or any such series.
///
/// The count of each time is Poisson, with the mean `early` up to the time `switchpoint` and `late` after it. A priori the
/// switchpoint is equally likely to be any of the times, and both means are exponential. A count that is missing is
/// imputed.
///
/// All conditional distributions are known: that of the switchpoint is computed over all times; those of the means are
/// Gamma(1 + sum of counts, prior rate + number of times); a missing count is Poisson.
#[derive(Clone, Debug)]
pub struct Disaster {
    times: Vec<f64>,
    counts: Vec<f64>,
    /// The places of missing counts.
    missing: Vec<usize>,
    /// The rate of the exponential priors.
    rate: f64,
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
    /// The model of these counts (NaN where one is missing) at these times, in ascending order; `rate` is that of the
    /// exponential priors of both means.
    ///
    /// # Errors
    /// Fewer than two counts, other numbers of times than of counts, times that don't ascend, counts that are no whole
    /// numbers from 0 on, a rate that is not positive.
    pub fn new(times: Vec<f64>, counts: Vec<f64>, rate: f64) -> Result<Self> {
        let wrong = |message: String| Err(Error::other(message));
        if counts.len() < 2 || times.len() != counts.len() {
            return wrong(format!(
                "there are {} times and {} counts: at least two are needed",
                times.len(),
                counts.len()
            ));
        }
        if let Some(pair) =
            times.windows(2).find(|pair| pair[0].partial_cmp(&pair[1]).is_none_or(|order| order.is_ge()))
        {
            return wrong(format!("times must ascend, but {} is followed by {}", pair[0], pair[1]));
        }
        if let Some(count) = counts.iter().find(|count| !(count.is_nan() || **count >= 0.0 && count.fract() == 0.0)) {
            return wrong(format!("{count} is no count"));
        }
        if rate.is_nan() || rate <= 0.0 || rate.is_infinite() {
            return wrong(format!("the rate of the prior must be positive, is {rate}"));
        }
        let missing = (0..counts.len()).filter(|place| counts[*place].is_nan()).collect();
        Ok(Disaster { times, counts, missing, rate })
    }

    fn begin(&self, switchpoint: usize, early: f64, late: f64, stream: &mut Stream) -> Result<DisasterState> {
        let mut state = DisasterState { switchpoint, early, late, counts: self.counts.clone() };
        self.impute(&mut state, stream)?;
        Ok(state)
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
        Ok(Gamma::new(1.0 + sum, self.rate + counts.len() as f64).map_err(Error::other)?.sample(stream))
    }
}

impl Conditionals for Disaster {
    type State = DisasterState;

    fn variables(&self) -> Vec<Variable> {
        let whole = self.times.iter().all(|time| time.fract() == 0.0);
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
        let [early, late] = [(); 2].map(|()| 3.0 * stream.exponential() / self.rate);
        self.begin(switchpoint, early, late, stream)
    }

    /// Imputed counts are drawn, whatever the values say.
    fn init_at(&self, values: &[f64], stream: &mut Stream) -> Result<DisasterState> {
        let [time, early, late] = [0, 1, 2].map(|number| values.get(number).copied().unwrap_or(f64::NAN));
        let place = self.times.iter().position(|known| *known == time);
        match place {
            Some(place) if early > 0.0 && late > 0.0 => self.begin(place, early, late, stream),
            _ => Err(Error::other("switchpoint must be one of the times, early and late must be positive")),
        }
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

    /// Of the switchpoint, the means and the counts that are not missing.
    fn statistics_of(&self, state: &DisasterState, out: &mut [f64]) {
        let ln = [libm::log(state.early), libm::log(state.late)];
        let mut lp = -self.rate * (state.early + state.late);
        for (place, count) in self.counts.iter().enumerate().filter(|(_, count)| !count.is_nan()) {
            let (mean, ln) = if place <= state.switchpoint { (state.early, ln[0]) } else { (state.late, ln[1]) };
            lp += count * ln - mean - libm::lgamma(count + 1.0);
        }
        out[0] = lp;
    }
}
