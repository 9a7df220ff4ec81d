//! Sends the scenario's records to a broker, with their keys and timestamps.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use crate::error::{Error, ErrorKind, Result};
use crate::scenario::Delivery;

/// Whoever sends the most waits this long for the last of it.
const FLUSH: Duration = Duration::from_secs(60);

/// A producer of one broker's topics. A record goes to the partition of its key.
pub struct Producer(BaseProducer);

impl Producer {
    /// A producer for brokers, `HOST:PORT` with commas between them.
    pub fn new(brokers: &str) -> Result<Self> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("compression.type", "lz4")
            .set("linger.ms", "20")
            .create()
            .map_err(|error| failed("start a producer", error))?;
        Ok(Self(producer))
    }

    /// Sends a record with its timestamp; waits where too many are on their way.
    pub fn send(&self, delivery: &Delivery) -> Result<()> {
        let key: &[u8] = delivery.key.as_ref();
        let mut record = BaseRecord::to(delivery.topic)
            .key(key)
            .payload(&delivery.value)
            .timestamp(delivery.recorded_at_seconds * 1_000);
        loop {
            match self.0.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.0.poll(Duration::from_millis(10));
                    record = back;
                }
                Err((error, _)) => return Err(failed("send to Kafka", error)),
            }
        }
        self.0.poll(Duration::ZERO);
        Ok(())
    }

    /// Waits until everything sent has arrived.
    pub fn flush(&self) -> Result<()> {
        self.0.flush(FLUSH).map_err(|error| failed("send to Kafka", error))
    }
}

fn failed(action: &str, error: KafkaError) -> Error {
    Error::new(ErrorKind::Source, format!("cannot {action}: {error}")).because(error)
}
