//! What each role does.

use super::super::abc::{Job, Recording};
use super::super::progress::{Progress, count};
use super::one;
use crate::abc::{Collector, Judged, Problem, Simulated, Staged, Tally};
use crate::checkpoint::Keeper;
use crate::cluster::{Actor, Channel, Got, Queue, QueueSpec};
use crate::error::{Error, Result};
use crate::farm::{Account, RankTime};
use crate::status;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How many chunks of tasks may be under way for each rank: so many results wait for an earlier one at most.
const AHEAD: u64 = 4;
/// How long a producer is to be busy with a chunk of tasks, so that the ways between ranks weigh little.
const CHUNK: Duration = Duration::from_millis(3);
/// How many items of a queue wait for each of those who take them.
const WAITING: usize = 2;
/// Between two looks at the progress.
const LOOK: Duration = Duration::from_millis(100);

/// From the writer to the client.
#[derive(Serialize, Deserialize)]
struct News {
    /// The first task that it has not got.
    next: u64,
    accepted: u64,
    simulations: u64,
    enough: bool,
    /// Of producers, for so many tasks.
    seconds: f64,
    tasks: u64,
    /// Later tasks that it had got before: said once.
    had: Vec<u64>,
}

/// A rank's own account.
#[derive(Serialize, Deserialize)]
struct Share {
    busy: f64,
    tasks: u64,
}

/// Plays this rank's role; gives the exit status, as far as it knows.
pub(super) fn play<S: Staged>(actor: &Actor, problem: &Problem<S>, job: &Job, keeper: Keeper) -> Result<u8> {
    let role = actor.role().name;
    let (producers, consumers) = (actor.ranks("producer"), actor.ranks("consumer"));
    let (client, writer) = (one(&actor.ranks("client"))?, one(&actor.ranks("writer"))?);
    let spec = |name: &str, home: usize, takers: usize, producers: usize| QueueSpec {
        name: name.into(),
        home,
        capacity: WAITING * takers,
        producers,
    };
    let tasks = spec("tasks", client, producers.len(), 1);
    // What is large has its home where it comes from or goes to.
    let simulated = spec("simulated", consumers[0], consumers.len(), producers.len());
    let judged = spec("judged", writer, 1, consumers.len());
    let shares = actor.channel("shares")?;
    let mut busy = Busy::default();
    match role {
        "client" => {
            let tasks = actor.queue(tasks)?;
            feed(&tasks, &actor.channel("news")?, problem, (actor.size(), producers.len()), job)?;
            shares.send(writer, &busy.share())?;
        }
        "producer" => {
            let (tasks, simulated, streams) = (actor.queue(tasks)?, actor.queue(simulated)?, problem.streams());
            for chunk in tasks.items() {
                let chunk: Range<u64> = chunk?;
                let before = busy.time;
                let samples = busy.time(chunk, |task| problem.simulate_task(task, &mut streams.stream(task)))?;
                simulated.put(&(samples, (busy.time - before).as_secs_f64()))?;
            }
            simulated.close()?;
            shares.send(writer, &busy.share())?;
        }
        "consumer" => {
            let (simulated, judged) = (actor.queue(simulated)?, actor.queue(judged)?);
            for chunk in simulated.items() {
                let (chunk, seconds): (Vec<Simulated<S::Sample>>, f64) = chunk?;
                judged.put(&(busy.time(&chunk, |simulated| problem.judge(simulated))?, seconds))?;
            }
            judged.close()?;
            shares.send(writer, &busy.share())?;
        }
        _ => {
            let news = (client, &actor.channel("news")?);
            return write(actor, &actor.queue(judged)?, news, &shares, problem, job, &keeper);
        }
    }
    Ok(status::DONE)
}

/// How long this rank has worked, and on how many tasks.
#[derive(Default)]
struct Busy {
    time: Duration,
    tasks: u64,
}

impl Busy {
    /// Works on a chunk.
    fn time<I: IntoIterator, T>(&mut self, chunk: I, work: impl FnMut(I::Item) -> Result<T>) -> Result<Vec<T>> {
        let start = Instant::now();
        let results: Vec<T> = chunk.into_iter().map(work).collect::<Result<_>>()?;
        self.time += start.elapsed();
        self.tasks += results.len() as u64;
        Ok(results)
    }

    fn share(&self) -> Share {
        Share { busy: self.time.as_secs_f64(), tasks: self.tasks }
    }
}

