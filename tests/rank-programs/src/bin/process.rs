//! Ranks started while a job runs. Called as `process WHAT RANKS PARENT FOLDER`, where rank PARENT starts RANKS more as
//! `process child WHAT FOLDER`. What fails does so by a panic.

use ensample::cluster::{Actor, Choice, Number, Role, act, cast};
use ensample::world::{World, launch};
use ensample::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    launch(|world| match &args[..] {
        [child, what, folder] if child == "child" => be_child(world, what, Path::new(folder)),
        [what, ranks, parent, folder] => {
            let roles = [Role { name: "any", number: Number::Some }];
            let cast = cast(world, &roles, "any=*", &Choice::Nothing)?;
            let (what, folder, library) = (what.clone(), PathBuf::from(folder), world.library());
            let (ranks, parent) = (ranks.parse().unwrap(), parent.parse::<usize>().unwrap());
            act(world, &cast, move |actor| {
                if actor.rank() == parent { be_parent(&actor, &what, ranks, &folder, &library) } else { Ok(()) }
            })?;
            Ok(0)
        }
        _ => panic!("{args:?}"),
    })
}

fn be_child(world: &World, what: &str, folder: &Path) -> Result<u8> {
    match what {
        "wait" => wait_for(&folder.join("go on")),
        "for_ever" | "for_ever_and_fail" => {
            std::fs::write(folder.join(format!("waits {}", std::process::id())), "").unwrap();
            std::thread::sleep(Duration::from_secs(100));
        }
        "two" => {
            let sum = world.gather_value(&(world.rank() + 1))?.map(|ranks| ranks.iter().sum::<usize>());
            assert_eq!((world.size(), world.broadcast_value(sum)?), (2, 3));
        }
        "left" => {
            std::thread::sleep(Duration::from_millis(300));
            std::fs::write(folder.join(format!("left {}", std::process::id())), "").unwrap();
        }
        "seven" => return Ok(7),
        "error" => return Err(Error::other("the child's own error")),
        "together" => world.on_root(|| Err(Error::other("an error of all")))?,
        "panic" => panic!("the child's own panic"),
        _ => panic!("there is no child '{what}'"),
    }
    Ok(0)
}

fn wait_for(path: &Path) {
    let start = Instant::now();
    while !path.exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "{} does not come", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn be_parent(actor: &Actor, what: &str, ranks: usize, folder: &Path, library: &str) -> Result<()> {
    let program = std::env::current_exe().unwrap();
    let said = actor.spawn("/no/such program", &[], 1).err().unwrap().to_string();
    assert!(said.contains("/no/such program: can't start the program"), "{said}");
    assert!(actor.spawn(&program, &[], 0).is_err());
    // One call only: Open MPI 4 with PMIx 4 loses some of the later ones.
    let process = match actor.spawn(&program, &["child", what, folder.to_str().unwrap()], ranks) {
        Ok(process) => process,
        Err(error) => {
            println!("can't: {error}");
            // The job goes on, and ends well.
            assert!(error.to_string().contains("this job can't start "), "{error}");
            assert!(library.starts_with("MPICH") || error.to_string().contains("slots"), "{error}");
            return Ok(());
        }
    };
    let ids = process.ids();
    assert!(ids.len() == ranks && !ids.contains(&std::process::id()), "{ids:?}");
    if what == "wait" {
        assert!(ids.iter().all(|id| Path::new(&format!("/proc/{id}")).exists()));
        assert!(process.is_alive() && process.exit_status().is_none());
        assert_eq!(process.join_within(Duration::from_millis(50)), None);
        std::fs::write(folder.join("go on"), "").unwrap();
    } else if what == "for_ever_and_fail" {
        return Err(Error::other("the parent's own error"));
    } else if what == "left" {
        // It runs when its parent's body ends.
        println!("leaves {}", ids[0]);
        return Ok(());
    }
    let statuses = process.join();
    assert!(!process.is_alive());
    assert_eq!(process.exit_status().as_ref(), Some(&statuses));
    assert_eq!(process.join_within(Duration::ZERO).as_ref(), Some(&statuses));
    println!("ended: {statuses:?}");
    Ok(())
}
