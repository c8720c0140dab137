//! The dispatcher against engines that are played here, in random order.

use super::super::super::order::{Id, Work};
use super::super::super::remote::{CallError, RemoteError};
use super::super::hub::Fate;
use super::{Command, Dispatcher, Request};
use proptest::prelude::*;
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

fn request(engine: Option<usize>, calls: &[u8]) -> Request {
    let calls = calls.iter().map(|call| ByteBuf::from(vec![*call])).collect();
    Request { engine, work: Arc::new(Work::Calls(calls)), after: Arc::new([]), retries: 0, timeout: None, group: None }
}

enum Report {
    Withdrawn(Id),
    Over(Id, Vec<Result<ByteBuf, RemoteError>>, f64),
}

/// An engine, with messages on their way to and from it.
#[derive(Default)]
struct Engine {
    orders: VecDeque<(Command, Vec<u8>)>,
    waiting: VecDeque<(Id, Vec<u8>)>,
    running: Option<(Id, Vec<u8>)>,
    reports: VecDeque<Report>,
    /// In the order of their beginning.
    began: Vec<Id>,
}

struct Play {
    dispatcher: Dispatcher,
    engines: Vec<Engine>,
    now: f64,
    /// How often each call has been run.
    runs: BTreeMap<(Id, u8), u32>,
    /// How long a run takes.
    seconds: f64,
    /// Calls from this on fail in their first run, from the next in their first two.
    failing: (u8, u8),
}

impl Play {
    fn new(engines: usize) -> Self {
        Play {
            dispatcher: Dispatcher::new(engines),
            engines: (0..engines).map(|_| Engine::default()).collect(),
            now: 0.0,
            runs: BTreeMap::new(),
            seconds: 0.001,
            failing: (u8::MAX, u8::MAX),
        }
    }

    fn submit(&mut self, request: Request) -> Id {
        self.dispatcher.submit(request, self.now)
    }

    fn send(&mut self) {
        while let Some((engine, command)) = self.dispatcher.next(self.now) {
            let calls = match &command {
                Command::Withdraw(_) => Vec::new(),
                Command::Run(id) => match &*self.dispatcher.work(*id).expect("it has work") {
                    Work::Calls(calls) => calls.iter().map(|call| call[0]).collect(),
                    other => panic!("{other:?}"),
                },
            };
            self.engines[engine].orders.push_back((command, calls));
        }
    }

    /// An order arrives.
    fn arrive(&mut self, engine: usize) -> bool {
        let engine = &mut self.engines[engine];
        match engine.orders.pop_front() {
            None => return false,
            Some((Command::Run(id), calls)) => engine.waiting.push_back((id, calls)),
            Some((Command::Withdraw(id), _)) => {
                if let Some(place) = engine.waiting.iter().position(|(waiting, _)| *waiting == id) {
                    engine.waiting.remove(place);
                    engine.reports.push_back(Report::Withdrawn(id));
                }
            }
        }
        true
    }

    fn begin(&mut self, engine: usize) -> bool {
        let engine = &mut self.engines[engine];
        if engine.running.is_some() {
            return false;
        }
        engine.running = engine.waiting.pop_front();
        engine.began.extend(engine.running.iter().map(|(id, _)| *id));
        engine.running.is_some()
    }

    fn end(&mut self, number: usize) -> bool {
        let Some((id, calls)) = self.engines[number].running.take() else { return false };
        let result = |call: &u8| {
            let runs = self.runs.entry((id, *call)).or_default();
            *runs += 1;
            let failures = u32::from(*call >= self.failing.0) + u32::from(*call >= self.failing.1);
            if *runs > failures {
                return Ok(ByteBuf::from(vec![*call, 1]));
            }
            Err(RemoteError { engine: number, message: "failed".into(), location: None, backtrace: None })
        };
        let results = calls.iter().map(result).collect();
        self.engines[number].reports.push_back(Report::Over(id, results, self.seconds));
        true
    }

    fn hear(&mut self, engine: usize) -> bool {
        let now = self.now;
        match self.engines[engine].reports.pop_front() {
            None => return false,
            Some(Report::Withdrawn(id)) => self.dispatcher.withdrawn(engine, id, now).unwrap(),
            Some(Report::Over(id, results, seconds)) => {
                self.dispatcher.over(engine, id, (now, seconds), results.clone(), now).unwrap();
                // A second report of the same is refused.
                assert!(self.dispatcher.over(engine, id, (now, seconds), results, now).is_err());
            }
        }
        true
    }

    /// Everything goes on until nothing is left to do.
    fn finish(&mut self) {
        loop {
            self.now += 0.01;
            self.dispatcher.tick(self.now);
            self.send();
            let mut any = false;
            for engine in 0..self.engines.len() {
                any |= self.arrive(engine) | self.begin(engine) | self.end(engine) | self.hear(engine);
            }
            if !any {
                return;
            }
        }
    }

    fn replies(&mut self, id: Id) -> Vec<Result<u8, CallError>> {
        let results = self.dispatcher.take(id).expect("it is over");
        results.into_iter().map(|result| result.map(|bytes| bytes[0])).collect()
    }
}

