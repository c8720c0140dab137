//! Log densities against values computed with 60 digits (mpmath), and against 1, to which they integrate or sum.

use super::parse;

/// Relative error, or absolute below 1: a few roundings of the largest term.
const TOLERANCE: f64 = 2e-14;

#[test]
fn reference_values() {
    #[rustfmt::skip]
    let references = [
        ("normal = { mean = 0, sd = 1 }", 0.0, -0.9189385332046728),
        ("normal = { mean = 3, sd = 0.5 }", -4.0, -98.22579135264473),
        ("normal = { mean = 0, sd = 1e-200 }", 3e-200, 455.09808006560445),
        ("half_normal = { sd = 2 }", 3.0, -2.0439385332046727),
        ("truncated_normal = { mean = 0, sd = 1, low = -1, high = 2 }", 0.5, -0.8437722388802101),
        ("truncated_normal = { mean = 0, sd = 1, low = 30 }", 30.1, 0.3973054231384816),
        ("truncated_normal = { mean = 0, sd = 1, high = -30 }", -30.1, 0.3973054231384816),
        ("truncated_normal = { mean = 1, sd = 2, low = 3, high = 3.001 }", 3.0005, 6.907755278977038),
        ("truncated_normal = { mean = 0, sd = 1, low = -0.001, high = 0.002 }", 0.001, 5.809142990313878),
        ("truncated_normal = { mean = 0, sd = 1, low = 4.9, high = 7 }", 5.0, 1.1322468269747599),
        ("truncated_normal = { mean = 0, sd = 1, low = 5.1, high = 7 }", 6.0, -3.330443905315258),
        ("truncated_normal = { mean = 0, sd = 1, low = 1000000 }", 1000000.000002, 11.815495328976533),
        ("truncated_normal = { mean = 0, sd = 1, low = 1000000.0, high = 1000000.0000001 }", 1000000.00000005, 16.11772960586052),
        ("truncated_normal = { mean = 0, sd = 1, low = 0, high = 0.9 }", 0.3, 0.1882648203788831),
        ("truncated_normal = { mean = 0, sd = 1, low = 0, high = 2 }", 0.3, -0.22422344035233727),
        ("truncated_normal = { mean = 5, sd = 2, high = 8 }", 1.0, -3.542942258152384),
        ("uniform = { low = -2, high = 5 }", 1.0, -1.9459101490553132),
        ("exponential = { rate = 3 }", 2.5, -6.40138771133189),
        ("gamma = { shape = 0.5, rate = 1 }", 1e-10, 10.940560521945528),
        ("gamma = { shape = 1e-05, rate = 2 }", 1e-300, 679.2557073815107),
        ("gamma = { shape = 1, rate = 3 }", 0.0, 1.0986122886681098),
        ("gamma = { shape = 3, rate = 0.25 }", 20.0, -3.860565716811635),
        ("gamma = { shape = 15.9, rate = 1 }", 15.0, -2.2755452187457608),
        ("gamma = { shape = 16.1, rate = 1 }", 15.0, -2.2821364581701706),
        ("gamma = { shape = 100, rate = 1 }", 60.0, -13.79409370958743),
        ("gamma = { shape = 100, rate = 1 }", 83.0, -4.668985197712204),
        ("gamma = { shape = 100, rate = 1 }", 81.0, -5.083739057003961),
        ("gamma = { shape = 1000000.0, rate = 1000.0 }", 1001.0, -1.4196050333379229),
        ("gamma = { shape = 1000000000000.0, rate = 1 }", 1000002000000.0, -16.734448424504365),
        ("gamma = { shape = 20, rate = 1e-09 }", 1e-300, -13578.540230992188),
        ("beta = { alpha = 2, beta = 3 }", 0.25, 0.5232481437645479),
        ("beta = { alpha = 0.5, beta = 0.5 }", 0.01, 1.1628803750713963),
        ("beta = { alpha = 1e-05, beta = 0.001 }", 1e-200, 448.989537649237),
        ("beta = { alpha = 1, beta = 1 }", 0.0, 0.0),
        ("beta = { alpha = 20, beta = 30 }", 0.41, 1.7271070051967097),
        ("beta = { alpha = 20, beta = 30 }", 0.9, -34.807996702348646),
        ("beta = { alpha = 1000000.0, beta = 3000000.0 }", 0.2503, 6.558664315182202),
        // alpha + beta times x is exact here; elsewhere rounding x alone moves the value by more than the tolerance.
        ("beta = { alpha = 1099511627776, beta = 1099511627776 }", 0.5000001192092896, 13.921225848834093),
        ("lognormal = { meanlog = 0, sdlog = 1 }", 1.0, -0.9189385332046728),
        ("lognormal = { meanlog = 2, sdlog = 0.3 }", 5.0, -2.171841109334134),
        ("lognormal = { meanlog = -600, sdlog = 200 }", 1e-308, 702.8299050926406),
        ("student_t = { df = 1, location = 0, scale = 1 }", 2.0, -2.7541677982835004),
        ("student_t = { df = 4, location = 1, scale = 2 }", -7.0, -5.697571214656922),
        ("student_t = { df = 0.001, location = 0, scale = 1 }", 1e+300, -699.0713524995408),
        ("student_t = { df = 99.9, location = 0, scale = 1 }", 3.0, -5.273275363068612),
        ("student_t = { df = 100.1, location = 0, scale = 1 }", 3.0, -5.273548683642562),
        ("student_t = { df = 10000000000.0, location = 0, scale = 1 }", 4.0, -8.918938527629672),
        ("student_t = { df = 0.001, location = 0, scale = 1e-250 }", 1e+200, -469.15823096408536),
        ("cauchy = { location = 0, scale = 1 }", 1.0, -1.8378770664093456),
        ("cauchy = { location = -2, scale = 3 }", 1e+200, -921.0801547947996),
        ("cauchy = { location = 0, scale = 1e-290 }", 1e+200, -1589.9284440517408),
        ("integer_uniform = { low = -3, high = 6 }", 6.0, -std::f64::consts::LN_10),
        ("poisson = { mean = 0.001 }", 0.0, -0.001),
        ("poisson = { mean = 3.5 }", 2.0, -1.6876212435692093),
        ("poisson = { mean = 15 }", 16.0, -2.343056888445312),
        ("poisson = { mean = 15 }", 15.0, -2.2785183673077407),
        ("poisson = { mean = 100 }", 130.0, -7.460701163582997),
        ("poisson = { mean = 1000000.0 }", 1001500.0, -8.95188125495289),
        ("poisson = { mean = 1000000000000000.0 }", 1000000040000000.0, -18.988326739993347),
        ("poisson = { mean = 1000000000000000.0 }", 0.0, -1000000000000000.0),
        ("poisson = { mean = 1e-300 }", 2.0, -1382.2442029769873),
    ];
    for (text, x, expected) in references {
        let found = parse(text).ln_density(x);
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(error < TOLERANCE, "{text} at {x}: {found}, not {expected} (error {error:e})");
    }
}

