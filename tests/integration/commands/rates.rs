//! `rates` and `rejects`: the shapes that other programs read.

use serde_json::json;

use super::spring;
use crate::tools::Desk;

const KEYS: [&str; 12] = [
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
    assert_eq!(keys[..12], KEYS);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(
        rows[0],
        json!({
            "pipeline": "return-to-work", "rate": "return_rate", "area": "350206", "area_name": "湖里区",
            "level": "county", "dimension": null, "value": null, "as_of": "2022-02-10T01:00:00Z",
            "numerator": 2, "denominator": 3, "ratio": 2.0 / 3.0, "change": { "1h": 2.0 / 3.0, "24h": 2.0 / 3.0 }
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
