//! What is recorded of a chain.

use crate::error::{Error, Result};

/// A quantity of which every draw has a value, or an array of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The axes of an array, in addition to chain and draw, the last running fastest.
    pub axes: Vec<Axis>,
    /// Whether its values are whole numbers, and stored as such.
    pub integer: bool,
}

/// An axis of an array: a name, and a label for each place.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Its name, `school`.
    pub name: String,
    /// What is at each place, `Choate`, `Deerfield`, ...
    pub labels: Vec<String>,
}

impl Variable {
    /// One number.
    pub fn scalar(name: impl Into<String>) -> Self {
        Variable { name: name.into(), axes: Vec::new(), integer: false }
    }

    /// One number for each label along an axis.
    pub fn along(
        name: impl Into<String>,
        axis: impl Into<String>,
        labels: impl IntoIterator<Item = impl ToString>,
    ) -> Self {
        let labels = labels.into_iter().map(|label| label.to_string()).collect();
        Variable { name: name.into(), axes: vec![Axis { name: axis.into(), labels }], integer: false }
    }

    /// The same with whole numbers.
    pub fn of_integers(self) -> Self {
        Variable { integer: true, ..self }
    }

    /// What one of its numbers is called: `mu`, `theta[Choate]`.
    pub fn label(&self, mut element: usize) -> String {
        let mut labels = Vec::new();
        for axis in self.axes.iter().rev() {
            labels.push(axis.labels[element % axis.labels.len()].as_str());
            element /= axis.labels.len();
        }
        labels.reverse();
        if labels.is_empty() { self.name.clone() } else { format!("{}[{}]", self.name, labels.join(", ")) }
    }

    /// How many numbers a draw has.
    pub fn len(&self) -> usize {
        self.axes.iter().map(|axis| axis.labels.len()).product()
    }

    /// Whether a draw has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Checks that a result file can hold the variables.
///
/// # Errors
/// Names the variable with a name that is doubled, taken or impossible, or without values.
pub(super) fn check(variables: &[Variable]) -> Result<()> {
    if variables.is_empty() {
        return Err(Error::other("the model records no variable"));
    }
    let axes: Vec<&Axis> = variables.iter().flat_map(|variable| &variable.axes).collect();
    let names = variables.iter().map(|variable| &variable.name).chain(axes.iter().map(|axis| &axis.name));
    for name in names {
        if name.is_empty() || name.contains(['/', '\0']) || *name == "." || ["chain", "draw"].contains(&&**name) {
            return Err(Error::other(format!("'{name}' can't be the name of a variable or an axis in a result")));
        }
    }
    for (i, variable) in variables.iter().enumerate() {
        let name = &variable.name;
        if variables[..i].iter().any(|other| other.name == *name) || axes.iter().any(|axis| axis.name == *name) {
            return Err(Error::other(format!("the variable '{name}' has the name of another variable or axis")));
        }
        if variable.is_empty() {
            return Err(Error::other(format!("the variable '{name}' has no values: an axis of it has no labels")));
        }
    }
    match axes.iter().find(|axis| axes.iter().any(|other| other.name == axis.name && other.labels != axis.labels)) {
        Some(axis) => Err(Error::other(format!("the axis '{}' has different labels in two variables", axis.name))),
        None => Ok(()),
    }
}
