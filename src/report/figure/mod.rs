//! Figures: axes and coordinates by plotters, drawn as SVG by a backend of our own.

mod axis;
mod drawing;
mod lettering;
mod lines;
mod look;
mod palette;
mod panel;
mod sheet;

pub use axis::{Axis, padded};
pub use drawing::{Drawing, Place, Svg, left_room, right_room, room_below};
pub use lettering::{shortened, width};
pub use lines::{Stretch, stretches};
pub use look::{Drawn, Side, Stroke, Swatch};
pub use palette::{BLUE, Colour, GRID, ORANGE, QUIET, SHADE, TEXT, VERMILLION, series, variables};
pub use panel::Panel;
pub use sheet::escaped;

/// The width of a figure across the page, in pixels.
pub const WIDE: f64 = 960.0;
/// The width of one of two figures side by side.
pub const HALF: f64 = 472.0;

/// A figure and what it shows.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its name as a file, without `.svg`: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// What it shows, in a few words: `trace of mu`.
    pub title: String,
    /// What one has to know to read it; may be empty.
    pub caption: String,
    /// Whether it takes the whole width of the page.
    pub wide: bool,
    /// The drawing.
    pub svg: Svg,
}

impl Figure {
    /// A figure of `drawing`; `kind` and `of` make its name.
    pub fn new(kind: &str, of: &str, title: impl Into<String>, caption: impl Into<String>, drawing: Drawing) -> Self {
        let name = if of.is_empty() { kind.to_owned() } else { format!("{kind}-{}", file_name(of)) };
        let wide = drawing.size.0 > HALF;
        Figure { name, title: title.into(), caption: caption.into(), wide, svg: drawing.finish() }
    }
}

/// A part of a file's name for a quantity's: `theta[school A]` becomes `theta_school_A`.
pub fn file_name(of: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || "-.".contains(c) { c } else { '_' };
    let name: String = of.chars().map(kept).take(100).collect();
    let name = name.trim_matches(|c| c == '_' || c == '.');
    if name.is_empty() { "_".into() } else { name.into() }
}

/// A drawing with one panel, a legend above it where there is one.
pub fn single(
    (width, height): (f64, f64),
    x: impl FnOnce(f64) -> Axis,
    y: impl FnOnce(f64) -> Axis,
    legend: &[(String, Swatch)],
) -> Drawn<(Drawing, Panel)> {
    let drawing = Drawing::new(width, height);
    let top = if legend.is_empty() { 10.0 } else { 26.0 };
    let y = y(height - top - 42.0);
    let left = left_room(&y) + 2.0;
    let x = x(width - left - 16.0);
    let right = right_room(&x, width - left - 16.0).max(10.0);
    let place = Place { left, top, width: width - left - right, height: height - top - room_below(&x) - 2.0 };
    let panel = drawing.panel(place, &x, &y)?;
    drawing.legend(legend, width - right, 11.0)?;
    Ok((drawing, panel))
}
