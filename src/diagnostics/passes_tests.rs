//! Passes find what is found in memory.

use super::blocks::{BLOCK, Blocks};
use super::chain_summary::ChainSummary;
use super::chains::Chains;
use super::passes::{Limits, summary};
use super::tests::{any_draws, autoregression};
use proptest::prelude::*;
use std::cell::Cell;

/// Each draw has its own cell, or shares it with equal ones; all lags are computed.
const EXACT: Limits = Limits { parts: usize::MAX, lags: usize::MAX };

fn by_passes(chains: Chains<'_>, level: f64, limits: Limits) -> ChainSummary {
    let Ok(found) = summary(&chains, level, limits);
    found
}

/// The figures that are the same however coarse the ranks are.
fn exact(summary: &ChainSummary) -> [f64; 10] {
    let ChainSummary { mean, sd, eti, hdi, mcse_mean, mcse_sd, ess_tail, .. } = *summary;
    [mean, sd, eti[0], eti[1], hdi[0], hdi[1], mcse_mean, mcse_sd, ess_tail, f64::from(u8::from(summary.constant))]
}

/// Those of ranks.
fn ranked(summary: &ChainSummary) -> [f64; 2] {
    [summary.ess_bulk, summary.rhat]
}

/// Both zeros are equal.
fn same(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a == b || a.is_nan() && b.is_nan())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// All figures, with ties, infinite and missing draws, odd numbers of them: the same, if cells are small enough; and
    /// but for those of ranks also if they are not.
    #[test]
    fn any_draws_have_the_figures_of_memory(
        draws in any_draws(),
        chains in 1usize..4,
        level in 0.0f64..1.0,
        parts in 1usize..30,
    ) {
        let draws = &draws[..draws.len() / chains * chains];
        let chains = Chains::new(draws, chains).unwrap();
        let expected = ChainSummary::of(chains, level);
        let fine = by_passes(chains, level, EXACT);
        prop_assert!(same(&exact(&fine), &exact(&expected)), "{fine:?} and {expected:?}");
        prop_assert!(same(&ranked(&fine), &ranked(&expected)), "{fine:?} and {expected:?}");
        let coarse = by_passes(chains, level, Limits { parts, ..EXACT });
        prop_assert!(same(&exact(&coarse), &exact(&expected)), "{coarse:?} and {expected:?}");
        prop_assert_eq!((coarse.nan, coarse.infinite), (expected.nan, expected.infinite));
    }
}

/// Draws of all kinds that are more than a block: a name, and the draws of each chain.
fn kinds() -> Vec<(&'static str, Vec<Vec<f64>>)> {
    let of = |draws: usize, map: fn(usize, usize, f64) -> f64, rho: f64| -> Vec<Vec<f64>> {
        let chain = |chain: usize| {
            let draws = autoregression(rho, draws, 300 + chain as u64);
            draws.into_iter().enumerate().map(|(i, x)| map(chain, i, x)).collect()
        };
        (0..4).map(chain).collect()
    };
    const N: usize = BLOCK / 4 + 1001; // in all more than a block
    vec![
        ("correlated", of(N, |_, _, x| x, 0.9)),
        ("antithetic", of(N, |_, _, x| x, -0.5)),
        ("odd", of(N + 1, |_, _, x| x, 0.3)),
        ("far from 0", of(N, |_, _, x| 1e9 + x, 0.3)),
        ("heavy tails", of(N, |_, _, x| x / (0.1 - x * x), 0.3)),
        ("few values", of(N, |_, _, x| x.round(), 0.6)),
        ("many values, tied", of(N, |_, _, x| (x * 1e3).round() / 1e3, 0.6)),
        ("half of them 0", of(N, |_, _, x| x.max(0.0), 0.6)),
        ("drifting", of(N, |_, i, x| x + i as f64 / N as f64, 0.3)),
        ("apart", of(N, |chain, _, x| x + 0.1 * chain as f64, 0.3)),
        ("of different scale", of(N, |chain, _, x| x * (1.0 + 0.1 * chain as f64), 0.3)),
        ("one that stands still", of(N, |chain, _, x| if chain == 2 { 0.7 } else { x }, 0.3)),
        ("constant", of(N, |_, _, _| 0.1, 0.3)),
        ("some infinite", of(N, |_, i, x| if i % 100 == 7 { f64::INFINITY } else { x }, 0.3)),
    ]
}

/// Ranks that are off by a part in 2^12 of the draws change R-hat by less than 1e-6, and the effective sample size by
/// less than 0.5 %: most where Geyer's sum is long, and ends in noise. Two cells are not enough.
#[test]
fn ranks_are_as_fine_as_promised() {
    let mut seen = 0;
    for (name, draws) in kinds() {
        let draws = draws.concat();
        let chains = Chains::new(&draws, 4).unwrap();
        let expected = ChainSummary::of(chains, 0.94);
        let off = |parts: usize| {
            let found = by_passes(chains, 0.94, Limits { parts, ..EXACT });
            assert!(same(&exact(&found), &exact(&expected)), "{name}: {found:?} and {expected:?}");
            let [ess, rhat] = ranked(&found);
            assert_eq!(rhat.is_nan(), expected.rhat.is_nan(), "{name}: {found:?} and {expected:?}");
            [(ess / expected.ess_bulk - 1.0).abs(), if rhat.is_nan() { 0.0 } else { (rhat - expected.rhat).abs() }]
        };
        assert_eq!(off(usize::MAX), [0.0, 0.0], "{name}");
        let is_near = |[ess, rhat]: [f64; 2]| ess < 5e-3 && rhat < 1e-6;
        assert!(is_near(off(1 << 12)), "{name}: off by {:?}", off(1 << 12));
        seen += u32::from(!is_near(off(2)));
    }
    assert!(seen > 8, "{seen}");
}

