//! How wide a text will be, without asking for a font: figures are drawn where no font is.

/// How much wider than Helvetica the widest sans-serif font is that a reader may have instead: DejaVu Sans, often the
/// only one of a Linux machine.
const WIDEST: f64 = 1.16;

/// The width of a character in Helvetica at size 1, in classes.
fn width_of(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 0.23,
        ' ' | '.' | ',' | ':' | ';' | '!' | 'I' | '/' | '\\' | '[' | ']' | 'f' | 't' => 0.28,
        '(' | ')' | '-' | 'r' | '"' | '⁰'..='⁹' | '¹' | '²' | '³' | '⁻' => 0.34,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.5,
        'm' | 'M' | 'W' | '%' | '@' => 0.87,
        'w' | 'C' | 'D' | 'H' | 'N' | 'R' | 'U' | 'G' | 'O' | 'Q' => 0.74,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' | '&' => 0.67,
        _ if character.is_ascii() || character.is_alphabetic() && (character as u32) < 0x2e80 => 0.56,
        _ if (character as u32) < 0x2e80 => 0.6,
        _ => 1.0, // Chinese, Japanese, Korean and pictures
    }
}

/// How wide `text` is at most, at this font size.
pub fn width(text: &str, size: f64) -> f64 {
    WIDEST * size * text.chars().map(width_of).sum::<f64>()
}

/// The text, shortened in its middle until it is at most so wide.
pub fn shortened(text: &str, size: f64, widest: f64) -> String {
    if text.is_empty() || width(text, size) <= widest {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let with = |kept: usize| {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let parts = [&characters[..head], &['…'], &characters[characters.len() - tail..]];
        parts.concat().into_iter().collect::<String>()
    };
    let kept = (1..characters.len()).rev().find(|kept| width(&with(*kept), size) <= widest);
    with(kept.unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shortened("theta", 12.0, 100.0), "theta");
        let short = shortened("a_very_long_parameter_name[school number 17]", 12.0, 110.0);
        assert!(width(&short, 12.0) <= 110.0 && short.starts_with("a_very") && short.ends_with("17]"), "{short}");
        assert_eq!(shortened("θθθθθθ", 12.0, 1.0), "θ…");
    }
}
