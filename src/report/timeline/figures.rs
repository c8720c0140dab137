//! Who did what when: a row for each thread of each rank, a bar for each task.

use super::super::figure::{
    Axis, Drawing, Figure, GRID, HALF, Panel, Place, QUIET, SHADE, Side, Stroke, Swatch, WIDE, left_room, padded,
    room_below, series, single,
};
use super::super::histogram::{Extent, sorted};
use super::super::number::percent;
use super::phase::{Phase, Task, noteworthy};
use crate::error::Result;
use std::collections::{BTreeMap, BTreeSet};

/// So many rows are drawn.
const MOST: usize = 64;
/// Cells of a row: where tasks are too short to be seen one by one, the share of each cell that is busy.
const CELLS: usize = 800;

/// The timeline, and how long tasks took.
pub fn of(phases: &[Phase]) -> Result<Vec<Figure>> {
    let mut figures: Vec<Figure> = timeline(phases)?.into_iter().collect();
    for phase in phases {
        figures.extend(durations(phase)?);
    }
    Ok(figures)
}

/// A thread of a rank.
type Row = (usize, usize);

fn timeline(phases: &[Phase]) -> Result<Option<Figure>> {
    // A rank that never had a task has a row, too, if it could have had one.
    let ranks = phases.iter().flat_map(|phase| phase.ranks.iter().enumerate());
    let ranks = ranks.filter(|(_, of)| of.takes_part()).map(|(rank, _)| (rank, 0));
    let tasks = phases.iter().flat_map(|phase| &phase.tasks).map(|task| (task.rank, task.thread));
    let all: BTreeSet<Row> = ranks.chain(tasks).collect();
    let end = phases.iter().flat_map(|phase| &phase.tasks).map(|task| task.start + task.seconds).fold(0.0, f64::max);
    if end == 0.0 {
        return Ok(None); // no task
    }
    let rows = chosen(phases, &all);
    let threads = all.iter().any(|(_, thread)| *thread > 0);
    let names: Vec<String> = rows
        .iter()
        .map(|(rank, thread)| if threads { format!("rank {rank}, thread {thread}") } else { format!("rank {rank}") })
        .collect();
    let row_height = (400.0 / rows.len() as f64).clamp(15.0, 30.0);
    let axis = Axis::rows("", &names, 160.0);
    let (left, right) = (left_room(&axis), 74.0);
    let height = row_height * rows.len() as f64;
    let x = Axis::across("seconds from the job's start", 0.0, end, WIDE - left - right);
    let drawing = Drawing::new(WIDE, 26.0 + height + room_below(&x) + 2.0);
    let place = Place { left, top: 26.0, width: WIDE - left - right, height };
    let panel = drawing.panel(place, &x, &axis)?;
    for (number, phase) in phases.iter().enumerate() {
        draw(&panel, phase, &rows, series(number))?;
    }
    idle_shares(&drawing, &panel, phases, &rows)?;
    let legend: Vec<(String, Swatch)> =
        phases.iter().enumerate().map(|(at, phase)| (phase.name.clone(), Swatch::Area(series(at), 1.0))).collect();
    drawing.legend(&legend, WIDE - right, 11.0)?;
    drawing.text("idle", (WIDE - right + 10.0, 11.0), Side::Right, QUIET)?;
    Ok(Some(Figure::new("timeline", "", "timeline", caption(rows.len(), all.len()), drawing)))
}

fn caption(drawn: usize, all: usize) -> String {
    let caption = "Each bar is a task, or tasks too short to be seen one by one: the stronger the colour, the larger the \
                   share of the time in which the thread had one. At the right: the rank's idle share over all phases.";
    match all - drawn {
        0 => caption.to_owned(),
        hidden => format!(
            "{caption} {hidden} threads have no row: drawn are the ranks that ended last and those that were idle most."
        ),
    }
}

/// The rows to draw: all, or those of noteworthy ranks.
fn chosen(phases: &[Phase], all: &BTreeSet<Row>) -> Vec<Row> {
    let threads = all.iter().map(|(_, thread)| thread + 1).max().unwrap_or(1);
    let ranks = noteworthy(phases, (MOST / threads).max(2));
    all.iter().filter(|(rank, _)| ranks.contains(rank)).copied().collect()
}

