use super::*;
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

fn run() -> Run {
    Run {
        application: "abc".into(),
        description: "seed = 7\n[prior]\nmu = { normal = { mean = 0.0, sd = 10.0 } }\n".into(),
        data: "e3b0".into(),
    }
}

const PHASE: Phase = Phase { phase: 3, first: 0, tasks: 100, cycle: Some(2) };
const NEVER: Duration = Duration::from_secs(1_000_000);

fn kept(task: u64) -> Kept {
    Kept { task, output: vec![task as u8; task as usize % 7], state: vec![1; task as usize % 3] }
}

fn keep(checkpoint: &mut Checkpoint, tasks: impl IntoIterator<Item = u64>) {
    for Kept { task, output, state } in tasks.into_iter().map(kept) {
        checkpoint.keep(task, &output, &state).unwrap();
    }
}

fn all_kept(checkpoint: &mut Checkpoint) -> Vec<Kept> {
    std::iter::from_fn(|| checkpoint.next_kept().unwrap()).collect()
}

/// A checkpoint of two phases, with a fact between them, that was saved and then written on.
fn leave(folder: &TempDir) -> PathBuf {
    let out = folder.path().join("out.h5");
    let mut checkpoint = Checkpoint::create(&out, run(), NEVER).unwrap();
    checkpoint.begin(&PHASE).unwrap();
    keep(&mut checkpoint, [1, 0, 5]);
    assert_eq!(checkpoint.fact("steps", || Ok(17_u64)).unwrap(), 17);
    checkpoint.begin(&Phase { phase: 4, ..PHASE }).unwrap();
    keep(&mut checkpoint, 0..20);
    checkpoint.save().unwrap();
    keep(&mut checkpoint, 20..30);
    out
}

fn resume(out: &Path) -> Result<Option<Checkpoint>> {
    Checkpoint::resume(out, run(), NEVER)
}

#[test]
fn what_was_saved_comes_back_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let out = leave(&folder);
    for more in [20, 25] {
        let mut checkpoint = resume(&out).unwrap().unwrap();
        checkpoint.begin(&PHASE).unwrap();
        assert_eq!(all_kept(&mut checkpoint), [1, 0, 5].map(kept));
        assert_eq!(checkpoint.fact("steps", || Ok(99_u64)).unwrap(), 17, "found once and for all");
        checkpoint.begin(&Phase { phase: 4, ..PHASE }).unwrap();
        assert_eq!(all_kept(&mut checkpoint), (0..more).map(kept).collect::<Vec<_>>());
        keep(&mut checkpoint, more..more + 5);
        checkpoint.save().unwrap();
    }
}

#[test]
fn a_phase_that_ended_early_leaves_no_results_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut checkpoint = resume(&leave(&folder)).unwrap().unwrap();
    checkpoint.begin(&PHASE).unwrap();
    assert_eq!(checkpoint.next_kept().unwrap(), Some(kept(1)));
    assert_eq!(checkpoint.fact("steps", || Ok(99_u64)).unwrap(), 17);
    checkpoint.begin(&Phase { phase: 4, ..PHASE }).unwrap();
    assert_eq!(checkpoint.next_kept().unwrap(), Some(kept(0)));
    assert!(checkpoint.keep(3, &[], &[]).is_err(), "before the earlier ones have been read");
}

#[test]
fn a_run_that_goes_another_way_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut checkpoint = resume(&leave(&folder)).unwrap().unwrap();
    let said = checkpoint.begin(&Phase { tasks: 101, ..PHASE }).unwrap_err().to_string();
    assert!(said.contains("went another way") && said.contains("tasks: 101"), "{said}");
}

#[test]
fn while_it_is_read_the_earlier_one_holds() {
    let folder = tempfile::tempdir().unwrap();
    let out = leave(&folder);
    let before = fs::read(path(&out)).unwrap();
    let mut checkpoint = resume(&out).unwrap().unwrap();
    checkpoint.begin(&PHASE).unwrap();
    checkpoint.save().unwrap();
    assert_eq!(fs::read(path(&out)).unwrap(), before);
    drop(checkpoint);
    assert!(resume(&out).unwrap().is_some());
}

#[test]
fn another_run_is_refused_with_the_first_difference() {
    let folder = tempfile::tempdir().unwrap();
    let out = leave(&folder);
    let said = |run: Run| Checkpoint::resume(&out, run, NEVER).map(|_| ()).unwrap_err().to_string();
    let description = |text: &str| Run { description: text.into(), ..run() };
    let seed = run().description.replace("seed = 7", "seed = 8");
    assert!(said(description(&seed)).contains("another run has left this: seed was 7, and is 8"));
    let sd = run().description.replace("10.0", "9.0");
    assert!(said(description(&sd)).contains("prior.mu.normal.sd was 10.0, and is 9.0"));
    assert!(said(description("seed = 7")).contains("prior was { mu = "), "{}", said(description("seed = 7")));
    let more = format!("{}more = 1\n", "draws = 5\n") + &run().description;
    assert!(said(description(&more)).contains("draws was nothing, and is 5"));
    assert!(said(Run { data: "ffff".into(), ..run() }).contains("it is of other data"));
    assert!(said(Run { application: "gibbs".into(), ..run() }).contains("it is of abc, not of gibbs"));
}

#[test]
fn two_runs_can_not_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = leave(&folder);
    let first = resume(&out).unwrap().unwrap();
    let said = resume(&out).map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("another run is writing it at this moment"), "{said}");
    assert!(Checkpoint::create(&out, run(), NEVER).is_err());
    drop(first);
    assert!(resume(&out).unwrap().is_some(), "the one that was refused has changed nothing");
}

