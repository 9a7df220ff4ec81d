//! What every product must hold, whatever the pipelines say.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::alert_text::significant;
use super::dashboard::uid;
use super::{FOLDERS, GeneratedFile, MARK, generate};
use crate::decode::{Reason, TopicPartition};
use crate::lake::RecordOutcome;
use crate::publish::FAMILIES;
use crate::spec::{Pipeline, load_folder, load_text};
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

const RETURN_TO_WORK: &str = include_str!("../../pipelines/return-to-work.yaml");
const ENTERPRISE_RESTART: &str = include_str!("../../pipelines/enterprise-restart.yaml");

/// A share by sector, and an index that is made of it.
const TWO_RATES: &str = r"
pipeline: restart
title: { zh: 开复工, en: Restart }
entity: enterprise
source: { topic: t }
decode: { entity: /s, kind: /k, time: /t, area: /a }
kinds:
  done: { events: [done], fields: { sector: { path: /sector, type: label, values: [commerce] } } }
measures:
  restarted: { title: { zh: 已开复工, en: At work }, where: done_at IS NOT NULL }
  in_scope: { title: { zh: 管辖, en: In scope }, where: done_at IS NOT NULL }
dimensions:
  sector: { title: { zh: 领域, en: Sector }, column: done_sector }
rates:
  restart_rate:
    title: { zh: 开复工率, en: Restart rate }
    definition: { zh: 率, en: rate }
    numerator: restarted
    denominator: in_scope
    change: [24h]
  index:
    title: { zh: 指数, en: Index }
    definition: { zh: 数, en: index }
    index: { restart_rate: 1 }
    by: []
";

fn pipeline(text: &str) -> Pipeline {
    load_text("test.yaml", text).unwrap()
}

fn all_files() -> Vec<GeneratedFile> {
    let pipelines = load_folder(Path::new("pipelines")).unwrap();
    generate(&pipelines)
}

fn of(files: &[GeneratedFile], end: &str) -> String {
    let file = files.iter().find(|file| file.path.ends_with(end)).unwrap();
    file.text.clone()
}

fn dashboard(text: &str) -> Value {
    serde_json::from_str(&of(&generate(&[pipeline(text)]), ".json")).unwrap()
}

/// Every name in a text that begins as a family does; what rules record begins otherwise.
fn families_named(text: &str) -> BTreeSet<&str> {
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    text.split(|c| !of_a_name(c)).filter(|name| name.starts_with("chunfeng_")).collect()
}

/// Every family that the program can export.
fn families_exported() -> BTreeSet<String> {
    let engine = EngineMetrics::new().unwrap();
    let mut lane = engine.lane("p");
    lane.count(RecordOutcome::Fact);
    lane.count_reject(Reason::Empty);
    lane.flush();
    lane.committed(std::time::Duration::ZERO, EventTime::from_seconds(0));
    engine.feeds().last_event("p", "f", EventTime::from_seconds(0));
    engine.feeds().last_heard("p", "f", EventTime::from_seconds(0));
    engine.feeds().tells_of("p", "f", "350206");
    engine.lag(&TopicPartition { topic: "t".into(), partition: 0 }, 1);
    let of_engine = engine.registry().gather();
    let of_engine = of_engine.iter().map(|family| family.name().to_owned());
    let of_boards = FAMILIES.iter().map(|(name, _)| (*name).to_owned());
    of_engine.chain(of_boards).collect()
}

#[test]
fn every_metric_that_is_asked_for_is_exported() {
    let exported = families_exported();
    for file in all_files() {
        for name in families_named(&file.text) {
            let of_histogram = ["_bucket", "_count"];
            let family = of_histogram.iter().find_map(|end| name.strip_suffix(end));
            let family = family.unwrap_or(name);
            assert!(exported.contains(family), "{}: {name}", file.path);
        }
    }
}

#[test]
fn every_family_of_the_boards_is_shown_on_a_dashboard() {
    let text = of(&generate(&[pipeline(RETURN_TO_WORK)]), ".json");
    let shown = families_named(&text);
    // Over several areas the ratio of a dimension's value is divided anew.
    let divided_anew = "chunfeng_rate_by_dimension_ratio";
    for (name, _) in FAMILIES {
        assert!(shown.contains(name) || name == divided_anew, "{name}");
    }
}

#[test]
fn the_same_pipeline_gives_the_same_files() {
    assert_eq!(all_files(), all_files());
}

#[test]
fn every_file_says_that_it_is_generated_and_from_what() {
    for file in all_files() {
        match file.path.ends_with(".json") {
            true => assert!(file.text.contains(&format!("\"description\": \"{MARK} from "))),
            false => assert!(file.text.starts_with(&format!("# {MARK} from "))),
        }
        assert!(FOLDERS.iter().any(|folder| file.path.starts_with(folder)));
    }
}

