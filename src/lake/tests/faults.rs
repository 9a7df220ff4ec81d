//! Commits through a storage that fails: every record is one row, whatever answers are lost and whoever dies when.
//!
//! `CHUNFENG_FAULT_SEEDS=1000 cargo test --lib faults` tries more seeds than are tried unless said.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use object_store::memory::InMemory;
use object_store::path::Path;

use super::faulty::{Fate, Fates, FaultyStore};
use super::*;

const RECORDS: i64 = 40;
const SEEDS: u64 = 10;

/// A lake whose storage fails as told, as one process sees it.
pub struct Process {
    pub store: FaultyStore,
    pub bench: Bench,
}

/// Waits for a storage that fails, for a second.
struct Patient;

impl Watcher for Patient {
    fn failing(&self, _error: &LakeError, _pause: Duration) {}
    fn recovered(&self) {}
    fn budget(&self) -> Duration {
        Duration::from_secs(1)
    }
}

impl Process {
    pub fn new(objects: &Arc<InMemory>, fates: Fates) -> Self {
        Self::on(FaultyStore::new(objects.clone(), fates))
    }

    /// A process on this store.
    pub fn on(store: FaultyStore) -> Self {
        let patience = Patience::hurried(Arc::new(Patient), Duration::from_micros(10));
        let lake = Lake::in_store(Arc::new(store.clone())).with_patience(patience);
        Self { store, bench: Bench::of(lake) }
    }

    /// A process whose storage works.
    pub fn sound(objects: &Arc<InMemory>) -> Self {
        Self::new(objects, Box::new(|_| Fate::Works))
    }
}

fn is_commit(path: &Path) -> bool {
    path.as_ref().contains("ledger/_delta_log/") && path.as_ref().ends_with(".json")
}

/// Gives the n-th write of a commit after the table's creation this fate, and all else none.
fn at_commit(nth: usize, fate: Fate) -> Fates {
    let mut seen = 0;
    Box::new(move |path| {
        // The log's entries are read, too: version 0 is the table's own.
        let is_it = is_commit(path) && !path.as_ref().ends_with("00000000000000000000.json");
        seen += usize::from(is_it);
        if is_it && seen == nth { fate } else { Fate::Works }
    })
}

