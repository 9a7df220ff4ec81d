//! The rows of the panes table, written and read back. They know no entity.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use arrow::error::ArrowError;
use hashbrown::HashMap;

use crate::lake::scan::scan;
use crate::lake::table::{DataFile, Table, failed};
use crate::lake::{Home, LakeError, LedgerVersion, schema};
use crate::spec::Pipeline;
use crate::steps::Cell;
use crate::time::EventTime;

/// What moved in the panes of one home's cells. Steps come by the million and in no order: only what is told is put in one.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PaneRows(HashMap<(Cell, EventTime), Moved>);

/// How much came and went: entities, or what they brought.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Moved {
    /// Into the cell.
    pub entries: i64,
    /// Out of it.
    pub exits: i64,
}

impl Moved {
    /// A level that rose by so much, so many times: a negative number takes it back.
    pub fn by(rise: i64, times: i64) -> Self {
        match rise {
            1.. => Self { entries: rise * times, exits: 0 },
            _ => Self { entries: 0, exits: -rise * times },
        }
    }
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

    /// What moved, in the order of cells and of the ends of their panes.
    pub fn sorted(&self) -> Vec<(Cell, EventTime, Moved)> {
        let rows = self.0.iter().map(|((cell, end), moved)| (*cell, *end, *moved));
        let mut rows: Vec<_> = rows.collect();
        rows.sort_unstable_by_key(|(cell, end, _)| (*cell, *end));
        rows
    }

    /// How many panes of cells something moved in.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing moved.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::lake) fn to_batch(
        &self,
        pipeline: &Pipeline,
        home: &Home,
        reached: Reached,
    ) -> Result<RecordBatch, LakeError> {
        let batch = self.columns(pipeline, home, reached);
        batch.map_err(|error| failed(&pipeline.name, "lay out panes", error))
    }

    fn columns(
        &self,
        pipeline: &Pipeline,
        home: &Home,
        reached: Reached,
    ) -> Result<RecordBatch, ArrowError> {
        let slices: HashMap<_, _> =
            pipeline.slices().map(|(id, d, v)| (id, (d.name.as_str(), v.name.as_str()))).collect();
        let told = self.sorted();
        let cells = || told.iter().map(|(cell, ..)| *cell);
        let slice = |cell: Cell| cell.slice().and_then(|slice| slices.get(&slice));
        let measure = |cell: Cell| pipeline.measures[usize::from(cell.measure().0)].name.as_str();
        let (home, rows) = (home.to_string(), told.len());
        let ends = told.iter().map(|(_, end, _)| end.microseconds());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(cells().map(|_| &home))),
            Arc::new(StringArray::from_iter_values(cells().map(measure))),
            Arc::new(StringArray::from_iter_values(
                cells().map(|cell| pipeline.areas.code(cell.area())),
            )),
            Arc::new(cells().map(|cell| slice(cell).map(|s| s.0)).collect::<StringArray>()),
            Arc::new(cells().map(|cell| slice(cell).map(|s| s.1)).collect::<StringArray>()),
            Arc::new(TimestampMicrosecondArray::from_iter_values(ends).with_timezone("UTC")),
            Arc::new(Int64Array::from_iter_values(told.iter().map(|(.., moved)| moved.entries))),
            Arc::new(Int64Array::from_iter_values(told.iter().map(|(.., moved)| moved.exits))),
            Arc::new(
                TimestampMicrosecondArray::from(vec![reached.frontier.microseconds(); rows])
                    .with_timezone("UTC"),
            ),
            Arc::new(Int64Array::from(vec![reached.ledger.0 as i64; rows])),
        ];
        RecordBatch::try_new(schema::file(schema::panes()), columns)
    }
}

/// How far rows of the panes table go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reached {
    /// No board is to be made as of an earlier moment: panes are as wide as such a board allows.
    pub frontier: EventTime,
    /// The ledger version up to which they tell what moved.
    pub ledger: LedgerVersion,
}

/// Receives the panes table's rows.
pub trait Followed {
    /// So many came into a cell and went out of it, in the pane that ends at `end`.
    fn moved(&mut self, cell: Cell, end: EventTime, moved: Moved, reached: Reached);
}

const COLUMNS: [&str; 9] = [
    "measure",
    "area",
    "dimension",
    "value",
    "pane_end",
    "entries",
    "exits",
    "frontier",
    "ledger_version",
];

/// Tells `followed` the rows of these files.
pub(in crate::lake) async fn read(
    table: &Table,
    files: &[DataFile],
    pipeline: &Pipeline,
    followed: &mut impl Followed,
) -> Result<(), LakeError> {
    scan(table, files, &COLUMNS, |_, batch| tell(batch, pipeline, followed)).await
}

fn tell(batch: &RecordBatch, pipeline: &Pipeline, followed: &mut impl Followed) -> Option<()> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let number = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let time =
        |name: &str| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
    let (measures, codes) = (text("measure")?, text("area")?);
    let (dimensions, values) = (text("dimension")?, text("value")?);
    let (entries, exits) = (number("entries")?, number("exits")?);
    let (ends, frontiers) = (time("pane_end")?, time("frontier")?);
    let versions = number("ledger_version")?;
    for row in 0..batch.num_rows() {
        let measure = pipeline.measure(measures.value(row))?;
        let slice = match dimensions.is_valid(row) {
            true => Some(pipeline.slice(dimensions.value(row), values.value(row))?),
            false => None,
        };
        let cell = Cell::new(measure, pipeline.areas.resolve(codes.value(row))?, slice);
        let moved = Moved { entries: entries.value(row), exits: exits.value(row) };
        let at = EventTime::from_microseconds;
        let reached = Reached {
            frontier: at(frontiers.value(row)),
            ledger: LedgerVersion(versions.value(row) as u64),
        };
        followed.moved(cell, at(ends.value(row)), moved, reached);
    }
    Some(())
}
