//! Axes: a range, round numbers in it, and what they are called.

use super::super::number;
use super::lettering;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// The font size of tick labels, in pixels.
pub const LABEL: f64 = 11.0;

/// An axis of a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What is measured, with its unit; empty for none.
    pub name: String,
    /// Its low end.
    pub low: f64,
    /// Its high end.
    pub high: f64,
    /// Where ticks are, with their labels.
    pub ticks: Vec<(f64, String)>,
    /// Whether its ticks continue as lines through the panel.
    pub grid: bool,
}

impl Axis {
    /// A horizontal axis from `low` to `high` that is `length` pixels long: as many ticks as fit.
    pub fn across(name: impl Into<String>, low: f64, high: f64, length: f64) -> Self {
        let fits = |ticks: &[(f64, String)]| {
            let widest = ticks.iter().map(|(_, label)| lettering::width(label, LABEL)).fold(0.0, f64::max);
            (widest + 10.0) * ticks.len() as f64 <= length
        };
        let most = ((length / 60.0) as usize).clamp(3, 10);
        let ticks = (2..=most).rev().map(|most| ticks(low, high, most)).find(|ticks| fits(ticks));
        Axis::new(name, low, high, ticks.unwrap_or_default())
    }

    /// A vertical axis from `low` to `high` that is `length` pixels long.
    pub fn up(name: impl Into<String>, low: f64, high: f64, length: f64) -> Self {
        let most = ((length / 26.0) as usize).clamp(3, 8);
        Axis { grid: true, ..Axis::new(name, low, high, ticks(low, high, most)) }
    }

    /// A horizontal axis of logarithms to base 10 that is labelled with the numbers: 1, 2 and 5 times powers of ten, or
    /// powers alone where those are many.
    pub fn logarithmic(name: impl Into<String>, low: f64, high: f64) -> Self {
        let digits: &[f64] = if high - low < 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let step = ((high - low) / 6.0).ceil().max(1.0) as usize;
        let powers = (low.floor() as i32..=high.ceil() as i32).step_by(if digits.len() > 1 { 1 } else { step });
        let numbers = powers.flat_map(|power| digits.iter().map(move |digit| digit * libm::exp10(f64::from(power))));
        let ticks = numbers.map(|number| (libm::log10(number), number::significant(number, 1)));
        Axis::new(name, low, high, ticks.filter(|(at, _)| low <= *at && *at <= high).collect())
    }

    /// A vertical axis of rows, the first on top: row `i` is from −i − 1/2 to −i + 1/2. Names are at most `widest`
    /// pixels wide.
    pub fn rows(name: impl Into<String>, rows: &[String], widest: f64) -> Self {
        let label = |(row, name): (usize, &String)| (-(row as f64), lettering::shortened(name, LABEL, widest));
        let ticks = rows.iter().enumerate().map(label).collect();
        Axis::new(name, 0.5 - rows.len() as f64, 0.5, ticks)
    }

    /// An axis without ticks.
    pub fn bare(low: f64, high: f64) -> Self {
        Axis::new("", low, high, Vec::new())
    }

    fn new(name: impl Into<String>, low: f64, high: f64, ticks: Vec<(f64, String)>) -> Self {
        let (low, high) = widened(low, high);
        Axis { name: name.into(), low, high, ticks, grid: false }
    }

    /// The axis with grid lines at its ticks, or without.
    pub fn with_grid(self, grid: bool) -> Self {
        Axis { grid, ..self }
    }

    /// The axis, with ticks at whole numbers only.
    pub fn whole(self) -> Self {
        let whole = self.ticks.into_iter().filter(|(at, _)| at.fract() == 0.0);
        let label = |at, label: String| if label.contains('.') { number::fixed(at, 0) } else { label };
        let ticks = whole.map(|(at, text)| (at, label(at, text))).collect();
        Axis { ticks, ..self }
    }

    /// The axis, its ticks without labels.
    pub fn unlabelled(self) -> Self {
        let ticks = self.ticks.into_iter().map(|(at, _)| (at, String::new())).collect();
        Axis { name: String::new(), ticks, ..self }
    }

    /// How wide its widest label is, in pixels.
    pub fn widest_label(&self) -> f64 {
        self.ticks.iter().map(|(_, label)| lettering::width(label, LABEL)).fold(0.0, f64::max)
    }
}

/// To plotters an axis is the coordinate along it.
impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        start + (share * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // The minor ticks that plotters asks for first: there are none.
        let minor = hint.weight().allow_light_points();
        if minor { Vec::new() } else { self.ticks.iter().map(|(at, _)| *at).collect() }
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.ticks.iter().find(|(at, _)| at == value).map_or_else(String::new, |(_, label)| label.clone())
    }
}