/// The tasks of a phase in the rows of their threads.
fn draw(panel: &Panel, phase: &Phase, rows: &[Row], colour: super::super::figure::Colour) -> Result<()> {
    let mut tasks: BTreeMap<Row, Vec<&Task>> = BTreeMap::new();
    phase.tasks.iter().for_each(|task| tasks.entry((task.rank, task.thread)).or_default().push(task));
    let cell = (panel.x.1 - panel.x.0) / CELLS as f64;
    for (row, thread) in rows.iter().enumerate() {
        let Some(tasks) = tasks.get(thread) else { continue };
        let y = (-(row as f64) - 0.38, -(row as f64) + 0.38);
        let (long, short): (Vec<&Task>, Vec<&Task>) = tasks.iter().partition(|task| task.seconds > 4.0 * cell);
        // A gap between neighbours, so that each can be seen.
        let gap = 0.5 * cell;
        panel.bars(long.iter().map(|task| ((task.start, task.start + task.seconds - gap), y)), colour, 1.0)?;
        for (opacity, from, to) in shares(&short, cell) {
            panel.bars([((from as f64 * cell, to as f64 * cell), y)], colour, opacity)?;
        }
    }
    Ok(())
}

/// Runs of cells of one shade, as (opacity, first cell, cell after the last): how much of each cell short tasks fill.
fn shares(tasks: &[&Task], cell: f64) -> Vec<(f64, usize, usize)> {
    let mut busy = vec![0.0; CELLS + 1];
    for task in tasks {
        let (start, end) = (task.start / cell, (task.start + task.seconds) / cell);
        let touched = busy.iter_mut().enumerate().take(end as usize + 1).skip(start as usize);
        touched.for_each(|(at, busy)| *busy += (end.min(at as f64 + 1.0) - start.max(at as f64)).max(0.0));
    }
    let opacity = |share: f64| if share <= 0.0 { 0.0 } else { ((share * 5.0).ceil() / 5.0).clamp(0.2, 1.0) };
    let mut runs: Vec<(f64, usize, usize)> = Vec::new();
    for (at, share) in busy.iter().take(CELLS).enumerate() {
        match runs.last_mut() {
            Some((shade, _, end)) if *shade == opacity(*share) => *end = at + 1,
            _ => runs.push((opacity(*share), at, at + 1)),
        }
    }
    runs.retain(|(opacity, _, _)| *opacity > 0.0);
    runs
}

/// At the right of each rank's first row the share of the time in which it was idle.
fn idle_shares(drawing: &Drawing, panel: &Panel, phases: &[Phase], rows: &[Row]) -> Result<()> {
    let height = panel.place.height / rows.len() as f64;
    for (at, (rank, _)) in rows.iter().enumerate() {
        let top = panel.place.top + at as f64 * height;
        if at > 0 && rows[at - 1].0 == *rank {
            continue;
        }
        if at > 0 {
            panel.level(0.5 - at as f64, Stroke::of(GRID, 1.0))?;
        }
        let of = phases.iter().filter_map(|phase| phase.ranks.get(*rank));
        let (idle, all) = of.fold((0.0, 0.0), |(idle, all), rank| (idle + rank.idle, all + rank.idle + rank.busy));
        let share = if all > 0.0 { idle / all } else { 0.0 };
        drawing.text(&percent(share), (WIDE - 64.0, top + height / 2.0), Side::Right, QUIET)?;
    }
    Ok(())
}

/// How long the tasks of a phase took: a histogram over their logarithms.
fn durations(phase: &Phase) -> Result<Option<Figure>> {
    let all = phase.tasks.iter().map(|task| task.seconds).filter(|seconds| *seconds > 0.0);
    let logarithms = sorted(&all.map(libm::log10).collect::<Vec<f64>>());
    let Some(extent) = Extent::of(&logarithms).filter(|extent| extent.count >= 10) else { return Ok(None) };
    let (low, high) = padded((logarithms[0], logarithms[logarithms.len() - 1]), 0.02);
    let bins = extent.edges.windows(2).map(|edges| (edges[0], edges[1]));
    let scale = logarithms.len() as f64 * (extent.edges[1] - extent.edges[0]);
    let bars: Vec<_> =
        bins.zip(extent.heights(&logarithms)).map(|(bin, height)| (bin, (0.0, height * scale))).collect();
    let top = bars.iter().map(|(_, height)| height.1).fold(0.0, f64::max);
    let x = |_| Axis::logarithmic(format!("seconds of a task in the phase {}", phase.name), low, high);
    let (drawing, panel) = single((HALF, 210.0), x, |height| Axis::up("tasks", 0.0, 1.05 * top, height), &[])?;
    panel.bars(bars, SHADE, 1.0)?;
    let title = format!("durations of tasks in the phase {}", phase.name);
    let note = extent.note("task", "tasks");
    Ok(Some(Figure::new("durations", &phase.name, title, note.trim(), drawing)))
}
