//! `rates` and `rejects`: the shapes that other programs read.

use serde_json::{Value as Json, json};

use super::spring;
use crate::tools::Desk;

const KEYS: [&str; 14] = [
    "pipeline",
    "rate",
    "area",
    "area_name",
    "level",
    "dimension",
    "value",
    "as_of",
    "numerator",
    "denominator",
    "ratio",
    "change",
    "unit",
    "denominator_unit",
];

fn replayed() -> Desk {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", spring());
    desk.replay(&[&file]).with(0);
    desk
}

#[test]
fn json_is_rows_with_these_keys_in_this_order() {
    let desk = replayed();
    let text = desk.rates(&["--format", "json", "--rate", "return_rate", "--area", "350206"]);
    let keys: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("    \"")?.split('"').next()).collect();
    assert_eq!(keys[..14], KEYS);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(
        rows[0],
        json!({
            "pipeline": "return-to-work", "rate": "return_rate", "area": "350206", "area_name": "湖里区",
            "level": "county", "dimension": null, "value": null, "as_of": "2022-02-10T01:00:00Z",
            "numerator": 2, "denominator": 3, "ratio": 2.0 / 3.0, "change": { "1h": 2.0 / 3.0, "24h": 2.0 / 3.0 },
            "unit": "person", "denominator_unit": "person"
        })
    );
    assert_eq!(
        (&rows[1]["dimension"], &rows[1]["value"], rows.len()),
        (&"mode".into(), &"rail".into(), 2)
    );
}

#[test]
fn csv_has_the_same_columns() {
    let desk = replayed();
    let text = desk.rates(&["--format", "csv", "--rate", "return_rate", "--area", "350206"]);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(KEYS.join(",").as_str()));
    let row = "return-to-work,return_rate,350206,湖里区,county,,,2022-02-10T01:00:00Z,2,3,0.6666666666666666,";
    assert!(lines.next().is_some_and(|line| line.starts_with(row)), "{text}");
    assert_eq!(lines.count(), 1);
}

#[test]
fn a_table_is_for_people() {
    let desk = replayed();
    insta::assert_snapshot!(desk.rates(&["--rate", "return_rate", "--area", "350206"]));
}

#[test]
fn the_lake_is_where_the_settings_say_unless_a_flag_says_otherwise() {
    let desk = replayed();
    let settings = desk.file("chunfeng.yaml", format!("lake: {}\n", desk.at("lake")));
    assert_eq!(desk.run(&["rates", "--config", &settings]).with(0).stdout, desk.rates(&[]));
    let key = desk.at("key");
    let rejects = ["rejects", "--key-file", &key, "--config", &settings];
    assert_eq!(desk.run(&rejects).with(0).stdout.lines().count(), desk.rejects("key", &[]).len());

    let elsewhere = desk.file("elsewhere.yaml", "lake: nowhere\n");
    let lake = desk.at("lake");
    desk.run(&["rates", "--config", &elsewhere, "--lake", &lake]).with(0);
    desk.run(&["rates", "--config", &elsewhere]).with(2);
}

#[test]
fn an_earlier_moment_shows_what_was_then() {
    let desk = replayed();
    let then = desk.rates_rows(&[
        "--rate",
        "return_rate",
        "--area",
        "350206",
        "--as-of",
        "2022-02-01T00:00:00+08:00",
    ]);
    assert_eq!((&then[0]["numerator"], &then[0]["denominator"]), (&0.into(), &3.into()));
    assert_eq!(then[0]["as_of"], "2022-01-31T16:00:00Z");
    let before = desk.rates_rows(&["--as-of", "2021-01-01T00:00:00Z"]);
    assert_eq!(before, Vec::<serde_json::Value>::new());
}

