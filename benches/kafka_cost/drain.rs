//! The least that any consumer does: every record of the topic handed over and looked at, by the batch.

use std::env;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use super::broker::Broker;
use super::cost::Cost;
use super::{Outcome, PARTITIONS, TOPIC};

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
    let mut from = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        from.add_partition_offset(TOPIC, partition, Offset::Beginning)?;
    }
    consumer.assign(&from)?;
    let (mut seen, mut bytes) = (0, 0);
    while seen < events {
        let Some(record) = consumer.poll(Duration::from_secs(30)) else {
            return Err(format!("only {seen} of {events} records came").into());
        };
        bytes += record?.payload().map_or(0, <[u8]>::len);
        seen += 1;
    }
    eprintln!("{bytes} bytes drained");
    std::io::Write::write_all(&mut std::io::stdout(), b"!")?;
    std::io::Write::flush(&mut std::io::stdout())?;
    std::io::Read::read(&mut std::io::stdin(), &mut [0])?;
    Ok(())
}
