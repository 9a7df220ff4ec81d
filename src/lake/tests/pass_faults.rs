//! Passes of upkeep over a storage that fails, and processes that die in the middle of one: no row is lost or doubled.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::faults::{Dice, Process, any_fate, offsets};
use super::faulty::{Fate, FaultyStore};
use super::passes::hence;
use super::upkeep::board_of;
use super::*;

/// What is there before a pass that has everything to do.
struct Before {
    objects: InMemory,
    /// What was written three days ago: leftovers among it, and a log that is due for trimming.
    old: Arc<HashSet<Path>>,
}

/// A snapshot of nobody.
async fn nobody(lake: &PipelineLake) -> RosterSnapshot {
    roster_of(lake, &BTreeMap::new()).await
}

const RECORDS: i64 = 12;

async fn before_a_pass() -> Before {
    let objects = Arc::new(InMemory::new());
    let bench = Process::sound(&objects).bench;
    let mut lake = bench.open().await;
    let runs = bench.rows(99, &["left over"]).into_runs(&bench.pipeline).unwrap();
    lake.put_rows(&runs).await.unwrap();
    for offset in 0..10 {
        bench.commit(&mut lake, offset, &["a"]).await.unwrap();
    }
    let ledger = "lake/return-to-work/ledger/_delta_log";
    lake.ledger.write_checkpoint().await.unwrap();
    for version in 11..=220 {
        let entry = Path::from(format!("{ledger}/{version:020}.json"));
        objects.put(&entry, r#"{"commitInfo":{}}"#.into()).await.unwrap();
        if version == 115 {
            let latest = bench.open().await;
            latest.ledger.write_checkpoint().await.unwrap();
        }
    }
    let old = objects.list(None).map_ok(|object| object.location).try_collect().await.unwrap();
    let mut lake = bench.open().await;
    let version = lake.ledger_version();
    lake.replace_roster(&Scope::Whole, nobody(&lake).await, version).await.unwrap();
    let mut published = PublishedRates::default();
    for count in 1..9 {
        let board = board_of(&bench, count);
        lake.publish(&board, &mut published, Causes::Unknown, EARLIEST).await.unwrap();
    }
    for offset in 10..RECORDS {
        bench.commit(&mut lake, offset, &["a"]).await.unwrap();
    }
    Before { objects: objects.fork(), old: Arc::new(old) }
}

/// A pass whose n-th change of the storage has this fate. Returns whether there was an n-th, and what is there then.
async fn pass_with(before: &Before, nth: usize, fate: Fate) -> (bool, Arc<InMemory>) {
    let objects = Arc::new(before.objects.fork());
    let seen = Arc::new(Mutex::new(0));
    let counted = seen.clone();
    let fates = Box::new(move |_: &Path| {
        let mut seen = counted.lock().unwrap_or_else(PoisonError::into_inner);
        *seen += 1;
        if *seen == nth { fate } else { Fate::Works }
    });
    let store = FaultyStore::failing_to_change(objects.clone(), fates);
    let process = Process::on(store.with_old(before.old.clone()));
    // On a thread of its own: while Delta's kernel writes a checkpoint it waits for the storage without giving way.
    let (runtime, lake) = (tokio::runtime::Handle::current(), process.bench.lake.clone());
    let pass = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            let tables = PipelineLake::open_existing(&lake, "return-to-work").await;
            tables.unwrap().keep_up(&lake, hence(0)).await
        })
    });
    _ = process.store.unless_dead(pass).await; // it failed, or died, or did neither
    let seen = *seen.lock().unwrap_or_else(PoisonError::into_inner);
    (seen >= nth, objects)
}

async fn is_whole(objects: &Arc<InMemory>, what: &str) {
    assert_eq!(offsets(objects).await, (0..RECORDS).collect::<Vec<_>>(), "{what}");
    let bench = Process::sound(objects).bench;
    let mut lake = bench.open().await;
    let mut published = lake.published().await.unwrap();
    let files = lake.rates.files().unwrap().len();
    let board = board_of(&bench, 8);
    lake.publish(&board, &mut published, Causes::Unknown, EARLIEST).await.unwrap();
    assert_eq!(lake.rates.files().unwrap().len(), files, "what was published is known: {what}");
}

