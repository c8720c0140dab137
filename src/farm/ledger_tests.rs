//! The ledger against workers that answer in any order.

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

/// Workers that hold what they were dealt, and report in an order that `choices` decides.
struct Workers {
    ledger: Ledger<Vec<u8>>,
    held: Vec<VecDeque<u64>>,
    dealt: Vec<Option<usize>>,
    taken: Vec<u64>,
}

/// The ledger of tasks `first` to `tasks` − 1.
fn ledger(
    first: u64,
    tasks: u64,
    cycle: Option<u64>,
    schedule: Schedule,
    workers: usize,
    threads: usize,
) -> Ledger<Vec<u8>> {
    let means = Means { schedule, threads, ..Means::default() };
    Ledger::new(&Plan { seed: 1, phase: 0, first, tasks, cycle, means }, workers)
}

impl Workers {
    fn new(tasks: u64, cycle: Option<u64>, schedule: Schedule, workers: usize, threads: usize) -> Self {
        Workers {
            ledger: ledger(0, tasks, cycle, schedule, workers, threads),
            held: vec![VecDeque::new(); workers],
            dealt: vec![None; tasks as usize],
            taken: Vec::new(),
        }
    }

    fn deal_all(&mut self, remaining: Option<u64>) {
        for worker in 0..self.held.len() {
            if let Some(mut deal) = self.ledger.deal(worker, remaining) {
                while let Some(task) = deal.take_first() {
                    let before = self.dealt[task as usize].replace(worker);
                    assert_eq!(before, None, "task {task} was dealt twice");
                    self.held[worker].push_back(task);
                }
            }
        }
    }

    fn report(&mut self, worker: usize, place: usize, seconds: f64) {
        let hand = &mut self.held[worker];
        if let Some(task) = hand.remove(place % hand.len().max(1)) {
            self.ledger.report(worker, task, seconds, task.to_le_bytes().to_vec(), 8).unwrap();
        }
        while let Some((task, output)) = self.ledger.take() {
            assert_eq!(output, task.to_le_bytes());
            self.taken.push(task);
        }
    }

    fn busy(&self) -> Vec<usize> {
        (0..self.held.len()).filter(|worker| !self.held[*worker].is_empty()).collect()
    }
}

fn schedules() -> impl Strategy<Value = Schedule> {
    prop_oneof![Just(Schedule::Static), Just(Schedule::Dynamic)]
}