#[test]
fn long_tasks_are_given_one_by_one_and_short_ones_ahead() {
    let mut play = Play::new(1);
    play.seconds = 1.0;
    for _ in 0..600 {
        play.submit(request(None, &[0]));
    }
    play.send();
    assert_eq!(play.engines[0].orders.len(), 1, "nothing is known of the first");
    let next = |play: &mut Play| {
        while play.arrive(0) {}
        play.begin(0);
        play.end(0);
        play.hear(0);
        play.send();
        play.engines[0].orders.len() + play.engines[0].waiting.len()
    };
    assert_eq!(next(&mut play), 1);
    play.seconds = 1e-6;
    let mut most = 0;
    (0..100).for_each(|_| most = next(&mut play).max(most));
    assert!((200..=258).contains(&most), "{most}");
}

#[test]
fn what_waits_behind_a_long_task_is_given_to_an_idle_engine() {
    let mut play = Play::new(2);
    let short: Vec<Id> = (0..2).map(|_| play.submit(request(None, &[0]))).collect();
    play.finish();
    assert!(short.iter().all(|id| play.dispatcher.is_over(*id)));
    // Now each gets two; the first of engine 0 takes long.
    let tasks: Vec<Id> = (0..4).map(|_| play.submit(request(None, &[0]))).collect();
    play.send();
    while play.arrive(0) | play.arrive(1) {}
    assert_eq!([play.engines[0].waiting.len(), play.engines[1].waiting.len()], [2, 2]);
    play.begin(0);
    while play.begin(1) | play.end(1) | play.hear(1) {}
    play.now += 0.1;
    play.dispatcher.tick(play.now);
    play.send();
    while play.arrive(0) | play.hear(0) {}
    play.send();
    while play.arrive(1) | play.begin(1) | play.end(1) | play.hear(1) {}
    let over = tasks.iter().filter(|id| play.dispatcher.is_over(**id)).count();
    assert_eq!(over, 3, "all but the long one");
    play.finish();
    assert!(tasks.iter().all(|id| play.dispatcher.is_over(*id)));
}

#[test]
fn a_task_that_takes_too_long_fails_and_blocks_its_engine_only() {
    let mut play = Play::new(2);
    let slow = play.submit(Request { timeout: Some(0.5), ..request(None, &[0]) });
    play.send();
    let at = (0..2).find(|engine| !play.engines[*engine].orders.is_empty()).unwrap();
    while play.arrive(at) | play.begin(at) {}
    play.dispatcher.started(at, slow, play.now, play.now).unwrap();
    play.now = 0.4;
    play.dispatcher.tick(play.now);
    assert!(!play.dispatcher.is_over(slow));
    play.now = 0.6;
    play.dispatcher.tick(play.now);
    assert_eq!(play.replies(slow), [Err(CallError::TimedOut { task: slow, engine: at, seconds: 0.5 })]);
    let others: Vec<Id> = (0..3).map(|_| play.submit(request(None, &[0]))).collect();
    play.send();
    assert!(play.engines[at].orders.is_empty(), "it is not given more");
    let mut rounds = 0;
    while !others.iter().all(|id| play.dispatcher.is_over(*id)) {
        rounds += 1;
        assert!(rounds < 10);
        play.send();
        while play.arrive(1 - at) | play.begin(1 - at) | play.end(1 - at) | play.hear(1 - at) {}
    }
    // It comes back, too late, and serves again.
    play.finish();
    assert_eq!(play.dispatcher.records()[slow as usize].fate, Fate::TimedOut);
    let direct = play.submit(request(Some(at), &[7]));
    play.finish();
    assert_eq!(play.replies(direct), [Ok(7)]);
}

#[test]
fn a_shutdown_ends_what_waits_for_others_and_nobody_wants() {
    let mut play = Play::new(1);
    let first = play.submit(request(None, &[0]));
    let forgotten = play.submit(Request { after: Arc::new([first]), ..request(None, &[0]) });
    play.dispatcher.forget(forgotten);
    play.send();
    play.dispatcher.shut_down(play.now);
    assert!(play.dispatcher.is_over(first) && play.dispatcher.is_over(forgotten));
    assert_eq!(play.replies(first), [Err(CallError::Shutdown)]);
}

#[test]
fn requests_that_share_what_they_wait_for_begin_together() {
    let mut play = Play::new(2);
    let before: Arc<[Id]> = [0; 3].map(|_| play.submit(request(None, &[0]))).into();
    let after: Vec<Id> =
        (0..4).map(|_| play.submit(Request { after: Arc::clone(&before), ..request(None, &[1]) })).collect();
    let cancelled = play.submit(Request { after: Arc::clone(&before), ..request(None, &[1]) });
    play.dispatcher.cancel(cancelled, play.now);
    play.finish();
    let later = play.submit(Request { after: Arc::clone(&before), ..request(None, &[1]) });
    play.finish();
    for id in after.into_iter().chain([later]) {
        assert_eq!(play.replies(id), [Ok(1)]);
    }
    assert_eq!(play.replies(cancelled), [Err(CallError::Cancelled { task: cancelled })]);
}

