//! What happens inside librdkafka's rebalance: assigned partitions begin where their ledger ends, revoked ones are
//! committed before they are given up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::DRAIN_DEADLINE;
use crate::decode::{Offset, TopicPartition};
use crate::engine::{Drained, Sink};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::Share;

/// How long brokers may take to say how many partitions a topic has.
const METADATA_DEADLINE: Duration = Duration::from_secs(10);
/// Troubles that librdkafka mends itself are told no more often than this.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(10);

/// The consumer's callbacks.
pub struct Context {
    sink: Sink,
    topics: Vec<String>,
    logged: Mutex<Option<Instant>>,
    /// Callbacks cannot return errors; the reading loop picks this up.
    failure: Mutex<Option<Error>>,
    /// Partitions have been given up since the reading loop last asked.
    revoked: AtomicBool,
}

impl Context {
    pub fn new(sink: Sink, topics: Vec<String>) -> Self {
        Self {
            sink,
            topics,
            logged: Mutex::new(None),
            failure: Mutex::new(None),
            revoked: AtomicBool::new(false),
        }
    }

    /// Brokers that are away are told of many times a second; once in a while is enough.
    pub fn warn(&self, message: &str) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.is_none_or(|last| last.elapsed() >= BETWEEN_WARNINGS) {
            tracing::warn!("kafka: {message}");
            *logged = Some(Instant::now());
        }
    }

    /// What went wrong in a callback.
    pub fn take_failure(&self) -> Option<Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether partitions have been given up since this was last asked.
    pub fn take_revoked(&self) -> bool {
        self.revoked.swap(false, Ordering::Relaxed)
    }

    fn fail(&self, error: Error) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn assign(&self, consumer: &BaseConsumer<Self>, assigned: &TopicPartitionList) -> Result<()> {
        if self.owns_everything(consumer, assigned)? {
            // Others may have committed facts that the timelines here lack: then everything is recovered anew.
            self.sink.refuse_foreign_commits()?;
            self.sink.own(Share::Whole);
        } else {
            self.sink.own(Share::Part);
        }
        let partitions = assigned.elements().into_iter().map(|element| TopicPartition {
            topic: element.topic().into(),
            partition: element.partition(),
        });
        if !self.sink.assigned(partitions.collect(), DRAIN_DEADLINE) {
            tracing::warn!("the engine is too busy to be told of an assignment");
        }
        let mut list = TopicPartitionList::new();
        for element in assigned.elements() {
            let partition =
                TopicPartition { topic: element.topic().into(), partition: element.partition() };
            let begin = self.sink.begin(&partition)?;
            let offset = begin.map_or(KafkaOffset::Beginning, |begin| KafkaOffset::Offset(begin.0));
            let added = list.add_partition_offset(element.topic(), element.partition(), offset);
            added.map_err(refused)?;
            tracing::info!(%partition, begin = begin.unwrap_or(Offset(0)).0, "partition assigned");
        }
        consumer.assign(&list).map_err(refused)
    }

    /// Whether every partition is read here: only then do boards hang.
    fn owns_everything(
        &self,
        consumer: &BaseConsumer<Self>,
        assigned: &TopicPartitionList,
    ) -> Result<bool> {
        for topic in &self.topics {
            let metadata =
                consumer.fetch_metadata(Some(topic), METADATA_DEADLINE).map_err(refused)?;
            let all: usize = metadata.topics().iter().map(|topic| topic.partitions().len()).sum();
            let own = assigned.elements_for_topic(topic).len();
            if own < all {
                tracing::warn!(
                    topic,
                    own,
                    all,
                    "others read a part of the topic: boards are withheld"
                );
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn revoke(&self, consumer: &BaseConsumer<Self>, revoked: &TopicPartitionList) -> Result<()> {
        if revoked.count() > 0
            && !self.sink.is_stopping()
            && self.sink.drain(DRAIN_DEADLINE) == Drained::Not
        {
            tracing::warn!(
                "partitions are given up before everything read from them was committed"
            );
        }
        self.revoked.store(true, Ordering::Relaxed);
        consumer.unassign().map_err(refused)
    }
}

fn refused(error: KafkaError) -> Error {
    Error::new(ErrorKind::Source, format!("Kafka refused an assignment: {error}")).because(error)
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => self.warn(message),
            _ => tracing::debug!(facility, "kafka: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.warn(&format!("{error}: {reason}"));
    }
}

impl ConsumerContext for Context {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: rdkafka::types::RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        use rdkafka::types::RDKafkaRespErr as Event;
        let done = match event {
            Event::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(consumer, partitions),
            _ => self.revoke(consumer, partitions),
        };
        if let Err(error) = done {
            self.fail(error);
        }
    }
}
