//! All quantities at once: whether the chains have mixed, and the intervals of what belongs together.

use super::super::figure::{
    Axis, BLUE, Drawing, Figure, HALF, ORANGE, Place, Stroke, Swatch, VERMILLION, WIDE, left_room, padded, room_below,
};
use super::super::number::count;
use super::row::{HIGHEST_RHAT, LEAST_ESS_PER_CHAIN, Summary};
use crate::error::Result;

/// So many rows a figure has at most.
const ROWS: usize = 60;
/// The height of a row.
const ROW: f64 = 15.0;
/// The widest name.
const NAME: f64 = 170.0;

/// R-hat and effective sample sizes: a row for each variable (its name, the summaries of its elements).
pub fn convergence(variables: &[(String, Vec<&Summary>)], chains: usize) -> Result<Option<Figure>> {
    let shown = &variables[..variables.len().min(ROWS)];
    let all = || shown.iter().flat_map(|(_, summaries)| summaries.iter().copied());
    if all().all(|summary| !summary.least_ess().is_finite()) {
        return Ok(None);
    }
    let names: Vec<String> = shown.iter().map(|(name, _)| name.clone()).collect();
    let rows = Axis::rows("", &names, NAME);
    let left = left_room(&rows);
    let height = ROW * shown.len() as f64 + 4.0;
    let drawing = Drawing::new(WIDE, height + 26.0 + 40.0);
    let has_rhat = all().any(|summary| summary.of.rhat.is_finite());
    let gap = 26.0;
    let width = if has_rhat { (WIDE - left - 16.0 - gap) / 2.0 } else { WIDE - left - 16.0 };
    let mut place = Place { left, top: 26.0, width, height };
    let points = |value: &dyn Fn(&Summary) -> f64| -> Vec<(f64, f64)> {
        let rows = shown.iter().enumerate();
        rows.flat_map(|(row, (_, summaries))| summaries.iter().map(move |summary| (value(summary), -(row as f64))))
            .collect()
    };
    if has_rhat {
        // Of chains that stand apart R-hat is infinite: those are drawn at the end.
        let highest =
            all().map(|summary| summary.of.rhat).filter(|rhat| rhat.is_finite()).fold(1.02, f64::max).min(10.0);
        let x = Axis::across("r_hat", 0.998, highest + 0.03 * (highest - 1.0), width).with_grid(true);
        let panel = drawing.panel(place, &x, &rows)?;
        panel.upright(HIGHEST_RHAT, Stroke::of(VERMILLION, 1.2).dashed())?;
        let points = points(&|summary| summary.of.rhat.clamp(0.998, highest));
        panel.dots(points, 5.0, BLUE, 0.8)?;
        place.left += width + gap;
    }
    let least = LEAST_ESS_PER_CHAIN * chains as f64;
    let most = all().map(|summary| summary.of.ess_bulk.max(summary.of.ess_tail)).fold(1.2 * least, f64::max);
    let x = Axis::across("effective sample size", 0.0, 1.03 * most, width).with_grid(true);
    let rows = if has_rhat { Axis { ticks: Vec::new(), ..rows } } else { rows };
    let panel = drawing.panel(place, &x, &rows)?;
    panel.upright(least, Stroke::of(VERMILLION, 1.2).dashed())?;
    panel.dots(points(&|summary| summary.of.ess_tail), 5.0, ORANGE, 0.8)?;
    panel.dots(points(&|summary| summary.of.ess_bulk), 5.0, BLUE, 0.8)?;
    let legend = [("ess_bulk".to_owned(), Swatch::Dot(BLUE)), ("ess_tail".to_owned(), Swatch::Dot(ORANGE))];
    drawing.legend(&legend, WIDE - 16.0, 11.0)?;
    let draws = count(least as u64);
    let mut caption = match has_rhat {
        true => {
            format!("Dashed: r_hat {HIGHEST_RHAT} and {draws} effective draws ({LEAST_ESS_PER_CHAIN} for each chain).")
        }
        false => format!("Dashed: {draws} effective draws."),
    };
    if variables.len() > shown.len() {
        caption += &format!(" The first {} of {} variables.", shown.len(), variables.len());
    }
    Ok(Some(Figure::new("convergence", "", "convergence", caption, drawing)))
}

/// Means and intervals of the elements of one variable.
pub fn intervals(variable: &str, summaries: &[&Summary], interval: &str) -> Result<Option<Figure>> {
    let shown = &summaries[..summaries.len().min(ROWS)];
    let ends = shown.iter().flat_map(|summary| [summary.interval[0], summary.interval[1], summary.of.mean]);
    let ends = ends.filter(|end| end.is_finite());
    let ends = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| (low.min(end), high.max(end)));
    if shown.len() < 2 || !ends.0.is_finite() {
        return Ok(None);
    }
    let names: Vec<String> = shown.iter().map(|summary| summary.name.clone()).collect();
    let rows = Axis::rows("", &names, NAME);
    let left = left_room(&rows);
    let height = ROW * shown.len() as f64 + 4.0;
    let (low, high) = padded(ends, 0.04);
    let x = Axis::across(variable, low, high, HALF - left - 16.0).with_grid(true);
    let drawing = Drawing::new(HALF, height + 10.0 + room_below(&x) + 2.0);
    let panel = drawing.panel(Place { left, top: 10.0, width: HALF - left - 16.0, height }, &x, &rows)?;
    for (row, summary) in shown.iter().enumerate() {
        let y = -(row as f64);
        panel.line(&[(summary.interval[0], y), (summary.interval[1], y)], Stroke::of(BLUE, 2.0))?;
        panel.dots([(summary.of.mean, y)], 6.0, BLUE, 1.0)?;
    }
    let mut caption = format!("Point: mean; line: {interval}.");
    if summaries.len() > shown.len() {
        caption += &format!(" The first {} of {} elements.", shown.len(), summaries.len());
    }
    Ok(Some(Figure::new("intervals", variable, format!("intervals of {variable}"), caption, drawing)))
}
