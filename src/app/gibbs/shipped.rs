//! The models that come with the library, as run files name them.

use super::Given;
use crate::error::{Error, Result};
use crate::mcmc::models::{Bivariate, Disaster, Pumps, Regression, Schools};
use crate::mcmc::{Gibbs, Sampler};
use std::sync::Arc;

/// The models that are shipped, by their names in the run file.
///
/// # Errors
/// When there is no such model, or it can't be made of what the run file gives.
pub fn shipped(given: &Given<'_>) -> Result<Arc<dyn Sampler>> {
    let order = given.order();
    let numbers = |name: &str| given.column(name).map(<[f64]>::to_vec);
    // Rows have the names of this column, or are numbered.
    let names = |name: &str, rows: usize| match given.has(name) {
        true => given.labels(name),
        false => Ok((0..rows).map(|row| row.to_string()).collect()),
    };
    Ok(match given.model() {
        "disaster" => {
            Arc::new(Gibbs::new(Disaster::new(numbers("year")?, numbers("disasters")?, given.prior()?)?, order))
        }
        "bivariate" => Arc::new(Gibbs::new(Bivariate, order)),
        "pumps" => {
            let failures = numbers("failures")?;
            let pumps = names("pump", failures.len())?;
            Arc::new(Gibbs::new(Pumps::new(pumps, failures, numbers("time")?, given.prior()?)?, order))
        }
        "schools" => {
            let effects = numbers("effect")?;
            let schools = names("school", effects.len())?;
            Arc::new(Gibbs::new(Schools::new(schools, effects, numbers("error")?, given.prior()?)?, order))
        }
        "regression" => {
            // The first column is the response.
            let columns: Vec<(String, Vec<f64>)> =
                given.columns().map(|name| Ok((name.to_owned(), numbers(name)?))).collect::<Result<_>>()?;
            let Some(((_, response), regressors)) = columns.split_first() else {
                return Err(Error::other("the model regression needs columns: the response, then regressors"));
            };
            Arc::new(Gibbs::new(Regression::new(response.clone(), regressors.to_vec(), given.prior()?)?, order))
        }
        name => {
            return Err(Error::other(format!(
                "there is no model '{name}'; there are disaster, bivariate, pumps, schools, regression"
            )));
        }
    })
}
