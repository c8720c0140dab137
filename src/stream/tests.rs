//! What the definition fixes: places on the cycle, pinned values, and independence of how requests are cut. How the
//! values are distributed is tested in `tests/streams.rs`.

use super::*;
use crate::isa::Array;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// An independent implementation, at place 0 and moved by its own jumps of 2^128 and 2^192.
fn reference() -> Xoshiro256PlusPlus {
    let bytes: Vec<u8> = ORIGIN.iter().flat_map(|word| word.to_le_bytes()).collect();
    Xoshiro256PlusPlus::from_seed(bytes.try_into().unwrap())
}

/// The words of lane 0: every eighth of the stream.
fn first_lane(mut stream: Stream, count: usize) -> Vec<u64> {
    (0..count * LANES).map(|_| stream.next_u64()).step_by(LANES).collect()
}

#[test]
fn lane_zero_is_xoshiro256plusplus_at_its_place() {
    let expect = |mut generator: Xoshiro256PlusPlus| (0..50).map(|_| generator.next_u64()).collect::<Vec<_>>();
    assert_eq!(first_lane(Streams::new(0, 0).stream(0), 50), expect(reference()));

    let mut seed_three = reference();
    (0..3).for_each(|_| seed_three.long_jump());
    assert_eq!(first_lane(Streams::new(3, 0).stream(0), 50), expect(seed_three));

    // 2^128 steps are 2^16 tasks, 2^16 phases are one seed.
    let mut far_task = reference();
    (0..5).for_each(|_| far_task.jump());
    assert_eq!(first_lane(Streams::new(0, 0).stream(5 << 16), 50), expect(far_task.clone()));
    far_task.long_jump();
    assert_eq!(first_lane(Streams::new(1, 0).stream(5 << 16), 50), expect(far_task));
}

#[test]
fn lanes_are_an_eighth_of_the_way_to_the_next_task() {
    assert_eq!(Jump::LANE.times(8), Jump::TASK);
    let Streams { first } = Streams::new(1, 2);
    assert!(first.windows(2).all(|pair| Jump::LANE.apply(&pair[0]) == pair[1]));
}

#[test]
fn every_bit_of_the_task_number_counts() {
    let streams = Streams::new(5, 1);
    for task in (0..64).map(|bit| 1 << bit).chain([0x0102_0304_0506_0708, u64::MAX]) {
        let expected = Lanes::new(&streams.first.map(|state| Jump::TASK.times(task).apply(&state)));
        assert_eq!(streams.stream(task).next_u64(), Stream::new(expected).next_u64(), "task {task}");
    }
}

/// From task to task, forth, back, and far away, as from the beginning.
#[test]
fn a_walk_leads_to_the_same_streams() {
    let streams = Streams::new(5, 1);
    let mut walk = streams.walk();
    for task in [0, 1, 2, 3, 3, 10, 17, 16, 1 << 40, (1 << 40) + 8, 7, u64::MAX, 0, 255, 256] {
        assert_eq!(walk.stream(task).next_u64(), streams.stream(task).next_u64(), "task {task}");
    }
}

/// If this fails, every result of every user changes: the format version must change with it.
#[test]
fn pinned_values() {
    let mut stream = Streams::new(20260101, 3).stream(123_456_789);
    let words: Vec<u64> = (0..3).map(|_| stream.next_u64()).collect();
    assert_eq!(words, PINNED_WORDS);
    assert_eq!(stream.uniform().to_bits(), PINNED_FLOATS[0]);
    assert_eq!(stream.exponential().to_bits(), PINNED_FLOATS[1]);
    assert_eq!(stream.normal().to_bits(), PINNED_FLOATS[2]);
    assert_eq!(stream.index(1000), PINNED_INDICES[0]);
    assert_eq!(stream.index(1 << 40), PINNED_INDICES[1]);
    let mut normal = [0.0; 4096];
    stream.fill_normal(&mut normal);
    let digest = normal.iter().fold(0u64, |sum, x| sum.rotate_left(1) ^ x.to_bits());
    assert_eq!(digest, PINNED_NORMALS);
}

