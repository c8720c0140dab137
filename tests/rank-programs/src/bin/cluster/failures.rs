//! Calls that have no result, and what goes on in spite of them.

use crate::workshop::{Call, Reply, Workshop};
use ensample::Result;
use ensample::cluster::{CallError, Client};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub fn failures(client: &Client<Workshop>) -> Result<()> {
    let all = client.view(..)?;
    for round in 0..3 {
        let CallError::Remote(error) = all.call(&Call::Fail).unwrap_err() else { panic!() };
        assert_eq!((error.engine, &error.message[..]), (0, "the call's own error"));
        assert!(error.location.as_ref().is_some_and(|place| place.contains("workshop.rs:")), "{error:?}");
        let last = client.ids().len() - 1;
        let CallError::Remote(error) = client.view(last)?.call(&Call::Panic).unwrap_err() else { panic!() };
        assert_eq!((error.engine, &error.message[..]), (last, "panicked: the call's own panic"));
        assert!(error.location.as_ref().is_some_and(|place| place.contains("workshop.rs:")), "{error:?}");
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

pub fn timeouts(client: &Client<Workshop>) -> Result<()> {
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

pub fn cancel(client: &Client<Workshop>) -> Result<()> {
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

pub fn shutdown(client: &Client<Workshop>) -> Result<()> {
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
