//! What makes parameters invalid, and how that is said.

use std::fmt;

/// A parameter that is not valid.
///
/// It prints as a sentence: `sd must be positive, is -1`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{parameter} {message}")]
pub struct Invalid {
    /// The parameter's name, as in a run file: `sd`. When two contradict each other (`low` and `high`), the first.
    pub parameter: &'static str,
    /// What is wrong with it, without its name: `must be positive, is -1`.
    pub message: String,
}

/// No parameter is larger in size: a sum of two, or a hundred million times one, is still a float.
const LARGEST: f64 = 1e300;
/// No scale, shape or rate is smaller.
const SMALLEST: f64 = 1e-300;

/// A location: any number of at most [`LARGEST`] in size.
pub(super) fn location(parameter: &'static str, value: f64) -> Result<f64, Invalid> {
    require(value.is_finite(), parameter, "must be finite", number(value))?;
    within(parameter, value, -LARGEST, LARGEST)
}

/// A scale, shape or rate: from [`SMALLEST`] to [`LARGEST`].
#[inline]
pub(super) fn positive(parameter: &'static str, value: f64) -> Result<f64, Invalid> {
    // Distributions are made anew in each step of a chain.
    if (SMALLEST..=LARGEST).contains(&value) { Ok(value) } else { not_positive(parameter, value) }
}

#[cold]
fn not_positive(parameter: &'static str, value: f64) -> Result<f64, Invalid> {
    require(value.is_finite(), parameter, "must be finite", number(value))?;
    require(value > 0.0, parameter, "must be positive", number(value))?;
    within(parameter, value, SMALLEST, LARGEST)
}

/// A number from `low` to `high`.
pub(super) fn within(parameter: &'static str, value: f64, low: f64, high: f64) -> Result<f64, Invalid> {
    let rule = format_args!("must be between {} and {}", number(low), number(high));
    require(low <= value && value <= high, parameter, rule, number(value))?;
    Ok(value)
}

/// The ends of an interval.
pub(super) fn interval(low: f64, high: f64) -> Result<(), Invalid> {
    require(low < high, "low", format_args!("must be below high = {}", number(high)), number(low))
}

/// That `rule`, which says what must be, holds for `value`.
pub(super) fn require(
    holds: bool,
    parameter: &'static str,
    rule: impl fmt::Display,
    value: impl fmt::Display,
) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(Invalid { parameter, message: format!("{rule}, is {value}") }) }
}

/// A number for people: 10, 0.5, 1e300.
pub(super) fn number(x: f64) -> Number {
    Number(x)
}

/// Becomes text when it is needed: conditional distributions are made anew at every step of a chain.
pub(super) struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Number(x) = *self;
        let is_plain = x == 0.0 || !x.is_finite() || (1e-5..1e16).contains(&x.abs());
        if is_plain { write!(f, "{x}") } else { write!(f, "{x:e}") }
    }
}
