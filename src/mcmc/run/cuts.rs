//! How the steps of a chain are cut into the segments of tasks.

use super::Plan;
use std::ops::Range;

/// A segment has no more steps than these, or one recorded draw.
pub(super) const MOST_STEPS: u64 = 1 << 16;

/// First those of the warm-up, then those between checks.
#[derive(Clone, Debug)]
pub(super) struct Cuts {
    /// For each part: whether it is the warm-up, its first and its last step (not included), and its first segment.
    parts: Vec<Part>,
    thin: u64,
    /// Steps in a segment, a multiple of `thin`.
    steps: u64,
}

#[derive(Clone, Debug)]
struct Part {
    warm_up: bool,
    steps: Range<u64>,
    first_segment: u64,
}

impl Cuts {
    pub(super) fn new(plan: &Plan, steps: u64) -> Self {
        let thin = plan.thin;
        let steps = (steps.clamp(1, MOST_STEPS) / thin).max(1).saturating_mul(thin);
        let mut cuts = Cuts { parts: Vec::new(), thin, steps };
        cuts.add(true, 0..plan.warmup);
        let mut start = 0;
        for check in &plan.checks {
            let end = check.saturating_mul(thin);
            cuts.add(false, start..end);
            start = end;
        }
        cuts
    }

    fn add(&mut self, warm_up: bool, steps: Range<u64>) {
        let first_segment = self.segments();
        self.parts.push(Part { warm_up, steps, first_segment });
    }

    /// How many segments each chain has.
    pub(super) fn segments(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.first_segment + self.count(part))
    }

    fn count(&self, part: &Part) -> u64 {
        (part.steps.end - part.steps.start).div_ceil(self.steps)
    }

    /// Whether a segment is of the warm-up, and its steps.
    pub(super) fn segment(&self, number: u64) -> (bool, Range<u64>) {
        let after = self.parts.partition_point(|part| part.first_segment <= number);
        let part = &self.parts[after - 1]; // the first part begins with segment 0
        let start = part.steps.start + (number - part.first_segment) * self.steps;
        (part.warm_up, start..part.steps.end.min(start.saturating_add(self.steps)))
    }

    /// How many draws a chain has when this segment is done, if a check follows it.
    pub(super) fn check_after(&self, number: u64) -> Option<u64> {
        let ends = |part: &Part| !part.warm_up && part.first_segment + self.count(part) == number + 1;
        self.parts.iter().find(|part| ends(part) && self.count(part) > 0).map(|part| part.steps.end / self.thin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Segments follow each other without a gap, none crosses a check, and each check is met once.
        #[test]
        fn segments_cover_all_steps(
            warmup in 0u64..300, thin in 1u64..7, first in 1u64..200, more in prop::collection::vec(1u64..100, 0..4),
            steps in 0u64..500,
        ) {
            let mut checks = vec![first];
            more.iter().for_each(|more| checks.push(checks[checks.len() - 1] + more));
            let plan = Plan {
                chains: 3, warmup, thin, save_warmup: true, checks: checks.clone(), starts: Vec::new(), seed: 1,
            };
            let cuts = Cuts::new(&plan, steps);
            let (mut warm, mut sampled, mut met) = (0, 0, Vec::new());
            for number in 0..cuts.segments() {
                let (warm_up, steps) = cuts.segment(number);
                let place = if warm_up { &mut warm } else { &mut sampled };
                prop_assert_eq!(*place, steps.start);
                prop_assert!(steps.end > steps.start && (warm_up || steps.end % thin == 0));
                *place = steps.end;
                met.extend(cuts.check_after(number).inspect(|draws| assert_eq!(draws * thin, sampled)));
            }
            prop_assert_eq!((warm, sampled), (warmup, checks[checks.len() - 1] * thin));
            prop_assert_eq!(met, checks);
        }
    }
}
