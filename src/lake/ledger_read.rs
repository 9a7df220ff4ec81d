//! The ledger read back: its facts, and the newest moment it knows of.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimestampMicrosecondType};

use super::scan::scan;
use super::table::{DataFile, Table};
use super::{LakeError, Remembered};
use crate::area::{AreaId, AreaTree};
use crate::roster::{FactCode, FactHead, Token};
use crate::spec::column::{ColumnType, Value};
use crate::spec::{KindId, Pipeline};
use crate::time::EventTime;

const FACT_COLUMNS: [&str; 6] = ["outcome", "kind", "entity", "time", "area", "fields"];

/// The newest event time in the files' statistics.
pub async fn newest_event_time(ledger: &Table) -> Result<Option<EventTime>, LakeError> {
    let newest = |file: &DataFile| {
        let statistics: serde_json::Value =
            serde_json::from_str(file.statistics.as_deref()?).ok()?;
        EventTime::parse(statistics.get("maxValues")?.get("time")?.as_str()?)
    };
    Ok(ledger.files()?.iter().filter_map(newest).max())
}

/// Tells `remembered` every fact and retraction of these files; returns how many there were.
pub async fn facts(
    ledger: &Table,
    files: &[DataFile],
    pipeline: &Pipeline,
    areas: &AreaTree,
    remembered: &mut impl Remembered,
) -> Result<u64, LakeError> {
    let mut told = 0;
    scan(ledger, files, &FACT_COLUMNS, |batch| {
        told += batch_facts(batch, pipeline, areas, remembered)?;
        Some(())
    })
    .await?;
    Ok(told)
}

fn batch_facts(
    batch: &RecordBatch,
    pipeline: &Pipeline,
    areas: &AreaTree,
    remembered: &mut impl Remembered,
) -> Option<u64> {
    let mut told = 0;
    let text = |name| text_column(batch, name);
    let (outcomes, kinds, area_texts, fields) =
        (text("outcome")?, text("kind")?, text("area")?, text("fields")?);
    let (outcomes, kinds) = (outcomes.as_string::<i32>(), kinds.as_string::<i32>());
    let (area_texts, fields) = (area_texts.as_string::<i32>(), fields.as_string::<i32>());
    let entities = batch.column_by_name("entity")?.as_binary_opt::<i32>()?;
    let times = batch.column_by_name("time")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    for row in 0..batch.num_rows() {
        let retraction = match outcomes.value(row) {
            "fact" => false,
            "retraction" => true,
            _ => continue,
        };
        let index = pipeline.kinds.iter().position(|kind| kind.name == kinds.value(row))?;
        let kind = KindId(index as u8);
        let code = if retraction { FactCode::retraction_of(kind) } else { FactCode::of(kind) };
        let area = area_texts.is_valid(row).then(|| resolve(areas, area_texts.value(row)));
        let head = FactHead::new(EventTime::from_microseconds(times.value(row)), code, area);
        let json = fields.is_valid(row).then(|| fields.value(row));
        let words = if retraction { Vec::new() } else { field_words(pipeline, kind, json)? };
        let entity = Token(entities.value(row).try_into().ok()?);
        remembered.fact(entity, head, &words);
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
        ColumnType::Label(labels) => Value::new(
            labels.iter().position(|label| Some(label.as_str()) == value.as_str())? as i64,
        ),
    }
}
