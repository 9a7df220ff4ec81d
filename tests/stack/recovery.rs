//! A restart after SIGKILL with many entities: what was published last is served before any roster is loaded, and all of
//! it is live again soon, beside a plain scan of the same snapshot.
//!
//! `CHUNFENG_STACK_ENTITIES` says how many; the claim of docs/reliability.md is of ten million in a release build. The
//! ratio is held against its bound from a million on: below, the group's own pauses are longer than the loading.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::broker::{Broker, Record};
use crate::http;
use crate::kafka::{COMES_BACK, TOPIC, broker_with_partitions, wait_until_all_committed};
use crate::process::Process;
use crate::program::{Home, Lake, START, STOP, address};

const ENTITIES: usize = 100_000;
const PARTITIONS: i32 = 16;
const AREAS: [&str; 7] = ["350206", "350203", "350211", "330782", "330702", "110105", "310115"];
/// Come behind the last snapshot, so that there is something to replay.
const BEHIND: usize = 1_000;
/// 2022-03-04T00:00:00+08:00.
const SENT: i64 = 1_646_323_200;
const LIVE: Duration = Duration::from_secs(600);
/// The most that a restart may take, in plain scans of the snapshot.
const SCANS_MOST: f64 = 3.0;

#[test]
fn after_a_kill_the_last_rates_are_served_at_once_and_everything_is_live_again_soon() {
    let entities = entities();
    let home = Home::new();
    let lake = home.lake("lake");
    let broker = broker_with_partitions(PARTITIONS);

    let mut first = lake.run("first", &broker, &COMES_BACK);
    send(&broker, "departed", 1, 0..entities);
    send(&broker, "returned", 15, 0..entities * 7 / 10);
    wait_until_all_committed(&mut first, &lake, &broker, PARTITIONS);
    assert!(first.terminate(LIVE).success(), "{}", first.log());
    let mut second = lake.run("second", &broker, &COMES_BACK);
    send(&broker, "returned", 15, entities - BEHIND..entities);
    wait_until_all_committed(&mut second, &lake, &broker, PARTITIONS);
    let published = wait_for_board(&mut second, entities * 7 / 10 + BEHIND);
    second.kill();

    let before = scan(&lake, entities);
    let restart = restarted(&lake, &broker, entities);
    let scanned = before.min(scan(&lake, entities));
    let ratio = restart.live.as_secs_f64() / scanned.as_secs_f64();
    eprintln!(
        "{entities} entities: the last rates are served after {:.2?}, with {} of them loaded; all of it is live after \
         {:.2?}, a plain scan takes {scanned:.2?}: {ratio:.2} scans",
        restart.served, restart.loaded_then, restart.live
    );
    assert_eq!(restart.board, published, "the board that hangs at once is the one published last");
    assert!(restart.loaded_then < entities as u64, "it is served before every entity is there");
    if entities >= 1_000_000 {
        assert!(ratio <= SCANS_MOST, "{ratio:.2} scans");
    }
}

fn entities() -> usize {
    let asked = std::env::var("CHUNFENG_STACK_ENTITIES").ok();
    asked.map_or(ENTITIES, |text| text.parse().expect("CHUNFENG_STACK_ENTITIES is a number"))
}

/// Moments and places differ from worker to worker, as they do in life: alike they would be a snapshot of hardly any bytes.
fn send(broker: &Broker, kind: &str, day: u32, workers: std::ops::Range<usize>) {
    let sender = broker.sender();
    for worker in workers {
        let subject = format!("worker-{worker:09}");
        let second = worker.wrapping_mul(2_654_435_761) % (9 * 86_400);
        let (day, hour) = (day + (second / 86_400) as u32, second / 3_600 % 24);
        let (minute, second) = (second / 60 % 60, second % 60);
        let area = AREAS[worker % AREAS.len()];
        let value = format!(
            r#"{{"specversion":"1.0","id":"{worker}","source":"/huli","type":"cn.hr.worker.{kind}.v1","subject":"{subject}","time":"2022-02-{day:02}T{hour:02}:{minute:02}:{second:02}Z","data":{{"area":"{area}","mode":"rail"}}}}"#
        );
        sender.send(&Record {
            topic: TOPIC,
            key: subject.as_bytes(),
            value: value.as_bytes(),
            timestamp_seconds: SENT,
        });
    }
    sender.flush();
}

/// How a restart went.
struct Restart {
    /// Until the first board hung.
    served: Duration,
    /// How many entities and facts had been loaded then.
    loaded_then: u64,
    /// How many had returned by that board.
    board: u64,
    /// Until it was ready.
    live: Duration,
}

fn restarted(lake: &Lake, broker: &Broker, entities: usize) -> Restart {
    let began = Instant::now();
    let mut third = lake.run("third", broker, &COMES_BACK);
    let surface = address(&mut third);
    let (board, loaded_then) = third.until(START, "it serves the last rates", |_| {
        let metrics = http::get(surface, "/metrics")?;
        Some((returned(&metrics)?, value(&metrics, "chunfeng_recovered_rows_total ")?))
    });
    let served = began.elapsed();
    third.until(LIVE, "it is live", |_| http::get(surface, "/readyz"));
    let live = began.elapsed();
    let metrics = http::get(surface, "/metrics").expect("metrics");
    let known = value(&metrics, "chunfeng_recovered_rows_total ").expect("a count");
    assert!(known >= entities as u64, "{known} of {entities} were recalled");
    assert!(third.terminate(STOP).success(), "{}", third.log());
    Restart { served, loaded_then, board, live }
}

/// Until the board counts so many who have returned.
fn wait_for_board(run: &mut Process, wanted: usize) -> u64 {
    let surface = address(run);
    run.until(LIVE, "the board counts everybody", |_| {
        let returned = returned(&http::get(surface, "/metrics")?)?;
        (returned == wanted as u64).then_some(returned)
    })
}

fn returned(metrics: &str) -> Option<u64> {
    value(
        metrics,
        r#"chunfeng_rate_numerator{area="100000",level="country",pipeline="return-to-work",rate="return_rate"} "#,
    )
}

fn value(metrics: &str, series: &str) -> Option<u64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.parse().ok())
}

/// How long the parquet crate takes to read every column of the snapshot, on one thread.
fn scan(lake: &Lake, entities: usize) -> Duration {
    let files = live_files(lake);
    let began = Instant::now();
    let mut rows = 0;
    for file in files {
        let file = File::open(file).expect("a file of the roster");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
        for batch in reader.build().expect("a reader") {
            rows += batch.expect("rows").num_rows();
        }
    }
    assert_eq!(rows, entities, "the snapshot holds everybody");
    began.elapsed()
}

/// The files of the roster, by its log.
fn live_files(lake: &Lake) -> BTreeSet<PathBuf> {
    let roster = lake.path.join("return-to-work/roster");
    let mut entries: Vec<PathBuf> = fs::read_dir(roster.join("_delta_log"))
        .expect("a log")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    entries.sort();
    let mut live = BTreeSet::new();
    for entry in entries {
        for action in fs::read_to_string(entry).expect("an entry").lines() {
            let action: serde_json::Value = serde_json::from_str(action).expect("an action");
            let path = |what: &str| action[what]["path"].as_str().map(|path| roster.join(path));
            path("remove").iter().for_each(|path| _ = live.remove(path));
            live.extend(path("add"));
        }
    }
    live
}
