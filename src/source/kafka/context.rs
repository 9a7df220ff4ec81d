//! What happens inside librdkafka's rebalance: assigned partitions begin where their ledger ends, revoked ones are
//! committed before they are given up.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use crate::decode::TopicPartition;
use crate::engine::{Drained, Sink};
use crate::error::{Error, ErrorKind, Result};

/// Longer than any commit; well below the five minutes after which the group gives a member up.
const DRAIN_DEADLINE: Duration = Duration::from_secs(60);

/// The consumer's callbacks.
pub struct Context {
    sink: Sink,
    /// Callbacks cannot return errors; the reading loop picks this up.
    failure: Mutex<Option<Error>>,
}

impl Context {
    pub fn new(sink: Sink) -> Self {
        Self { sink, failure: Mutex::new(None) }
    }

    /// What went wrong in a callback.
    pub fn take_failure(&self) -> Option<Error> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fail(&self, error: Error) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn assign(&self, consumer: &BaseConsumer<Self>, assigned: &TopicPartitionList) -> Result<()> {
        self.sink.refuse_foreign_commits()?;
        let mut list = TopicPartitionList::new();
        for element in assigned.elements() {
            let partition =
                TopicPartition { topic: element.topic().into(), partition: element.partition() };
            let begin = self.sink.begin(&partition)?;
            let offset = begin.map_or(KafkaOffset::Beginning, |begin| KafkaOffset::Offset(begin.0));
            let added = list.add_partition_offset(element.topic(), element.partition(), offset);
            added.map_err(refused)?;
            tracing::info!(%partition, begin = ?begin.map(|begin| begin.0), "partition assigned");
        }
        consumer.assign(&list).map_err(refused)
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
            | RDKafkaLogLevel::Error => {
                tracing::warn!(facility, "kafka: {message}");
            }
            _ => tracing::debug!(facility, "kafka: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, "kafka: {reason}");
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
