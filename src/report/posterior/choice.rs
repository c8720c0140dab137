//! What is drawn: of many quantities and chains, those that one should look at.

use super::quantities::Quantities;
use super::row::Summary;
use crate::error::{Error, Result};

/// So many quantities are drawn unless they are named.
pub const QUANTITIES: usize = 12;
/// So many chains are drawn one by one.
pub const CHAINS: usize = 8;

/// The quantities to draw, by their numbers in ascending order.
///
/// # Errors
/// If a name is none of a quantity or a variable.
pub fn quantities(of: &Quantities, summaries: &[Summary], show: &[String]) -> Result<Vec<usize>> {
    if !show.is_empty() {
        return named(of, show);
    }
    let mut drawable: Vec<usize> = (0..summaries.len()).filter(|number| is_drawable(&summaries[*number])).collect();
    if drawable.len() > QUANTITIES {
        // Half of them those that mix worst.
        let mut worst = drawable.clone();
        worst.sort_by(|a, b| badness(&summaries[*b]).total_cmp(&badness(&summaries[*a])));
        worst.truncate(QUANTITIES / 2);
        // One element of each variable before the second ones.
        let mut rest: Vec<usize> = drawable.into_iter().filter(|number| !worst.contains(number)).collect();
        rest.sort_by_key(|number| of.all[*number].element);
        rest.truncate(QUANTITIES - worst.len());
        drawable = rest.into_iter().chain(worst).collect();
        drawable.sort_unstable();
    }
    Ok(drawable)
}

fn is_drawable(summary: &Summary) -> bool {
    !summary.of.constant && !summary.of.sd.is_nan() || summary.of.nan > 0
}

/// The larger, the worse the chains have mixed; first of all those with draws that are no numbers.
fn badness(summary: &Summary) -> f64 {
    let of = &summary.of;
    if summary.of.nan > 0 {
        f64::INFINITY
    } else {
        (of.rhat - 1.0).max(0.0) + 1.0 / summary.least_ess().max(1e-9).sqrt()
    }
}

fn named(of: &Quantities, show: &[String]) -> Result<Vec<usize>> {
    let mut chosen = Vec::new();
    for name in show {
        let is_named = |quantity: &super::quantities::Quantity| quantity.name == *name || quantity.variable == *name;
        let found = (0..of.all.len()).filter(|number| is_named(&of.all[*number]));
        let before = chosen.len();
        chosen.extend(found);
        if chosen.len() == before {
            let some: Vec<&str> = of.all.iter().take(20).map(|quantity| quantity.name.as_str()).collect();
            let more = if of.all.len() > some.len() { ", ..." } else { "" };
            return Err(Error::input("--show", format!("there is no '{name}'; there are: {}{more}", some.join(", "))));
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// The chains to draw one by one, in ascending order: all, or those whose means are farthest from the others'.
pub fn chains(of: &Quantities, summaries: &[Summary]) -> Vec<usize> {
    let mut chains: Vec<usize> = (0..of.chains).collect();
    if of.chains > CHAINS {
        let farthest = |chain: &usize| {
            let of_chain = summaries.iter().map(|summary| summary.deviations[*chain]);
            of_chain.filter(|deviation| deviation.is_finite()).fold(0.0, f64::max)
        };
        chains.sort_by(|a, b| farthest(b).total_cmp(&farthest(a)));
        chains.truncate(CHAINS);
        chains.sort_unstable();
    }
    chains
}
