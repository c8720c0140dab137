//! Standard normal values: a ziggurat whose layers lie under the density (McFarland 2016, "A modified ziggurat
//! algorithm for generating exponentially and normally distributed pseudorandom numbers").
//!
//! The area under exp(−x²/2) for x > 0 is shared out into 2048 layers of equal area. All but three are rectangles that
//! are stacked up under the curve, each with its upper right corner on it:
//!
//! ```text
//! 1 |--.__  cap
//!   |     |-._
//!   |_____|   '.        a value: a layer and a place in it, both from one word
//!   |         |\        what is left over beside and above the rectangles: the other three layers
//!   |_________| \
//!   |            '-.
//!   |______________|'-.._____ tail
//! ```
//!
//! So nearly every value is a product of a uniform variable and the width of a rectangle that is looked up, with nothing
//! to compare. One word in 683 belongs to what is left over, which is drawn by rejection: with random numbers that are
//! hashes of the word (splitmix64: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"), so
//! that a value never takes more than its word.

use super::lanes::{Generators, Lanes};
use crate::isa::math::{centred, centred_of_one, uniform_of_one};
use crate::isa::{Floats, LANES, Words, gather};
use std::f64::consts::FRAC_PI_2;
use std::sync::LazyLock;

/// How many layers there are: a word's lowest bits choose one. (With half as many what is left over takes twice the
/// time, a sixth of all. With twice as many the widths would fill the fastest cache.)
const LAYERS: usize = 2048;

/// So many vectors are made at once.
const VECTORS: usize = 8;

/// Words that begin where a cache line does.
#[repr(align(64))]
struct Aligned([[u64; LANES]; VECTORS]);

/// Standard normal values: one from each word.
#[inline(always)]
pub(super) fn normal<F: Floats>(lanes: &mut Lanes, out: &mut [[f64; LANES]]) {
    let ziggurat = &*ZIGGURAT;
    let mut generators = Generators::<F>::load(lanes);
    let Aligned(words) = &mut Aligned([[0; LANES]; VECTORS]);
    for out in out.chunks_mut(VECTORS) {
        for words in &mut words[..out.len()] {
            generators.next().store(words);
        }
        let mut left_over = 0;
        for (place, (words, out)) in words.iter().zip(&mut *out).enumerate() {
            let values = centred::<F>(F::Words::load(words)) * gather(&ziggurat.widths, words);
            values.store(out);
            left_over |= u64::from(values.nans()) << (LANES * place);
        }
        if left_over != 0 {
            ziggurat.replace(left_over, words.as_flattened(), out.as_flattened_mut());
        }
    }
    generators.store(lanes);
}

/// The same of a single word.
#[inline(always)]
pub(super) fn normal_of_one(word: u64) -> f64 {
    let ziggurat = &*ZIGGURAT;
    let x = centred_of_one(word) * ziggurat.widths[word as usize % LAYERS];
    if x.is_nan() { ziggurat.left_over(word) } else { x }
}

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(Ziggurat::new);

struct Ziggurat {
    /// Twice the width of each rectangle, from the lowest; NaN for the layers that are none.
    widths: [f64; LAYERS],
    /// What is left over.
    pieces: Vec<Piece>,
    /// Which of them: columns of equal probability (Walker 1977, "An efficient method for generating discrete random
    /// variables with general distributions").
    columns: Vec<Column>,
}

/// A part of the area that is left over.
#[derive(Clone, Copy)]
enum Piece {
    /// Beside or above a rectangle, in a box with these ends on the left and below. The curve goes down from its upper
    /// left corner to the lower right one, and is nowhere farther from the line between them, relative to the height,
    /// than `bend`.
    Box { left: f64, low: f64, width: f64, height: f64, bend: f64 },
    /// Everything to the right of this.
    Tail { from: f64 },
}

/// The lower `share` of it stands for the piece of the same number, the rest for another.
struct Column {
    share: f64,
    other: usize,
}

fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

impl Ziggurat {
    fn new() -> Self {
        let area = FRAC_PI_2.sqrt() / LAYERS as f64;
        let mut widths = [f64::NAN; LAYERS];
        let mut x = lowest_corner(area);
        let (mut pieces, mut low) = (vec![Piece::Tail { from: x }], area / x);
        widths[0] = 2.0 * x;
        for width in &mut widths[1..] {
            let right = x;
            let Some(corner) = corner(right, low, area) else { break };
            x = corner;
            *width = 2.0 * x;
            pieces.push(Piece::boxed([x, right], [low, low + area / x]));
            low += area / x;
        }
        pieces.push(Piece::boxed([0.0, x], [low, 1.0]));
        let areas: Vec<f64> = pieces.iter().map(Piece::area).collect();
        Ziggurat { widths, pieces, columns: columns(&areas) }
    }

