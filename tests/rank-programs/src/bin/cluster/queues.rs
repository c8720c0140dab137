//! Queues between ranks.

use ensample::Result;
use ensample::cluster::{Actor, QueueSpec};
use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

/// Half of the ranks put, the others get; who got what is gathered by a channel.
pub fn queue(actor: &Actor) -> Result<()> {
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
pub fn queue_join(actor: &Actor) -> Result<()> {
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
pub fn queue_abandoned(actor: &Actor) -> Result<()> {
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
