//! Calls for whichever engine has nothing to do.

use crate::workshop::{Call, Reply, Workshop};
use ensample::Result;
use ensample::cluster::{CallError, Client, Fate};
use std::time::{Duration, Instant};

pub fn balanced(client: &Client<Workshop>) -> Result<()> {
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
pub fn unknown_length(client: &Client<Workshop>) -> Result<()> {
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

pub fn dependencies(client: &Client<Workshop>) -> Result<()> {
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

/// 100,000 tiny tasks.
pub fn tiny(client: &Client<Workshop>) -> Result<()> {
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
pub fn makespan(client: &Client<Workshop>) -> Result<()> {
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
