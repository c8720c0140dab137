//! What can be wrong with a run file of `bootstrap`, before anything is read or computed.

use super::super::source::Source;
use super::description::{Description, Intervals, LARGEST_RESAMPLES, Resampling, SchemeName};
use crate::bootstrap::Acceleration;
use crate::bootstrap::interval::Method;
use crate::error::{Error, Result};

/// Rows.
const LARGEST_SHARD: usize = 1 << 24;

impl Description {
    /// # Errors
    /// A number in the description that can't be.
    pub fn check(&self, extend: bool, source: &Source) -> Result<()> {
        let wrong = |key: &[&str], message: String| Err(source.error(key, message));
        if extend && self.bootstrap.jackknife_after {
            return Err(Error::input("--extend", "can't be combined with jackknife_after"));
        }
        if extend && (self.bootstrap.exact || self.bootstrap.scheme == SchemeName::Balanced) {
            let why = if self.bootstrap.exact { "exact is complete" } else { "balance is over a given number" };
            return Err(Error::input("--extend", format!("can't be: {why}")));
        }
        let Resampling { resamples, batch, until_mc_error, max_resamples, exact, scheme, .. } = &self.bootstrap;
        if self.seed > i64::MAX as u64 {
            return wrong(&["seed"], format!("must be at most {}", i64::MAX));
        }
        for (key, count) in [("resamples", Some(*resamples)), ("max_resamples", *max_resamples)] {
            match count {
                Some(0) => return wrong(&["bootstrap", key], "must be at least 1, is 0".into()),
                Some(count) if count > LARGEST_RESAMPLES => {
                    return wrong(&["bootstrap", key], format!("must be at most {LARGEST_RESAMPLES}"));
                }
                _ => (),
            }
        }
        if *batch == Some(0) {
            return wrong(&["bootstrap", "batch"], "must be at least 1, is 0".into());
        }
        match until_mc_error {
            Some(error) if error.is_nan() || *error <= 0.0 => {
                return wrong(&["bootstrap", "until_mc_error"], format!("must be positive, is {error}"));
            }
            Some(_) if *exact => {
                return wrong(&["bootstrap", "until_mc_error"], "has no use: exact has no error".into());
            }
            Some(_) if *scheme == SchemeName::Balanced => {
                return wrong(&["bootstrap", "until_mc_error"], "can't be: balance is over a given number".into());
            }
            None if max_resamples.is_some() => {
                return wrong(&["bootstrap", "max_resamples"], "has no use without until_mc_error".into());
            }
            _ => (),
        }
        if *exact && self.interval.nested > 0 {
            return wrong(&["interval", "nested"], "can't be: exact resamples have no resamples of their own".into());
        }
        if self.statistic.is_empty() {
            return wrong(&["statistic"], "is empty".into());
        }
        self.check_scattered(source)?;
        self.interval.check(source)
    }

    /// What can't be done with scattered data.
    fn check_scattered(&self, source: &Source) -> Result<()> {
        let Resampling { scheme, batch, exact, jackknife, jackknife_after, scattered, shard, .. } = &self.bootstrap;
        let wrong = |key: &[&str], message: &str| Err(source.error(key, message));
        if !scattered {
            return match shard {
                Some(_) => wrong(&["bootstrap", "shard"], "has no use without scattered = true"),
                None => Ok(()),
            };
        }
        if !shard.is_none_or(|rows| (1..=LARGEST_SHARD).contains(&rows)) {
            return wrong(&["bootstrap", "shard"], &format!("must be from 1 to {LARGEST_SHARD}"));
        }
        if *scheme != SchemeName::Ordinary {
            return wrong(&["bootstrap", "scheme"], "scattered data has the ordinary scheme only");
        }
        let refused = [
            ("batch", batch.is_some()),
            ("exact", *exact),
            ("jackknife", *jackknife),
            ("jackknife_after", *jackknife_after),
        ];
        if let Some((key, _)) = refused.iter().find(|(_, given)| *given) {
            return wrong(&["bootstrap", key], "can't be combined with scattered data");
        }
        if self.test.is_some() {
            return wrong(&["test"], "can't be combined with scattered data");
        }
        if self.interval.methods.iter().flatten().any(|method| *method == Method::Studentized) {
            return wrong(&["interval", "methods"], "studentized can't be combined with scattered data");
        }
        match self.interval.acceleration {
            None | Some(Acceleration::Jackknife) => Ok(()),
            Some(_) => {
                wrong(&["interval", "acceleration"], "of scattered data is always by the jackknife, over all rows")
            }
        }
    }
}

impl Intervals {
    fn check(&self, source: &Source) -> Result<()> {
        let wrong = |key: &[&str], message: String| Err(source.error(key, message));
        for (i, level) in self.levels.iter().enumerate() {
            if !(*level > 0.0 && *level < 1.0) {
                let key = ["interval", "levels", &i.to_string()];
                return wrong(&key, format!("must be above 0 and below 1, is {level}"));
            }
        }
        if self.nested == 1 {
            return wrong(&["interval", "nested"], "must be 0 or at least 2, is 1".into());
        }
        if self.acceleration == Some(Acceleration::Subsample(0))
            || self.acceleration == Some(Acceleration::Subsample(1))
        {
            return wrong(&["interval", "acceleration"], "must be a subsample of at least 2 rows".into());
        }
        Ok(())
    }
}