proptest! {
    /// A run that is ended anywhere goes on with any number of workers: what had come is not dealt again, all else is.
    #[test]
    fn what_an_earlier_run_has_found_is_not_dealt(
        tasks in 1u64..200, cycle in prop::option::of(1u64..20),
        before in (schedules(), 1usize..9, 1usize..4), after in (schedules(), 1usize..9, 1usize..4),
        choices in prop::collection::vec((any::<prop::sample::Index>(), any::<usize>()), 1..40), reports in 0usize..250,
    ) {
        let mut run = Workers::new(tasks, cycle, before.0, before.1, before.2);
        let mut found = Vec::new();
        let mut choices = choices.iter().cycle();
        while !run.ledger.is_complete() && found.len() < reports {
            run.deal_all(None);
            let busy = run.busy();
            let (who, place) = choices.next().unwrap();
            let worker = *who.get(&busy);
            // Tasks of a cycle are begun in order where they are at home; there each is reported before the next.
            let place = if cycle.is_some() { 0 } else { *place % run.held[worker].len() };
            found.push(run.held[worker][place]);
            run.report(worker, place, 1e-3);
        }
        let mut run = Workers::new(tasks, cycle, after.0, after.1, after.2);
        for task in &found {
            run.ledger.keep(*task, task.to_le_bytes().to_vec(), 8).unwrap();
            prop_assert!(run.ledger.keep(*task, Vec::new(), 0).is_err(), "task {} twice", task);
            run.dealt[*task as usize] = Some(usize::MAX);
            while let Some((task, _)) = run.ledger.take() {
                run.taken.push(task);
            }
        }
        while !run.ledger.is_complete() {
            run.deal_all(None);
            let busy = run.busy();
            prop_assert!(!busy.is_empty(), "nobody has work, but not all is done");
            let (who, place) = choices.next().unwrap();
            run.report(*who.get(&busy), *place, 1e-3);
        }
        prop_assert_eq!(&run.taken, &(0..tasks).collect::<Vec<_>>());
    }

    /// Every task is dealt once and taken once, in order, whatever the order of reports and the estimates.
    #[test]
    fn all_tasks_come_back_in_order(
        tasks in 0u64..300, cycle in prop::option::of(1u64..20), schedule in schedules(), workers in 1usize..9, threads in 1usize..4,
        choices in prop::collection::vec((any::<prop::sample::Index>(), any::<usize>(), 1e-6f64..10.0), 1..40),
        estimate in prop::option::of(0u64..400),
    ) {
        let mut run = Workers::new(tasks, cycle, schedule, workers, threads);
        let mut choices = choices.iter().cycle();
        while !run.ledger.is_complete() {
            run.deal_all(estimate);
            let busy = run.busy();
            prop_assert!(!busy.is_empty(), "nobody has work, but not all is done");
            let (who, place, seconds) = choices.next().unwrap();
            run.report(*who.get(&busy), *place, *seconds);
        }
        prop_assert_eq!(&run.taken, &(0..tasks).collect::<Vec<_>>());
        if let Some(cycle) = cycle.or((schedule == Schedule::Static).then_some(workers as u64)) {
            let home = |task: usize| task % cycle as usize % workers;
            prop_assert!(run.dealt.iter().enumerate().all(|(task, worker)| *worker == Some(home(task))));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// With the lowest task never reported, what waits for it stays below the window.
    #[test]
    fn a_stuck_task_bounds_what_is_dealt(schedule in schedules(), workers in 2usize..9) {
        let mut ledger = ledger(0, u64::MAX, None, schedule, workers, 1);
        let mut highest = 0;
        let mut hands: Vec<VecDeque<u64>> = vec![VecDeque::new(); workers];
        let large = vec![0; 1 << 20];
        for _ in 0..2000 {
            for (worker, hand) in hands.iter_mut().enumerate() {
                if let Some(mut deal) = ledger.deal(worker, None) {
                    hand.extend(std::iter::from_fn(|| deal.take_first()));
                }
                if let Some(place) = hand.iter().position(|task| *task != 0) {
                    let task = hand.remove(place).unwrap();
                    highest = highest.max(task);
                    // A tenth of a second each: nobody is given much ahead.
                    ledger.report(worker, task, 0.1, large.clone(), large.len()).unwrap();
                }
            }
        }
        prop_assert_eq!(ledger.take(), None);
        let in_hands = (workers * 4) as u64;
        prop_assert!(ledger.waiting_size <= WAITING_LIMIT + (in_hands as usize) * large.len());
        // Under a static schedule every other task may be the stuck worker's.
        prop_assert!(highest <= 2 * (WAITING_LIMIT / large.len()) as u64 + workers as u64 * in_hands);
    }
}

#[test]
fn a_doubled_or_unknown_report_is_refused() {
    for schedule in [Schedule::Static, Schedule::Dynamic] {
        let mut ledger = ledger(0, 100, None, schedule, 2, 1);
        let first = ledger.deal(0, None).unwrap();
        ledger.deal(1, None).unwrap();
        assert_eq!((first.first, first.count), (0, 1));
        assert!(ledger.report(0, 50, 1.0, b"not dealt".to_vec(), 9).is_err());
        ledger.report(0, 0, 1.0, b"first".to_vec(), 5).unwrap();
        assert!(ledger.report(0, 0, 1.0, b"again".to_vec(), 5).is_err());
        assert_eq!(ledger.take(), Some((0, b"first".to_vec())));
        assert!(ledger.report(0, 0, 1.0, b"after it was taken".to_vec(), 18).is_err());
    }
}

/// Short tasks are dealt many at a time, and fewer and fewer when work runs out.
#[test]
fn hands_grow_and_shrink() {
    let mut run = Workers::new(100_000, None, Schedule::Dynamic, 4, 1);
    let mut largest = 0;
    let mut last = 0;
    while !run.ledger.is_complete() {
        run.deal_all(None);
        let most = run.held.iter().map(VecDeque::len).max().unwrap();
        largest = largest.max(most);
        last = most;
        for worker in 0..4 {
            (0..run.held[worker].len().div_ceil(2)).for_each(|_| run.report(worker, 0, 1e-4));
        }
    }
    assert!((500..=1001).contains(&largest), "{largest} tasks of 0.1 ms are 0.1 s ahead");
    assert_eq!(last, 1);
}

/// Tasks that are short but have large results are dealt few at a time.
#[test]
fn large_results_are_not_dealt_far_ahead() {
    let mut ledger = ledger(0, u64::MAX, None, Schedule::Dynamic, 4, 1);
    for worker in 0..4 {
        let first = ledger.deal(worker, None).unwrap();
        assert_eq!(first.count, 1);
        ledger.report(worker, first.first, 1e-6, vec![0; 1 << 20], 1 << 20).unwrap();
    }
    assert!((2..=17).contains(&ledger.deal(0, None).unwrap().count));
}

/// Short tasks are dealt for longer than root may sleep; of long ones none is left over.
#[test]
fn it_is_known_whether_everybody_has_enough() {
    for (seconds, enough) in [(1e-4, true), (0.2, false)] {
        let mut run = Workers::new(1_000_000, None, Schedule::Dynamic, 4, 3);
        run.deal_all(None);
        assert!(!run.ledger.has_dealt(0.02), "nothing is known of the tasks");
        for worker in (0..4).cycle().take(12) {
            run.report(worker, 0, seconds);
        }
        assert!(!run.ledger.has_dealt(0.02), "nobody has any");
        run.deal_all(None);
        assert_eq!(run.ledger.has_dealt(0.02), enough, "{seconds}");
    }
}

/// The longer tasks are, the fewer are dealt ahead: one would wait behind another while a rank is idle.
#[test]
fn long_tasks_are_hardly_dealt_ahead() {
    for (seconds, most) in [(2.0, 3), (0.11, 3), (0.09, 3 * 2), (0.011, 3 * 2), (0.005, 3 * 5), (0.002, 3 * 26)] {
        let mut run = Workers::new(20_000, None, Schedule::Dynamic, 4, 3);
        let mut largest = 0;
        while !run.ledger.is_complete() {
            run.deal_all(None);
            largest = run.held.iter().map(VecDeque::len).max().max(Some(largest)).unwrap();
            let busy = run.busy();
            run.report(busy[0], 1, seconds);
        }
        assert!(largest <= most && largest + 3 >= most, "{largest} tasks of {seconds} s");
    }
}

/// A phase can begin with any task: what was done before is not dealt again.
#[test]
fn the_first_task_can_be_any() {
    for schedule in [Schedule::Static, Schedule::Dynamic] {
        for first in [1, 7, 10, 11] {
            let mut ledger = ledger(first, 20, None, schedule, 3, 1);
            let mut taken = Vec::new();
            while !ledger.is_complete() {
                for worker in 0..3 {
                    while let Some(task) = ledger.deal(worker, None).and_then(|mut deal| deal.take_first()) {
                        if schedule == Schedule::Static {
                            assert_eq!(task % 3, worker as u64);
                        }
                        ledger.report(worker, task, 1.0, b"done".to_vec(), 4).unwrap();
                    }
                }
                taken.extend(std::iter::from_fn(|| ledger.take()).map(|(task, _)| task));
            }
            assert_eq!(taken, (first..20).collect::<Vec<_>>());
        }
    }
}
