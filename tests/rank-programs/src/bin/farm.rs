//! Numbered tasks over real ranks. Called as `farm CASE SCHEDULE THREADS`; a case fails by a panic.

use ensample::farm::{Account, Fold, Means, Plan, Schedule, Work, run};
use ensample::stream::{Stream, Streams};
use ensample::world::{World, launch};
use ensample::{Error, Result};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let case = args.next().unwrap_or_default();
    let schedule = if args.next().as_deref() == Some("static") { Schedule::Static } else { Schedule::Dynamic };
    let threads = args.next().map_or(1, |threads| threads.parse().expect("a number"));
    let plan = Plan {
        seed: 5,
        phase: 0,
        first: 0,
        tasks: 0,
        cycle: None,
        means: Means { schedule, threads, trace: true, ..Means::default() },
    };
    launch(|world| {
        let farm = Farm { world, plan };
        match &case[..] {
            "order" => farm.order(),
            "few" => farm.few(),
            "early_stop" => farm.early_stop(),
            "together" => farm.together(),
            "uneven" => farm.uneven(),
            "large" => farm.large(),
            "slow_first" => farm.slow_first(),
            _ => return farm.end(&case),
        }?;
        if world.is_root() {
            println!("{case}: fine on {} ranks", world.size());
        }
        Ok(0)
    })
}

/// A result that may fail to be sent.
#[derive(serde::Deserialize)]
struct Fragile(bool);

impl serde::Serialize for Fragile {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        assert!(!self.0, "the result's own panic");
        serializer.serialize_newtype_struct("Fragile", &self.0)
    }
}

/// A closure as work.
struct Closure<F>(F);

impl<T, F> Work for Closure<F>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static,
    F: Fn(u64, &mut Stream) -> Result<T> + Send + Sync + 'static,
{
    type Output = T;

    fn run(&self, task: u64, stream: &mut Stream) -> Result<T> {
        self.0(task, stream)
    }
}

/// Hands each result to `take`, which tells whether it was the last one, and sees to the order.
struct InOrder<F> {
    next: u64,
    take: F,
}

