//! What it costs to be asked for /metrics, of every county of the country, while a topic is read as fast as it goes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::broker::{Broker, Record};
use super::chunfeng::Running;
use super::cost::median;
use super::goal::{Goal, Row};
use super::herd::{Herd, counties};
use super::http::get;
use super::{Outcome, PARTITIONS, TOPIC};

const BETWEEN_SCRAPES: Duration = Duration::from_secs(5);

/// The row of it.
pub fn rows(events: usize, rounds: usize) -> Outcome<Vec<Row>> {
    let broker = Broker::start();
    broker.create_topic(TOPIC, PARTITIONS);
    let sent = send(&broker, events as u64 / 2);
    let mut losses = Vec::new();
    for round in 0..rounds {
        let (alone, _) = elapsed(&broker, sent, &format!("alone-{round}"), Scrapes::None)?;
        let (asked, series) = elapsed(&broker, sent, &format!("asked-{round}"), Scrapes::Some)?;
        println!("{alone:.2} s alone, {asked:.2} s while asked; {series} series");
        losses.push((asked / alone - 1.0) * 100.0);
    }
    Ok(vec![Row {
        what: "throughput lost to a scrape of every county every 5 s, at full load".into(),
        goal: Goal::AtMost(2.0),
        figure: Some(median(losses)),
        unit: "%",
    }])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scrapes {
    None,
    Some,
}

/// How many seconds the topic takes, and how many series the last scrape had.
fn elapsed(broker: &Broker, sent: usize, group: &str, scrapes: Scrapes) -> Outcome<(f64, usize)> {
    let mut running = Running::start(broker, group, "1s")?;
    let (address, is_over) = (running.address, AtomicBool::new(false));
    let (cost, series) = std::thread::scope(|scope| {
        let scraping = scope.spawn(|| {
            let mut series = 0;
            while scrapes == Scrapes::Some && !is_over.load(Ordering::Relaxed) {
                let body = get(address, "/metrics").unwrap_or_default();
                series = series.max(body.lines().filter(|line| !line.starts_with('#')).count());
                std::thread::sleep(BETWEEN_SCRAPES);
            }
            series
        });
        let cost = running.until_committed(sent);
        is_over.store(true, Ordering::Relaxed);
        (cost, scraping.join().unwrap_or_default())
    });
    running.stop()?;
    Ok((cost?.elapsed.as_secs_f64(), series))
}

fn send(broker: &Broker, workers: u64) -> usize {
    let (herd, counties) = (Herd { workers, returns: workers }, counties());
    let (sender, mut line, mut sent) = (broker.sender(), Vec::new(), 0);
    for place in 0.. {
        let mut is_more = false;
        for partition in 0..PARTITIONS as u64 {
            if herd.write(&counties, partition, place, &mut line) {
                is_more = true;
                let timestamp_seconds = Herd::RECORDED_SECONDS;
                let key = partition.to_le_bytes();
                sender.send(&Record { topic: TOPIC, key: &key, value: &line, timestamp_seconds });
                sent += 1;
            }
        }
        if !is_more {
            break;
        }
    }
    sender.flush();
    sent
}
