//! When a simulation is near enough to the observed data.

/// Which draws are accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Acceptance {
    /// Each summary differs from the observed one by less than its tolerance.
    Each {
        /// One tolerance for each summary, positive.
        tolerances: Vec<f64>,
    },
    /// The distance is less than the tolerance.
    Within {
        /// How differences make a distance.
        metric: Metric,
        /// Positive.
        tolerance: f64,
    },
    /// Of a fixed number of simulations, those with the smallest distances: a reference table. Equal distances are
    /// decided by the simulations' numbers.
    Best {
        /// How differences make a distance.
        metric: Metric,
        /// How many simulations there are; as many draws as the problem wants are kept.
        simulations: u64,
    },
}

/// A weighted p-norm: (Σ |w_i d_i|^p)^(1/p).
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// p, at least 1; infinity for the largest difference.
    pub norm: f64,
    /// What each difference is multiplied with.
    pub weights: Vec<f64>,
}

impl Metric {
    /// The distance for these differences between simulated and observed summaries.
    pub fn distance(&self, difference: &[f64]) -> f64 {
        let terms = difference.iter().zip(&self.weights).map(|(d, w)| (d * w).abs());
        let largest = terms.clone().fold(0.0, f64::max);
        if self.norm == 1.0 {
            return terms.sum();
        }
        if self.norm == f64::INFINITY || largest == 0.0 || largest == f64::INFINITY {
            return largest;
        }
        // Relative to the largest, so that no power leaves the range of floats.
        let relative = terms.map(|x| x / largest);
        if self.norm == 2.0 {
            largest * relative.map(|x| x * x).sum::<f64>().sqrt()
        } else {
            largest * libm::pow(relative.map(|x| libm::pow(x, self.norm)).sum(), 1.0 / self.norm)
        }
    }
}

impl Acceptance {
    /// Whether a simulation with these differences, and this distance where there is a metric, is accepted; under
    /// [`Best`](Acceptance::Best), whether it may be.
    pub(super) fn accepts(&self, difference: &[f64], distance: Option<f64>) -> bool {
        match self {
            Acceptance::Each { tolerances } => difference.iter().zip(tolerances).all(|(d, t)| d.abs() < *t),
            Acceptance::Within { tolerance, .. } => distance.is_some_and(|distance| distance < *tolerance),
            Acceptance::Best { .. } => true,
        }
    }

    /// The metric, where there is one.
    pub fn metric(&self) -> Option<&Metric> {
        match self {
            Acceptance::Each { .. } => None,
            Acceptance::Within { metric, .. } | Acceptance::Best { metric, .. } => Some(metric),
        }
    }

    /// The same rule with the metric's weights divided by the spread of each summary.
    ///
    /// # Errors
    /// The number of a summary that counts and has no spread (0 or not finite).
    pub fn scaled(mut self, spread: &[f64]) -> Result<Self, usize> {
        if let Acceptance::Within { metric, .. } | Acceptance::Best { metric, .. } = &mut self {
            for (i, (weight, spread)) in metric.weights.iter_mut().zip(spread).enumerate() {
                if *weight > 0.0 {
                    *weight /= spread;
                    if !(weight.is_finite() && *weight > 0.0) {
                        return Err(i);
                    }
                }
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms() {
        let distance = |norm| Metric { norm, weights: vec![1.0, 0.5] }.distance(&[3.0, -8.0]);
        assert_eq!(distance(1.0), 7.0);
        assert_eq!(distance(2.0), 5.0);
        assert_eq!(distance(f64::INFINITY), 4.0);
        assert_eq!(distance(1000.0), 4.0);
        let tiny = Metric { norm: 1000.0, weights: vec![1.0; 2] };
        assert_eq!(tiny.distance(&[0.25, 0.5]), 0.5);
        let huge = Metric { norm: 2.0, ..tiny.clone() }.distance(&[3e200, 4e200]);
        assert!((huge / 1e200 - 5.0).abs() < 1e-14);
        assert_eq!(tiny.distance(&[0.0, 0.0]), 0.0);
        assert!((distance(3.0) * distance(3.0) * distance(3.0) - 91.0).abs() < 1e-12);
    }
}
