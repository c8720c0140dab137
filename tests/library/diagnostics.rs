//! Every figure of `diagnostics` is what ArviZ finds in the same draws (arviz-stats, whose version
//! tests/requirements.txt pins). `ENSAMPLE_PYTHON` names the interpreter.

use ensample::diagnostics::{
    ChainSummary, Chains, Ess, Mcse, Rhat, autocorrelation, autocovariance, equal_tailed_interval, ess, geweke,
    highest_density_interval, mcse, nested_rhat, relative_ess, rhat,
};
use ensample::stream::{Stream, Streams};
use serde_json::json;
use std::fs;
use std::process::Command;

/// Draws with a name: chain by chain, and how many chains.
struct Case {
    name: String,
    chains: usize,
    values: Vec<f64>,
}

/// All kinds of draws, well behaved and not.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, chains: usize, draws: usize, draw: &mut dyn FnMut(&mut Stream, usize, f64) -> f64| {
        let mut stream = Streams::new(2021, 0).stream(cases.len() as u64);
        let mut values = Vec::with_capacity(chains * draws);
        for chain in 0..chains {
            let mut last = 0.0;
            for _ in 0..draws {
                last = draw(&mut stream, chain, last);
                values.push(last);
            }
        }
        cases.push(Case { name: name.to_string(), chains, values });
    };
    let autoregression = |rho: f64| {
        move |stream: &mut Stream, _: usize, last: f64| rho * last + (1.0 - rho * rho).sqrt() * stream.normal()
    };
    let cauchy = |stream: &mut Stream| stream.normal() / stream.normal();

    add("iid", 4, 1000, &mut |stream, _, _| stream.normal());
    add("far from 0", 4, 1000, &mut |stream, _, _| 1e6 + stream.normal());
    add("tiny", 4, 1000, &mut |stream, _, _| 1e-12 * stream.normal());
    add("huge", 4, 1000, &mut |stream, _, _| 1e70 * stream.normal());
    add("AR(1), 0.5", 4, 1000, &mut autoregression(0.5));
    add("AR(1), 0.95", 4, 5000, &mut autoregression(0.95));
    add("AR(1), 0.9999", 3, 30000, &mut autoregression(0.9999));
    add("AR(1), -0.6", 4, 2000, &mut autoregression(-0.6));
    add("AR(1), odd", 3, 1001, &mut autoregression(0.8));
    add("random walk", 2, 5000, &mut |stream, _, last| last + stream.normal());
    for draws in [1022, 1024, 1026, 2047, 2048, 2050, 4099] {
        add(&format!("AR(1), {draws} draws"), 2, draws, &mut autoregression(0.9));
    }
    add("shifted chain", 4, 500, &mut |stream, chain, _| stream.normal() + if chain == 2 { 1.0 } else { 0.0 });
    add("wide chain", 4, 500, &mut |stream, chain, _| stream.normal() * if chain == 1 { 3.0 } else { 1.0 });
    add("stuck chain", 4, 1000, &mut |stream, chain, _| if chain == 3 { 0.7 } else { stream.normal() });
    add("all stuck apart", 4, 1000, &mut |_, chain, _| 0.1 + chain as f64);
    add("Cauchy", 4, 1000, &mut |stream, _, _| cauchy(stream));
    add("constant 3", 4, 100, &mut |_, _, _| 3.0);
    for draws in [100, 333, 1000] {
        add(&format!("constant 0.1, {draws} draws"), 4, draws, &mut |_, _, _| 0.1);
    }
    add("integers", 4, 1000, &mut |stream, _, _| stream.index(7) as f64);
    add("zeros and ones", 4, 1000, &mut |stream, _, _| stream.index(2) as f64);
    add("mostly zero", 4, 1000, &mut |stream, _, _| if stream.uniform() < 0.8 { 0.0 } else { stream.exponential() });
    add("signed zeros", 2, 100, &mut |stream, _, _| [0.0, -0.0, 1.0][stream.index(3) as usize]);
    add("sticky integers", 4, 2000, &mut |stream, _, last| {
        if stream.uniform() < 0.9 { last } else { stream.index(20) as f64 }
    });
    add("single chain", 1, 1000, &mut autoregression(0.5));
    add("single chain, odd", 1, 999, &mut autoregression(0.5));
    add("many short chains", 64, 8, &mut |stream, chain, _| stream.normal() + (chain / 8) as f64 / 8.0);
    add("many chains of 5", 32, 5, &mut |stream, _, _| stream.normal());
    for chains in [1, 2, 4] {
        for draws in 0..=12 {
            add(&format!("{chains} chains of {draws}"), chains, draws, &mut |stream, _, _| stream.normal());
        }
    }
    let spoilt = |spoilt: &'static [(usize, f64)]| {
        let mut number = 0;
        move |stream: &mut Stream, _: usize, _: f64| {
            number += 1;
            spoilt.iter().find(|(place, _)| *place == number).map_or_else(|| stream.normal(), |(_, value)| *value)
        }
    };
    const INFINITE: f64 = f64::INFINITY;
    add("a NaN", 4, 100, &mut spoilt(&[(150, f64::NAN)]));
    add("all NaN", 4, 100, &mut |_, _, _| f64::NAN);
    add("an infinite draw", 4, 100, &mut spoilt(&[(150, INFINITE)]));
    add("both infinities", 4, 100, &mut spoilt(&[(150, INFINITE), (20, -INFINITE), (300, INFINITE)]));
    add("a tenth infinite", 4, 100, &mut |stream, _, _| {
        if stream.uniform() < 0.1 { INFINITE } else { stream.normal() }
    });
    add("mostly infinite", 4, 100, &mut |stream, _, _| if stream.uniform() < 0.7 { INFINITE } else { 1.0 });
    add("infinite median", 2, 100, &mut |stream, _, _| if stream.uniform() < 0.5 { -INFINITE } else { INFINITE });
    cases
}

