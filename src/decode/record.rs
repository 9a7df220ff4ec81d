//! Records as a source delivers them: bytes, and where they stand in the log.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::time::EventTime;

/// The place of a record in its partition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Offset(pub i64);

impl Offset {
    /// The place right behind this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One partition of a topic. A replayed file is its own topic, `file:<hash of its content>`, partition 0.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
}

impl TopicPartition {
    /// Whether it is a replayed file, whose lines belong to whichever pipeline names their kind.
    pub fn is_file(&self) -> bool {
        self.topic.starts_with("file:")
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

/// The headers of a Kafka record, in order.
pub type Headers = Vec<(String, Vec<u8>)>;

/// One record; its value is a part of its batch's bytes.
#[derive(Clone, Debug)]
pub struct RawRecord {
    /// Its place in the partition.
    pub offset: Offset,
    /// When it was written, by Kafka's account or the file's.
    pub time: EventTime,
    /// Where its value lies in the batch's bytes; `None` is Kafka's null.
    pub value: Option<Range<usize>>,
    /// Its headers; lines of a file have none.
    pub headers: Headers,
}

/// Records of one partition, in the order of their offsets.
#[derive(Clone, Debug)]
pub struct RecordBatch {
    /// Whose they are.
    pub partition: TopicPartition,
    /// The records.
    pub records: Vec<RawRecord>,
    /// All values, one behind the other.
    pub bytes: Vec<u8>,
}

impl RecordBatch {
    /// An empty batch of a partition.
    pub fn new(partition: TopicPartition) -> Self {
        Self::of_bytes(partition, Vec::new())
    }

    /// An empty batch with room for so many records of so many bytes altogether.
    pub fn with_capacity(partition: TopicPartition, records: usize, bytes: usize) -> Self {
        let records = Vec::with_capacity(records);
        Self { records, ..Self::of_bytes(partition, Vec::with_capacity(bytes)) }
    }

    /// A batch whose records are parts of these bytes.
    pub fn of_bytes(partition: TopicPartition, bytes: Vec<u8>) -> Self {
        Self { partition, records: Vec::new(), bytes }
    }

    /// Appends a record.
    pub fn push(
        &mut self,
        offset: Offset,
        time: EventTime,
        value: Option<&[u8]>,
        headers: Headers,
    ) {
        let value = value.map(|value| {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(value);
            start..self.bytes.len()
        });
        self.records.push(RawRecord { offset, time, value, headers });
    }

    /// A record's value.
    pub fn value(&self, record: &RawRecord) -> Option<&[u8]> {
        record.value.clone().and_then(|range| self.bytes.get(range))
    }
}
