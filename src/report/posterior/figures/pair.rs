//! Two quantities against each other: where draws are dense, for every pair of some.

use super::super::super::figure::{
    Axis, BLUE, Drawing, Figure, Panel, Place, SHADE, Side, VERMILLION, WIDE, left_room, shortened,
};
use super::super::super::histogram::Extent;
use super::Subject;
use crate::error::Result;

/// So many quantities at most: more can't be read on a page.
pub const MOST: usize = 6;
/// So many draws of each are kept.
const KEPT: usize = 20_000;
/// Below so many draws each is a point, not a shade.
const POINTS: usize = 2_000;
/// The width of a panel, at most.
const LARGEST: f64 = 220.0;
/// Cells across and upwards.
const CELLS: usize = 32;
/// Shades of the density.
const SHADES: usize = 6;

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
        let varying: Vec<(&Thinned, &Extent)> =
            self.quantities.iter().filter_map(|of| Some((*of, of.extent.as_ref()?))).take(MOST).collect();
        if varying.len() < 2 {
            return Ok(None);
        }
        let n = varying.len();
        let gap = 10.0;
        let room = |extent: &Extent| {
            [100.0, 180.0, LARGEST].map(|cell| left_room(&up(extent, cell))).into_iter().fold(0.0, f64::max)
        };
        let labels = varying.iter().map(|(_, extent)| room(extent) + 20.0).fold(0.0, f64::max);
        let cell = ((WIDE - labels - 10.0) / n as f64 - gap).min(LARGEST);
        let height = n as f64 * (cell + gap) + 44.0;
        let drawing = Drawing::new(labels + n as f64 * (cell + gap) + 6.0, height);
        for row in 0..n {
            for column in 0..=row {
                let place = Place {
                    left: labels + column as f64 * (cell + gap),
                    top: 22.0 + row as f64 * (cell + gap) - 16.0,
                    width: cell,
                    height: cell,
                };
                let (x, y) = (varying[column], varying[row]);
                let x_axis = across(x.1, cell, if row + 1 == n { &x.0.name } else { "" });
                let x_axis = if row + 1 == n { x_axis } else { x_axis.unlabelled() };
                if row == column {
                    marginal(&drawing, place, x, x_axis)?;
                    continue;
                }
                let y_axis = up(y.1, cell);
                let y_axis = match column {
                    0 => Axis { name: shortened(&y.0.name, 12.0, cell), ..y_axis },
                    _ => y_axis.unlabelled(),
                };
                let panel = drawing.panel(place, &x_axis, &y_axis)?;
                self.draw(&panel, (&x.0.values, &y.0.values))?;
            }
        }
        Ok(Some(Figure::new("pairs", "", "pairs of quantities", self.caption(n), drawing)))
    }

    fn caption(&self, drawn: usize) -> String {
        let kept = self.quantities.first().map_or(0, |of| of.values.len());
        let mut caption = match kept < POINTS {
            true => String::new(),
            false => "The darker, the more draws (each shade about doubles their number). ".to_owned(),
        };
        if kept < self.draws {
            let step = self.draws.div_ceil(KEPT);
            caption += &format!("Every {step}th draw of each chain. ");
        }
        if self.divergent.is_some() {
            caption += "Vermillion: divergent draws. ";
        }
        match self.left_out + self.quantities.len().saturating_sub(drawn) {
            0 => caption,
            left_out => caption + &format!("{left_out} further quantities are left out; --show names those to draw."),
        }
    }

    fn draw(&self, panel: &Panel, (xs, ys): (&[f64], &[f64])) -> Result<()> {
        let pairs = || xs.iter().copied().zip(ys.iter().copied());
        if xs.len() < POINTS {
            panel.dots(pairs(), 2.4, BLUE, 0.55)?;
        } else {
            shades(panel, pairs())?;
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

fn across(extent: &Extent, length: f64, name: &str) -> Axis {
    Axis::across(shortened(name, 12.0, length), extent.range.0, extent.range.1, length)
}

fn up(extent: &Extent, length: f64) -> Axis {
    Axis::up("", extent.range.0, extent.range.1, length).with_grid(false)
}

/// On the diagonal: the histogram of the quantity, and its name.
fn marginal(drawing: &Drawing, place: Place, (of, extent): (&Thinned, &Extent), x: Axis) -> Result<()> {
    let bars = extent.bars(&of.values);
    let top = bars.iter().map(|(_, height)| height.1).fold(0.0, f64::max);
    let panel = drawing.panel(place, &x, &Axis::bare(0.0, 1.25 * top))?;
    panel.bars(bars, SHADE, 1.0)?;
    let name = shortened(&of.name, 12.0, place.width - 6.0);
    drawing.heading(&name, (place.left + place.width / 2.0, place.top + 7.0), Side::Centre)
}

/// Cells, the more opaque the more pairs are in them.
fn shades(panel: &Panel, pairs: impl Iterator<Item = (f64, f64)>) -> Result<()> {
    let size = [panel.x, panel.y].map(|(low, high)| (high - low) / CELLS as f64);
    let mut counts = vec![0u32; CELLS * CELLS];
    for (x, y) in pairs {
        let (column, row) = ((x - panel.x.0) / size[0], (y - panel.y.0) / size[1]);
        if (0.0..=CELLS as f64).contains(&column) && (0.0..=CELLS as f64).contains(&row) {
            counts[(row as usize).min(CELLS - 1) * CELLS + (column as usize).min(CELLS - 1)] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    for shade in 0..SHADES {
        // The densest cells have the last shade; half as many draws, the one before.
        let in_shade =
            |count: &u32| *count > 0 && shade == SHADES - 1 - ((most / count).ilog2() as usize).min(SHADES - 1);
        let runs = runs(&counts, in_shade).into_iter().map(|(row, from, to)| {
            let edge = |number: usize, axis: usize| [panel.x.0, panel.y.0][axis] + number as f64 * size[axis];
            ((edge(from, 0), edge(to, 0)), (edge(row, 1), edge(row + 1, 1)))
        });
        panel.bars(runs, BLUE, 0.1 + 0.9 * (shade as f64 / (SHADES - 1) as f64))?;
    }
    Ok(())
}

/// Neighbouring cells of a row that are wanted, as (row, first column, column after the last).
fn runs(counts: &[u32], is_wanted: impl Fn(&u32) -> bool) -> Vec<(usize, usize, usize)> {
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for (cell, _) in counts.iter().enumerate().filter(|(_, count)| is_wanted(count)) {
        let (row, column) = (cell / CELLS, cell % CELLS);
        match runs.last_mut() {
            Some((last_row, _, end)) if (*last_row, *end) == (row, column) => *end += 1,
            _ => runs.push((row, column, column + 1)),
        }
    }
    runs
}
