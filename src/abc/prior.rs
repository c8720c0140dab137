//! What is believed of the parameters before the data.

use crate::distribution::Distribution;
use crate::stream::Stream;

/// Independent distributions, one for each parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    components: Vec<Distribution>,
}

impl Prior {
    /// A prior from the distributions of the parameters, in their order.
    pub fn new(components: Vec<Distribution>) -> Self {
        Prior { components }
    }

    /// The distributions of the parameters, in their order.
    pub fn components(&self) -> &[Distribution] {
        &self.components
    }

    /// Draws a value for each parameter.
    ///
    /// # Panics
    /// When `theta` has another length than there are parameters.
    #[inline]
    pub fn sample(&self, stream: &mut Stream, theta: &mut [f64]) {
        assert_eq!(theta.len(), self.components.len(), "one place for each parameter");
        for (value, component) in theta.iter_mut().zip(&self.components) {
            *value = component.sample(stream);
        }
    }

    /// The natural logarithm of the joint density at `theta`: −∞ outside the support.
    pub fn ln_density(&self, theta: &[f64]) -> f64 {
        theta.iter().zip(&self.components).map(|(value, component)| component.ln_density(*value)).sum()
    }
}
