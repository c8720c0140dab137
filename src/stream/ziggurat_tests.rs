//! The geometry of the layers, exactly, and the distribution of what they leave over.

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
    let words: Vec<u64> = words.into_iter().filter(|word| ziggurat.widths[*word as usize % LAYERS].is_nan()).collect();
    assert!(words.len() > 10_000);
    let of = |value: fn(&Ziggurat, u64) -> f64| words.iter().map(|word| value(&ziggurat, *word)).collect::<Vec<_>>();
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
