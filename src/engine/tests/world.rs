//! Workers' facts, and shards that are fed with them: what the tests of the law share.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::super::Publication;
use super::super::shard::{
    Close, EpochId, LaneClosing, RecallId, Remembrance, Shard, ToShard, Walked,
};
use crate::area::{AreaId, AreaTree, Boundaries};
use crate::board::{Board, rows};
use crate::decode::{Interpreter, Key, Outcome, Reader, RecordBatch};
use crate::lake::{Counted, InPanes};
use crate::panes::Levels;
use crate::roster::{
    FactBatch, FactCode, FactHead, HomeId, Layout, PackedTimelines, Timeline, TimelineBatch, Token,
};
use crate::spec::column::Value;
use crate::spec::{KindId, Pipeline, load_text};
use crate::steps::{Cell, Stepper};
use crate::time::{EARLIEST, EventTime};

pub const DEPARTED: KindId = KindId(0);
pub const LEFT: KindId = KindId(1);
pub const RETURNED: KindId = KindId(2);

/// A pipeline whose kinds are numbered as these tests say.
pub fn return_to_work() -> Arc<Pipeline> {
    static READ: LazyLock<Arc<Pipeline>> = LazyLock::new(|| {
        let text = include_str!("return-to-work.yaml");
        Arc::new(load_text("return-to-work.yaml", text).expect("the pipeline is valid"))
    });
    READ.clone()
}

pub fn tree() -> &'static AreaTree {
    AreaTree::gbt2260()
}

pub fn area(code: &str) -> AreaId {
    tree().resolve(code).expect("the area is in the table")
}

pub fn time(text: &str) -> EventTime {
    EventTime::parse(text).expect("a time of RFC 3339")
}

/// A fact or a retraction of somebody, in the canonical order of one entity's facts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Told {
    pub entity: Token,
    pub time: EventTime,
    pub kind: KindId,
    pub retracts: bool,
    pub area: Option<AreaId>,
    /// As many as the kind has.
    pub fields: Vec<Value>,
}

impl Told {
    pub fn head(&self) -> FactHead {
        let code = match self.retracts {
            true => FactCode::retraction_of(self.kind),
            false => FactCode::of(self.kind),
        };
        FactHead::new(self.time, code, self.area)
    }

    pub fn words(&self) -> Vec<u64> {
        self.fields.iter().map(|value| value.raw() as u64).collect()
    }
}

/// Where everything in these tests comes from.
pub const HERE: HomeId = HomeId(0);

/// Shards of one pipeline, driven by hand.
pub struct Shards {
    pipeline: Arc<Pipeline>,
    shards: Vec<Shard>,
    epoch: EpochId,
}

impl Shards {
    pub fn new(pipeline: &Arc<Pipeline>, count: usize) -> Self {
        Self::at(pipeline, count, Publication::Boards, EARLIEST)
    }

    pub fn at(
        pipeline: &Arc<Pipeline>,
        count: usize,
        publication: Publication,
        frontier: EventTime,
    ) -> Self {
        let shard = || Shard::new(std::slice::from_ref(pipeline), publication, &[frontier]);
        Self {
            pipeline: pipeline.clone(),
            shards: std::iter::repeat_with(shard).take(count).collect(),
            epoch: EpochId::default(),
        }
    }

    fn step(&mut self, message: impl Fn() -> ToShard) {
        for shard in &mut self.shards {
            assert!(shard.step(message()).is_none());
        }
    }

