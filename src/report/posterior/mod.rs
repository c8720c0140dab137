//! A posterior: variables over chains and draws.

mod choice;
mod element;
pub mod figures;
mod overview;
pub mod quantities;
pub mod row;
mod sampler;
mod variable;
mod warnings;

use super::figure::Figure;
use super::made::attribute;
use super::number::{count, counted, fixed};
use super::{Interval, Options, Report, Section, Table, abc};
use crate::diagnostics::ChainSummary;
use crate::error::{Error, Result};
use crate::store::{Reader, Value};
use figures::{Pairs, Subject, Thinned};
use quantities::Quantities;
use row::Summary;
use sampler::Sampler;
use serde_json::json;

/// So many quantities are read at a time that have too many draws to be held: each takes some memory of its own.
const AT_ONCE: usize = 8;

/// All that has been read of a posterior.
pub struct Posterior<'a> {
    /// The file.
    pub reader: &'a Reader,
    /// What is asked for.
    pub options: &'a Options,
    /// The quantities.
    pub quantities: Quantities,
    /// The summary of each.
    pub summaries: Vec<Summary>,
    /// Which quantities are drawn.
    pub drawn: Vec<usize>,
    /// Which chains are drawn one by one.
    pub chains: Vec<usize>,
    /// What the sampler has noted.
    sampler: Sampler,
}

/// The report of a file with a posterior.
///
/// # Errors
/// If it holds no draws, or can't be read.
pub fn report(reader: &Reader, options: &Options) -> Result<Report> {
    let posterior = Posterior::read(reader, options)?;
    let independent = matches!(reader.attribute("/", "application"), Ok(Value::Text(name)) if name == "abc");
    let mut report = posterior.summarised(independent);
    if independent {
        abc::facts(&posterior, &mut report);
    }
    if options.figures {
        report.sections = if independent { abc::sections(&posterior)? } else { posterior.sections()? };
    }
    Ok(report)
}

/// The name and the summary of each quantity of the group `posterior` of a file of which so many draws of each chain have
/// been written, in their order.
///
/// # Errors
/// If they can't be read.
pub fn so_far(reader: &Reader, draws: usize) -> Result<Vec<(String, ChainSummary)>> {
    // One after the other: where HDF5 puts what is written later depends on the order of reading.
    let summaries = Quantities::written(reader, draws)?.summaries(reader, &Options::default(), 1)?;
    Ok(summaries.into_iter().map(|summary| (summary.name, summary.of)).collect())
}

impl<'a> Posterior<'a> {
    fn read(reader: &'a Reader, options: &'a Options) -> Result<Self> {
        let quantities = Quantities::of(reader)?;
        let unfit = |message| Err(Error::input(reader.path().display().to_string(), message));
        if quantities.all.is_empty() {
            return unfit("its group 'posterior' holds no numbers over (chain, draw)");
        }
        if quantities.draws == 0 || quantities.chains == 0 {
            return unfit("its group 'posterior' has no draws");
        }
        let summaries = quantities.summaries(reader, options, AT_ONCE)?;
        let drawn = choice::quantities(&quantities, &summaries, &options.show)?;
        let chains = choice::chains(&quantities, &summaries);
        let sampler = Sampler::of(reader, quantities.chains, quantities.draws, options.figures)?;
        Ok(Posterior { reader, options, quantities, summaries, drawn, chains, sampler })
    }

    /// Facts, tables and warnings.
    fn summarised(&self, independent: bool) -> Report {
        let (chains, draws) = (self.quantities.chains, self.quantities.draws);
        let shape =
            format!("{} of {}", counted(chains as u64, "chain", "chains"), counted(draws as u64, "draw", "draws"));
        let kind = match independent {
            true => format!("{} from an ABC posterior", counted(draws as u64, "independent draw", "independent draws")),
            false => format!("posterior, {shape}"),
        };
        let quantities = self.summaries.iter().map(|summary| (summary.name.clone(), summary.json(self.options)));
        let mut report = Report::new(
            kind,
            json!({
                "kind": "posterior",
                "chains": chains,
                "draws": draws,
                "interval": { "kind": row::interval_name(self.options), "level": self.options.level },
                "quantities": quantities.collect::<serde_json::Map<_, _>>(),
                "sampler": self.sampler.json,
            }),
        );
        report.tables = vec![self.table()];
        if independent {
            // Of one chain there is no r_hat, and tasks are no statistics.
            report.tables[0].drop_last_column();
        } else {
            report.tables.push(self.sampler.table.clone());
        }
        report.warnings = match independent {
            true => warnings::of_numbers(&self.quantities, &self.summaries),
            false => warnings::of_chains(&self.quantities, &self.summaries),
        };
        report.warnings.splice(0..0, self.sampler.warnings.iter().cloned());
        if attribute(self.reader, "partial") == Some(1.0) {
            report
                .warnings
                .insert(0, "PARTIAL: the run was allowed no more, and ended with less than was asked for".into());
        }
        report
    }

