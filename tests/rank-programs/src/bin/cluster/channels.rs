//! Ranks that write to each other.

use ensample::Result;
use ensample::cluster::Actor;
use std::thread::sleep;
use std::time::Duration;

/// Every rank writes to every other, and hears from every other, until all have left.
pub fn messages(actor: &Actor, round: u64) -> Result<()> {
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
pub fn to_itself(actor: &Actor) -> Result<()> {
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
pub fn large_both_ways(actor: &Actor) -> Result<()> {
    let channel = actor.channel::<serde_bytes::ByteBuf>("large")?;
    let next = (actor.rank() + 1) % actor.size();
    channel.send(next, &serde_bytes::ByteBuf::from(vec![actor.rank() as u8; (256 << 20) + 5]))?;
    let (from, bytes) = channel.receive()?.expect("the one before sends");
    assert_eq!((from + 1) % actor.size(), actor.rank());
    assert!(bytes.len() == (256 << 20) + 5 && bytes.iter().all(|byte| *byte == from as u8));
    Ok(())
}
