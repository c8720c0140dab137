//! Draws whose figures are known, and draws of all kinds. (tests/diagnostics.rs compares with ArviZ.)

use super::*;
use crate::stream::Streams;
use proptest::prelude::*;
use std::sync::LazyLock;

static STREAMS: LazyLock<Streams> = LazyLock::new(|| Streams::new(1992, 0));

/// An autoregression of this correlation, standard normal from its start.
pub(super) fn autoregression(rho: f64, draws: usize, number: u64) -> Vec<f64> {
    let mut stream = STREAMS.stream(number);
    let mut x = stream.normal();
    let next = |_| {
        x = rho * x + (1.0 - rho * rho).sqrt() * stream.normal();
        x
    };
    (0..draws).map(next).collect()
}

/// The mean of an autoregression knows as much as n (1 − ρ) / (1 + ρ) independent draws; its square has correlation ρ².
/// To count draws, as without correlation, is far off.
#[test]
fn ess_of_autoregressions() {
    for rho in [0.0, 0.5, 0.9, -0.4] {
        let draws = autoregression(rho, 100_000, 1);
        let chains = Chains::new(&draws, 4).unwrap();
        let expected = |rho: f64| (1.0 - rho) / (1.0 + rho);
        let near = |found: f64, expected: f64| (found / expected - 1.0).abs() < 0.1;
        for of in [Ess::Mean, Ess::Bulk, Ess::Identity] {
            let found = relative_ess(chains, of);
            assert!(near(found, expected(rho)), "{of:?} of {rho}: {found}");
            assert!(rho == 0.0 || !near(1.0, expected(rho)));
        }
        let found = relative_ess(chains, Ess::Sd);
        assert!(near(found, expected(rho * rho)), "standard deviation of {rho}: {found}");
        let error = mcse(chains, Mcse::Mean) * (100_000.0 * expected(rho)).sqrt();
        assert!((error - 1.0).abs() < 0.05, "error of the mean of {rho}: {error}");
    }
}

/// What rank normalisation and folding are for: chains that differ in scale only, and chains without a mean.
#[test]
fn each_rhat_sees_what_it_is_for() {
    let mut normal = STREAMS.stream(2);
    let mut draws = |scale: f64, location: f64| -> Vec<f64> {
        (0..2000)
            .map(|_| location + scale * normal.normal() / if scale < 0.0 { normal.normal() } else { 1.0 })
            .collect()
    };
    let figures = |draws: &[f64]| {
        let chains = Chains::new(draws, 2).unwrap();
        [Rhat::ZScale, Rhat::Folded, Rhat::Rank, Rhat::Split].map(|of| rhat(chains, of) > 1.05)
    };
    assert_eq!(figures(&[draws(1.0, 0.0), draws(1.0, 0.0)].concat()), [false; 4]);
    assert_eq!(figures(&[draws(1.0, 0.0), draws(1.0, 1.0)].concat()), [true, false, true, true]);
    assert_eq!(figures(&[draws(1.0, 0.0), draws(2.0, 0.0)].concat()), [false, true, true, false]);
    // Ratios of normal variables are Cauchy, whose mean and variance don't exist.
    assert_eq!(figures(&[draws(-1.0, 0.0), draws(-1.0, 2.0)].concat()), [true, false, true, false]);
}

/// Half the chain in one place and half in another: chains agree, halves don't.
#[test]
fn halves_show_a_drift() {
    let half = |shift: f64, number| autoregression(0.3, 500, number).into_iter().map(move |x| x + shift);
    let draws: Vec<f64> = (3..7).flat_map(|chain| half(0.0, chain).chain(half(2.0, 100 + chain))).collect();
    let chains = Chains::new(&draws, 4).unwrap();
    assert!(rhat(chains, Rhat::Identity) < 1.01 && rhat(chains, Rhat::Split) > 1.2);
}

