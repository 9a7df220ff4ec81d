//! Workers' facts, and shards that are fed with them: what the tests of the law share.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use super::super::shard::{Close, Shard, ToShard};
use crate::area::{AreaId, AreaTree};
use crate::board::{Board, rows};
use crate::panes::Levels;
use crate::roster::{FactBatch, FactCode, FactHead, Layout, Timeline, Token};
use crate::spec::column::Value;
use crate::spec::{KindId, Pipeline, load_text};
use crate::steps::Cell;
use crate::time::{EARLIEST, EventTime};

pub const DEPARTED: KindId = KindId(0);
pub const LEFT: KindId = KindId(1);
pub const RETURNED: KindId = KindId(2);

/// The pipeline that is shipped.
pub fn return_to_work() -> Arc<Pipeline> {
    static READ: LazyLock<Arc<Pipeline>> = LazyLock::new(|| {
        let text = include_str!("../../../pipelines/return-to-work.yaml");
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

/// Shards of one pipeline, driven by hand.
pub struct Shards {
    pipeline: Arc<Pipeline>,
    shards: Vec<Shard>,
}

impl Shards {
    pub fn new(pipeline: &Arc<Pipeline>, count: usize) -> Self {
        let shard = || Shard::new(std::slice::from_ref(pipeline), tree());
        Self {
            pipeline: pipeline.clone(),
            shards: std::iter::repeat_with(shard).take(count).collect(),
        }
    }

    fn of(&mut self, entity: Token) -> &mut Shard {
        let shard = entity.shard(self.shards.len());
        &mut self.shards[shard]
    }

    /// Feeds one batch, each entity's facts to its own shard.
    pub fn feed<'t>(&mut self, told: impl IntoIterator<Item = &'t Told>) {
        let mut batches = vec![FactBatch::default(); self.shards.len()];
        for told in told {
            let batch = &mut batches[told.entity.shard(self.shards.len())];
            batch.push(told.entity, told.head(), told.fields.iter().copied());
        }
        for (shard, batch) in self.shards.iter_mut().zip(batches) {
            let message = ToShard::Facts { lane: 0, batch, frontier: EARLIEST };
            shard.step(message).expect("a shard takes any facts");
        }
    }

    /// Takes back, as after a crash, the timelines of a roster snapshot and the facts of the ledger behind it.
    pub fn recall<'t>(&mut self, snapshot: impl IntoIterator<Item = &'t Told>, ledger: &[Told]) {
        let layout = Layout::of(&self.pipeline);
        let mut timelines = BTreeMap::<Token, Timeline>::new();
        for told in snapshot {
            let timeline = timelines.entry(told.entity).or_default();
            timeline.join(told.head(), &told.words(), &layout);
        }
        for (entity, timeline) in timelines {
            self.of(entity).remember(0, entity, timeline);
        }
        for told in ledger {
            self.of(told.entity).remember_fact(0, told.entity, told.head(), &told.words());
        }
    }

    /// Ends the epoch and makes its board.
    pub fn close(&mut self, as_of: EventTime) -> Board {
        let mut cells: Vec<(Cell, Levels)> = Vec::new();
        for shard in &mut self.shards {
            let close = Close { as_of: vec![as_of], snapshot: vec![false] };
            let closing = shard.step(ToShard::Close(close)).expect("nothing is written");
            cells.extend(closing.into_iter().flatten().flat_map(|lane| lane.cells));
        }
        Board::assemble(self.pipeline.clone(), tree(), as_of, None, cells)
    }

    /// The board as of any moment, counted anew from the timelines.
    pub fn recount(&mut self, as_of: EventTime) -> Board {
        self.shards.iter_mut().for_each(|shard| shard.recount(0, as_of));
        self.close(as_of)
    }
}

/// A board as every surface shows it.
pub fn as_json(board: &Board) -> Vec<serde_json::Value> {
    let rows = rows(board, tree()).map(serde_json::to_value);
    rows.collect::<Result<_, _>>().expect("a row is JSON")
}
