//! Ranks in roles. The rank program is `tests/rank-programs/src/bin/cluster/`.

use crate::launch::{Outcome, Program, build, kill, on_ranks};
use std::fs;
use std::path::{Path, PathBuf};

const RANKS: [usize; 4] = [2, 3, 5, 8];

fn program() -> PathBuf {
    build("rank-programs").join("cluster")
}

fn cluster(case: &str, ranks: usize) -> Program {
    on_ranks(ranks, program()).args([case])
}

/// The case holds on every number of ranks, and root says so.
#[track_caller]
fn holds(case: &str, ranks: &[usize]) {
    for ranks in ranks {
        let outcome = cluster(case, *ranks).run().expect_success();
        assert!(outcome.stdout.ends_with(&format!("{case}: fine on {ranks} ranks\n")), "{outcome}");
        assert!(outcome.errors().is_empty(), "{outcome}");
    }
}

/// The job has ended soon, with this one message and this exit status.
#[track_caller]
fn ended(outcome: &Outcome, status: i32, message: &str) {
    let errors = outcome.errors();
    assert!(outcome.seconds < 6.0, "{outcome}");
    assert_eq!((outcome.code(), errors.len()), (status, 1), "{outcome}");
    assert!(errors[0].starts_with("cluster: error: ") && errors[0].contains(message), "{message}: {outcome}");
}

/// A launch of several parts, each of so many ranks with these arguments.
fn launch(parts: &[(usize, &[&str])]) -> Outcome {
    let (first, others) = parts.split_first().unwrap();
    let mut all = on_ranks(first.0, program()).args(first.1);
    for (ranks, arguments) in others {
        all = all.args([":", "-n", &ranks.to_string()]).args([program()]).args(*arguments);
    }
    all.run()
}

macro_rules! hold {
    ($($case:ident)*) => {$(
        #[test]
        #[ignore = "needs mpirun: scripts/test"]
        fn $case() {
            holds(stringify!($case), &RANKS);
        }
    )*};
}