/// All figures of a case, by the names that compare_diagnostics.py has.
fn figures(case: &Case) -> Vec<(String, Vec<f64>)> {
    let chains = Chains::new(&case.values, case.chains).unwrap();
    let first = chains.iter().next().unwrap();
    let mut figures = Vec::new();
    let mut add = |name: String, values: &[f64]| figures.push((name, values.to_vec()));
    // Two chains, or the only one, to a superchain.
    let superchains: Vec<usize> = (0..case.chains).map(|chain| chain % case.chains.div_ceil(2)).collect();
    for (name, of) in [
        ("rank", Rhat::Rank),
        ("z_scale", Rhat::ZScale),
        ("folded", Rhat::Folded),
        ("split", Rhat::Split),
        ("identity", Rhat::Identity),
    ] {
        add(format!("rhat {name}"), &[rhat(chains, of)]);
        if let Ok(value) = nested_rhat(chains, &superchains, of) {
            add(format!("rhat_nested {name}"), &[value]);
        }
    }
    for (name, of) in [
        ("bulk", Ess::Bulk),
        ("z_scale", Ess::Bulk),
        ("tail 0.05 0.95", Ess::TAIL),
        ("tail 0.1 0.7", Ess::Tail(0.1, 0.7)),
        ("mean", Ess::Mean),
        ("sd", Ess::Sd),
        ("median", Ess::Median),
        ("mad", Ess::Mad),
        ("quantile 0", Ess::Quantile(0.0)),
        ("quantile 0.25", Ess::Quantile(0.25)),
        ("quantile 0.9", Ess::Quantile(0.9)),
        ("quantile 1", Ess::Quantile(1.0)),
        ("local 0.2 0.4", Ess::Local(0.2, 0.4)),
        ("folded", Ess::Folded),
        ("identity", Ess::Identity),
    ] {
        add(format!("ess {name}"), &[ess(chains, of)]);
        add(format!("relative_ess {name}"), &[relative_ess(chains, of)]);
    }
    for (name, of) in [
        ("mean", Mcse::Mean),
        ("sd", Mcse::Sd),
        ("median", Mcse::Median),
        ("quantile 0.05", Mcse::Quantile(0.05)),
        ("quantile 0.9", Mcse::Quantile(0.9)),
    ] {
        add(format!("mcse {name}"), &[mcse(chains, of)]);
    }
    for level in [0.03, 0.5, 0.89, 0.94, 0.95] {
        add(format!("eti {level}"), &equal_tailed_interval(&case.values, level));
        add(format!("hdi {level}"), &highest_density_interval(&case.values, level));
    }
    add("autocovariance".into(), &autocovariance(first));
    add("autocorrelation".into(), &autocorrelation(first));
    add("geweke 0.1 0.5".into(), &geweke(chains, 0.1, 0.5));
    add("geweke 0.25 0.25".into(), &geweke(chains, 0.25, 0.25));
    let ChainSummary { mean, sd, eti, hdi, mcse_mean, mcse_sd, ess_bulk, ess_tail, rhat, .. } =
        ChainSummary::of(chains, 0.94);
    add("mean".into(), &[mean]);
    add("sd".into(), &[sd]);
    add("eti 0.94 in summary".into(), &eti);
    add("hdi 0.94 in summary".into(), &hdi);
    add("mcse mean in summary".into(), &[mcse_mean]);
    add("mcse sd in summary".into(), &[mcse_sd]);
    add("ess bulk in summary".into(), &[ess_bulk]);
    add("ess tail 0.05 0.95 in summary".into(), &[ess_tail]);
    add("rhat rank in summary".into(), &[rhat]);
    figures
}

