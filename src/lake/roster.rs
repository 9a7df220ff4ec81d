//! The roster table: entities with their state's columns, which people query, and their timelines, which we load.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Int64Array, RecordBatch,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

use super::ledger::dictionary;
use super::scan::scan;
use super::table::{Table, failed};
use super::{LakeError, Remembered, schema};
use crate::area::{AreaId, AreaTree};
use crate::roster::{Layout, Roster, State, Timeline, Token};
use crate::spec::Pipeline;
use crate::spec::column::{Column, ColumnType, Value};
use crate::time::EventTime;

/// The most rows of a file.
const FILE_ROWS_MOST: usize = 1 << 20;

/// A roster snapshot on its way to files.
#[derive(Default)]
pub struct RosterRows(Vec<RecordBatch>);

impl RosterRows {
    /// The rows of one shard's roster, sorted by entity, so that the same roster is the same rows.
    pub fn of(roster: &Roster, pipeline: &Pipeline, areas: &AreaTree) -> Result<Self, LakeError> {
        let mut entities: Vec<_> = roster.iter().collect();
        entities.sort_unstable_by_key(|(token, _)| *token);
        let layout = Layout::of(pipeline);
        let schema = Arc::new(schema::roster(pipeline));
        let mut batches = Vec::new();
        for chunk in entities.chunks(FILE_ROWS_MOST) {
            let mut rows = Rows::new(pipeline);
            for (token, timeline) in chunk {
                rows.push(*token, timeline, &layout, areas.unassigned());
            }
            let batch = rows.into_batch(pipeline, areas, schema.clone());
            batches
                .push(batch.map_err(|error| failed(&pipeline.name, "lay out roster rows", error))?);
        }
        Ok(Self(batches))
    }

    /// Takes over another shard's rows.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many entities it holds.
    pub fn len(&self) -> usize {
        self.0.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn into_batches(self) -> Vec<RecordBatch> {
        self.0
    }
}

struct Rows {
    state: State,
    entities: BinaryBuilder,
    areas: Vec<AreaId>,
    columns: Vec<Vec<Value>>,
    timelines: BinaryBuilder,
    /// The timeline being written.
    bytes: Vec<u8>,
}

impl Rows {
    fn new(pipeline: &Pipeline) -> Self {
        Self {
            state: State::new(&Layout::of(pipeline)),
            entities: BinaryBuilder::new(),
            areas: Vec::new(),
            columns: vec![Vec::new(); pipeline.columns.len()],
            timelines: BinaryBuilder::new(),
            bytes: Vec::new(),
        }
    }

    fn push(&mut self, token: Token, timeline: &Timeline, layout: &Layout, unassigned: AreaId) {
        self.state.clear();
        timeline.facts(layout).for_each(|(head, fields)| self.state.apply(head, fields, layout));
        self.entities.append_value(token.0);
        self.areas.push(self.state.area().unwrap_or(unassigned));
        self.columns
            .iter_mut()
            .zip(self.state.row())
            .for_each(|(column, value)| column.push(*value));
        self.bytes.clear();
        timeline.words().iter().for_each(|word| self.bytes.extend_from_slice(&word.to_le_bytes()));
        self.timelines.append_value(&self.bytes);
    }

    fn into_batch(
        mut self,
        pipeline: &Pipeline,
        areas: &AreaTree,
        schema: Arc<Schema>,
    ) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(self.entities.finish()), area_column(&self.areas, areas)?];
        for (column, values) in pipeline.columns.iter().zip(&self.columns) {
            columns.push(state_column(column, values)?);
        }
        columns.push(Arc::new(self.timelines.finish()));
        RecordBatch::try_new(schema, columns)
    }
}

fn area_column(ids: &[AreaId], areas: &AreaTree) -> Result<ArrayRef, ArrowError> {
    let mut used = ids.to_vec();
    used.sort_unstable();
    used.dedup();
    let key = |id: &AreaId| used.binary_search(id).ok().map(|index| index as i32);
    dictionary(ids.iter().map(key).collect(), used.iter().map(|id| areas.code(*id)))
}

fn state_column(column: &Column, values: &[Value]) -> Result<ArrayRef, ArrowError> {
    let values = values.iter().map(|value| value.get());
    Ok(match &column.column_type {
        ColumnType::Time => {
            let microseconds =
                values.map(|value| value.map(|s| EventTime::from_seconds(s).microseconds()));
            Arc::new(microseconds.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        ColumnType::Integer => Arc::new(values.collect::<Int64Array>()),
        ColumnType::Boolean => {
            Arc::new(values.map(|value| value.map(|v| v == 1)).collect::<BooleanArray>())
        }
        ColumnType::Label(labels) => {
            let keys = values.map(|value| value.map(|v| v as i32)).collect();
            dictionary(keys, labels.iter().map(String::as_str))?
        }
    })
}

/// Tells `remembered` every timeline of the table.
pub(super) async fn load(table: &Table, remembered: &mut impl Remembered) -> Result<(), LakeError> {
    let files = table.files()?;
    scan(table, &files, &["entity", "timeline"], |batch| batch_timelines(batch, remembered)).await
}

fn batch_timelines(batch: &RecordBatch, remembered: &mut impl Remembered) -> Option<()> {
    let entities = batch.column_by_name("entity")?.as_binary_opt::<i32>()?;
    let timelines = batch.column_by_name("timeline")?.as_binary_opt::<i32>()?;
    for row in 0..entities.len() {
        let (words, rest) = timelines.value(row).as_chunks::<8>();
        if !rest.is_empty() {
            return None;
        }
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        let entity = Token(entities.value(row).try_into().ok()?);
        remembered.timeline(entity, Timeline::from_words(words));
    }
    Some(())
}
