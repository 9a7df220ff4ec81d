//! What every dashboard must hold, whatever the pipelines say: among it the rules of Grafana's dashboard linter, without those that ask for
//! the labels `job` and `instance`, by which figures of areas are not told apart.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::files;
use super::frame::uid;
use crate::generate::GeneratedFile;
use crate::spec::{Pipeline, load_folder, load_text};

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

/// Every dashboard of the shipped pipelines, by its path.
fn dashboards() -> Vec<(String, Value)> {
    let pipelines = load_folder(Path::new("pipelines")).unwrap();
    let parsed = |file: GeneratedFile| (file.path, serde_json::from_str(&file.text).unwrap());
    files(&pipelines).into_iter().map(parsed).collect()
}

fn panels(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().unwrap()
}

/// The panels that show something, each with where it is.
fn each_panel(mut look: impl FnMut(&str, &Value)) {
    for (path, dashboard) in dashboards() {
        let shows = |panel: &&Value| panel["type"] != "row";
        for panel in panels(&dashboard).iter().filter(shows) {
            look(&format!("{path}: {}", panel["title"]), panel);
        }
    }
}

/// The expressions of a panel.
fn expressions(panel: &Value) -> impl Iterator<Item = &str> {
    panel["targets"].as_array().unwrap().iter().map(|target| target["expr"].as_str().unwrap())
}

#[test]
fn panels_are_numbered_once_and_do_not_overlap() {
    for (path, dashboard) in dashboards() {
        let panels = panels(&dashboard);
        let ids: BTreeSet<u64> = panels.iter().map(|p| p["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len());
        let mut taken = BTreeSet::new();
        for panel in panels {
            let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
            assert!(place("x") + place("w") <= 24);
            for x in place("x")..place("x") + place("w") {
                for y in place("y")..place("y") + place("h") {
                    assert!(taken.insert((x, y)), "{path}: {} at {x}, {y}", panel["title"]);
                }
            }
        }
    }
}

#[test]
fn the_sections_of_a_dashboard_come_in_reading_order() {
    let text = super::pipeline::text(&pipeline(TWO_RATES));
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let titles: Vec<&str> =
        panels(&dashboard).iter().map(|panel| panel["title"].as_str().unwrap()).collect();
    insta::assert_snapshot!(titles.join("\n"), @r"
    总览 Headline
    开复工率 Restart rate
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
fn every_dashboard_has_an_address_of_its_own_and_nobody_edits_it_in_a_browser() {
    let dashboards = dashboards();
    let uids: BTreeSet<&str> =
        dashboards.iter().map(|(_, dashboard)| dashboard["uid"].as_str().unwrap()).collect();
    assert_eq!(uids.len(), dashboards.len());
    for (path, dashboard) in &dashboards {
        assert_eq!(dashboard["editable"], false, "{path}");
    }
}

#[test]
fn a_pipeline_of_any_name_collides_with_no_shared_dashboard() {
    for name in ["overview", "health", "area"] {
        let one = pipeline(&TWO_RATES.replace("pipeline: restart", &format!("pipeline: {name}")));
        let files = files(&[one]);
        let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths.len(), files.len());
    }
}

#[test]
fn the_reader_chooses_the_data_source_and_everything_asks_it() {
    for (path, dashboard) in dashboards() {
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        assert_eq!(
            (&variables[0]["name"], &variables[0]["type"]),
            (&"datasource".into(), &"datasource".into()),
            "{path}"
        );
        for variable in variables.iter().filter(|variable| variable["type"] == "query") {
            assert_eq!(variable["datasource"]["uid"], "${datasource}", "{path}");
            assert_eq!(variable["refresh"], 2, "{path}: what there is depends on the time chosen");
        }
    }
    each_panel(|place, panel| {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{place}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{place}");
        }
    });
}

#[test]
fn every_panel_has_a_title_and_a_description_and_asks_something() {
    each_panel(|place, panel| {
        for text in ["title", "description"] {
            assert!(panel[text].as_str().is_some_and(|text| !text.is_empty()), "{place}: {text}");
        }
        assert!(expressions(panel).count() > 0, "{place}");
    });
}

#[test]
fn every_title_and_description_is_in_both_languages() {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    each_panel(|place, panel| {
        for text in ["title", "description"] {
            let text = panel[text].as_str().unwrap();
            assert!(text.contains(is_chinese), "{place}: {text}");
            assert!(text.contains(|c: char| c.is_ascii_alphabetic()), "{place}: {text}");
        }
    });
}

#[test]
fn every_number_has_a_unit() {
    each_panel(|place, panel| {
        let has_unit = |properties: &Value| !properties["unit"].is_null();
        if panel["type"] != "table" {
            assert!(has_unit(&panel["fieldConfig"]["defaults"]), "{place}");
        }
    });
}

#[test]
fn every_variable_that_a_panel_names_is_there() {
    const GRAFANAS: [&str; 5] =
        ["__all", "__rate_interval", "__range", "__data", "__url_time_range"];
    for (path, dashboard) in dashboards() {
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        let mut known: BTreeSet<&str> =
            variables.iter().map(|variable| variable["name"].as_str().unwrap()).collect();
        known.extend(GRAFANAS);
        let text = dashboard.to_string();
        for rest in text.split('$').skip(1) {
            let name = rest.trim_start_matches('{');
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap();
            // `$1` is what a regular expression has matched.
            let is_group = name.starts_with(|c: char| c.is_ascii_digit());
            assert!(is_group || known.contains(&name[..end]), "{path}: ${}", &name[..end]);
        }
    }
}

#[test]
fn counters_are_asked_for_their_rate_over_an_interval_that_grafana_chooses() {
    each_panel(|place, panel| {
        for expression in expressions(panel) {
            let counts = expression.contains("_total") || expression.contains("_bucket");
            let as_rate = expression.contains("rate(") || expression.contains("increase(");
            assert_eq!(counts, as_rate, "{place}: {expression}");
            let chosen = ["[$__rate_interval]", "[$__range]"];
            assert!(
                !as_rate || chosen.iter().any(|interval| expression.contains(interval)),
                "{place}: {expression}"
            );
        }
    });
}

#[test]
fn every_link_leads_to_a_dashboard_that_there_is() {
    let dashboards = dashboards();
    let uids: BTreeSet<&str> =
        dashboards.iter().map(|(_, dashboard)| dashboard["uid"].as_str().unwrap()).collect();
    for (path, dashboard) in &dashboards {
        let text = dashboard.to_string();
        for rest in text.split("\"/d/").skip(1) {
            let uid = rest.split(['?', '"']).next().unwrap();
            // That of a row's own pipeline.
            let is_of_the_row = uid.starts_with("chunfeng-${__data.fields.");
            assert!(is_of_the_row || uids.contains(uid), "{path}: {uid}");
        }
    }
}
