//! The mean of the draws so far: it settles, and to the same value for all chains.

use super::super::super::figure::{Axis, Figure, HALF, SHADE, Stroke, TEXT, padded, single};
use super::Subject;
use crate::error::Result;

/// So many points a line has.
const POINTS: usize = 300;

/// The running mean of each chain.
pub fn running_mean(subject: &Subject<'_>) -> Result<Figure> {
    let length = subject.draws.length();
    let lines: Vec<_> = subject.drawn().map(|(colour, chain)| (colour, means(chain))).collect();
    // The first tenth of a chain, where a mean is of few draws, may leave the panel.
    let settled = lines.iter().flat_map(|(_, line)| line).filter(|(draw, _)| *draw >= 0.1 * length as f64);
    let (mean, error) = (subject.summary.of.mean, subject.summary.of.mcse_mean);
    let (low, high) = (mean - 2.0 * error, mean + 2.0 * error);
    let heights = settled.map(|(_, mean)| *mean).chain([low, high]).filter(|height| height.is_finite());
    let ends =
        heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), height| (low.min(height), high.max(height)));
    let (bottom, top) = padded(ends, 0.15);
    let x = |width| Axis::across("draws so far", 0.0, length as f64, width);
    let y = |height| Axis::up(format!("running mean of {}", subject.name()), bottom, top, height).with_grid(false);
    let (drawing, panel) = single((HALF, 230.0), x, y, &subject.legend(Vec::new()))?;
    panel.band(&[(0.0, low, high), (length as f64, low, high)], SHADE, 0.45)?;
    panel.level(mean, Stroke::of(TEXT, 1.0).dashed())?;
    for (colour, line) in &lines {
        panel.line(line, Stroke::of(*colour, 1.4))?;
    }
    let caption = "Dashed: the mean of all draws; grey: two Monte Carlo standard errors around it.";
    let title = format!("running mean of {}", subject.name());
    Ok(Figure::new("running-mean", subject.name(), title, caption, drawing))
}

/// The mean after each draw, or after as many as can be seen.
fn means(chain: &[f64]) -> Vec<(f64, f64)> {
    let step = chain.len().div_ceil(POINTS).max(1);
    let (mut sum, mut n) = (0.0, 0.0);
    let mut points = Vec::new();
    for (draw, x) in chain.iter().enumerate() {
        if x.is_finite() {
            sum += x;
            n += 1.0;
        }
        if (draw + 1) % step == 0 || draw + 1 == chain.len() {
            points.push(((draw + 1) as f64, sum / n));
        }
    }
    points
}
