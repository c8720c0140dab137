//! Engines that are each told what to do, and values that they keep.

use crate::workshop::{Call, Reply, Workshop};
use ensample::Result;
use ensample::cluster::{CallError, Client};
use ndarray::{Array1, Array2, Array3, Axis};

pub fn views(client: &Client<Workshop>) -> Result<()> {
    let engines = client.ids().len();
    assert_eq!(client.view(..)?.ids(), client.ids());
    assert_eq!(client.view(0)?.ids(), [0]);
    let even: Vec<usize> = (0..engines).step_by(2).collect();
    assert_eq!(client.view((0..).step_by(2))?.ids(), even);
    assert_eq!(client.view(vec![engines - 1, 0])?.ids(), [engines - 1, 0]);
    let wrong = client.view(engines).err().unwrap().to_string();
    assert!(wrong.contains(&format!("there is no engine {engines}: there are {engines}")), "{wrong}");
    assert!(client.view(1..1).is_err());
    for number in 1..=3 {
        assert_eq!(client.view(..)?.call(&Call::Count)?, vec![Reply::Number(number); engines]);
    }
    assert_eq!(client.view(0)?.call(&Call::Count)?, [Reply::Number(4)]);
    let squares: Vec<Reply> = (0..23).map(|x| Reply::Number(x * x)).collect();
    assert_eq!(client.view(..)?.map((0..23).map(Call::Square))?, squares);
    assert_eq!(client.view(..)?.map([])?, []);
    assert_eq!(client.view(0)?.map((0..23).map(Call::Square))?, squares);
    Ok(())
}

pub fn namespace(client: &Client<Workshop>) -> Result<()> {
    let all = client.view(..)?;
    let missing = all.pull::<f64>("x").unwrap_err();
    let CallError::Remote(error) = missing else { panic!("{missing}") };
    assert!(error.message.contains("there is nothing of the name 'x' here"), "{error}");
    all.push("x", &vec![1.5, 2.5])?;
    assert_eq!(all.pull::<Vec<f64>>("x")?, vec![vec![1.5, 2.5]; client.ids().len()]);
    let other = all.pull::<f64>("x").unwrap_err().to_string();
    assert!(other.contains("'x' is a alloc::vec::Vec<f64>, not a f64"), "{other}");
    let first = client.view(0)?;
    first.call(&Call::Keep("own".into(), 0.25))?;
    assert_eq!(first.pull::<f64>("own")?, [0.25]);
    if client.ids().len() > 1 {
        assert!(client.view(1)?.pull::<f64>("own").is_err());
    }
    Ok(())
}

pub fn arrays(client: &Client<Workshop>) -> Result<()> {
    let all = client.view(..)?;
    // Fewer items than engines, an even share, and one too many.
    for length in [0, 1, client.ids().len(), 2 * client.ids().len() + 1, 1000] {
        let y = Array1::from_iter((0..length).map(|i| i as f64));
        all.scatter("y", &y, Axis(0))?;
        assert_eq!(all.gather::<f64, ndarray::Ix1>("y", Axis(0))?, y);
        let sums = all.call(&Call::Sum("y".into()))?;
        let total: f64 =
            sums.iter().map(|sum| if let Reply::Float(sum) = sum { *sum } else { panic!("{sum:?}") }).sum();
        assert_eq!(total, y.sum());
    }
    let z = Array3::from_shape_fn((3, 7, 5), |(i, j, k)| (100 * i + 10 * j + k) as i64);
    for axis in 0..3 {
        all.scatter("z", &z, Axis(axis))?;
        assert_eq!(all.gather::<i64, ndarray::Ix3>("z", Axis(axis))?, z);
    }
    assert!(all.scatter("z", &z, Axis(3)).is_err());
    let t = Array2::from_shape_fn((4, 6), |(i, j)| (10 * i + j) as i64);
    all.scatter("t", &t.t().to_owned(), Axis(1))?;
    assert_eq!(all.gather::<i64, ndarray::Ix2>("t", Axis(1))?, t.t());
    Ok(())
}

pub fn large(client: &Client<Workshop>) -> Result<()> {
    let bytes: Vec<u8> = (0..512_usize << 20).map(|i| (i ^ (i >> 11)) as u8).collect();
    let replies = client.view(0)?.call(&Call::Echo(bytes.clone()))?;
    assert!(replies == [Reply::Bytes(bytes)], "another value came back");
    Ok(())
}