    fn table(&self) -> Table {
        let chains = self.quantities.chains;
        let rows = self.summaries.iter().map(|summary| summary.row(chains)).collect();
        Table { caption: String::new(), heads: row::heads(self.options), rows, note: String::new() }
    }

    /// The name of the interval: `94 % HDI`.
    pub fn interval(&self) -> String {
        let name = match self.options.interval {
            Interval::HighestDensity => "highest density interval",
            Interval::EqualTailed => "equal-tailed interval",
        };
        let level = fixed(100.0 * self.options.level, 6);
        format!("{} % {name}", level.trim_end_matches('0').trim_end_matches('.'))
    }

    /// What `draw` makes of each quantity that is drawn.
    ///
    /// # Errors
    /// If draws can't be read, or those of `draw`.
    pub fn each_drawn<T: Send>(&self, draw: impl Fn(&Subject<'_>) -> Result<T> + Sync) -> Result<Vec<T>> {
        let interval = self.interval();
        self.quantities.visit(self.reader, &self.drawn, |number, draws| {
            draw(&Subject {
                summary: &self.summaries[number],
                sorted: figures::sorted(&draws),
                draws: &draws,
                chains: &self.chains,
                chain_names: &self.quantities.chain_names,
                divergent: self.sampler.divergent.as_deref(),
                interval: &interval,
            })
        })
    }

    /// An overview, the figures of each quantity that is drawn, and pairs.
    fn sections(&self) -> Result<Vec<Section>> {
        let mut sections = self.overview()?;
        let drawn = self.each_drawn(|subject| Ok((figures::of_chains(subject)?, figures::thinned(subject))))?;
        let (figures, thinned): (Vec<_>, Vec<_>) = drawn.into_iter().unzip();
        sections.extend(
            self.drawn
                .iter()
                .zip(figures)
                .map(|(number, figures)| Section::new(&self.quantities.all[*number].name, "", figures)),
        );
        sections.extend(self.pairs(&thinned)?);
        Ok(sections)
    }

    fn overview(&self) -> Result<Vec<Section>> {
        let mut variables: Vec<(String, Vec<&Summary>)> = Vec::new();
        for (quantity, summary) in self.quantities.all.iter().zip(&self.summaries) {
            match variables.last_mut() {
                Some((name, summaries)) if *name == quantity.variable => summaries.push(summary),
                _ => variables.push((quantity.variable.clone(), vec![summary])),
            }
        }
        let mut figures: Vec<Figure> = overview::convergence(&variables, self.quantities.chains)?.into_iter().collect();
        for (name, summaries) in &variables {
            figures.extend(overview::intervals(name, summaries, &self.interval())?);
        }
        Ok(match figures.is_empty() {
            true => Vec::new(),
            false => vec![Section::new("Overview", self.note(), figures)],
        })
    }

    /// What is not drawn.
    pub fn note(&self) -> String {
        let mut notes = Vec::new();
        if self.drawn.len() < self.quantities.all.len() && self.options.show.is_empty() {
            notes.push(format!(
                "Of {} quantities, {} are drawn one by one: those that mix worst and the first of the file; constant \
                 ones are not. --show names others.",
                count(self.quantities.all.len() as u64),
                self.drawn.len()
            ));
        }
        if self.chains.len() < self.quantities.chains {
            notes.push(format!(
                "Of {} chains, the {} whose means are farthest from the others' are drawn.",
                count(self.quantities.chains as u64),
                self.chains.len()
            ));
        }
        notes.join(" ")
    }

    /// The pair plot.
    pub fn pairs(&self, thinned: &[Thinned]) -> Result<Option<Section>> {
        let (chains, draws) = (self.quantities.chains, self.quantities.draws);
        let divergent = self.sampler.divergent.as_deref().map(|divergent| figures::kept(divergent, chains));
        let left_out = self.quantities.all.len() - thinned.len();
        // One element of each variable before the second ones.
        let mut order: Vec<usize> = (0..thinned.len()).collect();
        order.sort_by_key(|at| self.quantities.all[self.drawn[*at]].element);
        let quantities: Vec<&Thinned> = order.into_iter().map(|at| &thinned[at]).collect();
        let pairs = Pairs { quantities: &quantities, divergent, left_out, draws: chains * draws };
        Ok(pairs.figure()?.map(|figure| Section::new("Pairs", "", vec![figure])))
    }
}
