//! Ranks that heed signals, but hear nothing for a long while.

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    ensample::world::launch(|world| {
        world.heed_signals()?;
        eprintln!("does not listen");
        std::thread::sleep(Duration::from_secs(30));
        Ok(0)
    })
}
