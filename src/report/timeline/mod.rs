//! A trace file: which rank did what, when.

mod figures;
mod phase;

use super::histogram::{quantile, sorted};
use super::number::{count, counted, fixed, percent, significant};
use super::{Options, Report, Row, Section, Table, json_number};
use crate::error::Result;
use crate::store::Reader;
use phase::Phase;
use serde_json::json;
use std::collections::BTreeMap;

/// A rank that ends later than the middle one by more than this share of the phase is a straggler.
const LATE: f64 = 0.05;
/// A rank that is idle for more than this share of the phase is told of.
const IDLE: f64 = 0.2;
/// A phase shorter than this share of all phases is not worth a warning.
const SHORT: f64 = 0.05;
/// So many ranks are named in a warning.
const NAMED: usize = 6;
/// So many ranks of a phase have a row in the table.
const ROWS: usize = 64;

/// Whether the file is a trace: it has a group with the times of ranks.
///
/// # Errors
/// If the file can't be read.
pub fn is_trace(reader: &Reader) -> Result<bool> {
    Ok(!phase::names(reader)?.is_empty())
}

/// The report of a trace file.
///
/// # Errors
/// If the file can't be read.
pub fn report(reader: &Reader, options: &Options) -> Result<Report> {
    let phases = phase::names(reader)?.iter().map(|name| Phase::read(reader, name)).collect::<Result<Vec<Phase>>>()?;
    let ranks = phases.first().map_or(0, |phase| phase.ranks.len());
    let phases_json = phases.iter().map(|phase| (phase.name.clone(), phase.json()));
    let json = json!({ "kind": "trace", "ranks": ranks, "phases": phases_json.collect::<serde_json::Map<_, _>>() });
    let names = counted(phases.len() as u64, "phase", "phases");
    let mut report = Report::new(format!("trace of {}, {names}", counted(ranks as u64, "rank", "ranks")), json);
    if let Some(seconds) = super::made::attribute(reader, "seconds") {
        report.fact("duration", format!("{} s", significant(seconds, 3)));
    }
    report.tables = vec![overview(&phases)];
    for phase in &phases {
        report.tables.push(table(phase));
        report.tables.push(requests(phase));
    }
    // What a short phase loses is not worth a word.
    let all: f64 = phases.iter().map(|phase| phase.seconds).sum();
    report.warnings = phases.iter().filter(|phase| phase.seconds >= SHORT * all).flat_map(warnings).collect();
    if options.figures {
        let figures = figures::of(&phases)?;
        report.sections = vec![Section::new("Timeline", "", figures)];
    }
    Ok(report)
}

fn overview(phases: &[Phase]) -> Table {
    let heads = ["phase", "seconds", "tasks", "busy", "idle", "median task", "longest task", "task", "on rank"];
    let row = |phase: &Phase| {
        let busy = phase.busy_share();
        let (longest, median) = (phase.longest(), phase.median_task());
        let of_longest = |number: fn(&phase::Task) -> u64| {
            longest.map_or_else(|| super::number::ABSENT.to_owned(), |task| count(number(task)))
        };
        let cells = vec![
            significant(phase.seconds, 3),
            count(phase.ranks.iter().map(|rank| rank.tasks).sum()),
            percent(busy),
            percent(1.0 - busy),
            format!("{} s", significant(median, 3)),
            format!("{} s", significant(longest.map_or(f64::NAN, |task| task.seconds), 3)),
            of_longest(|task| task.number),
            of_longest(|task| task.rank as u64),
        ];
        Row { name: phase.name.clone(), cells, ..Row::default() }
    };
    Table { heads: heads.map(str::to_owned).into(), rows: phases.iter().map(row).collect(), ..Table::default() }
}

/// The ranks of a phase; of many, those that ended last and those that were idle most.
fn table(phase: &Phase) -> Table {
    let heads = ["rank", "host", "tasks", "busy s", "idle s", "busy", "last task ends at s"];
    let late = phase.stragglers(LATE);
    let mut shown = phase::noteworthy(std::slice::from_ref(phase), ROWS);
    shown.retain(|rank| phase.ranks[*rank].takes_part());
    let row = |rank: &usize| {
        let of = &phase.ranks[*rank];
        let end = of.end.map_or_else(|| super::number::ABSENT.to_owned(), |end| significant(end, 4));
        let cells = vec![
            of.host.clone(),
            count(of.tasks),
            significant(of.busy, 3),
            significant(of.idle, 3),
            percent(1.0 - of.idle_share()),
            end,
        ];
        let flags = [(4, of.idle_share() > IDLE), (5, late.iter().any(|(late, _)| late == rank))];
        let flagged = flags.into_iter().filter(|(_, flag)| *flag).map(|(cell, _)| cell).collect();
        Row { name: rank.to_string(), cells, flagged, section: None }
    };
    let note = match phase.ranks.len() > ROWS {
        true => format!(
            "{} of {} ranks: those that ended last, and those that were idle most.",
            shown.len(),
            phase.ranks.len()
        ),
        false => String::new(),
    };
    let rows = shown.iter().map(row).collect();
    Table { caption: format!("Ranks in the phase {}", phase.name), heads: heads.map(str::to_owned).into(), rows, note }
}

