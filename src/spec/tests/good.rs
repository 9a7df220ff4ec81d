//! What a good file becomes.

use std::path::Path;

use super::*;
use crate::spec::column::ColumnType;
use crate::spec::{Keep, MissingTime, load_folder};

#[test]
fn every_section_is_read() {
    let pipeline = load(FILE);
    assert_eq!((pipeline.name.as_str(), pipeline.title.zh.as_str()), ("trips", "返岗"));
    assert_eq!((pipeline.entity.as_str(), pipeline.topic.as_str()), ("worker", "hr.workers"));
    assert_eq!(pipeline.decode.missing_time, MissingTime::RecordTime);
    assert_eq!(pipeline.decode.latest_seconds, 7_200);
    assert_eq!(pipeline.ignored, ["stayed.v1"]);
    assert_eq!(pipeline.source_text, FILE);
    let pointers: Vec<&str> = pipeline.pointers().collect();
    assert_eq!(pointers, ["/subject", "/type", "/time", "/data/area", "/data/mode", "/data/trips"]);
}

#[test]
fn kinds_are_sorted_by_name_and_their_columns_laid_out_in_that_order() {
    let pipeline = load(FILE);
    let kinds: Vec<&str> = pipeline.kinds.iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!(kinds, ["departed", "returned"]);
    let columns: Vec<&str> = pipeline.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["departed_at", "returned_at", "returned_mode", "returned_trips"]);
    assert_eq!(pipeline.kinds[1].columns, 1..4);
    assert_eq!(
        pipeline.columns[2].column_type,
        ColumnType::Label(vec!["air".into(), "rail".into()])
    );
}

#[test]
fn keep_says_how_many_facts_and_is_four_unless_said() {
    let keep = |text: &str| load(&file_with("    keep: last 3\n", text)).kinds[1].keep;
    assert_eq!(keep("    keep: last 3\n"), Keep::Last(3));
    assert_eq!(keep(""), Keep::Last(4));
    assert_eq!(keep("    keep: all\n"), Keep::All);
    let first = file_with("departed.v2] }", "departed.v2], keep: first }");
    assert_eq!(load(&first).kinds[0].keep, Keep::First);
}

#[test]
fn an_event_may_be_an_hour_ahead_and_must_have_a_time_unless_said() {
    let text = file_with("  missing_time: record_time\n  latest: 2h\n", "");
    let rules = load(&text).decode;
    assert_eq!((rules.latest_seconds, rules.missing_time), (3_600, MissingTime::Reject));
}

#[test]
fn a_title_that_is_left_out_is_the_name() {
    let pipeline = load(FILE);
    assert_eq!(
        (pipeline.measures[0].title.zh.as_str(), pipeline.measures[0].title.en.as_str()),
        ("departed", "departed")
    );
    assert_eq!(pipeline.measures[1].title.zh, "已返岗");
    let values: Vec<&str> =
        pipeline.dimensions[0].values.iter().map(|value| value.title.en.as_str()).collect();
    assert_eq!(values, ["Air", "rail"]);
}

#[test]
fn a_label_column_becomes_a_predicate_for_each_label() {
    let pipeline = load(&FILE.replace("[air, rail]", "[air, \"own's\"]"));
    let sql: Vec<&str> = pipeline.slices().map(|(_, _, value)| value.sql.as_str()).collect();
    assert_eq!(sql, ["returned_mode = 'air'", "returned_mode = 'own''s'", "returned_trips > 3"]);
    assert_eq!(pipeline.slice("often", "often").map(|slice| slice.0), Some(2));
    assert_eq!(pipeline.slice("often", "air"), None);
}

#[test]
fn windows_of_all_rates_are_told_once_shortest_first() {
    let pipeline = load(
        &file_with("change: [1h, 24h]", "change: [1w, 24h, 60m, 1d]")
            .replace("over: 24h", "over: 1d"),
    );
    let seconds: Vec<i64> = pipeline.windows().iter().map(|window| window.seconds).collect();
    assert_eq!(seconds, [3_600, 86_400, 604_800]);
    let labels: Vec<&str> =
        pipeline.rates[0].change.iter().map(|window| window.label.as_str()).collect();
    assert_eq!(labels, ["1w", "24h", "60m", "1d"]);
}

#[test]
fn an_example_keeps_its_events_as_they_would_come() {
    let example = &load(FILE).examples[0];
    assert_eq!(example.events[0]["data"]["area"], "350206");
    let [look] = &example.looks[..] else { panic!("{:?}", example.looks) };
    assert_eq!(look.as_of.map(|time| time.to_string()).as_deref(), Some("2022-02-21T00:00:00Z"));
    assert_eq!((look.expect[0].numerator, look.expect[0].denominator), (0, 1));
}

#[test]
fn an_example_may_be_looked_at_at_several_moments() {
    let one = "    as_of: \"2022-02-21T08:00:00+08:00\"\n    expect:\n      return_rate: { \"350206\": { numerator: 0, denominator: 1 } }\n";
    let several = "    expect:\n      - return_rate: { \"350206\": { numerator: 0, denominator: 1 } }\n        as_of: \"2022-02-21T08:00:00+08:00\"\n      - return_rate: { \"350206\": { numerator: 1, denominator: 1 } }\n";
    let example = &load(&file_with(one, several)).examples[0];
    let looks: Vec<(bool, i64)> =
        example.looks.iter().map(|look| (look.as_of.is_some(), look.expect[0].numerator)).collect();
    assert_eq!(looks, [(true, 0), (false, 1)]);
    let both = format!("    as_of: \"2022-02-21T08:00:00+08:00\"\n{several}");
    assert!(told(&file_with(one, &both))[0].contains("each moment has an `as_of` of its own"));
}

#[test]
fn the_pipelines_of_this_repository_load() {
    let pipelines = load_folder(Path::new("pipelines")).unwrap();
    let files = std::fs::read_dir("pipelines").unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|kind| kind == "yaml")).count();
    assert_eq!((pipelines.len(), files), (11, 11));
    for pipeline in &pipelines {
        assert!(!pipeline.examples.is_empty(), "{} shows nothing by example", pipeline.name);
    }
}
