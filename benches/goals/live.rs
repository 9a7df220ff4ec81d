//! What a live run costs: CPU seconds of everybody who reads the same topic of a real Kafka from its beginning to its end, in
//! turn and repeated. Whoever counts is asked for the rates at the end, and all must say the same: a wrong job is a
//! mistake of the benchmark.

use ::chunfeng::scenario::{Workload, WorkloadOptions};

use super::broker::{Broker, Record};
use super::cost::{Cost, median};
use super::goal::{Goal, Row};
use super::jobs::{self, Job};
use super::{Outcome, PARTITIONS, TOPIC, chunfeng, drain};

/// Rows of the same topic read by everybody.
pub fn rows(events: usize, rounds: usize, jobs: Vec<Job>) -> Outcome<Vec<Row>> {
    let broker = Broker::start();
    broker.create_topic(TOPIC, PARTITIONS);
    let (sent, bytes) = send(&broker, events);
    println!("{sent} events of {} bytes on {PARTITIONS} partitions", bytes / sent);
    let mut all: Vec<Round> = Vec::new();
    for round in 0..rounds {
        let drain = drain::measure(&broker, sent)?;
        let ours = chunfeng::measure(&broker, sent, round)?;
        println!("raw drain      {drain}");
        println!("chunfeng       {}  back after {:.1} s", ours.cost, ours.back.as_secs_f64());
        let mut theirs = Vec::new();
        for job in &jobs {
            let measured = job.measure(&broker, round)?;
            let back = measured
                .back
                .map_or(String::new(), |back| format!("  back after {:.1} s", back.as_secs_f64()));
            println!("{:14} {}{back}", job.name, measured.cost);
            if ours.figures.len() < 50 || ours.figures != measured.figures {
                let (name, of) = (job.name, ours.figures.len());
                let difference = ours.figures.difference(&measured.figures);
                return Err(format!("of {of} figures {name} says otherwise\n{difference}").into());
            }
            theirs.push(measured);
        }
        all.push(Round { drain, ours, theirs });
    }
    tell(&all, &jobs, sent);
    Ok(told(&all, &jobs, sent))
}

fn told(rounds: &[Round], jobs: &[Job], events: usize) -> Vec<Row> {
    let of = |told: &dyn Fn(&Round) -> f64| Some(median(rounds.iter().map(told).collect()));
    let mut rows = vec![
        Row {
            what: "CPU an event, Kafka to all tables, board and /metrics, over a raw drain by the batch".into(),
            goal: Goal::AtMost(2.5),
            figure: of(&|round| round.ours.cost.over(&round.drain)),
            unit: "×",
        },
        Row {
            what: "bytes in the ledger an event".into(),
            goal: Goal::AtMost(40.0),
            figure: of(&|round| round.ours.ledger_bytes as f64 / events as f64),
            unit: "B",
        },
    ];
    rows.extend(jobs.iter().enumerate().map(|(place, job)| Row {
        what: format!("events a CPU second over {}", job.name),
        goal: Goal::AtLeast(job.times_cheaper),
        figure: of(&|round| round.theirs[place].cost.over(&round.ours.cost)),
        unit: "×",
    }));
    rows.extend(jobs.iter().enumerate().filter(|(_, job)| job.says_when_live).map(
        |(place, job)| {
            let over = |round: &Round| {
                let theirs = round.theirs[place].back.unwrap_or_default();
                theirs.as_secs_f64() / round.ours.back.as_secs_f64()
            };
            Row {
                what: format!("SIGKILL to live again, {} over chunfeng", job.name),
                goal: Goal::AtLeast(10.0),
                figure: of(&over),
                unit: "×",
            }
        },
    ));
    rows
}

/// What everybody took of one round.
struct Round {
    drain: Cost,
    ours: chunfeng::Measured,
    theirs: Vec<jobs::Measured>,
}

fn tell(rounds: &[Round], jobs: &[Job], events: usize) {
    let of = |told: &dyn Fn(&Round) -> f64| median(rounds.iter().map(told).collect());
    println!("\nmedians of {}, all with the same rates; CPU of the process", rounds.len());
    println!("raw drain      {:6.0} ns an event", of(&|round| round.drain.nanoseconds(events)));
    let (each, drains) = (
        of(&|round| round.ours.cost.nanoseconds(events)),
        of(&|round| round.ours.cost.over(&round.drain)),
    );
    println!("chunfeng       {each:6.0} ns an event, {drains:.2} drains");
    for (place, job) in jobs.iter().enumerate() {
        let each = of(&|round| round.theirs[place].cost.nanoseconds(events));
        let over = of(&|round| round.theirs[place].cost.over(&round.ours.cost));
        println!("{:14} {each:6.0} ns an event, {over:.1} times chunfeng", job.name);
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