/// The offsets in the ledger, in order. All records of these tests are rejects.
pub async fn offsets(objects: &Arc<InMemory>) -> Vec<i64> {
    let lake = Process::sound(objects).bench.open().await;
    let mut offsets: Vec<i64> =
        lake.rejects().await.unwrap().iter().map(|reject| reject.offset.0).collect();
    offsets.sort_unstable();
    offsets
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_recognised_and_not_repeated() {
    let objects = Arc::new(InMemory::new());
    Process::sound(&objects).bench.open().await;
    let process = Process::new(&objects, at_commit(1, Fate::FailsAfter));
    let mut lake = process.bench.open().await;
    process.bench.commit(&mut lake, 0, &["a", "b"]).await.unwrap();
    assert_eq!(lake.ledger_version().0, 1);
    process.bench.commit(&mut lake, 2, &["c"]).await.unwrap();
    assert_eq!(offsets(&objects).await, [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_is_tried_again() {
    let objects = Arc::new(InMemory::new());
    Process::sound(&objects).bench.open().await;
    let process = Process::new(&objects, at_commit(1, Fate::FailsBefore));
    let mut lake = process.bench.open().await;
    process.bench.commit(&mut lake, 0, &["a"]).await.unwrap();
    assert_eq!(offsets(&objects).await, [0]);
}

/// Delta's kernel reads the log behind our backs, and has errors of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_read_for_a_moment_is_read_again() {
    let objects = Arc::new(InMemory::new());
    Process::sound(&objects).bench.open().await;
    for table in ["ledger", "roster", "rates"] {
        for nth in 1..=3 {
            let mut seen = 0;
            let entry = format!("{table}/_delta_log/00000000000000000000.json");
            let fate = move |path: &Path| {
                let is_it = path.as_ref().ends_with(&entry);
                seen += usize::from(is_it);
                if is_it && seen == nth { Fate::FailsBefore } else { Fate::Works }
            };
            Process::new(&objects, Box::new(fate)).bench.open().await;
        }
    }
}

/// S3 refuses a name while another put of it is under way, which may then come to nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_refused_though_its_name_is_free_is_tried_again() {
    let objects = Arc::new(InMemory::new());
    Process::sound(&objects).bench.open().await;
    let process = Process::new(&objects, at_commit(1, Fate::IsRefused));
    let mut lake = process.bench.open().await;
    process.bench.commit(&mut lake, 0, &["a"]).await.unwrap();
    assert_eq!(offsets(&objects).await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_whose_creation_is_not_answered_is_found_and_gone_on_with() {
    for fate in [Fate::FailsBefore, Fate::FailsAfter] {
        let objects = Arc::new(InMemory::new());
        let mut seen = false;
        let process = Process::new(
            &objects,
            Box::new(move |path| match is_commit(path) && !std::mem::replace(&mut seen, true) {
                true => fate,
                false => Fate::Works,
            }),
        );
        let mut lake = process.bench.open().await;
        process.bench.commit(&mut lake, 0, &["a"]).await.unwrap();
        assert_eq!(offsets(&objects).await, [0], "{fate:?}");
    }
}

/// Several instances that start on an empty lake at once: between any two things that one of them does, another does
/// all of it.
#[tokio::test(flavor = "multi_thread")]
async fn tables_that_somebody_else_creates_meanwhile_are_found_and_gone_on_with() {
    for nth in 1..=24 {
        let objects = Arc::new(InMemory::new());
        let (behind, mut done) = (objects.clone(), 0);
        let meanwhile = move |_: &Path| {
            done += 1;
            if done == nth {
                somebody_else_opens(behind.clone());
            }
            Fate::Works
        };
        let lake = Process::new(&objects, Box::new(meanwhile)).bench.open().await;
        assert_eq!(lake.ledger_version().0, 0, "created once, at whatever step: {nth}");
    }
}

fn somebody_else_opens(objects: Arc<InMemory>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let opens =
        move || runtime.block_on(async { drop(Process::sound(&objects).bench.open().await) });
    std::thread::spawn(opens).join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_overwrites_is_refused_and_nothing_in_it_has_changed() {
    let objects = Arc::new(InMemory::new());
    let sound = Process::sound(&objects).bench;
    sound.commit(&mut sound.open().await, 0, &["a"]).await.unwrap();
    let bench = Bench::of(Lake::in_store(Arc::new(FaultyStore::overwriting(objects.clone()))));
    let opened =
        PipelineLake::open(&bench.lake, bench.pipeline.clone(), &bench.identity()).await.err();
    assert!(matches!(opened, Some(LakeError::Overwriting { .. })), "{opened:?}");
    assert_eq!(offsets(&objects).await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_commit_is_not_taken_for_one_whose_answer_was_lost() {
    let objects = Arc::new(InMemory::new());
    let other = Process::sound(&objects);
    let mut others = other.bench.open().await;
    let process = Process::new(&objects, at_commit(1, Fate::FailsBefore));
    let mut lake = process.bench.open().await;
    other.bench.commit(&mut others, 0, &["a", "b"]).await.unwrap();
    let refused = process.bench.commit(&mut lake, 0, &["a"]).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
    assert_eq!(offsets(&objects).await, [0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_a_part_commits_beside_others_and_loses_only_what_was_taken_over() {
    let objects = Arc::new(InMemory::new());
    let (one, other) = (Process::sound(&objects), Process::sound(&objects));
    let (mut ones, mut others) = (one.bench.open().await, other.bench.open().await);
    let elsewhere = TopicPartition { partition: 4, ..partition() };
    let advance = |from: Option<i64>, to| Advance { from: from.map(Offset), to: Offset(to) };
    for round in 0..3 {
        let from = (round > 0).then_some(round);
        let rows = one.bench.rows(round, &["a"]);
        let moved = BTreeMap::from([(partition(), advance(from, round + 1))]);
        ones.commit(rows, &moved, Share::Part).await.unwrap();
        let moved = BTreeMap::from([(elsewhere.clone(), advance(from, round + 1))]);
        others.commit(LedgerRows::default(), &moved, Share::Part).await.unwrap();
    }
    let stolen = BTreeMap::from([(partition(), advance(Some(3), 4))]);
    others.commit(other.bench.rows(3, &["a"]), &stolen, Share::Part).await.unwrap();
    let refused = ones.commit(one.bench.rows(3, &["a"]), &stolen, Share::Part).await.unwrap();
    assert_eq!(refused.lost, [partition()]);
    assert_eq!(offsets(&objects).await, [0, 1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn patience_that_ends_leaves_the_ledger_as_it_was() {
    let objects = Arc::new(InMemory::new());
    Process::sound(&objects).bench.open().await;
    let fails = |path: &Path| if is_data(path) { Fate::FailsBefore } else { Fate::Works };
    let process = Process::new(&objects, Box::new(fails));
    let mut lake = process.bench.open().await;
    let refused = process.bench.commit(&mut lake, 0, &["a"]).await;
    assert!(matches!(refused, Err(LakeError::Unavailable { .. })), "{refused:?}");
    assert_eq!(offsets(&objects).await, Vec::<i64>::new());
}

fn is_data(path: &Path) -> bool {
    path.as_ref().ends_with(".parquet")
}

/// Dice that fall the same way for the same seed.
#[derive(Clone)]
pub struct Dice(pub Arc<AtomicU64>);

impl Dice {
    fn below(&self, sides: u64) -> u64 {
        let next = |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let state = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |s| Some(next(s)));
        (next(state.unwrap()) >> 33) % sides
    }
}

pub fn any_fate(dice: Dice) -> Fates {
    Box::new(move |_| match dice.below(400) {
        0..3 => Fate::FailsBefore,
        3..6 => Fate::FailsAfter,
        6 => Fate::DiesBefore,
        7 => Fate::DiesAfter,
        _ => Fate::Works,
    })
}

/// Processes that feed one ledger, one after the other or two at once, each until it dies or is taken over, until the
/// ledger holds every record.
async fn every_record_is_one_row(seed: u64) {
    let objects = Arc::new(InMemory::new());
    let dice = Dice(Arc::new(AtomicU64::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
    Process::sound(&objects).bench.open().await;
    let sleepers: Mutex<Vec<(Process, PipelineLake, i64)>> = Mutex::new(Vec::new());
    loop {
        let process = Process::new(&objects, any_fate(dice.clone()));
        let next = live(process, &dice, &sleepers).await;
        assert!(next <= RECORDS);
        if next == RECORDS {
            break;
        }
    }
    let expected: Vec<i64> = (0..RECORDS).collect();
    assert_eq!(offsets(&objects).await, expected, "seed {seed}");
}

/// One process from its start to its death, or to the end of the records. It may fall asleep instead, and wake up when
/// others have gone on. Returns the offset it has come to.
async fn live(
    process: Process,
    dice: &Dice,
    sleepers: &Mutex<Vec<(Process, PipelineLake, i64)>>,
) -> i64 {
    let opened = async {
        let identity = process.bench.identity();
        let lake =
            PipelineLake::open(&process.bench.lake, process.bench.pipeline.clone(), &identity);
        let lake = lake.await.ok()?;
        let next = lake.next_offset(&partition()).await.ok()?;
        Some((lake, next.map_or(0, |offset| offset.0)))
    };
    let Some((mut lake, mut next)) = process.store.unless_dead(opened).await.flatten() else {
        return 0;
    };
    while next < RECORDS {
        if dice.below(8) == 0 {
            sleepers.lock().unwrap().push((process, lake, next));
            return 0;
        }
        let awake = sleepers.lock().unwrap().pop().filter(|_| dice.below(3) == 0);
        if let Some((sleeper, mut its_lake, its_next)) = awake {
            // It goes on as if nothing had happened; if something has, it must be refused.
            commit_some(&sleeper, &mut its_lake, its_next, dice).await;
        }
        match commit_some(&process, &mut lake, next, dice).await {
            Some(reached) => next = reached,
            None => return 0,
        }
    }
    next
}

/// Commits the next one to five records; returns the offset reached, `None` where the process died or was refused.
async fn commit_some(
    process: &Process,
    lake: &mut PipelineLake,
    next: i64,
    dice: &Dice,
) -> Option<i64> {
    let to = (next + 1 + dice.below(5) as i64).min(RECORDS);
    let values: Vec<String> = (next..to).map(|record| format!("record {record}")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let from = (next > 0).then_some(Offset(next));
    let advances = BTreeMap::from([(partition(), Advance { from, to: Offset(to) })]);
    let share = if dice.below(2) == 0 { Share::Whole } else { Share::Part };
    let commit = lake.commit(process.bench.rows(next, &values), &advances, share);
    process.store.unless_dead(commit).await?.ok().map(|_| to)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_and_whoever_dies_every_record_is_one_row() {
    let seeds = std::env::var("CHUNFENG_FAULT_SEEDS").ok();
    let seeds = seeds.map_or(SEEDS, |seeds| seeds.parse().unwrap());
    for seed in 0..seeds {
        every_record_is_one_row(seed).await;
    }
}
