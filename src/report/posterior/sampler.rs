//! What the sampler has noted of each draw: acceptance rates, divergences.

use super::super::number::{Unit, counted, percent};
use super::super::{Row, Table, json_number};
use super::element::Element;
use super::variable::Variable;
use crate::diagnostics::Blocks;
use crate::error::Result;
use crate::store::{Kind, Reader};

/// The statistics of a sampler.
#[derive(Debug, Default)]
pub struct Sampler {
    /// A row for each scalar statistic.
    pub table: Table,
    /// What is wrong.
    pub warnings: Vec<String>,
    /// For figures, which draws are divergent, chain by chain, if any is.
    pub divergent: Option<Vec<bool>>,
    /// The same for programs.
    pub json: serde_json::Map<String, serde_json::Value>,
}

/// Truth values that should hold for no draw, and what to do about them.
const UNWANTED: [(&str, &str); 2] = [
    ("diverging", "divergent transitions: the posterior may be biased; reparametrise, or take smaller steps"),
    ("reached_max_treedepth", "transitions that reached the largest tree depth: the sampler is inefficient here"),
];

impl Sampler {
    /// What the group `sample_stats` says of chains of this shape; nothing if there is none. `figures`: whether some will
    /// be drawn.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn of(reader: &Reader, chains: usize, draws: usize, figures: bool) -> Result<Self> {
        let mut sampler = Sampler::default();
        if !reader.has_group("sample_stats") {
            return Ok(sampler);
        }
        // The log density is summarised with the posterior.
        for name in reader.variables("sample_stats")?.into_iter().filter(|name| name != "lp") {
            let variable = Variable::of(reader, "sample_stats", &name)?;
            let same = |variable: &Variable| (variable.chains, variable.draws) == (chains, draws);
            if let Some(variable) = variable.filter(|variable| variable.elements() == 1 && same(variable)) {
                let draws = Element::new(reader, &variable, 0);
                let is_truth = reader.kind(&format!("sample_stats/{name}"))? == Kind::Boolean;
                if is_truth { sampler.truth(&name, &draws, figures)? } else { sampler.number(&name, &draws)? }
            }
        }
        sampler.table.caption = "Sampler statistics".into();
        sampler.table.heads =
            ["", "mean", "sd", "smallest", "largest", "means of the chains"].map(str::to_owned).into();
        Ok(sampler)
    }

    fn number(&mut self, name: &str, draws: &Element<'_>) -> Result<()> {
        let (mut sum, mut n, mut low, mut high) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
        let mut means = vec![0.0; draws.chains()];
        draws.each(|chain, block| {
            means[chain] = block.iter().fold(means[chain], |sum, x| sum + x);
            for x in block.iter().filter(|x| x.is_finite()) {
                (sum, n, low, high) = (sum + x, n + 1.0, low.min(*x), high.max(*x));
            }
        })?;
        if n == 0.0 {
            return Ok(());
        }
        means.iter_mut().for_each(|sum| *sum /= draws.draws() as f64);
        let (mean, mut squares) = (sum / n, 0.0);
        draws.each(|_, block| {
            let finite = block.iter().filter(|x| x.is_finite());
            squares = finite.fold(squares, |sum, x| sum + (x - mean) * (x - mean));
        })?;
        let sd = (squares / (n - 1.0)).sqrt();
        let unit = Unit::of(sd, mean);
        let mut cells: Vec<String> = [mean, sd, low, high].map(|x| unit.format(x)).into();
        cells.push(self::means(&means, |x| unit.format(x)));
        self.table.rows.push(Row { name: name.to_owned(), cells, ..Row::default() });
        let json = serde_json::json!({
            "mean": json_number(mean), "sd": json_number(sd), "smallest": json_number(low), "largest": json_number(high),
            "chain_means": means.iter().copied().map(json_number).collect::<Vec<_>>(),
        });
        self.json.insert(name.to_owned(), json);
        Ok(())
    }

    fn truth(&mut self, name: &str, draws: &Element<'_>, figures: bool) -> Result<()> {
        let mut counts = vec![0; draws.chains()];
        draws.each(|chain, block| counts[chain] += block.iter().filter(|x| **x != 0.0).count())?;
        let (count, length) = (counts.iter().sum::<usize>(), draws.draws());
        let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
        let shares: Vec<f64> = counts.iter().map(|count| share(*count, length)).collect();
        let shares = if count == 0 { "none".into() } else { means(&shares, percent) };
        let cells =
            vec![percent(share(count, length * draws.chains())), String::new(), String::new(), String::new(), shares];
        self.table.rows.push(Row { name: name.to_owned(), cells, ..Row::default() });
        self.json.insert(name.to_owned(), serde_json::json!({ "count": count }));
        let unwanted = UNWANTED.iter().find(|(unwanted, _)| *unwanted == name).filter(|_| count > 0);
        if let Some((_, what)) = unwanted {
            self.warnings.push(format!("{} {what}", counted(count as u64, "draw is of", "draws are of")));
        }
        if figures && count > 0 && name == "diverging" {
            let mut divergent = Vec::with_capacity(length * draws.chains());
            draws.each(|_, block| divergent.extend(block.iter().map(|x| *x != 0.0)))?;
            self.divergent = Some(divergent);
        }
        Ok(())
    }
}

/// The mean of each chain, or their range where there are many.
fn means(means: &[f64], shown: impl Fn(f64) -> String) -> String {
    if means.len() <= 4 {
        return means.iter().map(|mean| shown(*mean)).collect::<Vec<_>>().join(", ");
    }
    let (low, high) =
        means.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
    format!("{} to {}", shown(low), shown(high))
}
