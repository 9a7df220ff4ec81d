//! A board as of any moment, from the lake alone, and from examples: the engine without its threads.

use std::sync::Arc;

use super::shard::{Close, Closing, Shard, ToShard};
use crate::area::AreaTree;
use crate::board::Board;
use crate::decode::{
    Interpreter, Key, Offset, Outcome, PseudonymScheme, Reader, RecordBatch, TopicPartition,
};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{PipelineLake, Remembered};
use crate::roster::{FactBatch, FactHead, Timeline, Token};
use crate::spec::{Example, Pipeline};
use crate::time::{EARLIEST, EventTime, LATEST};

/// The board of everything the ledger holds, as of `as_of` or of the newest event.
pub async fn board_as_of(
    lake: &PipelineLake,
    areas: &'static AreaTree,
    as_of: Option<EventTime>,
) -> Result<Board> {
    let newest = lake.newest_event_time().await?.unwrap_or(EARLIEST);
    let mut shard = Remembering(Shard::new(std::slice::from_ref(lake.pipeline()), areas));
    lake.recall(areas, &mut shard).await?;
    let version = Some(lake.ledger_version().0);
    board(shard.0, lake.pipeline(), areas, as_of.unwrap_or(newest), version)
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
    let mut shard = Shard::new(std::slice::from_ref(pipeline), areas);
    shard.step(ToShard::Facts { lane: 0, batch: facts, frontier: EARLIEST })?;
    board(shard, pipeline, areas, example.as_of.unwrap_or(newest), None)
}

fn board(
    mut shard: Shard,
    pipeline: &Arc<Pipeline>,
    areas: &'static AreaTree,
    as_of: EventTime,
    version: Option<u64>,
) -> Result<Board> {
    shard.recount(0, as_of);
    let closing: Closing = shard
        .step(ToShard::Close(Close { as_of: vec![as_of], snapshot: vec![false] }))?
        .unwrap_or_default();
    let cells = closing.into_iter().flat_map(|lane| lane.cells);
    Ok(Board::assemble(pipeline.clone(), areas, as_of, version, cells))
}

/// One shard that remembers everything.
struct Remembering(Shard);

impl Remembered for Remembering {
    fn timeline(&mut self, entity: Token, timeline: Timeline) {
        self.0.remember(0, entity, timeline);
    }

    fn fact(&mut self, entity: Token, head: FactHead, fields: &[u64]) {
        self.0.remember_fact(0, entity, head, fields);
    }
}
