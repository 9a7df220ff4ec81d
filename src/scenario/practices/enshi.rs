//! Enshi, spring of 2022: recruiting for the high-tech zone, from signing up to staying.
//!
//! The zone has no code of its own and lies in 恩施市.

use serde_json::json;

use super::super::Springs;
use super::super::calendar::{DAY, HOUR, moment};
use super::super::random::Random;
use super::super::rhythm::working_hours;
use super::report::{Desk, Report};

const STREAMS: u64 = 5 << 40;
const ENSHI_CITY: u32 = 422801;

/// 6,913 person-trips of 6,320 workers, 2,788 hired, of whom 1,087 are there to stay.
const SIGNED_UP: u32 = 7_450;
const TRANSPORTED: u32 = 6_320;
const TWICE: u32 = 593;
const INTERVIEWED: u32 = 4_105;
const HIRED: u32 = 2_788;
const STABLE: u32 = 1_087;
/// Enshi's workers are numbered far from Huli's.
const WORKERS_FROM: u32 = 500_000;

/// 立讯 and seven others: 6,800 workers in the first half-year.
const HALF_YEAR: [u32; 8] = [3_400, 900, 700, 600, 500, 300, 250, 150];
const LUXSHARE_YEAR: u32 = 5_100;
const LUXSHARE_QUARTER: u32 = 2_100;
/// What Luxshare has staffed of the quarter, by 10, 20 February and 3 March: it lacks more than 500.
const LUXSHARE_STAFFED: [(u32, u32, u32); 3] = [(2, 10, 310), (2, 20, 904), (3, 3, 1_588)];

/// The targets of the eight counties, and what they have delivered on the last day; two are equally far.
const TARGETS: [(u32, u32, u32); 8] = [
    (422801, 1_500, 1_425),
    (422802, 1_400, 1_120),
    (422822, 1_000, 850),
    (422823, 1_000, 850),
    (422825, 800, 648),
    (422826, 800, 784),
    (422827, 800, 624),
    (422828, 700, 612),
];

/// Appends all that was reported.
pub fn reports(Springs { seed, copy, .. }: Springs, reports: &mut Vec<Report>) {
    let mut random = Random::stream(seed, STREAMS);
    let area = ENSHI_CITY;
    let zone = Some("enshi-high-tech-zone");
    recruitment(&mut random, &mut Desk { reports, copy, topic: "hr.recruitment", area, zone });
    demand(&mut Desk { reports, copy, topic: "hr.labour-demand", area, zone });
    for (county, target, delivered) in TARGETS {
        let mut desk = Desk { reports, copy, topic: "hr.targets", area: county, zone: None };
        targets(target, delivered, &mut desk);
    }
    teams(&mut Desk { reports, copy, topic: "hr.support", area, zone: None });
}

fn recruitment(random: &mut Random, desk: &mut Desk<'_>) {
    for number in 0..SIGNED_UP {
        let worker = desk.worker(WORKERS_FROM + number);
        let signed_up = working_hours(moment(2, 5, 0), moment(2, 9, 0), random);
        desk.note(signed_up, "recruit.signed-up", worker);
        if number >= TRANSPORTED {
            continue;
        }
        let transported = working_hours(moment(2, 9, 0), moment(3, 1, 0), random);
        desk.note(transported, "recruit.transported", worker);
        // Who was sent home after the first interview and came again is not among the hired.
        if (HIRED..HIRED + TWICE).contains(&number) {
            let again = transported + random.between(4 * DAY, 9 * DAY);
            desk.note(again, "recruit.transported", worker);
        }
        if number < INTERVIEWED {
            desk.note(transported + random.between(2 * HOUR, DAY), "recruit.interviewed", worker);
        }
        if number < HIRED {
            let hired = transported + random.between(2 * DAY, 4 * DAY);
            desk.note(hired, "recruit.hired", worker);
            if number >= STABLE {
                let left = hired + random.between(DAY, 12 * DAY);
                desk.note(left, "recruit.left", worker);
            }
        }
    }
}

fn demand(desk: &mut Desk<'_>) {
    let declared = moment(2, 8, 9);
    let mut declare = |number: u32, horizon: &str, persons: u32| {
        let demand = desk.subject(b"DM", number);
        let fields = [("horizon", json!(horizon)), ("persons", json!(persons))];
        desk.report(declared, "demand.declared", demand, fields);
    };
    for (enterprise, persons) in (1..).zip(HALF_YEAR) {
        declare(10 * enterprise, "half-year", persons);
    }
    declare(11, "year", LUXSHARE_YEAR);
    declare(12, "quarter", LUXSHARE_QUARTER);
    for (month, day, staffed) in LUXSHARE_STAFFED {
        let demand = desk.subject(b"DM", 12);
        let at = moment(month, day, 18);
        desk.report(at, "demand.staffed", demand, [("persons", json!(staffed))]);
    }
}

/// Reported every evening; two thirds of the way by the end of February, all of it on 15 March.
fn targets(target: u32, delivered: u32, desk: &mut Desk<'_>) {
    let subject = desk.subject(b"TG", 1);
    desk.report(moment(2, 9, 9), "target.set", subject, [("persons", json!(target))]);
    for day in 0..35 {
        let so_far = delivered * (day + 1) / 35;
        let at = moment(2, 9, 18) + day * DAY;
        desk.report(at, "target.delivered", subject, [("persons", json!(so_far))]);
    }
}

/// 8 that recruit, 4 that press, 8 that stay at the enterprises.
fn teams(desk: &mut Desk<'_>) {
    for team in 0..20 {
        let fields = [("item", json!("team")), ("qualifier", json!("exact"))];
        let subject = desk.subject(b"TM", team);
        desk.report(moment(2, 9, 8) + team * 60, "support.granted", subject, fields);
    }
}
