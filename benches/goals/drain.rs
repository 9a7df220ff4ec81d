//! The least that any consumer does: every record of the topic handed over and looked at, by the batch.

use std::env;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::broker::Broker;
use super::cost::Cost;
use super::record_queue::RecordQueue;
use super::{Outcome, PARTITIONS, TOPIC};

/// As many as a batch of chunfeng's has.
const BATCH_RECORDS: usize = 2_000;
const BETWEEN_POLLS: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(30);

/// Drains the topic in a process of its own.
pub fn measure(broker: &Broker, events: usize) -> Outcome<Cost> {
    let begun = Instant::now();
    let mut command = Command::new(env::current_exe()?);
    command.args(["drain", &broker.bootstrap(), &events.to_string()]);
    let mut child: Child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // It says that it is done, and stays until it is measured.
    let mut said = [0];
    std::io::Read::read_exact(child.stdout.as_mut().ok_or("no output")?, &mut said)?;
    let cost = Cost::of(child.id(), begun.elapsed())?;
    drop(child.stdin.take());
    child.wait()?;
    Ok(cost)
}

/// What that process does.
pub fn drain(bootstrap: &str, events: usize) -> Outcome<()> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "drain")
        .set("enable.auto.commit", "false")
        .create()?;
    let consumer = Arc::new(consumer);
    let mut from = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        from.add_partition_offset(TOPIC, partition, Offset::Beginning)?;
    }
    let mut records = RecordQueue::new(&consumer).ok_or("no queue")?;
    if !(0..PARTITIONS).all(|partition| records.receive(TOPIC, partition)) {
        return Err("a partition is missing".into());
    }
    consumer.assign(&from)?;
    let (mut seen, mut bytes, mut last) = (0, 0, Instant::now());
    while seen < events {
        let taken = records.take(BATCH_RECORDS, BETWEEN_POLLS, |consumed| {
            bytes += consumed.value().map_or(0, <[u8]>::len);
        });
        seen += taken;
        if taken > 0 {
            last = Instant::now();
        } else if last.elapsed() > LONGEST {
            return Err(format!("only {seen} of {events} records came").into());
        }
        consumer.poll(Duration::ZERO).transpose()?;
    }
    eprintln!("{bytes} bytes drained");
    std::io::Write::write_all(&mut std::io::stdout(), b"!")?;
    std::io::Write::flush(&mut std::io::stdout())?;
    std::io::Read::read(&mut std::io::stdin(), &mut [0])?;
    Ok(())
}