hold! {
    parts messages acts queue queue_join queue_abandoned views namespace arrays failures balanced unknown_length
    dependencies timeouts cancel asynchronous tiny logs history shutdown client_leaves no_client leaves_early to_itself
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn large_messages_meet() {
    holds("large_both_ways", &[2, 3]);
}

/// Whoever fails, and however many at once: one message.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn ranks_that_fail_alike_speak_once() {
    for ranks in [2, 5, 8, 12] {
        ended(&cluster("fail_alike", ranks).run(), 1, "rank 0 on ");
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn an_argument_of_512_mib() {
    holds("large", &[2]);
}

/// 200 tasks of 0 to 2 s on 7 engines, against the list schedule of the same tasks: no more than 5 % longer, or what else
/// the machine does has lengthened it three times in a row.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn uneven_tasks_are_spread_well() {
    let is_too_long = |_: &u32| {
        let outcome = cluster("makespan", 8).run();
        let is_too_long = outcome.code() == 1 && outcome.stderr.contains("where a list schedule takes");
        assert!(is_too_long || outcome.stdout.ends_with("makespan: fine on 8 ranks\n"), "{outcome}");
        is_too_long
    };
    assert_ne!((0..3).take_while(is_too_long).count(), 3);
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn roles_by_a_rule_or_by_the_parts_of_a_launch() {
    for (rule, ranks) in [("client=1,engine=*", 3), ("engine=*,client=1", 5), ("engine=1,client=1", 2)] {
        cluster("views", ranks).args(["--roles", rule]).run().expect_success();
    }
    for parts in [
        &[(1, &["views", "--role", "client"][..]), (4, &["views", "--role", "engine"])][..],
        &[
            (2, &["views", "--role", "engine"]),
            (1, &["views", "--role", "client"]),
            (1, &["views", "--role", "engine"]),
        ],
    ] {
        let outcome = launch(parts).expect_success();
        assert!(outcome.stdout.contains("views: fine on "), "{outcome}");
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn launches_that_do_not_fit_end_with_one_message() {
    let (client, engine) = (["views", "--role", "client"], ["views", "--role", "engine"]);
    ended(&launch(&[(2, &client), (1, &engine)]), 2, "--role: exactly one rank must be client, 2 of 3 are");
    ended(&launch(&[(1, &client)]), 2, "--role: at least one rank must be engine, 0 of 1 are");
    ended(&launch(&[(1, &client), (2, &["views", "--role", "servant"])]), 2, "there is no role 'servant'");
    ended(&launch(&[(1, &client), (2, &["views"])]), 2, "rank 0 was told --role client, rank 1 nothing");
    ended(&cluster("views", 3).args(["--roles", "client=1,engine=5"]).run(), 2, "wants more ranks than there are: 3");
    ended(&cluster("views", 1).run(), 2, "at least one rank must be engine, 0 of 1 are");
    // Other binaries.
    let others = launch(&[(1, &client), (1, &["other_roles", "--role", "engine"])]);
    ended(&others, 2, "rank 1 on ");
    assert!(others.stderr.contains("is of another program than rank 0"), "{others}");
    let others = launch(&[(1, &client), (2, &["other_engine", "--role", "engine"])]);
    ended(&others, 1, "engine 0 (rank 1) is not what this client is for");
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_client_that_fails_ends_the_job() {
    for ranks in RANKS {
        ended(&cluster("client_fails", ranks).run(), 1, "rank 0 on ");
    }
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_rank_that_is_killed_ends_the_job() {
    for rank in [0, 1] {
        let mut job = cluster("waits", 3).start();
        job.wait_for("busy", 2);
        kill(job.rank(rank).expect("it runs"));
        let start = std::time::Instant::now();
        let outcome = job.finish();
        assert!(outcome.code() != 0 && start.elapsed().as_secs_f64() < 5.0, "{outcome}");
    }
}

/// A job whose rank `parent` starts `started` more, which do `what`.
fn process(ranks: usize, what: &str, started: usize, parent: usize, folder: &Path) -> Program {
    let numbers = [started, parent].map(|number| number.to_string());
    on_ranks(ranks, build("rank-programs").join("process")).args([what]).args(numbers).args([folder])
}

/// MPICH, as it is built for Debian 12, starts no ranks at run time.
fn can_not(outcome: &Outcome) -> bool {
    outcome.stdout.starts_with("can't: this job can't start more ranks (MPICH ")
}

#[test]
#[ignore = "needs mpirun: scripts/test"]
fn ranks_are_started_while_a_job_runs() {
    let cases = [
        ("wait", 2, 2, 0, "ended: [0, 0]", ""),
        ("two", 3, 2, 2, "ended: [0, 0]", ""),
        ("seven", 5, 1, 1, "ended: [7]", ""),
        ("error", 2, 1, 1, "ended: [1]", "the child's own error"),
        ("panic", 3, 1, 0, "ended: [1]", "the child's own panic"),
        ("together", 8, 3, 7, "ended: [1, 1, 1]", "an error of all"),
        ("left", 2, 1, 0, "leaves ", ""),
    ];
    for (what, ranks, started, parent, said, message) in cases {
        let folder = tempfile::tempdir().unwrap();
        let outcome = process(ranks, what, started, parent, folder.path()).run().expect_success();
        if can_not(&outcome) {
            continue;
        }
        assert!(outcome.stdout.contains(said), "{what}: {outcome}");
        let errors = outcome.errors();
        assert_eq!(errors.len(), usize::from(!message.is_empty()), "{what}: {outcome}");
        assert!(errors.iter().all(|error| error.contains(message)), "{what}: {outcome}");
        if let Some(left) = outcome.stdout.trim().strip_prefix("leaves ") {
            let file = folder.path().join(format!("left {left}"));
            assert!(file.exists(), "the job has ended before one that it started: {outcome}");
        }
    }
}

/// A rank that fails does not wait for those that it has started.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_rank_that_fails_ends_those_that_it_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = process(3, "for_ever_and_fail", 2, 1, folder.path()).run();
    if !can_not(&outcome) {
        ended_alone(&outcome, "the parent's own error");
    }
}

#[track_caller]
fn ended_alone(outcome: &Outcome, message: &str) {
    let errors = outcome.errors();
    assert!(outcome.seconds < 6.0 && outcome.code() == 1 && errors.len() == 1, "{outcome}");
    assert!(errors[0].contains(message), "{outcome}");
}

/// A failure that the started ranks don't know of together ends both jobs.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_started_rank_that_fails_alone_ends_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = process(2, "panic", 2, 0, folder.path()).run();
    if !can_not(&outcome) {
        ended_alone(&outcome, "the child's own panic");
    }
}

/// Open MPI 4's launcher would not end.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn more_ranks_than_slots_are_not_started() {
    let folder = tempfile::tempdir().unwrap();
    let slots = std::thread::available_parallelism().unwrap().get();
    let job = process(slots, "two", 2, 0, folder.path()).env("OMPI_MCA_rmaps_base_oversubscribe", "0");
    let outcome = job.run().expect_success();
    let message =
        format!("this job can't start 2 more ranks: its {slots} have all but 0 of the launcher's {slots} slots");
    assert!(outcome.stdout.contains(&message) || can_not(&outcome), "{outcome}");
}

/// A started rank that is killed ends both jobs.
#[test]
#[ignore = "needs mpirun: scripts/test"]
fn a_started_rank_that_is_killed_ends_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let job = process(2, "for_ever", 2, 0, folder.path()).start();
    let name = |path: PathBuf| path.file_name()?.to_str()?.strip_prefix("waits ")?.parse().ok();
    let child = loop {
        if job.processes().is_empty() {
            let outcome = job.finish();
            assert!(can_not(&outcome), "{outcome}");
            return;
        }
        let files = fs::read_dir(folder.path()).unwrap();
        if let Some(child) = files.flatten().find_map(|entry| name(entry.path())) {
            break child;
        }
    };
    kill(child);
    let start = std::time::Instant::now();
    let outcome = job.finish();
    assert!(outcome.code() != 0 && start.elapsed().as_secs_f64() < 5.0, "{outcome}");
}
