//! Topics that are not as they should be, or not as they were: one that is not keyed by entity, and one that grows.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::Duration;

use chunfeng::scenario::Event;

use crate::broker::{Record, Sender};
use crate::http;
use crate::instances::Board;
use crate::kafka::{
    Dice, NOTICED_SOON, PARTITIONS, TOPIC, assert_clean_log, assert_every_record_is_one_row,
    assert_same_rates, broker_with_topics, wait_until_all_committed, wait_until_committed,
};
use crate::load::{sent_at, workload, write_file};
use crate::program::{Home, STOP, address};

const SEED: u64 = 20_220_215;
const EVENTS: usize = 20_000;
/// From what the ledger holds to what `serve` says of it.
const TOLD: Duration = Duration::from_secs(60);
const GROWN: i32 = PARTITIONS + 4;
/// How often consumers look whether a topic has grown.
const LOOKS_SOON: (&str, &str) = ("topic.metadata.refresh.interval.ms", "1000");

#[test]
fn a_topic_that_is_not_keyed_by_entity_gives_no_board_and_serve_says_why() {
    let home = Home::new();
    let live = home.lake("live");
    let workload = workload(SEED, EVENTS);
    let broker = broker_with_topics();
    let sender = broker.sender();

    let mut serve = live.serve("serve");
    let mut ingest = ["first", "second"].map(|name| live.ingest(name, &broker, &NOTICED_SOON));
    let mut dice = Dice(SEED);
    for (place, event) in workload.events().enumerate() {
        let mut value = Vec::new();
        workload.write_line(event, &mut value);
        let key = dice.below(u64::MAX).to_le_bytes();
        send(&sender, event, &key, &value, place);
    }
    sender.flush();
    wait_until_committed(&mut ingest[0], &live, &broker);

    let surface = address(&mut serve);
    let told = serve.until(TOLD, "it says why there is no board", |_| {
        let (status, told) = http::ask(surface, "GET", "/readyz")?;
        (status == 503 && told.contains("entities come in")).then_some(told)
    });
    let partitions = told.matches(&format!("{TOPIC}/")).count();
    assert_eq!(partitions, 2, "it names the two partitions: {told}");
    assert!(told.contains("would be counted twice: key the topic by entity"), "{told}");
    // And it stays so: a wrong figure is worse than none.
    for _ in 0..5 {
        let metrics = http::get(surface, "/metrics").expect("metrics");
        let is_of_board = |line: &&str| {
            ["chunfeng_rate_", "chunfeng_board_"].iter().any(|family| line.starts_with(family))
                && line.contains("pipeline=\"return-to-work\"")
        };
        let shown: Vec<&str> = metrics.lines().filter(is_of_board).collect();
        assert!(shown.is_empty(), "a board hangs: {shown:#?}");
        thread::sleep(Duration::from_secs(1));
    }
    for mut process in ingest.into_iter().chain([serve]) {
        assert!(process.terminate(STOP).success(), "{}", process.log());
        assert_clean_log(&process);
    }
    // The ledger is right all the same.
    assert_every_record_is_one_row(&live, &broker, PARTITIONS);
}

/// More partitions send a key elsewhere. So that the topic stays keyed by entity, who is sent before is not sent after.
#[test]
fn partitions_that_are_added_to_a_topic_are_read_by_those_who_run() {
    let home = Home::new();
    let live = home.lake("live");
    let workload = workload(SEED + 1, EVENTS);
    let broker = broker_with_topics();
    let is_early = |event: &&Event| event.subject()[16].is_multiple_of(2);
    let send_all = |events: &mut dyn Iterator<Item = &Event>| {
        let sender = broker.sender();
        for (place, event) in events.enumerate() {
            let mut value = Vec::new();
            workload.write_line(event, &mut value);
            send(&sender, event, &event.subject(), &value, place);
        }
        sender.flush();
    };

    let mut serve = live.serve("serve");
    let options = [&NOTICED_SOON[..], &[LOOKS_SOON]].concat();
    let mut ingest = ["first", "second"].map(|name| live.ingest(name, &broker, &options));
    send_all(&mut workload.events().filter(is_early));
    wait_until_committed(&mut ingest[0], &live, &broker);
    broker.grow_topic(TOPIC, GROWN);
    send_all(&mut workload.events().filter(|event| !is_early(event)));
    let ends = broker.ends(TOPIC, GROWN);
    assert!(ends.iter().all(|end| *end > 0), "each partition has records: {ends:?}");
    wait_until_all_committed(&mut ingest[0], &live, &broker, GROWN);

    let (file, replayed) = (home.path("events.ndjson"), home.lake("replayed"));
    write_file(&file, &workload, workload.events());
    replayed.replay(&[Path::new(&file)]);
    Board::of(&mut serve).becomes_that_of(&replayed, TOLD);
    assert_same_rates(&live, &replayed);
    let logs = ingest.each_ref().map(|instance| instance.log());
    let assigned: BTreeSet<i32> = (PARTITIONS..GROWN)
        .filter(|number| {
            let line = format!("partition={TOPIC}/{number} begin=0\n");
            logs.iter().any(|log| log.contains(&line))
        })
        .collect();
    assert_eq!(assigned.len(), (GROWN - PARTITIONS) as usize, "new ones begin at 0: {assigned:?}");
    for mut process in ingest.into_iter().chain([serve]) {
        assert!(process.terminate(STOP).success(), "{}", process.log());
        assert_clean_log(&process);
    }
    assert_every_record_is_one_row(&live, &broker, GROWN);
}

fn send(sender: &Sender, event: &Event, key: &[u8], value: &[u8], place: usize) {
    let timestamp_seconds = sent_at(place, EVENTS);
    sender.send(&Record { topic: event.topic(), key, value, timestamp_seconds });
}