#[test]
fn requests_behind_one_that_fails_do_not_begin() {
    let mut play = Play::new(2);
    play.failing = (2, 3);
    let before: Arc<[Id]> = [play.submit(request(None, &[0])), play.submit(request(None, &[2]))].into();
    let waiting = play.submit(Request { after: Arc::clone(&before), ..request(None, &[1]) });
    play.finish();
    let late = play.submit(Request { after: Arc::clone(&before), ..request(None, &[1]) });
    for task in [waiting, late] {
        assert_eq!(play.replies(task), [Err(CallError::Dependency { task, after: before[1] })]);
    }
}

#[test]
fn a_short_time_is_kept_to_as_well() {
    let mut play = Play::new(1);
    play.seconds = 0.015; // too short to be reported while it runs
    let task = play.submit(Request { timeout: Some(0.005), ..request(None, &[0]) });
    play.finish();
    assert_eq!(play.replies(task), [Err(CallError::TimedOut { task, engine: 0, seconds: 0.005 })]);
    assert_eq!(play.dispatcher.records()[task as usize].fate, Fate::TimedOut);
    assert_eq!(play.dispatcher.loads().collect::<Vec<_>>(), [(1, 0.015)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// In whatever order messages come: every request has an end, and only one; each call is run as often as it has to
    /// be; an engine's own requests begin in their order.
    #[test]
    fn every_request_has_one_end(
        engines in 1usize..4,
        tasks in prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, 0usize..3, 0u32..3, any::<bool>()), 1..30),
        steps in prop::collection::vec((0u8..8, any::<prop::sample::Index>()), 0..300),
        seconds in prop::sample::select(vec![1e-6, 1e-3, 1.0]),
        with_cancels in any::<bool>(),
    ) {
        let mut play = Play::new(engines);
        play.seconds = seconds;
        play.failing = (2, 3);
        let mut tasks = tasks.iter();
        let mut asked = Vec::new();
        let mut cancelled = Vec::new();
        let mut submit = |play: &mut Play, asked: &mut Vec<Request>| {
            let Some((target, last, after, retries, direct)) = tasks.next() else { return false };
            // Calls 2 and 3 fail in their first runs.
            let calls: Vec<u8> = (0..=*last).collect();
            let engine = direct.then(|| target.index(engines));
            let after = (0..(*after).min(asked.len())).map(|_| target.index(asked.len()) as Id).collect();
            let new = Request { retries: *retries, after, ..request(engine, &calls) };
            asked.push(new.clone());
            assert_eq!(play.submit(new), asked.len() as Id - 1);
            true
        };
        for (step, choice) in &steps {
            let engine = choice.index(engines);
            match step {
                0 => drop(submit(&mut play, &mut asked)),
                1 => play.send(),
                2 => drop(play.arrive(engine)),
                3 => drop(play.begin(engine)),
                4 => drop(play.end(engine)),
                5 => drop(play.hear(engine)),
                6 if with_cancels && !asked.is_empty() => {
                    let id = choice.index(asked.len()) as Id;
                    play.dispatcher.cancel(id, play.now);
                    cancelled.push(id);
                }
                _ => {
                    play.now += 0.004;
                    play.dispatcher.tick(play.now);
                }
            }
        }
        while submit(&mut play, &mut asked) {}
        play.finish();
        prop_assert_eq!(play.dispatcher.queue_lengths(), (vec![0; engines], 0));
        let fates: Vec<Fate> = play.dispatcher.records().iter().map(|record| record.fate).collect();
        for (id, request) in (0..).zip(&asked) {
            prop_assert!(play.dispatcher.is_over(id));
            let replies = play.replies(id);
            prop_assert!(play.dispatcher.take(id).is_none(), "results were there twice");
            prop_assert_eq!(replies.len(), request.work.parts());
            let is_done = replies.iter().all(Result::is_ok);
            prop_assert_eq!(is_done, fates[id as usize] == Fate::Done);
            let hopeless = request.after.iter().any(|after| fates[*after as usize] != Fate::Done);
            for (call, reply) in (0u8..).zip(replies) {
                let runs = play.runs.get(&(id, call)).copied().unwrap_or(0);
                let needed = 1 + u32::from(call >= 2) + u32::from(call >= 3);
                match reply {
                    Ok(value) => prop_assert_eq!((value, runs), (call, needed)),
                    Err(CallError::Remote(_)) => {
                        prop_assert!(runs < needed && runs <= 1 + request.retries);
                        prop_assert!(runs == 1 + request.retries || cancelled.contains(&id));
                    }
                    Err(CallError::Dependency { .. }) => prop_assert!(hopeless && runs == 0),
                    Err(CallError::Cancelled { .. }) => prop_assert!(cancelled.contains(&id) && runs < needed),
                    Err(other) => prop_assert!(false, "{other}"),
                }
            }
        }
        for (number, engine) in play.engines.iter().enumerate() {
            let first_tries = asked.iter().all(|request| request.retries == 0 && request.after.is_empty());
            let own = |id: &&Id| asked[**id as usize].engine == Some(number);
            prop_assert!(!first_tries || engine.began.iter().filter(own).is_sorted());
        }
    }
}
