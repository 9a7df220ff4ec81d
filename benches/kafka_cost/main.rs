//! What a live run costs: CPU seconds of everybody who reads the same topic of a real Kafka from its beginning to its end,
//! in turn and repeated, over those of a raw drain of it.
//!
//! `cargo bench --bench kafka_cost [-- EVENTS [ROUNDS]]`, two million and five unless said: 8 partitions, lz4, a fifth repeated. Needs the
//! services of `tests/stack/services/install.sh`. Whoever counts is asked for the rates at the end, and all must say the
//! same: a wrong job is a mistake of the benchmark. docs/benchmarks.md tells what came out.

#![expect(clippy::expect_used, reason = "what the stack tests share with it panics, as tests do")]

#[path = "../../tests/stack/broker.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod broker;
mod chunfeng;
mod cost;
mod drain;
mod figures;
mod jobs;
#[path = "../../tests/stack/http.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod http;
#[path = "../../tests/stack/process.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod process;
#[path = "../../tests/stack/services.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod services;

use std::env;
use std::error::Error;

use ::chunfeng::scenario::{Workload, WorkloadOptions};

use self::broker::{Broker, Record};
use self::cost::{Cost, median};
use self::jobs::{FLINK, Job, KAFKA_STREAMS};

const EVENTS: usize = 2_000_000;
const ROUNDS: usize = 5;
const TOPIC: &str = "hr.workers";
const PARTITIONS: i32 = 8;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> =
        env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [drain, bootstrap, events] if drain == "drain" => drain::drain(bootstrap, events.parse()?),
        [events] => compare(events.parse()?, ROUNDS),
        [events, rounds] => compare(events.parse()?, rounds.parse()?),
        _ => compare(EVENTS, ROUNDS),
    }
}

fn compare(events: usize, rounds: usize) -> Outcome<()> {
    let broker = Broker::start();
    broker.create_topic(TOPIC, PARTITIONS);
    let (sent, bytes) = send(&broker, events);
    println!("{sent} events of {} bytes on {PARTITIONS} partitions", bytes / sent);
    let jobs = [Job::compiled(KAFKA_STREAMS)?, Job::compiled(FLINK)?];
    let mut all: Vec<Round> = Vec::new();
    for round in 0..rounds {
        let drain = drain::measure(&broker, sent)?;
        let (ours, figures) = chunfeng::measure(&broker, sent, round)?;
        println!("raw drain      {drain}\nchunfeng       {ours}");
        let mut theirs = Vec::new();
        for job in &jobs {
            let (cost, others) = job.measure(&broker, round)?;
            println!("{:14} {cost}", job.name());
            if figures.len() < 50 || figures != others {
                let (name, of) = (job.name(), figures.len());
                let difference = figures.difference(&others);
                return Err(format!("of {of} figures {name} says otherwise\n{difference}").into());
            }
            theirs.push(cost);
        }
        all.push(Round { drain, ours, theirs });
    }
    tell(&all, &jobs, sent);
    Ok(())
}

/// What everybody took of one round.
struct Round {
    drain: Cost,
    ours: Cost,
    theirs: Vec<Cost>,
}

fn tell(rounds: &[Round], jobs: &[Job], events: usize) {
    let of = |told: &dyn Fn(&Round) -> f64| median(rounds.iter().map(told).collect());
    println!("\nmedians of {}, all with the same rates; CPU of the process", rounds.len());
    println!("raw drain      {:6.0} ns an event", of(&|round| round.drain.nanoseconds(events)));
    let (each, drains) =
        (of(&|round| round.ours.nanoseconds(events)), of(&|round| round.ours.over(&round.drain)));
    println!("chunfeng       {each:6.0} ns an event, {drains:.2} drains");
    for (place, job) in jobs.iter().enumerate() {
        let each = of(&|round| round.theirs[place].nanoseconds(events));
        let over = of(&|round| round.theirs[place].over(&round.ours));
        println!("{:14} {each:6.0} ns an event, {over:.1} times chunfeng", job.name());
    }
}

/// Fills the topic. Returns how many records and bytes.
fn send(broker: &Broker, events: usize) -> (usize, usize) {
    let options = WorkloadOptions { duplicates: 0.2, shuffled: true, ..WorkloadOptions::default() };
    let workload = Workload::new(2022, Workload::workers_for(events, options), options);
    let (sender, mut line, mut bytes, mut sent) = (broker.sender(), Vec::new(), 0, 0);
    let last = workload.events().map(|event| event.at_seconds).max().unwrap_or(0);
    for event in workload.events() {
        line.clear();
        workload.write_line(event, &mut line);
        let key = event.subject();
        // Everything has happened when it is sent, one after the other: 10,000 a second, as a spring's peak would be.
        let timestamp_seconds = i64::from(last) + (sent / 10_000) as i64;
        sender.send(&Record { topic: TOPIC, key: &key, value: &line, timestamp_seconds });
        (bytes, sent) = (bytes + line.len(), sent + 1);
    }
    sender.flush();
    (sent, bytes)
}
