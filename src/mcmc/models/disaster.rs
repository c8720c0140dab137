//! A series of counts whose rate changes once.

use super::check;
use crate::distribution::{Gamma, Poisson};
use crate::error::{Error, Result};
use crate::isa::math::{exp, minus_two_ln};
use crate::isa::{Floats, LANES, Words, for_each_level};
use crate::mcmc::{Conditionals, Stage, Variable};
use crate::stream::Stream;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;

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
    /// For every time the sum of the counts up to it, the imputed ones included.
    sums: Vec<f64>,
}

impl DisasterState {
    /// How many times are in the early regime, and the sums of the counts of both regimes.
    fn regimes(&self) -> (usize, f64, f64) {
        let early = self.sums[self.switchpoint];
        (self.switchpoint + 1, early, self.sums[self.sums.len() - 1] - early)
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
        let mut state = DisasterState { switchpoint, early, late, imputed: vec![0.0; imputed.len()], sums: Vec::new() };
        state.sums.extend(self.known.iter().map(|(sum, _)| sum));
        imputed.into_iter().enumerate().for_each(|(which, count)| self.put(&mut state, which, count));
        state
    }

    /// Puts in a missing count.
    fn put(&self, state: &mut DisasterState, which: usize, count: f64) {
        // Whole numbers: nothing is lost by adding differences.
        let more = count - state.imputed[which];
        if more != 0.0 {
            add(&mut state.sums[self.missing[which]..], more);
            state.imputed[which] = count;
        }
    }

    fn impute(&self, state: &mut DisasterState, stream: &mut Stream) -> Result<()> {
        for (which, place) in self.missing.iter().enumerate() {
            let mean = if *place <= state.switchpoint { state.early } else { state.late };
            let count = Poisson::new(mean).map_err(Error::other)?.sample(stream);
            self.put(state, which, count);
        }
        Ok(())
    }

    /// Draws the switchpoint from all times.
    fn switch(&self, state: &mut DisasterState, stream: &mut Stream) {
        let DisasterState { switchpoint, early, late, .. } = *state;
        WEIGHTS.with_borrow_mut(|weights| {
            weights.resize(state.sums.len().div_ceil(LANES), [0.0; LANES]);
            if !cumulate(&state.sums, [early, late], switchpoint, weights) {
                // Some place is e^700 times as likely as the present one: the likeliest is the measure then.
                let (ratio, difference) = (libm::log(early) - libm::log(late), early - late);
                let ln = |place: usize| state.sums[place] * ratio - (place + 1) as f64 * difference;
                let likeliest = (0..state.sums.len()).max_by(|a, b| ln(*a).total_cmp(&ln(*b))).unwrap_or(0);
                cumulate(&state.sums, [early, late], likeliest, weights);
            }
            state.switchpoint = choose(weights, stream.uniform());
        });
    }

    /// Draws the mean of a regime, given the number and sum of its counts.
    fn mean(&self, number: usize, sum: f64, stream: &mut Stream) -> Result<f64> {
        Ok(Gamma::new(1.0 + sum, self.priors.rate + number as f64).map_err(Error::other)?.sample(stream))
    }
}

thread_local! {
    /// Cumulative probabilities of places, kept so that a sweep allocates nothing.
    static WEIGHTS: RefCell<Vec<[f64; LANES]>> = const { RefCell::new(Vec::new()) };
}

for_each_level! {
    /// For place k = 8 r + l the sum of the probabilities of places l, 8 + l, ..., k, over that of the place `measure`:
    /// at [r][l]. Up to a constant, the logarithm of the probability of place k is
    /// (sum of the first k + 1 counts) · ln(early / late) − (k + 1) (early − late).
    /// Tells whether all these numbers are below e^700: if not, they are of no use.
    fn cumulate(sums: &[f64], means: [f64; 2], measure: usize, out: &mut [[f64; LANES]]) -> bool = cumulate_of
}

#[inline(always)]
fn cumulate_of<F: Floats>(sums: &[f64], means: [f64; 2], measure: usize, out: &mut [[f64; LANES]]) -> bool {
    let [early, late] = means.map(F::splat);
    let ratio = F::splat(0.5) * (minus_two_ln(late) - minus_two_ln(early));
    let difference = early - late;
    let (whole, last) = sums.as_chunks::<LANES>();
    let mut number = F::load(&std::array::from_fn(|l| (l + 1) as f64)) - F::splat((measure + 1) as f64);
    let base = F::splat(sums[measure]);
    // Lanes without a place repeat the last one, and have probability 0.
    let padded = std::array::from_fn(|l| last.get(l).or(last.last()).copied().unwrap_or(0.0));
    let (mut sum, mut sign) = (F::splat(0.0), F::Words::splat(0));
    for (number_of_row, out) in out.iter_mut().enumerate() {
        let sums = F::load(whole.get(number_of_row).unwrap_or(&padded));
        let ln = (sums - base) * ratio - number * difference;
        number = number + F::splat(LANES as f64);
        sign = sign | (F::splat(700.0) - ln).to_bits();
        let mut weight = exp(ln);
        if number_of_row == whole.len() {
            weight.store(out);
            out[last.len()..].fill(0.0);
            weight = F::load(out);
        }
        sum = sum + weight;
        sum.store(out);
    }
    let mut signs = [0; LANES];
    sign.store(&mut signs);
    signs.into_iter().fold(0, |all, sign| all | sign) >> 63 == 0
}

for_each_level! {
    /// Adds a number to all others.
    fn add(sums: &mut [f64], more: f64) = add_of
}

#[inline(always)]
fn add_of<F: Floats>(sums: &mut [f64], more: f64) {
    let (rows, rest) = sums.as_chunks_mut();
    for row in rows {
        (F::load(row) + F::splat(more)).store(row);
    }
    rest.iter_mut().for_each(|sum| *sum += more);
}

/// The place whose probability covers the share `uniform` of all, in the order that [`cumulate`] has: counted rather than
/// searched, as nothing about a search could be foretold.
fn choose(cumulative: &[[f64; LANES]], uniform: f64) -> usize {
    let count = |falls_short: bool| usize::from(falls_short);
    let mut ends = cumulative[cumulative.len() - 1];
    for lane in 1..LANES {
        ends[lane] += ends[lane - 1];
    }
    let target = uniform * ends[LANES - 1];
    // By rounding it might be beyond the last end.
    let lane = ends[..LANES - 1].iter().map(|end| count(*end < target)).sum::<usize>();
    let before = if lane == 0 { 0.0 } else { ends[lane - 1] };
    let rest = (target - before).min(cumulative[cumulative.len() - 1][lane]);
    let row = cumulative.iter().map(|row| count(row[lane] < rest)).sum::<usize>();
    LANES * row + lane
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
            0 => self.switch(state, stream),
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
