//! The lake's promises: offsets and rows in one commit, strict compare-and-set, resumption from the lake alone.

pub(crate) use super::local::tests::deadly::{Before, deadly};

mod faults;
pub(crate) mod faulty;
mod pass_faults;
mod passes;
mod recalling;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use tempfile::TempDir;

use super::*;
use crate::decode::{Interpreter, Key, Outcome, PseudonymScheme, Reader, Reason, RecordBatch};
use crate::roster::{
    FactHead, HomeId, Layout, PackedTimelines, Roster, Timeline, TimelineBatch, Token,
};
use crate::spec;
use crate::time::EARLIEST;

const PIPELINE: &str = include_str!("../../pipelines/return-to-work.yaml");

/// A lake in a folder that goes with the test, and what is needed to fill it.
struct Bench {
    folder: Option<TempDir>,
    lake: Lake,
    pipeline: Arc<Pipeline>,
    key: Arc<Key>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::at(&folder.path().join("lake").to_string_lossy()).unwrap();
        Self { folder: Some(folder), ..Self::of(lake) }
    }

    fn of(lake: Lake) -> Self {
        Self {
            lake,
            folder: None,
            pipeline: Arc::new(spec::load_text("return-to-work.yaml", PIPELINE).unwrap()),
            key: Arc::new(Key::new(&[7; 32], PseudonymScheme::Blake3)),
        }
    }

    /// The same lake, for a pipeline whose measures have changed.
    fn counting_otherwise(&self) -> Self {
        let text = PIPELINE.replace("held_for: 3d", "held_for: 4d");
        let pipeline = Arc::new(spec::load_text("return-to-work.yaml", &text).unwrap());
        Self { pipeline, ..Self::of(self.lake.clone()) }
    }

    fn identity(&self) -> Identity {
        Identity::new(&self.pipeline, self.key.fingerprint())
    }

    async fn open(&self) -> PipelineLake {
        PipelineLake::open(&self.lake, self.pipeline.clone(), &self.identity()).await.unwrap()
    }

    /// Rows for these values, from this offset on.
    fn rows(&self, first: i64, values: &[&str]) -> LedgerRows {
        let mut batch = RecordBatch::new(partition());
        for (index, value) in values.iter().enumerate() {
            let time = EventTime::parse("2022-03-01T00:00:00Z").unwrap();
            batch.push(Offset(first + index as i64), time, Some(value.as_bytes()), Vec::new());
        }
        let mut reader = Reader::new();
        let mut interpreter =
            Interpreter::new(self.pipeline.clone(), self.key.clone(), &mut reader);
        let (mut rows, mut picks) = (LedgerRows::default(), reader.picks());
        for record in &batch.records {
            let place = (&batch.partition, record.offset, record.time);
            match reader.read(record, batch.value(record), &mut picks) {
                Ok(()) => {
                    match interpreter.interpret(&picks, interpreter.meaning(&picks), record.time) {
                        Outcome::Fact(fact) => {
                            rows.push_fact(place, &fact, interpreter.fields(), &self.pipeline)
                        }
                        Outcome::Ignored | Outcome::Heartbeat => rows.push_ignored(place),
                        Outcome::Rejected(reason) => rows.push_rejected(place, reason, vec![1]),
                    }
                }
                Err(reason) => rows.push_rejected(place, reason, vec![2]),
            }
        }
        rows
    }

    async fn commit(
        &self,
        lake: &mut PipelineLake,
        first: i64,
        values: &[&str],
    ) -> Result<LedgerVersion, LakeError> {
        let from = lake.next_offset(&partition()).await?;
        let to = Offset(first + values.len() as i64);
        let advances = BTreeMap::from([(partition(), Advance { from, to })]);
        let done = lake.commit(self.rows(first, values), &advances, Share::Whole).await?;
        Ok(done.version)
    }

    async fn recalled(&self) -> BTreeMap<Token, Vec<u64>> {
        let mut remembered = Memory::of(&self.pipeline);
        self.open().await.recall(&Scope::Whole, &mut remembered).await.unwrap();
        remembered.words()
    }
}

