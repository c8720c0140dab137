//! What ranks can do together. Called as `world CASE`; a case fails by a panic.

use ensample::world::{Tag, World, launch};
use ensample::{Error, Result};
use ndarray::{Array1, Array2, Array3, Axis};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

fn main() -> ExitCode {
    let case = std::env::args().nth(1).unwrap_or_default();
    launch(|world| {
        let status = match &case[..] {
            "broadcast" => broadcast(world),
            "scatter_and_gather" => scatter_and_gather(world),
            "arrays" => arrays(world),
            "values" => values(world),
            "ring" => ring(world),
            "large" => large(world),
            "on_root" => on_root(world),
            "many" => many(world),
            _ => return end(&case, world),
        }?;
        if world.is_root() {
            println!("{case}: fine on {} ranks", world.size());
        }
        Ok(status)
    })
}

/// Numbers that tell of whom they are.
fn of_rank(rank: usize, length: usize) -> Vec<f64> {
    (0..length).map(|i| rank as f64 + i as f64 / 1e3).collect()
}

fn broadcast(world: &World) -> Result<u8> {
    for length in [0, 1, 2, 1000, 100_003] {
        let mut values = if world.is_root() { of_rank(7, length) } else { of_rank(world.rank(), world.rank()) };
        world.broadcast(&mut values);
        assert_eq!(values, of_rank(7, length));
    }
    let mut flags = if world.is_root() { vec![true, false, true] } else { vec![] };
    world.broadcast(&mut flags);
    assert_eq!(flags, [true, false, true]);
    let mut largest = if world.is_root() { vec![u64::MAX, 0] } else { vec![1; 5] };
    world.broadcast(&mut largest);
    assert_eq!(largest, [u64::MAX, 0]);
    Ok(0)
}

fn scatter_and_gather(world: &World) -> Result<u8> {
    // Some ranks get nothing, and so do all in the last round.
    for (factor, modulus) in [(1, 1000), (3, 4), (100_003, 300_000), (0, 1)] {
        let counts: Vec<usize> = (0..world.size()).map(|rank| rank * factor % modulus).collect();
        let shares: Vec<Vec<f64>> = counts.iter().enumerate().map(|(rank, count)| of_rank(rank, *count)).collect();
        let all = shares.concat();
        let mine = world.scatter(world.is_root().then_some((&all[..], &counts[..])));
        assert_eq!(mine, shares[world.rank()]);
        let gathered = world.gather(&mine);
        assert_eq!(gathered, world.is_root().then_some(shares));
    }
    Ok(0)
}

