//! The panes table: what moved in every cell, appended epoch by epoch. Whoever follows it knows every level without
//! knowing any entity.
//!
//! The rows of a home are in files of their own, so that a home can be told anew. What counts otherwise (another
//! measure, another dimension) is another *generation*, in folders of its own beside the old one's.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;

use super::scan::scan;
use super::table::{DataFile, Table, failed};
use super::{Home, LakeError, schema};
use crate::area::AreaTree;
use crate::spec::Pipeline;
use crate::steps::Cell;
use crate::time::EventTime;

/// What moved in the panes of one home's cells.
#[derive(Clone, Default, Debug)]
pub struct PaneRows(BTreeMap<(Cell, EventTime), Moved>);

/// How many came and went.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Moved {
    /// Into the cell.
    pub entries: i64,
    /// Out of it.
    pub exits: i64,
}

impl PaneRows {
    /// Adds what moved in the pane of a cell that ends at `end`.
    pub fn add(&mut self, cell: Cell, end: EventTime, moved: Moved) {
        let sum = self.0.entry((cell, end)).or_default();
        sum.entries += moved.entries;
        sum.exits += moved.exits;
    }

    /// Adds another shard's.
    pub fn extend(&mut self, other: Self) {
        other.0.into_iter().for_each(|((cell, end), moved)| self.add(cell, end, moved));
    }

    /// Whether nothing moved.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn to_batch(
        &self,
        pipeline: &Pipeline,
        areas: &AreaTree,
        home: &Home,
        frontier: EventTime,
    ) -> Result<RecordBatch, LakeError> {
        let batch = self.columns(pipeline, areas, home, frontier);
        batch.map_err(|error| failed(&pipeline.name, "lay out panes", error))
    }

    fn columns(
        &self,
        pipeline: &Pipeline,
        areas: &AreaTree,
        home: &Home,
        frontier: EventTime,
    ) -> Result<RecordBatch, ArrowError> {
        let slices: BTreeMap<_, _> =
            pipeline.slices().map(|(id, d, v)| (id, (d.name.as_str(), v.name.as_str()))).collect();
        let cells = || self.0.keys().map(|(cell, _)| *cell);
        let slice = |cell: Cell| cell.slice().and_then(|slice| slices.get(&slice));
        let measure = |cell: Cell| pipeline.measures[usize::from(cell.measure().0)].name.as_str();
        let home = home.to_string();
        let ends = self.0.keys().map(|(_, end)| end.microseconds());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(cells().map(|_| &home))),
            Arc::new(StringArray::from_iter_values(cells().map(measure))),
            Arc::new(StringArray::from_iter_values(cells().map(|cell| areas.code(cell.area())))),
            Arc::new(cells().map(|cell| slice(cell).map(|s| s.0)).collect::<StringArray>()),
            Arc::new(cells().map(|cell| slice(cell).map(|s| s.1)).collect::<StringArray>()),
            Arc::new(TimestampMicrosecondArray::from_iter_values(ends).with_timezone("UTC")),
            Arc::new(Int64Array::from_iter_values(self.0.values().map(|moved| moved.entries))),
            Arc::new(Int64Array::from_iter_values(self.0.values().map(|moved| moved.exits))),
            Arc::new(
                TimestampMicrosecondArray::from(vec![frontier.microseconds(); self.0.len()])
                    .with_timezone("UTC"),
            ),
        ];
        RecordBatch::try_new(schema::file(schema::panes()), columns)
    }
}

/// Receives the panes table's rows.
pub trait Followed {
    /// So many came into a cell and went out of it, in the pane that ends at `end`. No board is to be made as of an
    /// earlier moment than `frontier`: panes are as wide as such a board allows.
    fn moved(&mut self, cell: Cell, end: EventTime, moved: Moved, frontier: EventTime);
}

const COLUMNS: [&str; 8] =
    ["measure", "area", "dimension", "value", "pane_end", "entries", "exits", "frontier"];

/// Tells `followed` the rows of these files.
pub(super) async fn read(
    table: &Table,
    files: &[DataFile],
    pipeline: &Pipeline,
    areas: &AreaTree,
    followed: &mut impl Followed,
) -> Result<(), LakeError> {
    scan(table, files, &COLUMNS, |_, batch| tell(batch, pipeline, areas, followed)).await
}

fn tell(
    batch: &RecordBatch,
    pipeline: &Pipeline,
    areas: &AreaTree,
    followed: &mut impl Followed,
) -> Option<()> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let number = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let time =
        |name: &str| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
    let (measures, codes) = (text("measure")?, text("area")?);
    let (dimensions, values) = (text("dimension")?, text("value")?);
    let (entries, exits) = (number("entries")?, number("exits")?);
    let (ends, frontiers) = (time("pane_end")?, time("frontier")?);
    for row in 0..batch.num_rows() {
        let measure = pipeline.measure(measures.value(row))?;
        let slice = match dimensions.is_valid(row) {
            true => Some(pipeline.slice(dimensions.value(row), values.value(row))?),
            false => None,
        };
        let cell = Cell::new(measure, areas.resolve(codes.value(row))?, slice);
        let moved = Moved { entries: entries.value(row), exits: exits.value(row) };
        let at = EventTime::from_microseconds;
        followed.moved(cell, at(ends.value(row)), moved, at(frontiers.value(row)));
    }
    Some(())
}
