//! Full enumeration against known figures: each to its last printed digit.

use super::{AIRCONDIT, CITY, Folder, LAW, interval, number};

/// Ends of intervals as they are printed.
type Ends = (&'static str, &'static str, [&'static str; 2]);

/// Rounds to as many decimals as the known figure has.
#[track_caller]
fn equals(found: f64, known: &str, what: &str) {
    let decimals = known.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{found:.decimals$}"), known, "{what}");
}

#[track_caller]
fn holds(run_file: &str, flags: &str, numbers: &[(&str, &str)], intervals: &[Ends]) {
    for acceleration in ["jackknife", "infinitesimal"] {
        let text = format!(
            "{run_file}\ninterval = {{ methods = [\"normal\", \"basic\", \"percentile\", \"studentized\", \"bca\"], \
             acceleration = \"{acceleration}\" }}"
        );
        let summary = Folder::new(&text).summary(&format!("--exact {flags}"));
        for (name, known) in numbers {
            match name.split_once(' ') {
                None => equals(number(&summary, name), known, name),
                Some((name, by)) if by == acceleration => equals(number(&summary, name), known, by),
                Some(_) => (),
            }
        }
        for (method, by, ends) in intervals {
            if *by == "any" || *by == acceleration {
                for ((found, error), known) in interval(&summary, method).iter().zip(ends) {
                    equals(*found, known, method);
                    assert_eq!(*error, 0.0);
                }
            }
        }
    }
}

#[test]
fn city() {
    let numbers = [
        ("estimate", "1.5203125"),
        ("bias", "0.0394736"),
        ("standard_error", "0.2214981"),
        ("z0", "0.00217522"),
        ("acceleration jackknife", "-0.0112032"),
        ("acceleration infinitesimal", "0.0022088"),
    ];
    let intervals = [
        ("normal", "any", ["1.046711", "1.914967"]),
        ("basic", "any", ["0.933648", "1.789509"]),
        ("percentile", "any", ["1.251116", "2.106977"]),
        ("bca", "jackknife", ["1.246787", "2.088825"]),
        ("bca", "infinitesimal", ["1.252437", "2.112710"]),
    ];
    holds(CITY, "", &numbers, &intervals);
}

#[test]
#[ignore = "takes long without optimisation: scripts/test"]
fn aircondit() {
    let numbers = [
        ("estimate", "108.083333"),
        ("bias", "0"),
        ("standard_error", "37.6525524"),
        ("z0", "0.09735868"),
        ("acceleration jackknife", "0.0937981"),
        ("acceleration infinitesimal", "0.0937981"),
    ];
    let intervals = [
        ("normal", "any", ["34.285687", "181.880980"]),
        ("basic", "any", ["25.0", "169.416667"]),
        ("percentile", "any", ["46.75", "191.166667"]),
        ("bca", "any", ["56.916667", "226.0"]),
        ("studentized", "any", ["47.079", "292.044"]),
    ];
    holds(AIRCONDIT, "", &numbers, &intervals);
}

/// 77,558,760 multisets.
#[test]
#[ignore = "takes long: scripts/test"]
fn law() {
    let text = format!("{LAW}\ninterval.methods = [\"normal\", \"basic\", \"percentile\", \"bca\"]");
    let folder = Folder::new(&text);
    let summary = folder.summary("--exact --threads 2");
    for (name, known) in [
        ("estimate", "0.7763745"),
        ("bias", "-0.0057294"),
        ("standard_error", "0.1335598"),
        ("z0", "-0.0969931"),
        ("acceleration", "-0.0756716"),
        ("undefined", "15"),
    ] {
        equals(number(&summary, name), known, name);
    }
    for (method, ends) in [
        ("normal", ["0.520332", "1.043876"]),
        ("basic", ["0.590903", "1.093193"]),
        ("percentile", ["0.459556", "0.961846"]),
        ("bca", ["0.332636", "0.941715"]),
    ] {
        interval(&summary, method).iter().zip(ends).for_each(|((found, _), known)| equals(*found, known, method));
    }
}
