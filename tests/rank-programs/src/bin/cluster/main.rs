//! Ranks in roles. Called as `cluster CASE [--roles RULE | --role NAME]`; a case fails by a panic.

mod balanced;
mod channels;
mod failures;
mod queues;
mod records;
mod views;
mod workshop;

use ensample::cluster::{Actor, Cast, Choice, Client, Number, Role, act, cast};
use ensample::world::{World, launch};
use ensample::{Error, Result};
use std::process::ExitCode;
use workshop::{Call, Other, Workshop};

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
                    act(world, &cast, move |actor| channels::messages(&actor, round))?;
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
        "messages" => return channels::messages(actor, 0),
        "queue" => return queues::queue(actor),
        "queue_join" => return queues::queue_join(actor),
        "queue_abandoned" => return queues::queue_abandoned(actor),
        "to_itself" => return channels::to_itself(actor),
        "large_both_ways" => return channels::large_both_ways(actor),
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
        "views" => views::views(&client),
        "namespace" => views::namespace(&client),
        "arrays" => views::arrays(&client),
        "failures" => failures::failures(&client),
        "balanced" => balanced::balanced(&client),
        "unknown_length" => balanced::unknown_length(&client),
        "dependencies" => balanced::dependencies(&client),
        "timeouts" => failures::timeouts(&client),
        "cancel" => failures::cancel(&client),
        "asynchronous" => records::asynchronous(&client),
        "tiny" => balanced::tiny(&client),
        "makespan" => balanced::makespan(&client),
        "large" => views::large(&client),
        "logs" => records::logs(&client),
        "history" => records::history(&client),
        "shutdown" => failures::shutdown(&client),
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
