//! What is said at the end of a run: a table for people, or one JSON object for programs.

use super::flags::Settings;
use crate::diagnostics::{Column, Summary, summarise};
use crate::error::{Error, Result};
use crate::farm::{Account, RankTime};
use crate::store::Reader;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};

/// The probabilities of the quantiles in every summary, with their names.
const QUANTILES: [(&str, f64); 5] = [("0.025", 0.025), ("0.25", 0.25), ("0.5", 0.5), ("0.75", 0.75), ("0.975", 0.975)];

/// What is said of one parameter.
#[derive(Debug, Serialize)]
pub(super) struct Parameter {
    #[serde(skip)]
    name: String,
    mean: Option<f64>,
    sd: Option<f64>,
    quantiles: BTreeMap<&'static str, Option<f64>>,
}

impl Parameter {
    /// The summary of the variable `posterior/name` of a file; numbers that do not exist (the sd of one draw) are
    /// absent.
    pub fn of(reader: &Reader, name: &str) -> Result<Self> {
        let variable = format!("posterior/{name}");
        let draws = Draws { length: reader.shape(&variable)?[1], reader, variable };
        let Summary { mean, sd, quantiles } = summarise(&draws, &QUANTILES.map(|(_, probability)| probability))?;
        let exists = |x: f64| x.is_finite().then_some(x);
        let quantiles = QUANTILES.iter().zip(quantiles).map(|((name, _), value)| (*name, exists(value))).collect();
        Ok(Parameter { name: name.to_owned(), mean: exists(mean), sd: exists(sd), quantiles })
    }
}

/// A variable over (chain, draw) with one chain, as a column.
struct Draws<'a> {
    reader: &'a Reader,
    variable: String,
    length: usize,
}

/// So many numbers are read at a time.
const BLOCK: usize = 1 << 16;

impl Column for Draws<'_> {
    fn len(&self) -> usize {
        self.length
    }

    fn read(&self, visit: &mut dyn FnMut(&[f64])) -> Result<()> {
        for start in (0..self.length).step_by(BLOCK) {
            let end = (start + BLOCK).min(self.length);
            visit(&self.reader.block(&self.variable, &[0..1, start..end])?);
        }
        Ok(())
    }
}

/// Parameters in their order, for JSON an object by name.
pub(super) fn by_name<S: serde::Serializer>(parameters: &[Parameter], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(parameters.iter().map(|parameter| (&parameter.name, parameter)))
}

/// A line for each parameter: name, mean, sd, quantiles.
pub(super) fn table(parameters: &[Parameter]) -> String {
    let width = parameters.iter().map(|parameter| parameter.name.chars().count()).max().unwrap_or(0).max(9);
    let percent = |name: &str| format!("{}%", name.parse::<f64>().unwrap_or_default() * 100.0);
    let heads = ["mean".to_owned(), "sd".to_owned()].into_iter().chain(QUANTILES.map(|(name, _)| percent(name)));
    let mut text = format!("{:width$}", "");
    heads.for_each(|head| _ = write!(text, " {head:>11}"));
    for Parameter { name, mean, sd, quantiles } in parameters {
        let _ = write!(text, "\n{name:width$}");
        for value in [mean, sd].into_iter().chain(quantiles.values()) {
            let _ = write!(text, " {:>11}", value.map_or("-".into(), significant));
        }
    }
    text
}

/// Five significant digits.
pub(super) fn significant(x: f64) -> String {
    let magnitude = x.abs();
    if x == 0.0 || (1e-4..1e7).contains(&magnitude) {
        // libm: the digits shown must not depend on the platform either.
        let digits = if x == 0.0 { 0 } else { libm::floor(libm::log10(magnitude)) as i32 };
        format!("{x:.*}", (4 - digits).max(0) as usize)
    } else {
        format!("{x:.4e}")
    }
}

/// How busy each rank was with the work itself.
#[derive(Debug, Serialize)]
pub(super) struct Rank {
    rank: usize,
    host: String,
    busy_share: f64,
    tasks: u64,
}

/// The ranks of an account.
pub(super) fn ranks(account: &Account) -> Vec<Rank> {
    let rank = |(rank, time): (usize, &RankTime)| Rank {
        rank,
        host: time.host.clone(),
        busy_share: time.busy_share(),
        tasks: time.tasks,
    };
    account.ranks.iter().enumerate().map(rank).collect()
}

/// How idle the ranks were in a phase.
#[derive(Debug, Serialize)]
pub(super) struct Idle {
    phase: String,
    seconds: f64,
    /// Of each rank.
    idle_share: Vec<f64>,
    /// The host of the rank that was idle most.
    #[serde(skip)]
    host: String,
}

