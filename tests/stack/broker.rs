//! A real Kafka broker with its data in a temporary folder, and what the tests ask of it.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
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
const STOP: Duration = Duration::from_secs(60);

/// One Kafka node. It goes, with its data, when it is dropped.
pub struct Broker {
    port: u16,
    node: Mutex<Node>,
    folder: TempDir,
}

/// The process that is the broker now.
struct Node {
    process: Process,
    starts: usize,
}

/// How a broker goes before it comes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaves {
    /// As it is asked to.
    InOrder,
    /// As a crash would end it.
    Killed,
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
        let node = Mutex::new(Node { process: launched(port, &folder, 0), starts: 1 });
        let broker = Self { port, node, folder };
        broker.until_it_answers(&mut broker.node().process);
        broker
    }

    /// Ends it, and starts it again on the same data a while later; returns when it answers.
    pub fn restart(&self, leaves: Leaves, away: Duration) {
        let mut node = self.node();
        match leaves {
            Leaves::InOrder => _ = node.process.terminate(STOP),
            Leaves::Killed => node.process.kill(),
        }
        std::thread::sleep(away);
        node.process = launched(self.port, &self.folder, node.starts);
        node.starts += 1;
        self.until_it_answers(&mut node.process);
    }

    fn node(&self) -> MutexGuard<'_, Node> {
        self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn until_it_answers(&self, process: &mut Process) {
        let consumer = self.consumer("nobody");
        process.until(START, "it answers", |_| {
            let answer = consumer.fetch_metadata(None, Duration::from_secs(1)).ok()?;
            (!answer.brokers().is_empty()).then_some(())
        });
    }

    /// `127.0.0.1:PORT`.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Creates a topic and waits until each partition has a leader.
    pub fn create_topic(&self, name: &str, partitions: i32) {
        let (admin, runtime) = self.admin();
        self.node().process.until(START, "it creates a topic", |_| {
            let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
            let asked = admin.create_topics([&topic], &AdminOptions::new());
            let created = runtime.block_on(asked).ok()?.pop()?;
            matches!(created, Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists))).then_some(())
        });
        self.until_led(name, partitions);
    }

    /// Adds partitions to a topic until it has so many, and waits until each has a leader.
    pub fn grow_topic(&self, name: &str, partitions: i32) {
        let (admin, runtime) = self.admin();
        let more = NewPartitions::new(name, partitions as usize);
        let grown = runtime.block_on(admin.create_partitions([&more], &AdminOptions::new()));
        let grown = grown.expect("an answer").pop().expect("an answer for the topic");
        grown.expect("more partitions");
        self.until_led(name, partitions);
    }

    fn until_led(&self, topic: &str, partitions: i32) {
        let consumer = self.consumer("nobody");
        self.node().process.until(START, "each partition has a leader", |_| {
            let metadata = consumer.fetch_metadata(Some(topic), ANSWER).ok()?;
            let found = metadata.topics().first()?.partitions();
            let led = found.iter().filter(|partition| partition.leader() >= 0);
            (led.count() == partitions as usize).then_some(())
        });
    }

    fn admin(&self) -> (AdminClient<DefaultClientContext>, tokio::runtime::Runtime) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        (self.config().create().expect("an admin client"), runtime.expect("a runtime"))
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

fn launched(port: u16, folder: &TempDir, starts: usize) -> Process {
    let mut command = Command::new(services::kafka_start());
    command.arg(services::kafka()).arg(folder.path().join("data")).arg(port.to_string());
    Process::start(&format!("kafka-{starts}"), &mut command, folder.path())
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