    /// Feeds one batch, each entity's facts to its own shard.
    pub fn feed<'t>(&mut self, told: impl IntoIterator<Item = &'t Told>) {
        self.feed_from(HERE, told);
    }

    pub fn feed_from<'t>(&mut self, home: HomeId, told: impl IntoIterator<Item = &'t Told>) {
        let batches = spread(told, self.shards.len());
        for (shard, batch) in self.shards.iter_mut().zip(batches) {
            shard.step(ToShard::Facts { lane: 0, home, batch, frontier: EARLIEST });
        }
    }

    /// Feeds what the records of a batch come to.
    pub fn feed_records(&mut self, records: &RecordBatch, key: Arc<Key>) {
        let mut reader = Reader::new();
        let mut interpreter = Interpreter::new(self.pipeline.clone(), key, &mut reader);
        let mut picks = reader.picks();
        for record in &records.records {
            if reader.read(record, records.value(record), &mut picks).is_err() {
                continue;
            }
            let meaning = interpreter.meaning(&picks);
            let Outcome::Fact(fact) = interpreter.interpret(&picks, meaning, record.time) else {
                continue;
            };
            let code = fact.head.code();
            self.feed([&Told {
                entity: fact.entity,
                time: fact.head.time(),
                kind: code.kind(),
                retracts: code.is_retraction(),
                area: fact.head.area(),
                fields: interpreter.fields().to_vec(),
            }]);
        }
    }

    /// What is told of a home from now on, under this number, is to be believed.
    pub fn expect(&mut self, home: HomeId, recall: RecallId) {
        self.step(|| ToShard::Recall { homes: vec![home], recall });
    }

    /// All of a home has been told.
    pub fn recalled(&mut self, home: HomeId) {
        self.step(|| ToShard::Recalled(vec![home]));
    }

    pub fn forget(&mut self, home: HomeId) {
        self.step(|| ToShard::Forget(vec![home]));
    }

    /// Takes back, as after a crash, the timelines of a roster snapshot and the facts of the ledger behind it.
    pub fn recall<'t>(&mut self, snapshot: impl IntoIterator<Item = &'t Told>, ledger: &[Told]) {
        self.recall_home(HERE, RecallId::EVERYTHING, snapshot, ledger);
    }

    pub fn recall_home<'t>(
        &mut self,
        home: HomeId,
        recall: RecallId,
        snapshot: impl IntoIterator<Item = &'t Told>,
        ledger: &[Told],
    ) {
        let (shards, panes) = (self.shards.len(), InPanes::Missing);
        let batch: Arc<TimelineBatch> =
            Arc::new(timelines(&self.pipeline, snapshot).into_iter().collect());
        let told = self.shards.iter_mut().zip(spread(ledger, shards)).enumerate();
        for (index, (shard, facts)) in told {
            let timelines = Remembrance::Timelines { batch: batch.clone(), shard: index, shards };
            for what in [timelines, Remembrance::Facts(facts)] {
                shard.step(ToShard::Remembered { lane: 0, home, recall, panes, what });
            }
        }
    }

    /// Tells the first so many timelines of a roster file that says what all of them add up to.
    pub fn recall_counted(&mut self, home: HomeId, recall: RecallId, file: &[Told], first: usize) {
        let (shards, panes) = (self.shards.len(), InPanes::Counted);
        let timelines = timelines(&self.pipeline, file);
        let mut stepper = Stepper::new(self.pipeline.clone());
        let counted = Counted::of(timelines.values(), &mut stepper, EARLIEST);
        let counted = Remembrance::Counted(counted.expect("a sum that can be said"));
        self.shards[usize::from(home.0) % shards].step(ToShard::Remembered {
            lane: 0,
            home,
            recall,
            panes,
            what: counted,
        });
        let batch: Arc<TimelineBatch> = Arc::new(timelines.into_iter().take(first).collect());
        for (index, shard) in self.shards.iter_mut().enumerate() {
            let what = Remembrance::Timelines { batch: batch.clone(), shard: index, shards };
            shard.step(ToShard::Remembered { lane: 0, home, recall, panes, what });
        }
    }

    /// Ends the epoch; `snapshot` says whether a roster snapshot begins with it.
    pub fn end_epoch(&mut self, as_of: EventTime, snapshot: bool) -> Vec<LaneClosing> {
        self.epoch = self.epoch.next();
        let close = Close { epoch: self.epoch, as_of: vec![as_of], snapshot: vec![snapshot] };
        let shards = self.shards.iter_mut();
        shards.flat_map(|shard| shard.step(ToShard::Close(close.clone())).unwrap()).collect()
    }

    /// The snapshot that was begun, as far as it has not been walked yet.
    pub fn walk(&mut self) -> Vec<Walked> {
        let shards = self.shards.iter_mut();
        shards.flat_map(|shard| std::iter::from_fn(|| shard.walk_on())).collect()
    }

    /// One part of the snapshot of each shard.
    pub fn walk_a_step(&mut self) -> Vec<Walked> {
        self.shards.iter_mut().filter_map(Shard::walk_on).collect()
    }

    /// Ends the epoch and makes its board.
    pub fn close(&mut self, as_of: EventTime) -> Board {
        let closings = self.end_epoch(as_of, false);
        let cells: Vec<(Cell, Levels)> = closings.into_iter().flat_map(|lane| lane.cells).collect();
        Board::assemble(self.pipeline.clone(), Boundaries::Now, as_of, None, cells)
    }

    /// The board as of any moment, counted anew from the timelines, which are those of a snapshot.
    pub fn recount(&mut self, as_of: EventTime) -> Board {
        let mut anew = Self::at(&self.pipeline, 1, Publication::Boards, as_of);
        self.end_epoch(EARLIEST, true);
        for walked in self.walk() {
            let Walked::Part(part) = walked else { continue };
            let batch = Arc::new(part.entities.values().flat_map(PackedTimelines::iter).collect());
            let what = Remembrance::Timelines { batch, shard: 0, shards: 1 };
            let (recall, panes) = (RecallId::EVERYTHING, InPanes::Missing);
            anew.shards[0].step(ToShard::Remembered { lane: 0, home: HERE, recall, panes, what });
        }
        anew.close(as_of)
    }
}

fn timelines<'t>(
    pipeline: &Pipeline,
    told: impl IntoIterator<Item = &'t Told>,
) -> BTreeMap<Token, Timeline> {
    let (layout, mut timelines) = (Layout::of(pipeline), BTreeMap::<Token, Timeline>::new());
    for told in told {
        let timeline = timelines.entry(told.entity).or_default();
        timeline.join(told.head(), &told.words(), &layout);
    }
    timelines
}

fn spread<'t>(told: impl IntoIterator<Item = &'t Told>, shards: usize) -> Vec<FactBatch> {
    let mut batches = vec![FactBatch::default(); shards];
    for told in told {
        let batch = &mut batches[told.entity.shard(shards)];
        batch.push(told.entity, told.head(), told.fields.iter().copied());
    }
    batches
}

/// A board as every surface shows it.
pub fn as_json(board: &Board) -> Vec<serde_json::Value> {
    let rows = rows(board).map(serde_json::to_value);
    rows.collect::<Result<_, _>>().expect("a row is JSON")
}
