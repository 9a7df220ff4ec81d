//! How long an event takes from its sending to /metrics, at half of what is read at most and a commit interval of a second.

use std::time::{Duration, Instant};

use ::chunfeng::clock::{Clock, SystemClock};

use super::broker::{Broker, Record};
use super::chunfeng::Running;
use super::goal::{Goal, Row};
use super::http::get;
use super::{Outcome, PARTITIONS, TOPIC};

/// So many events are sent at once, a hundred times a second.
const TICK: Duration = Duration::from_millis(10);
/// What comes before has a process to start and a cache to fill.
const WARM_UP: Duration = Duration::from_secs(10);
const LASTS: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(60);

/// The row of it: events leave one by one with workers that are new, so that how many are counted says which one has come.
pub fn rows(events_a_second: usize) -> Outcome<Vec<Row>> {
    let broker = Broker::start();
    broker.create_topic(TOPIC, PARTITIONS);
    let running = Running::start(&broker, "latency", "1s")?;
    let begun = Instant::now();
    let address = running.address;
    let (sent, seen) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(&broker, events_a_second, begun));
        let mut seen: Vec<(usize, Duration)> = Vec::new();
        let mut last = 0;
        loop {
            let counted = get(address, "/metrics").map_or(0, |body| departed(&body));
            seen.push((counted, begun.elapsed()));
            let is_over = sending.is_finished() && counted == last && counted > 0;
            if (is_over && begun.elapsed() > WARM_UP + LASTS + Duration::from_secs(5))
                || begun.elapsed() > WARM_UP + LASTS + LONGEST
            {
                break;
            }
            last = counted;
            std::thread::sleep(BETWEEN_LOOKS);
        }
        (sending.join().unwrap_or_default(), seen)
    });
    running.stop()?;
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
    println!(
        "{events_a_second} events/s: p50 {:.2} s, p99 {:.2} s, most {:.2} s",
        at(0.5),
        at(0.99),
        latencies[latencies.len() - 1]
    );
    Ok(vec![Row {
        what: "event in Kafka to /metrics, p99, at half of full load, commit interval 1 s".into(),
        goal: Goal::AtMost(2.0),
        figure: Some(at(0.99)),
        unit: "s",
    }])
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
