//! NDJSON files and standard input, for bounded replays.
//!
//! A file is its own topic, `file:<hash of its content>`, partition 0; the offset is the line's number from zero. So the
//! same content is never counted twice, whatever the file is called, and a replay that was interrupted goes on where its
//! ledger ends. A line was written no later than the file was last changed: that is its record's timestamp. Blank lines
//! are no records.

mod input;

#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

pub use input::{Input, InputError};

use crate::decode::{Offset, RecordBatch, TopicPartition};
use crate::engine::{Sink, Source};
use crate::error::Result;

/// Batches grow to about this many bytes.
const BATCH_BYTES: usize = 512 * 1024;

/// Told how many bytes have been read.
pub trait Progress: Send {
    /// So many bytes more have been read.
    fn advance(&self, bytes: u64);
}

/// Delivers the lines of files, one file after the other.
pub struct FileSource {
    inputs: Vec<Input>,
    progress: Arc<dyn Progress + Sync>,
}

impl FileSource {
    /// Delivers these inputs.
    pub fn new(inputs: Vec<Input>, progress: Arc<dyn Progress + Sync>) -> Self {
        Self { inputs, progress }
    }
}

impl Source for FileSource {
    fn run(self: Box<Self>, sink: Sink) -> Result<()> {
        for input in &self.inputs {
            if !deliver(input, &*self.progress, &sink)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Returns whether to go on with the next input.
fn deliver(input: &Input, progress: &dyn Progress, sink: &Sink) -> Result<bool> {
    let partition = input.partition();
    let begin = sink.begin(&partition)?.unwrap_or(Offset(0));
    let mut lines = Lines::new(input.open()?);
    let mut batch = RecordBatch::new(partition.clone());
    let (mut offset, mut unshown) = (Offset(0), 0);
    loop {
        if sink.is_stopping() {
            return Ok(false);
        }
        let read = lines.next().map_err(|error| input.unreadable(error))?;
        if offset >= begin && !lines.line.trim_ascii().is_empty() {
            batch.push(offset, input.modified(), Some(&lines.line), Vec::new());
        }
        offset = offset.next();
        unshown += read as u64;
        if read > 0 && unshown < BATCH_BYTES as u64 {
            continue;
        }
        progress.advance(std::mem::take(&mut unshown));
        if !batch.records.is_empty() && !sink.send(next_batch(&mut batch, &partition)) {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

fn next_batch(batch: &mut RecordBatch, partition: &TopicPartition) -> RecordBatch {
    std::mem::replace(batch, RecordBatch::new(partition.clone()))
}

/// Lines without their line break, in a buffer that is reused.
struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(256 * 1024, reader), line: Vec::new() }
    }

    /// Reads the next line; returns how many bytes it took, 0 at the end.
    fn next(&mut self) -> std::io::Result<usize> {
        self.line.clear();
        let read = self.reader.read_until(b'\n', &mut self.line)?;
        if self.line.ends_with(b"\n") {
            self.line.pop();
        }
        Ok(read)
    }
}