fn arrays(world: &World) -> Result<u8> {
    // Fewer rows than ranks, none at all, many; and rows without columns.
    for shape in [[0, 3], [1, 3], [2, 1], [17, 5], [1000, 4], [6, 0]] {
        let whole = Array2::from_shape_fn(shape, |(i, j)| (10 * i + j) as i64);
        let mine = world.scatter_array(world.is_root().then_some(&whole))?;
        assert_eq!(mine.ncols(), shape[1]);
        assert!(mine.nrows() == shape[0] / world.size() || mine.nrows() == shape[0] / world.size() + 1);
        assert_eq!(world.gather_array(&mine)?, world.is_root().then_some(whole));
    }
    // One that lies in memory in another order.
    let whole = Array2::from_shape_fn([3, 11], |(i, j)| (10 * i + j) as f64).reversed_axes();
    let mine = world.scatter_array(world.is_root().then_some(&whole))?;
    assert_eq!(world.gather_array(&mine)?, world.is_root().then_some(whole.clone()));
    // Parts of which each rank chooses the size, and of which some lie in another order.
    let mine = Array3::from_elem([world.rank() % 3, 2, 2], world.rank() as u32);
    let all = world.gather_array(&mine)?;
    let ranks: Vec<u32> = (0..world.size() as u32).flat_map(|rank| vec![rank; rank as usize % 3]).collect();
    assert_eq!(all.map(|all| all.index_axis(Axis(1), 1).column(0).to_vec()), world.is_root().then_some(ranks));
    let mine = Array2::from_shape_fn([3, 2], |(i, j)| (10 * world.rank() + 3 * j + i) as f32).reversed_axes();
    let all = world.gather_array(&mine)?;
    let row = |rank: usize| [0, 1, 2].map(|i| (10 * rank + i) as f32).to_vec();
    let first_rows = (0..world.size()).map(row).collect();
    let rows_of = |all: Array2<f32>| all.rows().into_iter().step_by(2).map(|row| row.to_vec()).collect();
    assert_eq!(all.map(rows_of), world.is_root().then_some::<Vec<_>>(first_rows));
    let vector = Array1::from_iter(0..10_u8);
    let mine = world.scatter_array(world.is_root().then_some(&vector))?;
    assert_eq!(world.gather_array(&mine)?, world.is_root().then_some(vector));
    Ok(0)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Thing {
    Nothing,
    Number(Option<f64>),
    Named { name: String, parts: Vec<Thing> },
}

fn thing(number: usize) -> Thing {
    match number % 4 {
        0 => Thing::Nothing,
        1 => Thing::Number(None),
        2 => Thing::Number(Some(number as f64 + 0.1)),
        _ => Thing::Named { name: "µ".repeat(number), parts: (0..number).map(thing).collect() },
    }
}

fn values(world: &World) -> Result<u8> {
    for number in [0, 1, 2, 3, 11] {
        assert_eq!(world.broadcast_value(world.is_root().then(|| thing(number)))?, thing(number));
    }
    world.broadcast_value(world.is_root().then_some(()))?;
    let things: Vec<Thing> = (0..world.size()).map(thing).collect();
    let mine = world.scatter_value(world.is_root().then(|| things.clone()))?;
    assert_eq!(mine, thing(world.rank()));
    assert_eq!(world.gather_value(&mine)?, world.is_root().then_some(things));
    let nothing = world.gather_value(&())?;
    assert_eq!(nothing, world.is_root().then(|| vec![(); world.size()]));
    Ok(0)
}

/// Each rank to the next, and all to root.
fn ring(world: &World) -> Result<u8> {
    let (rank, size) = (world.rank(), world.size());
    if size > 1 {
        let (next, last) = ((rank + 1) % size, (rank + size - 1) % size);
        for length in [0, 1, 1000] {
            // Long messages wait for their receivers: the even ranks send first.
            let send = || world.send(next, Tag::User, &of_rank(rank, length));
            let receive = || assert_eq!(world.receive::<f64>(last, Tag::User), of_rank(last, length));
            if rank == 0 {
                (send(), receive())
            } else {
                (receive(), send())
            };
        }
    }
    world.barrier();
    if rank > 0 {
        world.send_value(0, Tag::User, &thing(rank))?;
        return Ok(0);
    }
    let mut missing: Vec<usize> = (1..size).collect();
    while !missing.is_empty() {
        if let Some((from, bytes)) = world.try_receive::<u8>(Tag::User) {
            assert!(!bytes.is_empty());
            missing.retain(|rank| *rank != from);
        }
    }
    Ok(0)
}

/// Messages of just below, just at and well above 256 MiB, at which they are cut.
fn large(world: &World) -> Result<u8> {
    const CUT: usize = (256 << 20) / size_of::<u64>();
    for length in [CUT - 1, CUT, CUT + CUT / 5] {
        let right = |values: &[u64]| values.len() == length && (0..).zip(values).all(|(i, value)| i == *value);
        let mut values: Vec<u64> = if world.is_root() { (0..length as u64).collect() } else { Vec::new() };
        world.broadcast(&mut values);
        assert!(right(&values), "broadcast of {length}");
        match world.rank() {
            0 => values.clear(),
            1 => world.send(0, Tag::User, &values),
            _ => (),
        }
        if world.is_root() && world.size() > 1 {
            assert!(right(&world.receive(1, Tag::User)), "message of {length}");
        }
    }
    Ok(0)
}

fn on_root(world: &World) -> Result<u8> {
    let mut ran = false;
    let value = world.on_root(|| {
        ran = true;
        Ok(format!("from rank {}", world.rank()))
    })?;
    assert_eq!((value.as_str(), ran), ("from rank 0", world.is_root()));
    assert_eq!(world.agree(Ok(world.rank()))?, world.rank());
    Ok(0)
}

/// Many small messages one after the other: none may be mistaken for another.
fn many(world: &World) -> Result<u8> {
    for round in 0..200 {
        assert_eq!(world.broadcast_value(world.is_root().then_some(round))?, round);
        let mine = world.rank() + round;
        let all = world.gather_value(&mine)?;
        assert_eq!(all, world.is_root().then(|| (0..world.size()).map(|rank| rank + round).collect()));
    }
    Ok(0)
}

/// Ways to end. Where ranks differ, the last one is the odd one.
fn end(case: &str, world: &World) -> Result<u8> {
    let odd = world.rank() == world.size() - 1;
    match case {
        "status" => Ok(3),
        "error_on_root_alone" => world.on_root(|| Err(Error::input("here", "is wrong"))),
        "panic_on_root_alone" => world.on_root(|| panic!("root's own panic")),
        "agreed_error_on_one" => world.agree(if odd { Err(Error::other("one has failed")) } else { Ok(0) }),
        "agreed_error_on_all" => world.agree(Err(Error::other("all have failed"))),
        "arrays_that_do_not_fit" => {
            let mine = Array2::<f64>::zeros([2, if odd { 3 } else { 4 }]);
            world.gather_array(&mine).map(|_| 0)
        }
        // From here on, the others do not know.
        "error_on_one" if odd => Err(Error::other("one has failed")),
        "panic_on_one" if odd => panic!("a panic on one"),
        "panic_on_root" if world.is_root() => panic!("root's own panic"),
        "error_on_all" => Err(Error::other("all have failed")),
        "panic_on_all" => panic!("a panic on all"),
        "exit_on_one" if odd => std::process::exit(7),
        "exit_as_if_done_on_one" if odd => std::process::exit(0),
        "wrong_type" if odd => world.send_value(0, Tag::Gather, &9_u8).map(|()| 0),
        "wrong_type" => world.gather_value(&vec![0_u64; 9]).map(|_| 0),
        _ => wait(world),
    }
}

/// Waits for ever, in one of the ways that there are.
fn wait(world: &World) -> Result<u8> {
    match std::env::var("WAIT").as_deref() {
        Ok("barrier") => world.barrier(),
        Ok("broadcast") if !world.is_root() => world.broadcast(&mut vec![0_u8]),
        Ok("scatter") if !world.is_root() => drop(world.scatter::<u8>(None)),
        Ok("gather") => drop(world.gather(&[1_u8])),
        Ok("receive") => drop(world.receive::<u8>(world.size() - 1, Tag::User)),
        Ok("send") => world.send(world.size() - 1, Tag::User, &vec![1_u8; 100 << 20]),
        Ok("compute") => {
            let mut x = 1.0_f64;
            loop {
                x = std::hint::black_box(x.sqrt() + 1.0);
            }
        }
        _ => sleep(Duration::from_secs(60)),
    }
    sleep(Duration::from_secs(60));
    Ok(0)
}