impl PipelineLake {
    /// Every offset of the ledger, sorted, by partition.
    pub(crate) async fn all_offsets(
        &self,
    ) -> Result<BTreeMap<TopicPartition, Vec<i64>>, LakeError> {
        let mut offsets: BTreeMap<TopicPartition, Vec<i64>> = BTreeMap::new();
        let columns = &["topic", "partition", "offset"];
        scan::scan(&self.ledger, &self.ledger.files()?, columns, |_, batch| {
            let topics = ledger_read::text_column(batch, "topic")?;
            let partitions = batch.column(1).as_primitive::<arrow::datatypes::Int32Type>();
            let of_rows = batch.column(2).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let topic = topics.as_string::<i32>().value(row).into();
                let partition = TopicPartition { topic, partition: partitions.value(row) };
                offsets.entry(partition).or_default().push(of_rows.value(row));
            }
            Some(())
        })
        .await?;
        offsets.values_mut().for_each(|offsets| offsets.sort_unstable());
        Ok(offsets)
    }
}

struct Memory {
    roster: Roster,
    layout: Arc<Layout>,
}

impl Memory {
    fn of(pipeline: &Pipeline) -> Self {
        let layout = Arc::new(Layout::of(pipeline));
        Self { roster: Roster::new(layout.clone()), layout }
    }

    fn words(&self) -> BTreeMap<Token, Vec<u64>> {
        self.roster.iter().map(|(token, timeline)| (token, timeline.words().to_vec())).collect()
    }
}

impl Remembered for Memory {
    fn timelines(&mut self, _home: &Home, timelines: TimelineBatch, _panes: InPanes) {
        for (entity, words) in timelines.iter() {
            self.roster.change(entity, HERE, |known| *known = Timeline::from_words(words));
        }
    }

    fn fact(
        &mut self,
        _home: &Home,
        entity: Token,
        head: FactHead,
        fields: &[u64],
        _panes: InPanes,
    ) {
        self.roster.change(entity, HERE, |known| known.join(head, fields, &self.layout));
    }
}

const HERE: HomeId = HomeId(0);

/// A snapshot of these timelines, all of one home.
async fn roster_of(lake: &PipelineLake, timelines: &BTreeMap<Token, Vec<u64>>) -> RosterSnapshot {
    let mut writer = lake.roster_writer(EARLIEST);
    let mut packed = PackedTimelines::new(Arc::new(Layout::of(lake.pipeline())));
    for (token, words) in timelines {
        packed.push(*token, &Timeline::from_words(words));
    }
    writer.push(&home(), &packed).await.unwrap();
    writer.finish().await.unwrap()
}

fn home() -> Home {
    Home::Partition(partition())
}

fn partition() -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: 3 }
}