    /// Replaces values whose words belong to no rectangle: those whose bits are set.
    #[cold]
    #[inline(never)]
    fn replace(&self, mut which: u64, words: &[u64], values: &mut [f64]) {
        while which != 0 {
            let place = which.trailing_zeros() as usize;
            values[place] = self.left_over(words[place]);
            which &= which - 1;
        }
    }

    /// The value of a word that belongs to no rectangle.
    #[cold]
    fn left_over(&self, word: u64) -> f64 {
        let mut hashes = Hashes(word);
        loop {
            let (choice, across, up) = (hashes.next(), hashes.next(), hashes.next());
            let piece = self.pieces[self.piece(choice)];
            if let Some(x) = piece.point(uniform_of_one(across), uniform_of_one(up)) {
                // The lowest bit has no part in the uniform value.
                return if up & 1 == 1 { -x } else { x };
            }
        }
    }

    /// The number of a piece, with a probability that is proportional to its area.
    fn piece(&self, word: u64) -> usize {
        let place = u128::from(word) * self.columns.len() as u128;
        let (number, within) = ((place >> 64) as usize, uniform_of_one(place as u64));
        let Column { share, other } = self.columns[number];
        if within < share { number } else { other }
    }
}

impl Piece {
    fn boxed([left, right]: [f64; 2], [low, high]: [f64; 2]) -> Self {
        let (width, height) = (right - left, high - low);
        // A curve is no farther from its chord than an eighth of the width's square times the largest second
        // derivative, here (x² − 1) exp(−x²/2).
        let second = (right * right - 1.0).abs().max((left * left - 1.0).abs()) * density(left);
        let rounding = 1e-9;
        Piece::Box { left, low, width, height, bend: second * width * width / (8.0 * height) + rounding }
    }

    /// That of the box, or what is under the curve that [`point`](Self::point) takes for the tail.
    fn area(&self) -> f64 {
        match *self {
            Piece::Box { width, height, .. } => width * height,
            Piece::Tail { from } => density(from) / from,
        }
    }

    /// The x of a point under the density, from two uniform variables; `None` if they don't give one.
    fn point(self, across: f64, up: f64) -> Option<f64> {
        match self {
            Piece::Box { left, low, width, height, bend } => {
                let (x, above_chord) = (left + across * width, across + up - 1.0);
                let is_under = match above_chord.abs() > bend {
                    true => above_chord < 0.0,
                    false => low + up * height < density(x),
                };
                is_under.then_some(x)
            }
            // Under exp(−from² / 2 − from (x − from)), which touches the density (Marsaglia 1964).
            Piece::Tail { from } => {
                let beyond = -libm::log(across) / from;
                (up < density(beyond)).then_some(from + beyond)
            }
        }
    }
}

/// Random numbers from a single one (splitmix64).
struct Hashes(u64);

impl Hashes {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

/// The corner of the lowest rectangle: the larger x with x exp(−x²/2) = `area`.
fn lowest_corner(area: f64) -> f64 {
    // Each step brings it nearer by a factor of x².
    (0..30).fold(4.0, |x, _| (2.0 * (libm::log(x) - libm::log(area))).sqrt())
}

/// The corner of the next rectangle, to the left of `right` and standing on `low`: the larger x with
/// x (exp(−x²/2) − low) = `area`, by Newton's method. `None` where there is no place for it.
fn corner(right: f64, low: f64, area: f64) -> Option<f64> {
    let mut x = right;
    loop {
        let height = density(x) - low;
        let slope = height - x * x * density(x);
        if slope >= 0.0 {
            return None;
        }
        let step = (x * height - area) / slope;
        x -= step;
        // The next one, of the order of this one's square, would be lost in rounding.
        if step.abs() < 1e-9 {
            return Some(x);
        }
    }
}

/// Columns for pieces of these areas.
fn columns(areas: &[f64]) -> Vec<Column> {
    let mean = areas.iter().sum::<f64>() / areas.len() as f64;
    let mut shares: Vec<f64> = areas.iter().map(|area| area / mean).collect();
    let mut columns: Vec<Column> = (0..areas.len()).map(|other| Column { share: 1.0, other }).collect();
    let (mut small, mut large): (Vec<_>, Vec<_>) = (0..areas.len()).partition(|number| shares[*number] < 1.0);
    while let (Some(number), Some(other)) = (small.pop(), large.pop()) {
        columns[number] = Column { share: shares[number], other };
        shares[other] -= 1.0 - shares[number];
        if shares[other] < 1.0 { &mut small } else { &mut large }.push(other);
    }
    columns
}

#[cfg(test)]
#[path = "ziggurat_tests.rs"]
mod tests;
