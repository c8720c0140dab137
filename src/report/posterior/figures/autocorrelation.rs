//! How long a chain remembers: the correlation of draws k apart.

use super::super::super::figure::{Axis, Figure, HALF, SHADE, Stroke, TEXT, single};
use super::Subject;
use crate::diagnostics;
use crate::error::Result;

/// So few and so many lags are shown: several times as many as a chain remembers.
const LAGS: [f64; 2] = [20.0, 200.0];

/// The autocorrelation of each chain.
pub fn autocorrelation(subject: &Subject<'_>) -> Result<Figure> {
    let length = subject.draws.length();
    let time = subject.draws.values.len() as f64 / subject.summary.of.ess_bulk;
    let lags = if time.is_finite() { (6.0 * time).clamp(LAGS[0], LAGS[1]) } else { LAGS[1] };
    let lags = (lags as usize).min(length.saturating_sub(1)).max(1);
    let lines: Vec<_> =
        subject.drawn().map(|(colour, chain)| (colour, diagnostics::first_autocorrelations(chain, lags + 1))).collect();
    let lowest = lines.iter().flat_map(|(_, line)| line).copied().filter(|r| r.is_finite()).fold(-0.1, f64::min);
    let noise = 1.96 / (length as f64).sqrt();
    let x = |width| Axis::across("lag (draws)", 0.0, lags as f64, width);
    let y = |height| Axis::up(format!("autocorrelation of {}", subject.name()), lowest.max(-1.0) - 0.04, 1.04, height);
    let (drawing, panel) = single((HALF, 230.0), x, y, &subject.legend(Vec::new()))?;
    panel.band(&[(0.0, -noise, noise), (lags as f64, -noise, noise)], SHADE, 0.45)?;
    panel.level(0.0, Stroke::of(TEXT, 0.8))?;
    for (colour, line) in &lines {
        let points: Vec<(f64, f64)> = line.iter().enumerate().map(|(lag, r)| (lag as f64, *r)).collect();
        panel.line(&points, Stroke::of(*colour, 1.4))?;
    }
    let caption = "Grey: ±1.96/√n, the range of 95 % of the values of independent draws.";
    let title = format!("autocorrelation of {}", subject.name());
    Ok(Figure::new("autocorrelation", subject.name(), title, caption, drawing))
}
