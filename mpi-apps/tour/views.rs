//! Engines one by one and all together.

use super::engine::{Answer, Call, Worker};
use super::{heading, observations, row};
use ensample::cluster::{CallError, Client};
use ensample::ndarray::{Array1, Axis, Ix1};
use ensample::{Error, Result};

/// A view chooses engines; what it is asked, each of them does.
pub fn ids(client: &Client<Worker>) -> Result<()> {
    heading("Engines and views of them");
    println!("engines: {:?}, on ranks {:?}", client.ids(), client.ranks());
    println!("view(0): {:?}", client.view(0)?.ids());
    println!("view(..): {:?}", client.view(..)?.ids());
    println!("view((0..).step_by(2)): {:?}", client.view((0..).step_by(2))?.ids());
    Ok(())
}

pub fn one_and_all(client: &Client<Worker>) -> Result<()> {
    heading("One engine, and all");
    let show = |answers: Vec<Answer>| {
        answers.iter().for_each(|answer| println!("engine {}: process {}", answer.engine, answer.values[0]));
    };
    println!("view(0):");
    show(client.view(0)?.call(&Call::ProcessId)?);
    println!("view(..):");
    show(client.view(..)?.call(&Call::ProcessId)?);
    Ok(())
}

/// What fails on an engine comes back as a value, and the engine goes on.
pub fn an_error(client: &Client<Worker>) -> Result<()> {
    heading("An error on an engine");
    let first = client.view(0)?;
    let draw = Call::Draw { task: 0, draws: 3 };
    match first.call(&draw) {
        Err(CallError::Remote(error)) => println!("{error}"),
        other => return Err(Error::other(format!("the data are not there, and yet: {other:?}"))),
    }
    println!("so push the data, and ask again:");
    client.view(..)?.push("y", &observations()?)?;
    for (number, draw) in first.call(&draw)?[0].values.chunks_exact(2).enumerate() {
        println!("draw {number}: mu {:.4}, sigma {:.4}", draw[0], draw[1]);
    }
    Ok(())
}

/// Values by name on every engine.
pub fn push_and_pull(client: &Client<Worker>) -> Result<()> {
    heading("Push and pull");
    client.view(..)?.push("tolerance", &0.25)?;
    client.view(0)?.push("tolerance", &0.5)?;
    println!("tolerance on each engine: {:?}", client.view(..)?.pull::<f64>("tolerance")?);
    Ok(())
}

/// An array in parts, the first engines getting one value more.
pub fn scatter_and_gather(client: &Client<Worker>) -> Result<()> {
    heading("Scatter and gather");
    let all = client.view(..)?;
    let y = Array1::from(observations()?);
    all.scatter("part", &y, Axis(0))?;
    let parts: Vec<usize> = all.pull::<Array1<f64>>("part")?.iter().map(Array1::len).collect();
    println!("{} observations in parts of {parts:?}", y.len());
    let sums: Vec<f64> = all.call(&Call::Sum)?.iter().map(|answer| answer.values[0]).collect();
    println!("sums of the parts: {}", row(&sums, 6));
    println!("total: {:.8}", sums.iter().sum::<f64>());
    println!("gathered, the same as before: {}", all.gather::<f64, Ix1>("part", Axis(0))? == y);
    Ok(())
}

/// One call for each of five parts of the data, dealt out over the engines.
pub fn splits(client: &Client<Worker>) -> Result<()> {
    heading("A map over five splits");
    let y = observations()?;
    let squares = client.view(..)?.map(y.chunks(10).map(|split| Call::SumOfSquares(split.to_vec())))?;
    let squares: Vec<f64> = squares.iter().map(|answer| answer.values[0]).collect();
    println!("sums of squares: {}", row(&squares, 4));
    println!("total: {:.6}", squares.iter().sum::<f64>());
    Ok(())
}
