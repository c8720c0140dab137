//! A series of counts, and where its mean changes.

use crate::isa::math::{exp, minus_two_ln, small_integer};
use crate::isa::{Floats, LANES, TABLE, Words, for_each_level};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;

/// Counts of times that follow each other, and their sums: that of place k at [k % r][k / r] for r rows, so that each lane
/// has places that follow each other. Behind the last place there are [`NO_TIME`] and the sum of all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Series {
    places: usize,
    counts: Vec<[u64; LANES]>,
    sums: Vec<[f64; LANES]>,
    /// How many counts are above [`LARGEST_SMALL`].
    large: usize,
}

/// The count of no time, which has probability 0,
const NO_TIME: u64 = TABLE as u64 - 1;

/// and the largest of those whose factors are looked up.
const LARGEST_SMALL: u64 = NO_TIME - 1;

thread_local! {
    /// Cumulative probabilities of places, kept so that a sweep allocates nothing.
    static WEIGHTS: RefCell<Vec<[f64; LANES]>> = const { RefCell::new(Vec::new()) };
}

impl Series {
    /// The counts, whole numbers, of which these are the sums up to each place; there is at least one.
    pub fn new(sums_to: Vec<f64>) -> Self {
        let (places, rows) = (sums_to.len(), sums_to.len().div_ceil(LANES));
        let (mut counts, mut sums) = (vec![[NO_TIME; LANES]; rows], vec![[sums_to[places - 1]; LANES]; rows]);
        let (mut before, mut large) = (0.0, 0);
        for (place, sum) in sums_to.into_iter().enumerate() {
            let count = (sum - before) as u64;
            counts[place % rows][place / rows] = count;
            sums[place % rows][place / rows] = sum;
            large += usize::from(count > LARGEST_SMALL);
            before = sum;
        }
        Series { places, counts, sums, large }
    }

    /// The sum of the counts up to a place.
    pub fn sum(&self, place: usize) -> f64 {
        let rows = self.sums.len();
        self.sums[place % rows][place / rows]
    }

    /// The sum of all counts.
    pub fn total(&self) -> f64 {
        self.sums[self.sums.len() - 1][LANES - 1]
    }

    /// Gives a place another count.
    pub fn set(&mut self, place: usize, count: f64) {
        let rows = self.sums.len();
        let old = &mut self.counts[place % rows][place / rows];
        let new = count as u64;
        self.large = self.large + usize::from(new > LARGEST_SMALL) - usize::from(*old > LARGEST_SMALL);
        // Whole numbers: nothing is lost by adding differences.
        let more = count - *old as f64;
        *old = new;
        add(&mut self.sums, place, more);
    }

    /// The last place of the first regime, drawn from all places by a uniform variable, where the counts are Poisson with
    /// the first mean up to there and with the second from there on. `present` is any place, best a likely one.
    pub fn switchpoint(&self, means: [f64; 2], present: usize, uniform: f64) -> usize {
        WEIGHTS.with_borrow_mut(|weights| {
            weights.resize(self.sums.len(), [0.0; LANES]);
            if self.large > 0 || !cumulate_small(&self.counts, &self.sums, means, present, weights) {
                self.cumulate_any(means, present, weights);
            }
            choose(weights, uniform)
        })
    }

    fn cumulate_any(&self, means: [f64; 2], present: usize, weights: &mut [[f64; LANES]]) {
        if !cumulate(&self.sums, self.places, means, present, weights) {
            // Some place is e^700 times as likely as the present one: the likeliest is the measure then.
            let [early, late] = means;
            let (ratio, difference) = (libm::log(early) - libm::log(late), early - late);
            let ln = |place: usize| self.sum(place) * ratio - (place + 1) as f64 * difference;
            let likeliest = (0..self.places).max_by(|a, b| ln(*a).total_cmp(&ln(*b))).unwrap_or(0);
            cumulate(&self.sums, self.places, means, likeliest, weights);
        }
    }
}

for_each_level! {
    /// For the place at [r][l] the sum of the probabilities of its lane's places up to it, over that of the place
    /// `measure`. Up to a constant, the logarithm of the probability of place k is
    /// (sum of the first k + 1 counts) · ln(early / late) − (k + 1) (early − late).
    /// Tells whether all these numbers are below e^700: if not, they are of no use.
    fn cumulate(
        sums: &[[f64; LANES]],
        places: usize,
        means: [f64; 2],
        measure: usize,
        out: &mut [[f64; LANES]],
    ) -> bool = cumulate_of
}

