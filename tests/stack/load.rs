//! The events that the tests send: as lines of a file, and as records whose time is never before the event's.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use chunfeng::scenario::{Delivery, Event, Springs, Workload, WorkloadOptions, deliveries};

/// How many events the test that kills sends, unless `CHUNFENG_STACK_EVENTS` says.
const EVENTS: usize = 200_000;
/// The most that may be asked for.
const EVENTS_MOST: usize = 1_000_000;

/// 2022-03-04T00:00:00+08:00: nothing happens later.
const SENT_FROM: i64 = 1_646_323_200;
/// Records are stamped over so many days.
const SENT_OVER: i64 = 3 * 86_400;

/// Three moments: in the middle of the return, near its end, and after thousands have left again.
pub const MOMENTS: [&str; 3] =
    ["2022-02-10T12:00:00+08:00", "2022-02-21T00:00:00+08:00", "2022-03-03T06:30:00+08:00"];

/// How many events to send.
pub fn events() -> usize {
    let asked = std::env::var("CHUNFENG_STACK_EVENTS").ok();
    let asked = asked.map(|text| text.parse().expect("CHUNFENG_STACK_EVENTS is a number"));
    let events = asked.unwrap_or(EVENTS);
    assert!(
        (1_000..=EVENTS_MOST).contains(&events),
        "CHUNFENG_STACK_EVENTS is from 1000 to {EVENTS_MOST}"
    );
    events
}

/// About so many events in any order, a fifth of them sent twice, and some hundreds to thousands who leave at the end.
pub fn workload(seed: u64, events: usize) -> Workload {
    let options =
        WorkloadOptions { duplicates: 0.2, shuffled: true, leave_again: (events / 40) as u32 };
    Workload::new(seed, Workload::workers_for(events, options), options)
}

/// When the record of the event at this place was sent.
pub fn sent_at(place: usize, of: usize) -> i64 {
    SENT_FROM + SENT_OVER * place as i64 / of.max(1) as i64
}

/// Writes events as NDJSON.
pub fn write_file<'e>(path: &Path, workload: &Workload, events: impl Iterator<Item = &'e Event>) {
    let mut line = Vec::new();
    let lines = events.map(|event| {
        line.clear();
        workload.write_line(event, &mut line);
        line.clone()
    });
    write_lines(path, lines);
}

/// Writes all springs as NDJSON, but for what happened to single workers.
pub fn write_all_but_workers(path: &Path) {
    let is_report = |key: &[u8]| key.starts_with(b"RA") || key.starts_with(b"RS");
    write_springs(path, |delivery| delivery.topic != "hr.workers" || is_report(&delivery.key));
}

/// Writes what happened to enterprises as NDJSON.
pub fn write_enterprises(path: &Path) {
    write_springs(path, |delivery| delivery.topic == "hr.enterprises");
}

fn write_springs(path: &Path, is_wanted: impl Fn(&Delivery) -> bool) {
    let wanted = deliveries(Springs::default()).filter(is_wanted);
    write_lines(path, wanted.map(|delivery| delivery.value));
}

fn write_lines(path: &Path, lines: impl Iterator<Item = Vec<u8>>) {
    let mut file = BufWriter::new(File::create(path).expect("a file for events"));
    for line in lines {
        file.write_all(&line).expect("events are written");
        file.write_all(b"\n").expect("events are written");
    }
    file.flush().expect("events are written");
}
