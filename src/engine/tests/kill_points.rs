//! SIGKILL between every pair of steps by which a ledger commit, its panes, its rates, a roster snapshot or a checkpoint
//! come to be, each by its name: whoever goes on afterwards makes of the log what one who was never killed makes of it.
//!
//! A test starts its own program once more as the victim, on a lake in a folder: the real engine and the real disk. What
//! the victim leaves is gone on with in the test itself.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use super::super::follower::Follower;
use super::super::{AsOf, Drained, Engine, Life, Publication, Sink, Source, Stop, board_as_of};
use super::world::{Shards, return_to_work, time};
use crate::area::Boundaries;
use crate::board::{Board, Figure, FigureKey};
use crate::clock::{Clock, ManualClock};
use crate::decode::{Key, Offset, PseudonymScheme, RecordBatch, TopicPartition};
use crate::error::Result;
use crate::lake::tests::{Before, deadly};
use crate::lake::{Lake, PipelineLake, Share};
use crate::telemetry::EngineMetrics;

const SIGKILL: i32 = 9;
const PARTITIONS: usize = 2;
/// So many records a partition, and a commit for every so many of them.
const RECORDS: usize = 24;
const RECORDS_A_COMMIT: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

/// Tell the victim what it is to do.
const LAKE: &str = "CHUNFENG_KILL_POINT_LAKE";
const POINT: &str = "CHUNFENG_KILL_POINT";

/// An object, by where it lies and what it holds.
#[derive(Clone, Copy)]
struct Object {
    /// A part of its folder's path.
    folder: &'static str,
    holds: Holds,
    /// The victim dies at the one of this number.
    number: usize,
    /// What the engine makes of what it counts.
    publication: Publication,
    /// How long the ledger's log is before the victim begins.
    log_before: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Parquet,
    /// An entry of a log.
    Entry,
    /// Where a log's checkpoint is.
    Pointer,
    Else,
}

impl Holds {
    fn of(content: &[u8]) -> Self {
        let text = String::from_utf8_lossy(content);
        match content {
            [b'P', b'A', b'R', b'1', ..] => Self::Parquet,
            [b'{', ..] if text.contains("commitInfo") => Self::Entry,
            [b'{', ..] => Self::Pointer,
            _ => Self::Else,
        }
    }
}

const fn object(folder: &'static str, holds: Holds, number: usize) -> Object {
    Object { folder, holds, number, publication: Publication::Panes, log_before: None }
}

const fn published(folder: &'static str, holds: Holds, number: usize) -> Object {
    Object { publication: Publication::Boards, ..object(folder, holds, number) }
}

/// Of a checkpoint, which comes with every hundredth commit.
const fn in_the_long_run(folder: &'static str, holds: Holds) -> Object {
    Object { log_before: Some(97), ..object(folder, holds, 1) }
}

/// A test for each moment of each object. The victim finds its point by the same two names.
macro_rules! kill_points {
    ($($name:ident: $object:expr;)*) => {
        $(mod $name {
            use super::*;

            kill_points! { $name at
                killed_before_it_is_written: ItIsWritten,
                killed_before_it_is_synced: ItIsSynced,
                killed_before_it_has_its_name: ItHasItsName,
                killed_before_its_name_is_synced: ItsNameIsSynced,
                killed_before_its_draft_goes: ItsDraftGoes,
                killed_before_it_is_answered: ItIsAnswered,
            }
        })*

        const OBJECTS: &[(&str, Object)] = &[$((stringify!($name), $object)),*];
    };
    ($name:ident at $($test:ident: $moment:ident,)*) => {
        $(#[test]
        fn $test() {
            dies_and_another_goes_on(stringify!($name), Before::$moment);
        })*
    };
}

use Holds::{Else, Entry, Parquet, Pointer};

kill_points! {
    creation_of_the_ledger: object("ledger/_delta_log", Entry, 1);
    data_of_the_ledger: object("ledger/dt=", Parquet, 2);
    commit_of_the_ledger: object("ledger/_delta_log", Entry, 3);
    checkpoint_of_the_ledger: in_the_long_run("ledger/_delta_log", Parquet);
    pointer_to_the_checkpoint: in_the_long_run("ledger/_delta_log", Pointer);
    sample_of_entities: object("panes/_sample", Else, 1);
    data_of_panes: object("/panes/", Parquet, 2);
    commit_of_panes: object("panes/_delta_log", Entry, 3);
    data_of_rates: published("rates/dt=", Parquet, 2);
    commit_of_rates: published("rates/_delta_log", Entry, 3);
    data_of_the_roster: object("/roster/", Parquet, 1);
    commit_of_the_roster: object("roster/_delta_log", Entry, 2);
}

