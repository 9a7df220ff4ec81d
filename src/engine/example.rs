//! What a pipeline's own examples give: the engine without its threads, its source and its lake.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::past::{HERE, board, shard_at};
use super::shard::ToShard;
use crate::area::Boundaries;
use crate::board::Board;
use crate::decode::{
    Interpreter, Key, Offset, Outcome, PseudonymScheme, Reader, RecordBatch, TopicPartition,
};
use crate::error::{Error, ErrorKind, Result};
use crate::roster::{FactBatch, Layout, Timeline, Token};
use crate::spec::Pipeline;
use crate::time::{EARLIEST, EventTime, LATEST};

/// The board of an example, and whose facts it counts.
pub struct ExampleTold {
    /// The board.
    pub board: Board,
    /// Each entity with its facts, by the identifier that the events give it.
    pub entities: BTreeMap<String, Timeline>,
}

/// Takes the events in their order, as of a moment or of the newest of them. Those that another pipeline names and this one
/// does not are told to that one, for what lies across both.
pub fn tell_example(
    pipeline: &Arc<Pipeline>,
    others: &[Arc<Pipeline>],
    events: &[Value],
    as_of: Option<EventTime>,
) -> Result<ExampleTold> {
    let (own, foreign): (Vec<Value>, Vec<Value>) = events.iter().cloned().partition(|event| {
        names(pipeline, event) || !others.iter().any(|other| names(other, event))
    });
    let told = tell(pipeline, &own, as_of)?;
    let mut boards = Vec::new();
    for other in others {
        let of_it: Vec<Value> =
            foreign.iter().filter(|event| names(other, event)).cloned().collect();
        if !of_it.is_empty() {
            boards.push(tell(other, &of_it, as_of)?.board);
        }
    }
    let board = told.board.with_neighbours(&boards.iter().collect::<Vec<_>>());
    Ok(ExampleTold { board, ..told })
}

/// Whether a pipeline knows what an event of this type is.
fn names(pipeline: &Pipeline, event: &Value) -> bool {
    let named = event.pointer(&pipeline.decode.kind).and_then(Value::as_str);
    let of_kinds =
        pipeline.kinds.iter().flat_map(|kind| kind.events.iter().chain(&kind.retracted_by));
    named.is_some_and(|named| of_kinds.chain(&pipeline.ignored).any(|known| known == named))
}

fn tell(
    pipeline: &Arc<Pipeline>,
    events: &[Value],
    as_of: Option<EventTime>,
) -> Result<ExampleTold> {
    let mut reader = Reader::new();
    let key = Arc::new(Key::new(&[0; 32], PseudonymScheme::Blake3));
    let mut interpreter = Interpreter::new(pipeline.clone(), key, &mut reader);
    let mut records = RecordBatch::new(TopicPartition { topic: "example".into(), partition: 0 });
    for (index, event) in events.iter().enumerate() {
        records.push(Offset(index as i64), LATEST, Some(event.to_string().as_bytes()), Vec::new());
    }
    let layout = Layout::of(pipeline);
    let (mut facts, mut newest) = (FactBatch::default(), EARLIEST);
    let mut timelines: BTreeMap<Token, (String, Timeline)> = BTreeMap::new();
    let mut picks = reader.picks();
    for (record, event) in records.records.iter().zip(events) {
        let outcome = match reader.read(record, records.value(record), &mut picks) {
            Ok(()) => interpreter.interpret(&picks, interpreter.meaning(&picks), record.time),
            Err(reason) => Outcome::Rejected(reason),
        };
        match outcome {
            // What was called off later never happened; anything else has not happened yet.
            Outcome::Fact(fact)
                if as_of.is_some_and(|as_of| fact.head.time() > as_of)
                    && !fact.head.code().is_retraction() => {}
            Outcome::Fact(fact) => {
                newest = newest.max(fact.head.time());
                let words: Vec<u64> =
                    interpreter.fields().iter().map(|value| value.raw() as u64).collect();
                let (_, timeline) = timelines
                    .entry(fact.entity)
                    .or_insert_with(|| (subject(pipeline, event), Timeline::default()));
                timeline.join(fact.head, &words, &layout);
                facts.push(fact.entity, fact.head, interpreter.fields().iter().copied());
            }
            Outcome::Ignored | Outcome::Heartbeat => {}
            Outcome::Rejected(reason) => {
                let message = format!("event {} is rejected: {}", record.offset, reason.code());
                return Err(Error::new(ErrorKind::Invalid, message));
            }
        }
    }
    let as_of = as_of.unwrap_or(newest);
    let mut shard = shard_at(pipeline, as_of);
    shard.step(ToShard::Facts { lane: 0, home: HERE, batch: facts, frontier: as_of });
    let board = board(shard, pipeline, (Boundaries::Now, as_of), None);
    Ok(ExampleTold { board, entities: timelines.into_values().collect() })
}

fn subject(pipeline: &Pipeline, event: &Value) -> String {
    match event.pointer(&pipeline.decode.entity) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
