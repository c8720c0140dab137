//! Markov chains on all engines.

use super::engine::{Answer, Call, Model, Worker};
use super::{Flags, heading, numbers};
use ensample::cluster::Client;
use ensample::diagnostics::{ChainSummary, Chains};
use ensample::report::{self, Options, Report};
use ensample::store::{Coordinates, ResultFile};
use ensample::world::even_shares;
use ensample::{Error, Result};
use std::path::PathBuf;

/// What the tour leaves, apart from the histograms.
struct Files {
    chains: PathBuf,
    page: PathBuf,
}

impl Files {
    fn of(flags: &Flags) -> Self {
        Files { chains: flags.out.join("disasters.h5"), page: flags.out.join("disasters.html") }
    }
}

/// Before anything is computed: whether its results can be written.
pub fn check(flags: &Flags) -> Result<()> {
    std::fs::create_dir_all(&flags.out).map_err(|error| Error::file(&flags.out, "make the folder", error))?;
    let files = Files::of(flags);
    report::check_figure(&flags.out.join("draws.svg"), flags.force)?;
    ResultFile::check(&files.chains, flags.force)?;
    report::check_page(&files.page, flags.force)?;
    flags.trace.as_ref().map_or(Ok(()), |path| ResultFile::check(path, flags.force))
}

/// A hundred thousand draws, as one chain on one engine, and as one chain on each, all of the same length.
pub fn gibbs(client: &Client<Worker>) -> Result<()> {
    const DRAWS: usize = 100_000;
    heading("A Gibbs sampler on one engine, and on all");
    let chain = |chain: usize, draws: usize| Call::Chain {
        chain: chain as u64,
        model: Model::Bivariate,
        warmup: 100,
        draws: draws as u64,
        thin: 10,
    };
    let alone = client.view(0)?.call_async(&chain(0, DRAWS))?;
    alone.finish();
    let seconds = alone.elapsed();
    show("one engine", &alone.get()?, seconds);
    let shares = even_shares(DRAWS, client.ids().len());
    let together =
        client.view(..)?.map_async(shares.into_iter().enumerate().map(|(number, draws)| chain(number, draws)))?;
    together.finish();
    let seconds = together.elapsed();
    show("all engines", &together.get()?, seconds);
    println!("exact: x 0.65106, y 0.63597");
    Ok(())
}

fn show(who: &str, chains: &[Answer], seconds: f64) {
    let mean = |first: usize| {
        let all: Vec<f64> =
            chains.iter().flat_map(|chain| chain.values.iter().skip(first).step_by(2)).copied().collect();
        (all.iter().sum::<f64>() / all.len() as f64, all.len())
    };
    let ((x, draws), (y, _)) = (mean(0), mean(1));
    println!("{who}: {draws} draws in {seconds:.3} s, mean of x {x:.5}, of y {y:.5}");
}

/// When did coal mines become safer? Four chains, by whichever engine is free.
pub fn disasters(client: &Client<Worker>, flags: &Flags) -> Result<()> {
    const CHAINS: usize = 4;
    const DRAWS: usize = 5000;
    const QUANTITIES: [&str; 3] = ["switchpoint", "early", "late"];
    heading("Chains of the disaster model");
    let run_file = include_str!("../gibbs/disaster.toml");
    let (years, counts) = (numbers(run_file, "data.values.year")?, numbers(run_file, "data.values.disasters")?);
    let chain = |chain: usize| Call::Chain {
        chain: 1000 + chain as u64,
        model: Model::Disasters { years: years.clone(), counts: counts.clone() },
        warmup: 500,
        draws: DRAWS as u64,
        thin: 1,
    };
    let chains = client.balanced().map((0..CHAINS).map(chain))?;

    // As ArviZ has it: each quantity over (chain, draw).
    let files = Files::of(flags);
    let mut file = ResultFile::create(&files.chains, flags.force)?;
    let axes = [file.axis("chain", Coordinates::Index(CHAINS)), file.axis("draw", Coordinates::Index(DRAWS))];
    for (place, name) in QUANTITIES.into_iter().enumerate() {
        let width = chains[0].values.len() / DRAWS;
        let values = chains.iter().flat_map(|chain| chain.values.iter().skip(place).step_by(width)).copied();
        let values: Vec<f64> = values.collect();
        let summary = ChainSummary::of(Chains::new(&values, CHAINS)?, 0.95);
        println!("{name}: mean {:.3}, sd {:.3}, R-hat {:.4}", summary.mean, summary.sd, summary.rhat);
        let variable = file.variable(&format!("posterior/{name}"), &axes)?;
        file.write(variable, &values)?;
    }
    file.finish()?;
    let options = Options { figures: true, ..Options::default() };
    report::write_page(&Report::read(&files.chains, &options)?, &files.page, flags.force)?;
    println!("written: {}, and {} with its figures", files.chains.display(), files.page.display());
    Ok(())
}