#[test]
fn outside_the_support_and_nan() {
    for (text, outside) in [
        ("normal = { mean = 0, sd = 1 }", vec![]),
        ("truncated_normal = { mean = 0, sd = 1, low = -1, high = 2 }", vec![-1.1, 2.1]),
        ("half_normal = { sd = 1 }", vec![-0.1]),
        ("uniform = { low = 1, high = 2 }", vec![0.99, 2.01]),
        ("exponential = { rate = 1 }", vec![-0.1]),
        ("gamma = { shape = 2, rate = 1 }", vec![-0.1, 0.0]),
        ("beta = { alpha = 2, beta = 2 }", vec![-0.1, 0.0, 1.0, 1.1]),
        ("lognormal = { meanlog = 0, sdlog = 1 }", vec![-0.1, 0.0]),
        ("student_t = { df = 3, location = 0, scale = 1 }", vec![]),
        ("cauchy = { location = 0, scale = 1 }", vec![]),
        ("integer_uniform = { low = 1, high = 6 }", vec![0.0, 0.5, 1.5, 7.0]),
        ("poisson = { mean = 3 }", vec![-1.0, 0.5]),
    ] {
        let distribution = parse(text);
        for x in outside.into_iter().chain([f64::INFINITY, f64::NEG_INFINITY]) {
            assert_eq!(distribution.ln_density(x), f64::NEG_INFINITY, "{text} at {x}");
        }
        assert!(distribution.ln_density(f64::NAN).is_nan(), "{text}");
    }
    assert_eq!(parse("gamma = { shape = 0.5, rate = 1 }").ln_density(0.0), f64::INFINITY);
    assert_eq!(parse("beta = { alpha = 2, beta = 0.5 }").ln_density(1.0), f64::INFINITY);
}

