//! Where the draws are: a histogram of all, and the smoothed density of each chain.

use super::super::super::figure::{
    Axis, BLUE, Drawing, Figure, Panel, SHADE, Stroke, Swatch, TEXT, VERMILLION, series, single,
};
use super::super::super::histogram::{Extent, sorted};
use super::Subject;
use crate::distribution::Distribution;
use crate::error::Result;

/// Points of a curve.
const POINTS: usize = 400;

/// The marginal density, over that of the prior if there is one; nothing if all draws are equal.
pub fn density(subject: &Subject<'_>, prior: Option<&Distribution>, width: f64) -> Result<Option<Figure>> {
    let Some(extent) = Extent::of(&subject.sorted) else { return Ok(None) };
    let histogram = extent.bars(&subject.draws.values);
    let prior = prior.map(|prior| curve(prior, &extent)).unwrap_or_default();
    let chains: Vec<_> = subject.drawn().map(|(colour, chain)| (colour, sorted(chain))).collect();
    let lines: Vec<_> = chains.iter().map(|(colour, chain)| (*colour, line(&extent, chain))).collect();
    // A prior that is far higher somewhere is cut off: the draws are what is to be seen.
    let top_of = |line: &[(f64, f64)]| {
        line.iter().map(|(_, height)| *height).filter(|height| height.is_finite()).fold(0.0, f64::max)
    };
    let drawn = histogram.iter().map(|(_, height)| height.1).chain(lines.iter().map(|(_, line)| top_of(line)));
    let drawn = drawn.fold(0.0, f64::max);
    let top = drawn.max(top_of(&prior).min(2.0 * drawn));
    let legend = subject.legend(legend(subject, &prior));
    let (drawing, panel) = panel(subject, &extent, top, width, &legend)?;
    panel.bars(histogram, SHADE, if subject.draws.chains > 1 { 0.6 } else { 0.85 })?;
    for (colour, line) in &lines {
        if extent.discrete {
            panel.dots(line.iter().copied(), 5.0, *colour, 1.0)?;
        } else {
            panel.line(line, Stroke::of(*colour, 1.4))?;
        }
    }
    panel.line(&prior, Stroke::of(VERMILLION, 1.4).dashed())?;
    interval(subject, &panel, top)?;
    let what = if extent.discrete { "share of the draws" } else { "histogram of all draws" };
    let caption = format!("Grey: {what}. Bar: {}, with the mean.{}", subject.interval, extent.note("draw", "draws"));
    let title = format!("density of {}", subject.name());
    Ok(Some(Figure::new("density", subject.name(), title, caption, drawing)))
}

fn legend(subject: &Subject<'_>, prior: &[(f64, f64)]) -> Vec<(String, Swatch)> {
    let mut legend = Vec::new();
    if !prior.is_empty() {
        legend.push(("prior".to_owned(), Swatch::Line(Stroke::of(VERMILLION, 1.4).dashed())));
        if subject.draws.chains == 1 {
            legend.push(("draws".to_owned(), Swatch::Line(Stroke::of(series(0), 1.4))));
        }
    }
    legend
}

fn panel(
    subject: &Subject<'_>,
    extent: &Extent,
    top: f64,
    width: f64,
    legend: &[(String, Swatch)],
) -> Result<(Drawing, Panel)> {
    let x = |width| extent.axis(Axis::across(subject.name(), extent.range.0, extent.range.1, width));
    let name = if extent.discrete { "share" } else { "density" };
    // Below zero there is room for the interval.
    let y = |height| Axis { low: -0.09 * top, ..Axis::up(name, 0.0, 1.05 * top, height) };
    single((width, 230.0), x, y, legend)
}

/// The density of a chain as a line; of integers, the share of each.
fn line(extent: &Extent, sorted: &[f64]) -> Vec<(f64, f64)> {
    match extent.discrete {
        false => extent.density(sorted),
        true => extent.edges.windows(2).map(|edges| 0.5 * (edges[0] + edges[1])).zip(extent.heights(sorted)).collect(),
    }
}

/// The prior's density over the range, or its mass at each integer.
fn curve(prior: &Distribution, extent: &Extent) -> Vec<(f64, f64)> {
    let (low, high) = extent.range;
    let xs: Vec<f64> = match prior.support().discrete {
        true => (low.ceil() as i64..=high.floor() as i64).map(|x| x as f64).collect(),
        false => (0..=POINTS).map(|at| low + (high - low) * at as f64 / POINTS as f64).collect(),
    };
    xs.into_iter().map(|x| (x, libm::exp(prior.ln_density(x)))).collect()
}

/// The interval as a bar below the histogram, the mean as a point on it.
fn interval(subject: &Subject<'_>, panel: &Panel, top: f64) -> Result<()> {
    let [low, high] = subject.summary.interval;
    let y = -0.045 * top;
    panel.level(0.0, Stroke::of(SHADE, 1.0))?;
    if low.is_finite() && high.is_finite() {
        panel.line(&[(low, y), (high, y)], Stroke::of(TEXT, 2.5))?;
    }
    panel.dots([(subject.summary.of.mean, y)], 7.0, BLUE, 1.0)
}
