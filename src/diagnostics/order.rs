//! Values in ascending order, and their quantiles.

/// Values in ascending order, none of which is NaN.
pub(super) trait Ascending {
    /// How many there are.
    fn count(&self) -> usize;

    /// The one at this place from 0.
    fn at(&self, place: usize) -> f64;

    /// The quantile at `p`: linear between the values around (n − 1) p, type 7 of Hyndman and Fan (1996). NaN of
    /// nothing, and for a p that is not from 0 to 1.
    ///
    /// As NumPy has it, to the bit: interpolated from the nearer end, so that it equals a value wherever that one does;
    /// and NaN at and right below an infinite value.
    fn quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) || self.count() == 0 {
            return f64::NAN;
        }
        let last = self.count() - 1;
        let place = last as f64 * p;
        let low = (place as usize).min(last);
        let (a, b) = (self.at(low), self.at((low + 1).min(last)));
        let share = place - low as f64;
        if share < 0.5 { a + (b - a) * share } else { b - (b - a) * (1.0 - share) }
    }

    /// The median: the mean of the two in the middle of an even number. NaN of nothing.
    fn median(&self) -> f64 {
        let half = self.count() / 2;
        match self.count() % 2 {
            1 => self.at(half),
            _ if half == 0 => f64::NAN,
            _ => (self.at(half - 1) + self.at(half)) / 2.0,
        }
    }
}

impl Ascending for [f64] {
    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, place: usize) -> f64 {
        self[place]
    }
}

/// The values in ascending order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// An integer that is ordered as the number is.
pub(super) fn key(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The number of a key.
pub(super) fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let values = sorted(&[8.0, 1.0, 4.0, 2.0]);
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|p| values.quantile(p)), [1.0, 1.75, 3.0, 5.0, 8.0]);
        assert_eq!((values.median(), values[..3].median(), values[..1].median()), (3.0, 2.0, 1.0));
        assert_eq!([3.0].quantile(0.3), 3.0);
        assert!([].quantile(0.5).is_nan() && [].median().is_nan());
        assert!([-0.1, 1.1, f64::NAN].iter().all(|p| values.quantile(*p).is_nan()));
    }
}
