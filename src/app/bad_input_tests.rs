//! Run files and data that are broken in many ways: a mistake is told, as one in the input, and nothing panics or hangs.

use super::fuzzing::run_file;
use crate::status;
use crate::world::guarded;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// So many broken run files, and as many data files: for each application 2,000 in all.
const CASES: u64 = 1000;

const ABC: &str = include_str!("../../mpi-apps/abc.toml");
const BOOTSTRAP: &str = include_str!("../../mpi-apps/bootstrap.toml");
const GIBBS: [&str; 3] = [
    include_str!("../../mpi-apps/gibbs/disaster.toml"),
    include_str!("../../mpi-apps/gibbs/schools.toml"),
    include_str!("../../mpi-apps/gibbs/regression.toml"),
];

struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n.max(1) as u64) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

const VALUES: [&str; 24] = [
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "1",
    "1e400",
    "1e-320",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "0.1",
    "''",
    "'x'",
    "[]",
    "[1, 'a']",
    "{}",
    "true",
    "1979-05-27",
    "\"\\u0000\"",
    "3.0",
    "2.5",
    "4294967296",
    "[[]]",
];
const TEXTS: [&str; 12] = ["=", "[", "]", "{", "}", "\"", "'", ",", "#", "\n", "\u{0}", "é"];

/// The text with one thing broken.
fn broken(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return chance.of(&TEXTS).to_owned();
    }
    let at = chance.below(lines.len());
    let characters: Vec<char> = lines[at].chars().collect();
    let (from, length) = (chance.below(characters.len()), 1 + chance.below(12));
    let cut = |keep: &str| -> String {
        let before: String = characters.iter().take(from).collect();
        let after: String = characters.iter().skip(from + length).collect();
        before + keep + &after
    };
    match chance.below(9) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => lines[at] = cut(""),
        3 => lines[at] = cut(chance.of(&TEXTS)),
        4 => lines[at] = cut(chance.of(&VALUES)),
        5 => lines.truncate(at),
        6 => {
            let other = chance.below(lines.len());
            lines.swap(at, other);
        }
        7 => {
            // Another value for a number of this line.
            let number = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).parse::<f64>().is_ok();
            let words: Vec<&str> = lines[at].split(' ').collect();
            let numbers: Vec<usize> = (0..words.len()).filter(|place| number(words[*place])).collect();
            let chosen = numbers.get(chance.below(numbers.len())).copied();
            let value = chance.of(&VALUES);
            let changed = words.iter().enumerate().map(|(place, word)| match Some(place) == chosen {
                true => format!("{value}{}", if word.ends_with(',') { "," } else { "" }),
                false => (*word).to_owned(),
            });
            lines[at] = changed.collect::<Vec<_>>().join(" ");
        }
        _ => {
            if let Some((key, _)) = lines[at].split_once('=') {
                lines[at] = format!("{key}= {}", chance.of(&VALUES));
            }
        }
    }
    lines.join("\n")
}

/// Is run, or told with a message that begins with its place; never anything else. Gives what was said.
fn holds(application: &str, folder: &Path, text: &str) -> Option<String> {
    let start = Instant::now();
    let came_to = guarded(|| run_file(application, folder, text));
    assert!(start.elapsed() < Duration::from_secs(10), "{application} takes long for\n{text}");
    match came_to.unwrap_or_else(|panic| panic!("{application}: {panic}, for\n{text}")) {
        Ok(()) => None,
        Err(error) => {
            let said = error.to_string();
            assert_eq!(error.status(), status::INPUT, "{application}: {said}, for\n{text}");
            assert!(!said.contains('\n') && said.contains(": "), "{application}: {said}, for\n{text}");
            Some(said)
        }
    }
}

