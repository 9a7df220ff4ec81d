//! The demo's broker: librdkafka's mock cluster, and a producer that respects its small memory.

use rdkafka::error::KafkaError;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use crate::cli::producer::Producer;
use crate::error::{Error, ErrorKind, Result};
use crate::source::kafka::KafkaOptions;

const PARTITIONS: i32 = 4;

/// A broker in this process. It keeps 5 MiB of batches a partition and drops the oldest silently, so whoever sends
/// must not run far ahead of whoever reads.
pub struct Broker {
    cluster: MockCluster<'static, DefaultProducerContext>,
    /// Sends to it.
    pub producer: Producer,
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
        let producer = Producer::new(&cluster.bootstrap_servers())?;
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
}

fn failed(action: &str, error: KafkaError) -> Error {
    Error::new(ErrorKind::Internal, format!("cannot {action}: {error}")).because(error)
}
