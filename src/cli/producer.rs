//! Sends the scenario's records to a broker, with their keys and timestamps, and says so where they do not arrive.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};
use rdkafka::{ClientConfig, ClientContext};

use crate::error::{Error, ErrorKind, Result};
use crate::scenario::Delivery;

/// A record that the brokers have not taken by then is given up, in milliseconds.
const GIVEN_UP: &str = "30000";
/// Longer, so that what is given up is told of.
const FLUSH: Duration = Duration::from_secs(60);

/// A producer of one broker's topics. A record goes to the partition of its key.
pub struct Producer(BaseProducer<Deliveries>);

/// Keeps the first failure: librdkafka tells it of each record, and to nobody else.
#[derive(Default)]
struct Deliveries {
    failed: Mutex<Option<Error>>,
}

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, delivery: &DeliveryResult<'_>, (): ()) {
        let Err((error, record)) = delivery else { return };
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get_or_insert_with(|| {
            let action = format!("send to the topic {}", record.topic());
            self::failed(&action, error.clone())
                .advise("create the topic, and look whether the brokers answer")
        });
    }
}

impl Producer {
    /// A producer for brokers, `HOST:PORT` with commas between them.
    pub fn new(brokers: &str) -> Result<Self> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("compression.type", "lz4")
            .set("linger.ms", "20")
            .set("message.timeout.ms", GIVEN_UP)
            .create_with_context(Deliveries::default())
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
                    self.told_of_a_failure()?;
                    record = back;
                }
                Err((error, _)) => return Err(failed("send to Kafka", error)),
            }
        }
        self.0.poll(Duration::ZERO);
        self.told_of_a_failure()
    }

    /// Waits until everything sent has arrived.
    pub fn flush(&self) -> Result<()> {
        self.0.flush(FLUSH).map_err(|error| failed("send to Kafka", error))?;
        self.told_of_a_failure()
    }

    fn told_of_a_failure(&self) -> Result<()> {
        let mut failed = self.0.context().failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take().map_or(Ok(()), Err)
    }
}

fn failed(action: &str, error: KafkaError) -> Error {
    Error::new(ErrorKind::Source, format!("cannot {action}: {error}")).because(error)
}