impl<T, F: FnMut(u64, T) -> Result<bool>> Fold<T> for InOrder<F> {
    fn fold(&mut self, task: u64, output: T) -> Result<ControlFlow<()>> {
        assert_eq!(task, self.next, "folded out of order");
        self.next += 1;
        Ok(if (self.take)(task, output)? { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

struct Farm<'a> {
    world: &'a World,
    plan: Plan,
}

impl Farm<'_> {
    /// Runs so many tasks; returns how many were folded, and the account.
    fn run<T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static>(
        &self,
        tasks: u64,
        work: impl Fn(u64, &mut Stream) -> Result<T> + Send + Sync + 'static,
        take: impl FnMut(u64, T) -> Result<bool>,
    ) -> Result<(u64, Account)> {
        let mut fold = InOrder { next: 0, take };
        let plan = Plan { tasks, ..self.plan.clone() };
        let account = run(self.world, &plan, &Arc::new(Closure(work)), &mut fold)?;
        Ok((fold.next, account))
    }

    fn expected(&self, tasks: u64) -> u64 {
        if self.world.is_root() { tasks } else { 0 }
    }

    /// Each task has its own stream, each result comes once and in order, and the account and the trace agree.
    fn order(&self) -> Result<()> {
        const TASKS: u64 = 20_000;
        let streams = Streams::new(self.plan.seed, self.plan.phase);
        let (folded, account) = self.run(
            TASKS,
            |_, stream| Ok((stream.uniform(), stream.normal())),
            |task, drawn| {
                let mut stream = streams.stream(task);
                assert_eq!(drawn, (stream.uniform(), stream.normal()), "task {task} had another stream");
                Ok(false)
            },
        )?;
        assert_eq!(folded, self.expected(TASKS));
        if !self.world.is_root() {
            assert!(account.ranks.is_empty() && account.tasks.is_empty());
            return Ok(());
        }
        assert_eq!(account.ranks.len(), self.world.size());
        assert_eq!(account.ranks.iter().map(|rank| rank.tasks).sum::<u64>(), TASKS);
        let mut ran: Vec<u64> = account.tasks.iter().map(|time| time.task).collect();
        ran.sort_unstable();
        assert_eq!(ran, (0..TASKS).collect::<Vec<_>>(), "the trace has each task once");
        for time in &account.tasks {
            assert!(usize::from(time.thread) < self.plan.means.threads);
            let owner = time.task as usize % self.world.size();
            assert!(self.plan.means.schedule == Schedule::Dynamic || time.rank == owner, "{time:?} belongs to {owner}");
        }
        Ok(())
    }

    /// No task, one, and fewer than ranks; one phase right after the other.
    fn few(&self) -> Result<()> {
        for tasks in (0..=self.world.size() as u64 + 1).chain([0, 0, 1]) {
            let (folded, _) = self.run(
                tasks,
                |task, _| Ok(task),
                |task, output| {
                    assert_eq!(task, output);
                    Ok(false)
                },
            )?;
            assert_eq!(folded, self.expected(tasks));
        }
        Ok(())
    }

    /// The fold ends the work; no result of one phase reaches the next.
    fn early_stop(&self) -> Result<()> {
        for phase in 0..8 {
            let last = phase * 37 % 101;
            let (folded, account) = self.run(
                u64::MAX,
                move |task, _| Ok((phase, task)),
                |task, output| {
                    assert_eq!(output, (phase, task), "a result of another phase or task");
                    Ok(task == last)
                },
            )?;
            assert_eq!(folded, self.expected(last + 1));
            assert!(account.tasks.len() as u64 >= folded);
        }
        Ok(())
    }

    /// All threads of all ranks are in a task at once: the first of each ends when every other has begun one, which is
    /// seen by the files that they make in the working folder.
    fn together(&self) -> Result<()> {
        let workers = self.world.size() * self.plan.means.threads;
        let rank = self.world.rank();
        let work = move |task, _: &mut Stream| {
            let mine = format!("{rank}-{:?}", std::thread::current().id());
            if std::fs::File::create_new(mine).is_ok() {
                while std::fs::read_dir(".").map_err(Error::other)?.count() < workers {
                    sleep(Duration::from_millis(1));
                }
            }
            Ok(task)
        };
        let tasks = 10 * workers as u64;
        let (folded, account) = self.run(tasks, work, |_, _| Ok(false))?;
        assert_eq!(folded, self.expected(tasks));
        let threads: BTreeSet<_> = account.tasks.iter().map(|time| (time.rank, time.thread)).collect();
        assert!(!self.world.is_root() || threads.len() == workers, "{threads:?}");
        Ok(())
    }

    /// Tasks of very different length come out in order; under a dynamic schedule nobody waits for the slow rank.
    fn uneven(&self) -> Result<()> {
        let size = self.world.size() as u64;
        // Under a static schedule all the long ones would be root's.
        let is_long = move |task| task % size == 0;
        let work = move |task, _: &mut Stream| {
            sleep(Duration::from_millis(if is_long(task) { 40 } else { 2 }));
            Ok(task)
        };
        let (folded, account) = self.run(20 * size, work, |task, output| {
            assert_eq!(task, output);
            Ok(false)
        })?;
        assert_eq!(folded, self.expected(20 * size));
        if self.world.is_root() && size > 2 {
            let of_root = account.tasks.iter().filter(|time| time.rank == 0 && is_long(time.task)).count();
            let is_static = self.plan.means.schedule == Schedule::Static;
            assert!(if is_static { of_root == 20 } else { of_root < 16 }, "{of_root} of 20 long tasks ran on root");
        }
        Ok(())
    }

    /// 8 MiB from every rank at once, several times.
    fn large(&self) -> Result<()> {
        const LENGTH: usize = 1 << 20;
        let tasks = 4 * self.world.size() as u64;
        let (folded, _) = self.run(
            tasks,
            |task, _| Ok(vec![task as f64; LENGTH]),
            |task, output| {
                assert!(output.len() == LENGTH && output.iter().all(|value| *value == task as f64), "task {task}");
                Ok(false)
            },
        )?;
        assert_eq!(folded, self.expected(tasks));
        Ok(())
    }

    /// What comes after a slow first task waits for it, but not all of it: 1.25 GiB in all. The last line is root's
    /// largest memory.
    fn slow_first(&self) -> Result<()> {
        const TASKS: u64 = 20_000;
        const LENGTH: usize = 8192;
        let work = |task, _: &mut Stream| {
            sleep(Duration::from_secs(if task == 0 { 3 } else { 0 }));
            Ok(vec![task as f64; LENGTH])
        };
        let (folded, _) = self.run(TASKS, work, |task, output| {
            assert!(output.len() == LENGTH && output[LENGTH - 1] == task as f64, "task {task}");
            Ok(false)
        })?;
        assert_eq!(folded, self.expected(TASKS));
        if self.world.is_root() {
            let status = std::fs::read_to_string("/proc/self/status").map_err(Error::other)?;
            let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
            let kib: u64 = peak.split_whitespace().nth(1).unwrap_or_default().parse().map_err(Error::other)?;
            println!("root used {} MiB", kib >> 10);
        }
        Ok(())
    }

    /// Ways to end. Task 7 is the odd one.
    fn end(&self, case: &str) -> Result<u8> {
        let case = case.to_owned();
        let fails = case.clone();
        let work = move |task: u64, _: &mut Stream| match &fails[..] {
            "task_error" if task == 7 => Err(Error::other("the task's own error")),
            "task_panic" if task == 7 => panic!("the task's own panic"),
            "all_tasks_panic" => panic!("the task's own panic"),
            "task_error_beside_long_ones" if task == 0 => {
                sleep(Duration::from_millis(500));
                Err(Error::other("the task's own error"))
            }
            "task_error_beside_long_ones" => {
                sleep(Duration::from_secs(60));
                Ok(Fragile(false))
            }
            "task_result_panic" => Ok(Fragile(task == 7)),
            _ => {
                sleep(Duration::from_millis(1));
                Ok(Fragile(false))
            }
        };
        self.run(1_000_000, work, |task, _| match &case[..] {
            "fold_error" if task == 7 => Err(Error::other("the fold's own error")),
            "fold_panic" if task == 7 => panic!("the fold's own panic"),
            "input_error" if task == 7 => Err(Error::input("here", "is wrong")),
            _ => Ok(false),
        })?;
        Ok(0)
    }
}