#[inline(always)]
fn cumulate_of<F: Floats>(
    sums: &[[f64; LANES]],
    places: usize,
    means: [f64; 2],
    measure: usize,
    out: &mut [[f64; LANES]],
) -> bool {
    let [early, late] = means.map(F::splat);
    let ratio = F::splat(0.5) * (minus_two_ln(late) - minus_two_ln(early));
    let difference = early - late;
    let rows = sums.len();
    let base = F::splat(sums[measure % rows][measure / rows]);
    let mut number = first_places::<F>(rows) - F::splat(measure as f64);
    let beyond = F::splat(places as f64 - 0.5 - measure as f64);
    let (mut sum, mut sign) = (F::splat(0.0), F::Words::splat(0));
    for (sums, out) in sums.iter().zip(out) {
        let ln = (F::load(sums) - base) * ratio - number * difference;
        sign = sign | (F::splat(700.0) - ln).to_bits();
        sum = sum + F::select((beyond - number).to_bits(), F::splat(0.0), exp(ln));
        sum.store(out);
        number = number + F::splat(1.0);
    }
    no_sign(sign)
}

for_each_level! {
    /// The same for counts up to [`LARGEST_SMALL`]: each place's probability is that of the one before, times
    /// (early / late)^count exp(late − early), which is looked up. Of no use also where probabilities of one lane may
    /// differ by more than e^600.
    fn cumulate_small(
        counts: &[[u64; LANES]],
        sums: &[[f64; LANES]],
        means: [f64; 2],
        measure: usize,
        out: &mut [[f64; LANES]],
    ) -> bool = cumulate_small_of
}

#[inline(always)]
fn cumulate_small_of<F: Floats>(
    counts: &[[u64; LANES]],
    sums: &[[f64; LANES]],
    means: [f64; 2],
    measure: usize,
    out: &mut [[f64; LANES]],
) -> bool {
    let [early, late] = means;
    let ratio = F::splat(0.5) * minus_two_ln(F::splat(late / early));
    let difference = F::splat(early - late);
    let factors = factors::<F>(early / late, exp(F::splat(late - early)));
    let rows = sums.len();
    // The place before the first of each lane.
    let first = F::Words::load(&counts[0]);
    let no_time = (first + F::Words::splat(1)).shl(u64::BITS - 1 - NO_TIME.count_ones()); // the only one with that bit
    let before = F::load(&sums[0]) - F::select(no_time, F::splat(0.0), small_integer::<F>(first, 0.0));
    let base = F::splat(sums[measure % rows][measure / rows]);
    let number = first_places::<F>(rows) - F::splat(measure as f64 + 1.0);
    let ln = (before - base) * ratio - number * difference;
    // What counts add to a logarithm along a lane, and what times take away: one sign makes both positive.
    let sign = F::splat(if early < late { -1.0 } else { 1.0 });
    let by_counts = (F::load(&sums[rows - 1]) - before) * ratio * sign;
    let by_times = F::splat(rows as f64) * difference * sign;
    let most = F::splat(600.0);
    let sign = (F::splat(90.0) - ln).to_bits() | (most - by_counts).to_bits() | (most - by_times).to_bits();
    let (mut weight, mut sum) = (exp(ln), F::splat(0.0));
    for (counts, out) in counts.iter().zip(out) {
        weight = weight * F::look_up(&factors, F::Words::load(counts));
        sum = sum + weight;
        sum.store(out);
    }
    no_sign(sign)
}

/// `factor` · `ratio`^count for each count up to [`LARGEST_SMALL`], and 0 where there is no time.
#[inline(always)]
fn factors<F: Floats>(ratio: f64, factor: F) -> [f64; TABLE] {
    let (two, four) = (ratio * ratio, (ratio * ratio) * (ratio * ratio));
    let (three, eight) = (two * ratio, F::splat(four * four));
    let mut powers = F::load(&[1.0, ratio, two, three, four, four * ratio, four * two, four * three]) * factor;
    // The last is that of no time. (Writing it afterwards would hold up who reads all of them at once.)
    let (none, no_time) = (F::splat(0.0), F::load(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0]).to_bits());
    let mut factors = [0.0; TABLE];
    let (eights, _) = factors.as_chunks_mut();
    for (number, factors) in eights.iter_mut().enumerate() {
        let is_last = number + 1 == TABLE / LANES;
        if is_last { F::select(no_time, none, powers) } else { powers }.store(factors);
        powers = powers * eight;
    }
    factors
}

/// The first place of each lane.
#[inline(always)]
fn first_places<F: Floats>(rows: usize) -> F {
    F::load(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) * F::splat(rows as f64)
}

#[inline(always)]
fn no_sign<W: Words>(words: W) -> bool {
    let mut signs = [0; LANES];
    words.store(&mut signs);
    signs.into_iter().fold(0, |all, sign| all | sign) >> 63 == 0
}

for_each_level! {
    /// Adds a number to all from a place on.
    fn add(sums: &mut [[f64; LANES]], place: usize, more: f64) = add_of
}