/// Figures as they would be with a mistake, which the comparison must find.
fn broken(chains: Chains<'_>) -> Vec<(String, Vec<f64>)> {
    let n = chains.values().len() as f64;
    [
        // Chains not cut in halves; ranks left out; the divisor n; a draw too few.
        ("ess mean", ess(chains, Ess::Identity)),
        ("rhat rank", rhat(chains, Rhat::Split)),
        ("mcse mean", mcse(chains, Mcse::Mean) * ((n - 1.0) / n).sqrt()),
        ("ess median", ess(chains, Ess::Quantile(0.5 - 1.0 / n))),
    ]
    .map(|(name, value)| (name.to_string(), vec![value]))
    .to_vec()
}

/// With the numbers as text, since JSON has neither NaN nor infinity.
fn as_json(figures: Vec<(String, Vec<f64>)>) -> serde_json::Value {
    let text = |values: Vec<f64>| values.iter().map(|x| format!("{x:e}")).collect::<Vec<_>>();
    figures.into_iter().map(|(name, values)| (name, json!(text(values)))).collect::<serde_json::Map<_, _>>().into()
}

#[test]
#[ignore = "needs Python: scripts/test"]
fn figures_are_those_of_arviz() {
    let python = std::env::var_os("ENSAMPLE_PYTHON").expect("ENSAMPLE_PYTHON names the Python interpreter to use");
    let folder = tempfile::tempdir().unwrap();
    let mut index = Vec::new();
    for (number, case) in cases().iter().enumerate() {
        let bytes: Vec<u8> = case.values.iter().flat_map(|x| x.to_le_bytes()).collect();
        fs::write(folder.path().join(format!("{number}.f64")), bytes).unwrap();
        index.push(json!({ "name": case.name, "chains": case.chains, "figures": as_json(figures(case)) }));
    }
    let first = &cases()[0];
    let broken = as_json(broken(Chains::new(&first.values, first.chains).unwrap()));
    fs::write(folder.path().join("figures.json"), json!({ "cases": index, "broken": broken }).to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/compare_diagnostics.py");
    assert!(Command::new(python).arg(script).arg(folder.path()).status().unwrap().success());
}
