//! `chunfeng run` on a real broker: killed ten times, stopped in order, and every record exactly once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chunfeng::scenario::{Event, Workload};
use serde_json::json;

use crate::broker::{Broker, Record, Sender};
use crate::load::{MOMENTS, events, sent_at, workload, write_file};
use crate::process::{Process, within};
use crate::program::{Home, Lake, START, STOP, address};
use crate::{http, python};

pub const TOPIC: &str = "hr.workers";
pub const PARTITIONS: i32 = 8;
pub const PIPELINE: &str = "return-to-work";

const KILLS: usize = 10;
const SEED: u64 = 20_220_201;
/// From a restart to the next commit: the group has to notice that its member was killed.
const COMMIT: Duration = Duration::from_secs(90);
/// For the last events to be committed.
const CATCH_UP: Duration = Duration::from_secs(300);
/// The offsets of the group are shown every five seconds.
const SHOWN: Duration = Duration::from_secs(60);

/// The least that a broker allows, so that a killed member is noticed soon.
pub const NOTICED_SOON: [(&str, &str); 2] =
    [("session.timeout.ms", "6000"), ("heartbeat.interval.ms", "1000")];
/// A member that comes back under its own name is given its partitions at once.
pub const COMES_BACK: [(&str, &str); 1] = [("group.instance.id", "chunfeng-0")];

#[test]
fn after_ten_kills_the_rates_are_those_of_one_replay() {
    let home = Home::new();
    let live = home.lake("live");
    let workload = workload(SEED, events());
    let broker = broker_with_topics();
    let mut delivered = Delivered::new(&workload, &broker);

    let mut dice = Dice(SEED);
    let portion = delivered.events.len() / (KILLS + 1);
    for kill in 0..KILLS {
        // Both ways of coming back: as a member nobody knows, and as one that is expected.
        let options = if kill % 5 == 0 { &NOTICED_SOON[..] } else { &COMES_BACK[..] };
        let pause = Duration::from_millis(dice.below(1_500));
        run_until_killed(&format!("run-{kill}"), &live, &mut delivered, portion, pause, options);
    }
    let mut last = live.run("run-last", &broker, &COMES_BACK);
    delivered.send(usize::MAX);
    wait_until_committed(&mut last, &live, &broker);
    assert!(last.terminate(STOP).success(), "{}", last.log());
    assert_clean_log(&last);
    assert!(
        delivered.behind_at_kills >= KILLS / 2,
        "only {} of {KILLS} kills came while records were waiting: send slower",
        delivered.behind_at_kills
    );
    assert_every_record_is_one_row(&live, &broker, PARTITIONS);

    assert_rates_are_those_of_one_replay(&home, &live, &workload);
    let [.., back, left] = MOMENTS.map(|moment| ratio_of_huli(&live.rates(Some(moment))));
    assert!(left < back - 0.05, "Huli fell from {back} to {left} only");
}

/// Two instances of one group. One stands still until the other has its partitions, and goes on with records in hand
/// that the other has committed meanwhile.
#[test]
fn an_instance_that_slept_is_refused_and_goes_on_with_what_it_owns() {
    let home = Home::new();
    let live = home.lake("live");
    let workload = workload(SEED + 2, 40_000);
    let broker = broker_with_topics();
    let delivered = Delivered::new(&workload, &broker);

    let mut sleeper = live.run("sleeper", &broker, &NOTICED_SOON);
    let begin = live.version("return-to-work/ledger");
    delivered.send(8_000);
    wait_for_commit(&mut sleeper, &live, begin);
    delivered.send(8_000); // it falls asleep with some of these in hand
    thread::sleep(Duration::from_millis(300));
    sleeper.pause();
    let mut other = live.run("other", &broker, &NOTICED_SOON);
    wait_until_committed(&mut other, &live, &broker);
    sleeper.resume();
    wait_for_takeover(&mut sleeper);
    delivered.send(usize::MAX);
    wait_until_committed(&mut sleeper, &live, &broker);
    assert!(other.terminate(STOP).success(), "{}", other.log());
    let ready = |address| http::get(address, "/readyz");
    let alone = address(&mut sleeper);
    sleeper.until(COMMIT, "it owns everything and shows boards again", |_| ready(alone));
    assert!(sleeper.terminate(STOP).success(), "{}", sleeper.log());
    for instance in [&sleeper, &other] {
        assert_clean_log(instance);
    }
    assert_every_record_is_one_row(&live, &broker, PARTITIONS);
    assert_rates_are_those_of_one_replay(&home, &live, &workload);
}

fn wait_for_takeover(run: &mut Process) {
    let address = address(run);
    run.until(COMMIT, "it notices that it was taken over", |_| {
        let metrics = http::get(address, "/metrics")?;
        let takeovers = metrics.lines().find(|line| line.starts_with("chunfeng_takeovers_total "));
        takeovers.filter(|line| !line.ends_with(" 0")).map(drop)
    });
}