const PINNED_WORDS: [u64; 3] = [17593460231060307767, 13384676425074677327, 4861119040981605725];
const PINNED_FLOATS: [u64; 3] = [0x3fcd2b4d976d9b4c, 0x4006f4b13da1ae62, 0xbf9c3368a16b97c7];
const PINNED_INDICES: [u64; 2] = [197, 772528524007];
const PINNED_NORMALS: u64 = 0x82bfb36f657de8d1;

/// Fills of many lengths, with other draws in between, against single draws.
#[test]
fn fills_give_what_single_draws_give() {
    let mut bulk = Streams::new(11, 0).stream(4);
    let mut single = bulk.clone();
    for length in [0, 1, 7, 8, 9, 15, 16, 17, 33, 100] {
        let mut floats = vec![0.0; length];
        let mut indices = vec![0; length];
        bulk.fill_uniform(&mut floats);
        assert!(floats.iter().all(|x| *x == single.uniform()));
        bulk.fill_normal(&mut floats);
        assert!(floats.iter().all(|x| *x == single.normal()));
        bulk.fill_exponential(&mut floats);
        assert!(floats.iter().all(|x| *x == single.exponential()));
        // Half of all draws are rejected for the second n.
        for n in [25, (1 << 31) + 1] {
            bulk.fill_index(n, &mut indices);
            assert!(indices.iter().all(|i| u64::from(*i) == single.index(u64::from(n))), "n = {n}, length {length}");
        }
        assert_eq!(bulk.next_u32(), single.next_u32());
    }
    let mut bytes = [0; 20];
    bulk.fill_bytes(&mut bytes);
    assert_eq!(
        bytes[8..16],
        {
            single.next_u64();
            single.next_u64()
        }
        .to_le_bytes()
    );
}

#[test]
fn index_one_and_the_largest() {
    let mut stream = Streams::new(1, 0).stream(0);
    assert_eq!(stream.index(1), 0);
    for n in [(1 << 32) - 1, 1 << 32, (1 << 32) + 1, u64::MAX] {
        assert!((0..1000).all(|_| stream.index(n) < n));
    }
}

/// A chi-square with 39,999 degrees of freedom, over them, is within 5 standard deviations of 0.7 % of 1. Without
/// rejection 25,536 of the 40,000 would be drawn twice as often as the others.
#[test]
fn small_indices_are_equally_likely() {
    let mut stream = Streams::new(12, 0).stream(0);
    let chi_square = |indices: &[u16], n: usize| {
        let mut counts = vec![0.0; n];
        indices.iter().for_each(|index| counts[usize::from(*index)] += 1.0);
        let expected = indices.len() as f64 / n as f64;
        counts.iter().map(|count: &f64| (count - expected) * (count - expected) / expected).sum::<f64>()
            / (n as f64 - 1.0)
    };
    let mut indices = vec![0; 400_000];
    stream.fill_small_index(40_000, &mut indices);
    assert!((chi_square(&indices, 40_000) - 1.0).abs() < 0.035);
    let biased: Vec<u16> = (0..400_000).map(|_| (((stream.next_u32() & 0xffff) * 40_000) >> 16) as u16).collect();
    assert!((chi_square(&biased, 40_000) - 1.0).abs() > 0.035);
    for n in [1, 2, 3, 25, 2048] {
        stream.fill_small_index(n, &mut indices[..50_000]);
        let degrees = f64::from(n.max(2) - 1);
        let chi_square = if n == 1 { 1.0 } else { chi_square(&indices[..50_000], usize::from(n)) };
        assert!((chi_square - 1.0).abs() < 5.0 * (2.0 / degrees).sqrt(), "{n}: {chi_square}");
    }
}

