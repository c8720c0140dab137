//! Ranks in roles. Called as `cluster CASE [--roles RULE | --role NAME]`; a case fails by a panic.

use ensample::cluster::{
    Actor, CallError, Cast, Choice, Client, Engine, Fate, Here, Number, QueueSpec, Role, act, cast,
};
use ensample::world::{World, launch};
use ensample::{Error, Result};
use ndarray::{Array1, Array2, Array3, Axis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ROLES: [Role; 2] = [Role { name: "client", number: Number::One }, Role { name: "engine", number: Number::Some }];
const RULE: &str = "client=1,engine=*";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let case = args.next().unwrap_or_default();
    let choice = match (args.next().as_deref(), args.next()) {
        (Some("--roles"), Some(rule)) => Choice::Rule(rule),
        (Some("--role"), Some(role)) => Choice::Own(role),
        _ => Choice::Nothing,
    };
    launch(|world| {
        let other = [ROLES[0], ROLES[1], Role { name: "another", number: Number::Any }];
        let cast = cast(world, if case == "other_roles" { &other } else { &ROLES }, RULE, &choice)?;
        match &case[..] {
            "parts" => parts(world, &cast)?,
            "acts" => {
                for round in 0..20 {
                    act(world, &cast, move |actor| messages(&actor, round))?;
                }
            }
            _ => {
                let case = case.clone();
                act(world, &cast, move |actor| play(&case, &actor))?;
            }
        }
        if world.is_root() {
            println!("{case}: fine on {} ranks", world.size());
        }
        Ok(0)
    })
}

