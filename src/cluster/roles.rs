//! Who plays which role.

use crate::error::{Error, Result};
use crate::world::World;
use serde::{Deserialize, Serialize};

/// What ranks of a program can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name in rules and flags.
    pub name: &'static str,
    /// How many ranks may play it.
    pub number: Number,
}

/// How many ranks may play a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Number {
    /// Exactly one.
    One,
    /// One or more.
    Some,
    /// Any number, also none.
    Any,
}

impl Number {
    fn allows(self, ranks: usize) -> bool {
        match self {
            Number::One => ranks == 1,
            Number::Some => ranks >= 1,
            Number::Any => true,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Number::One => "exactly one",
            Number::Some => "at least one",
            Number::Any => "any number of",
        }
    }
}

/// What a process was told of roles when it was started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// Nothing: the program's own rule holds.
    #[default]
    Nothing,
    /// A rule for all ranks (`--roles client=1,engine=*`): so many ranks of each role, in this order; `*` stands for
    /// all that are left.
    Rule(String),
    /// This process's own role (`--role engine`), in a launch of several parts.
    Own(String),
}

/// The role of each rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    roles: Vec<Role>,
    /// For each rank the place of its role among `roles`.
    of_ranks: Vec<usize>,
}

impl Cast {
    /// The role of a rank.
    pub fn role(&self, rank: usize) -> Role {
        self.roles[self.of_ranks[rank]]
    }

    /// The ranks of a role, in ascending order.
    pub fn ranks(&self, name: &str) -> Vec<usize> {
        let plays = |rank: &usize| self.role(*rank).name == name;
        (0..self.of_ranks.len()).filter(plays).collect()
    }
}

/// What a rank says of itself, so that all can be compared.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Introduction {
    choice: Choice,
    /// The version of this crate, and the program's roles: what has to be the same in all binaries of a launch.
    version: String,
    roles: Vec<(String, Number)>,
    host: String,
}

/// Decides together with all other ranks who plays which role. Every rank calls it with its own `choice`; `roles` and
/// `rule`, which holds where nobody has chosen, must be the same in all binaries of the launch.
///
/// # Errors
/// On all ranks: a rule that is none, or doesn't fit the number of ranks; a role that doesn't exist; too many or too few
/// ranks of a role; ranks that were told different things, or are of different programs.
pub fn cast(world: &World, roles: &[Role], rule: &str, choice: &Choice) -> Result<Cast> {
    let introduction = Introduction {
        choice: choice.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        roles: roles.iter().map(|role| (role.name.to_owned(), role.number)).collect(),
        host: world.host().to_owned(),
    };
    let introductions = world.gather_value(&introduction)?;
    let of_ranks = world.on_root(|| {
        // Root has what was gathered.
        let Some(introductions) = introductions else { unreachable!("only root runs this") };
        decide(&introductions, roles, rule)
    })?;
    Ok(Cast { roles: roles.to_vec(), of_ranks })
}

/// The role of each rank, by its place among `roles`.
fn decide(ranks: &[Introduction], roles: &[Role], rule: &str) -> Result<Vec<usize>> {
    let first = &ranks[0];
    if let Some(rank) = ranks.iter().position(|it| (&it.version, &it.roles) != (&first.version, &first.roles)) {
        let other = &ranks[rank];
        return Err(Error::Launch(format!(
            "rank {rank} on {} is of another program than rank 0: ensample {} with the roles {}, not ensample {} with {}",
            other.host,
            other.version,
            names(other.roles.iter().map(|(name, _)| &**name)),
            first.version,
            names(first.roles.iter().map(|(name, _)| &**name)),
        )));
    }
    let told = |rank: usize| match &ranks[rank].choice {
        Choice::Nothing => "nothing".to_owned(),
        Choice::Rule(rule) => format!("--roles {rule}"),
        Choice::Own(role) => format!("--role {role}"),
    };
    let kind = |choice: &Choice| match choice {
        Choice::Own(_) => None,
        rule => Some(rule.clone()),
    };
    if let Some(rank) = ranks.iter().position(|it| kind(&it.choice) != kind(&first.choice)) {
        return Err(Error::Launch(format!(
            "the parts of this launch disagree about roles: rank 0 was told {}, rank {rank} {}",
            told(0),
            told(rank)
        )));
    }
    let (place, of_ranks) = match &first.choice {
        Choice::Nothing => ("the program's own rule", by_rule(rule, roles, ranks.len())),
        Choice::Rule(rule) => ("roles", by_rule(rule, roles, ranks.len())),
        Choice::Own(_) => ("--role", ranks.iter().map(|it| own(&it.choice, roles)).collect()),
    };
    let of_ranks = of_ranks.map_err(|message| Error::input(place, message))?;
    for (number, role) in roles.iter().enumerate() {
        let count = of_ranks.iter().filter(|of_rank| **of_rank == number).count();
        if !role.number.allows(count) {
            let message =
                format!("{} rank must be {}, {count} of {} are", role.number.in_words(), role.name, ranks.len());
            return Err(Error::input(place, message));
        }
    }
    Ok(of_ranks)
}

fn own(choice: &Choice, roles: &[Role]) -> Result<usize, String> {
    match choice {
        Choice::Own(name) => named(name, roles),
        _ => unreachable!("all ranks have a role of their own"),
    }
}

