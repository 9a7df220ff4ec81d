//! A pipeline's Grafana dashboard: its frame, and in which order the panels come.
//!
//! What the panels ask is told in [`rate_panels`] and [`engine_panels`].

use serde_json::{Value, json};

use super::panel::{Canvas, datasource};
use super::{engine_panels, mark, promql, rate_panels, variables};
use crate::spec::{Bilingual, Pipeline};

/// Grafana refuses a longer uid.
const UID_LONGEST: usize = 40;

/// The file's text.
pub fn text(pipeline: &Pipeline) -> String {
    // An alternate rendering of a JSON value ends without a line break.
    format!("{:#}\n", dashboard(pipeline))
}

/// Where the dashboard is found: `/d/<uid>`.
pub fn uid(pipeline: &str) -> String {
    let uid = format!("chunfeng-{pipeline}");
    if uid.len() <= UID_LONGEST {
        return uid;
    }
    let hash = blake3::hash(pipeline.as_bytes()).to_hex();
    format!("{}-{}", &uid[..UID_LONGEST - 9], &hash[..8])
}

/// A text in both languages, Chinese first.
pub fn both(text: &Bilingual) -> String {
    match text.zh == text.en {
        true => text.zh.clone(),
        false => format!("{} {}", text.zh, text.en),
    }
}

fn dashboard(pipeline: &Pipeline) -> Value {
    json!({
        "annotations": { "list": [alerts_that_fired(pipeline)] },
        "description": mark(pipeline),
        "editable": false,
        "graphTooltip": 1,
        "links": [links_to_the_others()],
        "panels": panels(pipeline),
        "refresh": "1m",
        "schemaVersion": 39,
        "tags": ["chunfeng", "__generated"],
        "templating": { "list": variables::of(pipeline) },
        "time": { "from": "now-30d", "to": "now" },
        "timezone": "Asia/Shanghai",
        "title": format!("春风 · {}", both(&pipeline.title)),
        "uid": uid(&pipeline.name),
        "version": 1,
        "weekStart": "monday",
    })
}

fn panels(pipeline: &Pipeline) -> Vec<Value> {
    let mut canvas = Canvas::default();
    canvas.section("总览 Headline");
    if pipeline.rates.iter().any(|rate| rate.season.is_some()) {
        rate_panels::season(&mut canvas, pipeline);
    }
    for rate in &pipeline.rates {
        rate_panels::headline(&mut canvas, pipeline, rate);
    }
    for rate in &pipeline.rates {
        canvas.section(&both(&rate.title));
        rate_panels::section(&mut canvas, pipeline, rate);
    }
    canvas.section("数据与运行 Feeds and engine");
    engine_panels::section(&mut canvas, pipeline);
    canvas.finish()
}

/// Marks on every curve where an alert of the pipeline fired.
fn alerts_that_fired(pipeline: &Pipeline) -> Value {
    let matchers = [("pipeline=", pipeline.name.as_str()), ("alertstate=", "firing")];
    json!({
        "datasource": datasource(),
        "enable": true,
        "expr": promql::selector("ALERTS", &matchers),
        "iconColor": "red",
        "name": "警报 Alerts",
        "step": "60s",
        "tagKeys": "severity",
        "textFormat": "{{name_zh}} {{name_en}}",
        "titleFormat": "{{alertname}}",
    })
}

fn links_to_the_others() -> Value {
    json!({
        "asDropdown": false,
        "includeVars": false,
        "keepTime": true,
        "tags": ["chunfeng"],
        "title": "",
        "type": "dashboards",
    })
}
