//! A panel: a plotting area with coordinates, and what can be drawn in it.

use super::axis::Axis;
use super::drawing::Place;
use super::lines;
use super::look::{Drawn, Side, Stroke, defect, label_style, units};
use super::palette::Colour;
use super::sheet::Sheet;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::Color;
use std::cell::RefCell;
use std::rc::Rc;

/// A plotting area with coordinates. What lies outside of them is not drawn.
pub struct Panel {
    area: DrawingArea<Sheet, Cartesian2d<Axis, Axis>>,
    sheet: Rc<RefCell<Sheet>>,
    /// The range across.
    pub x: (f64, f64),
    /// The range upwards.
    pub y: (f64, f64),
    /// Where it is in the drawing.
    pub place: Place,
}

impl Panel {
    pub(super) fn new(
        area: DrawingArea<Sheet, Cartesian2d<Axis, Axis>>,
        sheet: Rc<RefCell<Sheet>>,
        place: Place,
        (x, y): (&Axis, &Axis),
    ) -> Self {
        Panel { area, sheet, x: (x.low, x.high), y: (y.low, y.high), place }
    }

    /// A line through points, from left to right or not.
    pub fn line(&self, points: &[(f64, f64)], stroke: Stroke) -> Drawn {
        self.sheet.borrow_mut().dashed = stroke.dashed;
        let pieces = lines::within(points, self.x, self.y);
        let drawn = pieces.into_iter().try_for_each(|piece| self.area.draw(&PathElement::new(piece, stroke.style())));
        self.sheet.borrow_mut().dashed = false;
        drawn.map_err(defect)
    }

    /// A vertical line from bottom to top, if `x` is within.
    pub fn upright(&self, x: f64, stroke: Stroke) -> Drawn {
        self.line(&[(x, self.y.0), (x, self.y.1)], stroke)
    }

    /// A horizontal line from left to right, if `y` is within.
    pub fn level(&self, y: f64, stroke: Stroke) -> Drawn {
        self.line(&[(self.x.0, y), (self.x.1, y)], stroke)
    }

    /// Filled rectangles, each by its range across and its range upwards.
    pub fn bars(
        &self,
        bars: impl IntoIterator<Item = ((f64, f64), (f64, f64))>,
        colour: Colour,
        opacity: f64,
    ) -> Drawn {
        let style = colour.rgb().mix(opacity).filled();
        for (x, y) in bars {
            let (x, y) = (overlap(x, self.x), overlap(y, self.y));
            if let (Some(x), Some(y)) = (x, y) {
                self.area.draw(&Rectangle::new([(x.0, y.1), (x.1, y.0)], style)).map_err(defect)?;
            }
        }
        Ok(())
    }

    /// The area between two lines, given as (x, low, high).
    pub fn band(&self, band: &[(f64, f64, f64)], colour: Colour, opacity: f64) -> Drawn {
        let within = |y: f64| y.clamp(self.y.0, self.y.1);
        let band = band.iter().filter(|(x, _, _)| self.x.0 <= *x && *x <= self.x.1);
        let corners: Vec<(f64, f64)> = band
            .clone()
            .map(|(x, _, high)| (*x, within(*high)))
            .chain(band.rev().map(|(x, low, _)| (*x, within(*low))))
            .collect();
        if corners.len() < 4 {
            return Ok(());
        }
        self.area.draw(&Polygon::new(corners, colour.rgb().mix(opacity))).map_err(defect)
    }

    /// Round points of this diameter in pixels.
    pub fn dots(
        &self,
        points: impl IntoIterator<Item = (f64, f64)>,
        diameter: f64,
        colour: Colour,
        opacity: f64,
    ) -> Drawn {
        let style = colour.rgb().mix(opacity).filled();
        let inside = |(x, y): &(f64, f64)| self.x.0 <= *x && *x <= self.x.1 && self.y.0 <= *y && *y <= self.y.1;
        for point in points.into_iter().filter(inside) {
            self.area.draw(&Circle::new(point, units(diameter / 2.0), style)).map_err(defect)?;
        }
        Ok(())
    }

    /// A text at a point.
    pub fn text(&self, text: &str, (x, y): (f64, f64), side: Side, colour: Colour) -> Drawn {
        let style = label_style(colour).pos(side.anchor());
        let at = self.area.map_coordinate(&(x, y));
        self.area.use_screen_coord().draw_text(text, &style, at).map_err(defect)
    }
}

/// The common part of two ranges.
fn overlap(a: (f64, f64), b: (f64, f64)) -> Option<(f64, f64)> {
    let (low, high) = (a.0.max(b.0), a.1.min(b.1));
    (low < high).then_some((low, high))
}