/// What was asked of engines, by kind and by what became of it; no rows where nothing was.
fn requests(phase: &Phase) -> Table {
    let heads = ["request", "number", "sent", "received", "median wait", "median time", "longest"];
    let mut of: BTreeMap<(&str, &str), Vec<&phase::Request>> = BTreeMap::new();
    phase.requests.iter().for_each(|request| of.entry((&request.kind, &request.fate)).or_default().push(request));
    let row = |((kind, fate), requests): ((&str, &str), Vec<&phase::Request>)| {
        let seconds = |of: fn(&phase::Request) -> f64, probability: f64| {
            let values = requests.iter().map(|request| of(request)).filter(|value| !value.is_nan());
            format!("{} s", significant(quantile(&sorted(&values.collect::<Vec<f64>>()), probability), 3))
        };
        let cells = vec![
            count(requests.len() as u64),
            bytes(requests.iter().map(|request| request.sent).sum()),
            bytes(requests.iter().map(|request| request.received).sum()),
            seconds(|request| request.wait, 0.5),
            seconds(|request| request.seconds, 0.5),
            seconds(|request| request.seconds, 1.0),
        ];
        Row { name: format!("{kind}, {fate}"), cells, ..Row::default() }
    };
    Table {
        caption: format!("Requests in the phase {}", phase.name),
        heads: heads.map(str::to_owned).into(),
        rows: of.into_iter().map(row).collect(),
        ..Table::default()
    }
}

/// A size, as 12 B, 3.4 kB, 5.6 MB.
fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{} kB", significant(size as f64 / 1e3, 3)),
        _ => format!("{} MB", significant(size as f64 / 1e6, 3)),
    }
}

fn warnings(phase: &Phase) -> Vec<String> {
    let mut warnings = Vec::new();
    let idle: Vec<(usize, f64)> = phase.ranks.iter().map(phase::Rank::idle_share).enumerate().collect();
    if let Some(names) = listed(idle.into_iter().filter(|(_, share)| *share > IDLE).collect(), percent) {
        warnings.push(format!("phase {}: idle for more than {} of it: {names}", phase.name, percent(IDLE)));
    }
    let late = |seconds: f64| format!("{} s later", significant(seconds, 3));
    if let Some(names) = listed(phase.stragglers(LATE), late) {
        warnings.push(format!("phase {}: ended well after the middle rank: {names}", phase.name));
    }
    if let (Some(longest), median) = (phase.longest(), phase.median_task())
        && longest.seconds > 10.0 * median
        && longest.seconds > LATE * phase.seconds
    {
        warnings.push(format!(
            "phase {}: task {} on rank {} took {} s, {} times as long as the middle one",
            phase.name,
            count(longest.number),
            longest.rank,
            significant(longest.seconds, 3),
            fixed(longest.seconds / median, 0)
        ));
    }
    warnings
}

/// Ranks with what is said of each, the worst first; nothing of none.
fn listed(mut ranks: Vec<(usize, f64)>, shown: impl Fn(f64) -> String) -> Option<String> {
    ranks.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named: Vec<String> =
        ranks.iter().take(NAMED).map(|(rank, value)| format!("rank {rank} ({})", shown(*value))).collect();
    let more = ranks.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| named.join(", ") + &more)
}

impl Phase {
    fn json(&self) -> serde_json::Value {
        let rank = |rank: &phase::Rank| {
            json!({
                "host": rank.host, "tasks": rank.tasks, "busy_seconds": json_number(rank.busy),
                "idle_seconds": json_number(rank.idle), "busy_share": json_number(1.0 - rank.idle_share()),
                "end": rank.end.map_or(serde_json::Value::Null, json_number),
            })
        };
        json!({
            "seconds": json_number(self.seconds),
            "busy_share": json_number(self.busy_share()),
            "ranks": self.ranks.iter().map(rank).collect::<Vec<_>>(),
            "requests": self.requests.len(),
            "failed_requests": self.requests.iter().filter(|request| request.fate != "done").count(),
            "stragglers": self.stragglers(LATE).iter().map(|(rank, _)| *rank).collect::<Vec<_>>(),
        })
    }
}