#[test]
fn a_stop_drains_and_a_restart_reads_no_record_twice() {
    let home = Home::new();
    let lake = home.lake("lake");
    let workload = workload(SEED + 1, 30_000);
    let broker = broker_with_topics();
    let delivered = Delivered::new(&workload, &broker);

    let mut first = lake.run("first", &broker, &[]);
    let begin = lake.version("return-to-work/ledger");
    delivered.send(10_000);
    wait_for_commit(&mut first, &lake, begin);
    delivered.send(5_000); // the stop comes while these are on their way
    assert!(first.terminate(STOP).success(), "{}", first.log());
    assert_clean_log(&first);
    let stopped_at = lake.next_offsets(PIPELINE, TOPIC, PARTITIONS);
    assert_eq!(
        ledger(&lake)["rows"],
        stopped_at.iter().sum::<i64>(),
        "a stop leaves rows and offsets that belong together"
    );

    let mut second = lake.run("second", &broker, &[]);
    delivered.send(usize::MAX);
    wait_until_committed(&mut second, &lake, &broker);
    wait_until_offsets_are_shown(&mut second, &lake, &broker);
    wait_until_lag_is_zero(&mut second);
    assert!(second.terminate(STOP).success(), "{}", second.log());
    assert_clean_log(&second);
    assert_every_record_is_one_row(&lake, &broker, PARTITIONS);
    for (partition, offset) in stopped_at.iter().enumerate() {
        let line = format!("partition={TOPIC}/{partition} begin={offset}\n");
        assert!(
            *offset == 0 || second.log().contains(&line),
            "the second run begins where the first ended: {line}"
        );
    }
    let complaints = python::ask("layout.py", &json!({ "lake": lake.path }));
    assert_eq!(complaints["complaints"], json!([]));
}

/// What is sent to the broker, portion by portion, in the order of the workload's lines.
pub struct Delivered<'w> {
    workload: &'w Workload,
    events: Vec<&'w Event>,
    sender: Sender,
    broker: &'w Broker,
    sent: AtomicUsize,
    behind_at_kills: usize,
}

impl<'w> Delivered<'w> {
    pub fn new(workload: &'w Workload, broker: &'w Broker) -> Self {
        Self {
            workload,
            events: workload.events().collect(),
            sender: broker.sender(),
            broker,
            sent: AtomicUsize::new(0),
            behind_at_kills: 0,
        }
    }

    /// Sends so many more events, as fast as the broker takes them.
    pub fn send(&self, most: usize) {
        self.send_evenly(most, Duration::ZERO, &AtomicBool::new(false));
    }

    /// Sends so many more events in about `length`, or until it is told to stop.
    pub fn send_evenly(&self, most: usize, length: Duration, stop: &AtomicBool) {
        let sent = self.sent.load(Ordering::Relaxed);
        let portion = &self.events[sent..sent.saturating_add(most).min(self.events.len())];
        const STEP: usize = 200;
        let pause = length * STEP as u32 / portion.len().max(1) as u32;
        let mut value = Vec::new();
        for events in portion.chunks(STEP) {
            for event in events {
                let place = self.sent.fetch_add(1, Ordering::Relaxed);
                value.clear();
                self.workload.write_line(event, &mut value);
                self.sender.send(&Record {
                    topic: event.topic(),
                    key: &event.subject(),
                    value: &value,
                    timestamp_seconds: sent_at(place, self.events.len()),
                });
            }
            if stop.load(Ordering::Relaxed) {
                break;
            }
            thread::sleep(pause);
        }
        self.sender.flush();
    }
}

/// Runs while events flow, until there has been a commit and `pause` has passed, then kills.
pub fn run_until_killed(
    name: &str,
    lake: &Lake,
    delivered: &mut Delivered,
    portion: usize,
    pause: Duration,
    options: &[(&str, &str)],
) {
    let begin = lake.version("return-to-work/ledger");
    let mut run = lake.run(name, delivered.broker, options);
    let stop = AtomicBool::new(false);
    let behind = thread::scope(|scope| {
        let sending = scope.spawn(|| delivered.send_evenly(portion, Duration::from_secs(6), &stop));
        wait_for_commit(&mut run, lake, begin);
        thread::sleep(pause);
        run.kill();
        let committed: i64 = lake.next_offsets(PIPELINE, TOPIC, PARTITIONS).iter().sum();
        let behind = delivered.sent.load(Ordering::Relaxed) as i64 > committed;
        stop.store(true, Ordering::Relaxed);
        sending.join().expect("events are sent");
        behind
    });
    delivered.behind_at_kills += usize::from(behind);
    assert_clean_log(&run);
}

