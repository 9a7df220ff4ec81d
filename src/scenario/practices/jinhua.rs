//! Jinhua, springs of 2021 and 2022: what its counties report of arrivals and stayers, projects, trips, and one enterprise.

use serde_json::json;

use super::super::Springs;
use super::super::calendar::{DAY, HOUR, moment, moment_of};
use super::super::county::YIWU;
use super::super::identity::EntityId;
use super::super::random::Random;
use super::super::rhythm::working_hours;
use super::report::{Desk, Report};

const STREAMS: u64 = 4 << 40;
const JINHUA: u32 = 330700;
const WUCHENG: u32 = 330702;
const JINDONG: u32 = 330703;
const WUYI: u32 = 330723;
const LANXI: u32 = 330781;
const DONGYANG: u32 = 330783;

/// Of each county: workers from other provinces by day 20 of the spring of 2022, which are 3,351,790, the same of 2021, and
/// those who stayed in 2022 and in 2021, which are 1,140,000 and 1,020,000.
const COUNTIES: [(u32, u32, u32, u32, u32); 9] = [
    (WUCHENG, 402_315, 391_800, 130_000, 117_000),
    (JINDONG, 301_220, 296_050, 95_000, 86_000),
    (WUYI, 268_140, 261_400, 92_000, 84_000),
    (330726, 131_775, 133_020, 48_000, 45_000),
    (330727, 40_190, 39_700, 15_000, 14_000),
    (LANXI, 142_650, 139_300, 55_000, 50_000),
    (YIWU, 1_158_400, 1_101_250, 370_000, 322_000),
    (DONGYANG, 395_600, 380_900, 145_000, 131_000),
    (330784, 511_500, 502_240, 190_000, 171_000),
];

/// What share of the final number had come by so many days, in thousandths: from day 1 to day 20.
const COME_BY_DAY: [u32; 20] = [
    8, 15, 26, 45, 80, 130, 195, 270, 350, 430, 510, 590, 665, 735, 800, 855, 900, 940, 972, 1_000,
];

/// Day 1 of each spring.
const FIRST_DAYS: [u32; 2] = [moment_of(2021, 2, 12, 0), moment(2, 1, 0)];

/// Appends all that was reported.
pub fn reports(Springs { seed, copy, .. }: Springs, reports: &mut Vec<Report>) {
    let mut random = Random::stream(seed, STREAMS);
    for county in COUNTIES {
        let mut desk = Desk { reports, copy, topic: "hr.workers", area: county.0, zone: None };
        daily_reports(county, &mut desk);
    }
    projects(copy, &mut random, reports);
    trips(copy, reports);
    li_ziyuan(&mut Desk { reports, copy, topic: "hr.enterprises", area: JINDONG, zone: None });
    support(copy, reports);
}

/// At six in the evening of every day: how many have come so far. On day 1: how many stayed.
fn daily_reports((_, of_2022, of_2021, stayed_2022, stayed_2021): Counted, desk: &mut Desk<'_>) {
    let arrivals = desk.subject(b"RA", 1);
    let stayers = desk.subject(b"RS", 1);
    let springs = [(of_2021, stayed_2021), (of_2022, stayed_2022)];
    for (first_day, (came, stayed)) in FIRST_DAYS.into_iter().zip(springs) {
        let fields = [("persons", json!(stayed))];
        desk.report(first_day + 12 * HOUR, "report.stayers", stayers, fields);
        for (day, thousandths) in (0..).zip(COME_BY_DAY) {
            let so_far = u64::from(came) * u64::from(thousandths) / 1_000;
            let at = first_day + day * DAY + 18 * HOUR;
            desk.report(at, "report.arrivals", arrivals, [("persons", json!(so_far))]);
        }
    }
}

type Counted = (u32, u32, u32, u32, u32);

