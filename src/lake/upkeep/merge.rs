//! The rows of many files in one order, each as it is.

use arrow::array::{ArrayRef, RecordBatch, UInt64Array};
use arrow::compute::{SortColumn, concat, interleave_record_batch, lexsort_to_indices};
use arrow::error::ArrowError;

/// Rows of a batch.
const BATCH_ROWS: usize = 8_192;

/// The rows of these batches, of one schema, sorted by some columns; rows that are equal there stay in their order.
pub fn merged(batches: &[RecordBatch], keys: &[&str]) -> Result<Vec<RecordBatch>, ArrowError> {
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

/// Where each row is: batch and row in it.
fn places(batches: &[RecordBatch]) -> Vec<(usize, usize)> {
    let rows =
        |(index, batch): (usize, &RecordBatch)| (0..batch.num_rows()).map(move |row| (index, row));
    batches.iter().enumerate().flat_map(rows).collect()
}
