//! The rows of many files in one order, each as it is.

use arrow::array::{ArrayRef, RecordBatch, UInt64Array, new_null_array};
use arrow::compute::{SortColumn, concat, interleave_record_batch, lexsort_to_indices};
use arrow::datatypes::FieldRef;
use arrow::error::ArrowError;

/// Rows of a batch.
const BATCH_ROWS: usize = 8_192;

/// The rows of these batches, sorted by some columns; rows that are equal there stay in their order.
pub fn merged(batches: &[RecordBatch], keys: &[&str]) -> Result<Vec<RecordBatch>, ArrowError> {
    let batches = &alike(batches)?;
    let mut columns = Vec::new();
    for key in keys {
        let parts: Result<Vec<&ArrayRef>, ArrowError> = batches
            .iter()
            .map(|batch| {
                let missing = || ArrowError::SchemaError(format!("no column `{key}`"));
                batch.column_by_name(key).ok_or_else(missing)
            })
            .collect();
        let parts: Vec<&dyn arrow::array::Array> = parts?.into_iter().map(AsRef::as_ref).collect();
        columns.push(SortColumn { values: concat(&parts)?, options: None });
    }
    let places = places(batches);
    let order = UInt64Array::from_iter_values(0..places.len() as u64);
    columns.push(SortColumn { values: std::sync::Arc::new(order), options: None });
    let sorted = lexsort_to_indices(&columns, None)?;
    drop(columns);
    let sorted: Vec<(usize, usize)> =
        sorted.values().iter().map(|index| places[*index as usize]).collect();
    let batches: Vec<&RecordBatch> = batches.iter().collect();
    sorted.chunks(BATCH_ROWS).map(|chunk| interleave_record_batch(&batches, chunk)).collect()
}

/// The batches with the columns of the widest of them: those that came later are empty in what was written before.
fn alike(batches: &[RecordBatch]) -> Result<Vec<RecordBatch>, ArrowError> {
    let widest = batches.iter().map(RecordBatch::schema).max_by_key(|schema| schema.fields().len());
    let Some(widest) = widest else { return Ok(Vec::new()) };
    let completed = |batch: &RecordBatch| {
        let column = |field: &FieldRef| {
            let own = batch.column_by_name(field.name()).cloned();
            own.unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
        };
        let columns = widest.fields().iter().map(column).collect();
        RecordBatch::try_new(widest.clone(), columns)
    };
    batches.iter().map(completed).collect()
}

/// Where each row is: batch and row in it.
fn places(batches: &[RecordBatch]) -> Vec<(usize, usize)> {
    let rows =
        |(index, batch): (usize, &RecordBatch)| (0..batch.num_rows()).map(move |row| (index, row));
    batches.iter().enumerate().flat_map(rows).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::Int64Type;

    use super::*;

    fn batch(columns: &[(&str, &[i64])]) -> RecordBatch {
        let column = |(name, values): &(&str, &[i64])| {
            let values: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
            (name.to_string(), values, true)
        };
        RecordBatch::try_from_iter_with_nullable(columns.iter().map(column)).unwrap()
    }

    #[test]
    fn what_was_written_before_a_column_came_has_nothing_in_it() {
        let before = batch(&[("as_of", &[1, 4])]);
        let since = batch(&[("as_of", &[3, 2]), ("revision", &[7, 8])]);
        let merged = merged(&[before, since], &["as_of"]).unwrap();
        let column = |name: &str| -> Vec<Option<i64>> {
            merged[0].column_by_name(name).unwrap().as_primitive::<Int64Type>().iter().collect()
        };
        assert_eq!(column("as_of"), [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(column("revision"), [None, Some(8), Some(7), None]);
    }
}