pub fn broker_with_topics() -> Broker {
    broker_with_partitions(PARTITIONS)
}

pub fn broker_with_partitions(partitions: i32) -> Broker {
    let broker = Broker::start();
    broker.create_topic(TOPIC, partitions);
    broker.create_topic("hr.enterprises", 1);
    broker
}

pub fn wait_for_commit(run: &mut Process, lake: &Lake, begin: Option<usize>) {
    // Version 0 is the table itself.
    let begin = begin.unwrap_or(0);
    run.until(COMMIT, "it commits to the ledger", |_| {
        let version = lake.version("return-to-work/ledger")?;
        (version > begin).then_some(())
    });
}

pub fn wait_until_committed(run: &mut Process, lake: &Lake, broker: &Broker) {
    wait_until_all_committed(run, lake, broker, PARTITIONS);
}

pub fn wait_until_all_committed(run: &mut Process, lake: &Lake, broker: &Broker, partitions: i32) {
    let ends = broker.ends(TOPIC, partitions);
    run.until(CATCH_UP, "everything sent is committed", |_| {
        (lake.next_offsets(PIPELINE, TOPIC, partitions) == ends).then_some(())
    });
}

fn wait_until_offsets_are_shown(run: &mut Process, lake: &Lake, broker: &Broker) {
    let committed = lake.next_offsets(PIPELINE, TOPIC, PARTITIONS);
    run.until(SHOWN, "Kafka shows the group at the ledger's offsets", |_| {
        (broker.group_offsets("chunfeng", TOPIC, PARTITIONS) == committed).then_some(())
    });
}

fn wait_until_lag_is_zero(run: &mut Process) {
    let address = address(run);
    within(SHOWN, "a lag of zero on every partition", || {
        let metrics = http::get(address, "/metrics")?;
        let lags =
            metrics.lines().filter(|line| line.starts_with("chunfeng_consumer_lag_records{"));
        let zero = lags.filter(|line| line.contains(TOPIC) && line.ends_with(" 0"));
        (zero.count() == PARTITIONS as usize).then_some(())
    });
    let ready = within(START, "readiness", || http::get(address, "/readyz"));
    assert_eq!(ready, "ready\n");
}

/// What Python reads of the ledger.
fn ledger(lake: &Lake) -> serde_json::Value {
    let table = lake.path.join(PIPELINE).join("ledger");
    match lake.options() {
        Some(options) => python::ask("table.py", &json!({ "table": table, "options": options })),
        None => python::ask("offsets.py", &json!({ "table": table })),
    }
}

/// WHOLE: the ledger's offsets are 0 to the partition's end, each exactly once.
pub fn assert_every_record_is_one_row(lake: &Lake, broker: &Broker, partitions: i32) {
    let found = ledger(lake);
    let ends = broker.ends(TOPIC, partitions);
    let of_partition = |(partition, end): (usize, &i64)| {
        json!({
            "topic": TOPIC, "partition": partition,
            "rows": end, "distinct": end, "least": 0, "greatest": end - 1, "next": end,
        })
    };
    let expected: Vec<_> = ends.iter().enumerate().map(of_partition).collect();
    assert_eq!(found["partitions"], json!(expected));
}

/// LAW: the same events in a file, replayed once into a fresh lake, give the same rates at every moment.
pub fn assert_rates_are_those_of_one_replay(home: &Home, live: &Lake, workload: &Workload) {
    assert_same_rates(live, &replayed_once(home, workload));
}

/// A fresh lake with the same events, replayed from a file in one go.
pub fn replayed_once<'h>(home: &'h Home, workload: &Workload) -> Lake<'h> {
    let (file, replayed) = (home.path("events.ndjson"), home.lake("replayed"));
    write_file(&file, workload, workload.events());
    replayed.replay(&[&file]);
    replayed
}

pub fn assert_same_rates(live: &Lake, replayed: &Lake) {
    for moment in MOMENTS {
        let (live, replayed) = (live.rates(Some(moment)), replayed.rates(Some(moment)));
        assert!(live.len() > 1_000, "hardly any rates as of {moment}");
        assert!(live == replayed, "the rates as of {moment} differ");
    }
}

pub fn assert_clean_log(run: &Process) {
    let log = run.log();
    let lines = log.lines();
    let errors: Vec<&str> =
        lines.filter(|line| line.contains("ERROR") || line.contains("panicked")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(!log.contains('\u{1b}'), "a log in a file has no colours");
}

fn ratio_of_huli(rates: &str) -> f64 {
    let rows: Vec<serde_json::Value> = serde_json::from_str(rates).expect("rates in JSON");
    let huli = rows.iter().find(|row| {
        row["rate"] == "return_rate" && row["area"] == "350206" && row["dimension"].is_null()
    });
    huli.and_then(|row| row["ratio"].as_f64()).expect("Huli's return rate")
}

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
