//! Records on their way to the engine: a batch of each partition, filled until it is full or has waited for long enough.
//!
//! Knows which assignment records were read under, and nothing of who hands them out.

use std::collections::{BTreeSet, VecDeque};

use rdkafka::message::{BorrowedMessage, Headers as _, Message};

use super::context::Context;
use crate::decode::{Headers, Offset, RecordBatch, TopicPartition};
use crate::engine::Assignment;
use crate::time::EventTime;

/// A batch is handed over after this many records of one partition.
const BATCH_RECORDS: usize = 2_000;

/// Records, and the assignment they were read under.
pub struct Batch {
    pub records: RecordBatch,
    pub assignment: Assignment,
}

/// Batches that are being filled, and those that wait to be handed over.
#[derive(Default)]
pub struct Filling {
    batches: Vec<Batch>,
    /// Where the last record went: librdkafka hands out many of one partition in a row.
    last: usize,
    /// To be handed over next.
    waiting: VecDeque<Batch>,
    /// How many records the last batch had, and how many bytes: the next one will have about as many.
    usual: (usize, usize),
}

impl Filling {
    /// Takes a message in, unless its partition is not assigned any more.
    pub fn take(&mut self, message: &BorrowedMessage, context: &Context) {
        let Some(at) = self.place(message, context) else { return };
        self.last = at;
        let records = &mut self.batches[at].records;
        let time = EventTime::from_milliseconds(message.timestamp().to_millis().unwrap_or(0));
        records.push(Offset(message.offset()), time, message.payload(), headers(message));
        if records.records.len() >= BATCH_RECORDS {
            let full = self.batches.swap_remove(at);
            self.hand_out(full);
        }
    }

    /// Whose batch it belongs to, which may be a new one.
    fn place(&mut self, message: &BorrowedMessage, context: &Context) -> Option<usize> {
        let (topic, partition) = (message.topic(), message.partition());
        let is_of = |batch: &Batch| {
            batch.records.partition.partition == partition
                && *batch.records.partition.topic == *topic
        };
        if self.batches.get(self.last).is_some_and(is_of) {
            return Some(self.last);
        }
        self.batches.iter().position(is_of).or_else(|| {
            let partition = TopicPartition { topic: topic.into(), partition };
            // What is not assigned any more is read by whoever has it now.
            let assignment = context.assignment(&partition)?;
            let records = RecordBatch::with_capacity(partition, self.usual.0, self.usual.1);
            self.batches.push(Batch { records, assignment });
            Some(self.batches.len() - 1)
        })
    }

    /// Forgets what was read of partitions and not handed over.
    pub fn forget(&mut self, partitions: &BTreeSet<TopicPartition>) {
        let stays = |batch: &Batch| !partitions.contains(&batch.records.partition);
        self.batches.retain(stays);
        self.waiting.retain(stays);
    }

    /// Lets everything wait to be handed over that is not full yet.
    pub fn finish(&mut self) {
        let filled = std::mem::take(&mut self.batches);
        filled.into_iter().for_each(|batch| self.hand_out(batch));
    }

    fn hand_out(&mut self, batch: Batch) {
        self.usual = (batch.records.records.len(), batch.records.bytes.len());
        self.waiting.push_back(batch);
    }

    /// The batch to be handed over next.
    pub fn next(&mut self) -> Option<Batch> {
        self.waiting.pop_front()
    }

    /// Lets a batch wait on, before all others.
    pub fn put_back(&mut self, batch: Batch) {
        self.waiting.push_front(batch);
    }

    /// Whether nothing is to be handed over.
    pub fn none_waits(&self) -> bool {
        self.waiting.is_empty()
    }
}

fn headers(message: &BorrowedMessage) -> Headers {
    let Some(headers) = message.headers() else {
        return Headers::new();
    };
    headers
        .iter()
        .map(|header| (header.key.to_owned(), header.value.unwrap_or_default().to_vec()))
        .collect()
}
