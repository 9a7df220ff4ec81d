//! Passes of upkeep: what they leave is what was there, in fewer files.

use std::fs::File;
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use super::upkeep::board_of;
use super::*;

/// This moment and so much later.
#[expect(clippy::disallowed_methods, reason = "files are as old as the machine says")]
pub fn hence(seconds: u64) -> EventTime {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    EventTime::from_seconds((now + seconds) as i64)
}

const TWO_DAYS: u64 = 2 * 86_400;

/// Makes every file of a table three days old.
fn age(bench: &Bench, table: &str) {
    let long_ago = EventTime::from_seconds(hence(0).seconds() - 3 * 86_400).seconds();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(long_ago as u64);
    for path in files_below(&folder(bench, table)) {
        File::options().append(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
}

pub async fn pass(bench: &Bench, now: EventTime) -> Vec<TableUpkeep> {
    bench.open().await.keep_up(&bench.lake, now).await.unwrap()
}

/// Commits one departure of a worker of its own at each of these offsets.
pub async fn commit_facts(bench: &Bench, lake: &mut PipelineLake, offsets: std::ops::Range<i64>) {
    for offset in offsets {
        let fact = event(&format!("w{offset}"), "departed", "2022-01-20T00:00:00Z");
        bench.commit(lake, offset, &[&fact]).await.unwrap();
    }
}

/// Takes a roster snapshot of everything committed so far.
pub async fn snapshot(bench: &Bench, lake: &mut PipelineLake) {
    let (snapshot, version) =
        (roster_of(lake, &bench.recalled().await).await, lake.ledger_version());
    lake.replace_roster(&Scope::Whole, snapshot, version).await.unwrap();
}

/// Every offset of the ledger, in the order of files and rows, and every row's text.
pub async fn ledger_rows(bench: &Bench) -> Vec<(i64, String)> {
    let (lake, mut rows) = (bench.open().await, Vec::new());
    for file in lake.ledger.files().unwrap() {
        let bytes = lake.ledger.read(&file).await.unwrap().unwrap();
        for batch in parquet_file::decode_all(bytes).unwrap() {
            let offsets = batch.column_by_name("offset").unwrap().as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                rows.push((offsets.value(row), format!("{:?}", batch.slice(row, 1).columns())));
            }
        }
    }
    rows
}

async fn told(bench: &Bench) -> u64 {
    let mut memory = Memory::of(&bench.pipeline);
    bench.open().await.recall(&Scope::Whole, &mut memory).await.unwrap().1
}

fn folder(bench: &Bench, table: &str) -> PathBuf {
    bench.folder.as_ref().unwrap().path().join("lake/return-to-work").join(table)
}

/// Every file below a folder.
fn files_below(folder: &FilePath) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn small_files_behind_the_roster_become_one_and_recovery_is_as_before() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    commit_facts(&bench, &mut lake, 0..12).await;
    bench.commit(&mut lake, 12, &["garbage"]).await.unwrap();
    snapshot(&bench, &mut lake).await;
    commit_facts(&bench, &mut lake, 13..23).await;
    let (before, mut rows) = (bench.recalled().await, ledger_rows(&bench).await);
    assert_eq!((rows.len(), told(&bench).await), (23, 10));

    let done = pass(&bench, hence(0)).await;
    assert_eq!((done[0].merged, done[0].into, done[0].files), (13, 1, 11));
    let merged = ledger_rows(&bench).await;
    let of_large = merged.iter().filter(|(offset, _)| *offset < 13);
    let of_large: Vec<i64> = of_large.map(|(offset, _)| *offset).collect();
    assert_eq!(of_large, (0..13).collect::<Vec<_>>(), "sorted by offset");
    rows.sort();
    let mut after = merged;
    after.sort();
    assert_eq!(after, rows, "every row once, each as it was");
    assert_eq!(bench.recalled().await, before);
    assert_eq!(told(&bench).await, 10, "the ledger behind the roster is read, and no more");

    commit_facts(&bench, &mut lake, 23..24).await;
    snapshot(&bench, &mut lake).await;
    let done = pass(&bench, hence(0)).await;
    assert_eq!((done[0].merged, done[0].files), (12, 1), "small outcomes go on growing");
    assert_eq!((ledger_rows(&bench).await.len(), told(&bench).await), (24, 0));
    assert_eq!(pass(&bench, hence(0)).await[0].merged, 0);
    assert_eq!(bench.open().await.rejects().await.unwrap()[0].sealed, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_still_tells_of_a_large_file_what_it_told_of_the_small_ones() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    commit_facts(&bench, &mut lake, 0..9).await;
    snapshot(&bench, &mut lake).await;
    let newest = lake.newest_event_time().await.unwrap();
    pass(&bench, hence(0)).await;
    let lake = bench.open().await;
    assert_eq!(lake.newest_event_time().await.unwrap(), newest);
    let only = lake.ledger.files().unwrap().remove(0);
    assert!(only.path.starts_with("dt=2022-03-01/part-"));
    let says: serde_json::Value = serde_json::from_str(&only.statistics.unwrap()).unwrap();
    assert_eq!((&says["numRecords"], &says["maxValues"]["offset"]), (&9.into(), &8.into()));
    assert_eq!(says["nullCount"]["area"], 0);
    assert_eq!(lake.next_offset(&partition()).await.unwrap(), Some(Offset(9)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_roster_the_ledger_is_left_as_it_is() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    commit_facts(&bench, &mut lake, 0..9).await;
    assert_eq!(pass(&bench, hence(0)).await[0].merged, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_are_put_together_and_what_was_published_is_remembered() {
    let bench = Bench::new();
    let (mut lake, mut published) = (bench.open().await, PublishedRates::default());
    for count in 1..10 {
        lake.publish(&board_of(&bench, count), &mut published, Causes::Unknown, EARLIEST)
            .await
            .unwrap();
    }
    let done = pass(&bench, hence(0)).await;
    assert_eq!((done[2].table, done[2].merged, done[2].files), ("rates", 9, 1));
    let mut published = bench.open().await.published().await.unwrap();
    lake.publish(&board_of(&bench, 9), &mut published, Causes::Unknown, EARLIEST).await.unwrap();
    assert_eq!(bench.open().await.rates.files().unwrap().len(), 1, "it says nothing anew");
    lake.publish(&board_of(&bench, 10), &mut published, Causes::Unknown, EARLIEST).await.unwrap();
    assert_eq!(bench.open().await.rates.files().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_live_commits_two_upkeeps_neither_lose_nor_double_a_row() {
    const RECORDS: i64 = 60;
    let bench = Arc::new(Bench::new());
    bench.open().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let upkeep = |bench: Arc<Bench>, is_over: Arc<AtomicBool>| async move {
        let mut merged = 0;
        while !is_over.load(Ordering::Relaxed) {
            merged += pass(&bench, hence(0)).await[0].merged;
        }
        merged
    };
    let runtime = tokio::runtime::Handle::current();
    let upkeeps = [(); 2].map(|()| {
        let (runtime, bench, is_over) = (runtime.clone(), bench.clone(), is_over.clone());
        std::thread::spawn(move || runtime.block_on(upkeep(bench, is_over)))
    });
    let mut lake = bench.open().await;
    for first in (0..RECORDS).step_by(10) {
        commit_facts(&bench, &mut lake, first..first + 10).await;
        snapshot(&bench, &mut lake).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    is_over.store(true, Ordering::Relaxed);
    let mut merged = 0;
    for upkeep in upkeeps {
        merged += upkeep.join().unwrap();
    }
    assert!(merged > 0, "nothing was put together");
    let mut offsets: Vec<i64> =
        ledger_rows(&bench).await.into_iter().map(|(offset, _)| offset).collect();
    offsets.sort_unstable();
    assert_eq!(offsets, (0..RECORDS).collect::<Vec<_>>());
    assert_eq!(bench.recalled().await.len(), RECORDS as usize);
}

/// Commits of which each changes nothing, up to this version.
fn empty_commits(bench: &Bench, from: u64, to: u64) {
    for version in from..=to {
        let entry = folder(bench, &format!("ledger/_delta_log/{version:020}.json"));
        std::fs::write(entry, r#"{"commitInfo":{}}"#).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_log_is_trimmed_and_everybody_goes_on() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    commit_facts(&bench, &mut lake, 0..3).await;
    let mut sleeper = bench.open().await;
    empty_commits(&bench, 4, 110);
    assert!(lake.ledger.catch_up().await.unwrap());
    lake.ledger.write_checkpoint().await.unwrap();
    empty_commits(&bench, 111, 330);
    let mut idle = bench.open().await;
    assert_eq!(idle.ledger_version().0, 330);
    age(&bench, "ledger");
    assert!(lake.ledger.catch_up().await.unwrap());
    commit_facts(&bench, &mut lake, 3..4).await;

    assert_eq!(pass(&bench, hence(0)).await[0].trimmed, 0, "one may recover from the whole log");
    snapshot(&bench, &mut lake).await;
    let before = bench.recalled().await;
    let done = pass(&bench, hence(0)).await;
    assert_eq!(done[0].trimmed, 110, "what is behind the checkpoint that is needed");
    assert!(folder(&bench, "ledger/_delta_log/00000000000000000110.json").exists());

    let at = idle.ledger_version();
    assert!(idle.ledger.catch_up().await.unwrap(), "who stood at {at:?} goes on");
    commit_facts(&bench, &mut idle, 4..5).await;
    assert_eq!((bench.recalled().await.len(), before.len()), (5, 4));
    let advances =
        BTreeMap::from([(partition(), Advance { from: Some(Offset(3)), to: Offset(4) })]);
    let refused = sleeper.commit(bench.rows(3, &["garbage"]), &advances, Share::Part).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_slept_behind_the_trimmed_log_is_refused_and_begins_anew() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    let mut sleeper = bench.open().await;
    for offset in 0..3 {
        bench.commit(&mut lake, offset, &["garbage"]).await.unwrap();
    }
    for version in 0..3 {
        let entry = folder(&bench, &format!("ledger/_delta_log/{version:020}.json"));
        lake.ledger.write_checkpoint().await.unwrap();
        std::fs::remove_file(entry).unwrap();
    }
    for share in [Share::Whole, Share::Part] {
        let advance = Advance { from: None, to: Offset(1) };
        let advances = BTreeMap::from([(partition(), advance)]);
        let refused = sleeper.commit(bench.rows(0, &["garbage"]), &advances, share).await;
        assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
    }
    assert_eq!(bench.open().await.rejects().await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_commit_names_goes_after_a_day_and_no_commit_brings_it_then() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    commit_facts(&bench, &mut lake, 0..2).await;
    snapshot(&bench, &mut lake).await;
    let runs = bench.rows(2, &["garbage"]).into_runs(&bench.pipeline).unwrap();
    let orphan = lake.put_rows(&runs).await.unwrap().remove(0);
    age(&bench, "ledger");
    let held_up = orphan.aged_by_days(3);
    assert_eq!(removed(&bench).await, [0, 0, 0], "by the storage's clock it is not old");
    commit_facts(&bench, &mut bench.open().await, 2..3).await;
    assert_eq!(removed(&bench).await, [1, 0, 0]);

    // Its commit was held up, and is based on what was there before: it must not bring a file that is gone.
    let brought = lake.ledger.append(&[held_up], &[], |_| true).await;
    assert!(matches!(brought, Err(LakeError::Fenced { .. })), "{brought:?}");
    assert_eq!((ledger_rows(&bench).await.len(), bench.recalled().await.len()), (3, 3));
    commit_facts(&bench, &mut bench.open().await, 3..4).await;
    assert_eq!(removed(&bench).await, [0, 0, 0]);
}

async fn removed(bench: &Bench) -> Vec<usize> {
    pass(bench, hence(0)).await.iter().map(|table| table.removed).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_out_stays_a_day_for_its_readers_however_old_it_is() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    commit_facts(&bench, &mut lake, 0..9).await;
    snapshot(&bench, &mut lake).await;
    age(&bench, "ledger");
    age(&bench, "roster");
    snapshot(&bench, &mut lake).await;
    drop(lake); // and leaves the roster file that it has replaced
    assert_eq!(pass(&bench, hence(0)).await[0].merged, 9);
    assert_eq!(removed(&bench).await, [0, 0, 0]);

    // Two days later.
    for table in ["ledger", "roster"] {
        taken_out_long_ago(&folder(&bench, &format!("{table}/_delta_log")));
    }
    assert_eq!(removed(&bench).await, [9, 1, 0]);
    assert_eq!(files_below(&folder(&bench, "ledger/dt=2022-03-01")).len(), 1);
    assert_eq!((ledger_rows(&bench).await.len(), bench.recalled().await.len()), (9, 9));
}

/// Puts back in the log when files were taken out.
fn taken_out_long_ago(log: &FilePath) {
    let key = "\"deletionTimestamp\":";
    for entry in
        files_below(log).iter().filter(|path| path.extension().is_some_and(|it| it == "json"))
    {
        let text = std::fs::read_to_string(entry).unwrap();
        let mut parts = text.split(key);
        let mut aged = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap();
            let milliseconds: u64 = part[..digits].parse().unwrap();
            aged.push_str(&format!("{key}{}{}", milliseconds - TWO_DAYS * 1_000, &part[digits..]));
        }
        std::fs::write(entry, aged).unwrap();
    }
}
