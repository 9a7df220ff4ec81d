//! What a parsed record means to one pipeline: a fact, a retraction, somebody else's business, or a reject.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use hashbrown::HashMap;

use super::json::Picks;
use super::naming::Naming;
use super::{Key, Picked, Reader, Reason};
use crate::area::{AreaId, AreaTree};
use crate::roster::{FactCode, FactHead, Token};
use crate::spec::amount::{Denomination, NoAmount};
use crate::spec::column::{ColumnType, Value};
use crate::spec::{KindId, MissingTime, Pipeline};
use crate::time::{EARLIEST, EventTime, LATEST};

/// An identifier is never longer.
const ENTITY_BYTES_MOST: usize = 256;

/// What an event type means to a pipeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// A fact of this kind, or its retraction.
    Fact(FactCode),
    /// Another pipeline's business.
    Ignored,
    /// The feed lives, and has nothing to report.
    Heartbeat,
}

/// What a record came to.
#[derive(Debug)]
pub enum Outcome<'p> {
    /// A fact or a retraction.
    Fact(Fact<'p>),
    /// Another pipeline's business.
    Ignored,
    /// The feed lives, and has nothing to report.
    Heartbeat,
    /// It cannot be accepted.
    Rejected(Reason),
}

/// An accepted fact. Its fields are in the interpreter's scratch, see [`Interpreter::fields`].
#[derive(Debug)]
pub struct Fact<'p> {
    /// Whose it is.
    pub entity: Token,
    /// Time, kind and area.
    pub head: FactHead,
    /// The area as the event wrote it, for the ledger.
    pub area_text: Option<AreaText<'p>>,
}

/// An area code as the event wrote it. What is no code at all is not repeated: it might be anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AreaText<'p> {
    /// Digits, as text.
    Code(&'p str),
    /// Digits, as a number.
    Number(i64),
    /// Something that is no area code.
    NoCode,
}

impl fmt::Display for AreaText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => f.write_str(code),
            Self::Number(code) => code.fmt(f),
            Self::NoCode => f.write_str("unassigned"),
        }
    }
}

/// Turns parsed records into one pipeline's facts.
pub struct Interpreter {
    pipeline: Arc<Pipeline>,
    key: Arc<Key>,
    meanings: HashMap<String, Meaning>,
    naming: Naming,
    entity: usize,
    kind: usize,
    time: usize,
    area: Option<usize>,
    fields: Vec<Vec<usize>>,
    values: Vec<Value>,
}

impl Interpreter {
    /// An interpreter for a pipeline; adds what it wants to the reader.
    pub fn new(pipeline: Arc<Pipeline>, key: Arc<Key>, reader: &mut Reader) -> Self {
        let rules = &pipeline.decode;
        let fields_of = |kind: &crate::spec::Kind, reader: &mut Reader| {
            kind.fields.iter().map(|field| reader.want(&field.path)).collect()
        };
        Self {
            meanings: meanings(&pipeline),
            naming: Naming::of(&pipeline),
            entity: reader.want(&rules.entity),
            kind: reader.want(&rules.kind),
            time: reader.want(&rules.time),
            area: rules.area.as_deref().map(|pointer| reader.want(pointer)),
            fields: pipeline.kinds.iter().map(|kind| fields_of(kind, reader)).collect(),
            values: Vec::new(),
            key,
            pipeline,
        }
    }

    /// What the record's event type means here; `None` where the pipeline does not name it.
    pub fn meaning(&self, picks: &Picks) -> Option<Meaning> {
        picks.get(self.kind).text().and_then(|kind| self.meanings.get(kind)).copied()
    }