/// Heads of fair coins: a binomial number, its mean and variance with errors of 5 standard errors; and of n tosses at
/// most n, whatever n is.
#[test]
fn heads_are_binomial() {
    let mut stream = Streams::new(13, 0).stream(0);
    for tosses in [1, 63, 64, 65, 511, 512, 513, 1000] {
        let heads: Vec<f64> = (0..20_000).map(|_| stream.heads(tosses) as f64).collect();
        assert!(heads.iter().all(|heads| *heads <= tosses as f64));
        let expected = tosses as f64 / 2.0;
        let mean = heads.iter().sum::<f64>() / 20_000.0;
        let variance = heads.iter().map(|x| (x - expected) * (x - expected)).sum::<f64>() / 20_000.0;
        assert!((mean - expected).abs() < 5.0 * (tosses as f64 / 4.0 / 20_000.0).sqrt(), "{tosses}: {mean}");
        assert!(
            (variance / (tosses as f64 / 4.0) - 1.0).abs() < 5.0 * (2.0f64 / 20_000.0).sqrt(),
            "{tosses}: {variance}"
        );
    }
    assert_eq!(stream.heads(0), 0);
}

/// They are those of the definition, piece by piece, and where fewer are asked for the first of them.
#[test]
fn small_indices_are_those_of_the_definition() {
    for n in [1, 25, 1000, 40_000] {
        let stream = || Streams::new(3, 0).stream(1);
        let mut words = stream();
        let pieces =
            std::iter::repeat_with(|| words.next_u64()).flat_map(|word| [0, 16, 32, 48].map(|bits| word >> bits));
        let products = pieces.map(|piece| u32::from(piece as u16) * u32::from(n));
        let fair = products.filter(|product| product % (1 << 16) >= (1 << 16) % u32::from(n));
        let expected: Vec<u16> = fair.map(|product| (product >> 16) as u16).take(2000).collect();
        for length in [0, 1, 31, 32, 33, 255, 256, 257, 511, 2000] {
            let mut indices = vec![u16::MAX; length];
            stream().fill_small_index(n, &mut indices);
            assert_eq!(indices, expected[..length], "{length} below {n}");
        }
    }
}

/// The kernels of any machine against those for the machine's widest vector unit.
#[test]
fn vector_width_changes_no_bit() {
    let lanes = Streams::new(3, 0).stream(0).lanes;
    let (mut wide, mut narrow) = (lanes.clone(), lanes);
    let (mut wide_out, mut narrow_out) = (vec![[0.0; LANES]; 500], vec![[0.0; LANES]; 500]);
    isa::fill_normal(&mut wide, &mut wide_out);
    ziggurat::normal::<Array<f64>>(&mut narrow, &mut narrow_out);
    assert_eq!(wide_out, narrow_out);
    isa::fill_exponential(&mut wide, &mut wide_out);
    kernels::exponential::<Array<f64>>(&mut narrow, &mut narrow_out);
    assert_eq!(wide_out, narrow_out);
    isa::fill_uniform(&mut wide, &mut wide_out);
    kernels::uniform::<Array<f64>>(&mut narrow, &mut narrow_out);
    assert_eq!(wide_out, narrow_out);
    for (n, length) in [(1000, 1000), (1, 300), (25, 4704), (40_000, 777), (65_535, 256)] {
        let (mut wide_indices, mut narrow_indices) = (vec![0; length], vec![0; length]);
        isa::fill_small_index(&mut wide, n, &mut wide_indices);
        kernels::small_index::<Array<f64>>(&mut narrow, n, &mut narrow_indices);
        assert_eq!(wide_indices, narrow_indices);
    }
    assert_eq!(isa::heads(&mut wide, 1234), kernels::heads::<Array<f64>>(&mut narrow, 1234));
    isa::fill_unit_poisson(&mut wide, &mut wide_out);
    kernels::unit_poisson::<Array<f64>>(&mut narrow, &mut narrow_out);
    assert_eq!(wide_out, narrow_out);
}
