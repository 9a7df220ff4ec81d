//! Liuyang, 2020 and 2021: labour bases, teams, and what was given to enterprises and workers.

use serde_json::{Value, json};

use super::super::Springs;
use super::super::calendar::{DAY, HOUR, moment_of};
use super::super::random::Random;
use super::super::rhythm::working_hours;
use super::report::{Desk, Report};

const STREAMS: u64 = 6 << 40;
const LIUYANG: u32 = 430181;

const BASES: u32 = 118;
const TEAMS: u32 = 15;
/// In yuan, both of 2020.
const PREMIUM_CUT: u32 = 616_000_000;
const REFUND: u32 = 22_000_000;
const REFUNDED_ENTERPRISES: u32 = 914;
/// In enterprises, and elsewhere: 33,769 together.
const CLASSES: u32 = 147;
const TRAINED_IN_CLASSES: u32 = 6_712;
const TRAINED_ELSEWHERE: u32 = 27_057;
const SCHOOLED: u32 = 11_749;
const HOUSING_PROJECTS: u32 = 164;
const DWELLINGS: u32 = 24_203;
/// About.
const HOUSED: u32 = 45_000;
const HOUSEHOLDS: u32 = 63;

/// Appends all that was reported.
pub fn reports(Springs { seed, copy, .. }: Springs, reports: &mut Vec<Report>) {
    let mut random = Random::stream(seed, STREAMS);
    let mut desk = Desk { reports, copy, topic: "hr.support", area: LIUYANG, zone: None };
    let year_end = moment_of(2020, 12, 31, 10);
    let amount = |amount: u32| ("amount", json!(amount));
    grant(year_end, 1, [item("premium-cut"), exact(), amount(PREMIUM_CUT)], &mut desk);
    let enterprises = ("enterprises", json!(REFUNDED_ENTERPRISES));
    let refund = [item("job-retention-refund"), exact(), amount(REFUND), enterprises];
    grant(year_end + HOUR, 2, refund, &mut desk);
    let in_may = moment_of(2021, 5, 20, 10);
    let times = |persons: u32| ("person_trips", json!(persons));
    grant(in_may, 3, [item("training"), exact(), times(TRAINED_ELSEWHERE)], &mut desk);
    grant(in_may + HOUR, 4, [item("schooling"), exact(), times(SCHOOLED)], &mut desk);
    let housing = [
        item("housing"),
        ("qualifier", json!("about")),
        ("projects", json!(HOUSING_PROJECTS)),
        ("dwellings", json!(DWELLINGS)),
        ("persons", json!(HOUSED)),
    ];
    grant(in_may + 2 * HOUR, 5, housing, &mut desk);
    // That they were held in the zone is ours.
    let zone = Some("liuyang-economic-zone");
    let mut desk = Desk { zone, ..desk };
    for class in 0..CLASSES {
        let all_but_the_first = TRAINED_IN_CLASSES / CLASSES;
        let persons = match class {
            0 => TRAINED_IN_CLASSES - (CLASSES - 1) * all_but_the_first,
            _ => all_but_the_first,
        };
        let at = working_hours(moment_of(2020, 6, 1, 0), moment_of(2021, 5, 1, 0), &mut random);
        grant(at, 1_000 + class, [item("enterprise-training"), exact(), times(persons)], &mut desk);
    }
    for team in 0..TEAMS {
        let at = moment_of(2021, 2, 18, 8) + team * 60;
        grant(at, 2_000 + team, [item("team"), exact()], &mut desk);
    }
    for base in 0..BASES {
        let at = working_hours(moment_of(2020, 9, 1, 0), moment_of(2021, 5, 21, 0), &mut random);
        grant(at, 3_000 + base, [item("base"), exact()], &mut desk);
    }
    households(&mut random, &mut desk);
}

fn item(item: &str) -> (&'static str, Value) {
    ("item", json!(item))
}

fn exact() -> (&'static str, Value) {
    ("qualifier", json!("exact"))
}

fn grant<const FIELDS: usize>(
    at_seconds: u32,
    number: u32,
    fields: [(&'static str, Value); FIELDS],
    desk: &mut Desk<'_>,
) {
    desk.report(at_seconds, "support.granted", desk.subject(b"SG", number), fields);
}

/// Each household in which nobody works is helped within weeks.
fn households(random: &mut Random, desk: &mut Desk<'_>) {
    for household in 0..HOUSEHOLDS {
        let subject = desk.subject(b"HH", household);
        let flagged = working_hours(moment_of(2021, 1, 4, 0), moment_of(2021, 4, 1, 0), random);
        desk.note(flagged, "household.flagged", subject);
        desk.note(flagged + random.between(3 * DAY, 40 * DAY), "household.helped", subject);
    }
}
