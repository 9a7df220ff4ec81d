//! The one way to read data files back: named columns, batch by batch, in the order of the files.
//!
//! Files ahead of the one that is being told are read and decoded meanwhile, on other threads.

use arrow::array::RecordBatch;
use futures::{StreamExt, stream};

use super::table::{DataFile, Table, failed};
use super::{LakeError, file_name, parquet_file};

/// How many files are read or decoded at a time. Each is in memory meanwhile.
const FILES_AHEAD: usize = 3;

/// Hands every batch of these files to `take`, which answers `None` where it finds what this program never writes.
pub async fn scan(
    table: &Table,
    files: &[DataFile],
    columns: &'static [&'static str],
    take: impl FnMut(&DataFile, &RecordBatch) -> Option<()>,
) -> Result<(), LakeError> {
    scan_despite(table, files, columns, take, |_, damage| Err(damage)).await
}

/// The same; `is_damaged` is told of each file that is not as it was written, and says whether to go on with the next.
pub async fn scan_despite(
    table: &Table,
    files: &[DataFile],
    columns: &'static [&'static str],
    mut take: impl FnMut(&DataFile, &RecordBatch) -> Option<()>,
    mut is_damaged: impl FnMut(&DataFile, LakeError) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    let decoded =
        stream::iter(files).map(|file| async move { (file, decoded(table, file, columns).await) });
    let mut decoded = std::pin::pin!(decoded.buffered(FILES_AHEAD));
    while let Some((file, batches)) = decoded.next().await {
        let told = batches.and_then(|batches| {
            let told = batches.iter().try_for_each(|batch| take(file, batch));
            told.ok_or_else(|| damaged(table, file))
        });
        match told {
            Err(damage @ LakeError::Damaged { .. }) => is_damaged(file, damage)?,
            told => told?,
        }
    }
    Ok(())
}

/// A file's batches, once its content and the number of its rows are what they should be.
async fn decoded(
    table: &Table,
    file: &DataFile,
    columns: &'static [&'static str],
) -> Result<Vec<RecordBatch>, LakeError> {
    let bytes = table.read(file).await?.ok_or_else(|| damaged(table, file))?;
    if file_name::contradicts(&file.path, &bytes) {
        return Err(damaged(table, file));
    }
    let decoded = tokio::task::spawn_blocking(move || parquet_file::decode(bytes, columns)).await;
    let decoded = decoded.map_err(|error| failed(table.name(), "read a file", error))?;
    let batches = decoded.map_err(|_| damaged(table, file))?;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    match file.rows() {
        Some(wanted) if wanted != rows => Err(damaged(table, file)),
        _ => Ok(batches),
    }
}

fn damaged(table: &Table, file: &DataFile) -> LakeError {
    LakeError::Damaged { table: table.name().to_owned(), what: file.path.clone() }
}