const MOMENTS: [Before; 6] = [
    Before::ItIsWritten,
    Before::ItIsSynced,
    Before::ItHasItsName,
    Before::ItsNameIsSynced,
    Before::ItsDraftGoes,
    Before::ItIsAnswered,
];

fn object_named(name: &str) -> Object {
    OBJECTS.iter().find(|(known, _)| *known == name).expect("an object").1
}

fn moment_named(name: &str) -> Before {
    *MOMENTS.iter().find(|known| format!("{known:?}") == name).expect("a moment")
}

fn dies_and_another_goes_on(name: &str, moment: Before) {
    let object = object_named(name);
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("lake");
    if let Some(version) = object.log_before {
        run(lake(&folder), object.publication, RECORDS / 2);
        lengthen_the_log(&folder, version);
    }
    let victim = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "--ignored", "engine::tests::kill_points::victim"])
        .envs([(LAKE, folder.as_os_str()), (POINT, format!("{name} {moment:?}").as_ref())])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let ended = victim.expect("a victim");
    assert_eq!(ended.signal(), Some(SIGKILL), "it comes to its point: {ended}");
    run(lake(&folder), object.publication, RECORDS);
    assert_is_as_if_nothing_had_happened(&folder, object.publication);
}

#[test]
#[ignore = "is killed: the tests around it start it"]
fn victim() {
    let told = |name| std::env::var(name).expect("whoever starts the victim tells it what to do");
    let (folder, point) = (told(LAKE), told(POINT));
    let (object, moment) = point.split_once(' ').expect("two names");
    let (object, moment) = (object_named(object), moment_named(moment));
    let seen = AtomicUsize::new(0);
    let is_meant = move |folder: &Path, content: &[u8]| {
        let is_like_it = folder.display().to_string().contains(object.folder)
            && Holds::of(content) == object.holds;
        is_like_it && seen.fetch_add(1, Ordering::Relaxed) + 1 == object.number
    };
    let store = deadly(moment, Box::new(is_meant)).expect("a store");
    let lake = lake(Path::new(&folder)).in_another_store(Arc::new(store));
    run(lake, object.publication, RECORDS);
}

fn lake(folder: &Path) -> Lake {
    Lake::at(&folder.to_string_lossy()).expect("a lake")
}

/// Commits that change nothing, up to this version of the ledger.
fn lengthen_the_log(folder: &Path, version: u64) {
    let log = folder.join("return-to-work/ledger/_delta_log");
    let entry = |version: u64| log.join(format!("{version:020}.json"));
    let first = (0..).find(|version| !entry(*version).exists()).expect("an end");
    for version in first..=version {
        fs::write(entry(version), r#"{"commitInfo":{}}"#).expect("an entry");
    }
}

/// Runs an engine on the first so many records of each partition, until all of them are committed.
fn run(lake: Lake, publication: Publication, records: usize) {
    let engine = Engine {
        pipelines: vec![return_to_work()],
        lake,
        key: key(),
        shards: 1,
        commit_interval: Duration::from_secs(3_600),
        replay_at_most: Duration::from_secs(20),
        life: Life::Live,
        as_of: AsOf::Clock,
        publication,
        clock: clock(),
        boards: Arc::default(),
        metrics: Arc::new(EngineMetrics::new().expect("metrics")),
    };
    engine.run(Box::new(Log { publication, records }), &Stop::default()).expect("nothing fails");
}

fn key() -> Arc<Key> {
    Arc::new(Key::new(&[7; 32], PseudonymScheme::Blake3))
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(time("2022-03-01T00:00:00Z")))
}

fn partition(number: usize) -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: number as i32 }
}

