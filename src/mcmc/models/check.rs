//! What models ask of their data and priors, and how they say it.

use crate::distribution::Exponential;
use crate::error::{Error, Result};

/// The largest count: below it every whole number is a float, and a [`Poisson`](crate::distribution::Poisson) variable.
const LARGEST_COUNT: f64 = 1e15;

/// Whether `x` is a whole number from 0 on.
pub(super) fn is_count(x: f64) -> bool {
    (0.0..=LARGEST_COUNT).contains(&x) && x.fract() == 0.0
}

/// That hyperparameters are positive, within the limits that the scales, shapes and rates of distributions have.
pub(super) fn positive<const N: usize>(hyperparameters: [(&str, f64); N]) -> Result<()> {
    for (name, value) in hyperparameters {
        Exponential::new(value).map_err(|invalid| Error::other(format!("{name} {}", invalid.message)))?;
    }
    Ok(())
}

/// That there are as many of each, and at least two.
pub(super) fn lengths<const N: usize>(counts: [(usize, &str); N]) -> Result<()> {
    let same = counts.windows(2).all(|pair| pair[0].0 == pair[1].0);
    let rule = match counts.iter().all(|(count, _)| *count >= 2) {
        true if same => return Ok(()),
        true => "there must be as many of each",
        false => "at least two are needed",
    };
    let list: Vec<String> = counts.iter().map(|(count, what)| format!("{count} {what}")).collect();
    Err(Error::other(format!("there are {}: {rule}", list.join(", "))))
}

/// That names are not empty and differ.
pub(super) fn names(names: &[String]) -> Result<()> {
    for (place, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(Error::other(format!("name {} is empty", place + 1)));
        }
        if names[..place].contains(name) {
            return Err(Error::other(format!("the name '{name}' is there twice")));
        }
    }
    Ok(())
}

/// That `holds` is true of each value: `rule` says what that means, `what` what a value is, and `names` whose.
pub(super) fn each(
    what: &str,
    names: &[String],
    values: &[f64],
    rule: &str,
    holds: impl Fn(f64) -> bool,
) -> Result<()> {
    match names.iter().zip(values).find(|(_, value)| !holds(**value)) {
        Some((name, value)) => Err(Error::other(format!("the {what} of '{name}' must be {rule}, is {value}"))),
        None => Ok(()),
    }
}

/// That a chain can begin at these values: there is one for each variable, all finite.
pub(super) fn start(values: &[f64], wanted: usize) -> Result<()> {
    if values.len() != wanted {
        return Err(Error::other(format!("there are {} values to begin at: the model has {wanted}", values.len())));
    }
    match values.iter().find(|value| !value.is_finite()) {
        Some(value) => Err(Error::other(format!("a chain can't begin at {value}"))),
        None => Ok(()),
    }
}
