//! The one way to read data files back: named columns, batch by batch, file by file.

use arrow::array::RecordBatch;

use super::table::{DataFile, Table, failed};
use super::{LakeError, parquet_file};

/// Hands every batch of these files to `take`, which answers `None` where it finds what this program never writes.
pub async fn scan(
    table: &Table,
    files: &[DataFile],
    columns: &[&str],
    mut take: impl FnMut(&RecordBatch) -> Option<()>,
) -> Result<(), LakeError> {
    for file in files {
        let bytes = table.read(file).await?;
        let batches = parquet_file::decode(bytes, columns);
        for batch in batches.map_err(|error| failed(table.name(), "read a file", error))? {
            let batch = batch.map_err(|error| failed(table.name(), "read a file", error))?;
            let damaged =
                || LakeError::Damaged { table: table.name().to_owned(), what: file.path.clone() };
            take(&batch).ok_or_else(damaged)?;
        }
    }
    Ok(())
}