/// Records of a partition: workers who depart, and of whom every other one returns.
fn batch(of: usize, offsets: std::ops::Range<usize>) -> RecordBatch {
    let mut batch = RecordBatch::new(partition(of));
    for offset in offsets {
        let event = |kind, day| {
            format!(
                r#"{{"type":"cn.hr.worker.{kind}.v1","subject":"w{of}-{}","time":"2022-02-{day}T00:00:00Z","data":{{"area":"350206","mode":"rail"}}}}"#,
                offset / 2
            )
        };
        let value = match offset % 4 {
            0 | 2 => event("departed", 10),
            1 => event("returned", 20),
            _ => "garbage".to_owned(),
        };
        let written = time("2022-02-27T00:00:00Z");
        batch.push(Offset(offset as i64), written, Some(value.as_bytes()), Vec::new());
    }
    batch
}

/// The log, of which so many records a partition are there.
struct Log {
    publication: Publication,
    records: usize,
}

impl Source for Log {
    fn share_at_first(&self) -> Share {
        match self.publication {
            Publication::Boards => Share::Whole,
            Publication::Panes => Share::Part,
        }
    }

    fn run(self: Box<Self>, sink: Sink) -> Result<()> {
        let partitions: Vec<_> = (0..PARTITIONS).map(partition).collect();
        let assigned = sink.assigned(&partitions, self.share_at_first())?;
        wait_until_ready(&sink);
        for first in (0..self.records).step_by(RECORDS_A_COMMIT) {
            for of in 0..PARTITIONS {
                let begin = assigned.begins[&partition(of)].map_or(0, |begin| begin.0 as usize);
                let batch = batch(of, first.max(begin)..(first + RECORDS_A_COMMIT).max(begin));
                assert!(sink.send(batch, assigned.assignment), "the engine lives");
            }
            assert_eq!(sink.drain(PATIENCE), Drained::Committed);
        }
        Ok(())
    }
}

fn wait_until_ready(sink: &Sink) {
    let (began, mut ready) = (Instant::now(), 0);
    while ready < PARTITIONS {
        ready += sink.newly_ready().len();
        assert!(began.elapsed() < PATIENCE, "nothing is ready");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Who counts, by rate, area and way of travel.
fn counts(board: &Board) -> Vec<(FigureKey, i64, i64)> {
    let counts = |figure: &Figure| (figure.key, figure.numerator, figure.denominator);
    let counts = board.figures.iter().map(counts);
    counts.filter(|(_, numerator, denominator)| (*numerator, *denominator) != (0, 0)).collect()
}

/// What every board is to count.
static WANTED: LazyLock<Vec<(FigureKey, i64, i64)>> = LazyLock::new(|| {
    let mut shards = Shards::new(&return_to_work(), 1);
    for of in 0..PARTITIONS {
        shards.feed_records(&batch(of, 0..RECORDS), key());
    }
    counts(&shards.close(clock().now()))
});

fn assert_is_as_if_nothing_had_happened(folder: &Path, publication: Publication) {
    assert!(WANTED.iter().any(|(_, returned, departed)| (*returned, *departed) == (12, 24)));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let tables = PipelineLake::open_existing(&lake(folder), "return-to-work").await;
        let tables = tables.expect("tables");
        let offsets = tables.all_offsets().await.expect("offsets");
        for of in 0..PARTITIONS {
            let wanted: Vec<i64> = (0..RECORDS as i64).collect();
            assert_eq!(offsets[&partition(of)], wanted, "each record once");
        }
        let remembered =
            board_as_of(&tables, Some(clock().now()), Boundaries::Now).await.expect("a board");
        assert_eq!(counts(&remembered), *WANTED, "what the lake remembers");
        let published = match publication {
            Publication::Boards => {
                let published = tables.published().await.expect("rates");
                published.last_board(&return_to_work()).map(Arc::new)
            }
            Publication::Panes => followed(folder).await,
        };
        assert_eq!(counts(&published.expect("a board")), *WANTED, "what is published");
    });
}

/// The board that `serve` makes of it.
async fn followed(folder: &Path) -> Option<Arc<Board>> {
    let follower = Follower {
        lake: lake(folder),
        interval: Duration::from_secs(1),
        as_of: AsOf::Clock,
        clock: clock(),
        boards: Arc::default(),
        metrics: Arc::new(EngineMetrics::new().expect("metrics")),
    };
    follower.look(&mut BTreeMap::new()).await.expect("a lake to follow");
    assert_eq!(follower.metrics.why_withheld(), None);
    follower.boards.all().pop()
}
