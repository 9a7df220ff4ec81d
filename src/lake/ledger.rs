//! Ledger rows on their way to a file: one for every consumed record, in columns from the start.
//!
//! Rows are kept apart by day and partition, so that a file is sorted by (topic, partition, offset) without sorting.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use hashbrown::{Equivalent, HashMap};

use super::table::failed;
use super::{LakeError, schema};
use crate::decode::{AreaText, Fact, Offset, Reason, TopicPartition};
use crate::roster::Token;
use crate::spec::amount::digits;
use crate::spec::column::{ColumnType, Value};
use crate::spec::{KindId, Pipeline};
use crate::time::EventTime;

/// What became of a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecordOutcome {
    /// It is a fact.
    Fact,
    /// It voids facts.
    Retraction,
    /// It is another pipeline's business.
    Ignored,
    /// It was rejected.
    Rejected,
}

impl RecordOutcome {
    /// Every outcome, in the order of their values.
    pub const ALL: [Self; 4] = [Self::Fact, Self::Retraction, Self::Ignored, Self::Rejected];

    /// The value in the ledger and in the label `outcome`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Retraction => "retraction",
            Self::Ignored => "ignored",
            Self::Rejected => "rejected",
        }
    }
}

/// Rows of a commit to come.
#[derive(Default)]
pub struct LedgerRows {
    places: BTreeMap<(i32, TopicPartition), usize>,
    runs: Vec<Run>,
    /// The run written to last: records come in batches of one partition, so it is nearly always the next one too.
    last: Option<((i32, TopicPartition), usize)>,
    rows: usize,
}

/// Rows of one day and partition.
#[derive(Default)]
struct Run {
    offsets: Vec<i64>,
    record_times: Vec<i64>,
    outcomes: Vec<i32>,
    reasons: Vec<Option<i32>>,
    kinds: Vec<Option<i32>>,
    entities: Vec<Option<Token>>,
    times: Vec<Option<i64>>,
    areas: Interned<Box<str>>,
    fields: Interned<Fields>,
    sealed: Vec<(usize, Vec<u8>)>,
}

/// A column of few different texts, each known by what it is written from, so that it is written once.
struct Interned<K> {
    ids: HashMap<K, i32>,
    texts: Vec<String>,
    keys: Vec<Option<i32>>,
}

/// What a fact carries.
#[derive(PartialEq, Eq, Hash)]
struct Fields {
    kind: KindId,
    values: Box<[Value]>,
}

/// The same, borrowed; it hashes alike.
#[derive(Hash)]
struct FieldsOf<'v> {
    kind: KindId,
    values: &'v [Value],
}

impl LedgerRows {
    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// A fact or a retraction.
    pub fn push_fact(
        &mut self,
        place: (&TopicPartition, Offset, EventTime),
        fact: &Fact,
        values: &[Value],
        pipeline: &Pipeline,
    ) {
        let code = fact.head.code();
        let kind = code.kind();
        let outcome =
            if code.is_retraction() { RecordOutcome::Retraction } else { RecordOutcome::Fact };
        let run = self.run(place, outcome);
        run.reasons.push(None);
        run.kinds.push(Some(i32::from(kind.0)));
        run.entities.push(Some(fact.entity));
        run.times.push(Some(fact.head.time().microseconds()));
        match &fact.area_text {
            Some(AreaText::Code(code)) => run.areas.push(*code, str::to_owned),
            Some(area) => run.areas.push(area.to_string().as_str(), str::to_owned),
            None => run.areas.push_null(),
        }
        if values.iter().all(|value| value.is_null()) {
            run.fields.push_null();
        } else {
            run.fields.push(&FieldsOf { kind, values }, |fields| fields.written(pipeline));
        }
    }

    /// A record that is another pipeline's business.
    pub fn push_ignored(&mut self, place: (&TopicPartition, Offset, EventTime)) {
        self.run(place, RecordOutcome::Ignored).push_nothing(None);
    }