/// A slow chain, of which many lags are wanted, has about the effective size that all its lags give it; to stop where
/// lags end would be far off. That of a fast one is the same, and chains that stand still are worth a draw each.
#[test]
fn lags_are_limited() {
    let sizes = |draws: &[f64], chains: usize, lags: usize| {
        let chains = Chains::new(draws, chains).unwrap();
        let found = by_passes(chains, 0.94, Limits { lags, ..EXACT });
        [found.ess_bulk, found.ess_tail, (found.sd / found.mcse_mean) * (found.sd / found.mcse_mean)]
    };
    let slow: Vec<f64> = (0..2).flat_map(|chain| autoregression(0.9995, 100_000, 400 + chain)).collect();
    let (all, few) = (sizes(&slow, 2, usize::MAX), sizes(&slow, 2, 512));
    for (all, few) in all.iter().zip(few) {
        // Lags up to 512 alone would give 200,000 / 1024 at least.
        assert!((few / all - 1.0).abs() < 0.1 && few < 160.0, "{few} and {all}");
    }
    let fast = autoregression(0.5, 20_000, 402);
    for (all, few) in sizes(&fast, 1, usize::MAX).iter().zip(sizes(&fast, 1, 512)) {
        assert!((few / all - 1.0).abs() < 1e-12, "{few} and {all}"); // by blocks of other lengths
    }
    // Means of batches hardly vary in an antithetic chain: no size is above n log10(n).
    let antithetic = autoregression(-0.999, 20_000, 403);
    assert!(sizes(&antithetic, 1, 8).iter().all(|size| *size <= 20_000.0 * libm::log10(20_000.0) * (1.0 + 1e-12)));
    let still: Vec<f64> = (0..4).flat_map(|chain| [f64::from(chain); 4096]).collect();
    let (all, few) = (sizes(&still, 4, usize::MAX), sizes(&still, 4, 64));
    assert!(all.iter().zip(few).all(|(all, few)| *all < 10.0 && few < 10.0), "{few:?} and {all:?}");
}

/// Chains that count what is read, and can't be read after that.
struct Counted<'a> {
    chains: Chains<'a>,
    left: Cell<usize>,
    largest: Cell<usize>,
}

impl Blocks for Counted<'_> {
    type Error = &'static str;

    fn chains(&self) -> usize {
        self.chains.chains()
    }

    fn draws(&self) -> usize {
        self.chains.draws()
    }

    fn read(&self, chain: usize, start: usize, out: &mut [f64]) -> Result<(), &'static str> {
        self.left.set(self.left.get().checked_sub(out.len()).ok_or("enough")?);
        self.largest.set(self.largest.get().max(out.len()));
        let Ok(()) = self.chains.read(chain, start, out);
        Ok(())
    }
}

/// No more than a block is read at once, a draw some twenty or thirty times, and an error is handed on, whenever.
#[test]
fn reading_is_bounded() {
    let draws = autoregression(0.5, 8 * BLOCK, 403);
    let limits = Limits { parts: 1 << 10, lags: 1 << 12 };
    let read = |passes: usize| {
        let chains = Chains::new(&draws, 2).unwrap();
        let counted = Counted { chains, left: Cell::new(passes * draws.len()), largest: Cell::new(0) };
        (summary(&counted, 0.94, limits), counted.largest.get(), passes - counted.left.get() / draws.len())
    };
    let (found, largest, passes) = read(1000);
    assert!(found.is_ok() && largest <= BLOCK && passes <= 30, "{largest} at once, {passes} passes");
    for fewer in (0..passes - 1).step_by(4) {
        assert_eq!(read(fewer).0, Err("enough"), "{fewer} of {passes} passes");
    }
}

/// Up to a limit draws are held, beyond it is nearly the same.
#[test]
fn draws_are_held_up_to_a_limit() {
    let draws = autoregression(0.5, ChainSummary::HELD + 4, 404);
    let [held, passed] = [ChainSummary::HELD, ChainSummary::HELD + 4].map(|n| {
        let chains = Chains::new(&draws[..n], 4).unwrap();
        let Ok(read) = ChainSummary::read(&chains, 0.94);
        (read, ChainSummary::of(chains, 0.94))
    });
    assert_eq!(held.0, held.1);
    assert_eq!(exact(&passed.0), exact(&passed.1));
    let [ess, rhat] = ranked(&passed.0);
    assert!((ess / passed.1.ess_bulk - 1.0).abs() < 1e-6 && (rhat - passed.1.rhat).abs() < 1e-9);
    assert_ne!(ess, passed.1.ess_bulk);
}
