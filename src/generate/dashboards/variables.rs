//! What the reader of a dashboard may choose: the data source, a pipeline, a rate, a spring, a level of areas, areas.
//!
//! Only what the boards have is offered. Panels name the variables; nothing else does.

use serde_json::{Value, json};

use super::panel::datasource;
use crate::generate::promql::{self, selector, whoever_exports};
use crate::spec::Pipeline;

/// What is read out of a vector with the labels `title` and one more: people see the title.
fn titled(label: &str) -> String {
    format!("/{label}=\"(?<value>[^\"]+)\".*title=\"(?<text>[^\"]+)\"/")
}

/// A vector with a label `title` in both languages.
fn with_title(vector: &str, zh: &str, en: &str) -> String {
    format!("query_result(label_join({vector}, \"title\", \" \", \"{zh}\", \"{en}\"))")
}

/// Of a pipeline's own dashboard.
pub fn of(pipeline: &Pipeline) -> Vec<Value> {
    let board = selector("chunfeng_rate_numerator", &[("pipeline=", &pipeline.name)]);
    vec![source(), level_of(&board, "county"), areas_of(pipeline)]
}

/// Of a dashboard that shows one area at a time.
pub fn of_one_area() -> Vec<Value> {
    vec![source(), level_of("chunfeng_area_info", "country"), one_area()]
}

/// Where to ask.
pub fn source() -> Value {
    json!({
        "hide": 0,
        "label": "数据源 Data source",
        "name": "datasource",
        "query": "prometheus",
        "refresh": 1,
        "type": "datasource",
    })
}

/// A level of areas that a vector has, this one at first.
fn level_of(vector: &str, first: &str) -> Value {
    let query = format!("label_values({vector}, level)");
    chosen("level", "层级 Level", &query, "", (first, first))
}

/// Areas of the chosen level, all at first.
fn areas_of(pipeline: &Pipeline) -> Value {
    let matchers = [("pipeline=", pipeline.name.as_str()), ("level=", "$level")];
    let board = whoever_exports("area", &selector("chunfeng_rate_numerator", &matchers));
    let named = promql::named(&board).replace('\n', " ");
    let query = with_title(&named, "name_zh", "name_en");
    every(chosen("area", "地区 Area", &query, &titled("area"), ("All", "$__all")))
}

/// One area of the chosen level, the country at first.
fn one_area() -> Value {
    let areas = selector("chunfeng_area_info", &[("level=", "$level")]);
    let areas = whoever_exports("area, name_zh, name_en", &areas);
    let query = with_title(&areas, "name_zh", "name_en");
    chosen("area", "地区 Area", &query, &titled("area"), ("全国 Nationwide", "100000"))
}

/// An area that has parts, the country at first.
pub fn whole() -> Value {
    let parents = whoever_exports("parent", &selector("chunfeng_area_info", &[("parent!=", "")]));
    let parents = format!("label_replace({parents}, \"area\", \"$1\", \"parent\", \"(.*)\")");
    let query =
        with_title(&format!("{} and on (area) {parents}", promql::NAMES), "name_zh", "name_en");
    chosen("within", "上级地区 Within", &query, &titled("area"), ("全国 Nationwide", "100000"))
}

/// A pipeline that has a share.
pub fn pipeline(first: &Pipeline) -> Value {
    let has_share = "max by (pipeline) (chunfeng_rate_info{kind=\"share\"})";
    let titles = "max by (pipeline, title_zh, title_en) (chunfeng_pipeline_info)";
    let query =
        with_title(&format!("{titles} and on (pipeline) {has_share}"), "title_zh", "title_en");
    let current = (first.title.zh.as_str(), first.name.as_str());
    chosen("pipeline", "管道 Pipeline", &query, &titled("pipeline"), current)
}

/// Any pipelines, all at first.
pub fn pipelines() -> Value {
    let titles = "max by (pipeline, title_zh, title_en) (chunfeng_pipeline_info)";
    let query = with_title(titles, "title_zh", "title_en");
    every(chosen("pipeline", "管道 Pipeline", &query, &titled("pipeline"), ("All", "$__all")))
}

/// A share of the chosen pipeline.
pub fn share(first: (&str, &str)) -> Value {
    let matchers = [("pipeline=", "$pipeline"), ("kind=", "share")];
    let rates = selector("chunfeng_rate_info", &matchers);
    let rates = whoever_exports("rate, title_zh, title_en", &rates);
    let query = with_title(&rates, "title_zh", "title_en");
    chosen("rate", "指标 Rate", &query, &titled("rate"), first)
}

/// What the names of figures of this spring, and of the same day of last spring, begin with.
pub const SPRINGS: [&str; 2] = ["chunfeng_rate", "chunfeng_rate_last_spring"];

/// This spring or the last one.
pub fn season() -> Value {
    let [this, last] = SPRINGS;
    let query = format!("今年 This spring : {this}, 去年同日 Last spring : {last}");
    let option = |text: &str, value: &str, is_first: bool| json!({ "selected": is_first, "text": text, "value": value });
    json!({
        "current": option("今年 This spring", this, true),
        "hide": 0,
        "includeAll": false,
        "label": "季节 Season",
        "multi": false,
        "name": "season",
        "options": [option("今年 This spring", this, true), option("去年同日 Last spring", last, false)],
        "query": query,
        "type": "custom",
    })
}

/// One of what a query finds; `first` is what people see of what is chosen at first, and what it is.
fn chosen(name: &str, label: &str, query: &str, regex: &str, first: (&str, &str)) -> Value {
    let (text, value) = first;
    json!({
        "current": { "text": text, "value": value },
        "datasource": datasource(),
        "hide": 0,
        "includeAll": false,
        "label": label,
        "multi": false,
        "name": name,
        "query": { "query": query, "refId": name },
        "refresh": 2,
        "regex": regex,
        "sort": 1,
        "type": "query",
    })
}

/// The same, of which several and all may be chosen.
fn every(mut variable: Value) -> Value {
    let current = &variable["current"];
    variable["current"] = json!({ "text": [current["text"]], "value": [current["value"]] });
    variable["allValue"] = json!(".*");
    variable["includeAll"] = json!(true);
    variable["multi"] = json!(true);
    variable
}
