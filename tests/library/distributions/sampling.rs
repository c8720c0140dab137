//! Samples have the distribution that they should have.

use super::parse;
use crate::statistics::{ALPHA, chi_square_test, ks_test, z_test};
use ensample::stream::{Stream, Streams};
use statrs::distribution::{Beta, Cauchy, ContinuousCDF, Exp, Gamma, LogNormal, Normal, StudentsT};
use statrs::function::gamma::gamma_ur;

const COUNT: usize = 20_000;

fn draws(mut sample: impl FnMut(&mut Stream) -> f64) -> Vec<f64> {
    let mut stream = Streams::new(1, 0).stream(0);
    (0..COUNT).map(|_| sample(&mut stream)).collect()
}

/// The p-value of samples of the distribution that `text` describes.
#[track_caller]
fn check(text: &str, cdf: impl Fn(f64) -> f64) {
    let distribution = parse(text);
    let p = ks_test(&draws(|stream| distribution.sample(stream)), cdf);
    assert!(p > ALPHA, "{text}: p = {p:e}");
}

/// A wrong sampler, which the test must reject.
#[track_caller]
fn check_rejects(mistake: &str, sample: impl FnMut(&mut Stream) -> f64, cdf: impl Fn(f64) -> f64) {
    let p = ks_test(&draws(sample), cdf);
    assert!(p < ALPHA, "{mistake}: p = {p:e}");
}

/// The same as `check`, for a distribution on the integers from 0, by a chi-square test. Where the mass of 0, 1, ... is
/// given by `mass`, the rest is one more cell.
fn p_of_counts(sample: impl FnMut(&mut Stream) -> f64, mass: &[f64]) -> f64 {
    let mut observed = vec![0; mass.len() + 1];
    for x in draws(sample) {
        assert!(x >= 0.0 && x == x.floor(), "{x}");
        observed[(x as usize).min(mass.len())] += 1;
    }
    let rest = (1.0 - mass.iter().sum::<f64>()).max(0.0);
    let expected: Vec<f64> = mass.iter().chain([&rest]).map(|p| p * COUNT as f64).collect();
    chi_square_test(&observed, &expected)
}

/// P(Z > z) for a standard normal Z, exact in the tail.
fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}

/// `cdf` for samples that are moved up to the smallest normal float and down to the largest one.
fn of_floats(cdf: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
    move |x| match x {
        x if x < f64::MIN_POSITIVE => 0.0,
        f64::MAX => 1.0,
        x => cdf(x),
    }
}

#[test]
fn normal() {
    let cdf = |x| Normal::new(-3.0, 2.5).unwrap().cdf(x);
    check("normal = { mean = -3, sd = 2.5 }", cdf);
    check("normal = { mean = 0, sd = 1e-250 }", |x| upper_tail(-x / 1e-250));
    check_rejects("variance for sd", |stream| -3.0 + 2.5 * 2.5 * stream.normal(), cdf);
}

#[test]
fn half_normal() {
    let cdf = |x: f64| if x < 0.0 { 0.0 } else { 1.0 - 2.0 * upper_tail(x / 3.0) };
    check("half_normal = { sd = 3.0 }", cdf);
    let stretch = (1.0 - 2.0 / std::f64::consts::PI).sqrt();
    check_rejects("sd of the folded variable", |stream| 3.0 / stretch * stream.normal().abs(), cdf);
}

#[test]
fn truncated_normal_around_the_mean() {
    for (low, high) in [(-1.0, 2.0), (-0.1, 2.5), (-0.5, 0.7), (-1e-3, 2e-3), (-9.0, 0.001)] {
        let mass = upper_tail(low) - upper_tail(high);
        let cdf = |x: f64| ((upper_tail(low) - upper_tail((x - 10.0) / 2.0)) / mass).clamp(0.0, 1.0);
        let (scaled_low, scaled_high) = (10.0 + 2.0 * low, 10.0 + 2.0 * high);
        check(&format!("truncated_normal = {{ mean = 10, sd = 2, low = {scaled_low}, high = {scaled_high} }}"), cdf);
    }
    check("truncated_normal = { mean = 10, sd = 2 }", |x| upper_tail(-(x - 10.0) / 2.0));
    check("truncated_normal = { mean = 0, sd = 1, low = -1 }", |x| 1.0 - upper_tail(x) / upper_tail(-1.0));

    let cdf = |x: f64| (upper_tail(-1.0) - upper_tail(x.min(2.0))) / (upper_tail(-1.0) - upper_tail(2.0));
    check_rejects("moved to the ends, not drawn again", |stream| stream.normal().clamp(-1.0, 2.0), cdf);
}