/// ∫ exp(ln_density) from `low` to `high` by Simpson's rule.
fn integral(text: &str, low: f64, high: f64) -> f64 {
    const PANELS: u32 = 10_000;
    let distribution = parse(text);
    let h = (high - low) / f64::from(PANELS);
    let weight = |i| if i == 0 || i == PANELS { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
    let value = |i| distribution.ln_density((low + h * f64::from(i)).min(high)).exp();
    (0..=PANELS).map(|i| weight(i) * value(i)).sum::<f64>() * h / 3.0
}

#[test]
fn densities_integrate_to_one() {
    for (text, low, high) in [
        ("normal = { mean = 3, sd = 2 }", -17.0, 23.0),
        ("truncated_normal = { mean = 0, sd = 1, low = -1, high = 2 }", -1.0, 2.0),
        ("truncated_normal = { mean = 0, sd = 1, low = 0, high = 0.8 }", 0.0, 0.8),
        ("truncated_normal = { mean = 0, sd = 1, low = 4, high = 4.2 }", 4.0, 4.2),
        ("truncated_normal = { mean = 0, sd = 1, low = 6, high = 7 }", 6.0, 7.0),
        ("truncated_normal = { mean = 0, sd = 1, high = -100 }", -100.4, -100.0),
        ("truncated_normal = { mean = 1, sd = 2, low = 2, high = 2.001 }", 2.0, 2.001),
        ("half_normal = { sd = 0.1 }", 0.0, 1.0),
        ("uniform = { low = -5, high = 20 }", -5.0, 20.0),
        ("exponential = { rate = 7 }", 0.0, 5.0),
        ("gamma = { shape = 4, rate = 3 }", 0.0, 20.0),
        ("gamma = { shape = 30, rate = 3 }", 0.0, 40.0), // across the seam of the two formulas
        ("gamma = { shape = 1e10, rate = 1e5 }", 99_991.0, 100_009.0),
        ("beta = { alpha = 3, beta = 4 }", 0.0, 1.0),
        ("beta = { alpha = 40, beta = 25 }", 0.0, 1.0),
        ("lognormal = { meanlog = 0, sdlog = 0.2 }", 0.1, 6.0),
        ("student_t = { df = 30, location = 1, scale = 2 }", -99.0, 101.0),
    ] {
        let one = integral(text, low, high);
        assert!((one - 1.0).abs() < 1e-9, "{text}: {one}");
    }
    // Half of the values are within one scale.
    assert!((integral("cauchy = { location = 3, scale = 2 }", 1.0, 5.0) - 0.5).abs() < 1e-9);
}

#[test]
fn masses_sum_to_one() {
    for (mean, from, to) in [(0.5, 0, 60), (20.0, 0, 200), (300.0, 0, 900), (1e8, 99_900_000, 100_100_000)] {
        let poisson = parse(&format!("poisson = {{ mean = {mean} }}"));
        let one: f64 = (from..to).map(|k| poisson.ln_density(f64::from(k)).exp()).sum();
        assert!((one - 1.0).abs() < 1e-11, "mean {mean}: {one}");
    }
}