/// The phases in which ranks had tasks.
pub(super) fn phases(accounts: &[(&str, &Account)]) -> Vec<Idle> {
    let phase = |(name, account): &(&str, &Account)| {
        let most = account.ranks.iter().max_by(|a, b| a.idle_share().total_cmp(&b.idle_share()))?;
        let idle_share = account.ranks.iter().map(RankTime::idle_share).collect();
        Some(Idle { phase: (*name).into(), seconds: account.seconds, idle_share, host: most.host.clone() })
    };
    accounts.iter().filter_map(phase).collect()
}

/// `idle share per rank: 0.2 %, 0.9 %`, with the phases' names when there are several; of many ranks the range and who
/// was idle most.
pub(super) fn idle(phases: &[Idle]) -> String {
    const LISTED: usize = 8;
    let percent = |share: &f64| format!("{:.1} %", 100.0 * share);
    let ranks = phases.iter().map(|phase| phase.idle_share.len()).max().unwrap_or(0);
    let of = |phase: &Idle| {
        let shares = &phase.idle_share;
        let name = if phases.len() > 1 { format!("{} ", phase.phase) } else { String::new() };
        if ranks <= LISTED {
            return name + &shares.iter().map(percent).collect::<Vec<_>>().join(", ");
        }
        let (least, most) =
            shares.iter().fold((1.0_f64, 0.0_f64), |(least, most), share| (least.min(*share), most.max(*share)));
        let rank = shares.iter().rposition(|share| *share == most).unwrap_or(0);
        format!("{name}{} to {} (rank {rank}, {})", percent(&least), percent(&most), phase.host)
    };
    let all = phases.iter().map(of).collect::<Vec<_>>().join("; ");
    if ranks <= LISTED { format!("idle share per rank: {all}") } else { format!("idle share of {ranks} ranks: {all}") }
}

/// Says it as the settings ask: JSON, text, or nothing.
pub(super) fn show<S: Serialize>(settings: &Settings, summary: &S, text: impl FnOnce() -> String) -> Result<()> {
    if settings.json {
        return print(&serde_json::to_string(summary).map_err(Error::other)?);
    }
    if settings.quiet { Ok(()) } else { print(&text()) }
}

/// Prints on standard output. That nobody reads on (`| head`) is no failure.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::file("standard output", "print", error)),
        _ => Ok(()),
    }
}

/// The SHA-256 of numbers, as their little-endian bytes.
pub(super) fn digest(values: &[f64]) -> String {
    let mut digest = Digest::default();
    digest.add(values);
    digest.finish()
}

/// The same of numbers that come bit by bit.
#[derive(Default)]
pub(super) struct Digest(Sha256);

impl Digest {
    pub fn add(&mut self, values: &[f64]) {
        values.iter().for_each(|value| self.0.update(value.to_le_bytes()));
    }

    pub fn finish(self) -> String {
        self.0.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_digits() {
        assert_eq!(
            [4.98614, 0.000_115_6, 123_456.0, 0.0, -31.25, 1.5e9, 9.99999].map(significant),
            ["4.9861", "0.00011560", "123456", "0.0000", "-31.250", "1.5000e9", "10.0000"]
        );
    }

    #[test]
    fn idle_shares_per_phase() {
        let account = |idle: &[f64]| {
            let rank = |(rank, idle): (usize, &f64)| RankTime {
                host: format!("node{rank}"),
                busy: 10.0 - idle,
                idle: *idle,
                tasks: 1,
                peak_memory: 0,
            };
            Account { seconds: 10.0, ranks: idle.iter().enumerate().map(rank).collect(), ..Account::default() }
        };
        let said = |accounts: &[(&str, &Account)]| idle(&phases(accounts));
        let (few, none) = (account(&[0.02, 0.09]), Account::default());
        assert_eq!(said(&[("sample", &few)]), "idle share per rank: 0.2 %, 0.9 %");
        let pilot = account(&[1.0, 5.0]);
        let both = said(&[("pilot", &pilot), ("nothing", &none), ("sample", &few)]);
        assert_eq!(both, "idle share per rank: pilot 10.0 %, 50.0 %; sample 0.2 %, 0.9 %");
        let many = account(&[0.5, 0.1, 2.0, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]);
        assert_eq!(said(&[("sample", &many)]), "idle share of 9 ranks: 1.0 % to 20.0 % (rank 2, node2)");
        let json = serde_json::to_value(phases(&[("sample", &few)])).unwrap();
        assert_eq!(json[0]["phase"], "sample");
        assert!((json[0]["idle_share"][1].as_f64().unwrap() - 0.009).abs() < 1e-12);
    }

    #[test]
    fn digest_of_nothing_is_the_known_one() {
        assert!(digest(&[]).starts_with("e3b0c44298fc1c14"));
    }
}