#[test]
fn the_files_in_the_repository_are_as_the_pipeline_files_say() {
    for file in all_files() {
        let path = format!("{}/{}", env!("CARGO_MANIFEST_DIR"), file.path);
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == file.text, "{} drifted: run `chunfeng generate`", file.path);
    }
}

#[test]
fn the_compose_stack_loads_every_rule_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docker/prometheus/prometheus.yml");
    let settings = std::fs::read_to_string(path).unwrap();
    for file in all_files() {
        let name = file.path.strip_prefix("docker/prometheus/").unwrap_or("");
        let is_rules = name.ends_with(".yml") && !name.ends_with(".test.yml");
        assert!(!is_rules || settings.contains(&format!("- {name}")), "{name}");
    }
}

#[test]
fn every_runbook_that_an_alert_names_is_there_and_tells_of_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = all_files();
    let lines =
        files.iter().filter(|file| !file.path.contains(".test.")).flat_map(|f| f.text.lines());
    let named: BTreeSet<&str> = lines
        .filter_map(|line| line.trim().strip_prefix("runbook_url: '")?.strip_suffix('\''))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for url in named {
        let (page, place) = url.split_once('#').unwrap_or((url, ""));
        let text = std::fs::read_to_string(root.join(page)).unwrap_or_else(|_| panic!("no {page}"));
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let found = headings.map(str::to_lowercase).any(|heading| heading == place);
        assert!(place.is_empty() || found, "{url}");
        assert!(text.contains("中文") && text.contains("English"), "{page} is in both languages");
    }
}

#[test]
fn panels_are_numbered_once_and_do_not_overlap() {
    for text in [RETURN_TO_WORK, ENTERPRISE_RESTART] {
        let dashboard = dashboard(text);
        let panels = dashboard["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|p| p["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len());
        let mut taken = BTreeSet::new();
        for panel in panels {
            let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
            assert!(place("x") + place("w") <= 24);
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    assert!(taken.insert((x, y)), "{} at {x}, {y}", panel["title"]);
                }
            }
        }
    }
}

#[test]
fn the_sections_of_a_dashboard_come_in_reading_order() {
    let dashboard = dashboard(TWO_RATES);
    let titles: Vec<&str> = dashboard["panels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|panel| panel["title"].as_str().unwrap())
        .collect();
    insta::assert_snapshot!(titles.join("\n"), @r"
    总览 Headline
    开复工率 Restart rate
    已开复工 At work / 管辖 In scope
    指数 Index
    开复工率 Restart rate
    开复工率 Restart rate · 走势 Curve
    开复工率 Restart rate · 排名 Ranking
    开复工率 Restart rate · 24h 变化 Change over 24h
    开复工率 Restart rate · 领域 Sector
    指数 Index
    指数 Index · 走势 Curve
    指数 Index · 排名 Ranking
    数据与运行 Feeds and engine
    看板时效 Board age
    上次提交 Last commit
    对象数 Entities
    账本版本 Ledger version
    来源时效 Freshness of feeds
    积压 Lag
    记录 Records by outcome
    拒收 Rejects by reason
    提交耗时 Commit duration
    ");
}

#[test]
fn a_long_name_still_gives_a_uid_that_grafana_takes() {
    assert_eq!(uid("return-to-work"), "chunfeng-return-to-work");
    let (one, other) = (uid(&"a".repeat(63)), uid(&"a".repeat(64)));
    assert_eq!((one.len(), other.len()), (40, 40));
    assert_ne!(one, other);
}

#[test]
fn percentages_are_written_as_prometheus_writes_them() {
    let written = [3.0, 2.5, 0.75, 1.23456, 12.0, 150.0, 0.015].map(significant);
    assert_eq!(written, ["3", "2.5", "0.75", "1.235", "12", "150", "0.015"]);
}

#[test]
fn what_people_typed_is_neither_yaml_nor_a_template() {
    let text = RETURN_TO_WORK
        .replace(
            "title: { zh: 返岗率, en: Return rate }",
            "title: { zh: \"它's {{ 率\", en: \"It's: #1 {{\" }",
        )
        .replace("ReturnRateDropped:", "\"Rate: 'dropped'\":");
    let files = generate(&[pipeline(&text)]);
    let rules = of(&files, "rules/return-to-work.yml");
    assert!(rules.contains("- alert: 'Rate: ''dropped'''"));
    assert!(rules.contains(r#"It''s: #1 {{ "{{" }} of"#));
    assert!(of(&files, ".test.yml").contains("It''s: #1 {{ of Huli District"));
}

#[test]
fn an_alert_may_write_its_window_otherwise_than_its_rate() {
    let text = RETURN_TO_WORK.replace("over: 24h", "over: 1d");
    let rules = of(&generate(&[pipeline(&text)]), "rules/return-to-work.yml");
    assert!(rules.contains("area:chunfeng_return_rate:change_24h{"));
    assert!(!rules.contains("change_1d"));
}
