//! Mean, standard deviation and quantiles, by passes over a column in blocks.

use super::order::{key, number};
use crate::error::Result;
use std::collections::BTreeMap;

/// A column of numbers that can be read from its beginning, block by block, as often as needed.
pub trait Column {
    /// How many numbers there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hands all numbers to `visit`, in order.
    ///
    /// # Errors
    /// When they can't be read.
    fn read(&self, visit: &mut dyn FnMut(&[f64])) -> Result<()>;
}

impl Column for [f64] {
    fn len(&self) -> usize {
        self.len()
    }

    fn read(&self, visit: &mut dyn FnMut(&[f64])) -> Result<()> {
        visit(self);
        Ok(())
    }
}

/// What is said of a column of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The mean; NaN for an empty column.
    pub mean: f64,
    /// The standard deviation, with divisor n − 1; NaN for fewer than two numbers.
    pub sd: f64,
    /// The quantiles that were asked for, in that order.
    pub quantiles: Vec<f64>,
}

/// Mean, standard deviation (divisor n − 1) and quantiles at `probabilities`, with a few passes over the column and
/// memory that does not grow with it.
///
/// A quantile at p lies between the order statistics around (n − 1) p, linearly: type 7 of Hyndman and Fan (1996), the
/// default of NumPy and R.
///
/// # Errors
/// When the column can't be read.
pub fn summarise<C: Column + ?Sized>(column: &C, probabilities: &[f64]) -> Result<Summary> {
    let n = column.len();
    let mean = sum(column, |x| x)? / n as f64;
    let sd = if n < 2 { f64::NAN } else { (sum(column, |x| (x - mean) * (x - mean))? / (n - 1) as f64).sqrt() };
    if n == 0 {
        return Ok(Summary { mean: f64::NAN, sd, quantiles: vec![f64::NAN; probabilities.len()] });
    }
    let places: Vec<f64> = probabilities.iter().map(|p| (n - 1) as f64 * p).collect();
    let ranks = places.iter().flat_map(|place| [place.floor() as usize, place.ceil() as usize]);
    let ordered = order_statistics(column, ranks.collect())?;
    let quantile = |place: &f64| {
        let (low, high) = (ordered[&(place.floor() as usize)], ordered[&(place.ceil() as usize)]);
        low + (place - place.floor()) * (high - low)
    };
    Ok(Summary { mean, sd, quantiles: places.iter().map(quantile).collect() })
}

/// A compensated sum (Neumaier 1974) of `term` over the column.
fn sum<C: Column + ?Sized>(column: &C, term: impl Fn(f64) -> f64) -> Result<f64> {
    let (mut sum, mut lost) = (0.0f64, 0.0);
    column.read(&mut |values| {
        for x in values.iter().map(|x| term(*x)) {
            let next = sum + x;
            lost += if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
            sum = next;
        }
    })?;
    Ok(sum + lost)
}

/// Bits of a number's key that one pass decides.
const DIGIT: u32 = 16;

/// The numbers at these ranks (from 0) of the sorted column, found digit by digit, most significant first.
fn order_statistics<C: Column + ?Sized>(column: &C, mut ranks: Vec<usize>) -> Result<BTreeMap<usize, f64>> {
    ranks.sort_unstable();
    ranks.dedup();
    // For each rank the digits known so far, and its rank among the numbers that share them.
    let mut found: Vec<(u64, usize)> = ranks.iter().map(|rank| (0, *rank)).collect();
    for pass in 1..=u64::BITS / DIGIT {
        let shift = u64::BITS - pass * DIGIT;
        let mut counts: BTreeMap<u64, Vec<usize>> =
            found.iter().map(|(prefix, _)| (*prefix, vec![0; 1 << DIGIT])).collect();
        column.read(&mut |values| {
            for x in values {
                let digits = key(*x) >> shift;
                if let Some(counts) = counts.get_mut(&(digits >> DIGIT)) {
                    counts[(digits & ((1 << DIGIT) - 1)) as usize] += 1;
                }
            }
        })?;
        for (prefix, rank) in &mut found {
            let counts = &counts[prefix];
            let digit = counts.iter().position(|count| match rank.checked_sub(*count) {
                Some(beyond) => {
                    *rank = beyond;
                    false
                }
                None => true,
            });
            *prefix = *prefix << DIGIT | digit.expect("the rank is below the number of values") as u64;
        }
    }
    Ok(ranks.into_iter().zip(found.iter().map(|(key, _)| number(*key))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn quantiles_are_those_of_the_sorted_column(mut values in prop::collection::vec(-1e9f64..1e9, 1..200)) {
            let summary = summarise(&values[..], &[0.0, 0.025, 0.5, 0.975, 1.0]).unwrap();
            values.sort_by(f64::total_cmp);
            let last = values.len() - 1;
            prop_assert_eq!(summary.quantiles[0], values[0]);
            prop_assert_eq!(summary.quantiles[4], values[last]);
            let middle = if last % 2 == 0 { values[last / 2] } else { values[last / 2] + 0.5 * (values[last / 2 + 1] - values[last / 2]) };
            prop_assert_eq!(summary.quantiles[2], middle);
        }
    }

    #[test]
    fn by_hand() {
        let summary = summarise(&[4.0, -1.0, 3.0, 2.0][..], &[0.25]).unwrap();
        assert_eq!(summary, Summary { mean: 2.0, sd: (14f64 / 3.0).sqrt(), quantiles: vec![1.25] });
        // What a plain sum loses.
        assert_eq!(summarise(&[1e16, 1.0, -1e16, 1.0][..], &[]).unwrap().mean, 0.5);
    }

    #[test]
    fn few_numbers() {
        let one = summarise(&[3.0][..], &[0.1, 0.9]).unwrap();
        assert_eq!((one.mean, one.quantiles), (3.0, vec![3.0, 3.0]));
        assert!(one.sd.is_nan());
        assert!(summarise(&[][..], &[0.5]).unwrap().quantiles[0].is_nan());
    }
}
