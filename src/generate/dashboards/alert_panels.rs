//! What a dashboard shows of alerts: how many fire, which, and of which feeds nothing is heard.

use serde_json::{Value, json};

use super::frame::link_to_area;
use super::panel::{self, Query, number};
use super::rate_figures::column;
use super::thresholds;
use crate::generate::promql::{selector, whoever_exports};

/// How many alerts fire.
pub fn firing_count() -> Value {
    let query = [Query::range("count(ALERTS{alertstate=\"firing\"}) or vector(0)", "")];
    let description = "正在触发的警报数 How many alerts fire";
    panel::stat("警报 Alerts firing", description, none_is_well(), &query)
}

/// How many feeds should have reported.
pub fn silent_count() -> Value {
    let silent = "ALERTS{alertname=\"ChunfengFeedSilent\", alertstate=\"firing\"}";
    let query = [Query::range(format!("count({silent}) or vector(0)"), "")];
    let description = "应报而未报的来源数；沉默不等于下降 How many feeds should have reported and have not; silence is no drop";
    panel::stat("沉默的来源 Silent feeds", description, none_is_well(), &query)
}

fn none_is_well() -> Value {
    let bounds = thresholds::absolute(&[("green", None), ("red", Some(1.0))]);
    thresholds::coloured(number("none", 0), Some(bounds))
}

/// What fires, of alerts with these labels.
pub fn firing(matchers: &[(&str, &str)]) -> Value {
    let matchers: Vec<_> = matchers.iter().copied().chain([("alertstate=", "firing")]).collect();
    let labels = "severity, alertname, pipeline, name_zh, name_en, feed, level, area";
    let query = [Query::instant(whoever_exports(labels, &selector("ALERTS", &matchers)), "")];
    let link = link_to_area("${__data.fields.level}", "${__data.fields.area}");
    let columns = [
        column("severity", "级别 Severity".to_owned(), vec![("mappings", severities())]),
        column("alertname", "警报 Alert".to_owned(), vec![]),
        column("pipeline", "管道 Pipeline".to_owned(), vec![]),
        column("name_zh", "地区".to_owned(), vec![("links", json!([link]))]),
        column("name_en", "Area".to_owned(), vec![]),
        column("feed", "来源 Feed".to_owned(), vec![]),
        column("level", "层级 Level".to_owned(), vec![]),
        column("area", "代码 Code".to_owned(), vec![]),
    ];
    let description = "正在触发的警报；没有则为空 Alerts that fire now; empty where none does";
    panel::table("正在触发 Firing", description, &columns, "级别 Severity", &query)
}

fn severities() -> Value {
    let shown = |text: &str, color: &str, index: u32| json!({ "text": text, "color": color, "index": index });
    json!([{ "type": "value", "options": {
        "critical": shown("紧急 critical", "red", 0),
        "warning": shown("警告 warning", "orange", 1),
        "info": shown("提示 info", "blue", 2),
    } }])
}
