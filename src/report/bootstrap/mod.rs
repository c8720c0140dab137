//! The result of `bootstrap`: estimates, intervals, replicates.

mod figures;
mod read;

use super::made::attribute;
use super::number::{self, Unit, count, counted, significant};
use super::{Options, Report, Row, Section, Table, json_number};
use crate::error::{Error, Result};
use crate::store::Reader;
use read::{Bounds, Statistic};
use serde_json::json;

/// So many statistics are drawn unless they are named.
const DRAWN: usize = 12;

/// The report of a bootstrap.
///
/// # Errors
/// If the file can't be read.
pub fn report(reader: &Reader, options: &Options) -> Result<Report> {
    let statistics = read::statistics(reader)?;
    let replicates = statistics.iter().map(|statistic| statistic.replicates).max().unwrap_or(0);
    let number = |name: &str| attribute(reader, name);
    let exact = number("exact") == Some(1.0);
    let resamples = number(if exact { "multisets" } else { "resamples" }).unwrap_or(replicates as f64) as u64;
    let kind = match exact {
        true => format!("bootstrap, all {} resamples", count(resamples)),
        false => format!("bootstrap, {}", counted(resamples, "resample", "resamples")),
    };
    let quantities = statistics.iter().map(|statistic| (statistic.name.clone(), statistic.json()));
    let mut report = Report::new(
        kind,
        json!({
            "kind": "bootstrap",
            "exact": exact,
            "resamples": resamples,
            "statistics": quantities.collect::<serde_json::Map<_, _>>(),
        }),
    );
    if let Some(length) = number("block_length") {
        report.fact("block length", significant(length, 4));
    }
    test(reader, &mut report)?;
    report.tables = vec![estimates(&statistics), intervals(&statistics)];
    report.warnings = warnings(&statistics, number("partial") == Some(1.0));
    if options.figures {
        report.sections = sections(reader, &statistics, options)?;
    }
    Ok(report)
}

fn estimates(statistics: &[Statistic]) -> Table {
    let heads = ["", "estimate", "bias", "mc error", "standard error", "mc error", "z0", "acceleration"];
    let row = |statistic: &Statistic| {
        let unit = Unit::of(statistic.standard_error, statistic.estimate);
        let cells = vec![
            unit.format(statistic.estimate),
            significant(statistic.bias, 3),
            significant(statistic.bias_mc_error, 2),
            significant(statistic.standard_error, 3),
            significant(statistic.standard_error_mc_error, 2),
            significant(statistic.z0, 3),
            significant(statistic.acceleration, 3),
        ];
        Row { name: statistic.name.clone(), cells, ..Row::default() }
    };
    let note = "mc error: the standard deviation from seed to seed.".to_owned();
    Table {
        caption: String::new(),
        heads: heads.map(str::to_owned).into(),
        rows: statistics.iter().map(row).collect(),
        note,
    }
}

fn intervals(statistics: &[Statistic]) -> Table {
    let heads = ["", "low", "high", "mc error of low", "of high"].map(str::to_owned).into();
    let rows = statistics.iter().flat_map(|statistic| {
        let unit = Unit::of(statistic.standard_error, statistic.estimate);
        statistic.intervals.iter().map(move |bounds| Row {
            name: format!("{}, {}", statistic.name, bounds.name()),
            cells: vec![
                unit.format(bounds.low),
                unit.format(bounds.high),
                significant(bounds.low_mc_error, 2),
                significant(bounds.high_mc_error, 2),
            ],
            ..Row::default()
        })
    });
    Table { caption: "Intervals".into(), heads, rows: rows.collect(), note: String::new() }
}

/// The test for the difference of two means, where there is one.
fn test(reader: &Reader, report: &mut Report) -> Result<()> {
    if !reader.has_group("test") {
        return Ok(());
    }
    let one = |name: &str| -> Result<f64> {
        Ok(reader.numbers(&format!("test/{name}"), &[])?.first().copied().unwrap_or(f64::NAN))
    };
    let (difference, t, p, error) = (one("difference")?, one("t")?, one("p_value")?, one("p_value_mc_error")?);
    let [difference_text, t_text, p_text, error_text] = [difference, t, p, error].map(|x| significant(x, 4));
    let said = format!("difference of means {difference_text}, t = {t_text}, p = {p_text} (± {error_text} mc error)");
    report.fact("test", said);
    if let Some(object) = report.json.as_object_mut() {
        object.insert("test".into(), json!({
            "difference": json_number(difference), "t": json_number(t), "p_value": json_number(p), "p_value_mc_error": json_number(error),
        }));
    }
    Ok(())
}

fn warnings(statistics: &[Statistic], partial: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if partial {
        warnings.push(
            "PARTIAL: a Monte Carlo error is larger than was asked for; the allowed resamples were used up".into(),
        );
    }
    for statistic in statistics {
        if statistic.undefined > 0 {
            let resamples = counted(statistic.undefined, "resample", "resamples");
            warnings.push(format!("{}: it does not exist for {resamples}, which are left out", statistic.name));
        }
        if statistic.standard_error == 0.0 {
            warnings.push(format!("{}: all resamples give the same", statistic.name));
        }
        if statistic.bias.abs() > 0.25 * statistic.standard_error {
            let share = number::fixed(statistic.bias / statistic.standard_error, 2);
            warnings.push(format!(
                "{}: the bias is {share} of the standard error; prefer intervals that correct for it (bca)",
                statistic.name
            ));
        }
    }
    warnings
}

fn sections(reader: &Reader, statistics: &[Statistic], options: &Options) -> Result<Vec<Section>> {
    let wanted = |statistic: &&Statistic| options.show.is_empty() || options.show.contains(&statistic.name);
    if let Some(unknown) = options.show.iter().find(|name| statistics.iter().all(|statistic| statistic.name != **name))
    {
        let names: Vec<&str> = statistics.iter().map(|statistic| statistic.name.as_str()).collect();
        return Err(Error::input("--show", format!("there is no '{unknown}'; there are: {}", names.join(", "))));
    }
    let most = if options.show.is_empty() { DRAWN } else { usize::MAX };
    let section = |statistic: &Statistic| Ok(Section::new(&statistic.name, "", figures::of(reader, statistic)?));
    let mut sections: Vec<Section> = statistics.iter().filter(wanted).take(most).map(section).collect::<Result<_>>()?;
    if let Some(first) = sections.first_mut().filter(|_| options.show.is_empty() && statistics.len() > most) {
        first.note = format!("The first {most} of {} statistics are drawn; --show names others.", statistics.len());
    }
    Ok(sections)
}

impl Bounds {
    /// `bca 95 %`, `percentile 90 % lower`.
    fn name(&self) -> String {
        let level = number::fixed(100.0 * self.level, 4);
        let level = level.trim_end_matches('0').trim_end_matches('.');
        let side = if self.side == "two" { String::new() } else { format!(" {}", self.side) };
        format!("{} {level} %{side}", self.method)
    }
}
