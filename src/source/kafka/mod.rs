//! Kafka through rdkafka: the only room on the data path that knows it.
//!
//! A consumer group hands out partitions; *where* to read is the ledger's word alone. Kafka's own committed offsets are
//! written for lag displays and never read back. librdkafka's rebalance callbacks run inside `poll`, on this source's
//! thread, so a partition is given up only after everything read from it is committed.

mod context;
mod options;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers as _, Message};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

pub use options::{KafkaOptions, OWNED_OPTIONS};

use self::context::Context;
use crate::decode::{Headers, Offset, RecordBatch, TopicPartition};
use crate::engine::{Sink, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

/// A batch is handed over after this many records of one partition …
const BATCH_RECORDS: usize = 2_000;
/// … or when the oldest of its records has waited this long.
const BATCH_WAIT: Duration = Duration::from_millis(100);
/// How often lag is measured and committed offsets are shown to Kafka.
const HOUSEKEEPING: Duration = Duration::from_secs(5);
/// How long brokers may take to say where a partition ends.
const WATERMARK_DEADLINE: Duration = Duration::from_secs(1);
/// Longer than any commit; well below the five minutes after which the group gives a member up.
const DRAIN_DEADLINE: Duration = Duration::from_secs(60);

/// Consumes topics in a consumer group.
pub struct KafkaSource {
    options: KafkaOptions,
    topics: Vec<String>,
    metrics: Arc<EngineMetrics>,
}

impl KafkaSource {
    /// Consumes these topics with these options.
    pub fn new(options: KafkaOptions, topics: Vec<String>, metrics: Arc<EngineMetrics>) -> Self {
        Self { options, topics, metrics }
    }
}

impl Source for KafkaSource {
    fn run(self: Box<Self>, sink: Sink) -> Result<()> {
        let context = Context::new(sink.clone(), self.topics.clone());
        let consumer: BaseConsumer<Context> = self
            .options
            .client_config()
            .create_with_context(context)
            .map_err(failed("start a consumer"))?;
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        consumer.subscribe(&topics).map_err(failed("subscribe"))?;
        let mut reading =
            Reading { consumer, sink, metrics: self.metrics, batches: BTreeMap::new() };
        reading.run()
    }
}

struct Reading {
    consumer: BaseConsumer<Context>,
    sink: Sink,
    metrics: Arc<EngineMetrics>,
    batches: BTreeMap<TopicPartition, RecordBatch>,
}

impl Reading {
    fn run(&mut self) -> Result<()> {
        let mut handed_over = Instant::now();
        let mut kept_house = Instant::now();
        while !self.sink.is_stopping() {
            match self.consumer.poll(BATCH_WAIT) {
                None => {}
                Some(Ok(message)) => {
                    let (partition, filled) = take(&mut self.batches, &message);
                    if filled >= BATCH_RECORDS && !self.hand_over(&partition) {
                        return Ok(());
                    }
                }
                Some(Err(error)) => self.consumer.context().warn(&judge(error)?),
            }
            if let Some(error) = self.consumer.context().take_failure() {
                return Err(error);
            }
            if handed_over.elapsed() >= BATCH_WAIT {
                if !self.hand_over_all() {
                    return Ok(());
                }
                handed_over = Instant::now();
            }
            if kept_house.elapsed() >= HOUSEKEEPING {
                self.show_committed(CommitMode::Async);
                self.measure_lag();
                kept_house = Instant::now();
            }
        }
        // Read and not handed over is read again; what was handed over is committed, and shown as such.
        self.sink.drain(DRAIN_DEADLINE);
        self.show_committed(CommitMode::Sync);
        self.measure_lag();
        Ok(())
    }

    fn hand_over(&mut self, partition: &TopicPartition) -> bool {
        match self.batches.get_mut(partition) {
            Some(batch) if !batch.records.is_empty() => {
                self.sink.send(std::mem::replace(batch, RecordBatch::new(partition.clone())))
            }
            _ => true,
        }
    }

    fn hand_over_all(&mut self) -> bool {
        let batches = std::mem::take(&mut self.batches);
        let mut filled = batches.into_values().filter(|batch| !batch.records.is_empty());
        filled.all(|batch| self.sink.send(batch))
    }

    /// Tells Kafka what the ledger holds, for displays of the group's lag.
    fn show_committed(&self, mode: CommitMode) {
        let mut list = TopicPartitionList::new();
        for (partition, next) in self.sink.newly_committed() {
            let (topic, number) = (&partition.topic, partition.partition);
            // A partition that has been given up meanwhile is not ours to show.
            _ = list.add_partition_offset(topic, number, KafkaOffset::Offset(next.0));
        }
        if list.count() > 0 {
            _ = self.consumer.commit(&list, mode);
        }
    }

    fn measure_lag(&self) {
        let Ok(positions) = self.consumer.position() else { return };
        for element in positions.elements() {
            let KafkaOffset::Offset(position) = element.offset() else { continue };
            let (topic, number) = (element.topic(), element.partition());
            if let Ok((_, high)) = self.consumer.fetch_watermarks(topic, number, WATERMARK_DEADLINE)
            {
                let partition = TopicPartition { topic: topic.into(), partition: number };
                self.metrics.lag(&partition, (high - position).max(0));
            }
        }
    }
}

/// Appends a message to its partition's batch; returns the partition and how full the batch is.
fn take(
    batches: &mut BTreeMap<TopicPartition, RecordBatch>,
    message: &BorrowedMessage,
) -> (TopicPartition, usize) {
    let partition =
        TopicPartition { topic: message.topic().into(), partition: message.partition() };
    let batch =
        batches.entry(partition.clone()).or_insert_with(|| RecordBatch::new(partition.clone()));
    let time = EventTime::from_milliseconds(message.timestamp().to_millis().unwrap_or(0));
    batch.push(Offset(message.offset()), time, message.payload(), headers(message));
    (partition, batch.records.len())
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

/// Most errors are librdkafka telling of what it mends itself; of these, `Ok` says what to warn of.
fn judge(error: KafkaError) -> Result<String> {
    use RDKafkaErrorCode as Code;
    match error.rdkafka_error_code() {
        Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => Err(gone(error)),
        Some(
            Code::Fatal
            | Code::Authentication
            | Code::SaslAuthenticationFailed
            | Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::UnknownTopicOrPartition
            | Code::UnknownTopic,
        ) => Err(failed("consume")(error)),
        _ => Ok(error.to_string()),
    }
}

fn gone(error: KafkaError) -> Error {
    let message = format!("the topic no longer holds the record the ledger ends before: {error}");
    let advice = "the topic was recreated or its retention has passed: replay what is missing from a copy, or start a \
                  new lake";
    Error::new(ErrorKind::Source, message).advise(advice).because(error)
}

fn failed(action: &'static str) -> impl Fn(KafkaError) -> Error {
    move |error| {
        Error::new(ErrorKind::Source, format!("cannot {action}: {error}"))
            .advise("look at the `kafka:` settings and at the brokers")
            .because(error)
    }
}