fn event(worker: &str, kind: &str, time: &str) -> String {
    let data = r#""data":{"area":"350206","mode":"rail"}"#;
    format!(r#"{{"type":"cn.hr.worker.{kind}.v1","subject":"{worker}","time":"{time}",{data}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_goes_on_where_its_last_commit_ended() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    assert_eq!(lake.next_offset(&partition()).await.unwrap(), None);
    bench
        .commit(&mut lake, 5, &[&event("w1", "departed", "2022-01-20T00:00:00Z"), "garbage"])
        .await
        .unwrap();
    assert_eq!(bench.open().await.next_offset(&partition()).await.unwrap(), Some(Offset(7)));
    let elsewhere = TopicPartition { partition: 4, ..partition() };
    assert_eq!(lake.next_offset(&elsewhere).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_begin_where_the_ledger_ends_are_refused() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    bench.commit(&mut lake, 0, &["garbage", "garbage"]).await.unwrap();
    for from in [None, Some(Offset(1)), Some(Offset(3))] {
        let advances = BTreeMap::from([(partition(), Advance { from, to: Offset(9) })]);
        let refused = lake.commit(bench.rows(3, &["garbage"]), &advances, Share::Whole).await;
        assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{from:?}: {refused:?}");
    }
    assert_eq!(bench.open().await.rejects().await.unwrap().len(), 2);
    bench.commit(&mut lake, 2, &["garbage"]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_commits_on_an_old_snapshot_is_refused_and_nothing_of_it_stays() {
    let bench = Bench::new();
    let (mut owner, mut zombie) = (bench.open().await, bench.open().await);
    let departed = event("w1", "departed", "2022-01-20T00:00:00Z");
    bench.commit(&mut owner, 0, &[&departed]).await.unwrap();
    let refused = bench.commit(&mut zombie, 0, &[&departed, "garbage"]).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
    let lake = bench.open().await;
    assert_eq!(lake.next_offset(&partition()).await.unwrap(), Some(Offset(1)));
    assert!(
        lake.rejects().await.unwrap().is_empty(),
        "the zombie's rows are not part of the ledger"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn timelines_come_back_the_same_from_the_ledger_alone_and_from_a_snapshot_with_its_tail() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    let first = [
        event("w1", "departed", "2022-01-20T00:00:00Z"),
        event("w2", "departed", "2022-01-21T00:00:00Z"),
    ];
    bench.commit(&mut lake, 0, &[&first[0], &first[1]]).await.unwrap();
    let before = bench.recalled().await;
    assert_eq!(before.len(), 2);

    let (snapshot, version) = (roster_of(&lake, &before).await, lake.ledger_version());
    lake.replace_roster(&Scope::Whole, snapshot, version).await.unwrap();
    assert_eq!(bench.recalled().await, before, "the snapshot alone");

    let late = [
        event("w1", "returned", "2022-02-10T00:00:00Z"),
        event("w1", "return-cancelled", "2022-02-11T00:00:00Z"),
    ];
    bench
        .commit(
            &mut lake,
            2,
            &[&late[0], &late[1], &event("w3", "returned", "2022-02-12T00:00:00Z")],
        )
        .await
        .unwrap();
    let with_tail = bench.recalled().await;
    assert_eq!(with_tail.len(), 3);

    drop(lake);
    std::fs::remove_dir_all(
        bench.folder.as_ref().unwrap().path().join("lake/return-to-work/roster"),
    )
    .unwrap();
    assert_eq!(bench.recalled().await, with_tail, "a deleted roster is rebuilt from the ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_refused_and_so_is_another_way_of_decoding() {
    let bench = Bench::new();
    bench.open().await;
    let other_key = Identity::new(&bench.pipeline, "another");
    let refused = PipelineLake::open(&bench.lake, bench.pipeline.clone(), &other_key).await;
    assert!(matches!(refused, Err(LakeError::Foreign { what: "key", .. })));

    let changed = PIPELINE.replace("path: /data/mode", "path: /data/way");
    let changed = Arc::new(spec::load_text("changed.yaml", &changed).unwrap());
    let identity = Identity::new(&changed, bench.key.fingerprint());
    let refused = PipelineLake::open(&bench.lake, changed, &identity).await;
    assert!(matches!(refused, Err(LakeError::Foreign { what: "way of decoding", .. })));
}

/// Opens a lake whose ledger has had this property set.
async fn refused_with(bench: &Bench, property: &str, value: &str) -> LakeError {
    bench.open().await.ledger.set_properties(vec![(property.into(), value.into())]).await.unwrap();
    let opened = PipelineLake::open(&bench.lake, bench.pipeline.clone(), &bench.identity()).await;
    opened.err().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_break_the_promise_is_refused_at_the_start() {
    let forgets =
        refused_with(&Bench::new(), "delta.setTransactionRetentionDuration", "interval 7 days")
            .await;
    assert!(matches!(forgets, LakeError::Unsafe { .. }), "{forgets:?}");
    let newer = refused_with(&Bench::new(), "chunfeng.format", "3").await;
    assert!(matches!(newer, LakeError::Foreign { what: "version", .. }), "{newer:?}");
    let renamed = PIPELINE.replace("pipeline: return-to-work", "pipeline: another");
    let other = refused_with(&Bench::new(), "chunfeng.pipeline", &renamed).await;
    assert!(matches!(other, LakeError::Foreign { what: "pipeline", .. }), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_may_be_counted_otherwise_on_the_same_ledger() {
    let bench = Bench::new();
    bench.open().await;
    let changed = PIPELINE.replace("held_for: 3d", "held_for: 5d");
    let changed = Arc::new(spec::load_text("changed.yaml", &changed).unwrap());
    let identity = Identity::new(&changed, bench.key.fingerprint());
    PipelineLake::open(&bench.lake, changed, &identity).await.unwrap();
    let read = PipelineLake::open_existing(&bench.lake, "return-to-work").await.unwrap();
    let settled =
        read.pipeline().measures.iter().find(|measure| measure.name == "settled").unwrap();
    assert_eq!(settled.held_for_seconds, 5 * 86_400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_appends_only_what_it_says_anew() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    let mut published = PublishedRates::default();
    let area = bench.pipeline.areas.resolve("350206").unwrap();
    let figure = |numerator| crate::board::Figure {
        key: crate::board::FigureKey { rate: 0, area, slice: None },
        numerator,
        denominator: 10,
        change: vec![None, Some(-0.5)],
        at_midnight: (0, 0),
        last_spring: None,
    };
    let board = |numerators: &[i64]| Board {
        figures: numerators.iter().map(|n| figure(*n)).collect(),
        ..Board::empty(bench.pipeline.clone(), EARLIEST)
    };
    for numerators in [&[4][..], &[4], &[5], &[]] {
        lake.publish(&board(numerators), &mut published, Causes::Unknown, EARLIEST).await.unwrap();
    }
    let mut numerators = Vec::new();
    for file in lake.rates.files().unwrap() {
        let bytes = lake.rates.read(&file).await.unwrap().unwrap();
        for batch in parquet_file::decode(bytes, &["numerator"]).unwrap().1 {
            let batch = batch.unwrap();
            numerators.extend(batch.column(0).as_primitive::<Int64Type>().values().to_vec());
        }
    }
    numerators.sort_unstable();
    assert_eq!(
        numerators,
        [0, 4, 5],
        "what was published and has nobody any more is said to be zero"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_is_remembered_across_a_restart() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    let area = bench.pipeline.areas.unassigned();
    let figure = crate::board::Figure {
        key: crate::board::FigureKey { rate: 0, area, slice: bench.pipeline.slice("mode", "rail") },
        numerator: 1,
        denominator: 2,
        change: vec![None, None],
        at_midnight: (0, 0),
        last_spring: None,
    };
    let board = Board { figures: vec![figure], ..Board::empty(bench.pipeline.clone(), EARLIEST) };
    lake.publish(&board, &mut PublishedRates::default(), Causes::Unknown, EARLIEST).await.unwrap();
    let mut lake = bench.open().await;
    let mut published = lake.published().await.unwrap();
    let files = lake.rates.files().unwrap().len();
    lake.publish(&board, &mut published, Causes::Unknown, EARLIEST).await.unwrap();
    assert_eq!(lake.rates.files().unwrap().len(), files, "the same board says nothing anew");
}

/// Panes of several homes reach one ledger version at different times, and the clock of a publisher may stand still.
#[tokio::test(flavor = "multi_thread")]
async fn of_boards_of_one_version_and_moment_the_one_published_last_is_remembered() {
    let bench = Bench::new();
    let (mut lake, mut published) = (bench.open().await, PublishedRates::default());
    let key =
        crate::board::FigureKey { rate: 0, area: bench.pipeline.areas.unassigned(), slice: None };
    for numerator in 1..=20 {
        let figure = crate::board::Figure {
            key,
            numerator,
            denominator: 20,
            change: vec![None, None],
            at_midnight: (0, 0),
            last_spring: None,
        };
        let board =
            Board { figures: vec![figure], ..Board::empty(bench.pipeline.clone(), EARLIEST) };
        lake.publish(&board, &mut published, Causes::Unknown, EARLIEST).await.unwrap();
        let remembered = bench.open().await.published().await.unwrap();
        let remembered = remembered.last_board(&bench.pipeline).unwrap();
        assert_eq!(remembered.figure(key).unwrap().numerator, numerator);
    }
    // The log has milliseconds: a bound lies outside the microseconds that it is of. The first board is of a whole second.
    let files = bench.open().await.rates.files().unwrap();
    let bounds = files.into_iter().map(|file| {
        let says: serde_json::Value = serde_json::from_str(&file.statistics.unwrap()).unwrap();
        let bound = |which: &str| says[which]["published_at"].as_str().unwrap().to_owned();
        (bound("minValues"), bound("maxValues"))
    });
    let second = "2000-01-01T00:00:00.000Z";
    let mut whole = 0;
    for (least, greatest) in bounds {
        assert_eq!(least, second);
        match greatest == second {
            true => whole += 1,
            false => assert_eq!(greatest, "2000-01-01T00:00:00.001Z"),
        }
    }
    assert_eq!(whole, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_event_time_comes_from_the_log_alone() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    assert_eq!(lake.newest_event_time().await.unwrap(), None);
    let newer = event("w1", "departed", "2022-01-20T00:00:07Z");
    bench.commit(&mut lake, 0, &[&newer]).await.unwrap();
    bench
        .commit(&mut lake, 1, &[&event("w1", "departed", "2021-01-20T00:00:00Z"), "garbage"])
        .await
        .unwrap();
    assert_eq!(lake.newest_event_time().await.unwrap(), EventTime::parse("2022-01-20T00:00:07Z"));
}

#[test]
fn reasons_and_outcomes_are_numbered_in_the_order_they_are_listed() {
    // The ledger's dictionaries are laid out by these numbers.
    assert!(Reason::ALL.iter().enumerate().all(|(index, reason)| *reason as usize == index));
    assert!(
        RecordOutcome::ALL.iter().enumerate().all(|(index, outcome)| *outcome as usize == index)
    );
}
