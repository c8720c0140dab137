//! What tasks find of the distribution of each number, and how it adds up.

use super::super::interval::{TIE, Weighted};
use crate::error::Result;
use crate::farm::Fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Bins within one scale of a value.
const BINS: f64 = 1024.0;
/// Beyond so many scales from the centre everything is in one bin.
const REACH: f64 = 64.0;
/// The last bin; the first is −`LAST`.
const LAST: i32 = (REACH * BINS) as i32;

/// Where the bins of a number lie.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) centre: f64,
    pub(super) width: f64,
}

impl Scale {
    pub(super) fn bin(&self, value: f64) -> i32 {
        (((value - self.centre) / self.width).clamp(-REACH, REACH) * BINS).floor() as i32
    }
}

/// What a task has found of one number.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// Probability, and the sums of probability times powers of the distance from the centre, in scales.
    pub(super) sums: [f64; 5],
    below: f64,
    pub(super) undefined: u64,
    pub(super) bins: BTreeMap<i32, f64>,
    /// The same while a task adds to them, from the lowest bin on.
    #[serde(skip)]
    dense: Vec<f64>,
    /// Values in wanted bins with their probabilities, sorted, without doubles.
    pub(super) values: Vec<(f64, f64)>,
}

impl Found {
    /// Takes a value: in the first pass into moments and bins, in the second only if it is in one of the wanted bins.
    pub(super) fn add(&mut self, value: f64, probability: f64, scale: Scale, wanted: Option<&[i32]>) {
        if !value.is_finite() {
            self.undefined += 1;
            return;
        }
        if let Some(wanted) = wanted {
            if wanted.contains(&scale.bin(value)) {
                self.values.push((value, probability));
            }
            return;
        }
        let distance = (value - scale.centre) / scale.width;
        let mut term = probability;
        for sum in &mut self.sums {
            *sum += term;
            term *= distance;
        }
        if distance < -TIE {
            self.below += probability;
        }
        if self.dense.is_empty() {
            self.dense.resize(2 * LAST as usize + 1, 0.0);
        }
        self.dense[(scale.bin(value) + LAST) as usize] += probability; // bins are from −LAST to LAST
    }

    /// Brings what a task has found into the form in which it is sent.
    pub(super) fn close(&mut self) {
        let bins = (-LAST..=LAST).zip(std::mem::take(&mut self.dense));
        self.bins.extend(bins.filter(|(_, probability)| *probability > 0.0));
        merge(&mut self.values);
        self.values.shrink_to_fit(); // it may wait for long
    }

    /// What all tasks together have found, without quantiles.
    pub(super) fn distribution(&self, scale: Scale) -> Weighted {
        let [mass, sums @ ..] = self.sums;
        let [m1, m2, m3, m4] = sums.map(|sum| sum / mass);
        let (c2, c3) = (m2 - m1 * m1, m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1);
        let c4 = m4 - 4.0 * m1 * m3 + 6.0 * m1 * m1 * m2 - 3.0 * m1 * m1 * m1 * m1;
        let Scale { centre, width } = scale;
        let square = width * width;
        let moments = [centre + width * m1, square * c2, square * width * c3, square * square * c4];
        Weighted { moments, below: self.below / mass, quantiles: Vec::new() }
    }
}

/// Sorts values and adds up the probabilities of equal ones.
fn merge(values: &mut Vec<(f64, f64)>) {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    values.dedup_by(|next, kept| {
        let equal = next.0 == kept.0;
        if equal {
            kept.1 += next.1;
        }
        equal
    });
}

/// What all tasks together have found, for each number.
pub(super) struct Total(pub(super) Vec<Found>);

impl Fold<Vec<Found>> for Total {
    fn fold(&mut self, _: u64, found: Vec<Found>) -> Result<ControlFlow<()>> {
        for (total, found) in self.0.iter_mut().zip(found) {
            total.sums.iter_mut().zip(found.sums).for_each(|(total, sum)| *total += sum);
            total.below += found.below;
            total.undefined += found.undefined;
            found.bins.into_iter().for_each(|(bin, probability)| *total.bins.entry(bin).or_default() += probability);
            if !found.values.is_empty() {
                total.values.extend(found.values);
                merge(&mut total.values);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