/// z-scores of stationary chains are normal; with standard errors as of independent draws they would not be; and those
/// of a chain that comes from far away are large.
#[test]
fn geweke_is_standard_normal() {
    let variance = |z: &[f64]| z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64;
    let draws: Vec<f64> = (0..400).flat_map(|chain| autoregression(0.6, 1000, 1000 + chain)).collect();
    let chains = Chains::new(&draws, 400).unwrap();
    let z = geweke(chains, 0.1, 0.5);
    // The variance of 400 squares is 1 ± 0.07.
    assert!((0.75..1.35).contains(&variance(&z)), "{}", variance(&z));
    let naive: Vec<f64> = chains
        .iter()
        .map(|chain| (sums::mean(&chain[..100]) - sums::mean(&chain[500..])) / (1.0f64 / 100.0 + 1.0 / 500.0).sqrt())
        .collect();
    assert!(variance(&naive) > 3.0, "{}", variance(&naive));

    let warming =
        |number| autoregression(0.6, 2000, number).into_iter().zip(0..).map(|(x, i)| x + 500.0 / f64::from(100 + i));
    let draws: Vec<f64> = (8..20).flat_map(warming).collect();
    // One is 4.9 ± 0.8.
    assert!(sums::mean(&geweke(Chains::new(&draws, 12).unwrap(), 0.1, 0.5)) > 4.0);
}

/// The interval within one Monte Carlo error of a figure holds the true value for about 68% of seeds.
#[test]
fn monte_carlo_errors_are_standard_errors() {
    let figures =
        [(Mcse::Mean, 0.0), (Mcse::Sd, 1.0), (Mcse::Median, 0.0), (Mcse::Quantile(0.9), 1.281_551_565_544_600_4)];
    let mut hits = [0; 4];
    for seed in 0..500 {
        let draws = autoregression(0.5, 500, 5000 + seed);
        let chains = Chains::new(&draws, 1).unwrap();
        let found = summarise(&draws[..], &[0.5, 0.9]).unwrap();
        for (i, found) in [found.mean, found.sd, found.quantiles[0], found.quantiles[1]].iter().enumerate() {
            hits[i] += u32::from((found - figures[i].1).abs() < mcse(chains, figures[i].0));
        }
    }
    // 500 · 0.683 = 341 ± 10; that of the standard deviation is on the safe side for an autoregression, as it counts
    // with the effective sample size of the mean.
    for (hits, (of, _)) in hits.iter().zip(figures) {
        let expected = if of == Mcse::Sd { 380..470 } else { 295..385 };
        assert!(expected.contains(hits), "{of:?}: {hits}");
    }
}

#[test]
fn draws_that_are_all_equal() {
    let chains = Chains::new(&[2.5; 44], 4).unwrap();
    assert_eq!(ess(chains, Ess::Bulk), 40.0); // of 11 draws, two halves of 5
    assert_eq!((ess(chains, Ess::Identity), relative_ess(chains, Ess::Mean)), (44.0, 1.0));
    assert!(rhat(chains, Rhat::Rank).is_nan());
    assert_eq!(mcse(chains, Mcse::Mean), 0.0);
}

#[test]
fn too_few_draws_or_chains() {
    for (draws, chains) in [(0, 1), (0, 4), (3, 1), (12, 4)] {
        let values = vec![1.0; draws];
        let chains = Chains::new(&values, chains).unwrap();
        assert!(
            ess(chains, Ess::Bulk).is_nan() && mcse(chains, Mcse::Sd).is_nan() && rhat(chains, Rhat::Rank).is_nan()
        );
    }
    let single = autoregression(0.0, 100, 9);
    let single = Chains::new(&single, 1).unwrap();
    assert!(rhat(single, Rhat::Rank).is_nan() && ess(single, Ess::Bulk) > 50.0);
}

/// Any float, more often one that is tied or not finite.
fn any_draw() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -3.0f64..3.0,
        2 => (-2i8..3).prop_map(f64::from),
        1 => prop::num::f64::ANY,
        1 => prop::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX, 5e-324]),
    ]
}

pub(super) fn any_draws() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![prop::collection::vec(-9.0f64..9.0, 0..80), prop::collection::vec(any_draw(), 0..80)]
}

fn all_ess(p: f64, q: f64) -> [Ess; 10] {
    let simple = [Ess::Bulk, Ess::Mean, Ess::Sd, Ess::Median, Ess::Mad, Ess::Folded, Ess::Identity];
    let [a, b, c, d, e, f, g] = simple;
    [a, b, c, d, e, f, g, Ess::Tail(p, q), Ess::Quantile(p), Ess::Local(p, q)]
}

