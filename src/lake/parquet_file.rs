//! Our Parquet settings, and reading back what they wrote: the only file that knows Parquet.
//!
//! zstd at its fastest level, row groups of up to a mebi-row (smaller only where a file is), dictionaries except for
//! what never repeats, deltas for what grows evenly. No Arrow schema is embedded: readers see plain Parquet types.

use arrow::array::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::statistics;

/// The most rows of a row group.
const ROW_GROUP_ROWS_MOST: usize = 1 << 20;

/// How many rows are read at a time.
const BATCH_ROWS: usize = 8_192;

/// Columns whose values never repeat.
const NEVER_REPEAT: [&str; 3] = ["entity", "sealed", "timeline"];
/// Columns that grow evenly.
const GROW_EVENLY: [&str; 4] = ["offset", "record_time", "time", "published_at"];

/// An encoded file and what the Delta log says of it.
pub struct Encoded {
    /// The file.
    pub bytes: Bytes,
    /// Row count, and the least, greatest and missing values of each column, as Delta's JSON.
    pub statistics: String,
}

/// A name and a text in a file's footer.
pub type Note = (String, String);

/// Encodes batches of one schema into one file.
pub fn encode(batches: &[RecordBatch], notes: Vec<Note>) -> Result<Encoded, ParquetError> {
    let first =
        batches.first().ok_or_else(|| ParquetError::General("no rows to encode".to_owned()))?;
    let options =
        ArrowWriterOptions::new().with_properties(properties()).with_skip_arrow_metadata(true);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new_with_options(&mut bytes, first.schema(), options)?;
    for batch in batches {
        writer.write(batch)?;
    }
    for (name, text) in notes {
        writer.append_key_value_metadata(KeyValue::new(name, text));
    }
    let statistics = statistics::of(&writer.close()?);
    Ok(Encoded { bytes: bytes.into(), statistics })
}

fn properties() -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MOST))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in NEVER_REPEAT {
        let path = ColumnPath::from(column);
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None);
    }
    for column in GROW_EVENLY {
        let path = ColumnPath::from(column);
        builder = builder
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    builder.build()
}

/// Reads a file's notes, and the named columns, batch by batch.
pub fn decode(
    bytes: Bytes,
    columns: &[&str],
) -> Result<(Vec<Note>, ParquetRecordBatchReader), ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
    let noted = builder.metadata().file_metadata().key_value_metadata().into_iter().flatten();
    let note = |noted: &KeyValue| Some((noted.key.clone(), noted.value.clone()?));
    let notes = noted.filter_map(note).collect();
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    Ok((notes, builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()?))
}

/// Reads every column of a file as it is.
pub fn decode_all(bytes: Bytes) -> Result<Vec<RecordBatch>, ParquetError> {
    let batches =
        ParquetRecordBatchReaderBuilder::try_new(bytes)?.with_batch_size(BATCH_ROWS).build()?;
    Ok(batches.collect::<Result<_, _>>()?)
}
