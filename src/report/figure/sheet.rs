//! The sheet that plotters draws on: SVG, written for small pages.
//!
//! plotters counts in whole pixels, so the sheet is ten times finer than what is shown. Neighbouring shapes of one look
//! become one path, in relative coordinates: a histogram or ten thousand points is one element.

use super::lettering;
use super::palette::TEXT;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};
use plotters_backend::{FontStyle, FontTransform};
use std::convert::Infallible;
use std::fmt::Write as _;

/// Units of the sheet in a pixel of the page.
pub const FINE: f64 = 10.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A drawing in the making.
#[derive(Debug)]
pub struct Sheet {
    /// Width and height, in units.
    size: (u32, u32),
    body: String,
    /// What has been drawn in one look and is not in the body yet.
    pending: Option<(Look, String)>,
    /// Whether lines are dashed from now on.
    pub dashed: bool,
}

/// What the shapes of a path have in common.
#[derive(Debug, PartialEq)]
enum Look {
    Line { colour: String, width: u32, dashed: bool },
    Area { colour: String },
    Dots { colour: String, diameter: u32 },
}

impl Sheet {
    /// An empty sheet of so many pixels.
    pub fn new(width: f64, height: f64) -> Self {
        let size = ((width * FINE) as u32, (height * FINE) as u32);
        Sheet { size, body: String::new(), pending: None, dashed: false }
    }

    /// What has been drawn: elements that stand within an `<svg>` whose view box is [`view_box`](Self::view_box).
    pub fn finish(&mut self) -> String {
        self.flush();
        std::mem::take(&mut self.body)
    }

    /// The view box, in units.
    pub fn view_box(&self) -> String {
        format!("0 0 {} {}", self.size.0, self.size.1)
    }

    fn flush(&mut self) {
        let Some((look, path)) = self.pending.take() else { return };
        let _ = match look {
            Look::Line { colour, width, dashed } => {
                let dashes = if dashed { " stroke-dasharray=\"50 30\"" } else { "" };
                write!(self.body, "<path stroke={colour} stroke-width=\"{width}\"{dashes} fill=\"none\" d=\"{path}\"/>")
            }
            Look::Area { colour } => write!(self.body, "<path fill={colour} d=\"{path}\"/>"),
            Look::Dots { colour, diameter } => {
                write!(
                    self.body,
                    "<path stroke={colour} stroke-width=\"{diameter}\" stroke-linecap=\"round\" d=\"{path}\"/>"
                )
            }
        };
    }

    /// The path to which the next shape of this look belongs.
    fn path(&mut self, look: Look) -> &mut String {
        if self.pending.as_ref().is_none_or(|(pending, _)| *pending != look) {
            self.flush();
        }
        &mut self.pending.get_or_insert_with(|| (look, String::new())).1
    }
}

/// A colour as the value of an attribute, and after it its opacity.
fn paint(colour: BackendColor, opacity: &str) -> String {
    let (red, green, blue) = colour.rgb;
    match colour.alpha {
        alpha if alpha >= 1.0 => format!("\"#{red:02x}{green:02x}{blue:02x}\""),
        alpha => format!("\"#{red:02x}{green:02x}{blue:02x}\" {opacity}=\"{}\"", (alpha * 100.0).round() / 100.0),
    }
}

/// A corner after corner, the first absolute, the others relative to the one before.
fn polyline(path: &mut String, points: impl IntoIterator<Item = BackendCoord>) {
    let mut last: Option<BackendCoord> = None;
    for (number, (x, y)) in points.into_iter().enumerate() {
        let (dx, dy) = last.map_or((x, y), |(last_x, last_y)| (x - last_x, y - last_y));
        match number {
            0 => path.push('M'),
            1 => path.push('l'),
            _ if dx >= 0 => path.push(' '),
            _ => {}
        }
        let _ = write!(path, "{dx}{}{dy}", if dy < 0 { "" } else { " " });
        last = Some((x, y));
    }
}

impl DrawingBackend for Sheet {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if !fill {
            return self.draw_path([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], style);
        }
        let path = self.path(Look::Area { colour: paint(style.color(), "fill-opacity") });
        let _ = write!(path, "M{left} {top}H{right}V{bottom}H{left}z");
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let colour = paint(style.color(), "stroke-opacity");
        let look = Look::Line { colour, width: style.stroke_width(), dashed: self.dashed };
        polyline(self.path(look), path);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, _fill: bool) -> Drawn {
        // A line of no length with round ends.
        let path = self.path(Look::Dots { colour: paint(style.color(), "stroke-opacity"), diameter: 2 * radius });
        let _ = write!(path, "M{x} {y}h0");
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Drawn {
        let path = self.path(Look::Area { colour: paint(style.color(), "fill-opacity") });
        polyline(path, corners);
        path.push('z');
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        self.flush();
        let anchor = style.anchor();
        let place = match anchor.h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        // From the anchor down to the base line; digits and capitals are 0.72 high.
        let down = style.size()
            * match anchor.v_pos {
                VPos::Top => 0.86,
                VPos::Center => 0.36,
                VPos::Bottom => -0.22,
            };
        let turn = match style.transform() {
            FontTransform::None => None,
            FontTransform::Rotate90 => Some(90),
            FontTransform::Rotate180 => Some(180),
            FontTransform::Rotate270 => Some(270),
        };
        let place = match turn {
            None => format!("x=\"{x}\" y=\"{}\"{place}", y + down.round() as i32),
            Some(turn) => format!("transform=\"translate({x} {y}) rotate({turn})\" y=\"{}\"{place}", down.round()),
        };
        let weight = if matches!(style.style(), FontStyle::Bold) { " font-weight=\"bold\"" } else { "" };
        let (size, colour) = (style.size().round(), paint(style.color(), "fill-opacity"));
        let _ = write!(self.body, "<text {place} font-size=\"{size}\"{weight} fill={colour}>{}</text>", escaped(text));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((lettering::width(text, style.size()) as u32, style.size() as u32))
    }
}

/// The text with the characters replaced that mean something in XML or HTML, those left out that can't stand in either.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(character),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The default look of text: set once, on the drawing.
pub fn text_defaults() -> String {
    format!("font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\" stroke-linejoin=\"round\" fill={}", {
        let plotters::style::RGBColor(red, green, blue) = TEXT.rgb();
        format!("\"#{red:02x}{green:02x}{blue:02x}\"")
    })
}
