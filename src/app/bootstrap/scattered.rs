//! Data that no rank holds whole.

use super::super::checkpoint;
use super::super::progress::{Progress, count};
use super::super::summary::Digest;
use super::analysis::{Analysis, Interval, Outcome, at};
use super::description::SHARD;
use super::problem::Own;
use super::result::{Drawn, Recording, Subject};
use super::{Job, end, extend, read};
use crate::bootstrap::interval::{Basis, Distribution, Endpoint, Method, Monte};
use crate::bootstrap::scattered::{self, Jackknife, Little, Shards};
use crate::bootstrap::{Acceleration, Column, Estimator, Replicates};
use crate::error::Result;
use crate::farm::{Account, Means};
use crate::world::{World, guarded};
use std::collections::BTreeSet;
use std::sync::Arc;

/// At most so many groups can be told apart in a column of numbers.
const MANY_GROUPS: usize = 1000;

/// The run of a description with `scattered = true`.
pub(super) fn run(world: &World, job: &Job, own: Own) -> Result<u8> {
    let Job { source, parsed, settings, .. } = job;
    let (shards, columns, data_sha256) = shards(world, job)?;
    let made = guarded(|| {
        let estimators = parsed.estimators(&columns, own, source)?;
        let parts = Parts::of(estimators);
        parts.check(job, shards.rows())?;
        Ok(parts)
    });
    let parts = world.agree(made.and_then(|made| made))?;
    let mut phases = Vec::new();

    let subject = Subject {
        names: parts.all.iter().flat_map(Estimator::outputs).collect(),
        rows: shards.rows(),
        table: None,
        data_sha256,
        block_length: None,
    };
    let means = match checkpoint::begin(world, settings, || subject.run(job), || Ok(()))? {
        Ok(means) => means,
        Err(status) => return Ok(status),
    };
    let in_statistic = |message: String| source.error(&["statistic"], message);
    let (totals, account) = scattered::totals(world, &shards, &parts.summed, means.clone())?;
    phases.push(("totals", account));
    let (jackknives, account) = scattered::jackknife(world, &shards, &parts.summed, &totals, means.clone())?;
    phases.push(("jackknife", account));
    let (mut recording, mut known) = (None, Replicates::default());
    world.on_root(|| {
        parts.check_estimates(&totals.estimates, &jackknives).map_err(|error| at(error, in_statistic))?;
        settings.warn_of_few_cores();
        if job.data.extend {
            known = extend::known(&subject, job)?;
        }
        recording = Some(Recording::create(&subject, job)?);
        Ok(())
    })?;

    let basis = |(estimate, jackknife): (&f64, &Jackknife)| Basis {
        estimate: *estimate,
        standard_error: jackknife.standard_error,
        acceleration: jackknife.acceleration,
    };
    let bases = totals.estimates.iter().zip(&jackknives).map(basis).collect();
    let methods = parts.methods(job);
    let by = methods.contains(&Method::Bca).then_some(Acceleration::Jackknife);
    let analysis = Analysis::of(job, methods, bases, by);
    let drawing = (parsed.most_resamples(), parsed.seed);
    let mut replicates = Replicates::default();
    if !parts.summed.is_empty() {
        let mut watch = analysis.watch(settings);
        let (estimators, totals) = (&parts.summed, &totals);
        let made = scattered::replicate(world, &shards, estimators, totals, drawing, means.clone(), known, &mut watch)?;
        replicates = made.0;
        phases.push(("replicates", made.1));
    }
    let little = parts.little(world, &shards, job, &means, &mut phases)?;
    world.on_root(|| {
        let Some(recording) = recording.take() else { unreachable!("root has a recording") };
        let outcomes =
            parts.in_order(analysis.outcomes(&replicates), little.as_ref().map(|little| analysis.of_little(little)));
        let results = analysis.of_outcomes(outcomes, None);
        let names = |estimators: &[Estimator]| estimators.iter().flat_map(Estimator::outputs).collect::<Vec<_>>();
        let drawn = Drawn {
            replicates: (&replicates, names(&parts.summed)),
            little: little.as_ref().map(|little| (little, names(&parts.others))),
        };
        let summary = recording.finish(&subject, job, &drawn, &results, &phases)?;
        means.keeper.remove()?;
        end(world, job, &summary, &phases)
    })
}

