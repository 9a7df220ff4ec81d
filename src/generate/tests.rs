//! What every product must hold, whatever the pipelines say.

mod schema;

use std::collections::BTreeSet;
use std::path::Path;

use super::dashboards::SPRINGS;
use super::{GeneratedFile, MARK, Product};
use crate::decode::{Reason, TopicPartition};
use crate::lake::RecordOutcome;
use crate::publish::FAMILIES;
use crate::spec::{Pipeline, load_folder, load_text};
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

const RETURN_TO_WORK: &str = include_str!("../../pipelines/return-to-work.yaml");

fn pipeline(text: &str) -> Pipeline {
    load_text("test.yaml", text).unwrap()
}

fn generate(pipelines: &[Pipeline]) -> Vec<GeneratedFile> {
    Product::ALL.iter().flat_map(|product| product.files(pipelines)).collect()
}

fn all_files() -> Vec<GeneratedFile> {
    generate(&load_folder(Path::new("pipelines")).unwrap())
}

fn of(files: &[GeneratedFile], end: &str) -> String {
    let file = files.iter().find(|file| file.path.ends_with(end)).unwrap();
    file.text.clone()
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
    engine.table_files("p", "ledger", 1);
    lane.accepted(EventTime::from_seconds(0), EventTime::from_seconds(0));
    engine.lag(&TopicPartition { topic: "t".into(), partition: 0 }, 1);
    let of_engine = engine.registry().gather();
    let of_engine = of_engine.iter().map(|family| family.name().to_owned());
    let of_boards = FAMILIES.iter().map(|(name, _)| (*name).to_owned());
    of_engine.chain(of_boards).collect()
}

#[test]
fn every_metric_that_is_asked_for_is_exported() {
    let exported = families_exported();
    let asking = all_files().into_iter().filter(|file| !file.path.ends_with(".md"));
    for file in asking {
        for name in families_named(&file.text) {
            let of_histogram = ["_bucket", "_count"];
            let family = of_histogram.iter().find_map(|end| name.strip_suffix(end));
            let family = family.unwrap_or(name);
            // What a reader chooses between is no family yet.
            assert!(
                SPRINGS.contains(&family) || exported.contains(family),
                "{}: {name}",
                file.path
            );
        }
    }
}

#[test]
fn every_family_of_the_boards_is_shown_on_a_dashboard() {
    let files = Product::Dashboards.files(&[pipeline(RETURN_TO_WORK)]);
    let shown: BTreeSet<&str> = files.iter().flat_map(|file| families_named(&file.text)).collect();
    // Over several areas the ratio of a dimension's value is divided anew.
    let divided_anew = "chunfeng_rate_by_dimension_ratio";
    for (name, _) in FAMILIES {
        assert!(shown.contains(name) || name == divided_anew, "{name}");
    }
}

#[test]
fn a_rate_that_is_added_gets_its_panel_rules_tests_and_documentation() {
    let rate = "\nrates:\n  quick_rate:\n    title: { zh: 快返率, en: Quick rate }\n    \
                definition: { zh: 快, en: Quick }\n    numerator: returned\n    \
                denominator: departed\n    change: [24h]\n";
    let alert = "\nalerts:\n  QuickRateDropped: { rate: quick_rate, drop: 0.1, over: 24h, for: 5m, \
                 severity: info }\n";
    let text = RETURN_TO_WORK.replacen("\nrates:\n", rate, 1).replacen("\nalerts:\n", alert, 1);
    let files = generate(&[pipeline(&text)]);
    let has = |path: &str, what: &str| assert!(of(&files, path).contains(what), "{path}: {what}");
    has("pipelines/return-to-work.json", "快返率 Quick rate · 走势 Curve");
    has("dashboards/overview.json", r#"rate=\"quick_rate\""#);
    has("rules/return-to-work.yml", "record: area:chunfeng_quick_rate:change_24h");
    has("rules/return-to-work.yml", "alert: 'QuickRateDropped'");
    has("rules/return-to-work.test.yml", "alertname: 'QuickRateDropped'");
    has("docs/metrics.md", "**`quick_rate`** 快返率 · Quick rate");
}

#[test]
fn the_same_pipeline_gives_the_same_files() {
    assert_eq!(all_files(), all_files());
}

#[test]
fn every_file_says_that_it_is_generated_and_from_what() {
    for file in all_files() {
        let (_, kind) = file.path.rsplit_once('.').unwrap();
        let says_so = match kind {
            "json" => [": \"", MARK].concat(),
            "md" => format!("<!-- {MARK} from "),
            _ => format!("# {MARK} from "),
        };
        assert!(file.text.contains(&says_so), "{}", file.path);
        let folders = Product::ALL.iter().flat_map(|product| product.folders());
        let (folder, _) = file.path.rsplit_once('/').unwrap();
        assert!(folders.into_iter().any(|one| one == folder), "{}", file.path);
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
