//! The ledger read back: its facts, what its files say they hold, and the newest moment it knows of.

use std::ops::RangeInclusive;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, TimestampMicrosecondType};

use super::recall::Wanted;
use super::scan::scan;
use super::table::{DataFile, Table};
use super::{Home, LakeError, Remembered};
use crate::area::{AreaId, AreaTree};
use crate::decode::TopicPartition;
use crate::roster::{FactCode, FactHead, Token};
use crate::spec::column::{ColumnType, Value};
use crate::spec::{KindId, Pipeline};
use crate::time::EventTime;

const FACT_COLUMNS: [&str; 8] =
    ["topic", "partition", "outcome", "kind", "entity", "time", "area", "fields"];

/// The newest event time in the files' statistics.
pub async fn newest_event_time(ledger: &Table) -> Result<Option<EventTime>, LakeError> {
    let newest = |file: &DataFile| EventTime::parse(extremes(file, "maxValues")?["time"].as_str()?);
    Ok(ledger.files()?.iter().filter_map(newest).max())
}

/// Between which topics and partitions a file's rows lie, by its statistics. Either part by itself: there may be rows of
/// the first topic in the last partition.
pub fn places(file: &DataFile) -> Option<RangeInclusive<TopicPartition>> {
    let place = |which| {
        let values = extremes(file, which)?;
        let partition = values["partition"].as_i64()? as i32;
        Some(TopicPartition { topic: values["topic"].as_str()?.into(), partition })
    };
    Some(place("minValues")?..=place("maxValues")?)
}

fn extremes(file: &DataFile, which: &str) -> Option<serde_json::Value> {
    let mut statistics: serde_json::Value =
        serde_json::from_str(file.statistics.as_deref()?).ok()?;
    Some(statistics.get_mut(which)?.take())
}

/// Tells `remembered` every wanted fact and retraction of these files; returns how many there were.
pub async fn facts(
    ledger: &Table,
    files: &[DataFile],
    pipeline: &Pipeline,
    wanted: &Wanted,
    remembered: &mut impl Remembered,
) -> Result<u64, LakeError> {
    let mut told = 0;
    scan(ledger, files, &FACT_COLUMNS, |file, batch| {
        told += batch_facts(file, batch, pipeline, wanted, remembered)?;
        Some(())
    })
    .await?;
    Ok(told)
}

fn batch_facts(
    file: &DataFile,
    batch: &RecordBatch,
    pipeline: &Pipeline,
    wanted: &Wanted,
    remembered: &mut impl Remembered,
) -> Option<u64> {
    let mut told = 0;
    let text = |name| text_column(batch, name);
    let (topics, outcomes, kinds) = (text("topic")?, text("outcome")?, text("kind")?);
    let (area_texts, fields) = (text("area")?, text("fields")?);
    let (topics, outcomes) = (topics.as_string::<i32>(), outcomes.as_string::<i32>());
    let (kinds, fields) = (kinds.as_string::<i32>(), fields.as_string::<i32>());
    let area_texts = area_texts.as_string::<i32>();
    let partitions = batch.column_by_name("partition")?.as_primitive_opt::<Int32Type>()?;
    let entities = batch.column_by_name("entity")?.as_binary_opt::<i32>()?;
    let times = batch.column_by_name("time")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    // Rows of one partition stand together.
    let (mut place, mut home) = (("", -1), None);
    for row in 0..batch.num_rows() {
        let retraction = match outcomes.value(row) {
            "fact" => false,
            "retraction" => true,
            _ => continue,
        };
        if place != (topics.value(row), partitions.value(row)) {
            place = (topics.value(row), partitions.value(row));
            let partition = TopicPartition { topic: place.0.into(), partition: place.1 };
            home = wanted.row(Home::of(&partition, pipeline), file.version);
        }
        let Some((home, panes)) = &home else { continue };
        let index = pipeline.kinds.iter().position(|kind| kind.name == kinds.value(row))?;
        let kind = KindId(index as u8);
        let code = if retraction { FactCode::retraction_of(kind) } else { FactCode::of(kind) };
        let area = area_texts.is_valid(row).then(|| resolve(pipeline.areas, area_texts.value(row)));
        let head = FactHead::new(EventTime::from_microseconds(times.value(row)), code, area);
        let json = fields.is_valid(row).then(|| fields.value(row));
        let words = if retraction { Vec::new() } else { field_words(pipeline, kind, json)? };
        let entity = Token(entities.value(row).try_into().ok()?);
        remembered.fact(home, entity, head, &words, *panes);
        told += 1;
    }
    Some(told)
}

fn resolve(areas: &AreaTree, text: &str) -> AreaId {
    areas.resolve(text).unwrap_or(areas.unassigned())
}

/// A text column, whatever encoding the file's reader chose.
pub(super) fn text_column(batch: &RecordBatch, name: &str) -> Option<arrow::array::ArrayRef> {
    cast(batch.column_by_name(name)?, &DataType::Utf8).ok()
}

fn field_words(pipeline: &Pipeline, kind: KindId, json: Option<&str>) -> Option<Vec<u64>> {
    let carried: serde_json::Value =
        json.map_or(Some(serde_json::Value::Null), |json| serde_json::from_str(json).ok())?;
    let word = |field: &crate::spec::Field| match carried.get(&field.name) {
        None => Some(Value::NULL.raw() as u64),
        Some(value) => Some(field_value(&field.field_type, value)?.raw() as u64),
    };
    pipeline.kind(kind).fields.iter().map(word).collect()
}

fn field_value(field_type: &ColumnType, value: &serde_json::Value) -> Option<Value> {
    match field_type {
        ColumnType::Integer => Value::new(value.as_i64()?),
        ColumnType::Boolean => Some(Value::from_bool(value.as_bool()?)),
        ColumnType::Time => Value::new(EventTime::parse(value.as_str()?)?.seconds()),
        ColumnType::Amount(of) => of.parse(&value.as_number()?.to_string()).ok(),
        ColumnType::Label(labels) => Value::new(
            labels.iter().position(|label| Some(label.as_str()) == value.as_str())? as i64,
        ),
    }
}