#[test]
fn a_run_that_fails_before_its_first_checkpoint_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut checkpoint = Checkpoint::create(&folder.path().join("out"), run(), NEVER).unwrap();
    checkpoint.begin(&PHASE).unwrap();
    drop(checkpoint);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn nothing_is_left_of_one_that_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let out = leave(&folder);
    resume(&out).unwrap().unwrap().remove().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(resume(&out).unwrap().is_none());
    clear(&out).unwrap();
}

#[test]
fn it_is_due_no_more_often_than_it_is_cheap() {
    let folder = tempfile::tempdir().unwrap();
    let second = Duration::from_secs(1);
    let mut checkpoint = Checkpoint::create(&folder.path().join("out"), run(), second).unwrap();
    let mut is_due = |ago: u32, cost: Duration| {
        (checkpoint.saved, checkpoint.cost) = (Instant::now() - ago * second, cost);
        checkpoint.is_due()
    };
    assert!(is_due(1, second / 1000) && !is_due(0, Duration::ZERO));
    assert!(!is_due(1, second / 50) && is_due(2, second / 50), "a hundredth of two seconds");
    assert!(is_due(10, second) && !is_due(9, second), "but no later than that");
}

/// The two files of a checkpoint, and how much of each counts.
fn files(folder: &TempDir) -> [(PathBuf, usize); 2] {
    let head = path(&leave(folder));
    let records = Head::read(&head).unwrap().unwrap().records as usize;
    let length = fs::metadata(&head).unwrap().len() as usize;
    [(with_suffix(&head, ".results"), records), (head, length)]
}

#[test]
fn one_that_is_cut_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (file, length) in files(&folder) {
        let whole = fs::read(&file).unwrap();
        for place in (0..50).map(|step| step * length / 50) {
            fs::write(&file, &whole[..place]).unwrap();
            let said = resume(&folder.path().join("out.h5")).map(|_| ()).unwrap_err().to_string();
            assert!(said.contains("can't read the checkpoint"), "{} of {length}: {said}", place);
        }
        fs::remove_file(&file).unwrap();
        // Without its head there is none.
        assert_eq!(
            resume(&folder.path().join("out.h5")).is_ok_and(|found| found.is_none()),
            file.ends_with("out.h5.checkpoint")
        );
        fs::write(&file, &whole).unwrap();
    }
    assert!(resume(&folder.path().join("out.h5")).unwrap().is_some());
}

/// What is no checkpoint is not replaced by one; what a killed run has left goes with it.
#[test]
fn files_of_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.h5");
    for name in ["out.h5.checkpoint", "out.h5.checkpoint.results"] {
        let file = folder.path().join(name);
        for text in ["mine", "ensample r", "ensample results 2\nmine"] {
            if name.ends_with("results") && text == "ensample r" {
                continue; // the beginning of ours
            }
            fs::write(&file, text).unwrap();
            let said = Checkpoint::create(&out, run(), NEVER).map(|_| ()).unwrap_err().to_string();
            assert!(said.contains(name) && said.contains("it would be replaced"), "{said}");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        fs::remove_file(&file).unwrap();
    }
    fs::write(folder.path().join("out.h5.checkpoint.new"), "half of").unwrap();
    Checkpoint::create(&out, run(), NEVER).unwrap().remove().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A checkpoint of these records whose digests are right.
fn leave_records(folder: &TempDir, records: &[u8]) -> PathBuf {
    let out = folder.path().join("out.h5");
    let head = path(&out);
    let records = [records::MAGIC, records].concat();
    fs::write(with_suffix(&head, ".results"), &records).unwrap();
    Head::new(run(), records.len() as u64, blake3::hash(&records).into()).write(&head).unwrap();
    out
}

#[test]
fn a_record_longer_than_what_there_is_gets_no_memory() {
    for length in [4_u32, 5, u32::MAX] {
        let folder = tempfile::tempdir().unwrap();
        let out = leave_records(&folder, &[&length.to_le_bytes()[..], b"\0\0\0"].concat());
        let mut checkpoint = resume(&out).unwrap().unwrap();
        let said = checkpoint.begin(&PHASE).unwrap_err().to_string();
        assert!(
            said.contains("out.h5.checkpoint.results: can't read the checkpoint: it is damaged: a record"),
            "{said}"
        );
    }
}

#[test]
fn a_record_that_can_not_be_understood_is_told_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = leave_records(&folder, b"\x01\0\0\0\x09");
    let said = resume(&out).unwrap().unwrap().begin(&PHASE).unwrap_err().to_string();
    assert!(said.contains("out.h5.checkpoint.results: can't read the checkpoint: it is damaged: "), "{said}");
    // A fact that is no number.
    let out = leave_records(&folder, b"\x08\0\0\0\x02\x05steps\0");
    let said = resume(&out).unwrap().unwrap().fact("steps", || Ok(1_u64)).unwrap_err().to_string();
    assert!(said.contains("out.h5.checkpoint.results: can't read the checkpoint: it is damaged: steps: "), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn one_with_a_changed_byte_is_refused(of_head in any::<bool>(), place in any::<prop::sample::Index>(), change in 1..=255_u8) {
        let folder = tempfile::tempdir().unwrap();
        let (file, length) = files(&folder)[usize::from(of_head)].clone();
        let mut bytes = fs::read(&file).unwrap();
        bytes[place.index(length)] ^= change;
        fs::write(&file, bytes).unwrap();
        let said = resume(&folder.path().join("out.h5")).map(|_| ()).unwrap_err().to_string();
        prop_assert!(said.contains("damaged"), "{}", said);
    }
}
