//! A real Kafka broker with its data in a temporary folder, and what the tests ask of it.

use std::process::Command;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tempfile::TempDir;

use crate::http::free_ports;
use crate::process::Process;
use crate::services;

/// A JVM on two busy cores takes its time.
const START: Duration = Duration::from_secs(120);
const ANSWER: Duration = Duration::from_secs(10);
const FLUSH: Duration = Duration::from_secs(60);

/// One Kafka node. It goes, with its data, when it is dropped.
pub struct Broker {
    port: u16,
    process: Process,
    _folder: TempDir,
}

/// A record to send.
pub struct Record<'r> {
    pub topic: &'r str,
    pub key: &'r [u8],
    pub value: &'r [u8],
    pub timestamp_seconds: i64,
}

/// Sends records, and keeps their order by key.
pub struct Sender(ThreadedProducer<DefaultProducerContext>);

impl Broker {
    /// Starts a broker and waits until it answers.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("chunfeng-kafka-").expect("a folder for Kafka");
        let port = free_ports(2);
        let mut command = Command::new(services::kafka_start());
        command.arg(services::kafka()).arg(folder.path().join("data")).arg(port.to_string());
        let process = Process::start("kafka", &mut command, folder.path());
        let mut broker = Self { port, process, _folder: folder };
        let consumer = broker.consumer("nobody");
        broker.process.until(START, "it answers", |_| {
            let answer = consumer.fetch_metadata(None, Duration::from_secs(1)).ok()?;
            (!answer.brokers().is_empty()).then_some(())
        });
        broker
    }

    /// `127.0.0.1:PORT`.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Creates a topic and waits until each partition has a leader.
    pub fn create_topic(&mut self, name: &str, partitions: i32) {
        let admin: AdminClient<DefaultClientContext> =
            self.config().create().expect("an admin client");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let consumer = self.consumer("nobody");
        self.process.until(START, "it creates a topic", |_| {
            let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
            let asked = admin.create_topics([&topic], &AdminOptions::new());
            let created = runtime.block_on(asked).ok()?.pop()?;
            matches!(created, Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))).then_some(())
        });
        self.process.until(START, "each partition has a leader", |_| {
            let metadata = consumer.fetch_metadata(Some(name), ANSWER).ok()?;
            let found = metadata.topics().first()?.partitions();
            let led = found.iter().filter(|partition| partition.leader() >= 0);
            (led.count() == partitions as usize).then_some(())
        });
    }

    /// Behind the last record of each partition.
    pub fn ends(&self, topic: &str, partitions: i32) -> Vec<i64> {
        let consumer = self.consumer("nobody");
        let end = |partition| {
            let watermarks = consumer.fetch_watermarks(topic, partition, ANSWER);
            watermarks.expect("the partition's watermarks").1
        };
        (0..partitions).map(end).collect()
    }

    /// The committed offsets of a group, by partition; 0 where it has none.
    pub fn group_offsets(&self, group: &str, topic: &str, partitions: i32) -> Vec<i64> {
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, partitions - 1);
        let Ok(found) = self.consumer(group).committed_offsets(list, ANSWER) else {
            return Vec::new();
        };
        let offset = |partition| match found.find_partition(topic, partition)?.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        };
        (0..partitions).map(|partition| offset(partition).unwrap_or(0)).collect()
    }

    /// Somebody who sends records.
    pub fn sender(&self) -> Sender {
        let mut config = self.config();
        config
            .set("compression.type", "lz4")
            .set("enable.idempotence", "true")
            .set("linger.ms", "10");
        Sender(config.create().expect("a producer"))
    }

    fn consumer(&self, group: &str) -> BaseConsumer {
        let mut config = self.config();
        config.set("group.id", group);
        config.create().expect("a consumer")
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.bootstrap());
        config
    }
}

impl Sender {
    /// Sends a record; waits while too many are on their way.
    pub fn send(&self, record: &Record) {
        let mut message = BaseRecord::to(record.topic)
            .key(record.key)
            .payload(record.value)
            .timestamp(record.timestamp_seconds * 1_000);
        loop {
            match self.0.send(message) {
                Ok(()) => return,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    std::thread::sleep(Duration::from_millis(10));
                    message = back;
                }
                Err((error, _)) => panic!("cannot send to Kafka: {error}"),
            }
        }
    }

    /// Waits until everything sent is acknowledged.
    pub fn flush(&self) {
        self.0.flush(FLUSH).expect("Kafka acknowledges what was sent");
    }
}