/// A range that is one: of a single number, something around it.
pub fn widened(low: f64, high: f64) -> (f64, f64) {
    match (low.is_finite() && high.is_finite(), high - low) {
        (true, length) if length > 1e-12 * low.abs().max(high.abs()) && length.is_finite() => (low, high),
        (true, _) => {
            let around = if low == 0.0 { 1.0 } else { 0.1 * low.abs().min(f64::MAX / 4.0) };
            (low.max(-f64::MAX / 4.0) - around, high.min(f64::MAX / 4.0) + around)
        }
        (false, _) => (0.0, 1.0),
    }
}

/// The range, a share of its length longer at either end.
pub fn padded((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let (low, high) = widened(low, high);
    let pad = share * (high - low);
    (low - pad, high + pad)
}

/// At most `most` round numbers from `low` to `high`, 1, 2 or 5 times a power of ten apart.
fn ticks(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let (low, high) = widened(low, high);
    let power = number::magnitude((high - low) / most as f64);
    let steps = (power..).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| (digit, power)));
    let first_and_last = |(digit, power): (f64, i32)| {
        let step = digit * libm::exp10(f64::from(power));
        // What is on the end but for rounding counts as within.
        ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor())
    };
    let (digit, power) = steps
        .take(12)
        .find(|step| {
            let (first, last) = first_and_last(*step);
            last - first < most as f64
        })
        .unwrap_or((1.0, power + 4));
    let (first, last) = first_and_last((digit, power));
    let multiple = |number: f64| {
        // Division by a power of ten gives the nearest float of the decimal number; multiplication by 0.1 does not.
        let scale = libm::exp10(f64::from(power.abs()));
        if power < 0 { number * digit / scale } else { number * digit * scale }
    };
    let label = labels(power, low.abs().max(high.abs()));
    (0..=(last - first) as usize).map(|number| multiple(first + number as f64)).map(|at| (at, label(at))).collect()
}

/// How ticks whose last digit is at 10^`power` are written, when the largest is about `largest`.
fn labels(power: i32, largest: f64) -> impl Fn(f64) -> String {
    let magnitude = number::magnitude(largest);
    move |at| {
        if !(-3..=7).contains(&magnitude) {
            let decimals = (number::magnitude(at) - power).max(0) as usize;
            return if at == 0.0 { "0".into() } else { number::scientific(at, decimals) };
        }
        match power {
            ..0 => number::fixed(at, -power as usize),
            // Four digits need no comma, years least of all.
            _ if magnitude < 4 => number::fixed(at, 0),
            _ if at < 0.0 => format!("−{}", number::count(-at as u64)),
            _ => number::count(at as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels_of(low: f64, high: f64, most: usize) -> Vec<String> {
        ticks(low, high, most).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn round_numbers() {
        assert_eq!(labels_of(0.0, 100_000.0, 6), ["0", "20,000", "40,000", "60,000", "80,000", "100,000"]);
        assert_eq!(labels_of(1880.0, 1905.0, 4), ["1880", "1890", "1900"]);
        assert_eq!(labels_of(-0.31, 0.29, 8), ["−0.3", "−0.2", "−0.1", "0.0", "0.1", "0.2"]);
        assert_eq!(labels_of(4.98, 5.03, 4), ["4.98", "5.00", "5.02"]);
        assert_eq!(labels_of(0.0, 3e-7, 4), ["0", "1×10⁻⁷", "2×10⁻⁷", "3×10⁻⁷"]);
        assert_eq!(labels_of(0.0, 2.5e9, 4), ["0", "1×10⁹", "2×10⁹"]);
    }

    proptest! {
        #[test]
        fn ticks_are_within_and_not_too_many(low in -1e6f64..1e6, length in 1e-6f64..1e9, most in 2usize..12) {
            let high = low + length;
            let ticks = ticks(low, high, most);
            let slack = 1e-6 * (high - low);
            prop_assert!(ticks.len() <= most);
            prop_assert!(ticks.iter().all(|(at, _)| low - slack <= *at && *at <= high + slack));
            let labels: std::collections::BTreeSet<_> = ticks.iter().map(|(_, label)| label).collect();
            prop_assert_eq!(labels.len(), ticks.len());
        }
    }

    #[test]
    fn no_range_is_too_strange() {
        for (low, high) in [
            (-1e-300, 2e-300),
            (1e300, 3e300),
            (3.0, 3.0),
            (0.0, 0.0),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
            (-f64::MAX, f64::MAX),
        ] {
            let axis = Axis::across("x", low, high, 400.0);
            assert!(axis.low < axis.high && axis.ticks.len() < 12, "{axis:?}");
            assert!(axis.widest_label() < 60.0, "{axis:?}");
        }
    }
}
