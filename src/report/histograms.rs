//! Histograms of several groups, one below the other over one axis.

use super::figure::{Axis, Drawing, Figure, Place, QUIET, Side, TEXT, WIDE, left_room, right_room, room_below, series};
use super::histogram::{Extent, sorted};
use super::number::count;
use crate::error::{Error, Result};

/// The height of a group's panel.
const PANEL: f64 = 110.0;
/// Between two panels.
const GAP: f64 = 30.0;

/// A histogram of each group of numbers, by its name, over one axis that is named `of`.
///
/// # Errors
/// When there are not two different numbers in all groups together, or it can't be drawn.
///
/// ```
/// let groups = [("first".to_owned(), vec![1.0, 2.0, 2.5]), ("second".to_owned(), vec![1.5, 2.2])];
/// let figure = ensample::report::histograms("mu", &groups)?;
/// assert_eq!(figure.name, "histograms-mu");
/// # Ok::<(), ensample::Error>(())
/// ```
pub fn histograms(of: &str, groups: &[(String, Vec<f64>)]) -> Result<Figure> {
    let all = sorted(&groups.iter().flat_map(|(_, values)| values).copied().collect::<Vec<f64>>());
    let extent = Extent::of(&all).ok_or_else(|| Error::other(format!("there are no two different values of {of}")))?;
    // The height of a bar is a number of values.
    let bars: Vec<_> = groups
        .iter()
        .map(|(_, values)| {
            let bins = extent.edges.windows(2).map(|edges| (edges[0], edges[1]));
            let number = |(low, high): (f64, f64)| values.iter().filter(|x| **x >= low && **x < high).count();
            bins.map(|bin| (bin, (0.0, number(bin) as f64))).collect::<Vec<_>>()
        })
        .collect();
    let highest = bars.iter().flatten().map(|(_, height)| height.1).fold(1.0, f64::max);
    let y = Axis::up("number", 0.0, 1.08 * highest, PANEL).whole();
    let left = left_room(&y) + 2.0;
    let across = || extent.axis(Axis::across(of, extent.range.0, extent.range.1, WIDE - left - 16.0));
    let right = right_room(&across(), WIDE - left - 16.0).max(10.0);
    let height = groups.len() as f64 * (PANEL + GAP) + room_below(&across());
    let drawing = Drawing::new(WIDE, height);
    for (at, ((name, values), bars)) in groups.iter().zip(&bars).enumerate() {
        let top = GAP - 8.0 + at as f64 * (PANEL + GAP);
        let place = Place { left, top, width: WIDE - left - right, height: PANEL };
        // Only the last one says what the axis is.
        let x = if at + 1 == groups.len() { across() } else { across().unlabelled() };
        let panel = drawing.panel(place, &x, &Axis::up("number", 0.0, 1.08 * highest, PANEL).whole())?;
        panel.bars(bars.iter().copied(), series(at), 1.0)?;
        drawing.text(name, (left, top - 9.0), Side::Right, TEXT)?;
        let number = format!("{} values", count(values.len() as u64));
        drawing.text(&number, (WIDE - right, top - 9.0), Side::Left, QUIET)?;
    }
    let note = extent.note("value", "values");
    Ok(Figure::new("histograms", of, format!("{of} by group"), note.trim(), drawing))
}
