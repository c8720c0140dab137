//! How lines and texts look.

use super::axis::LABEL;
use super::palette::Colour;
use super::sheet::FINE;
use crate::error::{Error, Result};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};

/// The result of drawing. It is an error only by a defect, of plotters or of what draws.
pub type Drawn<T = ()> = Result<T>;

/// Where a text stands relative to the point that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// To its right.
    Right,
    /// To its left.
    Left,
    /// Around it.
    Centre,
}

/// A line's look.
#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    /// Its colour.
    pub colour: Colour,
    /// Its width in pixels.
    pub width: f64,
    /// From 0 to 1.
    pub opacity: f64,
    /// Whether it is dashed.
    pub dashed: bool,
}

impl Stroke {
    /// An opaque line.
    pub fn of(colour: Colour, width: f64) -> Self {
        Stroke { colour, width, opacity: 1.0, dashed: false }
    }

    /// The same, dashed.
    pub fn dashed(self) -> Self {
        Stroke { dashed: true, ..self }
    }

    /// The same, less opaque.
    pub fn faint(self, opacity: f64) -> Self {
        Stroke { opacity, ..self }
    }

    pub(super) fn style(self) -> ShapeStyle {
        let width = (self.width * FINE).round() as u32;
        ShapeStyle { color: self.colour.rgb().mix(self.opacity), filled: false, stroke_width: width }
    }
}

/// The picture beside a name in a legend.
#[derive(Clone, Copy, Debug)]
pub enum Swatch {
    /// A line.
    Line(Stroke),
    /// An area of this colour and opacity.
    Area(Colour, f64),
    /// A point.
    Dot(Colour),
    /// No picture: a word that goes before the others.
    None,
}

/// Pixels as units of the sheet.
pub(super) fn units(pixels: f64) -> i32 {
    (pixels * FINE).round() as i32
}

/// That of tick labels.
pub(super) fn label_style(colour: Colour) -> TextStyle<'static> {
    text_style(FontStyle::Normal, LABEL, colour)
}

/// A sans-serif text.
pub(super) fn text_style(style: FontStyle, size: f64, colour: Colour) -> TextStyle<'static> {
    let mut text = TextStyle::from(FontDesc::new(FontFamily::SansSerif, size * FINE, style));
    text.color = colour.rgb().to_backend_color();
    text
}

/// An error of plotters as one of ours.
pub(super) fn defect(error: impl std::fmt::Display) -> Error {
    Error::other(format!("a figure could not be drawn: {error}"))
}

impl Side {
    pub(super) fn anchor(self) -> Pos {
        match self {
            Side::Right => Pos::new(HPos::Left, VPos::Center),
            Side::Left => Pos::new(HPos::Right, VPos::Center),
            Side::Centre => Pos::new(HPos::Center, VPos::Center),
        }
    }
}
