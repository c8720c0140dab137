//! Where a distribution's values lie.

/// The interval from `low` to `high`, both ends included when they are finite; all of its numbers, or its integers.
///
/// The density of a continuous distribution may be zero or infinite at an end; samples avoid such ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Support {
    /// The lower end, or −∞.
    pub low: f64,
    /// The upper end, or ∞.
    pub high: f64,
    /// Whether only integers belong to it.
    pub discrete: bool,
}

impl Support {
    pub(super) const REAL: Support = Support::continuous(f64::NEG_INFINITY, f64::INFINITY);
    pub(super) const POSITIVE: Support = Support::continuous(0.0, f64::INFINITY);

    pub(super) const fn continuous(low: f64, high: f64) -> Self {
        Support { low, high, discrete: false }
    }

    pub(super) const fn discrete(low: f64, high: f64) -> Self {
        Support { low, high, discrete: true }
    }

    /// Whether `x` is one of the values. NaN and the infinities never are.
    pub fn contains(&self, x: f64) -> bool {
        x.is_finite() && self.low <= x && x <= self.high && (!self.discrete || x == x.floor())
    }

    /// `inside()` when `x` is one of the values, −∞ when not, NaN for NaN.
    pub(super) fn ln_density(&self, x: f64, inside: impl FnOnce() -> f64) -> f64 {
        if self.contains(x) {
            inside()
        } else if x.is_nan() {
            x
        } else {
            f64::NEG_INFINITY
        }
    }
}
