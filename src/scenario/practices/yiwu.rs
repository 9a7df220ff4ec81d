//! Yiwu, Pan'an and Jinhua's development zone, spring of 2022: visits, what was found, and what became of it.

use serde_json::json;

use super::super::Springs;
use super::super::calendar::{DAY, HOUR, moment};
use super::super::county::YIWU;
use super::super::identity::EntityId;
use super::super::random::Random;
use super::super::rhythm::working_hours;
use super::report::{Desk, Report};

const STREAMS: u64 = 3 << 40;
const PANAN: u32 = 330727;
const WUCHENG: u32 = 330702;

/// 717 enterprises, 564 problems, 350 solved on the spot, 170 tracked. Of the other 44 nothing is told.
const VISITED: u32 = 717;
const PROBLEMS: u32 = 564;
const SOLVED: u32 = 350;
const TRACKED: u32 = 170;

const CLASSES: [&str; 4] = ["simple", "ordinary", "difficult", "long-term"];

/// Appends all that was reported.
pub fn reports(Springs { seed, copy, .. }: Springs, reports: &mut Vec<Report>) {
    let mut random = Random::stream(seed, STREAMS);
    yiwu(&mut random, &mut Desk { reports, copy, topic: "hr.tickets", area: YIWU, zone: None });
    panan(&mut random, &mut Desk { reports, copy, topic: "hr.tickets", area: PANAN, zone: None });
    let zone = Some("jinhua-development-zone");
    let mut desk = Desk { reports, copy, topic: "hr.tickets", area: WUCHENG, zone };
    development_zone(&mut random, &mut desk);
}

fn yiwu(random: &mut Random, desk: &mut Desk<'_>) {
    for visit in 0..VISITED {
        let at = working_hours(moment(2, 7, 0), moment(2, 26, 0), random);
        desk.note(at, "visit.made", desk.subject(b"VE", visit));
        if visit < PROBLEMS {
            let class = CLASSES[random.weighted(&[40, 35, 20, 5])];
            let ticket = desk.subject(b"TK", visit);
            desk.report(at + HOUR / 6, "ticket.opened", ticket, [("class", json!(class))]);
            match visit {
                0..SOLVED => desk.note(at + HOUR / 3, "ticket.solved-on-the-spot", ticket),
                SOLVED..520 => track(at, visit, ticket, random, desk),
                _ => {} // 44 of which nothing is told
            }
        }
    }
    const { assert!(SOLVED + TRACKED == 520) };
}

/// Most are closed within days.
fn track(at: u32, visit: u32, ticket: EntityId, random: &mut Random, desk: &mut Desk<'_>) {
    desk.note(at + HOUR, "ticket.tracked", ticket);
    desk.note(at + random.between(4 * HOUR, 2 * DAY), "ticket.replied", ticket);
    if !visit.is_multiple_of(5) {
        desk.note(at + random.between(2 * DAY, 9 * DAY), "ticket.closed", ticket);
    }
}

/// 金华开发区 has no code and lies in 婺城: 239 key enterprises are visited from 7 February on.
fn development_zone(random: &mut Random, desk: &mut Desk<'_>) {
    for visit in 0..239 {
        let at = working_hours(moment(2, 7, 0), moment(2, 26, 0), random);
        desk.note(at, "visit.made", desk.subject(b"VE", visit));
    }
}

/// Every class with its own terms: kept by most, missed by some.
fn panan(random: &mut Random, desk: &mut Desk<'_>) {
    for (class, terms_days) in [("simple", 1), ("ordinary", 3), ("difficult", 7)] {
        for place in 0..40 {
            let ticket = desk.subject(b"TK", terms_days * 100 + place);
            let opened = working_hours(moment(2, 8, 0), moment(2, 20, 0), random);
            desk.report(opened, "ticket.opened", ticket, [("class", json!(class))]);
            desk.note(opened + HOUR, "ticket.tracked", ticket);
            desk.note(opened + 6 * HOUR, "ticket.replied", ticket);
            let terms = terms_days * DAY;
            match place {
                0..34 => {
                    desk.note(opened + random.between(8 * HOUR, terms), "ticket.closed", ticket)
                }
                34..38 => desk.note(opened + terms + HOUR, "ticket.closed", ticket),
                _ => {}
            }
        }
    }
}
