//! A request that is under way, and its results.

use super::super::super::order::Work;
use super::super::super::remote::CallError;
use super::{Request, Results};
use serde_bytes::ByteBuf;
use std::borrow::Cow;
use std::sync::Arc;

pub enum State {
    /// Waits for others.
    Blocked,
    Ready,
    Sent {
        engine: usize,
        start: Option<f64>,
        withdrawing: bool,
    },
    Over,
}

pub struct Entry {
    pub request: Request,
    pub state: State,
    pub cancelled: bool,
    /// Nobody wants the results.
    pub forgotten: bool,
    /// The engine where it failed last.
    pub failed_on: Option<usize>,
    tries: u32,
    results: Vec<Option<Result<ByteBuf, CallError>>>,
}

impl Entry {
    pub fn new(request: Request) -> Self {
        let results = vec![None; request.work.parts()];
        Entry { request, state: State::Blocked, cancelled: false, forgotten: false, failed_on: None, tries: 0, results }
    }

    /// Whether this engine has it.
    pub fn is_at(&self, engine: usize) -> bool {
        matches!(self.state, State::Sent { engine: current, .. } if current == engine)
    }

    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// The parts that have no result yet, as work.
    pub fn work(&self) -> Cow<'_, Work> {
        let open = self.open_parts();
        let all = open.len() == self.results.len();
        if all { Cow::Borrowed(&*self.request.work) } else { Cow::Owned(self.request.work.some(&open)) }
    }

    pub fn open_parts(&self) -> Vec<usize> {
        (0..self.results.len()).filter(|part| self.results[*part].is_none()).collect()
    }

    /// These parts have results now. Returns whether none has failed.
    pub fn fill(&mut self, parts: Vec<usize>, results: impl IntoIterator<Item = Result<ByteBuf, CallError>>) -> bool {
        for (part, result) in parts.into_iter().zip(results) {
            self.results[part] = Some(result);
        }
        self.results.iter().flatten().all(Result::is_ok)
    }

    /// It has failed on an engine: what failed is open again, if it may be tried again.
    pub fn again(&mut self, engine: usize) -> bool {
        if self.tries >= self.request.retries || self.cancelled {
            return false;
        }
        self.tries += 1;
        self.failed_on = Some(engine);
        self.results.iter_mut().filter(|result| matches!(result, Some(Err(_)))).for_each(|failed| *failed = None);
        true
    }

    /// It comes to its end. Parts without a result get `error`.
    pub fn end(&mut self, error: Option<CallError>) {
        self.state = State::Over;
        self.results.iter_mut().filter(|result| result.is_none()).for_each(|result| *result = error.clone().map(Err));
        self.request.work = Arc::new(Work::Calls(Vec::new())); // it may be large
    }

    pub fn into_results(self) -> Results {
        self.results.into_iter().flatten().collect()
    }
}
