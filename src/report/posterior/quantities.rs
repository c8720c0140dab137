//! All scalar quantities of a file, and passes over their draws in bounded memory.

use super::super::Options;
use super::element::Element;
use super::row::Summary;
use super::variable::{Draws, Variable};
use crate::diagnostics::{ChainSummary, Chains};
use crate::error::Result;
use crate::store::Reader;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// So many draws are held at a time, unless a single quantity has more.
const HELD: usize = 1 << 23; // 64 MiB

/// To read an element of a variable takes about as long as to read all: where one has so many, quantities of up to
/// [`HELD`] draws are held, as passes over each of them would take too long.
const WIDE: usize = 4;

/// A scalar quantity: an element of a variable.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// What it is called.
    pub name: String,
    /// The name of its variable.
    pub variable: String,
    /// The number of its variable.
    number: usize,
    /// The number of the element within its variable.
    pub element: usize,
}

/// The scalar quantities of a posterior, all with the same chains and draws.
#[derive(Debug)]
pub struct Quantities {
    variables: Vec<Variable>,
    /// The quantities, in the order of the file.
    pub all: Vec<Quantity>,
    /// How many chains there are.
    pub chains: usize,
    /// How many draws each has.
    pub draws: usize,
    /// What the chains are called.
    pub chain_names: Vec<String>,
    /// Variables of the posterior that are none of numbers over draws.
    pub left_out: Vec<String>,
}

impl Quantities {
    /// Those of the group `posterior`, and the log density that a sampler has noted (`sample_stats/lp`).
    ///
    /// # Errors
    /// If they can't be read.
    pub fn of(reader: &Reader) -> Result<Self> {
        let (mut variables, left_out) = variables(reader)?;
        let is_taken = variables.iter().any(|variable| variable.name == "lp");
        if !is_taken && reader.has_variable("sample_stats/lp") {
            let lp = Variable::of(reader, "sample_stats", "lp")?;
            variables.extend(lp.filter(|lp| lp.elements() == 1 && fits(&variables, lp)));
        }
        Ok(Quantities::new(reader, variables, left_out))
    }

