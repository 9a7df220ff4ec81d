//! How long an event takes from its sending to /metrics, at half of what is read at most and a commit interval of a second.

use std::fmt;
use std::time::{Duration, Instant};

use ::chunfeng::clock::{Clock, SystemClock};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::broker::{Broker, Record};
use super::chunfeng::Running;
use super::goal::{Goal, Row};
use super::http::get;
use super::{Outcome, PARTITIONS, TOPIC, jobs};

/// So many events are sent at once, a hundred times a second.
const TICK: Duration = Duration::from_millis(10);
/// What comes before has a process to start and a cache to fill.
const WARM_UP: Duration = Duration::from_secs(25);
const LASTS: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(60);
/// What has counted nothing more for so long has counted all.
const SETTLED: Duration = Duration::from_secs(5);

/// Where Flink's job writes cells, and the one that all events move.
const CELLS: &str = "cells";
const DEPARTED: &str = "departed/350206/ ";

/// The rows of it. Flink gets half of what it reads at most, which is less.
pub fn rows(events_a_second: usize, flink_events_a_second: usize) -> Outcome<Vec<Row>> {
    let ours = of_chunfeng(events_a_second)?;
    println!("chunfeng  {events_a_second} events/s: {ours}");
    let theirs = of_flink(flink_events_a_second)?;
    println!("Flink     {flink_events_a_second} events/s: {theirs}");
    let row = |what: &str, goal, figure, unit| Row { what: what.into(), goal, figure, unit };
    Ok(vec![
        row(
            "event in Kafka to /metrics, p99, at half of full load, commit interval 1 s",
            Goal::AtMost(2.0),
            Some(ours.p99),
            "s",
        ),
        row(
            "the same, over Flink with a checkpoint interval of 1 s, at half of its own full load",
            Goal::AtMost(1.0),
            Some(ours.p99 / theirs.p99),
            "×",
        ),
    ])
}

fn of_chunfeng(events_a_second: usize) -> Outcome<Latency> {
    let broker = Broker::start();
    broker.create_topic(TOPIC, PARTITIONS);
    let running = Running::start(&broker, "latency", "1s")?;
    let address = running.address;
    let look = || get(address, "/metrics").map_or(0, |body| departed(&body));
    let latency = measure(&broker, events_a_second, look)?;
    running.stop()?;
    Ok(latency)
}

fn of_flink(events_a_second: usize) -> Outcome<Latency> {
    let broker = Broker::start();
    broker.create_topic(TOPIC, PARTITIONS);
    broker.create_topic(CELLS, 1);
    let (job, state) = (jobs::flink()?, tempfile::tempdir()?);
    let running = job.start_live(&broker, state.path(), CELLS)?;
    let cells: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "looks")
        .set("isolation.level", "read_committed")
        .create()?;
    let mut all = TopicPartitionList::new();
    all.add_partition_offset(CELLS, 0, Offset::Beginning)?;
    cells.assign(&all)?;
    let mut counted = 0;
    let look = || {
        while let Some(Ok(record)) = cells.poll(Duration::ZERO) {
            let told = record.payload().and_then(|cell| str::from_utf8(cell).ok());
            let level = told.and_then(|cell| cell.strip_prefix(DEPARTED)?.trim().parse().ok());
            counted = level.unwrap_or(counted);
        }
        counted
    };
    let latency = measure(&broker, events_a_second, look);
    running.kill()?;
    latency
}

/// How long events took, in seconds.
struct Latency {
    p50: f64,
    p99: f64,
    most: f64,
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.2} s, p99 {:.2} s, most {:.2} s", self.p50, self.p99, self.most)
    }
}

/// Events leave one by one with workers that are new, so that how many are counted says which one has come.
fn measure(
    broker: &Broker,
    events_a_second: usize,
    mut look: impl FnMut() -> usize,
) -> Outcome<Latency> {
    let begun = Instant::now();
    let (sent, seen) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(broker, events_a_second, begun));
        let mut seen: Vec<(usize, Duration)> = Vec::new();
        let mut moved = (0, begun.elapsed());
        loop {
            let (counted, now) = (look(), begun.elapsed());
            seen.push((counted, now));
            if counted != moved.0 {
                moved = (counted, now);
            }
            let is_over = sending.is_finished() && counted > 0 && now > moved.1 + SETTLED;
            if is_over || now > WARM_UP + LASTS + LONGEST {
                break;
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        (sending.join().unwrap_or_default(), seen)
    });
    let mut looks = seen.iter().peekable();
    let mut latencies = Vec::new();
    for (place, at) in sent.iter().enumerate() {
        while looks.next_if(|(counted, _)| *counted <= place).is_some() {}
        let (_, came) = looks.peek().ok_or("not every event was counted")?;
        if *at > WARM_UP {
            latencies.push(came.saturating_sub(*at).as_secs_f64());
        }
    }
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies[(latencies.len() as f64 * share) as usize];
    Ok(Latency { p50: at(0.5), p99: at(0.99), most: latencies[latencies.len() - 1] })
}

/// When each event was sent.
fn send(broker: &Broker, events_a_second: usize, begun: Instant) -> Vec<Duration> {
    let (sender, mut sent) = (broker.sender(), Vec::new());
    let a_tick = events_a_second / 100;
    let mut tick = 0;
    while begun.elapsed() < WARM_UP + LASTS {
        let (at, time) = (begun.elapsed(), SystemClock.now());
        for _ in 0..a_tick {
            let worker = sent.len();
            let value = format!(
                r#"{{"specversion":"1.0","id":"departed-{worker:012}","source":"/hr/bureau/350206/reporting","type":"cn.hr.worker.departed.v1","subject":"worker-{worker:012}","time":"{time}","datacontenttype":"application/json","data":{{"area":"350206","origin":"41"}}}}"#
            );
            let key = worker.to_le_bytes();
            sender.send(&Record {
                topic: TOPIC,
                key: &key,
                value: value.as_bytes(),
                timestamp_seconds: time.seconds(),
            });
            sent.push(at);
        }
        tick += 1;
        std::thread::sleep((TICK * tick).saturating_sub(begun.elapsed()));
    }
    sender.flush();
    sent
}

/// How many workers have left, of the whole country.
fn departed(metrics: &str) -> usize {
    let wanted = |line: &&str| {
        line.starts_with("chunfeng_rate_denominator{")
            && line.contains(r#"rate="return_rate""#)
            && line.contains(r#"area="100000""#)
    };
    let line = metrics.lines().find(wanted);
    line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0) as usize
}
