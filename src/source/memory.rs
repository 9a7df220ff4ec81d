//! Records that are in memory already: examples and tests.

use crate::decode::RecordBatch;
use crate::engine::{Sink, Source};
use crate::error::Result;

/// Delivers these batches, then ends.
pub struct MemorySource(pub Vec<RecordBatch>);

impl Source for MemorySource {
    fn run(self: Box<Self>, sink: Sink) -> Result<()> {
        for mut batch in self.0 {
            let begin = sink.begin(&batch.partition)?;
            batch.records.retain(|record| begin.is_none_or(|begin| record.offset >= begin));
            if sink.is_stopping() || !sink.send(batch) {
                return Ok(());
            }
        }
        Ok(())
    }
}
