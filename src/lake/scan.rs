//! The one way to read data files back: named columns, batch by batch, in the order of the files.
//!
//! Files ahead of the one that is being told are read, and begun to be decoded, meanwhile, on other threads.

use arrow::array::RecordBatch;
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::sync::mpsc;

use super::parquet_file::Note;
use super::table::{DataFile, Table};
use super::{LakeError, file_name, parquet_file};

/// How many files are read at a time, and how many are decoded. Each is in memory, as it is stored, meanwhile.
const FILES_AHEAD: usize = 3;
/// How many batches of a file may wait to be told.
const BATCHES_AHEAD: usize = 4;

/// Hands every batch of these files to `take`, which answers `None` where it finds what this program never writes.
pub async fn scan(
    table: &Table,
    files: &[DataFile],
    columns: &'static [&'static str],
    mut take: impl FnMut(&DataFile, &RecordBatch) -> Option<()>,
) -> Result<(), LakeError> {
    let read = |found| match found {
        Found::Notes(_) => Some(None),
        Found::Batch(batch) => Some(Some(batch)),
    };
    let take = |file: &DataFile, batch: Option<RecordBatch>| {
        batch.map_or(Some(()), |batch| take(file, &batch))
    };
    scan_despite(table, files, columns, read, take, |_, damage| Err(damage)).await
}

/// What is found in a file, in this order.
pub enum Found {
    /// The notes in its footer.
    Notes(Vec<Note>),
    /// Some rows.
    Batch(RecordBatch),
}

/// The same of what `read` makes of all that is found, beside the decoding. `is_damaged` is told of each file that is not
/// as it was written, of which a part may have been told, and says whether to go on with the next.
pub async fn scan_despite<T: Send + 'static>(
    table: &Table,
    files: &[DataFile],
    columns: &'static [&'static str],
    read: impl Fn(Found) -> Option<T> + Clone + Send + 'static,
    mut take: impl FnMut(&DataFile, T) -> Option<()>,
    mut is_damaged: impl FnMut(&DataFile, LakeError) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    let stored = stream::iter(files).map(|file| async move { (file, table.read(file).await) });
    // What is decoded goes on while what came before is told; what is read only between two files. So there are files
    // of both kinds.
    let decoding = stored.buffered(FILES_AHEAD).map(|(file, bytes)| {
        let batches =
            bytes.map(|bytes| bytes.map(|bytes| decoding(file, bytes, columns, read.clone())));
        std::future::ready((file, batches))
    });
    let mut decoding = std::pin::pin!(decoding.buffered(FILES_AHEAD));
    while let Some((file, batches)) = decoding.next().await {
        let told = match batches? {
            Some(batches) => tell(file, batches, &mut take).await,
            None => None,
        };
        if told.is_none() {
            is_damaged(file, damaged(table, file))?;
        }
    }
    Ok(())
}

/// What a thread for it finds in a file, and `Some(None)` behind the last of it if that is all of it.
type Decoding<T> = mpsc::Receiver<Option<T>>;

fn decoding<T: Send + 'static>(
    file: &DataFile,
    bytes: Bytes,
    columns: &'static [&'static str],
    read: impl Fn(Found) -> Option<T> + Send + 'static,
) -> Decoding<T> {
    let (to_teller, found) = mpsc::channel(BATCHES_AHEAD);
    let (path, rows_wanted) = (file.path.clone(), file.rows());
    tokio::task::spawn_blocking(move || -> Option<()> {
        if file_name::contradicts(&path, &bytes) {
            return None;
        }
        let (notes, batches) = parquet_file::decode(bytes, columns).ok()?;
        to_teller.blocking_send(Some(read(Found::Notes(notes))?)).ok()?;
        let mut rows = 0;
        for batch in batches {
            let batch = batch.ok()?;
            rows += batch.num_rows();
            to_teller.blocking_send(Some(read(Found::Batch(batch))?)).ok()?;
        }
        let is_all = rows_wanted.is_none_or(|wanted| wanted == rows);
        is_all.then(|| to_teller.blocking_send(None).ok())?
    });
    found
}

/// `None` where the file is not as it was written.
async fn tell<T>(
    file: &DataFile,
    mut found: Decoding<T>,
    take: &mut impl FnMut(&DataFile, T) -> Option<()>,
) -> Option<()> {
    while let Some(found) = found.recv().await? {
        take(file, found)?;
    }
    Some(())
}

fn damaged(table: &Table, file: &DataFile) -> LakeError {
    LakeError::Damaged { table: table.name().to_owned(), what: file.path.clone() }
}
