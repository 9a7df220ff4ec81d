//! The rejects of a ledger, still sealed.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};

use super::LakeError;
use super::ledger_read::text_column;
use super::scan::scan;
use super::table::Table;
use crate::decode::{Offset, TopicPartition};
use crate::time::EventTime;

const COLUMNS: [&str; 7] =
    ["topic", "partition", "offset", "record_time", "outcome", "reason", "sealed"];

/// One rejected record.
pub struct RejectRow {
    /// Its partition.
    pub partition: TopicPartition,
    /// Its place there.
    pub offset: Offset,
    /// When it was written.
    pub record_time: EventTime,
    /// The reason's code.
    pub reason: String,
    /// Its sealed bytes.
    pub sealed: Vec<u8>,
}

/// Every reject of the ledger, sorted by partition and offset.
pub(super) async fn read(ledger: &Table) -> Result<Vec<RejectRow>, LakeError> {
    let mut rejects = Vec::new();
    let files = ledger.files()?;
    scan(ledger, &files, &COLUMNS, |_, batch| take_rejects(batch, &mut rejects)).await?;
    rejects.sort_by(|a, b| (&a.partition, a.offset).cmp(&(&b.partition, b.offset)));
    Ok(rejects)
}

fn take_rejects(batch: &RecordBatch, rejects: &mut Vec<RejectRow>) -> Option<()> {
    let (topics, outcomes, reasons) = (
        text_column(batch, "topic")?,
        text_column(batch, "outcome")?,
        text_column(batch, "reason")?,
    );
    let (topics, outcomes, reasons) =
        (topics.as_string::<i32>(), outcomes.as_string::<i32>(), reasons.as_string::<i32>());
    let partitions = batch.column_by_name("partition")?.as_primitive_opt::<Int32Type>()?;
    let offsets = batch.column_by_name("offset")?.as_primitive_opt::<Int64Type>()?;
    let times =
        batch.column_by_name("record_time")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    let sealed = batch.column_by_name("sealed")?.as_binary_opt::<i32>()?;
    for row in (0..batch.num_rows()).filter(|row| outcomes.value(*row) == "rejected") {
        rejects.push(RejectRow {
            partition: TopicPartition {
                topic: topics.value(row).into(),
                partition: partitions.value(row),
            },
            offset: Offset(offsets.value(row)),
            record_time: EventTime::from_microseconds(times.value(row)),
            reason: reasons.value(row).to_owned(),
            sealed: if sealed.is_valid(row) { sealed.value(row).to_vec() } else { Vec::new() },
        });
    }
    Some(())
}
