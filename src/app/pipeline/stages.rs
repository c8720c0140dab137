//! What each role does.

use super::super::abc::{Job, Recording};
use super::super::progress::{Progress, count};
use super::one;
use crate::abc::{Collector, Judged, Problem, Simulated, Staged, Tally};
use crate::cluster::{Actor, Channel, Queue, QueueSpec};
use crate::error::Result;
use crate::farm::{Account, RankTime};
use crate::status;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How many tasks may be under way for each rank: so many results wait for an earlier one at most.
const AHEAD: u64 = 16;
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
}

/// A rank's own account.
#[derive(Serialize, Deserialize)]
struct Share {
    busy: f64,
    tasks: u64,
}

/// Plays this rank's role; gives the exit status, as far as it knows.
pub(super) fn play<S: Staged>(actor: &Actor, problem: &Problem<S>, job: &Job) -> Result<u8> {
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
            feed(&tasks, &actor.channel("news")?, problem, AHEAD * actor.size() as u64, job)?;
            shares.send(writer, &busy.share())?;
        }
        "producer" => {
            let (tasks, simulated) = (actor.queue::<u64>(tasks)?, actor.queue::<Simulated<S::Sample>>(simulated)?);
            for task in tasks.items() {
                simulated.put(&busy.time(|| problem.simulate_task(task?))?)?;
            }
            simulated.close()?;
            shares.send(writer, &busy.share())?;
        }
        "consumer" => {
            let (simulated, judged) = (actor.queue::<Simulated<S::Sample>>(simulated)?, actor.queue::<Judged>(judged)?);
            for simulated in simulated.items() {
                judged.put(&busy.time(|| problem.judge(&simulated?))?)?;
            }
            judged.close()?;
            shares.send(writer, &busy.share())?;
        }
        _ => return write(actor, &actor.queue(judged)?, (client, &actor.channel("news")?), &shares, problem, job),
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
    fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.time += start.elapsed();
        self.tasks += 1;
        result
    }

    fn share(&self) -> Share {
        Share { busy: self.time.as_secs_f64(), tasks: self.tasks }
    }
}

/// The client: deals out tasks until the writer has enough, and shows how far that is.
fn feed<S: Staged>(
    tasks: &Queue<u64>,
    news: &Channel<News>,
    problem: &Problem<S>,
    ahead: u64,
    job: &Job,
) -> Result<()> {
    let mut progress = Progress::start("pipeline", &job.settings);
    let all = problem.tasks();
    let (mut dealt, mut latest) = (0, News { next: 0, accepted: 0, simulations: 0, enough: false });
    while !latest.enough && latest.next < all {
        if dealt < all.min(latest.next + ahead) {
            tasks.put(&dealt)?;
            dealt += 1;
        }
        let patience = if dealt < all.min(latest.next + ahead) { Duration::ZERO } else { LOOK };
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

/// The writer: brings what was accepted into its order, and into the file.
fn write<S: Staged>(
    actor: &Actor,
    judged: &Queue<Judged>,
    (client, news): (usize, &Channel<News>),
    shares: &Channel<Share>,
    problem: &Problem<S>,
    job: &Job,
) -> Result<u8> {
    let start = Instant::now();
    let mut recording = Some(Recording::create(problem, job)?.without_progress());
    if let Some(recording) = &mut recording {
        recording.weights(&problem.acceptance)?;
    }
    let mut busy = Busy::default();
    let tally = {
        let mut collector = Collector::new(problem, &mut recording);
        let mut enough = false;
        for task in judged.items() {
            let task = task?;
            // What was under way when there was enough is not needed.
            if !enough {
                enough = busy.time(|| collector.take(task))?.is_break();
                let Tally { accepted, simulations, .. } = collector.tally();
                news.send(client, &News { next: collector.next(), accepted, simulations, enough })?;
            }
        }
        collector.tally()
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
    let account = Account { seconds, ranks: times.into_iter().map(time).collect(), tasks: Vec::new() };
    let Some(recording) = recording else { return Ok(status::FAILED) };
    let summary = recording.finish(&tally, &account, job)?;
    summary.show(&job.settings)?;
    Ok(if summary.partial { status::PARTIAL } else { status::DONE })
}
