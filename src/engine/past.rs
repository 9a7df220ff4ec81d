//! A board as of any moment, from the lake alone, and from examples: the engine without its threads.

use std::sync::Arc;

use super::Publication;
use super::shard::{Close, Closing, EpochId, RecallId, Remembrance, Shard, ToShard};
use crate::area::AreaTree;
use crate::board::Board;
use crate::decode::{
    Interpreter, Key, Offset, Outcome, PseudonymScheme, Reader, RecordBatch, TopicPartition,
};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Home, InPanes, PipelineLake, Remembered, Scope};
use crate::roster::{FactBatch, FactHead, HomeId, TimelineBatch, Token};
use crate::spec::column::Value;
use crate::spec::{Example, Pipeline};
use crate::time::{EARLIEST, EventTime, LATEST};

/// So many entities or facts are told at a time.
const TOLD_AT_A_TIME: usize = 4_096;

/// The board of everything the ledger holds, as of `as_of` or of the newest event.
pub async fn board_as_of(
    lake: &PipelineLake,
    areas: &'static AreaTree,
    as_of: Option<EventTime>,
) -> Result<Board> {
    let as_of = match as_of {
        Some(as_of) => as_of,
        None => lake.newest_event_time().await?.unwrap_or(EARLIEST),
    };
    let mut told = Remembering::new(shard_at(lake.pipeline(), areas, as_of));
    lake.recall(&Scope::Whole, areas, &mut told).await?;
    Ok(board(told.done(), lake.pipeline(), areas, as_of, Some(lake.ledger_version().0)))
}

/// The board that an example's events give.
pub fn board_of_example(
    pipeline: &Arc<Pipeline>,
    areas: &'static AreaTree,
    example: &Example,
) -> Result<Board> {
    let mut reader = Reader::new();
    let key = Arc::new(Key::new(&[0; 32], PseudonymScheme::Blake3));
    let mut interpreter = Interpreter::new(pipeline.clone(), areas, key, &mut reader);
    let mut records = RecordBatch::new(TopicPartition { topic: "example".into(), partition: 0 });
    for (index, event) in example.events.iter().enumerate() {
        records.push(Offset(index as i64), LATEST, Some(event.to_string().as_bytes()), Vec::new());
    }
    let (mut facts, mut newest) = (FactBatch::default(), EARLIEST);
    let mut picks = reader.picks();
    for record in &records.records {
        let outcome = match reader.read(record, records.value(record), &mut picks) {
            Ok(()) => interpreter.interpret(&picks, interpreter.meaning(&picks), record.time),
            Err(reason) => Outcome::Rejected(reason),
        };
        match outcome {
            Outcome::Fact(fact) => {
                newest = newest.max(fact.head.time());
                facts.push(fact.entity, fact.head, interpreter.fields().iter().copied());
            }
            Outcome::Ignored => {}
            Outcome::Rejected(reason) => {
                let message = format!("event {} is rejected: {}", record.offset, reason.code());
                return Err(Error::new(ErrorKind::Invalid, message));
            }
        }
    }
    let as_of = example.as_of.unwrap_or(newest);
    let mut shard = shard_at(pipeline, areas, as_of);
    shard.step(ToShard::Facts { lane: 0, home: HERE, batch: facts, frontier: as_of });
    Ok(board(shard, pipeline, areas, as_of, None))
}

/// Whatever is told here has one home.
const HERE: HomeId = HomeId(0);

fn shard_at(pipeline: &Arc<Pipeline>, areas: &AreaTree, as_of: EventTime) -> Shard {
    Shard::new(std::slice::from_ref(pipeline), areas, Publication::Boards, &[as_of])
}

fn board(
    mut shard: Shard,
    pipeline: &Arc<Pipeline>,
    areas: &'static AreaTree,
    as_of: EventTime,
    version: Option<u64>,
) -> Board {
    let close = Close { epoch: EpochId::default(), as_of: vec![as_of], snapshot: vec![false] };
    let closing: Closing = shard.step(ToShard::Close(close)).unwrap_or_default();
    let cells = closing.into_iter().flat_map(|lane| lane.cells);
    Board::assemble(pipeline.clone(), areas, as_of, version, cells)
}

/// One shard that remembers everything.
struct Remembering {
    shard: Shard,
    facts: FactBatch,
}

impl Remembering {
    fn new(shard: Shard) -> Self {
        Self { shard, facts: FactBatch::default() }
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
        self.facts.push(entity, head, fields.iter().map(|word| Value::from_raw(*word as i64)));
        if self.facts.len() >= TOLD_AT_A_TIME {
            self.flush();
        }
    }
}