#[test]
fn truncated_normal_in_the_tail() {
    let tail = |start: f64| move |x: f64| 1.0 - upper_tail(x) / upper_tail(start);
    for start in [0.0, 0.3, 3.0, 30.0] {
        check(&format!("truncated_normal = {{ mean = 0, sd = 1, low = {start} }}"), tail(start));
        let mirrored = |x: f64| upper_tail(-x) / upper_tail(start);
        check(&format!("truncated_normal = {{ mean = 0, sd = 1, high = -{start} }}"), mirrored);
        for width in [1e-3, 0.1, 1.0] {
            let high = start + width;
            let part = |x: f64| tail(start)(x) / tail(start)(high);
            check(&format!("truncated_normal = {{ mean = 0, sd = 1, low = {start}, high = {high} }}"), part);
        }
    }
    // Ratios of tails by Mills' ratio, 1/z to a relative error of 1/z².
    let far = |x: f64| 1.0 - (-(x - 1e6) * (1e6 + (x - 1e6) / 2.0)).exp() * 1e6 / x;
    check("truncated_normal = { mean = 0, sd = 1, low = 1e6 }", far);

    // Exponential proposals, all accepted.
    check_rejects("proposals without rejection", |stream| 0.3 + stream.exponential() / 1.161, tail(0.3));
}

/// 1e6 sd out, an interval where floats are 1e-10 apart and the density falls to a third.
#[test]
fn truncated_normal_in_a_narrow_interval_far_out() {
    let (low, width) = (1e6f64, 1e-6f64);
    let cdf = |x: f64| ((x - low) * -1e6).exp_m1() / (width * -1e6).exp_m1();
    check("truncated_normal = { mean = 0, sd = 1, low = 1000000, high = 1000000.000001 }", cdf);
    check_rejects("uniform", |stream| low + width * stream.uniform(), cdf);
}

#[test]
fn uniform() {
    let cdf = |x: f64| ((x + 5.0) / 25.0).clamp(0.0, 1.0);
    check("uniform = { low = -5, high = 20 }", cdf);
    check_rejects("high for width", |stream| -5.0 + 20.0 * stream.uniform(), cdf);
    check("uniform = { low = -1e300, high = 1e300 }", |x| 0.5 + x / 2e300);
}

#[test]
fn exponential() {
    let cdf = |x: f64| Exp::new(4.0).unwrap().cdf(x);
    check("exponential = { rate = 4.0 }", cdf);
    check_rejects("mean for rate", |stream| 4.0 * stream.exponential(), cdf);
}

#[test]
fn gamma() {
    for (shape, rate) in [(0.001, 1.0), (0.05, 1e-3), (0.5, 2.0), (1.0, 1.0), (1.5, 30.0), (20.0, 0.1), (1e4, 1.0)] {
        let gamma = Gamma::new(shape, rate).unwrap();
        check(&format!("gamma = {{ shape = {shape}, rate = {rate} }}"), of_floats(|x| gamma.cdf(x)));
    }
    // A normal distribution, but for a skewness of 2e-6.
    let limit = |x: f64| upper_tail((1.0 - x) * 1e6);
    check("gamma = { shape = 1e12, rate = 1e12 }", limit);

    let gamma = Gamma::new(0.5, 2.0).unwrap();
    let above_one = ensample::distribution::Gamma::new(1.5, 2.0).unwrap();
    check_rejects("shape + 1 without the boost", |stream| above_one.sample(stream), |x| gamma.cdf(x));
    let scaled = ensample::distribution::Gamma::new(0.5, 0.5).unwrap();
    check_rejects("scale for rate", |stream| scaled.sample(stream), |x| gamma.cdf(x));
}

#[test]
fn beta() {
    for (alpha, b) in [(0.001, 0.002), (0.1, 5.0), (0.5, 0.5), (1.0, 1.0), (2.0, 7.0), (300.0, 1e4)] {
        let (beta, mirrored) = (Beta::new(alpha, b).unwrap(), Beta::new(b, alpha).unwrap());
        let cdf = of_floats(|x: f64| match x {
            x if x <= 0.5 => beta.cdf(x),
            x if x < 1.0 - f64::EPSILON / 2.0 => 1.0 - mirrored.cdf(1.0 - x), // statrs gives up close to 1
            _ => 1.0,
        });
        check(&format!("beta = {{ alpha = {alpha}, beta = {b} }}"), cdf);
    }
    let beta = Beta::new(2.0, 7.0).unwrap();
    let swapped = parse("beta = { alpha = 7, beta = 2 }");
    check_rejects("alpha for beta", |stream| swapped.sample(stream), |x| beta.cdf(x));
}

