//! The draws in their order: chains that have mixed lie over each other and go nowhere.

use super::super::super::figure::{
    Axis, Figure, Panel, SHADE, Stretch, Stroke, Swatch, VERMILLION, WIDE, padded, series, single, stretches,
};
use super::super::super::number::count;
use super::Subject;
use crate::error::Result;

/// A chain of more draws than this is drawn by its extremes and means.
const POINTS: usize = 1500;
/// So many stretches a long chain is cut into.
const STRETCHES: usize = 400;
/// Divergent draws are marked up to so many.
const MARKS: usize = 2000;

/// The trace of each chain.
pub fn trace(subject: &Subject<'_>) -> Result<Figure> {
    let length = subject.draws.length();
    let ends = (subject.sorted[0], subject.sorted[subject.sorted.len() - 1]);
    let (low, high) = padded(ends, 0.03);
    let x = |width| Axis::across("draw", 0.0, length.saturating_sub(1).max(1) as f64, width);
    let is_whole = subject.sorted.iter().all(|x| x.fract() == 0.0);
    let y = |height| Axis::up(subject.name(), low, high, height);
    let y = |height| if is_whole { y(height).whole() } else { y(height) };
    let marks = divergent(subject);
    let mut legend = Vec::new();
    if !marks.is_empty() {
        legend.push(("divergent".to_owned(), Swatch::Area(VERMILLION, 1.0)));
    }
    let (drawing, panel) = single((WIDE, 200.0), x, y, &subject.legend(legend))?;
    let is_long = length > POINTS;
    if is_long {
        draw_long(subject, &panel)?;
    } else {
        let opacity = if subject.chains.len() > 1 { 0.8 } else { 1.0 };
        for (colour, chain) in subject.drawn() {
            let points: Vec<(f64, f64)> = chain.iter().enumerate().map(|(draw, x)| (draw as f64, *x)).collect();
            panel.line(&points, Stroke::of(colour, 0.8).faint(opacity))?;
        }
    }
    let rug = panel.y.0 + 0.015 * (panel.y.1 - panel.y.0);
    panel.dots(marks.into_iter().map(|draw| (draw, rug)), 3.0, VERMILLION, 1.0)?;
    let caption = match is_long {
        false => String::new(),
        true => {
            let stretch = count(length.div_ceil(STRETCHES) as u64);
            format!(
                "Of every {stretch} draws of a chain: the mean, and the smallest and the largest (thin lines); grey: where \
                 draws of any chain are."
            )
        }
    };
    let title = format!("trace of {}", subject.name());
    Ok(Figure::new("trace", subject.name(), title, caption, drawing))
}

/// For each chain the means of stretches and, less visible, their extremes; behind, the range of all chains.
fn draw_long(subject: &Subject<'_>, panel: &Panel) -> Result<()> {
    let length = subject.draws.length();
    let all: Vec<Vec<Stretch>> = subject.draws.iter().map(|chain| stretches(chain, STRETCHES)).collect();
    let mut range = vec![(f64::INFINITY, f64::NEG_INFINITY, 0usize, 0usize); STRETCHES];
    for stretch in all.iter().flatten() {
        let of_all = &mut range[stretch.start / length.div_ceil(STRETCHES)];
        *of_all = (of_all.0.min(stretch.low), of_all.1.max(stretch.high), stretch.start, stretch.end);
    }
    let edges = range
        .iter()
        .filter(|(low, high, ..)| low <= high)
        .flat_map(|&(low, high, start, end)| [start, end - 1].map(|draw| (draw as f64, low, high)));
    panel.band(&edges.collect::<Vec<_>>(), SHADE, 0.5)?;
    let chains = || subject.chains.iter().enumerate().map(|(place, chain)| (series(place), &all[*chain]));
    let line = |stretches: &[Stretch], value: fn(&Stretch) -> f64| -> Vec<(f64, f64)> {
        stretches.iter().map(|stretch| (0.5 * (stretch.start + stretch.end - 1) as f64, value(stretch))).collect()
    };
    for (colour, stretches) in chains() {
        panel.line(&line(stretches, |stretch| stretch.low), Stroke::of(colour, 0.6).faint(0.6))?;
        panel.line(&line(stretches, |stretch| stretch.high), Stroke::of(colour, 0.6).faint(0.6))?;
    }
    for (colour, stretches) in chains() {
        panel.line(&line(stretches, |stretch| stretch.mean), Stroke::of(colour, 1.2))?;
    }
    Ok(())
}

/// The numbers of divergent draws within the chains that are drawn.
fn divergent(subject: &Subject<'_>) -> Vec<f64> {
    let Some(divergent) = subject.divergent else { return Vec::new() };
    let length = subject.draws.length();
    let of = |chain: &usize| divergent[chain * length..(chain + 1) * length].iter().enumerate();
    let draws = subject.chains.iter().flat_map(of).filter(|(_, divergent)| **divergent);
    draws.map(|(draw, _)| draw as f64).take(MARKS).collect()
}
