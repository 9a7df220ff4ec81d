//! What becomes of a record: each way an event may come, each way it may be wrong, and what is never shown of it.
//!
//! `forms` holds the three envelopes, `json` the syntax, `times`, `areas` and `members` what an event says, `pseudonyms`
//! and `seals` what is kept from everybody, `scan` the scanner beside serde_json, `hostile` one record for every reason and whatever chance makes of events.

mod areas;
mod forms;
mod hostile;
mod json;
mod members;
mod pseudonyms;
mod scan;
mod seals;
mod times;

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{Headers, Interpreter, Key, Offset, Outcome, Picks, PseudonymScheme};
use super::{Reader, Reason, RecordBatch, TopicPartition};
use crate::area::AreaTree;
use crate::roster::Token;
use crate::spec::column::Value;
use crate::spec::{self, Pipeline};
use crate::time::EventTime;

/// A pipeline with a field of every type.
const TRIPS: &str = r#"
pipeline: trips
title: { zh: 返岗, en: Trips }
entity: worker
source: { topic: hr.workers }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area, missing_time: reject, latest: 1h }
kinds:
  returned:
    events: [returned.v1]
    retracted_by: [return-cancelled.v1]
    fields:
      mode: { path: /data/mode, type: label, values: [air, rail, "own's"] }
      trips: { path: /data/trips, type: integer }
      insured: { path: /data/insured, type: boolean }
      since: { path: /data/since, type: time }
ignore: [stayed.v1]
feeds: { silent_after: 2h, heartbeats: [alive.v1] }
measures:
  returned: { where: returned_at IS NOT NULL }
rates:
  return_rate:
    title: { zh: 返岗率, en: Return rate }
    definition: { zh: 已返岗, en: Back }
    numerator: returned
    denominator: returned
"#;

/// When the records of these tests were written: 2022-02-22T00:00:00Z.
const WRITTEN: EventTime = EventTime::from_seconds(1_645_488_000);

/// What a record came to, on its own feet.
#[derive(Clone, PartialEq, Debug)]
enum Decoded {
    Fact(Told),
    Ignored,
    Heartbeat,
    Rejected(Reason),
}

/// What a fact says.
#[derive(Clone, PartialEq, Debug)]
struct Told {
    entity: Token,
    time: String,
    retracts: bool,
    counts_at: Option<String>,
    area_text: Option<String>,
    fields: Vec<Option<i64>>,
}

/// A reader and an interpreter, as the engine has them.
struct Desk {
    reader: Reader,
    interpreter: Interpreter,
}

impl Desk {
    fn of(pipeline: &str) -> Self {
        let pipeline: Pipeline = spec::load_text("trips.yaml", pipeline).unwrap();
        let key = Arc::new(Key::new(&[7; 32], PseudonymScheme::Blake3));
        let mut reader = Reader::new();
        let interpreter = Interpreter::new(Arc::new(pipeline), key, &mut reader);
        Self { reader, interpreter }
    }

    fn decode(&mut self, value: Option<&[u8]>, headers: Headers, written: EventTime) -> Decoded {
        let mut batch = RecordBatch::new(place());
        batch.push(Offset(0), written, value, headers);
        let mut picks = self.reader.picks();
        self.decode_first(&batch, &mut picks)
    }

    fn decode_first<'a>(&mut self, batch: &'a RecordBatch, picks: &mut Picks<'a>) -> Decoded {
        let record = &batch.records[0];
        if let Err(reason) = self.reader.read(record, batch.value(record), picks) {
            return Decoded::Rejected(reason);
        }
        let fact =
            match self.interpreter.interpret(picks, self.interpreter.meaning(picks), record.time) {
                Outcome::Ignored => return Decoded::Ignored,
                Outcome::Heartbeat => return Decoded::Heartbeat,
                Outcome::Rejected(reason) => return Decoded::Rejected(reason),
                Outcome::Fact(fact) => fact,
            };
        let areas = AreaTree::gbt2260();
        Decoded::Fact(Told {
            entity: fact.entity,
            time: fact.head.time().to_string(),
            retracts: fact.head.code().is_retraction(),
            counts_at: fact.head.area().map(|area| areas.code(area).to_owned()),
            area_text: fact.area_text.map(|text| text.to_string()),
            fields: self.interpreter.fields().iter().map(|value: &Value| value.get()).collect(),
        })
    }
}

fn place() -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: 0 }
}

/// What a value without headers comes to.
fn decode(value: impl AsRef<[u8]>) -> Decoded {
    Desk::of(TRIPS).decode(Some(value.as_ref()), Headers::new(), WRITTEN)
}

/// A worker who is back, in every detail.
fn event() -> Json {
    json!({
        "specversion": "1.0", "id": "e-1", "source": "/huli/jiangtou", "type": "returned.v1",
        "subject": "w1", "time": "2022-02-10T09:00:00+08:00",
        "data": {
            "area": "350206", "mode": "rail", "trips": 3, "insured": true, "since": "2022-01-01T00:00:00Z"
        }
    })
}

/// The event with one member set to something else, `/data/mode` say.
fn event_with(pointer: &str, value: impl Into<Json>) -> String {
    let mut event = event();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[name] = value.into();
    event.to_string()
}

/// The event without one member.
fn event_without(pointer: &str) -> String {
    let mut event = event();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).and_then(Json::as_object_mut);
    parent.unwrap().remove(name).unwrap();
    event.to_string()
}

/// What the accepted event says.
fn fact(decoded: Decoded) -> Told {
    match decoded {
        Decoded::Fact(told) => told,
        other => panic!("expected a fact, got {other:?}"),
    }
}

fn rejected(value: impl AsRef<[u8]>, reason: Reason) {
    let value = value.as_ref();
    let shown = String::from_utf8_lossy(&value[..value.len().min(200)]);
    assert_eq!(decode(value), Decoded::Rejected(reason), "{shown}");
}
