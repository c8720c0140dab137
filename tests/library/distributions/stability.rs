//! The first samples of each distribution, bit by bit. If this fails, the results of users change: either a mistake,
//! or a change that the release notes must name.

use super::parse;
use ensample::stream::Streams;

#[test]
fn pinned_samples() {
    for (text, pinned) in PINNED {
        let distribution = parse(text);
        let mut stream = Streams::new(20260101, 0).stream(1);
        let bits = [(); 3].map(|()| distribution.sample(&mut stream).to_bits());
        let rest = (0..1000).fold(0u64, |sum, _| sum.rotate_left(1) ^ distribution.sample(&mut stream).to_bits());
        let found = [bits[0], bits[1], bits[2], rest];
        assert_eq!(found, pinned, "{text}: {found:#018x?}");
    }
}

/// Three samples, and a digest of the next thousand.
const PINNED: [(&str, [u64; 4]); 18] = [
    ("normal = { mean = 1, sd = 2 }", [0x4009266694e0bc30, 0xbfea0941c5bd040a, 0xc0005cb9c12c2fcc, 0x6f87afa887737fa1]),
    (
        "truncated_normal = { mean = 0, sd = 1, low = -1, high = 2 }",
        [0x3ff1266694e0bc30, 0xbfed04a0e2de8205, 0x3f890584827df986, 0x518ac29473c90417],
    ),
    (
        "truncated_normal = { mean = 0, sd = 1, low = -1, high = 0.5 }",
        [0xbfc4430b20152490, 0xbfe0f1b7c39d91f8, 0xbfed7f7caac30304, 0x2ba7b33e72dbe3a0],
    ),
    (
        "truncated_normal = { mean = 0, sd = 1, low = 5 }",
        [0x401471f16fb1a387, 0x4014e4a575f3eecb, 0x40164690306d7fd3, 0x8c8593459bdce434],
    ),
    (
        "truncated_normal = { mean = 0, sd = 1, low = -5.01, high = -5 }",
        [0xc01405befbfe49f7, 0xc01403363f326dbf, 0xc0140088a48d106d, 0xff22fae4fb7ce9d1],
    ),
    ("half_normal = { sd = 2 }", [0x4001266694e0bc30, 0x3ffd04a0e2de8205, 0x40085cb9c12c2fcc, 0x49d62bf27632dd48]),
    (
        "uniform = { low = -1, high = 2 }",
        [0x3fe5de7a6ff56db8, 0xbfd850e51a651e12, 0xbfae36f873b23f10, 0x1e39f5c0e0325271],
    ),
    ("exponential = { rate = 3 }", [0x3fc8a7077c0add35, 0x3fe0d1065c09cafc, 0x3fd8bc145d4a4f71, 0x645de225e9d03a29]),
    (
        "gamma = { shape = 0.01, rate = 3 }",
        [0x3a6be035409917f2, 0x3a49010b61429672, 0x32d54b7ee5ea1296, 0xc277b3b58becc52c],
    ),
    (
        "gamma = { shape = 4.5, rate = 3 }",
        [0x400206c90efeb101, 0x3feb7ac742c3d538, 0x3fe2da0c650d1ead, 0x542977abe53334a9],
    ),
    (
        "beta = { alpha = 0.5, beta = 3 }",
        [0x3fd71f1995691f94, 0x3f03f322c0bf045a, 0x3f8d2a631f30dcbf, 0x4b6107f01451d1ca],
    ),
    (
        "lognormal = { meanlog = 1, sdlog = 2 }",
        [0x403730d035ed2958, 0x3fdc5e25252d88b9, 0x3fc08e5c0052fd20, 0x188b0a31c2720a29],
    ),
    (
        "student_t = { df = 3, location = 1, scale = 2 }",
        [0x4013e8f85312f370, 0xc00377f97344b415, 0x3ff5d5fc4ea31c0c, 0xaf3cde6e525b2bd6],
    ),
    (
        "cauchy = { location = 1, scale = 2 }",
        [0xbff5d31f8f7b3786, 0xc06f0821e05bc5f1, 0x3ff6cef7f550413b, 0x3e5956124ddefaff],
    ),
    (
        "integer_uniform = { low = -3, high = 100 }",
        [0x4034000000000000, 0x404b800000000000, 0x4026000000000000, 0xded90c08d7b3ad41],
    ),
    (
        "integer_uniform = { low = 0, high = 1000000000000 }",
        [0x426054c9fa34a000, 0x42480fc4a5cb8000, 0x425241eeaa40c000, 0xa89817553c610393],
    ),
    ("poisson = { mean = 3.5 }", [0x4008000000000000, 0x3ff0000000000000, 0x4008000000000000, 0xa6ba90201d4f210f]),
    ("poisson = { mean = 350 }", [0x4076100000000000, 0x4075400000000000, 0x4073500000000000, 0x5cd4e93d0969ae29]),
];
