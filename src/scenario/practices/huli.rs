//! Huli, winter of 2021 to 2022: wages recovered before New Year's Eve, subsidies, policies, a flight.

use serde_json::json;

use super::super::Springs;
use super::super::calendar::{DAY, HOUR, moment, moment_of};
use super::super::county::HULI;
use super::super::random::Random;
use super::super::rhythm::working_hours;
use super::report::{Desk, Report};

const STREAMS: u64 = 2 << 40;

/// What the claims of the last two days before 除夕 were about, in yuan: 1.6 million together.
const LAST_CLAIMS: [u32; 4] = [720_000, 465_000, 300_000, 115_000];
const EARLIER_CLAIMS: u32 = 96;
const CHANNELS: [&str; 4] = ["national-platform", "police-liaison", "hotline", "visit"];

/// 惠企 + 惠民 + 助企纾困, in yuan: "more than 18 million".
const SUBSIDIES: [u32; 3] = [9_600_000, 5_300_000, 3_100_000];
/// 12 policies in force from 11 February.
const POLICIES: u32 = 12;

/// Appends all that was reported.
pub fn reports(Springs { seed, copy, .. }: Springs, reports: &mut Vec<Report>) {
    let mut random = Random::stream(seed, STREAMS);
    wage_claims(
        &mut random,
        &mut Desk { reports, copy, topic: "hr.wage-claims", area: HULI, zone: None },
    );
    support(&mut Desk { reports, copy, topic: "hr.support", area: HULI, zone: None });
    trips(&mut Desk { reports, copy, topic: "hr.trips", area: HULI, zone: None });
}

/// All are settled by the end of 31 January, which is 除夕.
fn wage_claims(random: &mut Random, desk: &mut Desk<'_>) {
    for claim in 0..EARLIER_CLAIMS {
        let opened = working_hours(moment_of(2021, 11, 1, 0), moment(1, 15, 0), random);
        let settled = working_hours(opened / DAY * DAY + 2 * DAY, moment(1, 28, 0), random);
        let amount = 1_000 * random.between(3, 90);
        claim_settled(claim, opened, settled, amount, desk);
    }
    for (claim, amount) in (EARLIER_CLAIMS..).zip(LAST_CLAIMS) {
        let opened = working_hours(moment(1, 18, 0), moment(1, 29, 0), random);
        let settled = working_hours(moment(1, 30, 0), moment(2, 1, 0), random);
        claim_settled(claim, opened, settled, amount, desk);
    }
}

fn claim_settled(claim: u32, opened: u32, settled: u32, amount: u32, desk: &mut Desk<'_>) {
    let subject = desk.subject(b"WC", claim);
    let channel = CHANNELS[claim as usize % CHANNELS.len()];
    let persons = 1 + amount / 12_000;
    desk.report(
        opened,
        "wage-claim.opened",
        subject,
        [("channel", json!(channel)), ("amount", json!(amount)), ("persons", json!(persons))],
    );
    desk.report(settled, "wage-claim.settled", subject, [("amount", json!(amount))]);
}

fn support(desk: &mut Desk<'_>) {
    for (grant, amount) in (0..).zip(SUBSIDIES) {
        let fields = [
            ("item", json!("subsidy")),
            ("qualifier", json!("more-than")),
            ("amount", json!(amount)),
        ];
        let granted = moment(2, 14 + grant, 10);
        desk.report(granted, "support.granted", desk.subject(b"SG", grant), fields);
    }
    for policy in 0..POLICIES {
        let fields = [("item", json!("policy")), ("qualifier", json!("exact"))];
        let published = moment(2, 11, 9) + policy * HOUR / 4;
        desk.report(published, "support.granted", desk.subject(b"SP", policy), fields);
    }
}

/// MF8405 from 昆明 on 16 February, 13:00. How many were on board is not told.
fn trips(desk: &mut Desk<'_>) {
    let flight = desk.subject(b"TR", 8405);
    desk.note(moment(2, 14, 9), "trip.planned", flight);
    let fields = [("mode", json!("air")), ("scope", json!("inter-province"))];
    desk.report(moment(2, 16, 13), "trip.departed", flight, fields);
    desk.note(moment(2, 16, 17), "trip.arrived", flight);
    desk.note(moment(2, 16, 20), "trip.handed-over", flight);
}
