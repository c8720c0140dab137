//! Draws from a posterior, by whichever engine is free. Who draws them makes no difference to what they are.

use super::engine::{Answer, Call, Worker};
use super::{Flags, heading, row};
use ensample::Result;
use ensample::cluster::Client;
use ensample::report;
use std::collections::BTreeMap;

/// Tasks of one kind are numbered apart from those of another.
const WHO: u64 = 100;
const LATER: u64 = 200;
const PARALLEL: u64 = 300;
const TIMED: u64 = 400;

/// The draws of mu in an answer, where mu and sigma alternate.
fn mu(answer: &Answer) -> impl Iterator<Item = f64> {
    answer.values.iter().copied().step_by(2)
}

fn mean_of_mu<'a>(answers: impl IntoIterator<Item = &'a Answer>) -> f64 {
    let all: Vec<f64> = answers.into_iter().flat_map(mu).collect();
    all.iter().sum::<f64>() / all.len() as f64
}

/// Ten tasks, each for the engine that has least to do.
pub fn who(client: &Client<Worker>) -> Result<()> {
    heading("Ten tasks, and who ran them");
    let calls = (0..10).map(|task| Call::Draw { task: WHO + task, draws: 5 });
    let answers = client.balanced().map(calls)?;
    for (task, answer) in answers.iter().enumerate() {
        println!("task {task} on engine {}: mu {}", answer.engine, row(&mu(answer).collect::<Vec<_>>(), 3));
    }
    Ok(())
}

/// A reply that is waited for later.
pub fn later(client: &Client<Worker>) -> Result<()> {
    heading("A map that is waited for later");
    let calls = (0..5).map(|task| Call::Draw { task: LATER + task, draws: 20 });
    let reply = client.balanced().map_async(calls)?;
    println!("task ids: {:?}", reply.ids());
    while !reply.wait(std::time::Duration::from_millis(100)) {
        let (over, all) = reply.progress();
        println!("{over} of {all} are over");
    }
    println!("engines: {:?}", reply.engines().into_iter().flatten().collect::<Vec<_>>());
    println!("busy {:.1} ms in all, over in {:.1} ms", 1e3 * reply.serial_time(), 1e3 * reply.elapsed());
    let answers = reply.get()?;
    println!("{} draws, mean of mu {:.6}", answers.iter().flat_map(mu).count(), mean_of_mu(&answers));
    Ok(())
}

/// Four times 25 draws, dealt out in turn.
pub fn in_parallel(client: &Client<Worker>) -> Result<()> {
    heading("A parallel map: 4 times 25 draws");
    let answers = client.view(..)?.map((0..4).map(|task| Call::Draw { task: PARALLEL + task, draws: 25 }))?;
    for (task, answer) in answers.iter().enumerate() {
        println!("task {task}: mean of mu {:.6}", mean_of_mu([answer]));
    }
    println!("all: {:.6}", mean_of_mu(&answers));
    Ok(())
}

/// What each engine has drawn, as a figure.
pub fn histograms(client: &Client<Worker>, flags: &Flags) -> Result<()> {
    heading("What each engine has drawn");
    let calls = (0..40).map(|task| Call::Draw { task, draws: 50 });
    let mut of_engines: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for answer in client.balanced().imap(calls) {
        let answer = answer?;
        of_engines.entry(answer.engine).or_default().extend(mu(&answer));
    }
    let groups: Vec<(String, Vec<f64>)> =
        of_engines.into_iter().map(|(engine, draws)| (format!("engine {engine}"), draws)).collect();
    for (engine, draws) in &groups {
        println!("{engine}: {} draws, mean of mu {:.3}", draws.len(), draws.iter().sum::<f64>() / draws.len() as f64);
    }
    let path = flags.out.join("draws.svg");
    report::write_figure(&report::histograms("mu", &groups)?, &path, flags.force)?;
    println!("written: {}", path.display());
    Ok(())
}

/// How long ten draws take on each engine.
pub fn timing(client: &Client<Worker>) -> Result<()> {
    heading("The time of ten draws on each engine");
    for engine in client.ids() {
        let reply = client.view(engine)?.call_async(&Call::Draw { task: TIMED, draws: 10 })?;
        reply.finish();
        println!("engine {engine}: {:.2} ms", 1e3 * reply.serial_time());
    }
    Ok(())
}
