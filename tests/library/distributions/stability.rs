//! The first samples of each distribution, bit by bit. If this fails, the results of users change: either a mistake,
//! or a change that the release notes must name.

use super::parse;
use ensample::stream::Streams;

#[test]
fn pinned_samples() {
    let mut wrong = Vec::new();
    for (text, pinned) in PINNED {
        let distribution = parse(text);
        let mut stream = Streams::new(20260101, 0).stream(1);
        let bits = [(); 3].map(|()| distribution.sample(&mut stream).to_bits());
        let rest = (0..1000).fold(0u64, |sum, _| sum.rotate_left(1) ^ distribution.sample(&mut stream).to_bits());
        let found = [bits[0], bits[1], bits[2], rest];
        if found != pinned {
            let [a, b, c, rest] = found;
            wrong.push(format!("{text}: [{a:#018x}, {b:#018x}, {c:#018x}, {rest:#018x}]"));
        }
    }
    assert!(wrong.is_empty(), "now they are:\n{}", wrong.join("\n"));
}

/// Three samples, and a digest of the next thousand.
const PINNED: [(&str, [u64; 4]); 18] = [
    ("normal = { mean = 1, sd = 2 }", [0xbfe1905f3d060092, 0x3fb769700ed18838, 0x40102ea5833dab67, 0xadab5576ea5f368f]),
    (
        "truncated_normal = { mean = 0, sd = 1, low = -1, high = 2 }",
        [0xbfe8c82f9e830049, 0xbfdd12d1fe25cef9, 0x3ff85d4b067b56ce, 0xbf5742964cb36200],
    ),
    (
        "truncated_normal = { mean = 0, sd = 1, low = -1, high = 0.5 }",
        [0xbfe6143946994784, 0xbfe0f1b7c39d91f8, 0xbfc534b7c12b9280, 0x59a563346ec6489f],
    ),
    (
        "truncated_normal = { mean = 0, sd = 1, low = 5 }",
        [0x401471f16fb1a387, 0x4014e4a575f3eecb, 0x40164690306d7fd3, 0x9e879b45bc1c9a38],
    ),
    (
        "truncated_normal = { mean = 0, sd = 1, low = -5.01, high = -5 }",
        [0xc014021dd1a5d879, 0xc01403363f326dbf, 0xc01405b21855455b, 0x298a7a4117c22bc8],
    ),
    ("half_normal = { sd = 2 }", [0x3ff8c82f9e830049, 0x3fed12d1fe25cef9, 0x40085d4b067b56ce, 0x04009f802cc30d48]),
    (
        "uniform = { low = -1, high = 2 }",
        [0x3fe5de7a6ff56db8, 0xbfd850e51a651e12, 0xbfae36f873b23f10, 0x1e39f5c0e0325271],
    ),
    ("exponential = { rate = 3 }", [0x3fc8a7077c0add34, 0x3fe0d1065c09cafc, 0x3fd8bc145d4a4f71, 0xd04e2c0785d19916]),
    (
        "gamma = { shape = 0.01, rate = 3 }",
        [0x31aa125bc83009b2, 0x3c31b61bf8c80a2e, 0x3d52f6236f709c20, 0xaafb5ceff2444b06],
    ),
    (
        "gamma = { shape = 4.5, rate = 3 }",
        [0x3feda0004756dfe5, 0x3ff1a26f96544cd7, 0x4005a1d1ce79216f, 0x9d4905f7a20f85e9],
    ),
    (
        "beta = { alpha = 0.5, beta = 3 }",
        [0x3f8741fcc9595228, 0x3fd52dd0c30260c5, 0x3fe498d6fc0a161a, 0x55e98cf8d5735e59],
    ),
    (
        "lognormal = { meanlog = 1, sdlog = 2 }",
        [0x3fe27bb32e47d79d, 0x3ff18840b6123349, 0x404c924700fb4936, 0x186215246a44d766],
    ),
    (
        "student_t = { df = 3, location = 1, scale = 2 }",
        [0xbff33ee4d5cca114, 0x400f09421ef9529b, 0x401d2e2e72a5008f, 0xb21e771a9f417c8c],
    ),
    (
        "cauchy = { location = 1, scale = 2 }",
        [0x4011a363c1dc92b6, 0x40209886d95b75a8, 0xbfcd560f883042d8, 0x2790ffd29516a610],
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
