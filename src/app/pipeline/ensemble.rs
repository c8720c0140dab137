//! Several applications side by side.

use super::super::roles::RoleFlags;
use super::super::source::Source;
use super::super::start::Origin;
use super::super::summary::print;
use super::super::{abc, bootstrap, gibbs};
use super::Asked;
use crate::abc::Simulator;
use crate::bootstrap::Statistic;
use crate::cluster::{Number, Role, cast};
use crate::error::{Error, Result};
use crate::mcmc::Sampler;
use crate::status;
use crate::world::{World, signal};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::Arc;

/// What makes the models of each application: see [`abc::main`](super::super::abc::main),
/// [`bootstrap::main`](super::super::bootstrap::main) and [`gibbs::main`](super::super::gibbs::main).
pub struct Models<'a, A> {
    /// Makes the simulator.
    pub abc: A,
    /// Makes statistics of the user's own.
    #[expect(clippy::type_complexity)] // once, and said in bootstrap::main
    pub bootstrap: &'a dyn Fn(&str, &[&str]) -> Result<Option<Arc<dyn Statistic>>>,
    /// Makes the sampler.
    pub gibbs: &'a dyn Fn(&gibbs::Given<'_>) -> Result<Arc<dyn Sampler>>,
}

/// The run file: which applications run, and on which ranks. What is in their tables is for themselves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct Description {
    roles: Option<String>,
    abc: Option<IgnoredAny>,
    bootstrap: Option<IgnoredAny>,
    gibbs: Option<IgnoredAny>,
}

impl Description {
    /// The applications that run; their places in this order are the colours of their ranks.
    fn applications(&self) -> Vec<&'static str> {
        let all = [("abc", &self.abc), ("bootstrap", &self.bootstrap), ("gibbs", &self.gibbs)];
        all.into_iter().filter(|(_, table)| table.is_some()).map(|(name, _)| name).collect()
    }
}

/// Runs the ensemble; the exit status is the largest of its parts.
pub(super) fn run<S: Simulator>(
    world: &World,
    flags: Asked,
    default: &str,
    models: Models<'_, impl Fn(&str, Vec<f64>) -> Result<S>>,
) -> Result<u8> {
    let Ok(flags) = flags else { return Ok(status::DONE) };
    let role = flags.roles.role.clone();
    let told = world.on_root(|| {
        if flags.abc.print_run_file {
            print(default)?;
            return Ok(None);
        }
        let shared = flags.abc.shared()?;
        let source = Source::read(flags.abc.common.run_file.clone(), default)?;
        let description: Description = source.parse()?;
        if description.applications().is_empty() {
            return Err(source.error(&[], "has none of the tables abc, bootstrap, gibbs: nothing to run"));
        }
        let rule = flags.roles.roles.clone().or_else(|| description.roles.clone());
        let names: Vec<String> = description.applications().into_iter().map(str::to_owned).collect();
        // A mistake in one table is told before any application has done anything.
        for name in &names {
            let origin = Origin::Table { source: source.within(name), shared: &shared };
            match &name[..] {
                "abc" => abc::check(&origin, default, &models.abc)?,
                "bootstrap" => bootstrap::check(&origin, default, models.bootstrap)?,
                _ => gibbs::check(&origin, &[("", default)], models.gibbs)?,
            }
        }
        Ok(Some((source, names, rule, shared)))
    })?;
    let Some((source, names, rule, shared)) = told else { return Ok(status::DONE) };
    let known = ["abc", "bootstrap", "gibbs"].into_iter().filter(|name| names.iter().any(|running| running == name));
    let roles: Vec<Role> = known.map(|name| Role { name, number: Number::Some }).collect();
    // One rank each, and the rest for the last, where nothing else is said.
    let share = |(at, role): (usize, &Role)| format!("{}={}", role.name, if at + 1 == roles.len() { "*" } else { "1" });
    let otherwise = roles.iter().enumerate().map(share).collect::<Vec<_>>().join(",");
    let choice = RoleFlags { roles: rule, role }.choice(None);
    let cast = cast(world, &roles, &otherwise, &choice)?;
    let name = cast.role(world.rank()).name;
    let color = roles.iter().position(|role| role.name == name).unwrap_or_default();
    let part = world.part(color as u16)?;
    let origin = Origin::Table { source: source.within(name), shared: &shared };
    let came_to = match name {
        "abc" => abc::main_on(&part, &origin, default, models.abc),
        "bootstrap" => bootstrap::main_on(&part, &origin, default, models.bootstrap),
        "gibbs" => gibbs::main_on(&part, &origin, &[("", default)], models.gibbs),
        name => Err(Error::other(format!("there is no application '{name}'"))),
    };
    let status = match came_to {
        // The other parts have checkpoints to write, too.
        Err(error) if error.is_interruption() => status::INTERRUPTED,
        came_to => world.from_part(came_to)?,
    };
    // A signal that comes to a rank whose part is done is for the others, too.
    let mut told = false;
    world.barrier_while(|| {
        if part.is_asked_to_end() && !std::mem::replace(&mut told, true) {
            part.ask_others_to_end();
            signal::heard();
        }
        false
    });
    let all = world.gather_value(&status)?;
    let largest = world.broadcast_value(all.and_then(|all| all.into_iter().max()))?;
    world.on_root(|| if largest == status::INTERRUPTED { Err(Error::Interrupted) } else { Ok(largest) })
}
