//! Any valid parameters give samples in the support; any invalid one is refused by its name; what a user writes is
//! read, and printed, and written again.

use super::parse;
use ensample::distribution::{Distribution, Invalid, Specification};
use ensample::stream::Streams;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Positive numbers of all magnitudes, and ordinary ones.
fn positive() -> impl Strategy<Value = f64> {
    prop_oneof![(-299.9..299.9f64).prop_map(|e| 10f64.powf(e)), 0.01..100.0f64, Just(1e-300), Just(1e300)]
}

/// Locations of all magnitudes and signs, 0, and ordinary ones.
fn location() -> impl Strategy<Value = f64> {
    prop_oneof![positive(), positive().prop_map(|x| -x), -100.0..100.0f64, Just(0.0)]
}

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![-(1i64 << 53)..=1 << 53, -9i64..9]
}

/// Any specification with allowed numbers. The conditions between two numbers may fail.
fn specification() -> impl Strategy<Value = Specification> {
    use Specification::*;
    let low = prop_oneof![location(), Just(f64::NEG_INFINITY)];
    let high = prop_oneof![location(), Just(f64::INFINITY)];
    prop_oneof![
        (location(), positive()).prop_map(|(mean, sd)| Normal { mean, sd }),
        (location(), positive(), low, high).prop_map(|(mean, sd, low, high)| TruncatedNormal { mean, sd, low, high }),
        positive().prop_map(|sd| HalfNormal { sd }),
        (location(), location()).prop_map(|(low, high)| Uniform { low, high }),
        positive().prop_map(|rate| Exponential { rate }),
        (positive(), positive()).prop_map(|(shape, rate)| Gamma { shape, rate }),
        (positive(), positive()).prop_map(|(alpha, beta)| Beta { alpha, beta }),
        (-700.0..700.0f64, positive()).prop_map(|(meanlog, sdlog)| LogNormal { meanlog, sdlog: sdlog.max(1e-100) }),
        (positive(), location(), positive()).prop_map(|(df, location, scale)| StudentT { df, location, scale }),
        (location(), positive()).prop_map(|(location, scale)| Cauchy { location, scale }),
        (integer(), integer()).prop_map(|(low, high)| IntegerUniform { low, high }),
        positive().prop_map(|mean| Poisson { mean: mean.min(1e15) }),
    ]
}

static STREAMS: LazyLock<Streams> = LazyLock::new(|| Streams::new(1, 0));

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_lie_in_the_support(specification in specification(), task in 0..256u64) {
        let distribution = match Distribution::try_from(specification) {
            Ok(distribution) => distribution,
            // Each number by itself is fine, so it must be about their order or distance.
            Err(invalid) => {
                prop_assert!(["low", "high"].contains(&invalid.parameter), "{invalid}");
                return Ok(());
            }
        };
        let mut stream = STREAMS.stream(task);
        let support = distribution.support();
        for _ in 0..10 {
            let x = distribution.sample(&mut stream);
            prop_assert!(support.contains(x), "{distribution}: {x}");
            prop_assert!(distribution.ln_density(x).is_finite(), "{distribution} at {x}: {}", distribution.ln_density(x));
        }
    }

    #[test]
    fn what_is_written_is_read_again(specification in specification()) {
        if let Ok(distribution) = Distribution::try_from(specification) {
            let text = toml::to_string(&distribution).unwrap();
            prop_assert_eq!(parse(&text), distribution);
            prop_assert_eq!(toml::to_string(&specification).unwrap(), text);
            let json = serde_json::to_string(&distribution).unwrap();
            prop_assert!(!json.contains("null"), "{}", json);
            prop_assert!(json.contains(specification.name()), "{}", json);
            prop_assert!(distribution.to_string().starts_with(specification.name()));
        }
    }
}