    /// What the record comes to, given what its event type [means here](Self::meaning).
    pub fn interpret<'p>(
        &mut self,
        picks: &'p Picks<'_>,
        meaning: Option<Meaning>,
        record_time: EventTime,
    ) -> Outcome<'p> {
        let code = match meaning {
            Some(Meaning::Fact(code)) => code,
            Some(Meaning::Ignored) => return Outcome::Ignored,
            Some(Meaning::Heartbeat) => return Outcome::Heartbeat,
            None => return Outcome::Rejected(self.no_meaning(picks)),
        };
        match self.fact(picks, code, record_time) {
            Ok(fact) => Outcome::Fact(fact),
            Err(reason) => Outcome::Rejected(reason),
        }
    }

    /// The fields of the fact just interpreted, in the order of its kind's.
    pub fn fields(&self) -> &[Value] {
        &self.values
    }

    fn fact<'p>(
        &mut self,
        picks: &'p Picks<'_>,
        code: FactCode,
        record_time: EventTime,
    ) -> Result<Fact<'p>, Reason> {
        let id = identifier(picks.get(self.entity))?;
        let time = self.event_time(picks.get(self.time), record_time)?;
        let entity = self.key.pseudonym(self.naming.entity_at(time), &id);
        self.values.clear();
        let (mut area, mut area_text) = (None, None);
        if !code.is_retraction() {
            self.read_fields(code.kind(), picks)?;
            if let Some(text) =
                self.area.and_then(|slot| area_named(picks.get(slot), self.pipeline.areas))
            {
                area = Some(self.resolve(text));
                area_text = Some(text);
            }
        }
        Ok(Fact { entity, head: FactHead::new(time, code, area), area_text })
    }

    fn no_meaning(&self, picks: &Picks) -> Reason {
        match picks.get(self.kind).text() {
            Some(_) => Reason::UnknownKind,
            None => Reason::MissingKind,
        }
    }

    fn event_time(&self, picked: &Picked, record_time: EventTime) -> Result<EventTime, Reason> {
        let rules = &self.pipeline.decode;
        let time = match picked {
            Picked::Text(text) if !text.is_empty() => {
                EventTime::parse(text).ok_or(Reason::InvalidTime)?
            }
            Picked::Absent | Picked::Text(_) => match rules.missing_time {
                MissingTime::RecordTime => record_time,
                MissingTime::Reject => return Err(Reason::MissingTime),
            },
            _ => return Err(Reason::InvalidTime),
        };
        if time < EARLIEST {
            return Err(Reason::TimeBefore2000);
        }
        if time > record_time.plus(rules.latest_seconds) || time > LATEST {
            return Err(Reason::TimeAfterRecord);
        }
        Ok(time)
    }

    fn read_fields(&mut self, kind: KindId, picks: &Picks) -> Result<(), Reason> {
        let slots = &self.fields[usize::from(kind.0)];
        for (field, slot) in self.pipeline.kind(kind).fields.iter().zip(slots) {
            self.values.push(field_value(&field.field_type, picks.get(*slot))?);
        }
        Ok(())
    }

    fn resolve(&self, text: AreaText) -> AreaId {
        let known = match text {
            AreaText::Code(code) => self.pipeline.areas.resolve(code),
            AreaText::Number(code) => self.pipeline.areas.resolve(&code.to_string()),
            AreaText::NoCode => None,
        };
        known.unwrap_or(self.pipeline.areas.unassigned())
    }
}

/// An entity's identifier as the event writes it.
fn identifier<'p>(picked: &'p Picked<'_>) -> Result<Cow<'p, str>, Reason> {
    let id: Cow<'_, str> = match picked {
        Picked::Absent => return Err(Reason::MissingEntity),
        Picked::Text(id) => id.trim().into(),
        Picked::Integer(id) => id.to_string().into(),
        Picked::Boolean(_) | Picked::Number(_) | Picked::Composite => {
            return Err(Reason::InvalidEntity);
        }
    };
    match id.len() {
        0 => Err(Reason::MissingEntity),
        length if length > ENTITY_BYTES_MOST => Err(Reason::InvalidEntity),
        _ => Ok(id),
    }
}

