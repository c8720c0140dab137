//! Two quantities against each other: where draws are dense, for every pair of some.

use super::super::super::figure::{
    Axis, BLUE, Drawing, Drawn, Figure, Panel, Place, SHADE, Side, VERMILLION, WIDE, left_room, shortened,
};
use super::super::super::histogram::Extent;
use super::Subject;
use super::shades::shades;
use crate::error::Result;

/// So many quantities at most: more can't be read on a page.
pub const MOST: usize = 6;
/// So many draws of each are kept.
const KEPT: usize = 20_000;
/// Below so many draws each is a point, not a shade.
const POINTS: usize = 2_000;
/// Between panels.
const GAP: f64 = 10.0;
/// The width of a panel, at most.
const LARGEST: f64 = 220.0;
/// Cells across and upwards, of numbers that are not whole.
const CELLS: usize = 32;

/// A quantity that varies, and its range.
type Shown<'a> = (&'a Thinned, &'a Extent);

/// Some draws of a quantity: every so-manieth of each chain, the same for all quantities.
#[derive(Clone, Debug)]
pub struct Thinned {
    name: String,
    values: Vec<f64>,
    extent: Option<Extent>,
}

/// Every so-manieth draw, and the range of nearly all.
pub fn thinned(subject: &Subject<'_>) -> Thinned {
    let step = subject.draws.values.len().div_ceil(KEPT).max(1);
    let values = subject.draws.iter().flat_map(|chain| chain.iter().step_by(step)).copied().collect();
    let extent = Extent::of(&subject.sorted).map(|extent| extent.closer(&subject.sorted));
    Thinned { name: subject.name().to_owned(), values, extent }
}

/// The pair plot of these quantities, and what it leaves out.
#[derive(Debug)]
pub struct Pairs<'a> {
    /// The quantities, those that vary.
    pub quantities: &'a [&'a Thinned],
    /// Which of the draws that are kept are divergent.
    pub divergent: Option<Vec<bool>>,
    /// How many quantities are not in it.
    pub left_out: usize,
    /// How many draws there are of each.
    pub draws: usize,
}

/// Those of all draws that [`thinned`] keeps.
pub fn kept(all: &[bool], chains: usize) -> Vec<bool> {
    let step = all.len().div_ceil(KEPT).max(1);
    all.chunks((all.len() / chains.max(1)).max(1)).flat_map(|chain| chain.iter().step_by(step)).copied().collect()
}

impl Pairs<'_> {
    /// The figure; nothing for fewer than two quantities.
    pub fn figure(&self) -> Result<Option<Figure>> {
        let shown = self.quantities.iter().filter_map(|of| Some((*of, of.extent.as_ref()?)));
        let shown: Vec<Shown<'_>> = shown.take(MOST).collect();
        let n = shown.len();
        if n < 2 {
            return Ok(None);
        }
        let room =
            |extent| [100.0, 180.0, LARGEST].map(|cell| left_room(&up(extent, cell))).into_iter().fold(0.0, f64::max);
        let left = shown.iter().map(|(_, extent)| room(extent) + 20.0).fold(0.0, f64::max);
        let cell = ((WIDE - left - 10.0) / n as f64 - GAP).min(LARGEST);
        let across = n as f64 * (cell + GAP);
        let drawing = Drawing::new(left + across + 6.0, across + 44.0);
        for row in 0..n {
            for column in 0..=row {
                let step = cell + GAP;
                let (left, top) = (left + column as f64 * step, 6.0 + row as f64 * step);
                let place = Place { left, top, width: cell, height: cell };
                self.cell(&drawing, place, (shown[column], shown[row]), (column == 0, row + 1 == n))?;
            }
        }
        Ok(Some(Figure::new("pairs", "", "pairs of quantities", self.caption(n), drawing)))
    }

    /// A pair, or on the diagonal one quantity; axes are labelled at the left and the bottom only.
    fn cell(&self, drawing: &Drawing, place: Place, (x, y): (Shown<'_>, Shown<'_>), ends: (bool, bool)) -> Drawn {
        let x_axis = match ends.1 {
            true => Axis { name: shortened(&x.0.name, 12.0, place.width), ..across(x.1, place.width) },
            false => across(x.1, place.width).unlabelled(),
        };
        if std::ptr::eq(x.0, y.0) {
            return marginal(drawing, place, x, x_axis);
        }
        let y_axis = match ends.0 {
            true => Axis { name: shortened(&y.0.name, 12.0, place.height), ..up(y.1, place.height) },
            false => up(y.1, place.height).unlabelled(),
        };
        self.draw(&drawing.panel(place, &x_axis, &y_axis)?, x, y)
    }

    fn caption(&self, drawn: usize) -> String {
        let kept = self.quantities.first().map_or(0, |of| of.values.len());
        let mut caption = match kept < POINTS {
            true => String::new(),
            false => "The stronger the blue, the more draws (each shade about doubles their number). ".to_owned(),
        };
        if kept < self.draws {
            let step = self.draws.div_ceil(KEPT);
            caption += &format!("One of {step} draws of each chain. ");
        }
        if self.divergent.is_some() {
            caption += "Vermillion: divergent draws. ";
        }
        match self.left_out + self.quantities.len().saturating_sub(drawn) {
            0 => caption,
            left_out => caption + &format!("{left_out} further quantities are left out; --show names those to draw."),
        }
    }

    fn draw(&self, panel: &Panel, x: Shown<'_>, y: Shown<'_>) -> Drawn {
        let pairs = || x.0.values.iter().copied().zip(y.0.values.iter().copied());
        if x.0.values.len() < POINTS {
            panel.dots(pairs(), 2.4, BLUE, 0.55)?;
        } else {
            shades(panel, [x.1, y.1].map(cells), pairs())?;
        }
        let Some(divergent) = &self.divergent else { return Ok(()) };
        panel.dots(
            pairs().zip(divergent).filter(|(_, divergent)| **divergent).map(|(pair, _)| pair),
            3.0,
            VERMILLION,
            1.0,
        )
    }
}

fn across(extent: &Extent, length: f64) -> Axis {
    extent.axis(Axis::across("", extent.range.0, extent.range.1, length))
}

fn up(extent: &Extent, length: f64) -> Axis {
    extent.axis(Axis::up("", extent.range.0, extent.range.1, length)).with_grid(false)
}

/// A cell for each whole number, or as many as are wanted.
fn cells(extent: &Extent) -> usize {
    if extent.discrete { extent.edges.len() - 1 } else { CELLS }
}

/// On the diagonal: the histogram of the quantity, and its name.
fn marginal(drawing: &Drawing, place: Place, (of, extent): Shown<'_>, x: Axis) -> Drawn {
    let bars = extent.bars(&of.values);
    let top = bars.iter().map(|(_, height)| height.1).fold(0.0, f64::max);
    let panel = drawing.panel(place, &x, &Axis::bare(0.0, 1.25 * top))?;
    panel.bars(bars, SHADE, 1.0)?;
    let name = shortened(&of.name, 12.0, place.width - 6.0);
    drawing.heading(&name, (place.left + place.width / 2.0, place.top + 7.0), Side::Centre)
}
