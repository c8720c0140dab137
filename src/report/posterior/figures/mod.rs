//! The figures of one quantity: what each shows is in its file.

mod autocorrelation;
mod density;
mod pair;
mod rank;
mod running_mean;
mod shades;
mod trace;

pub use density::density;
pub use pair::{Pairs, Thinned, kept, thinned};

use super::super::figure::{Figure, Stroke, Swatch, series};
use super::super::histogram;
use super::row::Summary;
use super::variable::Draws;
use crate::error::Result;

/// A quantity, as its figures need it.
pub struct Subject<'a> {
    /// Its summary.
    pub summary: &'a Summary,
    /// Its draws.
    pub draws: &'a Draws,
    /// All its draws that are numbers, in ascending order.
    pub sorted: Vec<f64>,
    /// The chains that are drawn one by one.
    pub chains: &'a [usize],
    /// What all chains are called.
    pub chain_names: &'a [String],
    /// Which draws are divergent.
    pub divergent: Option<&'a [bool]>,
    /// The interval's name: `94 % HDI`.
    pub interval: &'a str,
}

impl<'a> Subject<'a> {
    /// The name of the quantity.
    pub fn name(&self) -> &'a str {
        &self.summary.name
    }

    /// The chains that are drawn, each with its colour.
    fn drawn(&self) -> impl Iterator<Item = (super::super::figure::Colour, &'a [f64])> {
        let draws = self.draws;
        self.chains.iter().enumerate().map(move |(place, chain)| (series(place), draws.chain(*chain)))
    }

    /// The chains in a legend, after other entries.
    fn legend(&self, others: Vec<(String, Swatch)>) -> Vec<(String, Swatch)> {
        let mut legend = others;
        if self.draws.chains > 1 {
            legend.push(("chain".into(), Swatch::None));
            let entry = |(place, chain): (usize, &usize)| {
                (self.chain_names[*chain].clone(), Swatch::Line(Stroke::of(series(place), 2.0)))
            };
            legend.extend(self.chains.iter().enumerate().map(entry));
        }
        legend
    }
}

/// All figures of the draws of chains.
pub fn of_chains(subject: &Subject<'_>) -> Result<Vec<Figure>> {
    if subject.sorted.first() == subject.sorted.last() {
        return Ok(Vec::new()); // nothing varies
    }
    let mut figures = vec![trace::trace(subject)?];
    figures.extend(density::density(subject, None, super::super::figure::HALF)?);
    if subject.draws.chains > 1 {
        figures.push(rank::rank(subject)?);
    }
    figures.push(autocorrelation::autocorrelation(subject)?);
    figures.push(running_mean::running_mean(subject)?);
    Ok(figures)
}

/// The numbers among draws, in ascending order.
pub fn sorted(draws: &Draws) -> Vec<f64> {
    histogram::sorted(&draws.values)
}