fn play(case: &str, actor: &Actor) -> Result<()> {
    match case {
        "messages" => return messages(actor, 0),
        "queue" => return queue(actor),
        "queue_join" => return queue_join(actor),
        "queue_abandoned" => return queue_abandoned(actor),
        "to_itself" => return to_itself(actor),
        "large_both_ways" => return large_both_ways(actor),
        "fail_alike" => return Err(Error::other("the error of all bodies")),
        _ => (),
    }
    if actor.role().name == "engine" {
        return match case {
            "leaves_early" => Ok(()),
            "other_engine" => actor.serve("client", &mut Other),
            _ => actor.serve("client", &mut Workshop::default()),
        };
    }
    if case == "no_client" {
        return Ok(());
    }
    if case == "leaves_early" {
        let error = actor.client::<Workshop>("engine").err().expect("nobody serves").to_string();
        assert!(error.contains(" is engine, and has ended without serving"), "{error}");
        return Ok(());
    }
    let client: Client<Workshop> = actor.client("engine")?;
    match case {
        "views" => views(&client),
        "namespace" => namespace(&client),
        "arrays" => arrays(&client),
        "failures" => failures(&client),
        "balanced" => balanced(&client),
        "unknown_length" => unknown_length(&client),
        "dependencies" => dependencies(&client),
        "timeouts" => timeouts(&client),
        "cancel" => cancel(&client),
        "asynchronous" => asynchronous(&client),
        "tiny" => tiny(&client),
        "makespan" => makespan(&client),
        "large" => large(&client),
        "logs" => logs(&client),
        "history" => history(&client),
        "shutdown" => shutdown(&client),
        "client_fails" => {
            let _busy = client.view(..)?.call_async(&Call::Sleep(60_000))?;
            Err(Error::other("the client's own error"))
        }
        "client_leaves" => {
            let _busy = client.view(..)?.call_async(&Call::Sleep(200))?;
            Ok(())
        }
        "waits" => {
            client.view(..)?.call(&Call::Log("busy".into()))?;
            client.view(..)?.call(&Call::Sleep(60_000))?;
            Ok(())
        }
        _ => panic!("there is no case '{case}'"),
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Call {
    Square(u64),
    Count,
    Sleep(u64),
    Sum(String),
    Keep(String, f64),
    Fail,
    Panic,
    /// Fails so often on this engine.
    FailFirst(u64),
    Log(String),
    Echo(#[serde(with = "serde_bytes")] Vec<u8>),
}

impl From<(u64, u64)> for Call {
    fn from((x, y): (u64, u64)) -> Self {
        Call::Square(x + y)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Reply {
    Number(u64),
    Float(f64),
    Nothing,
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
}

#[derive(Default)]
struct Workshop {
    calls: u64,
    failures: u64,
}

impl Engine for Workshop {
    type Call = Call;
    type Reply = Reply;

    fn call(&mut self, call: Call, here: &mut Here) -> Result<Reply> {
        self.calls += 1;
        match call {
            Call::Square(x) => return Ok(Reply::Number(x * x)),
            Call::Count => return Ok(Reply::Number(self.calls)),
            Call::Sleep(milliseconds) => sleep(Duration::from_millis(milliseconds)),
            Call::Sum(name) => return Ok(Reply::Float(here.values.get::<Array1<f64>>(&name)?.sum())),
            Call::Keep(name, value) => here.values.set(&name, value)?,
            Call::Fail => return Err(Error::other("the call's own error")),
            Call::Panic => panic!("the call's own panic"),
            Call::FailFirst(times) => {
                self.failures += 1;
                if self.failures <= times {
                    return Err(Error::other(format!("failure {}", self.failures)));
                }
            }
            Call::Log(line) => here.log(line)?,
            Call::Echo(bytes) => return Ok(Reply::Bytes(bytes)),
        }
        Ok(Reply::Nothing)
    }
}

/// An engine for another client.
struct Other;

impl Engine for Other {
    type Call = u64;
    type Reply = u64;

    fn call(&mut self, call: u64, _: &mut Here) -> Result<u64> {
        Ok(call)
    }
}

/// Each role is a world of its own.
fn parts(world: &World, cast: &Cast) -> Result<()> {
    let role = cast.role(world.rank()).name;
    let mates = cast.ranks(role);
    let part = world.part(u16::from(role == "engine"))?;
    assert_eq!((part.size(), mates[part.rank()]), (mates.len(), world.rank()));
    assert_eq!(part.number(0), mates[0]);
    let sum = part.gather_value(&(world.rank() as u64))?.map(|ranks| ranks.iter().sum::<u64>());
    assert_eq!(part.broadcast_value(sum)?, mates.iter().sum::<usize>() as u64);
    Ok(())
}

/// Every rank writes to every other, and hears from every other, until all have left.
fn messages(actor: &Actor, round: u64) -> Result<()> {
    let channel = actor.channel::<(u64, Vec<f64>)>("letters")?;
    assert!(actor.channel::<f64>("letters").err().unwrap().to_string().contains("opened 'letters' twice"));
    for number in 0..10 {
        for to in 0..actor.size() {
            channel.send(to, &(100 * round + number, vec![actor.rank() as f64; 100]))?;
        }
    }
    let mut next = vec![100 * round; actor.size()];
    while let Some((from, (number, values))) = channel.receive()? {
        assert_eq!((number, values), (next[from], vec![from as f64; 100]));
        next[from] += 1;
        if next.iter().all(|next| *next == 100 * round + 10) {
            return Ok(());
        }
    }
    panic!("others have left, and {next:?} came");
}

/// What a rank sends to itself is there, also when all others have left.
fn to_itself(actor: &Actor) -> Result<()> {
    let channel = actor.channel::<u64>("own")?;
    sleep(Duration::from_millis(100 * u64::from(actor.rank() == 0)));
    channel.send(actor.rank(), &7)?;
    assert_eq!(channel.receive()?, Some((actor.rank(), 7)));
    assert_eq!(channel.receive_within(Duration::ZERO)?, None);
    let error = channel.send(actor.size(), &7).unwrap_err().to_string();
    assert!(error.contains(&format!("there is no rank {}", actor.size())), "{error}");
    Ok(())
}

/// Messages of several parts meet.
fn large_both_ways(actor: &Actor) -> Result<()> {
    let channel = actor.channel::<serde_bytes::ByteBuf>("large")?;
    let next = (actor.rank() + 1) % actor.size();
    channel.send(next, &serde_bytes::ByteBuf::from(vec![actor.rank() as u8; (256 << 20) + 5]))?;
    let (from, bytes) = channel.receive()?.expect("the one before sends");
    assert_eq!((from + 1) % actor.size(), actor.rank());
    assert!(bytes.len() == (256 << 20) + 5 && bytes.iter().all(|byte| *byte == from as u8));
    Ok(())
}

/// Half of the ranks put, the others get; who got what is gathered by a channel.
fn queue(actor: &Actor) -> Result<()> {
    const ITEMS: u64 = 200;
    let producers = actor.size().div_ceil(2);
    let home = actor.size() - 1;
    let queue = actor.queue::<(usize, u64)>(QueueSpec { name: "items".into(), home, capacity: 3, producers })?;
    let got_by = actor.channel::<Vec<(usize, u64)>>("got")?;
    if actor.rank() < producers {
        for item in 0..ITEMS {
            queue.put(&(actor.rank(), item))?;
        }
        queue.close()?;
        if producers == 1 {
            assert!(queue.close().unwrap_err().to_string().contains("the queue 'items' is closed"));
        }
    } else {
        let got: Vec<(usize, u64)> = queue.items().collect::<Result<_>>()?;
        for producer in 0..producers {
            assert!(got.iter().filter(|(from, _)| *from == producer).is_sorted(), "out of order");
        }
        assert!(queue.get()?.is_none());
        assert!(queue.put(&(0, 0)).unwrap_err().to_string().contains("is closed"));
        queue.join()?;
        got_by.send(0, &got)?;
    }
    if actor.rank() == 0 {
        let mut all = Vec::new();
        for _ in producers..actor.size() {
            all.extend(got_by.receive()?.expect("each consumer tells").1);
        }
        all.sort_unstable();
        let expected: Vec<_> = (0..producers).flat_map(|from| (0..ITEMS).map(move |item| (from, item))).collect();
        assert_eq!(all, expected, "an item was lost or doubled");
    }
    Ok(())
}

/// `join` returns when all items are done, not when they are got.
fn queue_join(actor: &Actor) -> Result<()> {
    let queue = actor.queue::<u64>(QueueSpec { name: "work".into(), home: 0, capacity: 100, producers: 1 })?;
    let done = actor.channel::<u64>("done")?;
    if actor.rank() > 0 {
        while let Some(item) = queue.get()? {
            sleep(Duration::from_millis(20));
            done.send(0, &item)?;
            queue.done()?;
        }
        return Ok(());
    }
    (0..12).try_for_each(|item| queue.put(&item))?;
    queue.join()?;
    let mut seen = BTreeSet::new();
    while seen.len() < 12 {
        let (_, item) = done.receive_within(Duration::ZERO)?.expect("a consumer tells before it marks an item");
        seen.insert(item);
    }
    assert!(queue.done().unwrap_err().to_string().contains("no item that was got"));
    queue.close()
}

/// Who waits for items that nobody will put is told.
fn queue_abandoned(actor: &Actor) -> Result<()> {
    let queue = actor.queue::<u64>(QueueSpec { name: "q".into(), home: 0, capacity: 1, producers: 1 })?;
    if actor.rank() == 0 {
        queue.put(&7)?; // and leaves without closing it
        return Ok(());
    }
    loop {
        match queue.get() {
            Ok(Some(item)) => assert_eq!(item, 7),
            Ok(None) => panic!("nobody has closed it"),
            Err(error) => {
                assert!(error.to_string().contains("is waited for in vain"), "{error}");
                return Ok(());
            }
        }
    }
}

fn views(client: &Client<Workshop>) -> Result<()> {
    let engines = client.ids().len();
    assert_eq!(client.view(..)?.ids(), client.ids());
    assert_eq!(client.view(0)?.ids(), [0]);
    let even: Vec<usize> = (0..engines).step_by(2).collect();
    assert_eq!(client.view((0..).step_by(2))?.ids(), even);
    assert_eq!(client.view(vec![engines - 1, 0])?.ids(), [engines - 1, 0]);
    let wrong = client.view(engines).err().unwrap().to_string();
    assert!(wrong.contains(&format!("there is no engine {engines}: there are {engines}")), "{wrong}");
    assert!(client.view(1..1).is_err());
    for number in 1..=3 {
        assert_eq!(client.view(..)?.call(&Call::Count)?, vec![Reply::Number(number); engines]);
    }
    assert_eq!(client.view(0)?.call(&Call::Count)?, [Reply::Number(4)]);
    let squares: Vec<Reply> = (0..23).map(|x| Reply::Number(x * x)).collect();
    assert_eq!(client.view(..)?.map((0..23).map(Call::Square))?, squares);
    assert_eq!(client.view(..)?.map([])?, []);
    assert_eq!(client.view(0)?.map((0..23).map(Call::Square))?, squares);
    Ok(())
}

fn namespace(client: &Client<Workshop>) -> Result<()> {
    let all = client.view(..)?;
    let missing = all.pull::<f64>("x").unwrap_err();
    let CallError::Remote(error) = missing else { panic!("{missing}") };
    assert!(error.message.contains("there is nothing of the name 'x' here"), "{error}");
    all.push("x", &vec![1.5, 2.5])?;
    assert_eq!(all.pull::<Vec<f64>>("x")?, vec![vec![1.5, 2.5]; client.ids().len()]);
    let other = all.pull::<f64>("x").unwrap_err().to_string();
    assert!(other.contains("'x' is a alloc::vec::Vec<f64>, not a f64"), "{other}");
    let first = client.view(0)?;
    first.call(&Call::Keep("own".into(), 0.25))?;
    assert_eq!(first.pull::<f64>("own")?, [0.25]);
    if client.ids().len() > 1 {
        assert!(client.view(1)?.pull::<f64>("own").is_err());
    }
    Ok(())
}

fn arrays(client: &Client<Workshop>) -> Result<()> {
    let all = client.view(..)?;
    // Fewer items than engines, an even share, and one too many.
    for length in [0, 1, client.ids().len(), 2 * client.ids().len() + 1, 1000] {
        let y = Array1::from_iter((0..length).map(|i| i as f64));
        all.scatter("y", &y, Axis(0))?;
        assert_eq!(all.gather::<f64, ndarray::Ix1>("y", Axis(0))?, y);
        let sums = all.call(&Call::Sum("y".into()))?;
        let total: f64 =
            sums.iter().map(|sum| if let Reply::Float(sum) = sum { *sum } else { panic!("{sum:?}") }).sum();
        assert_eq!(total, y.sum());
    }
    let z = Array3::from_shape_fn((3, 7, 5), |(i, j, k)| (100 * i + 10 * j + k) as i64);
    for axis in 0..3 {
        all.scatter("z", &z, Axis(axis))?;
        assert_eq!(all.gather::<i64, ndarray::Ix3>("z", Axis(axis))?, z);
    }
    assert!(all.scatter("z", &z, Axis(3)).is_err());
    let t = Array2::from_shape_fn((4, 6), |(i, j)| (10 * i + j) as i64);
    all.scatter("t", &t.t().to_owned(), Axis(1))?;
    assert_eq!(all.gather::<i64, ndarray::Ix2>("t", Axis(1))?, t.t());
    Ok(())
}

fn failures(client: &Client<Workshop>) -> Result<()> {
    let all = client.view(..)?;
    for round in 0..3 {
        let CallError::Remote(error) = all.call(&Call::Fail).unwrap_err() else { panic!() };
        assert_eq!((error.engine, &error.message[..]), (0, "the call's own error"));
        assert!(error.location.as_ref().is_some_and(|place| place.contains("cluster.rs:")), "{error:?}");
        let last = client.ids().len() - 1;
        let CallError::Remote(error) = client.view(last)?.call(&Call::Panic).unwrap_err() else { panic!() };
        assert_eq!((error.engine, &error.message[..]), (last, "panicked: the call's own panic"));
        assert!(error.location.as_ref().is_some_and(|place| place.contains("cluster.rs:")), "{error:?}");
        assert!(error.backtrace.is_some_and(|calls| calls.contains("call")), "no backtrace");
        // They go on serving.
        let count = client.view(last)?.call(&Call::Count)?;
        assert!(matches!(count[0], Reply::Number(calls) if calls >= round), "{count:?}");
    }
    // Other calls are not disturbed; a map collects errors, or stops at the first.
    let calls = || (0..50).map(|x| if x % 10 == 3 { Call::Fail } else { Call::Square(x) });
    let each = client.balanced().map_async(calls())?.each();
    for (x, reply) in (0..50).zip(&each) {
        assert_eq!(x % 10 == 3, reply.is_err());
        assert!(reply.is_err() || *reply == Ok(Reply::Number(x * x)));
    }
    assert!(matches!(client.balanced().map(calls()), Err(CallError::Remote(_))));
    assert!(matches!(client.balanced().map_async(calls())?.get(), Err(CallError::Remote(_))));
    assert!(matches!(client.balanced().chunk(7).map(calls()), Err(CallError::Remote(_))));
    let each = client.balanced().chunk(7).map_async(calls())?.each();
    assert_eq!(each.iter().filter(|reply| reply.is_err()).count(), 5);
    Ok(())
}

fn balanced(client: &Client<Workshop>) -> Result<()> {
    let view = client.balanced();
    assert_eq!(view.apply(&Call::Square(12))?, Reply::Number(144));
    let squares: Vec<Reply> = (0..200).map(|x| Reply::Number(x * x)).collect();
    for chunk in [1, 7, 1000] {
        let view = client.balanced().chunk(chunk);
        assert_eq!(view.map((0..200).map(Call::Square))?, squares);
        assert_eq!(view.map_async((0..200).map(Call::Square))?.get()?, squares);
        let mut numbered = view.imap_unordered((0..200).map(Call::Square)).collect::<Result<Vec<_>, _>>()?;
        numbered.sort_by_key(|(number, _)| *number);
        let expected: Vec<(usize, Reply)> = squares.iter().cloned().enumerate().collect();
        assert_eq!(numbered, expected);
    }
    assert_eq!(view.map([])?, []);
    let pool = client.pool();
    assert_eq!(pool.map((0..200).map(Call::Square))?, squares);
    assert_eq!(pool.imap((0..200).map(Call::Square)).collect::<Result<Vec<_>, _>>()?, squares);
    assert_eq!(pool.imap_unordered((0..200).map(Call::Square)).count(), 200);
    assert_eq!(pool.starmap((0..200).map(|x| (x, 0)))?, squares);
    assert_eq!(pool.apply(&Call::Square(3))?, Reply::Number(9));
    assert_eq!(pool.apply_async(&Call::Square(4))?.get()?, Reply::Number(16));
    assert_eq!(pool.map_async([Call::Square(5)])?.get()?, [Reply::Number(25)]);
    // A task that fails is tried again.
    let engines = client.ids().len() as u64;
    assert!(client.balanced().apply(&Call::FailFirst(1)).is_err());
    let retried = client.balanced().retries(2 * engines as u32).apply_async(&Call::FailFirst(2))?;
    retried.wait(Duration::from_secs(20));
    assert_eq!(retried.fates(), [Fate::Done]);
    assert_eq!(retried.get()?, Reply::Nothing);
    Ok(())
}

/// Calls are taken as they are needed, and no further.
fn unknown_length(client: &Client<Workshop>) -> Result<()> {
    let taken = std::cell::Cell::new(0);
    let endless = || {
        (0u64..).map(|x| {
            taken.set(x + 1);
            Call::Square(x)
        })
    };
    let mut replies = client.balanced().look_ahead(10).imap(endless());
    for x in 0..500 {
        assert_eq!(replies.next().unwrap()?, Reply::Number(x * x));
        assert!(taken.get() <= x + 11, "{} calls were taken for {} replies", taken.get(), x + 1);
    }
    drop(replies);
    let mut seen: Vec<usize> =
        client.balanced().look_ahead(10).imap_unordered(endless()).take(500).map(|reply| reply.unwrap().0).collect();
    assert!(taken.get() <= 520);
    seen.sort_unstable();
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "a reply came twice");
    // What was under way is not in the way of what comes next.
    assert_eq!(client.balanced().apply(&Call::Square(3))?, Reply::Number(9));
    Ok(())
}

fn dependencies(client: &Client<Workshop>) -> Result<()> {
    let first = client.balanced().map_async((0..4).map(|_| Call::Sleep(100)))?;
    let second = client.balanced().after(first.ids()).apply_async(&Call::Square(2))?;
    let third = client.balanced().after(second.ids()).apply_async(&Call::Square(3))?;
    assert_eq!(third.get()?, Reply::Number(9));
    assert!(first.ready() && second.ready());
    let history = client.history().requests;
    let ended = |id: &u64| history[*id as usize].completed.unwrap();
    let began = history[second.ids()[0] as usize].started.unwrap();
    // Clocks of other ranks may differ a little; without the dependency it would have begun 0.1 s earlier.
    assert!(first.ids().iter().all(|id| ended(id) <= began + 0.05), "it began too early");
    let failing = client.balanced().apply_async(&Call::Fail)?;
    let ids = failing.ids().to_vec();
    let hopeless = client.balanced().after(&ids).apply_async(&Call::Square(1))?;
    let last = client.balanced().after(hopeless.ids()).apply_async(&Call::Square(1))?;
    assert!(matches!(last.get(), Err(CallError::Dependency { .. })));
    assert!(matches!(hopeless.get(), Err(CallError::Dependency { after, .. }) if after == ids[0]));
    drop(failing);
    let late = client.balanced().after(&ids).apply_async(&Call::Square(1))?;
    assert!(matches!(late.get(), Err(CallError::Dependency { .. })));
    Ok(())
}

fn timeouts(client: &Client<Workshop>) -> Result<()> {
    let engines = client.ids().len();
    let limited = client.balanced().timeout(Duration::from_millis(300));
    let start = Instant::now();
    let slow = limited.apply_async(&Call::Sleep(2500))?;
    let quick: Vec<_> = (0..20).map(Call::Square).collect();
    if engines > 1 {
        // The others go on.
        client.balanced().map(quick.clone())?;
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
    let error = slow.get().unwrap_err();
    assert!(matches!(error, CallError::TimedOut { seconds: 0.3, .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    // The engine that was late serves again.
    assert_eq!(client.view(..)?.call(&Call::Square(2))?.len(), engines);
    assert!(start.elapsed() > Duration::from_millis(2400));
    assert_eq!(limited.map(quick)?.len(), 20);
    Ok(())
}

fn cancel(client: &Client<Workshop>) -> Result<()> {
    let engines = client.ids().len();
    let many = client.balanced().map_async((0..100).map(|_| Call::Sleep(200)))?;
    sleep(Duration::from_millis(100));
    assert!(!many.ready() && !many.wait(Duration::from_millis(1)));
    many.cancel()?;
    let each = many.each();
    let done = each.iter().filter(|reply| reply.is_ok()).count();
    assert!((1..=4 * engines).contains(&done), "{done} have run");
    assert!(each.iter().all(|reply| matches!(reply, Ok(_) | Err(CallError::Cancelled { .. }))));
    // Those that an engine has before it can be cancelled too.
    let direct = client.view(0)?;
    let busy = direct.call_async(&Call::Sleep(300))?;
    let waiting = direct.call_async(&Call::Square(1))?;
    waiting.cancel()?;
    assert!(matches!(waiting.get(), Err(CallError::Cancelled { .. })));
    busy.get()?;
    Ok(())
}

fn asynchronous(client: &Client<Workshop>) -> Result<()> {
    let engines = client.ids().len();
    let reply = client.balanced().map_async((0..4 * engines).map(|_| Call::Sleep(50)))?;
    assert!(!reply.ready());
    let (over, all) = reply.progress();
    assert!(over < all && all == 4 * engines);
    // While this rank does something else, the engines go on.
    sleep(Duration::from_millis(50 * 4 * engines as u64 + 500));
    assert!(reply.ready() && reply.progress() == (all, all));
    assert!(reply.engines().iter().all(Option::is_some));
    assert_eq!(reply.ids().len(), all);
    assert!(reply.serial_time() >= 0.05 * all as f64, "{}", reply.serial_time());
    assert!(reply.elapsed() >= 0.2 && reply.elapsed() < reply.serial_time() + 0.5, "{}", reply.elapsed());
    reply.get()?;
    Ok(())
}

/// 100,000 tiny tasks.
fn tiny(client: &Client<Workshop>) -> Result<()> {
    const TASKS: u64 = 100_000;
    let start = Instant::now();
    let mut x = 0;
    for reply in client.balanced().look_ahead(4096).imap((0..TASKS).map(Call::Square)) {
        assert_eq!(reply?, Reply::Number(x * x));
        x += 1;
    }
    assert_eq!(x, TASKS);
    println!("{:.0} tasks/s on {} engines", TASKS as f64 / start.elapsed().as_secs_f64(), client.ids().len());
    Ok(())
}

/// 200 tasks of 0 to 2 s in all engines' time, against the best list schedule.
fn makespan(client: &Client<Workshop>) -> Result<()> {
    let engines = client.ids().len();
    let mut state = 1_u64;
    let lengths: Vec<u64> = (0..200)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % 2001
        })
        .collect();
    let mut ends = vec![0; engines];
    for length in &lengths {
        *ends.iter_mut().min().unwrap() += length;
    }
    let best = *ends.iter().max().unwrap() as f64 / 1000.0;
    let start = Instant::now();
    client.balanced().map(lengths.iter().map(|length| Call::Sleep(*length)))?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{seconds:.3} s, list schedule {best:.3} s");
    assert!(seconds < 1.05 * best, "{seconds} s, where a list schedule takes {best} s");
    Ok(())
}

fn large(client: &Client<Workshop>) -> Result<()> {
    let bytes: Vec<u8> = (0..512_usize << 20).map(|i| (i ^ (i >> 11)) as u8).collect();
    let replies = client.view(0)?.call(&Call::Echo(bytes.clone()))?;
    assert!(replies == [Reply::Bytes(bytes)], "another value came back");
    Ok(())
}

fn logs(client: &Client<Workshop>) -> Result<()> {
    client.view(..)?.call(&Call::Log("printed".into()))?;
    let (sender, lines) = std::sync::mpsc::channel();
    client.on_log(move |engine, line| drop(sender.send((engine, line.to_owned()))));
    client.view(..)?.call(&Call::Log("caught".into()))?;
    let mut seen: Vec<_> = lines.try_iter().collect();
    seen.sort_unstable();
    let expected: Vec<_> = client.ids().into_iter().map(|engine| (engine, "caught".to_owned())).collect();
    assert_eq!(seen, expected);
    Ok(())
}

fn history(client: &Client<Workshop>) -> Result<()> {
    let engines = client.ids().len();
    client.view(..)?.push("x", &1.0)?;
    client.balanced().map((0..10).map(|_| Call::Sleep(20)))?;
    let _ = client.view(0)?.call(&Call::Fail);
    let history = client.history().requests;
    assert_eq!(history.len(), engines + 11);
    assert!(history.iter().enumerate().all(|(number, record)| record.id == number as u64));
    assert_eq!(history.iter().filter(|record| record.fate == Fate::Failed).count(), 1);
    for record in &history {
        let (started, completed) = (record.started.unwrap(), record.completed.unwrap());
        assert!(record.submitted <= completed && record.runs == 1 && record.engine.is_some(), "{record:?}");
        // Clocks of other ranks may differ a little.
        assert!(started > record.submitted - 0.5 && started + record.seconds < completed + 0.5, "{record:?}");
    }
    let load = client.history().engines;
    assert_eq!(load.iter().map(|load| load.rank).collect::<Vec<_>>(), client.ranks());
    assert!(load.iter().all(|load| !load.host.is_empty()));
    assert_eq!(load.iter().map(|load| load.tasks).sum::<usize>(), history.len());
    assert!(load.iter().map(|load| load.busy).sum::<f64>() > 0.2);
    let busy = client.view(0)?.call_async(&Call::Sleep(200))?;
    let next = client.view(0)?.call_async(&Call::Square(1))?;
    let lengths = client.queue_lengths().0;
    assert!(lengths[0] == 2 || busy.ready(), "{lengths:?}");
    busy.get()?;
    next.get()?;
    assert_eq!(client.queue_lengths(), (vec![0; engines], 0));
    Ok(())
}

fn shutdown(client: &Client<Workshop>) -> Result<()> {
    let waiting = client.view(0)?.map_async([Call::Square(1)])?;
    waiting.get()?;
    let busy = client.view(0)?.call_async(&Call::Sleep(100))?;
    client.shutdown()?;
    client.shutdown()?;
    assert!(matches!(busy.get(), Err(CallError::Shutdown)));
    assert!(matches!(client.balanced().apply(&Call::Square(1)), Err(CallError::Shutdown)));
    assert!(matches!(client.view(..)?.push("x", &1.0), Err(CallError::Shutdown)));
    assert!(matches!(client.balanced().map((0..3).map(Call::Square)), Err(CallError::Shutdown)));
    let mut replies = client.balanced().imap((0..3).map(Call::Square));
    assert!(matches!(replies.next(), Some(Err(CallError::Shutdown))));
    assert!(replies.next().is_none(), "one error is enough");
    Ok(())
}
