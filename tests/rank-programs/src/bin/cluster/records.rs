//! What a client is told while its engines work, and afterwards.

use crate::workshop::{Call, Workshop};
use ensample::Result;
use ensample::cluster::{Client, Fate};
use std::thread::sleep;
use std::time::Duration;

pub fn asynchronous(client: &Client<Workshop>) -> Result<()> {
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

pub fn logs(client: &Client<Workshop>) -> Result<()> {
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

pub fn history(client: &Client<Workshop>) -> Result<()> {
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