/// Deals the data out. Every rank learns the columns, those of groups with all their groups as values; and the digest of
/// the data, shard after shard.
fn shards(world: &World, job: &Job) -> Result<(Arc<Shards>, Vec<Column>, String)> {
    let shard_rows = job.parsed.bootstrap.shard.unwrap_or(SHARD);
    let (_, group_columns) = job.parsed.columns();
    let mut groups: Vec<BTreeSet<u64>> = Vec::new();
    let mut digest = Digest::default();
    let shards = Shards::scatter(world, shard_rows, |deal| {
        read(&job.parsed, &job.source, shard_rows, &mut |block| {
            groups.resize(block.len(), BTreeSet::new());
            for (column, groups) in block.iter().zip(&mut groups) {
                digest.add(&column.values);
                if group_columns.contains(&column.name.as_str()) && groups.len() <= MANY_GROUPS {
                    groups.extend(column.values.iter().map(|value| value.to_bits()));
                }
            }
            deal(block)
        })
    })?;
    let (groups, digest) = world.broadcast_value(world.is_root().then(|| (groups, digest.finish())))?;
    let columns = shards.like().iter().zip(groups).map(|(column, groups)| {
        let mut column = column.clone();
        column.values = match &column.labels {
            Some(labels) => (0..labels.len()).map(|number| number as f64).collect(),
            None => groups.into_iter().map(f64::from_bits).collect(),
        };
        column
    });
    let columns = columns.collect();
    Ok((Arc::new(shards), columns, digest))
}

/// The statistics, and which of them are functions of sums.
struct Parts {
    all: Vec<Estimator>,
    summed: Arc<Vec<Estimator>>,
    others: Vec<Estimator>,
}

impl Parts {
    fn of(all: Vec<Estimator>) -> Self {
        let is_summed = |estimator: &&Estimator| estimator.statistic.of_sums().is_some();
        let summed = all.iter().filter(is_summed).cloned().collect();
        let others = all.iter().filter(|estimator| !is_summed(estimator)).cloned().collect();
        Parts { all, summed: Arc::new(summed), others }
    }

    fn check(&self, job: &Job, rows: u64) -> Result<()> {
        let Job { source, parsed, data, .. } = job;
        if rows < 2 {
            return Err(source.error(&["data"], "has one row: nothing varies when it is drawn again"));
        }
        let names: Vec<String> = self.all.iter().flat_map(Estimator::outputs).collect();
        if let Some((_, name)) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
            return Err(source.error(&["statistic"], format!("the statistic {name} is there twice")));
        }
        let Some(other) = self.others.first() else { return Ok(()) };
        let name = &other.name;
        let why = format!("{name} is no function of sums: of scattered data it takes the bag of little bootstraps");
        if !other.statistic.heeds_weights() {
            return Err(source.error(&["statistic"], format!("{why}, which needs a statistic that heeds weights")));
        }
        if data.extend {
            return Err(crate::Error::input("--extend", format!("can't be: {why}")));
        }
        if parsed.bootstrap.until_mc_error.is_some() {
            return Err(source.error(&["bootstrap", "until_mc_error"], format!("can't be: {why}")));
        }
        match parsed.interval.methods.iter().flatten().any(|method| *method == Method::Bca) {
            true => Err(source.error(&["interval", "methods"], format!("bca can't be: {why}"))),
            false => Ok(()),
        }
    }

    /// What the data itself must allow.
    fn check_estimates(&self, estimates: &[f64], jackknives: &[Jackknife]) -> Result<()> {
        let names: Vec<String> = self.summed.iter().flat_map(Estimator::outputs).collect();
        for ((name, estimate), jackknife) in names.iter().zip(estimates).zip(jackknives) {
            if !estimate.is_finite() {
                return Err(crate::Error::other(format!("{name} of the data is {estimate}: is a column constant?")));
            }
            if jackknife.standard_error <= 1e-14 * estimate.abs() {
                let error = jackknife.standard_error;
                return Err(crate::Error::other(format!(
                    "{name} has no variance: its standard error is {error:e}, and it is {estimate:e}. Is its column \
                     constant, or so far from zero that digits are lost? Then subtract a constant from it."
                )));
            }
        }
        Ok(())
    }

    /// The methods asked for; where nothing is said, BCa only if all statistics have it.
    fn methods(&self, job: &Job) -> Vec<Method> {
        let mut methods = job.parsed.methods();
        methods.retain(|method| *method != Method::Bca || self.others.is_empty());
        methods
    }

    /// The little bootstraps of the statistics that need them.
    fn little(
        &self,
        world: &World,
        shards: &Shards,
        job: &Job,
        means: &Means,
        phases: &mut Vec<(&'static str, Account)>,
    ) -> Result<Option<Little>> {
        if self.others.is_empty() {
            return Ok(None);
        }
        let mut progress = Progress::start("bootstrap", &job.settings);
        let show = |done: u64, all: u64| {
            progress.update(done, all, |seconds| {
                format!("{done} of {all} resamples of subsets · {} resamples/s", count(done as f64 / seconds))
            });
        };
        let drawing = (job.parsed.most_resamples(), job.parsed.seed);
        let (little, account) =
            scattered::little_bootstraps(world, shards, self.others.clone(), drawing, means.clone(), show)?;
        progress.finish();
        phases.push(("little_bootstraps", account));
        Ok(Some(little))
    }

    /// The outcomes of all statistics in the order of the run file.
    fn in_order(&self, summed: Vec<Outcome>, others: Option<Vec<Outcome>>) -> Vec<Outcome> {
        let (mut summed, mut others) = (summed.into_iter(), others.into_iter().flatten());
        let take = |estimator: &Estimator| match estimator.statistic.of_sums().is_some() {
            true => summed.by_ref().take(estimator.outputs().len()).collect::<Vec<_>>(),
            false => others.by_ref().take(estimator.outputs().len()).collect(),
        };
        self.all.iter().flat_map(take).collect()
    }
}