    /// A reject with its sealed bytes.
    pub fn push_rejected(
        &mut self,
        place: (&TopicPartition, Offset, EventTime),
        reason: Reason,
        sealed: Vec<u8>,
    ) {
        let run = self.run(place, RecordOutcome::Rejected);
        run.sealed.push((run.offsets.len() - 1, sealed));
        run.push_nothing(Some(reason as i32));
    }

    fn run(
        &mut self,
        place: (&TopicPartition, Offset, EventTime),
        outcome: RecordOutcome,
    ) -> &mut Run {
        let (partition, offset, record_time) = place;
        self.rows += 1;
        let index = self.run_index(record_time.utc_day(), partition);
        let run = &mut self.runs[index];
        run.offsets.push(offset.0);
        run.record_times.push(record_time.microseconds());
        run.outcomes.push(outcome as i32);
        run
    }

    fn run_index(&mut self, day: i32, partition: &TopicPartition) -> usize {
        match &self.last {
            Some(((last_day, last), index)) if *last_day == day && last == partition => *index,
            _ => {
                let key = (day, partition.clone());
                let index = *self.places.entry(key.clone()).or_insert(self.runs.len());
                if index == self.runs.len() {
                    self.runs.push(Run::default());
                }
                self.last = Some((key, index));
                index
            }
        }
    }

    /// The rows of each day and partition, sorted by offset.
    pub(super) fn into_runs(self, pipeline: &Pipeline) -> Result<Runs, LakeError> {
        let mut runs = self.runs;
        let batch = |(place, index): ((i32, TopicPartition), usize)| {
            let run = std::mem::take(&mut runs[index]);
            let batch = run.into_batch(&place.1, pipeline);
            let batch =
                batch.map_err(|error| failed(&pipeline.name, "lay out ledger rows", error))?;
            Ok((place, batch))
        };
        self.places.into_iter().map(batch).collect()
    }

    /// Drops the rows of a partition.
    pub fn drop_partition(&mut self, partition: &TopicPartition) {
        self.last = None;
        for (_, index) in self.places.extract_if(.., |(_, of), _| of == partition) {
            self.rows -= std::mem::take(&mut self.runs[index]).offsets.len();
        }
    }
}

/// Rows by day and partition.
pub(super) type Runs = BTreeMap<(i32, TopicPartition), RecordBatch>;

impl Run {
    fn push_nothing(&mut self, reason: Option<i32>) {
        self.reasons.push(reason);
        self.kinds.push(None);
        self.entities.push(None);
        self.times.push(None);
        self.areas.push_null();
        self.fields.push_null();
    }

    fn into_batch(
        self,
        partition: &TopicPartition,
        pipeline: &Pipeline,
    ) -> Result<RecordBatch, arrow::error::ArrowError> {
        let rows = self.offsets.len();
        let kinds = pipeline.kinds.iter().map(|kind| kind.name.as_str());
        let outcomes = RecordOutcome::ALL.map(RecordOutcome::code);
        let columns: Vec<ArrayRef> = vec![
            dictionary(vec![Some(0); rows], [partition.topic.as_ref()])?,
            Arc::new(Int32Array::from(vec![partition.partition; rows])),
            Arc::new(Int64Array::from(self.offsets)),
            Arc::new(TimestampMicrosecondArray::from(self.record_times).with_timezone("UTC")),
            dictionary(self.outcomes.into_iter().map(Some).collect(), outcomes)?,
            dictionary(self.reasons, Reason::ALL.map(Reason::code))?,
            dictionary(self.kinds, kinds)?,
            Arc::new(binary(
                self.entities.iter().map(|token| token.as_ref().map(|t| &t.0[..])),
                rows * 16,
            )),
            Arc::new(TimestampMicrosecondArray::from(self.times).with_timezone("UTC")),
            self.areas.into_array()?,
            self.fields.into_array()?,
            Arc::new(sealed_column(&self.sealed, rows)),
        ];
        RecordBatch::try_new(schema::file(schema::ledger_file()), columns)
    }
}

