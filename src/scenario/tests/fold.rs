//! The naive fold: JSON into sets of facts, sets of facts into counts. It shares nothing with the
//! generator and nothing with the engine, on purpose.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::Value;

use super::super::spring2022::deliveries;
use super::super::{Delivery, Springs};

/// The spring as delivered, read once for all tests.
pub static SPRING: LazyLock<Vec<Record>> =
    LazyLock::new(|| deliveries(Springs::default()).map(Record::read).collect());

pub static TIMELINES: LazyLock<HashMap<String, Timeline>> =
    LazyLock::new(|| fold(SPRING.iter().map(|record| &record.fact)));

/// A delivery and what its JSON says.
pub struct Record {
    pub delivery: Delivery,
    pub fact: Fact,
}

impl Record {
    pub fn read(delivery: Delivery) -> Self {
        let fact = Fact::read(&delivery.value);
        Self { delivery, fact }
    }
}

pub struct Fact {
    pub id: String,
    pub subject: String,
    pub at: i64,
    /// The middle of the event's type, such as `returned`.
    pub kind: String,
    pub area: String,
    pub sector: Option<String>,
    pub mode: Option<String>,
}

impl Fact {
    pub fn read(line: &[u8]) -> Self {
        let event: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(event["specversion"], "1.0");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let kind = event["type"].as_str().and_then(|name| name.split('.').nth(3));
        Self {
            id: text(&event["id"]).unwrap(),
            subject: text(&event["subject"]).unwrap(),
            at: event["time"].as_str().unwrap().parse::<Timestamp>().unwrap().as_second(),
            kind: kind.unwrap().to_owned(),
            area: text(&event["data"]["area"]).unwrap(),
            sector: text(&event["data"]["sector"]),
            mode: text(&event["data"]["mode"]),
        }
    }
}

/// One subject's facts: a set of (time, kind).
#[derive(Default)]
pub struct Timeline {
    pub facts: BTreeSet<(i64, String)>,
    pub area: String,
    pub sector: Option<String>,
}

impl Timeline {
    /// The time of the last fact of a kind up to a moment, unless a later retraction voids it.
    pub fn last(&self, kind: &str, retraction: &str, as_of: i64) -> Option<i64> {
        let times = |kind: &str| {
            let known = self.facts.iter().filter(|fact| fact.0 <= as_of);
            known.filter(|fact| fact.1 == kind).map(|fact| fact.0).max()
        };
        let voided_up_to = times(retraction).unwrap_or(i64::MIN);
        times(kind).filter(|&at| at > voided_up_to)
    }

    pub fn at(&self, kind: &str, as_of: i64) -> Option<i64> {
        self.last(kind, "", as_of)
    }

    pub fn is_back(&self, as_of: i64) -> bool {
        let departed = self.at("departed", as_of);
        let returned = self.last("returned", "return-cancelled", as_of);
        departed.is_some() && returned >= departed && self.at("left", as_of) < returned
    }

    pub fn is_at_work(&self, as_of: i64) -> bool {
        let restarted = self.last("restarted", "restart-cancelled", as_of);
        restarted.is_some() && self.at("suspended", as_of) < restarted
    }

    pub fn is_of_a_worker(&self) -> bool {
        self.area.starts_with("350206")
    }
}

pub fn fold<'a>(facts: impl Iterator<Item = &'a Fact>) -> HashMap<String, Timeline> {
    let mut timelines = HashMap::<String, Timeline>::new();
    for fact in facts {
        let timeline = timelines.entry(fact.subject.clone()).or_default();
        timeline.facts.insert((fact.at, fact.kind.clone()));
        timeline.area.clone_from(&fact.area);
        timeline.sector = fact.sector.clone().or(timeline.sector.take());
    }
    timelines
}

/// (back, went home)
pub fn workers_back(timelines: &HashMap<String, Timeline>, as_of: i64) -> (u64, u64) {
    let went_home = timelines.values().filter(|worker| worker.at("departed", as_of).is_some());
    let back = timelines.values().filter(|worker| worker.is_back(as_of));
    (back.count() as u64, went_home.count() as u64)
}

pub fn enterprises() -> impl Iterator<Item = &'static Timeline> {
    TIMELINES.values().filter(|timeline| !timeline.is_of_a_worker())
}

/// (at work, all) of the enterprises that a rule picks.
pub fn at_work<'a>(
    enterprises: impl Iterator<Item = &'a Timeline>,
    as_of: i64,
    picks: impl Fn(&Timeline) -> bool,
) -> (u64, u64) {
    let picked = enterprises.filter(|enterprise| picks(enterprise)).collect::<Vec<_>>();
    let restarted = picked.iter().filter(|enterprise| enterprise.is_at_work(as_of)).count();
    (restarted as u64, picked.len() as u64)
}

pub fn seconds_between(from: u32, to: u32) -> Range<i64> {
    i64::from(from)..i64::from(to)
}