/// The client: deals out tasks until the writer has enough, and shows how far that is.
fn feed<S: Staged>(
    tasks: &Queue<Range<u64>>,
    news: &Channel<News>,
    problem: &Problem<S>,
    (ranks, producers): (usize, usize),
    job: &Job,
) -> Result<()> {
    let mut progress = Progress::start("pipeline", &job.settings);
    let all = problem.tasks();
    let Some((_, mut latest)) = news.receive()? else { return tasks.close() };
    let had: BTreeSet<u64> = latest.had.drain(..).collect();
    let mut dealt = latest.next;
    while !latest.enough && latest.next < all {
        if had.contains(&dealt) {
            dealt += 1;
            continue;
        }
        let chunk = chunk(&latest, problem.draws, producers as u64);
        let limit = all.min(latest.next + AHEAD * ranks as u64 * chunk);
        if dealt < limit {
            let end = had.range(dealt..).next().map_or(limit, |had| limit.min(*had)).min(dealt + chunk);
            tasks.put(&(dealt..end))?;
            dealt = end;
        }
        let patience = if dealt < limit { Duration::ZERO } else { LOOK };
        if let Some((_, new)) = news.receive_within(patience)? {
            latest = new;
        }
        let News { accepted, simulations, .. } = latest;
        progress.update(accepted, problem.draws, |seconds| {
            let rate = count(simulations as f64 / seconds);
            format!("{accepted} of {} accepted · {rate} simulations/s", problem.draws)
        });
    }
    progress.finish();
    tasks.close()
}

/// How many tasks keep a producer busy for a while, but not when few are left to do.
fn chunk(News { next, accepted, seconds, tasks, .. }: &News, draws: u64, producers: u64) -> u64 {
    let in_time = CHUNK.as_secs_f64() * *tasks as f64 / seconds;
    let left = *next as f64 * draws.saturating_sub(*accepted) as f64 / *accepted as f64;
    // When nothing is known yet, these are NaN: each singly, and no bound.
    let few = if *tasks == 0 { 1.0 } else { in_time };
    (few.min(left / (2 * producers) as f64) as u64).max(1)
}

/// The writer: brings what was accepted into its order, and into the file.
fn write<S: Staged>(
    actor: &Actor,
    judged: &Queue<(Vec<Judged>, f64)>,
    (client, news): (usize, &Channel<News>),
    shares: &Channel<Share>,
    problem: &Problem<S>,
    job: &Job,
    keeper: &Keeper,
) -> Result<u8> {
    let start = Instant::now();
    let mut recording = Some(Recording::create(problem, job)?.without_progress());
    if let Some(recording) = &mut recording {
        recording.weights(&problem.acceptance)?;
    }
    let mut busy = Busy::default();
    let (tally, had) = {
        let (mut collector, begun) = Collector::begin(problem, keeper.clone(), &mut recording)?;
        let (mut enough, had) = (begun.is_break(), collector.next() + collector.waiting().count() as u64);
        let (mut seconds, mut tasks) = (0.0, 0);
        let tell = |collector: &Collector<_>, enough: bool, (seconds, tasks), had: Vec<u64>| {
            let Tally { accepted, simulations, .. } = collector.tally();
            let next = collector.next();
            news.send(client, &News { next, accepted, simulations, enough, seconds, tasks, had })
        };
        tell(&collector, enough, (seconds, tasks), collector.waiting().collect())?;
        loop {
            match judged.get_within(LOOK)? {
                // What was under way when there was enough is not needed.
                Got::Item((chunk, time)) if !enough => {
                    seconds += time;
                    tasks += chunk.len() as u64;
                    busy.time(chunk, |judged| {
                        enough = enough || collector.take(judged)?.is_break();
                        Ok(())
                    })?;
                    tell(&collector, enough, (seconds, tasks), Vec::new())?;
                }
                Got::Item(_) | Got::Nothing => (),
                Got::End => break,
            }
            if actor.is_asked_to_end() {
                keeper.save()?;
                return Err(Error::Interrupted);
            }
            keeper.save_if_due()?;
        }
        (collector.tally(), had)
    };
    let mut times = BTreeMap::from([(actor.rank(), busy.share())]);
    while times.len() < actor.size() {
        let Some((rank, share)) = shares.receive()? else { break };
        times.insert(rank, share);
    }
    let seconds = start.elapsed().as_secs_f64();
    let time = |(rank, Share { busy, tasks }): (usize, Share)| RankTime {
        host: format!("{} {rank}", actor.role_of(rank).name),
        busy,
        idle: (seconds - busy).max(0.0),
        tasks,
        peak_memory: 0,
    };
    // Each task has been with three ranks.
    let account = Account { seconds, kept: 3 * had, ranks: times.into_iter().map(time).collect(), tasks: Vec::new() };
    let Some(recording) = recording else { return Ok(status::FAILED) };
    let summary = recording.finish(&tally, &[("sample", &account)], job)?;
    keeper.remove()?;
    summary.show(&job.settings)?;
    Ok(if summary.partial { status::PARTIAL } else { status::DONE })
}