const ALL_RHAT: [Rhat; 5] = [Rhat::Rank, Rhat::ZScale, Rhat::Folded, Rhat::Split, Rhat::Identity];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Nothing panics, whatever the draws; with one that is NaN no figure but NaN is given.
    #[test]
    fn any_draws_have_figures(
        draws in any_draws(),
        chains in 1usize..6,
        superchains in prop::collection::vec(0usize..4, 6),
        p in any_draw(),
        q in 0.0f64..1.0,
    ) {
        let draws = &draws[..draws.len() / chains * chains];
        let missing = draws.iter().any(|x| x.is_nan());
        let chains = Chains::new(draws, chains).unwrap();
        for of in all_ess(p, q).into_iter().chain(all_ess(q, p)) {
            prop_assert!(!missing || ess(chains, of).is_nan() && relative_ess(chains, of).is_nan());
        }
        for of in ALL_RHAT {
            prop_assert!(!missing || rhat(chains, of).is_nan());
            let nested = nested_rhat(chains, &superchains[..chains.chains()], of);
            prop_assert!(!missing || nested.is_err() || nested.is_ok_and(f64::is_nan));
        }
        for of in [Mcse::Mean, Mcse::Sd, Mcse::Median, Mcse::Quantile(p), Mcse::Quantile(q)] {
            prop_assert!(!missing || mcse(chains, of).is_nan());
        }
        for level in [p, q] {
            prop_assert!(!missing || equal_tailed_interval(draws, level)[0].is_nan());
            prop_assert!(!missing || highest_density_interval(draws, level)[1].is_nan());
        }
        prop_assert_eq!(geweke(chains, p, q).len(), chains.chains());
        prop_assert_eq!(autocorrelation(draws).len(), draws.len());
        prop_assert_eq!(first_autocorrelations(draws, 5).len(), draws.len().min(5));
    }

    /// The summary has the bits of the functions of their own.
    #[test]
    fn the_summary_shares_work_and_nothing_else(draws in any_draws(), chains in 1usize..4, level in 0.0f64..1.0) {
        let draws = &draws[..draws.len() / chains * chains];
        let chains = Chains::new(draws, chains).unwrap();
        let found = ChainSummary::of(chains, level);
        let alone = ChainSummary {
            mean: sums::mean(draws),
            sd: sums::variance(draws).sqrt(),
            eti: equal_tailed_interval(draws, level),
            hdi: highest_density_interval(draws, level),
            mcse_mean: mcse(chains, Mcse::Mean),
            mcse_sd: mcse(chains, Mcse::Sd),
            ess_bulk: ess(chains, Ess::Bulk),
            ess_tail: ess(chains, Ess::TAIL),
            rhat: rhat(chains, Rhat::Rank),
            nan: draws.iter().filter(|x| x.is_nan()).count(),
            infinite: draws.iter().filter(|x| x.is_infinite()).count(),
            constant: draws.iter().all(|x| *x == draws[0]),
        };
        prop_assert_eq!(format!("{found:?}"), format!("{alone:?}"));
    }

    /// Ranks don't change with a monotone function, nor do figures of them.
    #[test]
    fn ranks_are_all_that_matters(draws in prop::collection::vec(-5.0f64..5.0, 8..60)) {
        let draws = &draws[..draws.len() / 2 * 2];
        let transformed: Vec<f64> = draws.iter().map(|x| 3.0 + libm::exp(*x)).collect();
        // Rounding can tie what was not.
        prop_assume!(order::sorted(draws).windows(2).all(|pair| pair[1] - pair[0] > 1e-9));
        let [a, b] = [draws, &transformed].map(|draws| Chains::new(draws, 2).unwrap());
        prop_assert_eq!(rhat(a, Rhat::ZScale).to_bits(), rhat(b, Rhat::ZScale).to_bits());
        prop_assert_eq!(ess(a, Ess::Bulk).to_bits(), ess(b, Ess::Bulk).to_bits());
    }
}
