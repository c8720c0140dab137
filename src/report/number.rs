//! Numbers as a paper prints them: as many digits as say something.

/// What stands where a number does not exist.
pub const ABSENT: &str = "–";

/// The exponent of the leading decimal digit: 2 for 314, −1 for 0.5; 0 for zero.
pub fn magnitude(x: f64) -> i32 {
    if x == 0.0 || !x.is_finite() { 0 } else { libm::floor(libm::log10(x.abs())) as i32 }
}

/// With so many decimals, and the minus sign of typography.
pub fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return match x {
            f64::INFINITY => "∞".into(),
            f64::NEG_INFINITY => "−∞".into(),
            _ => ABSENT.into(),
        };
    }
    let text = format!("{x:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|digit| digit == '0' || digit == '.') => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// With so many significant digits; very large and very small ones with a power of ten.
pub fn significant(x: f64, digits: i32) -> String {
    let magnitude = magnitude(x);
    if x.is_finite() && x != 0.0 && !(-5..7).contains(&magnitude) {
        return scientific(x, (digits - 1).max(0) as usize);
    }
    fixed(x, (digits - 1 - magnitude).clamp(0, 12) as usize)
}

/// A mantissa and a power of ten: `2.5×10⁻⁷`.
pub fn scientific(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return fixed(x, decimals) };
    format!("{}×10{}", mantissa.replace('-', "−"), superscript(exponent))
}

fn superscript(exponent: &str) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    exponent.chars().map(|c| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize])).collect()
}

/// A whole number, its thousands set apart.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 chain`, `4 chains`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A share as a percentage with three significant digits.
pub fn percent(share: f64) -> String {
    format!("{} %", if share == 0.0 { "0".to_owned() } else { significant(100.0 * share, 3) })
}

/// How a row of numbers that share a unit is printed: to the same place, given by their spread.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    decimals: usize,
    /// Whether the numbers are too large or too small for that.
    scientific: bool,
}

impl Unit {
    /// Three significant digits of the spread (a standard deviation); of `size` where there is no spread.
    pub fn of(spread: f64, size: f64) -> Self {
        let scale = if spread.is_finite() && spread > 0.0 { spread } else { size };
        let size = magnitude(size).max(magnitude(scale));
        Unit { decimals: (2 - magnitude(scale)).clamp(0, 9) as usize, scientific: size > 7 || magnitude(scale) < -6 }
    }

    /// The number, to that place.
    pub fn format(self, x: f64) -> String {
        if self.scientific && x.is_finite() && x != 0.0 { scientific(x, 3) } else { fixed(x, self.decimals) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_say_something() {
        assert_eq!(
            [0.0, 4.98614, -0.000_115_6, 1.5e9].map(|x| significant(x, 3)),
            ["0.00", "4.99", "−0.000116", "1.50×10⁹"]
        );
        assert_eq!([f64::NAN, f64::INFINITY].map(|x| significant(x, 3)), ["–", "∞"]);
        assert_eq!(fixed(-0.0004, 2), "0.00");
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.5, 1.0, 0.0, 0.001_234].map(percent), ["50.0 %", "100 %", "0 %", "0.123 %"]);
    }

    #[test]
    fn a_row_ends_at_the_same_place() {
        let unit = Unit::of(0.33071, 4.9893);
        assert_eq!([4.9893, -0.33071, 12.0].map(|x| unit.format(x)), ["4.989", "−0.331", "12.000"]);
        assert_eq!(Unit::of(123.0, 98765.0).format(98765.4), "98765");
        assert_eq!(Unit::of(0.0, 5.0).format(5.0), "5.00");
        assert_eq!(Unit::of(2e-9, 1.0).format(-0.25), "−2.500×10⁻¹");
    }
}