    /// Those of the group `posterior` alone, of which so many draws have been written.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn written(reader: &Reader, draws: usize) -> Result<Self> {
        let (mut variables, left_out) = variables(reader)?;
        variables.iter_mut().for_each(|variable| variable.draws = draws);
        Ok(Quantities::new(reader, variables, left_out))
    }

    fn new(reader: &Reader, variables: Vec<Variable>, left_out: Vec<String>) -> Self {
        let (chains, draws) = variables.first().map_or((0, 0), |variable| (variable.chains, variable.draws));
        let names = reader.labels("posterior/chain").ok().filter(|names| names.len() == chains);
        let chain_names = names.unwrap_or_else(|| (0..chains).map(|chain| chain.to_string()).collect());
        let all = variables.iter().enumerate().flat_map(|(number, variable)| {
            let of = move |element| Quantity {
                name: variable.label(element),
                variable: variable.name.clone(),
                number,
                element,
            };
            (0..variable.elements()).map(of)
        });
        let all = all.collect();
        Quantities { variables, all, chains, draws, chain_names, left_out }
    }

    /// The summary of each quantity, made on all cores. No more than a bounded number of draws is held. Of quantities that
    /// have too many to be held, `at_once` are read at a time.
    ///
    /// # Errors
    /// If draws can't be read.
    pub fn summaries(&self, reader: &Reader, options: &Options, at_once: usize) -> Result<Vec<Summary>> {
        let every: Vec<usize> = (0..self.all.len()).collect();
        let name = |number: usize| &self.all[number].name;
        let widest = self.variables.iter().map(Variable::elements).max().unwrap_or(1);
        let most = if widest < WIDE { ChainSummary::HELD } else { HELD };
        if self.chains * self.draws <= most {
            return self.visit(reader, &every, |number, draws| {
                let chains = Chains::new(&draws.values, draws.chains)?;
                let of = ChainSummary::of(chains, options.level);
                let Ok(summary) = Summary::of(name(number), of, &chains, options);
                Ok(summary)
            });
        }
        let of_element = |number: usize| {
            let Quantity { number: variable, element, .. } = self.all[number];
            let draws = Element::new(reader, &self.variables[variable], element);
            Summary::of(name(number), ChainSummary::read(&draws, options.level)?, &draws, options)
        };
        let mut summaries = Vec::with_capacity(every.len());
        for batch in every.chunks(at_once) {
            summaries.extend(on_all_cores(batch.to_vec(), of_element).into_iter().collect::<Result<Vec<_>>>()?);
        }
        Ok(summaries)
    }

    /// Calls `visit` with the number and the draws of each of these quantities, on all cores, and gives what it
    /// returns, in their order. Quantities of one variable that follow each other are read together.
    ///
    /// # Errors
    /// If draws can't be read, or the first error of `visit`.
    pub fn visit<T: Send>(
        &self,
        reader: &Reader,
        wanted: &[usize],
        visit: impl Fn(usize, Draws) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let most = (HELD / (self.chains * self.draws).max(1)).max(1);
        let mut results = Vec::with_capacity(wanted.len());
        for batch in wanted.chunks(most) {
            let draws = self.read(reader, batch)?;
            let work: Vec<(usize, Draws)> = batch.iter().copied().zip(draws).collect();
            results.extend(
                on_all_cores(work, |(number, draws)| visit(number, draws)).into_iter().collect::<Result<Vec<T>>>()?,
            );
        }
        Ok(results)
    }

    /// The draws of these quantities.
    fn read(&self, reader: &Reader, wanted: &[usize]) -> Result<Vec<Draws>> {
        let same = |a: &usize, b: &usize| self.all[*a].number == self.all[*b].number;
        let mut draws = Vec::with_capacity(wanted.len());
        for run in wanted.chunk_by(same) {
            let variable = &self.variables[self.all[run[0]].number];
            let elements: Vec<usize> = run.iter().map(|quantity| self.all[*quantity].element).collect();
            draws.extend(variable.read(reader, &elements)?);
        }
        Ok(draws)
    }
}

/// The variables of the group `posterior`, and the names of those that are none of numbers over the same draws.
fn variables(reader: &Reader) -> Result<(Vec<Variable>, Vec<String>)> {
    let (mut variables, mut left_out) = (Vec::<Variable>::new(), Vec::new());
    for name in reader.variables("posterior")? {
        match Variable::of(reader, "posterior", &name)? {
            Some(variable) if fits(&variables, &variable) => variables.push(variable),
            Some(_) => left_out.push(name),
            None if is_coordinate(reader, &name)? => {}
            None => left_out.push(name),
        }
    }
    Ok((variables, left_out))
}

/// Whether a variable has the chains and draws of those before it.
fn fits(variables: &[Variable], variable: &Variable) -> bool {
    variables.first().is_none_or(|first| (first.chains, first.draws) == (variable.chains, variable.draws))
}

fn is_coordinate(reader: &Reader, name: &str) -> Result<bool> {
    let path = format!("posterior/{name}");
    Ok(reader.scales(&path)?.contains(&Some(path)))
}

/// The results of `work`, in order; each core takes the next piece when it has done one.
fn on_all_cores<W: Send, T: Send>(work: Vec<W>, run: impl Fn(W) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(work.len());
    let next = AtomicUsize::new(0);
    let work: Vec<Mutex<Option<W>>> = work.into_iter().map(|piece| Mutex::new(Some(piece))).collect();
    let take = |number: usize| work.get(number)?.lock().unwrap_or_else(PoisonError::into_inner).take();
    let worker = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            match take(number) {
                Some(piece) => done.push((number, run(piece))),
                None => return done,
            }
        }
    };
    let mut results: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (1..cores).map(|_| scope.spawn(worker)).collect();
        let mut results = worker();
        for other in workers {
            // A panic goes on in this thread.
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
