//! How near the accepted simulations came to the data: their distances, or their differences in each summary.

use super::super::figure::{Axis, Figure, HALF, SHADE, Stroke, Swatch, TEXT, VERMILLION, padded, single};
use super::super::histogram::{Extent, sorted};
use super::super::{Section, number};
use super::RunFile;
use crate::error::Result;
use crate::store::Reader;

/// So many summaries are drawn.
const MOST: usize = 12;
/// So many draws are read for a histogram.
const READ: usize = 1_000_000;

/// The figures; nothing if the file holds neither distances nor differences.
///
/// # Errors
/// If they can't be read.
pub fn section(reader: &Reader, run_file: &RunFile) -> Result<Option<Section>> {
    let mut figures = Vec::new();
    let mut note = String::new();
    if reader.has_variable("sample_stats/distance") {
        let draws = reader.shape("sample_stats/distance")?[1].min(READ);
        let distances = reader.numbers("sample_stats/distance", &[0..1, 0..draws])?;
        let tolerance = run_file.distance.as_ref().and_then(|distance| distance.tolerance);
        figures.extend(histogram(
            "distance",
            "distance",
            &distances,
            &[tolerance].into_iter().flatten().collect::<Vec<_>>(),
        )?);
    }
    if reader.has_variable("sample_stats/difference") {
        let shape = reader.shape("sample_stats/difference")?;
        let names = reader.labels("sample_stats/summary")?;
        for (summary, name) in names.iter().enumerate().take(MOST) {
            let block = [0..1, 0..shape[1].min(READ), summary..summary + 1];
            let differences = reader.numbers("sample_stats/difference", &block)?;
            let tolerance =
                run_file.tolerance.get(name).map(|tolerance| vec![-tolerance, *tolerance]).unwrap_or_default();
            let axis = format!("{name}: simulated minus observed");
            figures.extend(histogram(name, &axis, &differences, &tolerance)?);
        }
        if names.len() > MOST {
            note = format!("The first {MOST} of {} summaries.", number::count(names.len() as u64));
        }
    }
    Ok((!figures.is_empty()).then_some(Section::new("How near the accepted simulations came", note, figures)))
}

fn histogram(name: &str, axis: &str, values: &[f64], tolerance: &[f64]) -> Result<Option<Figure>> {
    let Some(extent) = Extent::of(&sorted(values)) else { return Ok(None) };
    let bars = extent.bars(values);
    let top = bars.iter().map(|(_, height)| height.1).fold(0.0, f64::max);
    let ends = tolerance.iter().copied().filter(|end| {
        // A tolerance that is far from all draws would make them a spike.
        (extent.range.0 - end).abs().min((extent.range.1 - end).abs()) < 2.0 * (extent.range.1 - extent.range.0)
    });
    let (low, high) = ends.fold(extent.range, |(low, high), end| (low.min(end), high.max(end)));
    let (low, high) = padded((low, high), 0.02);
    let x = |width| Axis::across(axis, low, high, width);
    let y = |height| Axis::up(if extent.discrete { "share" } else { "density" }, 0.0, 1.05 * top, height);
    let line = Stroke::of(VERMILLION, 1.4).dashed();
    let legend = if tolerance.is_empty() { vec![] } else { vec![("tolerance".to_owned(), Swatch::Line(line))] };
    let (drawing, panel) = single((HALF, 210.0), x, y, &legend)?;
    panel.bars(bars, SHADE, 1.0)?;
    tolerance.iter().try_for_each(|end| panel.upright(*end, line))?;
    if low <= 0.0 && tolerance.len() == 2 {
        panel.upright(0.0, Stroke::of(TEXT, 0.8))?;
    }
    Ok(Some(Figure::new(
        "nearness",
        name,
        format!("{name} of accepted simulations"),
        extent.note("draw", "draws").trim(),
        drawing,
    )))
}