/// The limit of small shapes: almost 1 with probability alpha / (alpha + beta), almost 0 otherwise.
#[test]
fn beta_of_smallest_shapes() {
    let share = |text: &str| {
        let beta = parse(text);
        let ones = draws(|stream| beta.sample(stream)).iter().filter(|x| **x > 0.5).count();
        z_test(ones as f64 / COUNT as f64, 0.25, (0.25 * 0.75 / COUNT as f64).sqrt())
    };
    assert!(share("beta = { alpha = 1e-300, beta = 3e-300 }") > ALPHA);
    assert!(share("beta = { alpha = 1e-300, beta = 2e-300 }") < ALPHA);
}

#[test]
fn lognormal() {
    let cdf = |x: f64| LogNormal::new(1.0, 2.0).unwrap().cdf(x);
    check("lognormal = { meanlog = 1, sdlog = 2 }", cdf);
    check_rejects("variance for sd", |stream| (1.0 + 4.0 * stream.normal()).exp(), cdf);
    check("lognormal = { meanlog = 0, sdlog = 1000 }", of_floats(|x| upper_tail(-x.ln() / 1000.0)));
}

#[test]
fn student_t() {
    for df in [0.1, 1.0, 2.5, 30.0] {
        let t = StudentsT::new(-2.0, 3.0, df).unwrap();
        check(&format!("student_t = {{ df = {df}, location = -2, scale = 3 }}"), |x| t.cdf(x));
    }
    check("student_t = { df = 1e12, location = -2, scale = 3 }", |x| upper_tail(-(x + 2.0) / 3.0));
    let t = StudentsT::new(0.0, 1.0, 2.5).unwrap();
    let wrong = parse("gamma = { shape = 2.5, rate = 2.5 }");
    check_rejects("df for df/2", |stream| stream.normal() / wrong.sample(stream).sqrt(), |x| t.cdf(x));
}

/// With so few degrees of freedom |t| is uniform in the logarithm: P(|t| > x) = x^−df · (1 + O(df)).
#[test]
fn student_t_beyond_the_floats() {
    let cdf = |x: f64| {
        let tail = 0.5 * (-1e-6 * x.abs().ln()).exp().min(1.0);
        if x == f64::MAX {
            1.0
        } else if x < 0.0 {
            tail
        } else {
            1.0 - tail
        }
    };
    check("student_t = { df = 1e-6, location = 0, scale = 1 }", cdf);
}

#[test]
fn cauchy() {
    let cdf = |x: f64| Cauchy::new(-2.0, 3.0).unwrap().cdf(x);
    check("cauchy = { location = -2, scale = 3 }", cdf);
    check_rejects("width for half width", |stream| -2.0 + 1.5 * stream.normal() / stream.normal(), cdf);
}

/// A thousandth of all |z| is above 636.6, too few for the test above to see.
#[test]
fn cauchy_tails() {
    let p = |sample: &dyn Fn(&mut Stream) -> f64| {
        let far = draws(sample).iter().filter(|x| x.abs() > 636.619).count();
        z_test(far as f64, COUNT as f64 / 1000.0, (COUNT as f64 / 1000.0).sqrt())
    };
    let cauchy = parse("cauchy = { location = 0, scale = 1 }");
    assert!(p(&|stream| cauchy.sample(stream)) > ALPHA);
    let heavier = parse("student_t = { df = 0.5, location = 0, scale = 1 }");
    assert!(p(&|stream| heavier.sample(stream)) < ALPHA);
}

#[test]
fn integer_uniform() {
    let mass = |count: usize| vec![1.0 / count as f64; count];
    for count in [1, 2, 6, 1000] {
        let distribution = parse(&format!("integer_uniform = {{ low = 10, high = {} }}", 9 + count));
        // The rest is a cell that expects nothing.
        let observed = draws(|stream| distribution.sample(stream) - 10.0);
        assert!(observed.iter().all(|x| (0.0..count as f64).contains(x)));
        if count > 1 {
            assert!(p_of_counts(|stream| distribution.sample(stream) - 10.0, &mass(count)) > ALPHA);
        }
    }
    assert!(p_of_counts(|stream| stream.index(5) as f64, &mass(6)) < ALPHA, "high excluded");

    // All of the integers that floats hold: evenly spread, and their last digits too.
    let text = "integer_uniform = { low = -9007199254740992, high = 9007199254740992 }";
    let all = parse(text);
    check(text, |x| (x / 2f64.powi(54) + 0.5).clamp(0.0, 1.0));
    assert!(p_of_counts(|stream| all.sample(stream).rem_euclid(8.0), &[0.125; 8]) > ALPHA);
    let rounded = |stream: &mut Stream| (stream.uniform() * 2f64.powi(53)).floor() * 2.0;
    assert!(p_of_counts(|stream| rounded(stream).rem_euclid(8.0), &[0.125; 8]) < ALPHA, "even numbers only");
}

