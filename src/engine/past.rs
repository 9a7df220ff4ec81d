//! A board as of any moment, from the lake alone: the engine without its threads.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Publication;
use super::shard::{Close, Closing, EpochId, RecallId, Remembrance, Shard, ToShard};
use crate::area::Boundaries;
use crate::board::Board;
use crate::error::Result;
use crate::lake::{Home, InPanes, Lake, PipelineLake, Remembered, Scope};
use crate::roster::{FactBatch, FactHead, HomeId, TimelineBatch, Token};
use crate::spec::Pipeline;
use crate::spec::column::Value;
use crate::time::{EARLIEST, EventTime};

/// So many entities or facts are told at a time.
const TOLD_AT_A_TIME: usize = 4_096;

/// The board of everything the ledger holds, as of `as_of` or of the newest event. What happened later is not counted; what
/// was called off later never happened.
pub async fn board_as_of(
    lake: &PipelineLake,
    as_of: Option<EventTime>,
    boundaries: Boundaries,
) -> Result<Board> {
    let newest = lake.newest_event_time().await?.unwrap_or(EARLIEST);
    let as_of = as_of.unwrap_or(newest);
    let mut told = Remembering::new(shard_at(lake.pipeline(), as_of), as_of);
    match as_of < newest {
        true => lake.recall_facts(&mut told).await?,
        false => lake.recall(&Scope::Whole, &mut told).await?.1,
    };
    let version = Some(lake.ledger_version().0);
    Ok(board(told.done(), lake.pipeline(), (boundaries, as_of), version))
}

/// The same with the figures that lie across pipelines, where the lake has those too.
pub async fn board_among(
    root: &Lake,
    lake: &PipelineLake,
    as_of: Option<EventTime>,
    boundaries: Boundaries,
) -> Result<Board> {
    let board = board_as_of(lake, as_of, boundaries).await?;
    let mut others = Vec::new();
    let known = root.pipelines().await?;
    for name in board.neighbours().collect::<BTreeSet<_>>() {
        if known.iter().any(|known| known == name) {
            let other = PipelineLake::open_existing(root, name).await?;
            others.push(board_as_of(&other, as_of, boundaries).await?);
        }
    }
    Ok(board.with_neighbours(&others.iter().collect::<Vec<_>>()))
}

/// Whatever is told here has one home.
pub(super) const HERE: HomeId = HomeId(0);

pub(super) fn shard_at(pipeline: &Arc<Pipeline>, as_of: EventTime) -> Shard {
    Shard::new(std::slice::from_ref(pipeline), Publication::Boards, &[as_of])
}

pub(super) fn board(
    mut shard: Shard,
    pipeline: &Arc<Pipeline>,
    (boundaries, as_of): (Boundaries, EventTime),
    version: Option<u64>,
) -> Board {
    let close = Close { epoch: EpochId::default(), as_of: vec![as_of], snapshot: vec![false] };
    let closing: Closing = shard.step(ToShard::Close(close)).unwrap_or_default();
    let cells = closing.into_iter().flat_map(|lane| lane.cells);
    Board::assemble(pipeline.clone(), boundaries, as_of, version, cells)
}

/// One shard that remembers everything.
struct Remembering {
    shard: Shard,
    as_of: EventTime,
    facts: FactBatch,
}

impl Remembering {
    fn new(shard: Shard, as_of: EventTime) -> Self {
        Self { shard, as_of, facts: FactBatch::default() }
    }

    fn remember(&mut self, what: Remembrance) {
        let (recall, panes) = (RecallId::EVERYTHING, InPanes::Missing);
        self.shard.step(ToShard::Remembered { lane: 0, home: HERE, recall, panes, what });
    }

    fn flush(&mut self) {
        let facts = std::mem::take(&mut self.facts);
        self.remember(Remembrance::Facts(facts));
    }

    fn done(mut self) -> Shard {
        self.flush();
        self.shard
    }
}

impl Remembered for Remembering {
    fn timelines(&mut self, _home: &Home, timelines: TimelineBatch, _panes: InPanes) {
        let batch = Arc::new(timelines);
        self.remember(Remembrance::Timelines { batch, shard: 0, shards: 1 });
    }

    fn fact(
        &mut self,
        _home: &Home,
        entity: Token,
        head: FactHead,
        fields: &[u64],
        _panes: InPanes,
    ) {
        // Later facts would take the place of those that were kept then.
        if head.time() > self.as_of && !head.code().is_retraction() {
            return;
        }
        self.facts.push(entity, head, fields.iter().map(|word| Value::from_raw(*word as i64)));
        if self.facts.len() >= TOLD_AT_A_TIME {
            self.flush();
        }
    }
}
