//! The replicates with estimate and intervals, and against the normal distribution.

use super::super::figure::{
    Axis, BLUE, Drawing, Figure, HALF, Panel, Place, QUIET, SHADE, Side, Stroke, Swatch, TEXT, VERMILLION, WIDE,
    left_room, padded, room_below, single, width,
};
use super::super::histogram::{Extent, quantile, sorted};
use super::super::number::count;
use super::read::{Bounds, Statistic};
use crate::distribution::normal_quantile;
use crate::error::Result;
use crate::store::Reader;

/// The height of an interval below a histogram.
const ROW: f64 = 18.0;
/// So many intervals are drawn.
const MOST: usize = 24;
/// Points of a quantile plot.
const POINTS: usize = 400;

/// The figures of a statistic.
///
/// # Errors
/// If replicates can't be read.
pub fn of(reader: &Reader, statistic: &Statistic) -> Result<Vec<Figure>> {
    let replicates = match statistic.replicates {
        0 => Vec::new(),
        _ => reader.values::<f64>(&format!("replicates/{}", statistic.name))?,
    };
    let ordered = sorted(&replicates);
    let extent = Extent::of(&ordered);
    let mut figures: Vec<Figure> = histogram(statistic, &replicates, extent.as_ref())?.into_iter().collect();
    if extent.is_some() {
        figures.push(quantiles(statistic, &ordered)?);
    }
    Ok(figures)
}

/// The histogram of the replicates, the estimate, and below them the intervals, each with its method.
fn histogram(statistic: &Statistic, replicates: &[f64], extent: Option<&Extent>) -> Result<Option<Figure>> {
    let intervals = &statistic.intervals[..statistic.intervals.len().min(MOST)];
    let finite = |x: &f64| x.is_finite();
    let ends = intervals.iter().flat_map(|bounds| [bounds.low, bounds.high]).chain([statistic.estimate]).filter(finite);
    let start = extent.map_or((f64::INFINITY, f64::NEG_INFINITY), |extent| extent.range);
    let ends = ends.fold(start, |(low, high), end| (low.min(end), high.max(end)));
    if !ends.0.is_finite() {
        return Ok(None);
    }
    let (low, high) = padded(ends, 0.02);
    let above: f64 = if extent.is_some() { 210.0 } else { 0.0 };
    let below = ROW * intervals.len() as f64 + 8.0;
    let bars = extent.map(|extent| extent.bars(replicates)).unwrap_or_default();
    let top = bars.iter().map(|(_, height)| height.1).fold(0.0, f64::max);
    let name = if extent.is_some_and(|extent| extent.discrete) { "share" } else { "density" };
    let y = Axis::up(name, 0.0, 1.05 * top, above.max(40.0));
    let names: Vec<String> = intervals.iter().map(Bounds::name).collect();
    let left = names.iter().map(|name| width(name, 11.0)).fold(left_room(&y), f64::max) + 14.0;
    let x = Axis::across(statistic.name.as_str(), low, high, WIDE - left - 16.0);
    let gap = if extent.is_some() { 10.0 } else { 0.0 };
    let drawing = Drawing::new(WIDE, 26.0 + above + gap + below + room_below(&x) + 2.0);
    let place = Place { left, top: 26.0, width: WIDE - left - 16.0, height: above };
    if extent.is_some() {
        let bare = Axis { ticks: Vec::new(), name: String::new(), ..x.clone() };
        let panel = drawing.panel(place, &bare, &y)?;
        panel.bars(bars, SHADE, 1.0)?;
        panel.upright(statistic.estimate, Stroke::of(BLUE, 1.6))?;
        panel.upright(statistic.estimate + statistic.bias, Stroke::of(VERMILLION, 1.4).dashed())?;
    }
    let place = Place { top: 26.0 + above + gap, height: below, ..place };
    let rows = Axis { ticks: Vec::new(), ..Axis::rows("", &names, 200.0) };
    let panel = drawing.panel(place, &x, &rows)?;
    panel.upright(statistic.estimate, Stroke::of(BLUE, 1.6))?;
    draw_intervals(&drawing, &panel, intervals)?;
    let mut legend = vec![("estimate".to_owned(), Swatch::Line(Stroke::of(BLUE, 1.6)))];
    if extent.is_some() {
        legend.push(("mean of the replicates".into(), Swatch::Line(Stroke::of(VERMILLION, 1.4).dashed())));
    }
    drawing.legend(&legend, WIDE - 16.0, 11.0)?;
    let mut caption = match extent {
        Some(extent) => {
            format!("Grey: {} replicates.{}", count(extent.count as u64), extent.note("replicate", "replicates"))
        }
        None => String::new(),
    };
    if statistic.intervals.len() > MOST {
        caption += &format!(" The first {MOST} of {} intervals.", statistic.intervals.len());
    }
    let title = format!("replicates and intervals of {}", statistic.name);
    Ok(Some(Figure::new("replicates", &statistic.name, title, caption, drawing)))
}