fn cases(application: &str, seed: u64, good: &[&str], mut make: impl FnMut(&str, &mut Chance) -> String) {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance(seed);
    let mut said = BTreeSet::new();
    let mut valid = 0;
    for good in good {
        assert_eq!(holds(application, folder.path(), good), None, "{application}: the unbroken one");
    }
    for _ in 0..CASES {
        let good = chance.of(good);
        let text = make(good, &mut chance);
        match holds(application, folder.path(), &text) {
            None => valid += 1,
            Some(message) => drop(said.insert(message)),
        }
    }
    // Both happen, and mistakes are of many kinds.
    assert!(valid > 25 && said.len() > 60, "{application}: {valid} valid, {} different messages", said.len());
}

fn of_run_files(application: &str, good: &[&str]) {
    cases(application, 1, good, |good, chance| {
        let times = 1 + chance.below(3);
        (0..times).fold(good.to_owned(), |text, _| broken(&text, chance))
    });
}

#[test]
fn broken_run_files_of_abc() {
    of_run_files("abc", &[ABC]);
}

#[test]
fn broken_run_files_of_bootstrap() {
    of_run_files("bootstrap", &[BOOTSTRAP]);
}

#[test]
fn broken_run_files_of_gibbs() {
    of_run_files("gibbs", &GIBBS);
}

/// The data of a good run are broken; the run file stays as it is.
fn of_data(application: &str, run_file: &str, data: &str) {
    let data_folder = tempfile::tempdir().unwrap();
    let path = data_folder.path().join("data.csv");
    fs::write(&path, data).unwrap();
    let run_file = run_file.replace("FILE", path.to_str().unwrap());
    cases(application, 2, &[&run_file], |good, chance| {
        let times = 1 + chance.below(3);
        let text = (0..times).fold(data.to_owned(), |text, _| broken(&text, chance));
        fs::write(&path, text).unwrap();
        good.to_owned()
    });
}

#[test]
fn broken_data_of_abc() {
    let run_file = "model.name = 'normal'\ndata.file = 'FILE'\ntolerance = { mean = 1.0, sd = 1.0 }\n
        prior = { mu = { normal = { mean = 0.0, sd = 1.0 } }, sigma = { uniform = { low = 0.0, high = 1.0 } } }";
    of_data("abc", run_file, "y\n1.5\n2.5\n-3e2\n4\n5\n6\n7.25\n8\n9\n");
}

#[test]
fn broken_data_of_bootstrap() {
    let run_file = "data.file = 'FILE'\nstatistic = [{ name = 'mean', columns = ['x'] }, { name = 'pearson', columns = ['x', 'y'] }]";
    of_data(
        "bootstrap",
        run_file,
        "x,y,group\n1.5,2,a\n2.5,1,b\n-3e2,4,a\n4,5,b\n5,7,\"a, b\"\n6,6,a\n7.25,9,b\n8,8,a\n",
    );
}

#[test]
fn broken_data_of_gibbs() {
    let run_file = "model.name = 'disaster'\ndata.file = 'FILE'\n";
    of_data("gibbs", run_file, "year,disasters\n1851,4\n1852,5\n1853,nan\n1854,0\n1855,1\n1856,4\n1857,3\n1858,0\n");
}

/// Checks that once had no end.
#[test]
fn what_asks_for_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let said = |application: &str, text: &str| holds(application, folder.path(), text).unwrap();
    let many = "model.name = 'bivariate'\nchains = 1000000000000\nwarmup = 0\ndraws = 1\nstart = { x = 1, y = 2 }";
    assert!(
        said("gibbs", many)
            .ends_with("run.toml:5: start: 1000000000000 chains of 2 values are too many: 2097152 can be given in all")
    );
    let constant = "data.values.y = [0.1, 0.1, 0.1]\nstatistic = [{ name = 'mean', columns = ['y'] }]\n
        bootstrap = { scheme = 'parametric', models = { y = 'gamma' } }";
    assert!(said("bootstrap", constant).ends_with("gamma can't be fitted to the data, which hardly varies"));
}
