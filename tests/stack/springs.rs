//! All pipelines that ship, live on a real broker, fed by `chunfeng scenario`.

use std::time::Duration;

use crate::broker::Broker;
use crate::http;
use crate::kafka::broker_with_topics;
use crate::process::within;
use crate::program::{Home, STOP, address};

/// Until all that was sent is on the boards of a debug build.
const SHOWN: Duration = Duration::from_secs(90);
const START: Duration = Duration::from_secs(90);

/// What each pipeline reads, but for single workers, of whom there are too many for a test that waits.
const TOPICS: [&str; 10] = [
    "hr.enterprises",
    "hr.labour-demand",
    "hr.online-recruitment",
    "hr.projects",
    "hr.recruitment",
    "hr.support",
    "hr.targets",
    "hr.tickets",
    "hr.trips",
    "hr.wage-claims",
];

fn broker_with_all_topics() -> Broker {
    let broker = broker_with_topics();
    for topic in TOPICS.iter().filter(|topic| **topic != "hr.enterprises") {
        broker.create_topic(topic, 2);
    }
    broker
}

/// A folder of pipelines brings more topics with it than a broker may have.
#[test]
fn topics_that_are_missing_are_named() {
    let home = Home::new().with_all_pipelines();
    let broker = broker_with_topics();
    let lake = home.lake("lake");
    let mut run = lake.run("run", &broker, &[]);
    let ended = within(START, "it ends", || run.ended());
    assert_eq!(ended.code(), Some(4), "{}", run.log());
    let log = run.log();
    assert!(log.contains("error: the brokers have no topic hr.labour-demand, "), "{log}");
    assert!(!log.contains("hr.workers, "), "what is there is not named: {log}");
}

#[test]
fn what_does_not_arrive_is_told() {
    let (home, broker) = (Home::new(), broker_with_topics());
    let out = format!("kafka://{}", broker.bootstrap());
    let sent = home.command(&["scenario", "--out", &out, "--topic", "hr.tickets"]).output();
    let sent = sent.expect("chunfeng starts");
    let told = String::from_utf8_lossy(&sent.stderr).into_owned();
    assert_eq!(sent.status.code(), Some(4), "{told}");
    assert!(told.contains("error: cannot send to the topic hr.tickets: "), "{told}");
}

#[test]
fn the_springs_sent_to_kafka_are_on_every_board() {
    let home = Home::new().with_all_pipelines();
    let broker = broker_with_all_topics();
    let lake = home.lake("lake");
    let mut run = lake.run("run", &broker, &[]);
    let out = format!("kafka://{}", broker.bootstrap());
    for topic in TOPICS {
        let sent = home.command(&["scenario", "--out", &out, "--topic", topic]).output();
        let sent = sent.expect("chunfeng starts");
        assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    }
    let address = address(&mut run);
    // What the clock of 2026 leaves as it was in 2022.
    for (pipeline, rate, area, numerator) in [
        ("tickets", "residual", "330782", 44.0),
        ("recruitment", "transported_trips", "422800", 6_913.0),
        ("labour-demand", "gap", "422800", 512.0),
        ("targets", "remaining", "422800", 1_087.0),
        ("support", "bases", "430181", 118.0),
        ("projects", "started_projects", "330700", 72.0),
        ("trips", "carried", "330700", 898.0),
        ("wage-claims", "cleared", "350206", 1.0),
        ("online-recruitment", "fairs", "440800", 26.0),
    ] {
        let path = format!("/api/v1/rates?pipeline={pipeline}&rate={rate}&area={area}");
        within(SHOWN, &format!("{rate} of {area} is {numerator}"), || {
            let rows = http::get_json(address, &path)?;
            let total = rows.as_array()?.iter().find(|row| row["dimension"].is_null())?;
            (total["numerator"].as_f64() == Some(numerator)).then_some(())
        });
    }
    assert!(run.terminate(STOP).success(), "{}", run.log());
}