fn projects(copy: u32, random: &mut Random, reports: &mut Vec<Report>) {
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    // Carry-over projects, all at work again by 15 February.
    for (county, ..) in COUNTIES {
        let mut desk = Desk { reports, copy, topic: "hr.projects", area: county, zone: None };
        for _ in 0..24 {
            let project = desk.subject(b"PJ", next());
            register(project, "carry-over", 40 + random.below(400), random, &mut desk);
            let resumed = working_hours(moment(2, 7, 0), moment(2, 15, 0), random);
            desk.note(resumed, "project.resumed", project);
            invest(project, random, &mut desk);
        }
    }
    // 38 projects begin together on 5 January, 34 of 13.7 billion yuan in 武义 on 9 February.
    for place in 0..38 {
        let (county, ..) = [COUNTIES[0], COUNTIES[1], COUNTIES[6], COUNTIES[7]][place % 4];
        let mut desk = Desk { reports, copy, topic: "hr.projects", area: county, zone: None };
        let project = desk.subject(b"PJ", next());
        register(project, "planned-new", 200 + 10 * place as u32, random, &mut desk);
        desk.note(moment(1, 5, 10), "project.started", project);
        invest(project, random, &mut desk);
    }
    let mut desk = Desk { reports, copy, topic: "hr.projects", area: WUYI, zone: None };
    for place in 0..34 {
        let project = desk.subject(b"PJ", next());
        // 34 times 403 million less 2 are 13,700 million.
        let millions = if place == 0 { 401 } else { 403 };
        register(project, "planned-new", millions, random, &mut desk);
        desk.note(moment(2, 9, 10), "project.started", project);
    }
    // 横店: work went on over the festival with 405 on duty.
    let on_site = desk.subject(b"PJ", next());
    let mut desk = Desk { reports, copy, topic: "hr.projects", area: DONGYANG, zone: None };
    register(on_site, "carry-over", 900, random, &mut desk);
    desk.note(moment(1, 6, 8), "project.resumed", on_site);
    desk.report(moment(2, 1, 9), "project.on-site", on_site, [("persons", json!(405))]);
}

fn register(
    project: EntityId,
    category: &str,
    millions: u32,
    random: &mut Random,
    desk: &mut Desk<'_>,
) {
    let registered = working_hours(moment(1, 3, 0), moment(1, 5, 0), random);
    let fields = [
        ("category", json!(category)),
        ("investment", json!(u64::from(millions) * 1_000_000)),
        ("plan", json!(u64::from(millions) * 300_000)),
    ];
    desk.report(registered, "project.registered", project, fields);
}

/// What has been invested this year by the middle and by the end of February.
fn invest(project: EntityId, random: &mut Random, desk: &mut Desk<'_>) {
    let by_the_middle = u64::from(random.between(100, 900)) * 10_000;
    let by_the_end = by_the_middle + u64::from(random.between(100, 900)) * 10_000;
    for (at, amount) in [(moment(2, 15, 17), by_the_middle), (moment(2, 28, 17), by_the_end)] {
        desk.report(at, "project.investment-reported", project, [("amount", json!(amount))]);
    }
}

fn trips(copy: u32, reports: &mut Vec<Report>) {
    // 南江 to 东阳 by coach, 花垣 to 金华 by train, 巴中 to 义乌 by charter.
    for (number, area, departed, mode, persons) in [
        (216, DONGYANG, moment(2, 16, 8), "bus", 25),
        (213, JINHUA, moment(2, 13, 9), "rail", 763),
        (211, YIWU, moment(2, 11, 7), "air", 110),
    ] {
        let mut desk = Desk { reports, copy, topic: "hr.trips", area, zone: None };
        let trip = desk.subject(b"TR", number);
        desk.note(departed - 2 * DAY, "trip.planned", trip);
        let fields = [
            ("mode", json!(mode)),
            ("scope", json!("inter-province")),
            ("persons", json!(persons)),
        ];
        desk.report(departed, "trip.departed", trip, fields);
        desk.note(departed + 20 * HOUR, "trip.arrived", trip);
        desk.note(departed + 22 * HOUR, "trip.handed-over", trip);
    }
}

/// 李子园: open since 6 February, 850 of 867 are back, 98 %.
fn li_ziyuan(desk: &mut Desk<'_>) {
    let enterprise = desk.subject(b"ZL", 1);
    let sector = [("sector", json!("food-medicine"))];
    desk.report(moment(1, 10, 10), "enterprise.registered", enterprise, sector);
    desk.note(moment(2, 6, 8), "enterprise.restarted", enterprise);
    for (day, on_post) in [(6, 301), (9, 577), (14, 742), (19, 850)] {
        let fields = [("on_post", json!(on_post)), ("expected", json!(867))];
        desk.report(moment(2, day, 17), "enterprise.headcount-reported", enterprise, fields);
    }
}

/// 兰溪 gives 1,000 yuan to each who stays; 婺城 lends out 20 technicians, which saves more than a million.
fn support(copy: u32, reports: &mut Vec<Report>) {
    let mut desk = Desk { reports, copy, topic: "hr.support", area: LANXI, zone: None };
    let fields = [
        ("item", json!("stay-subsidy")),
        ("qualifier", json!("exact")),
        ("amount", json!(1_250_000)),
        ("persons", json!(1_250)),
    ];
    desk.report(moment(2, 12, 10), "support.granted", desk.subject(b"SG", 1), fields);
    desk.area = WUCHENG;
    let fields = [
        ("item", json!("shared-staff")),
        ("qualifier", json!("more-than")),
        ("amount", json!(1_000_000)),
        ("persons", json!(20)),
    ];
    desk.report(moment(2, 15, 10), "support.granted", desk.subject(b"SG", 1), fields);
}