/// Every change once, with a fate in turn; with more seeds, with more fates.
#[tokio::test(flavor = "multi_thread")]
async fn a_pass_may_die_or_fail_at_any_change_and_the_next_one_finishes_its_work() {
    const FATES: [Fate; 4] =
        [Fate::DiesAfter, Fate::FailsAfter, Fate::DiesBefore, Fate::FailsBefore];
    let before = before_a_pass().await;
    let (_, done) = pass_with(&before, usize::MAX, Fate::Works).await;
    let left = objects_of(&done).await;
    for seed in 0..seeds(1).min(FATES.len()) {
        for nth in 1.. {
            let fate = FATES[(nth + seed) % FATES.len()];
            let (is_there, objects) = pass_with(&before, nth, fate).await;
            if !is_there {
                assert!(nth > 8, "a pass changes much: {nth}");
                break;
            }
            let what = format!("{fate:?} at change {nth}");
            let again = Before { objects: objects.fork(), old: before.old.clone() };
            is_whole(&objects, &what).await;
            let (_, finished) = pass_with(&again, usize::MAX, Fate::Works).await;
            is_whole(&finished, &what).await;
            let stays = objects_of(&finished).await;
            assert!(stays <= left + 8, "{what}: {stays} objects stay, not about {left}");
        }
    }
}

fn seeds(unless_said: usize) -> usize {
    let seeds = std::env::var("CHUNFENG_FAULT_SEEDS").ok();
    seeds.map_or(unless_said, |seeds| seeds.parse().unwrap())
}

async fn objects_of(objects: &InMemory) -> usize {
    objects.list(None).try_collect::<Vec<_>>().await.unwrap().len()
}

/// Processes that commit, one after the other, each until it dies; beside them two that keep up the tables all the time,
/// each until it dies.
fn nothing_is_lost_beside_upkeep(seed: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let objects = Arc::new(InMemory::new());
    let dice = Dice(Arc::new(AtomicU64::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
    runtime.block_on(async { Process::sound(&objects).bench.open().await });
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let process = Process::new(&objects, any_fate(dice.clone()));
                    runtime.block_on(keep_up_until_dead(&process, &is_over));
                }
            });
        }
        loop {
            let process = Process::new(&objects, any_fate(dice.clone()));
            let reached = runtime.block_on(process.store.unless_dead(commit_all(&process)));
            if reached.is_some_and(|reached| reached) {
                break;
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let whole = |when: &str| {
        let found = runtime.block_on(offsets(&objects));
        assert_eq!(found, (0..40).collect::<Vec<_>>(), "seed {seed}, {when}");
    };
    whole("when all is committed");
    runtime.block_on(async {
        let bench = Process::sound(&objects).bench;
        let mut lake = bench.open().await;
        let version = lake.ledger_version();
        lake.replace_roster(&Scope::Whole, nobody(&lake).await, version).await.unwrap();
        let done = bench.open().await.keep_up(&bench.lake, hence(0)).await.unwrap();
        assert!(done[0].files < 8, "seed {seed}: {done:?}");
    });
    whole("when all is put together");
}

/// Returns whether it came to the end.
async fn commit_all(process: &Process) -> bool {
    let bench = &process.bench;
    let opened = PipelineLake::open(&bench.lake, bench.pipeline.clone(), &bench.identity()).await;
    let Ok(mut lake) = opened else { return false };
    let Ok(next) = lake.next_offset(&partition()).await else { return false };
    for offset in next.map_or(0, |offset| offset.0)..40 {
        if bench.commit(&mut lake, offset, &["a"]).await.is_err() {
            return false;
        }
        let version = lake.ledger_version();
        if offset % 9 == 8
            && lake.replace_roster(&Scope::Whole, nobody(&lake).await, version).await.is_err()
        {
            return false;
        }
    }
    true
}

async fn keep_up_until_dead(process: &Process, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        let pass = async {
            let lake = &process.bench.lake;
            let mut tables = PipelineLake::open_existing(lake, "return-to-work").await?;
            tables.keep_up(lake, hence(0)).await
        };
        if process.store.unless_dead(pass).await.is_none() {
            return;
        }
    }
}

#[test]
fn whatever_fails_and_whoever_dies_beside_upkeep_every_record_is_one_row() {
    (0..seeds(2) as u64).for_each(nothing_is_lost_beside_upkeep);
}
