//! A data file's statistics in the form of the Delta log, from what the Parquet writer has counted anyway.

use parquet::basic::LogicalType;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescriptor;
use serde_json::{Map, Value, json};

use crate::time::EventTime;

/// `{"numRecords", "minValues", "maxValues", "nullCount"}`.
pub fn of(file: &ParquetMetaData) -> String {
    let (mut least, mut greatest, mut missing) = (Map::new(), Map::new(), Map::new());
    for group in file.row_groups() {
        for column in group.columns() {
            let Some(statistics) = column.statistics() else {
                continue;
            };
            let name = column.column_descr().name();
            if let Some((low, high)) = bounds(column.column_descr(), statistics) {
                widen(&mut least, name, low, |new, old| new < old);
                widen(&mut greatest, name, high, |new, old| new > old);
            }
            let nulls = statistics.null_count_opt().unwrap_or(0);
            let sum = missing.get(name).and_then(Value::as_u64).unwrap_or(0) + nulls;
            missing.insert(name.to_owned(), sum.into());
        }
    }
    let rows = file.file_metadata().num_rows();
    json!({ "numRecords": rows, "minValues": least, "maxValues": greatest, "nullCount": missing })
        .to_string()
}

/// A bound that can be compared and written.
#[derive(PartialEq, PartialOrd)]
enum Bound {
    Number(i64),
    /// Milliseconds since 1970: Delta's log has no finer ones.
    Time(i64),
    Text(String),
}

impl Bound {
    fn to_json(&self) -> Value {
        match self {
            Self::Number(number) => (*number).into(),
            Self::Time(milliseconds) => {
                let text = EventTime::from_milliseconds(*milliseconds).to_string();
                let fraction = format!(".{:03}Z", milliseconds.rem_euclid(1_000));
                text.replace('Z', &fraction).into()
            }
            Self::Text(text) => text.as_str().into(),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_i64().map(Self::Number),
            Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }
}

/// Times are written in a form whose order as text is their order, so that text is enough to compare.
fn widen(
    bounds: &mut Map<String, Value>,
    name: &str,
    new: Bound,
    wider: fn(&Bound, &Bound) -> bool,
) {
    let new = new.to_json();
    let is_wider = match (bounds.get(name).and_then(Bound::from_json), Bound::from_json(&new)) {
        (Some(old), Some(candidate)) => wider(&candidate, &old),
        _ => true,
    };
    if is_wider {
        bounds.insert(name.to_owned(), new);
    }
}

fn bounds(column: &ColumnDescriptor, statistics: &Statistics) -> Option<(Bound, Bound)> {
    match statistics {
        Statistics::Int32(values) => {
            let number = |value: &i32| Bound::Number(i64::from(*value));
            Some((number(values.min_opt()?), number(values.max_opt()?)))
        }
        // A decimal's bounds would have to be written with its decimals, and few ask for them: it has none.
        Statistics::Int64(_) if is_decimal(column) => None,
        Statistics::Int64(values) if is_time(column) => {
            // The bounds enclose what they are of: whoever looks for the last microsecond must not pass the file over.
            let (least, greatest) = (*values.min_opt()?, *values.max_opt()?);
            let up = greatest.div_euclid(1_000) + i64::from(greatest.rem_euclid(1_000) > 0);
            Some((Bound::Time(least.div_euclid(1_000)), Bound::Time(up)))
        }
        Statistics::Int64(values) => {
            Some((Bound::Number(*values.min_opt()?), Bound::Number(*values.max_opt()?)))
        }
        Statistics::ByteArray(values) if is_text(column) => {
            let text = |bytes: &[u8]| {
                std::str::from_utf8(bytes).ok().map(|text| Bound::Text(text.to_owned()))
            };
            Some((text(values.min_opt()?.data())?, text(values.max_opt()?.data())?))
        }
        _ => None,
    }
}

fn is_time(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Timestamp(_)))
}

fn is_decimal(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Decimal(_)))
}

fn is_text(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::String))
}