#[inline(always)]
fn add_of<F: Floats>(sums: &mut [[f64; LANES]], place: usize, more: f64) {
    let (row, lane) = (place % sums.len(), place / sums.len());
    let (mut before, mut from) = ([0.0; LANES], [0.0; LANES]);
    before[lane + 1..].fill(more);
    from[lane..].fill(more);
    let (before, from) = (F::load(&before), F::load(&from));
    for (number, sums) in sums.iter_mut().enumerate() {
        (F::load(sums) + if number < row { before } else { from }).store(sums);
    }
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
    cumulative.len() * lane + row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Array, level};
    use crate::stream::Streams;

    /// Counts up to `most`, whose mean changes at two thirds.
    fn series(places: usize, most: u64) -> Vec<f64> {
        let mut stream = Streams::new(places as u64, 0).stream(most);
        let mut sum = 0.0;
        let count = |place| stream.index(if 3 * place < 2 * places { most } else { most / 2 } + 1) as f64;
        (0..places)
            .map(count)
            .map(|count| {
                sum += count;
                sum
            })
            .collect()
    }

    /// By the definition: logarithms, largest first.
    fn directly(sums: &[f64], [early, late]: [f64; 2], uniform: f64) -> usize {
        let ln: Vec<f64> = sums
            .iter()
            .zip(1..)
            .map(|(sum, n)| sum * (libm::log(early) - libm::log(late)) - f64::from(n) * (early - late))
            .collect();
        let most = ln.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let weights: Vec<f64> = ln.iter().map(|ln| libm::exp(ln - most)).collect();
        let target = uniform * weights.iter().sum::<f64>();
        let mut sum = 0.0;
        let falls_short = |weight: &&f64| {
            sum += **weight;
            sum < target
        };
        weights.iter().take_while(falls_short).count().min(sums.len() - 1)
    }

    /// For few places and many, small counts and large ones, means far apart and near, from likely and unlikely places.
    #[test]
    fn switchpoints_are_those_of_the_definition() {
        let mut stream = Streams::new(3, 0).stream(0);
        for places in [1, 2, 7, 8, 9, 16, 111, 112, 1000] {
            for most in [0, 1, 6, 30, 31, 400] {
                let sums = series(places, most);
                let series = Series::new(sums.clone());
                let mean = most as f64 / 2.0 + 0.1;
                for means in [
                    [mean, mean / 2.0],
                    [mean / 2.0, mean],
                    [1.0, 1.0],
                    [40.0, 1e-3],
                    [1e-3, 40.0],
                    [1e-200, 3.0],
                    [3.0, 1e-200],
                ] {
                    for _ in 0..20 {
                        let (present, uniform) = (stream.index(places as u64) as usize, stream.uniform());
                        let found = series.switchpoint(means, present, uniform);
                        let expected = directly(&sums, means, uniform);
                        assert_eq!(found, expected, "{places} places, counts up to {most}, {means:?}, from {present}");
                    }
                }
            }
        }
    }

    /// Both ways to the same probabilities, and the same bits at every level.
    #[test]
    fn factors_give_what_exponentials_give() {
        for places in [5, 64, 112, 113] {
            let series = Series::new(series(places, 6));
            let rows = series.sums.len();
            let (mut small, mut any, mut other) =
                (vec![[0.0; LANES]; rows], vec![[0.0; LANES]; rows], vec![[0.0; LANES]; rows]);
            let means = [3.1, 0.9];
            assert!(cumulate_small(&series.counts, &series.sums, means, places / 2, &mut small));
            assert!(cumulate(&series.sums, places, means, places / 2, &mut any));
            for (small, any) in small.as_flattened().iter().zip(any.as_flattened()) {
                assert!((small - any).abs() <= 1e-12 * any, "{small} and {any}");
            }
            assert!(cumulate_small_of::<Array<f64>>(&series.counts, &series.sums, means, places / 2, &mut other));
            assert_eq!(small, other, "{:?}", level());
            assert!(cumulate_of::<Array<f64>>(&series.sums, places, means, places / 2, &mut other));
            assert_eq!(any, other, "{:?}", level());
        }
    }

    #[test]
    fn counts_can_be_changed() {
        let mut changed = Series::new(vec![1.0, 1.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 9.0]);
        changed.set(4, 50.0);
        assert_eq!((changed.sum(3), changed.sum(4), changed.total(), changed.large), (4.0, 54.0, 59.0, 1));
        changed.set(4, 2.0);
        let expected = Series::new(vec![1.0, 1.0, 4.0, 4.0, 6.0, 6.0, 6.0, 6.0, 6.0, 11.0]);
        assert_eq!((changed.counts, changed.sums, changed.large), (expected.counts, expected.sums, 0));
    }
}