/// Every parameter of every distribution, with values that it must refuse.
#[test]
fn a_wrong_parameter_is_named() {
    let valid = [
        ("normal", vec![("mean", "0"), ("sd", "1")]),
        ("truncated_normal", vec![("mean", "0"), ("sd", "1"), ("low", "-1"), ("high", "1")]),
        ("half_normal", vec![("sd", "1")]),
        ("uniform", vec![("low", "0"), ("high", "1")]),
        ("exponential", vec![("rate", "1")]),
        ("gamma", vec![("shape", "1"), ("rate", "1")]),
        ("beta", vec![("alpha", "1"), ("beta", "1")]),
        ("lognormal", vec![("meanlog", "0"), ("sdlog", "1")]),
        ("student_t", vec![("df", "1"), ("location", "0"), ("scale", "1")]),
        ("cauchy", vec![("location", "0"), ("scale", "1")]),
        ("poisson", vec![("mean", "1")]),
    ];
    for (name, parameters) in valid {
        for (wrong, _) in &parameters {
            let anywhere = ["mean", "low", "high", "location", "meanlog"].contains(wrong) && name != "poisson";
            let mut values = vec!["nan", "1e301", "-1e301"];
            // An interval may be open, to its own side.
            match (name, *wrong) {
                ("truncated_normal", "low") => values.push("inf"),
                ("truncated_normal", "high") => values.push("-inf"),
                _ => values.extend(["inf", "-inf"]),
            }
            if !anywhere {
                values.extend(["0", "-1", "1e-301"]);
            }
            for value in values {
                let text =
                    |(key, valid): &(&str, &str)| format!("{key} = {}", if key == wrong { value } else { valid });
                let table: Vec<_> = parameters.iter().map(text).collect();
                let invalid = refused(&format!("{name} = {{ {} }}", table.join(", ")));
                assert_eq!(invalid.parameter, *wrong, "{name} with {wrong} = {value}: {invalid}");
            }
        }
    }
}

fn refused(text: &str) -> Invalid {
    let specification: Specification = toml::from_str(text).unwrap();
    Distribution::try_from(specification).expect_err(text)
}

#[test]
fn messages() {
    let message = |text| refused(text).to_string();
    assert_eq!(message("normal = { mean = 0, sd = -1 }"), "sd must be positive, is -1");
    assert_eq!(message("normal = { mean = nan, sd = 1 }"), "mean must be finite, is NaN");
    assert_eq!(message("gamma = { shape = 1e-310, rate = 1 }"), "shape must be between 1e-300 and 1e300, is 1e-310");
    assert_eq!(message("uniform = { low = 2, high = 1 }"), "low must be below high = 1, is 2");
    assert_eq!(message("uniform = { low = 2, high = 2 }"), "low must be below high = 2, is 2");
    assert_eq!(message("integer_uniform = { low = 2, high = 1 }"), "low must not be above high = 1, is 2");
    assert_eq!(
        message("integer_uniform = { low = -9007199254740993, high = 1 }"),
        "low must be between -2^53 and 2^53, is -9007199254740993"
    );
    assert_eq!(message("poisson = { mean = 1e16 }"), "mean must be at most 1e15, is 1e16");
    assert_eq!(
        message("truncated_normal = { mean = 0, sd = 1, low = 1e200 }"),
        "low must be at most 1e100 sd above mean, is 1e200"
    );
}

/// What serde refuses by itself, and a distribution that is read without the intermediate step.
#[test]
fn what_cannot_be_read() {
    let error = |text| toml::from_str::<Distribution>(text).unwrap_err().to_string();
    assert!(error("normal = { mean = 0, sd = 1, scale = 2 }").contains("scale, available keys: mean, sd"));
    assert!(error("normal = { mean = 0 }").contains("missing field `sd`"));
    assert!(error("gauss = { mean = 0, sd = 1 }").contains("unknown variant `gauss`"));
    assert!(error("normal = { mean = 0, sd = \"1\" }").contains("expected f64"));
    assert!(error("integer_uniform = { low = 0.5, high = 1 }").contains("expected i64"));
    assert!(error("normal = { mean = 0, sd = -1 }").contains("sd must be positive, is -1"));
}

#[test]
fn printed_as_in_a_paper() {
    for (text, printed) in [
        ("normal = { mean = 0, sd = 10 }", "normal(mean = 0, sd = 10)"),
        (
            "truncated_normal = { mean = 0, sd = 1, low = 0.5 }",
            "truncated_normal(mean = 0, sd = 1, low = 0.5, high = inf)",
        ),
        ("integer_uniform = { low = 1, high = 6 }", "integer_uniform(low = 1, high = 6)"),
        ("gamma = { shape = 1e-9, rate = 1e20 }", "gamma(shape = 1e-9, rate = 1e20)"),
        ("student_t = { df = 3, location = -1.5, scale = 2 }", "student_t(df = 3, location = -1.5, scale = 2)"),
    ] {
        assert_eq!(parse(text).to_string(), printed);
    }
}
