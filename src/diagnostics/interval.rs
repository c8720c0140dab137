//! Intervals that hold a given share of the draws.

use super::order::{self, Ascending};

/// The interval that leaves out equal shares of the draws at both ends: its ends are the quantiles at (1 − level)/2 and
/// 1 − (1 − level)/2, by linear interpolation (type 7 of Hyndman and Fan 1996).
///
/// NaN for no draws, where a draw is NaN, and for a level that is not above 0 and at most 1.
pub fn equal_tailed_interval(draws: &[f64], level: f64) -> [f64; 2] {
    ends(draws, |sorted| equal_tailed(sorted, level))
}

/// The shortest interval between draws that holds more than the share `level` of them: for a distribution with one
/// mode, the interval where its density is highest (Chen and Shao 1999). With n draws it is that between draws i and i
/// + ⌊level · n⌋ in ascending order, for the i that makes it shortest, and the lowest of those.
///
/// NaN for no draws, where a draw is NaN, and for a level that is not above 0 and below 1.
pub fn highest_density_interval(draws: &[f64], level: f64) -> [f64; 2] {
    ends(draws, |sorted| highest_density(sorted, level))
}

const NOWHERE: [f64; 2] = [f64::NAN; 2];

fn ends(draws: &[f64], of: impl Fn(&[f64]) -> [f64; 2]) -> [f64; 2] {
    if draws.iter().any(|x| x.is_nan()) { NOWHERE } else { of(&order::sorted(draws)) }
}

/// Of sorted draws, none of which is NaN.
pub(super) fn equal_tailed(sorted: &(impl Ascending + ?Sized), level: f64) -> [f64; 2] {
    let outside = (1.0 - level) / 2.0;
    match level > 0.0 {
        true => [outside, 1.0 - outside].map(|p| sorted.quantile(p)),
        false => NOWHERE,
    }
}

/// Of sorted draws, none of which is NaN.
pub(super) fn highest_density(sorted: &(impl Ascending + ?Sized), level: f64) -> [f64; 2] {
    if !(level > 0.0 && level < 1.0) {
        return NOWHERE;
    }
    let beyond = beyond(sorted.count(), level);
    shortest(sorted, beyond, 0..sorted.count() - beyond)
}

/// How many places the end of a highest density interval is after its beginning.
pub(super) fn beyond(count: usize, level: f64) -> usize {
    (level * count as f64) as usize
}

/// The shortest interval from a draw to the one so many places after it, of those that begin at these places.
pub(super) fn shortest(
    sorted: &(impl Ascending + ?Sized),
    beyond: usize,
    places: impl Iterator<Item = usize>,
) -> [f64; 2] {
    let intervals = places.map(|low| [sorted.at(low), sorted.at(low + beyond)]);
    let width = |[low, high]: [f64; 2]| high - low;
    // Infinite draws can make a width NaN; the first such counts as shortest, as in ArviZ.
    let shorter = |a, b| if width(a).is_nan() || width(a) <= width(b) { a } else { b };
    intervals.reduce(shorter).unwrap_or(NOWHERE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let draws = [9.0, 1.0, 5.0, 2.0, 3.0];
        assert_eq!(equal_tailed_interval(&draws, 0.5), [2.0, 5.0]);
        // Between a draw and the second after it: 1 to 3, 2 to 5, 3 to 9.
        assert_eq!(highest_density_interval(&draws, 0.5), [1.0, 3.0]);
        assert_eq!(highest_density_interval(&draws, 0.9), [1.0, 9.0]);
        assert_eq!(equal_tailed_interval(&[4.0], 0.9), [4.0, 4.0]);
        assert_eq!(highest_density_interval(&[4.0], 0.9), [4.0, 4.0]);
    }

    #[test]
    fn no_interval() {
        for interval in [equal_tailed_interval, highest_density_interval] {
            assert!(interval(&[], 0.5)[0].is_nan());
            assert!(interval(&[1.0, f64::NAN], 0.5)[1].is_nan());
            assert!([0.0, -1.0, 1.5, f64::NAN].iter().all(|level| interval(&[1.0, 2.0], *level)[0].is_nan()));
        }
    }
}