impl Analysis {
    /// What subsets say, each on its own, and on average.
    fn of_little(&self, little: &Little) -> Vec<Outcome> {
        (0..little.width).map(|output| self.average(&self.of_subsets(little, output), little.subsets)).collect()
    }

    fn of_subsets(&self, little: &Little, output: usize) -> Vec<Outcome> {
        let one = |(subset, estimates): (usize, &Vec<f64>)| {
            let estimate = estimates[output];
            let basis = Basis { estimate, standard_error: f64::NAN, acceleration: f64::NAN };
            let values: Vec<f64> = little.column(subset, output).filter(|value| value.is_finite()).collect();
            let undefined = (little.column(subset, output).count() - values.len()) as u64;
            self.outcome(
                &basis,
                &Monte::new(values, estimate, self.interpolation()) as &dyn Distribution,
                None,
                undefined,
            )
        };
        little.estimates.iter().enumerate().map(one).collect()
    }

    /// The mean of what subsets say. Its Monte Carlo error follows from how far the means over each partition into
    /// `count` subsets are apart.
    fn average(&self, subsets: &[Outcome], count: usize) -> Outcome {
        let over = |outcomes: &[Outcome], number: &dyn Fn(&Outcome) -> f64| {
            outcomes.iter().map(number).sum::<f64>() / outcomes.len() as f64
        };
        let mean = |number: &dyn Fn(&Outcome) -> f64| over(subsets, number);
        let error = |number: &dyn Fn(&Outcome) -> f64| {
            let (partitions, mean) = ((subsets.len() / count) as f64, mean(number));
            let square = |partition: &[Outcome]| (over(partition, number) - mean) * (over(partition, number) - mean);
            (subsets.chunks_exact(count).map(square).sum::<f64>() / (partitions - 1.0) / partitions).sqrt()
        };
        let end = |number: usize, end: fn(&Interval) -> &Endpoint| Endpoint {
            value: mean(&|outcome| end(&outcome.intervals[number]).value),
            monte_carlo_error: match mean(&|outcome| end(&outcome.intervals[number]).value).is_infinite() {
                true => 0.0,
                false => error(&|outcome| end(&outcome.intervals[number]).value),
            },
        };
        let intervals = subsets.first().map_or(&[][..], |outcome| &outcome.intervals);
        let interval = |(number, interval): (usize, &Interval)| Interval {
            low: end(number, |interval| &interval.low),
            high: end(number, |interval| &interval.high),
            ..*interval
        };
        Outcome {
            basis: Basis {
                estimate: mean(&|outcome| outcome.basis.estimate),
                standard_error: mean(&|outcome| outcome.basis.standard_error),
                acceleration: f64::NAN,
            },
            bias: mean(&|outcome| outcome.bias),
            standard_error: mean(&|outcome| outcome.standard_error),
            bias_mc_error: error(&|outcome| outcome.bias),
            standard_error_mc_error: error(&|outcome| outcome.standard_error),
            z0: mean(&|outcome| outcome.z0),
            undefined: subsets.iter().map(|outcome| outcome.undefined).sum(),
            intervals: intervals.iter().enumerate().map(interval).collect(),
        }
    }
}