impl<K> Default for Interned<K> {
    fn default() -> Self {
        Self { ids: HashMap::new(), texts: Vec::new(), keys: Vec::new() }
    }
}

impl<K: Eq + Hash> Interned<K> {
    fn push<Q>(&mut self, known_by: &Q, write: impl FnOnce(&Q) -> String)
    where
        Q: Hash + Equivalent<K> + ?Sized,
        K: for<'q> From<&'q Q>,
    {
        let id = match self.ids.get(known_by) {
            Some(id) => *id,
            None => {
                let id = self.texts.len() as i32;
                self.texts.push(write(known_by));
                self.ids.insert(known_by.into(), id);
                id
            }
        };
        self.keys.push(Some(id));
    }

    fn push_null(&mut self) {
        self.keys.push(None);
    }

    fn into_array(self) -> Result<ArrayRef, arrow::error::ArrowError> {
        dictionary(self.keys, self.texts.iter().map(String::as_str))
    }
}

/// Dictionary-encoded text from keys and what they stand for.
pub(super) fn dictionary<'t>(
    keys: Vec<Option<i32>>,
    texts: impl IntoIterator<Item = &'t str>,
) -> Result<ArrayRef, arrow::error::ArrowError> {
    let texts: Vec<&str> = texts.into_iter().collect();
    let values = Arc::new(StringArray::from(texts));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from(keys), values)?))
}

fn binary<'b>(
    values: impl Iterator<Item = Option<&'b [u8]>>,
    bytes: usize,
) -> arrow::array::BinaryArray {
    let mut builder = BinaryBuilder::with_capacity(bytes / 16, bytes);
    values.for_each(|value| builder.append_option(value));
    builder.finish()
}

fn sealed_column(sealed: &[(usize, Vec<u8>)], rows: usize) -> arrow::array::BinaryArray {
    let bytes = sealed.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut sealed = sealed.iter().peekable();
    let values = (0..rows)
        .map(|row| sealed.next_if(|(at, _)| *at == row).map(|(_, bytes)| bytes.as_slice()));
    binary(values, bytes)
}

impl FieldsOf<'_> {
    /// `{"mode":"rail"}`: what the fact carries, missing fields left out.
    fn written(&self, pipeline: &Pipeline) -> String {
        let (mut text, mut separator) = (String::new(), '{');
        for (field, value) in pipeline.kind(self.kind).fields.iter().zip(self.values) {
            let Some(value) = value.get() else { continue };
            let name = &field.name;
            let written = match &field.field_type {
                ColumnType::Integer => write!(text, "{separator}\"{name}\":{value}"),
                ColumnType::Boolean => write!(text, "{separator}\"{name}\":{}", value == 1),
                ColumnType::Time => {
                    write!(text, "{separator}\"{name}\":\"{}\"", EventTime::from_seconds(value))
                }
                ColumnType::Amount(of) => {
                    write!(text, "{separator}\"{name}\":{}", digits(value, of.scale))
                }
                ColumnType::Label(labels) => {
                    let label = labels.get(value as usize).map(String::as_str).unwrap_or_default();
                    let quoted = serde_json::Value::from(label);
                    write!(text, "{separator}\"{name}\":{quoted}")
                }
            };
            _ = written; // writing to a String does not fail
            separator = ',';
        }
        text.push('}');
        text
    }
}

impl Equivalent<Fields> for FieldsOf<'_> {
    fn equivalent(&self, fields: &Fields) -> bool {
        self.kind == fields.kind && *self.values == *fields.values
    }
}

impl From<&FieldsOf<'_>> for Fields {
    fn from(fields: &FieldsOf<'_>) -> Self {
        Self { kind: fields.kind, values: fields.values.into() }
    }
}
