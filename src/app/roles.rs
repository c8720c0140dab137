//! The flags of programs whose ranks have roles.

use crate::cluster::Choice;

/// Which ranks play which role: `#[command(flatten)]` it into the flags of a program whose ranks have roles.
#[derive(clap::Args, Clone, Debug)]
pub struct RoleFlags {
    /// Which ranks play which role: so many of each, in this order; * for all that are left
    #[arg(long, value_name = "RULE", conflicts_with = "role")]
    pub roles: Option<String>,
    /// The role of this part of the launch: mpirun -n 1 PROGRAM --role NAME : -n 4 PROGRAM --role OTHER
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
}

impl RoleFlags {
    /// What this rank was told; `rule` is that of a run file, if there is one.
    pub fn choice(self, rule: Option<String>) -> Choice {
        match (self.role, self.roles.or(rule)) {
            (Some(role), _) => Choice::Own(role),
            (None, Some(rule)) => Choice::Rule(rule),
            (None, None) => Choice::Nothing,
        }
    }
}