fn named(name: &str, roles: &[Role]) -> Result<usize, String> {
    let found = roles.iter().position(|role| role.name == name);
    found.ok_or_else(|| format!("there is no role '{name}'; there are {}", names(roles.iter().map(|role| role.name))))
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Deals the ranks out by a rule.
fn by_rule(rule: &str, roles: &[Role], ranks: usize) -> Result<Vec<usize>, String> {
    // For each part its role, and how many ranks; none for all that are left.
    let mut parts: Vec<(usize, Option<usize>)> = Vec::new();
    for part in rule.split(',') {
        let (name, number) = part.split_once('=').ok_or_else(|| format!("'{part}' is not role=number"))?;
        let number = match number.trim() {
            "*" => None,
            number => Some(number.parse().map_err(|_| format!("'{number}' is neither a number nor *"))?),
        };
        parts.push((named(name.trim(), roles)?, number));
    }
    let fixed = parts.iter().filter_map(|(_, number)| *number).try_fold(0usize, |sum, number| sum.checked_add(number));
    let left = fixed.and_then(|fixed| ranks.checked_sub(fixed));
    let rests = parts.iter().filter(|(_, number)| number.is_none()).count();
    let left = match (left, rests) {
        (_, 2..) => return Err(format!("'{rule}' has more than one *")),
        (None, _) => return Err(format!("'{rule}' wants more ranks than there are: {ranks}")),
        (Some(1..), 0) => return Err(format!("'{rule}' leaves ranks without a role: there are {ranks}")),
        (Some(left), _) => left,
    };
    let part = |(role, number): &(usize, Option<usize>)| std::iter::repeat_n(*role, number.unwrap_or(left));
    Ok(parts.iter().flat_map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 3] = [
        Role { name: "client", number: Number::One },
        Role { name: "engine", number: Number::Some },
        Role { name: "writer", number: Number::Any },
    ];

    fn introduction(choice: Choice) -> Introduction {
        Introduction {
            choice,
            version: "1".into(),
            roles: ROLES.iter().map(|role| (role.name.into(), role.number)).collect(),
            host: "h".into(),
        }
    }

    fn ruled(rule: &str, ranks: usize) -> Result<Vec<usize>, String> {
        let all = vec![introduction(Choice::Rule(rule.into())); ranks];
        decide(&all, &ROLES, "client=1,engine=*").map_err(|error| error.to_string())
    }

    fn each(roles: &[&str]) -> Result<Vec<usize>, String> {
        let all: Vec<_> = roles.iter().map(|role| introduction(Choice::Own((*role).into()))).collect();
        decide(&all, &ROLES, "client=1,engine=*").map_err(|error| error.to_string())
    }

    #[test]
    fn rules_deal_ranks_out_in_their_order() {
        assert_eq!(ruled("client=1,engine=*,writer=1", 5), Ok(vec![0, 1, 1, 1, 2]));
        assert_eq!(ruled("engine=2, client=1", 3), Ok(vec![1, 1, 0]));
        assert_eq!(ruled("client=1,engine=1,writer=*", 2), Ok(vec![0, 1]));
        assert_eq!(ruled("engine=1,client=1,engine=1", 3), Ok(vec![1, 0, 1]));
        assert_eq!(decide(&vec![introduction(Choice::Nothing); 3], &ROLES, "client=1,engine=*").unwrap(), [0, 1, 1]);
    }

    #[test]
    fn each_part_of_a_launch_can_say_its_own() {
        assert_eq!(each(&["client", "engine", "engine", "writer"]), Ok(vec![0, 1, 1, 2]));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (rule, ranks, message) in [
            ("client=1,engine=*", 1, "roles: at least one rank must be engine, 0 of 1 are"),
            ("client=2,engine=*", 3, "roles: exactly one rank must be client, 2 of 3 are"),
            ("client=1,engine=3", 3, "roles: 'client=1,engine=3' wants more ranks than there are: 3"),
            ("client=1,engine=18446744073709551615", 3, "wants more ranks than there are: 3"),
            ("client=1,engine=1", 3, "leaves ranks without a role: there are 3"),
            ("client=*,engine=*", 3, "has more than one *"),
            ("client", 3, "'client' is not role=number"),
            ("client=x", 3, "'x' is neither a number nor *"),
            ("client=-1", 3, "'-1' is neither a number nor *"),
            ("", 3, "'' is not role=number"),
            ("client=1,servant=2", 3, "there is no role 'servant'; there are client, engine, writer"),
        ] {
            let said = ruled(rule, ranks).unwrap_err();
            assert!(said.contains(message), "{rule}: {said}");
        }
        for (roles, message) in [
            (&["client", "client", "engine"][..], "--role: exactly one rank must be client, 2 of 3 are"),
            (&["client"], "--role: at least one rank must be engine, 0 of 1 are"),
            (&["client", "servant"], "--role: there is no role 'servant'"),
        ] {
            let said = each(roles).unwrap_err();
            assert!(said.contains(message), "{roles:?}: {said}");
        }
    }

    #[test]
    fn launches_that_disagree_are_told() {
        let said = |other: Introduction| {
            let first = introduction(Choice::Own("client".into()));
            decide(&[first, other], &ROLES, "").unwrap_err().to_string()
        };
        assert!(said(introduction(Choice::Nothing)).contains("rank 0 was told --role client, rank 1 nothing"));
        assert!(said(introduction(Choice::Rule("engine=*".into()))).contains("rank 1 --roles engine=*"));
        let engine = introduction(Choice::Own("engine".into()));
        let newer = said(Introduction { version: "2".into(), ..engine.clone() });
        assert!(newer.contains("rank 1 on h is of another program than rank 0: ensample 2 with the roles"), "{newer}");
        let fewer = said(Introduction { roles: engine.roles[..1].to_vec(), ..engine });
        assert!(fewer.contains("ensample 1 with the roles client, not ensample 1 with client, engine"), "{fewer}");
    }
}
