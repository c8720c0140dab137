//! A slice sampling step.

use super::gibbs::Stage;
use crate::stream::Stream;
use serde::{Deserialize, Serialize};

/// How often an interval is made longer at most, on both sides together.
const STEPS_OUT: u64 = 100;

/// A step of one number by slice sampling (Neal 2003): a level below the density, an interval around the number that is
/// stepped out until both ends are below that level, and a point of the interval above it, after shrinking where points
/// were below. Kept in the chain's state.
///
/// In the warm-up the width of the first interval follows the mean distance that steps go; afterwards it stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    width: f64,
    tuned: u64,
    moved: f64,
}

impl Slice {
    /// Intervals of this width to begin with.
    pub fn new(width: f64) -> Self {
        Slice { width, tuned: 0, moved: 0.0 }
    }

    /// The width of the first interval.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Takes a step of `x` under the density whose logarithm, up to a constant, is `ln_density` (−∞ where there is none).
    pub fn step(&mut self, x: &mut f64, ln_density: impl Fn(f64) -> f64, stage: Stage, stream: &mut Stream) {
        let level = ln_density(*x) - stream.exponential();
        let is_inside = |x: f64| ln_density(x) > level;
        let mut low = *x - self.width * stream.uniform();
        let mut high = low + self.width;
        // How many of the steps are allowed on the left (Neal 2003, figure 3).
        let left = stream.index(STEPS_OUT);
        for _ in 0..left {
            if !is_inside(low) {
                break;
            }
            low -= self.width;
        }
        for _ in left..STEPS_OUT - 1 {
            if !is_inside(high) {
                break;
            }
            high += self.width;
        }
        let start = *x;
        loop {
            let proposal = low + (high - low) * stream.uniform();
            if is_inside(proposal) {
                *x = proposal;
                break;
            }
            // Where rounding leaves no point but the present one, or there is no density at all, stay.
            let is_wide = high - low > f64::EPSILON * start.abs();
            if !is_wide {
                break;
            }
            if proposal < start { low = proposal } else { high = proposal }
        }
        if stage == Stage::WarmUp {
            self.tuned += 1;
            self.moved += (*x - start).abs();
            // A good width is a few times the typical distance; the first steps, from a far beginning, count less and less.
            if self.tuned >= 10 && self.moved > 0.0 {
                self.width = 3.0 * self.moved / self.tuned as f64;
            }
        }
    }
}
