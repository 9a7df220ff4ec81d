//! The demo's broker: librdkafka's mock cluster, and a producer that respects its small memory.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};

use crate::error::{Error, ErrorKind, Result};
use crate::scenario::Delivery;
use crate::source::kafka::KafkaOptions;

const PARTITIONS: i32 = 4;

/// A broker in this process. It keeps 5 MiB of batches a partition and drops the oldest silently, so whoever sends
/// must not run far ahead of whoever reads.
pub struct Broker {
    cluster: MockCluster<'static, DefaultProducerContext>,
    producer: BaseProducer,
}

impl Broker {
    /// Starts a broker with these topics.
    pub fn start(topics: &[String]) -> Result<Self> {
        let cluster =
            MockCluster::new(1).map_err(|error| failed("start the demo's broker", error))?;
        for topic in topics {
            let created = cluster.create_topic(topic, PARTITIONS, 1);
            created.map_err(|error| failed("create a topic", error))?;
        }
        let producer = ClientConfig::new()
            .set("bootstrap.servers", cluster.bootstrap_servers())
            .set("compression.type", "lz4")
            .set("linger.ms", "20")
            .create()
            .map_err(|error| failed("start the demo's producer", error))?;
        Ok(Self { cluster, producer })
    }

    /// How a consumer reaches it.
    pub fn options(&self) -> KafkaOptions {
        let mut options = KafkaOptions::default();
        // Neither is an option that the program owns, so neither can be refused.
        _ = options.set("bootstrap.servers", self.cluster.bootstrap_servers());
        _ = options.set("fetch.wait.max.ms", "50".to_owned());
        options
    }

    /// Sends a record with its timestamp.
    pub fn send(&self, delivery: &Delivery) -> Result<()> {
        let key: &[u8] = delivery.key.as_ref();
        let mut record = BaseRecord::to(delivery.topic)
            .key(key)
            .payload(&delivery.value)
            .timestamp(delivery.recorded_at_seconds * 1_000);
        loop {
            match self.producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    self.producer.poll(Duration::from_millis(10));
                    record = back;
                }
                Err((error, _)) => return Err(failed("send to the demo's broker", error)),
            }
        }
        self.producer.poll(Duration::ZERO);
        Ok(())
    }

    /// Waits until everything sent has arrived.
    pub fn flush(&self) -> Result<()> {
        self.producer
            .flush(Duration::from_secs(10))
            .map_err(|error| failed("send to the demo's broker", error))
    }
}

fn failed(action: &str, error: KafkaError) -> Error {
    Error::new(ErrorKind::Internal, format!("cannot {action}: {error}")).because(error)
}
