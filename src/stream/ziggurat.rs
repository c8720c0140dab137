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
use crate::isa::{Floats, LANES, Words};
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
            let values = centred::<F>(F::Words::load(words)) * F::gather(&ziggurat.widths, words);
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
mod tests {
    use super::*;
    use crate::stream::Streams;
    use rand::Rng;
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    /// ∫₀ˣ exp(−t²/2) dt.
    fn under_curve(x: f64) -> f64 {
        (PI / 2.0).sqrt() * libm::erf(x * FRAC_1_SQRT_2)
    }

    /// The rectangles' widths, from the lowest.
    fn rectangles(ziggurat: &Ziggurat) -> Vec<f64> {
        ziggurat.widths.iter().take_while(|width| !width.is_nan()).map(|width| width / 2.0).collect()
    }

    /// Rectangles are under the curve, and what they don't cover is in the boxes and the tail.
    #[test]
    fn pieces_fit_together() {
        let ziggurat = Ziggurat::new();
        let rectangles = rectangles(&ziggurat);
        assert_eq!((rectangles.len(), ziggurat.pieces.len()), (LAYERS - 3, LAYERS - 2));
        assert!(ziggurat.widths[LAYERS - 3..].iter().all(|width| width.is_nan()));
        let area = FRAC_PI_2.sqrt() / LAYERS as f64;
        let (mut below, mut right) = (0.0, f64::INFINITY);
        let mut left_over = 0.0;
        for (x, piece) in rectangles.iter().copied().chain([0.0]).zip(&ziggurat.pieces) {
            let top = if x == 0.0 { 1.0 } else { below + area / x };
            assert!((top - density(x)).abs() < 1e-13, "the corner at {x} is not on the curve");
            match *piece {
                Piece::Tail { from } => assert_eq!((from, right), (x, f64::INFINITY)),
                Piece::Box { left, low, width, height, bend } => {
                    assert_eq!((left, low), (x, below));
                    assert!((left + width - right).abs() < 1e-15 && (low + height - top).abs() < 1e-15);
                    // On a grid.
                    for across in (1..100).map(|i| f64::from(i) / 100.0) {
                        let up = (density(left + across * width) - low) / height;
                        assert!((across + up - 1.0).abs() <= bend, "at {x}: {up} at {across}, {bend}");
                    }
                }
            }
            let beside = if right.is_infinite() { (PI / 2.0).sqrt() } else { under_curve(right) } - under_curve(x);
            left_over += beside - if right.is_infinite() { 0.0 } else { below * (right - x) };
            (below, right) = (top, x);
        }
        assert!((left_over / area - 3.0).abs() < 1e-9, "{} layers are left over", left_over / area);
    }

    #[test]
    fn columns_have_the_probabilities_of_areas() {
        let Ziggurat { pieces, columns, .. } = Ziggurat::new();
        let areas: Vec<f64> = pieces.iter().map(Piece::area).collect();
        let total: f64 = areas.iter().sum();
        let mut shares = vec![0.0; pieces.len()];
        for (number, Column { share, other }) in columns.iter().enumerate() {
            shares[number] += share;
            shares[*other] += 1.0 - share;
        }
        for (share, area) in shares.iter().zip(&areas) {
            assert!((share / pieces.len() as f64 - area / total).abs() < 1e-14);
        }
    }

    /// The largest distance of the values' distribution from this one, in units of 1/√n: above 2.2 once in 8,000 times
    /// (Kolmogorov 1933).
    fn distance(mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let gaps = values.iter().zip(0u32..).map(|(x, below)| {
            let (cdf, below) = (cdf(*x), f64::from(below));
            (cdf - below / n).max((below + 1.0) / n - cdf)
        });
        gaps.fold(0.0, f64::max) * n.sqrt()
    }

    /// What is left over has the distribution of the area that the rectangles don't cover, with either sign.
    #[test]
    fn what_is_left_over_is_in_its_place() {
        let ziggurat = Ziggurat::new();
        let rectangles = rectangles(&ziggurat);
        let area = FRAC_PI_2.sqrt() / LAYERS as f64;
        let cdf = |x: f64| {
            let covered: f64 = rectangles.iter().map(|width| (x.abs() / width).min(1.0)).sum();
            0.5 + (0.5f64).copysign(x) * (under_curve(x.abs()) / area - covered) / 3.0
        };
        let mut stream = Streams::new(1, 0).stream(0);
        let words: Vec<u64> = (0..20_000).map(|i| stream.next_u64() | (LAYERS as u64 - 1 - i % 3)).collect();
        let words: Vec<u64> =
            words.into_iter().filter(|word| ziggurat.widths[*word as usize % LAYERS].is_nan()).collect();
        assert!(words.len() > 10_000);
        let of =
            |value: fn(&Ziggurat, u64) -> f64| words.iter().map(|word| value(&ziggurat, *word)).collect::<Vec<_>>();
        let found = of(Ziggurat::left_over);
        assert!(distance(found.clone(), cdf) < 2.2);
        let tail: Vec<f64> = found.iter().map(|x| x.abs()).filter(|x| *x > rectangles[0]).collect();
        let beyond = |x: f64| 1.0 - libm::erfc(x * FRAC_1_SQRT_2) / libm::erfc(rectangles[0] * FRAC_1_SQRT_2);
        assert!(tail.len() > 100 && distance(tail, beyond) < 2.2);

        let any_point = of(|ziggurat, word| {
            let mut hashes = Hashes(word);
            let piece = ziggurat.pieces[ziggurat.piece(hashes.next())];
            let (across, sign) = (uniform_of_one(hashes.next()), if word >> 63 == 1 { -1.0 } else { 1.0 });
            sign * piece.point(across, 1e-9).unwrap_or(0.0)
        });
        assert!(distance(any_point, cdf) > 2.2, "nothing is rejected");
        let positive = of(|ziggurat, word| ziggurat.left_over(word).abs());
        assert!(distance(positive, cdf) > 2.2, "no sign");
        let equal = of(|ziggurat, word| {
            let mut hashes = Hashes(word);
            loop {
                let number = hashes.next() as usize % ziggurat.pieces.len();
                let (across, up) = (hashes.next(), hashes.next());
                if let Some(x) = ziggurat.pieces[number].point(uniform_of_one(across), uniform_of_one(up)) {
                    return if up & 1 == 1 { -x } else { x };
                }
            }
        });
        assert!(distance(equal, cdf) > 2.2, "every piece as often");
    }

    #[test]
    fn a_single_word_gives_what_a_vector_gives() {
        let mut stream = Streams::new(5, 0).stream(1);
        let mut words = stream.clone();
        let mut values = vec![0.0; 20_000];
        stream.fill_normal(&mut values);
        let ziggurat = Ziggurat::new();
        let mut left_over = 0;
        for x in values {
            let word = words.next_u64();
            assert_eq!(x, normal_of_one(word));
            if ziggurat.widths[word as usize % LAYERS].is_nan() {
                left_over += 1;
                assert_eq!(x, ziggurat.left_over(word));
            }
        }
        assert!(left_over > 10);
    }
}