#[test]
fn a_lake_that_is_not_there_is_told() {
    let desk = Desk::new();
    let lake = desk.at("nowhere");
    for command in ["rates", "rejects"] {
        let ended = desk.run(&[command, "--lake", &lake]).with(2);
        assert!(ended.stderr.contains("nowhere"), "{}", ended.stderr);
        assert!(!desk.path("nowhere").exists(), "{command} only reads");
    }
    let ended = desk.run(&["rates", "--lake", "ftp://host/lake"]).with(2);
    assert!(ended.stderr.starts_with("error: `ftp://host/lake` is no lake: "), "{}", ended.stderr);
}

#[test]
fn a_pipeline_that_the_lake_does_not_hold_is_told() {
    let desk = replayed();
    let lake = desk.at("lake");
    let ended = desk.run(&["rates", "--lake", &lake, "--pipeline", "other"]).with(3);
    assert_eq!(
        ended.stderr,
        "error: the lake holds no pipeline `other`\n    look at the lake's folders for those it has\n"
    );
    assert!(!desk.path("lake/other").exists(), "`rates` only reads");
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    let desk = replayed();
    let lake = desk.at("lake");
    let mut command = desk.command(&["rates", "--lake", &lake]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

const CLAIMS: &str = r#"
pipeline: claims
title: { zh: 欠薪, en: Wage claims }
entity: claim
source: { topic: hr.claims }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
kinds:
  opened: { events: [opened] }
  settled: { events: [settled], fields: { amount: { path: /data/amount, type: amount, unit: CNY, scale: 2 } } }
measures:
  settled: { where: settled_at IS NOT NULL, unit: case }
  large: { where: settled_amount >= 1000.5, sum: settled_amount }
  recovered: { where: settled_at IS NOT NULL, sum: settled_amount }
  took: { where: settled_at IS NOT NULL, sum: settled_at - opened_at }
rates:
  recovered: { title: { zh: 追回, en: Recovered }, definition: { zh: 追回, en: Recovered }, numerator: recovered }
  large: { title: { zh: 大额, en: Large }, definition: { zh: 大额, en: Large }, numerator: large }
  mean: { title: { zh: 均额, en: Mean }, definition: { zh: 均额, en: Mean }, numerator: recovered, denominator: settled }
  took: { title: { zh: 时长, en: Time }, definition: { zh: 时长, en: Time }, numerator: took, denominator: settled }
"#;

/// Amounts as JSON may write them, and three that are none.
fn claims() -> String {
    let event = |kind: &str, subject: usize, time: &str, amount: &str| {
        format!(
            "{{\"type\":\"{kind}\",\"subject\":\"c{subject}\",\"time\":\"{time}\",\"data\":{{\"area\":\"350206\"{amount}}}}}\n"
        )
    };
    let amounts = ["1000.50", "0.1", "\"1800\"", "-0.6", "1e3", "0.125", "1e300", "\"约1800\""];
    let mut lines = String::new();
    for (subject, amount) in amounts.iter().enumerate() {
        lines += &event("opened", subject, "2022-01-28T00:00:00Z", "");
        let amount = format!(",\"amount\":{amount}");
        lines += &event("settled", subject, "2022-01-28T01:00:00Z", &amount);
    }
    lines
}

#[test]
fn sums_are_exact_from_json_to_the_rates_and_from_the_ledger_alone() {
    let desk = Desk::new();
    desk.file("pipelines/claims.yaml", CLAIMS);
    let (file, lake) = (desk.file("claims.ndjson", claims()), desk.at("lake"));
    let (key, pipelines) = (desk.at("key"), desk.at("pipelines"));
    let replay = ["replay", "--lake", &lake, "--key-file", &key, "--pipelines", &pipelines, &file];
    let ended = desk.run(&replay).with(0);
    let outcomes = "claims: 13 fact, 0 retraction, 0 ignored, 3 rejected";
    assert!(ended.stderr.contains(outcomes), "{}", ended.stderr);
    let said = || {
        let rows = desk.rates_rows(&["--area", "350206"]);
        let figure =
            |row: &Json| ["rate", "numerator", "denominator", "ratio"].map(|key| row[key].clone());
        Json::from(rows.iter().map(|row| Json::from(figure(row).to_vec())).collect::<Vec<_>>())
    };
    let expected = json!([
        ["recovered", 3_800.0, null, null],
        ["large", 2_800.5, null, null],
        ["mean", 3_800.0, 5, 760.0],
        ["took", 18_000, 5, 3_600.0],
    ]);
    assert_eq!(said(), expected);
    std::fs::remove_dir_all(desk.path("lake/claims/roster")).unwrap();
    desk.run(&replay).with(0);
    assert_eq!(said(), expected);
}

#[test]
fn areas_are_ranked_among_their_siblings() {
    let desk = Desk::new();
    let event = |kind: &str, area: &str, persons: u32, day: u32| {
        format!(
            "{{\"type\":\"cn.hr.target.{kind}.v1\",\"subject\":\"{area}\",\"time\":\"2022-02-{day:02}T09:00:00+08:00\",\"data\":{{\"area\":\"{area}\",\"persons\":{persons}}}}}\n"
        )
    };
    let counties =
        [("422801", 100, 95), ("422802", 300, 240), ("422822", 100, 80), ("422823", 20, 20)];
    let lines = counties.map(|(area, target, delivered)| {
        event("set", area, target, 8) + &event("delivered", area, delivered, 20)
    });
    let file = desk.file("targets.ndjson", lines.concat());
    desk.replay(&[&file]).with(0);
    insta::assert_snapshot!(desk.rates(&["--rate", "completion_rate", "--ranking", "422800"]));
    let lake = desk.at("lake");
    let none = ["rates", "--lake", &lake, "--rate", "no_rate", "--ranking", "422800"];
    let told = desk.run(&none).with(2).stderr;
    assert_eq!(
        told,
        "error: no pipeline of the lake has a rate `no_rate`\n    `chunfeng rates` shows which there are\n"
    );
}

/// A kind keeps its last four facts unless said, and the roster holds no others.
#[test]
fn an_earlier_moment_is_told_as_it_was_although_the_roster_has_forgotten_it() {
    let desk = Desk::new();
    let report = |day: u32| {
        format!(
            "{{\"type\":\"cn.hr.report.arrivals.v1\",\"subject\":\"r1\",\"time\":\"2022-02-{day:02}T18:00:00+08:00\",\"data\":{{\"area\":\"330702\",\"persons\":{}}}}}\n",
            100 * day
        )
    };
    let lines: String = (1..=20).map(report).collect();
    let file = desk.file("reports.ndjson", lines);
    desk.replay(&[&file]).with(0);
    let arrivals = |as_of: &str| {
        let rows = desk.rates_rows(&["--rate", "arrivals", "--area", "330700", "--as-of", as_of]);
        rows[0]["numerator"].clone()
    };
    assert_eq!(arrivals("2022-02-03T23:00:00+08:00"), 300);
    assert_eq!(arrivals("2022-02-20T23:00:00+08:00"), 2_000);
}

#[test]
fn a_total_says_what_in_it_is_not_exact() {
    let desk = Desk::new();
    let grant = |number: u32, qualifier: &str, amount: u32| {
        format!(
            "{{\"type\":\"cn.hr.support.granted.v1\",\"subject\":\"g{number}\",\"time\":\"2022-01-20T09:00:00+08:00\",\"data\":{{\"area\":\"350206\",\"item\":\"subsidy\",\"qualifier\":\"{qualifier}\",\"amount\":{amount}}}}}\n"
        )
    };
    let file = desk.file("grants", grant(1, "more-than", 18_000_000) + &grant(2, "exact", 25_000));
    desk.replay(&[&file]).with(0);
    let shown = desk.rates(&["--rate", "amount", "--area", "350206"]);
    let total = shown.lines().nth(2).unwrap_or_default();
    assert!(total.contains("18025000.00") && total.contains("CNY (more-than)"), "{shown}");
    let rows = desk.rates_rows(&["--rate", "amount", "--area", "350206"]);
    assert_eq!(rows[0]["qualifiers"], serde_json::json!(["more-than"]));
    assert!(rows.iter().all(|row| row["dimension"].is_null() || row.get("qualifiers").is_none()));
}
