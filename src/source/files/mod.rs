//! NDJSON files and standard input, for bounded replays.
//!
//! A file is its own topic, `file:<hash of its content>`, partition 0; the offset is the line's number from zero. So the
//! same content is never counted twice, whatever the file is called, and a replay that was interrupted goes on where its
//! ledger ends. A line was written no later than the file was last changed: that is its record's timestamp. Blank lines
//! are no records.

mod input;

#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memchr, memrchr};

pub use input::{Input, InputError};

use crate::decode::{Offset, RawRecord, RecordBatch};
use crate::engine::{Sink, Source};
use crate::error::Result;
use crate::lake::Share;
use crate::time::EventTime;

/// A batch is about this many bytes of a file.
const BLOCK_BYTES: usize = 512 * 1024;

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
    let assigned = sink.assigned(std::slice::from_ref(&partition), Share::Whole)?;
    let begin = assigned.begins.get(&partition).copied().flatten().unwrap_or(Offset(0));
    let mut blocks = Blocks::new(input.open()?);
    let mut offset = Offset(0);
    while let Some(block) = blocks.next().map_err(|error| input.unreadable(error))? {
        progress.advance(block.len() as u64);
        let mut batch = RecordBatch::of_bytes(partition.clone(), block);
        offset = cut(&mut batch, offset, begin, input.modified());
        let taken = batch.records.is_empty() || sink.send(batch, assigned.assignment);
        if !taken || sink.is_stopping() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Cuts a batch's bytes into its lines, the first of which is line `offset` of the file; returns the offset behind them.
fn cut(batch: &mut RecordBatch, mut offset: Offset, begin: Offset, modified: EventTime) -> Offset {
    let mut start = 0;
    while start < batch.bytes.len() {
        let rest = &batch.bytes[start..];
        let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
        let end = start + line.len();
        if offset >= begin && !line.trim_ascii().is_empty() {
            batch.records.push(RawRecord {
                offset,
                time: modified,
                value: Some(start..end),
                headers: Vec::new(),
            });
        }
        offset = offset.next();
        start = end + 1;
    }
    offset
}

/// A file in blocks of whole lines. A line longer than a block makes its block longer.
struct Blocks<R> {
    reader: R,
    /// The beginning of a line whose end has not been read yet.
    rest: Vec<u8>,
}

impl<R: Read> Blocks<R> {
    fn new(reader: R) -> Self {
        Self { reader, rest: Vec::new() }
    }

    /// The next block; `None` at the end. Only the last line of the file may lack its line break.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut block = Vec::with_capacity(self.rest.len() + BLOCK_BYTES);
        block.append(&mut self.rest);
        loop {
            let begun = block.len();
            let read = self.reader.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
            if let Some(last) = memrchr(b'\n', &block[begun..]) {
                self.rest = block.split_off(begun + last + 1);
                return Ok(Some(block));
            }
            if read < BLOCK_BYTES {
                return Ok((!block.is_empty()).then_some(block));
            }
        }
    }
}
