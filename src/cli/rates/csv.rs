//! Rows as CSV, with the columns that programs read.

use csv::Writer;

use super::beside::{Beside, optional};

/// Rows, and what stands beside them.
pub fn text<T: Beside>(shown: &[T]) -> Result<String, csv::Error> {
    let mut writer = Writer::from_writer(Vec::new());
    let columns = [
        "pipeline",
        "rate",
        "area",
        "area_name",
        "level",
        "dimension",
        "value",
        "as_of",
        "numerator",
        "denominator",
        "ratio",
        "change",
        "unit",
        "denominator_unit",
    ];
    writer.write_record(columns.iter().chain(T::COLUMNS))?;
    for beside in shown {
        let (row, more) = (beside.row(), beside.columns());
        let change = serde_json::Value::Object(row.change.clone()).to_string();
        let fields = [
            row.pipeline,
            row.rate,
            row.area,
            row.area_name,
            row.level,
            row.dimension.unwrap_or_default(),
            row.value.unwrap_or_default(),
            &row.as_of,
            &row.numerator.to_string(),
            &optional(row.denominator),
            &optional(row.ratio),
            &change,
            row.unit.unwrap_or_default(),
            row.denominator_unit.unwrap_or_default(),
        ];
        writer.write_record(fields.into_iter().chain(more.iter().map(String::as_str)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
