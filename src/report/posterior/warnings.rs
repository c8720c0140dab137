//! What one should know before believing the numbers, in words.

use super::super::number::{count, counted, fixed, significant};
use super::quantities::Quantities;
use super::row::{HIGHEST_RHAT, LEAST_ESS_PER_CHAIN, Summary};

/// So many quantities are named in a warning.
const NAMED: usize = 6;

/// Of draws that need not be independent: chains.
pub fn of_chains(of: &Quantities, summaries: &[Summary]) -> Vec<String> {
    let mut warnings = of_numbers(of, summaries);
    match of.chains {
        1 => warnings
            .push("there is one chain: r_hat needs at least two, better four, started at different points".to_owned()),
        2 | 3 => warnings.push(format!(
            "there are few chains ({}): with four or more, started at different points, r_hat is more reliable",
            of.chains
        )),
        _ => {}
    }
    if of.draws < 4 {
        warnings.push(format!(
            "{} in each chain: too few to say whether they have mixed",
            counted(of.draws as u64, "draw", "draws")
        ));
    }
    let varying = || summaries.iter().filter(|summary| !summary.of.constant);
    let high: Vec<&Summary> = varying().filter(|summary| summary.has_high_rhat()).collect();
    if !high.is_empty() {
        let names = listed(high, |summary| summary.of.rhat, true, |summary| fixed(summary.of.rhat, 3));
        warnings.push(format!("r_hat is above {HIGHEST_RHAT}, the chains have not mixed: {names}"));
    }
    let low: Vec<&Summary> = varying().filter(|summary| summary.has_low_ess(of.chains)).collect();
    if !low.is_empty() {
        let names = listed(low, Summary::least_ess, false, |summary| fixed(summary.least_ess(), 0));
        let least = count((LEAST_ESS_PER_CHAIN * of.chains as f64) as u64);
        warnings.push(format!(
            "the effective sample size is below {least} ({LEAST_ESS_PER_CHAIN} for each chain), \
             draw longer chains: {names}"
        ));
    }
    warnings
}

/// Of any draws: those that are no numbers, and quantities that do not vary.
pub fn of_numbers(of: &Quantities, summaries: &[Summary]) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |text: &str, is_meant: fn(&Summary) -> bool, shown: fn(&Summary) -> String| {
        let meant: Vec<&Summary> = summaries.iter().filter(|summary| is_meant(summary)).collect();
        if !meant.is_empty() {
            warnings.push(format!("{text}: {}", listed(meant, |_| 0.0, true, shown)));
        }
    };
    warn("draws are NaN", |summary| summary.of.nan > 0, |summary| counted(summary.of.nan as u64, "draw", "draws"));
    warn(
        "draws are infinite",
        |summary| summary.of.infinite > 0,
        |summary| counted(summary.of.infinite as u64, "draw", "draws"),
    );
    warn(
        "all draws are equal",
        |summary| summary.of.constant && summary.of.nan == 0,
        |summary| significant(summary.of.mean, 5),
    );
    if !of.left_out.is_empty() {
        let names: Vec<&str> = of.left_out.iter().map(String::as_str).collect();
        warnings.push(format!(
            "left out, because they are not numbers over the same chains and draws: {}",
            names.join(", ")
        ));
    }
    warnings
}

/// Names with what is shown of each in parentheses: the worst first, and how many more there are.
fn listed(
    mut summaries: Vec<&Summary>,
    by: impl Fn(&Summary) -> f64,
    largest_first: bool,
    shown: impl Fn(&Summary) -> String,
) -> String {
    summaries.sort_by(|a, b| if largest_first { by(b).total_cmp(&by(a)) } else { by(a).total_cmp(&by(b)) });
    let named = summaries.iter().take(NAMED).map(|summary| format!("{} ({})", summary.name, shown(summary)));
    let named = named.collect::<Vec<_>>().join(", ");
    match summaries.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
