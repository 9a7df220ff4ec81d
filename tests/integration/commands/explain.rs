//! `explain`: why a rate is what it is.

use super::worker;
use crate::tools::Desk;

/// Two counties of Xiamen, in which workers came back on two days.
fn replayed() -> Desk {
    let desk = Desk::new();
    let at = |line: String, area: &str| line.replace("350206", area);
    let mut lines = String::new();
    for (area, workers, back_early, back_late) in [("350206", 10, 4, 3), ("350203", 5, 2, 1)] {
        for number in 0..workers {
            let subject = format!("{area}-{number}");
            let told = |kind, time| at(worker(kind, &subject, time), area);
            lines += &told("departed", "2022-01-25T09:00:00+08:00");
            if number < back_early {
                lines += &told("returned", "2022-02-09T08:00:00+08:00");
            } else if number < back_early + back_late {
                lines += &told("returned", "2022-02-10T09:00:00+08:00");
            }
        }
    }
    let file = desk.file("events.ndjson", lines);
    desk.replay(&[&file]).with(0);
    desk
}

#[test]
fn the_formula_the_counts_and_what_moved_them_are_told() {
    let desk = replayed();
    let lake = desk.at("lake");
    let explain =
        ["explain", "--lake", &lake, "--rate", "return_rate", "--area", "350200", "--over", "24h"];
    insta::assert_snapshot!(desk.run(&explain).with(0).stdout);
}

#[test]
fn a_rate_or_an_area_that_is_not_there_is_told() {
    let desk = replayed();
    let lake = desk.at("lake");
    let ask = |rate: &str, area: &str| {
        desk.run(&["explain", "--lake", &lake, "--rate", rate, "--area", area]).with(2).stderr
    };
    assert!(
        ask("no_rate", "350200").starts_with("error: no pipeline of the lake has a rate `no_rate`")
    );
    assert!(ask("return_rate", "999999").starts_with("error: `999999` is no area"));
}

/// A line of an event.
fn event(kind: &str, subject: &str, time: &str, data: serde_json::Value) -> String {
    let event = serde_json::json!({
        "type": format!("cn.hr.{kind}.v1"), "subject": subject, "time": format!("{time}:00+08:00"), "data": data,
    });
    format!("{event}\n")
}

fn explained(lines: &[String], rate: &str, area: &str) -> String {
    let desk = Desk::new();
    desk.replay(&[&desk.file("events.ndjson", lines.concat())]).with(0);
    let lake = desk.at("lake");
    let explain = ["explain", "--lake", &lake, "--rate", rate, "--area", area, "--over", "24h"];
    desk.run(&explain).with(0).stdout
}

#[test]
fn an_index_is_explained_by_the_rates_it_weighs() {
    let area = serde_json::json!({ "area": "330782", "sector": "commerce" });
    let power = |used: f64, baseline: u32| serde_json::json!({ "area": "330782", "used": used, "baseline": baseline });
    let lines = [
        event("enterprise.registered", "e1", "2022-01-10T08:00", area.clone()),
        event("enterprise.registered", "e2", "2022-01-10T08:00", area.clone()),
        event("enterprise.restarted", "e1", "2022-02-08T09:00", area.clone()),
        event("enterprise.power-reported", "e1", "2022-02-08T23:00", power(300.5, 400)),
        event("enterprise.power-reported", "e2", "2022-02-08T23:00", power(50.0, 600)),
        event("enterprise.restarted", "e2", "2022-02-10T09:00", area),
    ];
    insta::assert_snapshot!(explained(&lines, "power_index", "330782"));
}

#[test]
fn where_areas_report_the_explanation_says_so_and_goes_by_their_reports() {
    let report = |persons: u32| serde_json::json!({ "area": "330782", "persons": persons });
    let back = serde_json::json!({ "area": "330782", "scope": "inter-province" });
    let elsewhere = serde_json::json!({ "area": "330106", "scope": "inter-province" });
    let lines = [
        event("report.arrivals", "yiwu", "2022-02-18T18:00", report(900)),
        event("worker.returned", "w1", "2022-02-18T09:00", back),
        event("worker.returned", "w2", "2022-02-18T09:00", elsewhere),
        event("report.arrivals", "yiwu", "2022-02-19T18:00", report(1_000)),
    ];
    insta::assert_snapshot!(explained(&lines, "arrivals", "330000"));
}

#[test]
fn a_dynamic_zero_is_explained_by_what_is_open() {
    let claim = |channel: &str| serde_json::json!({ "area": "350206", "channel": channel, "amount": 900, "persons": 3 });
    let settled = serde_json::json!({ "area": "350206", "amount": 900 });
    let lines = [
        event("wage-claim.opened", "c1", "2022-01-28T09:00", claim("national-platform")),
        event("wage-claim.opened", "c2", "2022-01-28T09:00", claim("hotline")),
        event("wage-claim.settled", "c1", "2022-01-30T09:00", settled),
    ];
    insta::assert_snapshot!(explained(&lines, "cleared", "350206"));
}