fn meanings(pipeline: &Pipeline) -> HashMap<String, Meaning> {
    let mut meanings = HashMap::new();
    for (index, kind) in pipeline.kinds.iter().enumerate() {
        let id = KindId(index as u8);
        let fact = Meaning::Fact(FactCode::of(id));
        let retraction = Meaning::Fact(FactCode::retraction_of(id));
        meanings.extend(kind.events.iter().map(|event| (event.clone(), fact)));
        meanings.extend(kind.retracted_by.iter().map(|event| (event.clone(), retraction)));
    }
    let heartbeats = pipeline.feeds.iter().flat_map(|feeds| &feeds.heartbeats);
    meanings.extend(heartbeats.map(|event| (event.clone(), Meaning::Heartbeat)));
    meanings.extend(pipeline.ignored.iter().map(|event| (event.clone(), Meaning::Ignored)));
    meanings
}

/// Codes have 2, 4 or 6 digits, 9 for a township and 12 for a village, and none begins with a zero. A telephone number is
/// no code: mobile ones have 11 digits, fixed ones begin with a zero.
fn is_code(text: &str) -> bool {
    matches!(text.len(), 2 | 4 | 6 | 9 | 12)
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn area_named<'p>(picked: &'p Picked<'_>, areas: &AreaTree) -> Option<AreaText<'p>> {
    match picked {
        Picked::Absent => None,
        Picked::Text(text) if text.trim().is_empty() => None,
        Picked::Text(text) => {
            let code = text.trim();
            let is_known = is_code(code) || areas.declares(code);
            Some(if is_known { AreaText::Code(code) } else { AreaText::NoCode })
        }
        Picked::Integer(
            code @ (10..=99
            | 1_000..=9_999
            | 100_000..=999_999
            | 100_000_000..=999_999_999
            | 100_000_000_000..=999_999_999_999),
        ) => Some(AreaText::Number(*code)),
        _ => Some(AreaText::NoCode),
    }
}

fn field_value(field_type: &ColumnType, picked: &Picked) -> Result<Value, Reason> {
    match (field_type, picked) {
        (_, Picked::Absent) => Ok(Value::NULL),
        (ColumnType::Boolean, Picked::Boolean(boolean)) => Ok(Value::from_bool(*boolean)),
        (ColumnType::Integer, Picked::Integer(integer)) => {
            Value::new(*integer).ok_or(Reason::FieldRange)
        }
        (ColumnType::Integer, Picked::Number(number)) if number.abs() >= 9.2e18 => {
            Err(Reason::FieldRange)
        }
        (ColumnType::Amount(of), Picked::Integer(_) | Picked::Number(_) | Picked::Text(_)) => {
            amount(*of, picked)
        }
        (ColumnType::Time, Picked::Text(text)) => {
            let time = EventTime::parse(text).ok_or(Reason::FieldType)?;
            let in_range = (EARLIEST..=LATEST).contains(&time);
            Value::new(time.seconds()).filter(|_| in_range).ok_or(Reason::FieldRange)
        }
        (ColumnType::Label(labels), Picked::Text(text)) => {
            let index =
                labels.iter().position(|label| label == text).ok_or(Reason::UnknownLabel)?;
            Value::new(index as i64).ok_or(Reason::UnknownLabel)
        }
        _ => Err(Reason::FieldType),
    }
}

/// A JSON number is read as the shortest digits that mean it, so that 0.1 is a tenth; text as it stands.
fn amount(of: Denomination, picked: &Picked) -> Result<Value, Reason> {
    let read = match picked {
        Picked::Integer(integer) => of.whole(*integer),
        Picked::Number(number) => of.parse(&number.to_string()),
        Picked::Text(text) => of.parse(text.trim()),
        _ => Err(NoAmount::NotANumber),
    };
    read.map_err(|no| match no {
        NoAmount::NotANumber => Reason::FieldType,
        NoAmount::DoesNotFit => Reason::FieldRange,
    })
}
