//! Colours by what they stand for, on white paper and on a dark screen.
//!
//! The series are those of Okabe and Ito (2008), which readers with any colour vision can tell apart. Their yellow can't
//! be seen on white; two darker colours of other lightness take the place of it and of black.

use plotters::style::RGBColor;
use std::fmt::Write as _;

/// A colour of the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// The name of its CSS variable, without the dashes.
    name: &'static str,
    /// On white paper.
    light: u32,
    /// On a dark screen.
    dark: u32,
}

const fn colour(name: &'static str, light: u32, dark: u32) -> Colour {
    Colour { name, light, dark }
}

/// Text, and lines that matter as much.
pub const TEXT: Colour = colour("text", 0x1b1f24, 0xe6e8eb);
/// Text and axes that step back.
pub const QUIET: Colour = colour("quiet", 0x59616b, 0xa3abb5);
/// Lines that guide the eye.
pub const GRID: Colour = colour("grid", 0xe3e6ea, 0x32373e);
/// What lies behind the lines: pooled histograms, ranges.
pub const SHADE: Colour = colour("shade", 0xc9cfd6, 0x4a515b);
/// The paper.
pub const PAPER: Colour = colour("paper", 0xffffff, 0x16191d);

/// The colours of chains and other series, in the order in which they are given out.
pub const SERIES: [Colour; 8] = [
    colour("blue", 0x0072b2, 0x4aa3df),
    colour("orange", 0xe69f00, 0xf0b840),
    colour("green", 0x009e73, 0x2fc69a),
    colour("purple", 0xcc79a7, 0xe09cc3),
    colour("vermillion", 0xd55e00, 0xf07a33),
    colour("sky", 0x56b4e9, 0x9fd8f7),
    colour("wine", 0x882255, 0xc76a98),
    colour("graphite", 0x4d4d4d, 0xbdbdbd),
];
/// One series alone.
pub const BLUE: Colour = SERIES[0];
/// What needs attention: a threshold, a prior, a divergent draw.
pub const VERMILLION: Colour = SERIES[4];
/// A second thing beside blue.
pub const ORANGE: Colour = SERIES[1];

/// The colour of series number `index`; after eight they begin again.
pub fn series(index: usize) -> Colour {
    SERIES[index % SERIES.len()]
}

impl Colour {
    /// As plotters wants it, and as a file that stands alone has it.
    pub fn rgb(self) -> RGBColor {
        let [_, red, green, blue] = self.light.to_be_bytes();
        RGBColor(red, green, blue)
    }

    /// What a style sheet calls it.
    pub fn variable(self) -> String {
        format!("var(--{})", self.name)
    }
}

fn all() -> impl Iterator<Item = Colour> {
    [TEXT, QUIET, GRID, SHADE, PAPER].into_iter().chain(SERIES)
}

/// The colour values of a drawing replaced by CSS variables, for a page that sets them.
pub fn themed(svg: &str) -> String {
    all().fold(svg.to_owned(), |svg, colour| {
        svg.replace(&format!("\"#{:06x}\"", colour.light), &format!("\"{}\"", colour.variable()))
    })
}

/// The CSS variables, on white paper or on a dark screen.
pub fn variables(dark: bool) -> String {
    all().fold(String::new(), |mut css, colour| {
        let _ = write!(css, "--{}:#{:06x};", colour.name, if dark { colour.dark } else { colour.light });
        css
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_themed_colour_by_colour() {
        assert_eq!(
            themed(r##"<a fill="#0072b2" stroke="#123456"/>"##),
            r##"<a fill="var(--blue)" stroke="#123456"/>"##
        );
        // No colour value stands for two things.
        let values: std::collections::BTreeSet<u32> = all().map(|colour| colour.light).collect();
        assert_eq!(values.len(), all().count());
    }

    /// Relative luminance and contrast as in WCAG 2.1.
    fn contrast(a: u32, b: u32) -> f64 {
        let luminance = |colour: u32| {
            let [_, red, green, blue] = colour.to_be_bytes().map(|channel| {
                let c = f64::from(channel) / 255.0;
                if c <= 0.03928 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn text_and_lines_stand_out_from_the_paper() {
        for (colour, least) in [(TEXT, 12.0), (QUIET, 5.0)].into_iter().chain(SERIES.map(|colour| (colour, 2.0))) {
            assert!(contrast(colour.light, PAPER.light) > least, "{} on white", colour.name);
            assert!(contrast(colour.dark, PAPER.dark) > least, "{} on the dark", colour.name);
        }
    }
}