/// A bar for each interval; an end that is infinite leaves the panel.
fn draw_intervals(drawing: &Drawing, panel: &Panel, intervals: &[Bounds]) -> Result<()> {
    for (row, bounds) in intervals.iter().enumerate() {
        let y = -(row as f64);
        let middle = panel.place.top + panel.place.height * (row as f64 + 0.5) / intervals.len() as f64;
        drawing.text(&bounds.name(), (panel.place.left - 10.0, middle), Side::Left, QUIET)?;
        let (low, high) = (bounds.low.max(panel.x.0), bounds.high.min(panel.x.1));
        if bounds.low.is_nan() || bounds.high.is_nan() {
            panel.text("does not exist", (0.5 * (panel.x.0 + panel.x.1), y), Side::Centre, QUIET)?;
            continue;
        }
        panel.line(&[(low, y), (high, y)], Stroke::of(TEXT, 2.0))?;
        let tips = [bounds.low, bounds.high].into_iter().filter(|end| end.is_finite());
        tips.into_iter().try_for_each(|end| panel.line(&[(end, y - 0.25), (end, y + 0.25)], Stroke::of(TEXT, 2.0)))?;
    }
    Ok(())
}

/// The quantiles of the replicates against those of the normal distribution: a straight line if they are normal.
fn quantiles(statistic: &Statistic, sorted: &[f64]) -> Result<Figure> {
    let n = sorted.len();
    let all: Vec<usize> = if n <= POINTS { (0..n).collect() } else { chosen(n) };
    let points: Vec<(f64, f64)> =
        all.into_iter().map(|at| (normal_quantile((at as f64 + 0.5) / n as f64), sorted[at])).collect();
    // Through the quartiles, as R's qqline.
    let slope = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / (2.0 * normal_quantile(0.75));
    let middle = 0.5 * (quantile(sorted, 0.75) + quantile(sorted, 0.25));
    let reach = points.last().map_or(3.0, |point| point.0) + 0.2;
    let (low, high) = padded((sorted[0], sorted[n - 1]), 0.03);
    let x = |width| Axis::across("normal quantile", -reach, reach, width);
    let y = |height| Axis::up(format!("replicates of {}", statistic.name), low, high, height);
    let (drawing, panel) = single((HALF, 300.0), x, y, &[])?;
    panel.line(&[(-reach, middle - reach * slope), (reach, middle + reach * slope)], Stroke::of(TEXT, 1.0).dashed())?;
    panel.dots(points, 3.0, BLUE, 1.0)?;
    let caption = "Dashed: a normal distribution with the same quartiles.";
    let title = format!("normal quantiles of {}", statistic.name);
    Ok(Figure::new("quantiles", &statistic.name, title, caption, drawing))
}

/// Order statistics that are evenly spaced on the normal scale: all of the tails, few of the middle.
fn chosen(n: usize) -> Vec<usize> {
    let end = normal_quantile(0.5 / n as f64);
    let place = |at: usize| {
        let z = end - 2.0 * end * at as f64 / (POINTS - 1) as f64;
        (crate::distribution::normal_cdf(z) * n as f64) as usize
    };
    let mut chosen: Vec<usize> = (0..POINTS).map(place).map(|at| at.min(n - 1)).collect();
    chosen.dedup();
    chosen
}
