//! The columns of the tables, as docs/tables.md tells them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use crate::spec::column::ColumnType;
use crate::spec::{Pipeline, Seasons};
use crate::time::EventTime;

/// A moment: microseconds, UTC.
pub fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Text of few different values.
pub fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The ledger, its partition column `dt` last.
pub fn ledger() -> Schema {
    let mut fields = ledger_file();
    fields.push(Field::new("dt", DataType::Date32, false));
    Schema::new(fields)
}

/// The ledger's columns as they stand in a file.
pub fn ledger_file() -> Vec<Field> {
    vec![
        Field::new("topic", dictionary(), false),
        Field::new("partition", DataType::Int32, false),
        Field::new("offset", DataType::Int64, false),
        Field::new("record_time", timestamp(), false),
        Field::new("outcome", dictionary(), false),
        Field::new("reason", dictionary(), true),
        Field::new("kind", dictionary(), true),
        Field::new("entity", DataType::Binary, true),
        Field::new("time", timestamp(), true),
        Field::new("area", dictionary(), true),
        Field::new("fields", dictionary(), true),
        Field::new("sealed", DataType::Binary, true),
    ]
}

/// The digits of an amount: those of the largest, and some for whoever adds them up.
pub const AMOUNT_DIGITS: u8 = 18;

/// The roster of a pipeline: what it is, where it is, of which season where they are told apart, its state, its timeline.
pub fn roster(pipeline: &Pipeline) -> Schema {
    let mut fields = vec![
        Field::new("entity", DataType::Binary, false),
        Field::new("area", dictionary(), false),
    ];
    if pipeline.seasons == Seasons::Apart {
        fields.push(Field::new("season", DataType::Int32, false));
    }
    fields.extend(pipeline.columns.iter().map(|column| {
        let column_type = match &column.column_type {
            ColumnType::Time => timestamp(),
            ColumnType::Integer => DataType::Int64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Amount(of) => DataType::Decimal128(AMOUNT_DIGITS, of.scale as i8),
            ColumnType::Label(_) => dictionary(),
        };
        Field::new(&column.name, column_type, true)
    }));
    fields.push(Field::new("timeline", DataType::Binary, false));
    Schema::new(fields)
}

/// The published rates, their partition column `dt` last.
pub fn rates() -> Schema {
    let mut fields = rates_file();
    fields.push(Field::new("dt", DataType::Date32, false));
    Schema::new(fields)
}

/// The published rates as they stand in a file.
pub fn rates_file() -> Vec<Field> {
    vec![
        Field::new("rate", DataType::Utf8, false),
        Field::new("area", DataType::Utf8, false),
        Field::new("area_name", DataType::Utf8, false),
        Field::new("level", DataType::Utf8, false),
        Field::new("dimension", DataType::Utf8, true),
        Field::new("value", DataType::Utf8, true),
        Field::new("as_of", timestamp(), false),
        Field::new("numerator", DataType::Int64, false),
        Field::new("denominator", DataType::Int64, false),
        Field::new("ratio", DataType::Float64, true),
        Field::new("change", DataType::Utf8, false),
        Field::new("ledger_version", DataType::Int64, false),
        Field::new("published_at", timestamp(), false),
        // Tables that were made before know these two from their next row on.
        Field::new("revision", DataType::Int64, true),
        Field::new("reason", DataType::Utf8, true),
    ]
}

/// What moved in the panes of cells.
pub fn panes() -> Vec<Field> {
    vec![
        Field::new("home", DataType::Utf8, false),
        Field::new("measure", DataType::Utf8, false),
        Field::new("area", DataType::Utf8, false),
        Field::new("dimension", DataType::Utf8, true),
        Field::new("value", DataType::Utf8, true),
        Field::new("pane_end", timestamp(), false),
        Field::new("entries", DataType::Int64, false),
        Field::new("exits", DataType::Int64, false),
        Field::new("frontier", timestamp(), false),
        Field::new("ledger_version", DataType::Int64, false),
    ]
}

/// A schema for a file.
pub fn file(fields: Vec<Field>) -> Arc<Schema> {
    Arc::new(Schema::new(fields))
}

/// A day as the value of a partition column: `2022-02-21`.
pub fn day_text(day: i32) -> String {
    let midnight = EventTime::from_seconds(i64::from(day) * 86_400).to_string();
    midnight.split('T').next().unwrap_or_default().to_owned()
}