/// The masses of 0, 1, ... up to far beyond the mean.
fn poisson_mass(mean: f64) -> Vec<f64> {
    let ln_mass = |k: u32| f64::from(k) * mean.ln() - mean - libm::lgamma(f64::from(k) + 1.0);
    (0..(mean + 9.0 * mean.sqrt() + 9.0) as u32).map(|k| ln_mass(k).exp()).collect()
}

#[test]
fn poisson() {
    for mean in [0.01, 0.7, 9.99, 10.0, 10.01, 35.0, 1000.0] {
        let poisson = parse(&format!("poisson = {{ mean = {mean} }}"));
        let p = p_of_counts(|stream| poisson.sample(stream), &poisson_mass(mean));
        assert!(p > ALPHA, "mean {mean}: p = {p:e}");
    }
    for mean in [0.7, 35.0] {
        let poisson = parse(&format!("poisson = {{ mean = {mean} }}"));
        assert!(p_of_counts(|stream| poisson.sample(stream) + 1.0, &poisson_mass(mean)) < ALPHA, "one too many");
        let rounded = |stream: &mut Stream| (mean + mean.sqrt() * stream.normal()).round().max(0.0);
        assert!(p_of_counts(rounded, &poisson_mass(mean)) < ALPHA, "a rounded normal value");
    }
}

/// Rejection that is slightly wrong shows only in many samples: a p-value of 400,000 of them in 100 cells.
fn p_of_many(mut sample: impl FnMut(&mut Stream) -> f64, cell: impl Fn(f64) -> usize, mass: &[f64; 100]) -> f64 {
    const MANY: usize = 400_000;
    let mut stream = Streams::new(1, 0).stream(0);
    let mut observed = [0; 100];
    (0..MANY).for_each(|_| observed[cell(sample(&mut stream)).min(99)] += 1);
    chi_square_test(&observed, &mass.map(|p| p * MANY as f64))
}

#[test]
fn gamma_in_many_samples() {
    for shape in [1.0, 1.5, 3.0f64] {
        let distribution = parse(&format!("gamma = {{ shape = {shape}, rate = 1 }}"));
        let width = (shape + 5.0 * shape.sqrt()) / 100.0;
        let expected = Gamma::new(shape, 1.0).unwrap();
        let upper = |i: usize| if i == 99 { 1.0 } else { expected.cdf((i + 1) as f64 * width) };
        let mass = std::array::from_fn(|i| upper(i) - if i == 0 { 0.0 } else { upper(i - 1) });
        let p = |sample: &dyn Fn(&mut Stream) -> f64| p_of_many(sample, |x| (x / width) as usize, &mass);
        assert!(p(&|stream| distribution.sample(stream)) > ALPHA, "shape {shape}");
        // Marsaglia and Tsang's proposal, never rejected.
        let d = shape - 1.0 / 3.0;
        let proposal = |stream: &mut Stream| d * (1.0 + stream.normal() / (9.0 * d).sqrt()).max(0.0).powi(3);
        assert!(p(&proposal) < ALPHA, "shape {shape} without rejection");
    }
}

#[test]
fn poisson_in_many_samples() {
    for mean in [10.0, 35.0, 1000.0f64] {
        let width = (mean.sqrt() / 10.0).ceil();
        let cell = |k: f64| ((k - (mean - 50.0 * width)) / width).clamp(0.0, 99.0) as usize;
        let mut mass = [0.0; 100];
        poisson_mass(mean).iter().enumerate().for_each(|(k, p)| mass[cell(k as f64)] += p);
        let p = |text: &str| {
            let poisson = parse(text);
            p_of_many(|stream| poisson.sample(stream), cell, &mass)
        };
        assert!(p(&format!("poisson = {{ mean = {mean} }}")) > ALPHA, "mean {mean}");
        let other = mean + 0.02 * mean.sqrt();
        assert!(p(&format!("poisson = {{ mean = {other} }}")) < ALPHA, "mean {mean} moved by a fiftieth of the sd");
    }
}

#[test]
fn poisson_of_large_mean() {
    check("poisson = { mean = 1e5 }", |k| gamma_ur(k.floor() + 1.0, 1e5));
    // A normal distribution, but for a skewness below 4e-5.
    for mean in [1e9f64, 1e12, 1e15] {
        let normal = |x: f64| upper_tail(-(x.floor() + 0.5 - mean) / mean.sqrt());
        check(&format!("poisson = {{ mean = {mean} }}"), normal);
        check_rejects("a variance of 1.2 means", |stream| mean + (1.2 * mean).sqrt() * stream.normal(), normal);
    }
}
