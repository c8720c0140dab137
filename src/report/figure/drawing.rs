//! A drawing: panels, texts and a legend on a sheet.

use super::axis::{Axis, LABEL};
use super::lettering;
use super::look::{Drawn, Side, Stroke, Swatch, defect, label_style, text_style, units};
use super::palette::{self, Colour};
use super::panel::Panel;
use super::sheet::{Sheet, escaped, text_defaults};
use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::{Color, FontStyle};
use std::cell::RefCell;
use std::rc::Rc;

/// Room for an axis's name.
const NAME: f64 = 17.0;
/// The length of a tick.
const TICK: f64 = 4.0;
/// From the middle of a text to either side, it fits.
const HALF_LINE: f64 = 7.0;

/// A figure in the making: panels and texts on a sheet.
pub struct Drawing {
    sheet: Rc<RefCell<Sheet>>,
    /// Its size in pixels.
    pub size: (f64, f64),
}

/// A rectangle of a drawing, in pixels from its upper left corner.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The left edge.
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

/// A finished drawing.
#[derive(Clone, Debug)]
pub struct Svg {
    body: String,
    view_box: String,
    size: (f64, f64),
}

impl Svg {
    /// A file of its own, readable on white; `title` is for those who hear it.
    pub fn standalone(&self, title: &str) -> String {
        let (width, height) = self.size;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"{}\" {}>\
             <title>{}</title><rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>{}</svg>\n",
            self.view_box,
            text_defaults(),
            escaped(title),
            self.body
        )
    }

    /// An element of a page that sets the palette's CSS variables and the size.
    pub fn inline(&self, title: &str) -> String {
        let title = escaped(title);
        let body = palette::themed(&self.body);
        let width = self.size.0;
        format!(
            "<svg viewBox=\"{}\" style=\"max-width:{width}px\" role=\"img\" aria-label=\"{title}\">{body}</svg>",
            self.view_box
        )
    }
}

impl Drawing {
    /// An empty drawing of so many pixels.
    pub fn new(width: f64, height: f64) -> Self {
        Drawing { sheet: Rc::new(RefCell::new(Sheet::new(width, height))), size: (width, height) }
    }

    fn area(&self) -> DrawingArea<Sheet, Shift> {
        DrawingArea::from(&self.sheet)
    }

    /// What has been drawn.
    pub fn finish(self) -> Svg {
        let mut sheet = self.sheet.borrow_mut();
        Svg { body: sheet.finish(), view_box: sheet.view_box(), size: self.size }
    }

    /// A panel with its axes. `place` is that of the plotting area: labels and names stand outside of it.
    pub fn panel(&self, place: Place, x: &Axis, y: &Axis) -> Drawn<Panel> {
        let left = if y.ticks.is_empty() && y.name.is_empty() { 0.0 } else { left_room(y) };
        let below = if x.ticks.is_empty() && x.name.is_empty() { 0.0 } else { room_below(x) };
        let area = self.area().margin(
            units(place.top),
            units(self.size.1 - place.top - place.height - below),
            units(place.left - left),
            units(self.size.0 - place.left - place.width),
        );
        let mut chart = ChartBuilder::on(&area)
            .x_label_area_size(units(below))
            .y_label_area_size(units(left))
            .build_cartesian_2d(x.clone(), y.clone())
            .map_err(defect)?;
        let mut mesh = chart.configure_mesh();
        mesh.axis_style(Stroke::of(palette::QUIET, 1.0).style())
            .bold_line_style(Stroke::of(palette::GRID, 1.0).style())
            .max_light_lines(0)
            .label_style(label_style(palette::QUIET))
            .axis_desc_style(text_style(FontStyle::Normal, LABEL + 1.0, palette::TEXT))
            .set_all_tick_mark_size(units(TICK));
        if !x.grid {
            mesh.disable_x_mesh();
        }
        if !y.grid {
            mesh.disable_y_mesh();
        }
        if !x.name.is_empty() {
            mesh.x_desc(lettering::shortened(&x.name, LABEL + 1.0, place.width));
        }
        if !y.name.is_empty() {
            mesh.y_desc(lettering::shortened(&y.name, LABEL + 1.0, place.height + 2.0 * place.top.min(below) - 8.0));
        }
        mesh.draw().map_err(defect)?;
        drop(mesh);
        let area = chart.plotting_area().clone();
        Ok(Panel::new(area, Rc::clone(&self.sheet), place, (x, y)))
    }

    /// A text at a point of the drawing, in pixels.
    pub fn text(&self, text: &str, (x, y): (f64, f64), side: Side, colour: Colour) -> Drawn {
        let style = label_style(colour).pos(side.anchor());
        self.area().draw_text(text, &style, (units(x), units(y))).map_err(defect)
    }

    /// A heading in bold at a point of the drawing, in pixels.
    pub fn heading(&self, text: &str, (x, y): (f64, f64), side: Side) -> Drawn {
        let style = text_style(FontStyle::Bold, LABEL + 1.0, palette::TEXT).pos(side.anchor());
        self.area().draw_text(text, &style, (units(x), units(y))).map_err(defect)
    }

    /// What the colours stand for: a line of swatches with names that ends at the right edge `right`, `top` pixels from
    /// the top.
    pub fn legend(&self, entries: &[(String, Swatch)], right: f64, top: f64) -> Drawn {
        let mut x = right;
        for (name, swatch) in entries.iter().rev() {
            x -= lettering::width(name, LABEL);
            self.text(name, (x, top), Side::Right, palette::TEXT)?;
            x -= 5.0;
            if let Swatch::Line(stroke) = swatch {
                self.line(&[(x - 16.0, top), (x, top)], *stroke)?;
                x -= 16.0;
            } else if let Swatch::Dot(colour) = swatch {
                let dot = Circle::new((units(x - 3.0), units(top)), units(2.5), colour.rgb().filled());
                self.area().draw(&dot).map_err(defect)?;
                x -= 6.0;
            } else if let Swatch::Area(colour, opacity) = swatch {
                let corners = [(units(x - 11.0), units(top - 5.0)), (units(x), units(top + 5.0))];
                let style = colour.rgb().mix(*opacity).filled();
                self.area().draw(&Rectangle::new(corners, style)).map_err(defect)?;
                x -= 11.0;
            }
            x -= 13.0;
        }
        Ok(())
    }

    fn line(&self, points: &[(f64, f64)], stroke: Stroke) -> Drawn {
        self.sheet.borrow_mut().dashed = stroke.dashed;
        let points: Vec<(i32, i32)> = points.iter().map(|(x, y)| (units(*x), units(*y))).collect();
        let drawn = self.area().draw(&PathElement::new(points, stroke.style())).map_err(defect);
        self.sheet.borrow_mut().dashed = false;
        drawn
    }
}

/// How much room a vertical axis needs to the left of its panel.
pub fn left_room(y: &Axis) -> f64 {
    y.widest_label() + 2.0 * TICK + 4.0 + if y.name.is_empty() { 0.0 } else { NAME }
}

/// How much room a horizontal axis of this length needs to the right of its panel, where half of its last label is.
pub fn right_room(x: &Axis, length: f64) -> f64 {
    let overhang =
        |(at, label): &(f64, String)| lettering::width(label, LABEL) / 2.0 - length * (x.high - at) / (x.high - x.low);
    x.ticks.iter().map(overhang).fold(0.0, f64::max) + 4.0
}

/// How much room a horizontal axis needs below its panel.
pub fn room_below(x: &Axis) -> f64 {
    2.0 * TICK + 2.0 * HALF_LINE + if x.name.is_empty() { 0.0 } else { NAME }
}
