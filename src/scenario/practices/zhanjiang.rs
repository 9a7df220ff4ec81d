//! Zhanjiang, spring of 2020. The article's digits are lost: everything here is invented, and shows the practices alone.

use serde_json::json;

use super::super::Springs;
use super::super::calendar::{DAY, HOUR, moment_of};
use super::super::random::Random;
use super::super::rhythm::working_hours;
use super::report::{Desk, Report};

const STREAMS: u64 = 7 << 40;
const ZHANJIANG: u32 = 440800;
const CHIKAN: u32 = 440802;
const XIASHAN: u32 = 440803;

const SECTORS: [&str; 5] =
    ["above-scale-industry", "construction", "commerce", "transport", "food-medicine"];
const ENTERPRISES: u32 = 600;
const FAIRS: u32 = 26;
const COACHES: u32 = 34;

/// Appends all that was reported.
pub fn reports(Springs { seed, copy, .. }: Springs, reports: &mut Vec<Report>) {
    let mut random = Random::stream(seed, STREAMS);
    enterprises(copy, &mut random, reports);
    fairs(
        &mut random,
        &mut Desk { reports, copy, topic: "hr.online-recruitment", area: ZHANJIANG, zone: None },
    );
    coaches(
        &mut random,
        &mut Desk { reports, copy, topic: "hr.trips", area: ZHANJIANG, zone: None },
    );
}

/// The five sectors; nine in ten are at work by 6 March, and say how many of their staff are.
fn enterprises(copy: u32, random: &mut Random, reports: &mut Vec<Report>) {
    for number in 0..ENTERPRISES {
        let area = if number % 2 == 0 { CHIKAN } else { XIASHAN };
        let mut desk = Desk { reports, copy, topic: "hr.enterprises", area, zone: None };
        let enterprise = desk.subject(b"ZZ", number);
        let sector = [("sector", json!(SECTORS[number as usize % SECTORS.len()]))];
        let registered = working_hours(moment_of(2020, 1, 6, 0), moment_of(2020, 1, 18, 0), random);
        desk.report(registered, "enterprise.registered", enterprise, sector);
        if number % 10 == 9 {
            continue;
        }
        let restarted = working_hours(moment_of(2020, 2, 10, 0), moment_of(2020, 3, 6, 0), random);
        desk.note(restarted, "enterprise.restarted", enterprise);
        let expected = random.between(20, 400);
        let headcount = [("on_post", json!(expected * 9 / 10)), ("expected", json!(expected))];
        desk.report(restarted + HOUR, "enterprise.headcount-reported", enterprise, headcount);
        let baseline = f64::from(expected * 31) / 2.0;
        let power = [("used", json!(baseline * 0.75)), ("baseline", json!(baseline))];
        desk.report(restarted + 9 * HOUR, "enterprise.power-reported", enterprise, power);
    }
}

fn fairs(random: &mut Random, desk: &mut Desk<'_>) {
    for number in 0..FAIRS {
        let fair = desk.subject(b"FR", number);
        let held = working_hours(moment_of(2020, 2, 10, 0), moment_of(2020, 3, 6, 0), random);
        let form = ["online", "online", "live-stream"][number as usize % 3];
        let posts = random.between(800, 4_000);
        let fields = [
            ("form", json!(form)),
            ("enterprises", json!(random.between(20, 120))),
            ("posts", json!(posts)),
        ];
        desk.report(held, "fair.held", fair, fields);
        let applicants = posts * random.between(30, 90) / 100;
        let fields = [("applicants", json!(applicants)), ("intents", json!(applicants / 6))];
        desk.report(held + DAY, "fair.answered", fair, fields);
    }
}

fn coaches(random: &mut Random, desk: &mut Desk<'_>) {
    for number in 0..COACHES {
        let coach = desk.subject(b"TR", number);
        let departed = working_hours(moment_of(2020, 2, 14, 0), moment_of(2020, 3, 6, 0), random);
        let scope = if number % 3 == 0 { "intra-province" } else { "inter-province" };
        let fields = [
            ("mode", json!("bus")),
            ("scope", json!(scope)),
            ("persons", json!(random.between(18, 45))),
        ];
        desk.report(departed, "trip.departed", coach, fields);
        desk.note(departed + 15 * HOUR, "trip.arrived", coach);
        desk.note(departed + 17 * HOUR, "trip.handed-over", coach);
    }
}
