//! What is particular to the result of `abc`: independent draws, priors, and how near the simulations came.

mod nearness;

use super::figure::{Figure, HALF};
use super::made::{attribute, attribute_json};
use super::number::{count, percent};
use super::posterior::{Posterior, figures};
use super::{Report, Section};
use crate::distribution::Distribution;
use crate::error::Result;
use crate::store::Reader;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The parts of a run file that figures show.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RunFile {
    prior: BTreeMap<String, Distribution>,
    tolerance: BTreeMap<String, f64>,
    distance: Option<Distance>,
}

#[derive(Debug, Deserialize)]
struct Distance {
    tolerance: Option<f64>,
}

impl RunFile {
    /// What the result's run file says; nothing where it can't be understood.
    fn of(reader: &Reader) -> Self {
        let text = reader.attribute("/", "run_file").map(|text| text.to_string()).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }
}

/// Adds what is known of the simulations.
pub fn facts(posterior: &Posterior<'_>, report: &mut Report) {
    let reader = posterior.reader;
    let number = |name: &str| attribute(reader, name);
    if let (Some(simulations), Some(rate)) = (number("simulations"), number("acceptance_rate")) {
        report.fact("simulations", format!("{}, of which {} were accepted", count(simulations as u64), percent(rate)));
    }
    if let Some(nonfinite) = number("nonfinite").filter(|nonfinite| *nonfinite > 0.0) {
        report.warnings.push(format!("{} simulations had a summary that is NaN or infinite", count(nonfinite as u64)));
    }
    if let Some(object) = report.json.as_object_mut() {
        for name in ["simulations", "acceptance_rate", "nonfinite", "partial"] {
            object.insert(name.into(), attribute_json(reader, name));
        }
    }
}

/// The draws of each parameter over its prior, pairs, and how near the accepted simulations came.
///
/// # Errors
/// If draws can't be read.
pub fn sections(posterior: &Posterior<'_>) -> Result<Vec<Section>> {
    let run_file = RunFile::of(posterior.reader);
    let drawn = posterior.each_drawn(|subject| {
        let prior = run_file.prior.get(subject.name());
        Ok((figures::density(subject, prior, HALF)?, figures::thinned(subject)))
    })?;
    let (densities, thinned): (Vec<Option<Figure>>, Vec<_>) = drawn.into_iter().unzip();
    let densities = densities.into_iter().flatten().collect();
    let mut sections = vec![Section::new("Accepted draws over the prior", posterior.note(), densities)];
    sections.extend(posterior.pairs(&thinned)?);
    sections.extend(nearness::section(posterior.reader, &run_file)?);
    Ok(sections)
}
